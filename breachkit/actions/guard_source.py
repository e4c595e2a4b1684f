"""Where a workflow that guards a repository installs breachkit from: an index, or a commit of a repository.

What a person names ends up in a script that others' machines run, so it is one of two plain shapes, each
of signs that neither YAML nor a shell takes for anything else.
"""

import re

from breachkit.model.errors import UsageError


_VERSION = re.compile(
    r"[0-9]{1,6}(?:\.[0-9]{1,6}){0,4}(?:(?:a|b|rc)[0-9]{1,6})?(?:\.post[0-9]{1,6})?(?:\.dev[0-9]{1,6})?"
)
"""A public version without an epoch. Source: PyPI, version specifiers (PEP 440)."""

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_STEP = r"(?:[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,99})"
_REPOSITORY = re.compile(
    rf"(?:git\+)?(?P<url>https://{_LABEL}(?:\.{_LABEL}){{0,9}}(?::[0-9]{{1,5}})?(?:/{_STEP}){{1,9}})"
    r"@(?P<commit>[0-9a-f]{40}(?:[0-9a-f]{24})?)"
)
"""Without a name or a password, for the workflow is as public as the repository."""

_PACKAGE = "breachkit[formats]"


class UnfitSourceError(UsageError):
    """A workflow cannot install breachkit from what was named."""


def requirement_of(source: str) -> str:
    """Give what pip is told to install.

    Args:
        source: A version of the package, such as `1.2.0`; or a git URL with a commit, such as
            `https://github.com/OWNER/breachkit@COMMIT`.

    Raises:
        UnfitSourceError: it is neither; the message does not repeat it, for it may hold a password.
    """
    if _VERSION.fullmatch(source):
        return f"{_PACKAGE}=={source}"
    if found := _REPOSITORY.fullmatch(source):
        return f"{_PACKAGE} @ git+{found['url']}@{found['commit']}"
    raise UnfitSourceError(_why_unfit(source))


def _why_unfit(source: str) -> str:
    shape = "a version, such as 1.2.0, or https://HOST/OWNER/breachkit@COMMIT"
    address, _, behind = source.rpartition("@")
    if "@" in address.partition("://")[2]:
        return f"a workflow can be read by others: name no password and no token, but {shape}"
    if _REPOSITORY.fullmatch(f"{address}@{'0' * 40}") and behind:
        return (
            "name the commit by its whole id, 40 or 64 hexadecimal digits: a branch or a tag can be "
            "moved to something else"
        )
    return f"that is no place to install breachkit from: name {shape}"
