"""Is git as a response needs it: its version, and the settings and variables that send it elsewhere.

breachkit itself starts git without hooks, filters and most settings. What is said here concerns the
settings that it has to obey, because proxies and credentials stand beside them, and what misleads
the person who types a git command meanwhile.
"""

import os
import re
import shutil
from collections.abc import Iterable, Iterator, Sequence

from breachkit.actions.health import Diagnosis, broken, doubtful, fine, not_tried
from breachkit.git.process import OLDEST_GIT, git_version, run_git
from breachkit.model.errors import BreachkitError
from breachkit.model.ids import display
from breachkit.model.records import dataclass
from breachkit.report.escape import shell


SAFE_GIT = (2, 39, 4)
"""From here on `safe.bareRepository` and the protection against hooks of clones are there (CVE-2024-32002)."""

MISLEADING = {
    "GIT_DIR": "git works on another repository than the one you stand in",
    "GIT_WORK_TREE": "git works on other files than those you stand in",
    "GIT_INDEX_FILE": "git commits from another index",
    "GIT_OBJECT_DIRECTORY": "git writes objects elsewhere",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES": "git finds objects that the repository does not hold",
    "GIT_NAMESPACE": "git shows a part of the refs as if it were all",
    "GIT_CEILING_DIRECTORIES": "git may not find the repository around a folder",
    "GIT_REPLACE_REF_BASE": "git shows other objects than those that are stored",
    "GIT_SHALLOW_FILE": "git takes the history to be shorter than it is",
    "GIT_CONFIG_COUNT": "git obeys settings that stand in no file",
    "GIT_CONFIG_PARAMETERS": "git obeys settings that stand in no file",
    "GIT_SSL_NO_VERIFY": "git believes any server that claims to be the platform",
}
"""By variable: what it does to the git that somebody types. breachkit passes none of them on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One git setting of the user or the machine; values are never shown."""

    key: str
    """In lower case but for the part between the first and the last dot."""
    value: str
    scope: str
    """`system` or `global`."""
    file: str
    """In which it stands."""
    is_own: bool = False
    """Whether that is the one that `git config --global` changes."""

    @property
    def name(self) -> str:
        """The key without its middle part, such as `url.insteadof`."""
        first, _, rest = self.key.partition(".")
        return f"{first.lower()}.{rest.rpartition('.')[2].lower()}"

    @property
    def unset(self) -> str:
        """The command that takes it away, where it stands, though another file includes that."""
        where = "--global" if self.is_own else f"--file {shell(self.file)}"
        how = f"git config {where} --unset-all {shell(self.key)}"
        return f"sudo {how}" if self.scope == "system" else how


@dataclass(frozen=True, slots=True, kw_only=True)
class Git:
    """What is known about git."""

    version: tuple[int, ...] | None
    problem: str = ""
    """Why there is no version, or why the settings could not be read."""
    settings: tuple[Setting, ...] | None = ()
    """None where they could not be read."""
    variables: tuple[str, ...] = ()
    """Names of those that are set and begin with `GIT_`."""
    has_lfs: bool = True
    """Whether the program of Git LFS is there."""


def gather(variables: Iterable[str]) -> Git:
    """Ask git for its version and for the settings outside of any repository.

    Args:
        variables: Names of the environment's variables.
    """
    named = tuple(sorted(name for name in variables if name.startswith("GIT_")))
    try:
        version = git_version()
    except BreachkitError as cause:
        return Git(version=None, problem=str(cause), settings=None, variables=named)
    args = ("config", "--list", "--null", "--show-scope", "--show-origin", "--includes")
    try:
        listed = run_git(args, network=True, timeout_s=20).stdout
    except BreachkitError as cause:
        return Git(version=version, problem=str(cause), settings=None, variables=named)
    return Git(
        version=version,
        settings=tuple(_settings(listed)),
        variables=named,
        has_lfs=shutil.which("git-lfs") is not None,
    )


def judge(git: Git) -> Iterator[Diagnosis]:
    """Say what about git would stop or mislead a response."""
    yield _version(git)
    if git.settings is None:
        if git.version is not None:
            yield _unreadable()
    else:
        found = [each for trap in _TRAPS for each in trap(git.settings)]
        found += _lfs(git.settings, has_lfs=git.has_lfs)
        yield from found or [fine("git.settings", "no setting sends git elsewhere")]
    yield from _variables(git.variables)


