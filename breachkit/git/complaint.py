"""What git complains of, without the addresses in it: a repository may be called as any reason is.

git and ssh quote most addresses, and say some as they are: a URL, the name of a host after what it is, and
the path of a repository.
"""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit


_QUOTED = re.compile(r"(?<!\w)'[^'\n]*'")
"""Not from one apostrophe of `couldn't` to another."""
_URL = re.compile(r"[a-z][a-z0-9+.-]*://\S+")
_SCP_LIKE = re.compile(r"(?:[^@/\s]*@)?(?P<host>[^/:\s]+):(?P<path>.*)", re.DOTALL)
_SAID_OF_A_HOST = r"(@|\bhost(?:name)?:? |\bconnect(?:ing)? to )"


def reason_in(stderr: str, url: str) -> str:
    """Give what git said of a server in lower case, with nothing of an address but the quotes around it.

    Args:
        stderr: What git said.
        url: The address that it was given: a URL, `host:path`, or a path on this machine.
    """
    said = _URL.sub("", _QUOTED.sub("''", stderr.lower()))
    host, path = _parts(url.lower())
    for name in _names(path):
        said = said.replace(name, "")
    if "." in host:  # which is no word of any reason
        return re.sub(rf"(?<![\w.-]){re.escape(host)}(?![\w-]|\.\w)", "", said)
    return re.sub(rf"{_SAID_OF_A_HOST}{re.escape(host)}(?![\w.-])", r"\1", said) if host else said


def _parts(url: str) -> tuple[str, str]:
    """Tell the host of an address, which may be empty, from the path."""
    if "://" in url:
        split = urlsplit(url)
        return split.hostname or "", split.path
    scp = None if url.startswith("/") else _SCP_LIKE.fullmatch(url)
    return (scp["host"], scp["path"]) if scp else ("", url)


def _names(path: str) -> Iterator[str]:
    """Give a path as it may stand in what git says, the longest first; a single word may mean anything."""
    bare = path.strip("/")
    for name in (bare, bare.removesuffix(".git")):
        if name:
            yield f"/{name}"
        if "/" in name:
            yield name
