"""Which branches and tags a pattern of the platform is about.

Source: GitHub's "Managing a branch protection rule": Ruby's `File.fnmatch` with `File::FNM_PATHNAME`,
so that `qa/*` is about `qa/one` and not about `qa/one/two`, and `qa/**/*` is about both.
"""

import functools
import re


_SPECIAL = frozenset("*?[]\\")


def is_exact(pattern: str) -> bool:
    """Say whether a pattern is the name of one branch, which has precedence over all that are not."""
    return not _SPECIAL & set(pattern)


def matches(pattern: str, name: str) -> bool:
    """Say whether a pattern is about a name; a pattern that makes no sense is about nothing."""
    compiled = _compiled(pattern)
    return compiled is not None and compiled.fullmatch(name) is not None


_TOKEN = re.compile(
    r"(?P<folders>(?:(?<=/)|^)\*\*/)|(?P<star>\*+)|(?P<one>\?)"
    r"|\[(?P<not>[!^]?)(?P<set>(?:\\.|[^\]\\])+)\]|\\(?P<escaped>.)|(?P<open>\[)|(?P<plain>.)",
    re.DOTALL,
)


@functools.cache
def _compiled(pattern: str) -> re.Pattern[str] | None:
    pieces = [_piece(token) for token in _TOKEN.finditer(pattern)]
    if None in pieces:
        return None
    try:
        return re.compile("".join(filter(None, pieces)), re.DOTALL)
    except re.error:  # a range that runs backwards
        return None


def _piece(token: re.Match[str]) -> str | None:
    match token.lastgroup:
        case "folders":
            return "(?:[^/]+/)*"
        case "star":
            return "[^/]*"
        case "one":
            return "[^/]"
        case "set":
            return f"(?!/)[{'^' if token['not'] else ''}{_set(token['set'])}]"
        case "open":
            return None
        case _:
            return re.escape(token["escaped"] or token["plain"])


def _set(inner: str) -> str:
    """Give what stands in brackets for Python: ranges stay, all else stands for itself."""
    inner = re.sub(r"\\(.)", r"\1", inner, flags=re.DOTALL)
    return re.sub(r"[\[\]^\\&~|]", r"\\\g<0>", inner)