def _settings(listed: bytes) -> Iterator[Setting]:
    words = listed.decode("utf-8", "replace").split("\0")
    own = os.path.expanduser("~/.gitconfig")  # noqa: PTH111 - as git writes it, to compare with
    for scope, origin, entry in zip(words[::3], words[1::3], words[2::3], strict=False):
        key, _, value = entry.partition("\n")
        if scope in {"system", "global"}:
            file = origin.removeprefix("file:")
            is_own = file == own
            yield Setting(key=key, value=value, scope=scope, file=file, is_own=is_own)


def _version(git: Git) -> Diagnosis:
    if git.version is None:
        return broken(
            "git.version", display(git.problem), "no command can read a repository", *_INSTALL
        )
    shown = ".".join(map(str, git.version))
    if git.version < SAFE_GIT:
        least = ".".join(map(str, SAFE_GIT))
        return doubtful(
            "git.version",
            f"git {shown} works, and has known weaknesses that {least} mended",
            "whoever clones a hostile repository with it by hand may run what that repository wants",
            *_INSTALL,
        )
    return fine("git.version", f"git {shown}; breachkit needs {'.'.join(map(str, OLDEST_GIT))}")


_INSTALL = ("sudo apt-get update && sudo apt-get install git   # or: brew install git",)


def _unreadable() -> Diagnosis:
    return broken(
        "git.settings",
        "git cannot read your settings (~/.gitconfig or the machine's)",
        "every command that talks to a server fails: correct the file that git names",
        "git config --global --list --show-origin",
    )


def _redirected(settings: Sequence[Setting]) -> Iterator[Diagnosis]:
    for each in settings:
        if each.name in {"url.insteadof", "url.pushinsteadof"}:
            what = "pushes" if each.name == "url.pushinsteadof" else "fetches and pushes"
            yield doubtful(
                f"git.{each.name}",
                f"a {each.scope} setting ({each.name}) sends {what} for some addresses elsewhere",
                "what is verified may be another server than the one that is named: make sure that "
                "it leads to the platform itself and not to a mirror or a cache",
                f"git config --{each.scope} --get-regexp '^url\\..*insteadof$'",
            )


def _trusting(settings: Sequence[Setting]) -> Iterator[Diagnosis]:
    distrusted = [each for each in settings if each.name == "http.sslverify"]
    for verify in (each for each in distrusted if each.value.lower() in _FALSE):
        yield broken(
            "git.http.sslverify",
            f"a {verify.scope} setting (http.sslVerify) lets git believe any server",
            "whoever is on the way can read the token and show a repository that looks clean",
            verify.unset,
        )
    anybody = [each for each in settings if (each.name, each.value) == ("safe.directory", "*")]
    for each in anybody[:1]:
        yield doubtful(
            "git.safe.directory",
            "safe.directory is *: git obeys the settings of anybody's repository",
            "breachkit does not; a git command that you type in a scanned repository does",
            f"{each.unset} '^\\*$'",
        )


def _hooks(settings: Sequence[Setting]) -> Iterator[Diagnosis]:
    found = next((each for each in reversed(settings) if each.name == "core.hookspath"), None)
    if found is not None:
        yield doubtful(
            "git.core.hookspath",
            f"a {found.scope} setting (core.hooksPath) takes hooks from one folder for all repositories",
            "the hooks that guard installs in a repository are not called; breachkit's own git "
            "calls run no hooks at all",
            found.unset,
        )
    watcher = next((each for each in reversed(settings) if each.name == "core.fsmonitor"), None)
    if watcher is not None and watcher.value.lower() not in {*_FALSE, *_TRUE}:
        yield doubtful(
            "git.core.fsmonitor",
            f"a {watcher.scope} setting (core.fsmonitor) starts a program at every git command",
            "breachkit does not start it; what it remembers of files may leave the machine",
            watcher.unset,
        )


def _changing(settings: Sequence[Setting]) -> Iterator[Diagnosis]:
    last = {each.name: each for each in settings}
    endings = last.get("core.autocrlf")
    if endings is not None and endings.value.lower() in {*_TRUE, "input"}:
        yield doubtful(
            "git.core.autocrlf",
            f"a {endings.scope} setting (core.autocrlf) changes line ends of files",
            "a file that you check out and redact by hand differs from the committed one in every "
            "line: use `breachkit redact`, which keeps them",
            endings.unset,
        )
    yield from _filters(settings)


def _filters(settings: Sequence[Setting]) -> Iterator[Diagnosis]:
    filters = {each.key.split(".")[1] for each in settings if each.name == "filter.smudge"}
    if others := sorted(filters - {"lfs"}):
        yield doubtful(
            "git.filter",
            f"filters change files on checkout: {', '.join(map(display, others))}",
            "what stands on the disk is not what is committed; breachkit reads what is committed",
            "git config --get-regexp '^filter\\..*\\.(smudge|process)$'",
        )


def _lfs(settings: Sequence[Setting], *, has_lfs: bool) -> Iterator[Diagnosis]:
    used = next((each for each in settings if each.key.lower().startswith("filter.lfs.")), None)
    if used is not None and not has_lfs:
        yield doubtful(
            "git.lfs",
            "git is set up for Git LFS, whose program is not there (git-lfs)",
            "a clone that you make by hand of a repository that uses it stops half-way",
            "sudo apt-get install git-lfs   # or: brew install git-lfs",
        )


def _protocol(settings: Sequence[Setting]) -> Iterator[Diagnosis]:
    last = {each.name: each for each in settings}
    version = last.get("protocol.version")
    if version is not None and version.value == "0":
        yield doubtful(
            "git.protocol.version",
            f"a {version.scope} setting (protocol.version) makes git speak its oldest protocol",
            "listing the refs of a large server takes long",
            version.unset,
        )
    if hidden := [each for each in settings if each.name in _HIDING]:
        yield doubtful(
            "git.transfer.hiderefs",
            f"a {hidden[-1].scope} setting ({hidden[-1].name}) hides refs of repositories on this machine",
            "a clone or a mirror made from a folder lacks them: an old commit may stay behind a "
            "hidden ref. breachkit reads a repository's own files, and sees them",
            *(each.unset for each in hidden),
        )


def _conditional(settings: Sequence[Setting]) -> Iterator[Diagnosis]:
    if any(each.key.lower().startswith("includeif.") for each in settings):
        yield not_tried(
            "git.includeif",
            "some settings hold in certain folders or for certain servers alone (includeIf): these "
            "were not looked at. Run the command beside this in the folder that you work in",
            "git config --list --show-origin --name-only",
        )


def _credentials(settings: Sequence[Setting]) -> Iterator[Diagnosis]:
    helpers = [each for each in settings if each.name == "credential.helper" and each.value]
    for each in (each for each in helpers if re.match(r"store\b", each.value)):
        yield doubtful(
            "git.credential.helper",
            "git keeps passwords readable in a file (credential.helper store)",
            "whoever reads your home folder can push as you",
            each.unset,
        )
    if any(each.name == "http.extraheader" for each in settings):
        yield doubtful(
            "git.http.extraheader",
            "a setting adds a header of its own to git's requests (http.extraHeader)",
            "it may hold a token of somebody else, which then acts in place of yours",
            "git config --show-origin --name-only --get-regexp '^http\\..*extraheader$'",
        )


_TRUE = frozenset({"", "true", "yes", "on", "1"})
_FALSE = frozenset({"false", "no", "off", "0"})
_HIDING = frozenset({"transfer.hiderefs", "uploadpack.hiderefs", "receive.hiderefs"})
_TRAPS = (_redirected, _trusting, _hooks, _changing, _protocol, _credentials, _conditional)


def _variables(names: Sequence[str]) -> Iterator[Diagnosis]:
    found = [name for name in names if name in MISLEADING]
    for name in found:
        yield doubtful(
            f"git.{name}",
            f"{name} is set",
            f"{MISLEADING[name]}. breachkit does not pass it on",
            f"unset {name}",
        )
    if not found:
        yield fine("git.variables", "no variable of the environment sends git elsewhere")
