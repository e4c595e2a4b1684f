"""A file that lists repositories: a URL, an `owner/name` or a path a line; `#` begins a comment.

A line in it may be anything, where somebody names the wrong file: errors give its number alone.
"""

import codecs
import os
import re
from pathlib import Path
from urllib.parse import urlsplit

from breachkit.actions.sweeping import Outcome, Standing, Target, Targets
from breachkit.git.clone import hosted_url, local_path
from breachkit.git.process import mask_credentials
from breachkit.model.errors import ConfigurationError
from breachkit.model.ids import display
from breachkit.workflows.plain_file import plain


_LARGEST = 16 * 1024 * 1024
_MOST_TOLD = 5
_SLUG = re.compile(r"([A-Za-z0-9][A-Za-z0-9-]*)/[A-Za-z0-9_.-]+/?")
_SPACE = re.compile(r"\s")
_COMMENT = re.compile(r"(?:^|\s)#.*")
_BREAKS = re.compile(r"\r\n|\r|\n")
_MARKS = ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


class NothingToSweepError(ConfigurationError):
    """There is no repository in what was named."""


class ListError(ConfigurationError):
    """A list cannot be read, or a line of it names no repository."""


def in_file(file: Path) -> Targets:
    """Give the repositories that a file lists, each once.

    A relative path is meant from where the file lies, wherever the command runs.

    Raises:
        ListError: it cannot be read, or lines of it name nothing; the message says which.
        NothingToSweepError: it lists none.
    """
    shown, folder = display(os.fsencode(file)), file.absolute().parent
    found: dict[str, Target] = {}
    wrong: list[int] = []
    read: set[str] = set()
    for number, line in enumerate(_BREAKS.split(_text_of(file, shown)), start=1):
        wanted = _COMMENT.sub("", line).strip()
        if wanted in read:
            continue
        try:
            target = _target(wanted, folder) if wanted else None
        except (ConfigurationError, ValueError):
            wrong.append(number)
            continue
        read.add(wanted)
        if target is not None:
            found.setdefault(target.key, target)
    if wrong:
        raise ListError(_words(shown, wrong))
    if not found:
        raise NothingToSweepError(f"{shown} lists no repository: write a URL or a path a line")
    return Targets(
        name=str(file.absolute()),
        repositories=tuple(found.values()),
        no_more="the list does not name it any more",
    )


def _text_of(file: Path, shown: str) -> str:
    try:
        with plain(file).open("rb") as stream:
            content = stream.read(_LARGEST + 1)
        if len(content) > _LARGEST:
            raise ListError(f"{shown} is too large for a list of repositories: split it")
        encoding = next((name for mark, name in _MARKS if content.startswith(mark)), "utf-8-sig")
        return content.decode(encoding)
    except (OSError, UnicodeDecodeError) as cause:
        raise ListError(f"{shown} cannot be read as a list of repositories") from cause


def _words(shown: str, wrong: list[int]) -> str:
    told = ", ".join(map(str, wrong[:_MOST_TOLD]))
    lines = f"line {told}" if len(wrong) == 1 else f"lines {told}"
    more = f" and {len(wrong) - _MOST_TOLD} more" if len(wrong) > _MOST_TOLD else ""
    return (
        f"{shown}, {lines}{more}: neither a URL, nor owner/name, nor a path; nothing was swept: "
        "write one repository a line, and comments after #"
    )


def _target(line: str, folder: Path) -> Target:
    """Give what a line names.

    Raises:
        ConfigurationError, ValueError: nothing.
    """
    is_word = "://" not in line and "\0" not in line
    if is_word and (os.path.lexists(folder / line) or _is_path(line, folder)):
        return on_disk(folder / line, line)
    if _SPACE.search(line):
        raise ListError("a name with a space in it, and no such file")
    url = hosted_url(line)
    place = local_path(url)
    if place is not None:
        if "://" not in line:
            raise ListError("one word, and no such file")
        return on_disk(place, line)
    parts = urlsplit(url)
    if parts.scheme in {"http", "https"} and (
        parts.query or parts.fragment or not parts.hostname or not parts.path.strip("/")
    ):
        raise ListError("an address, and none of a repository")
    masked = mask_credentials(url)
    return Target(key=_key_of(masked), name=_name_of(masked), url=url, is_remote=True)


def _is_path(line: str, folder: Path) -> bool:
    """Say whether a line can only mean a path, though there may be nothing at it.

    With a folder `owner` beside the list, `owner/name` is more likely a path with a slip in it, and a slip
    must not send the name of a folder to a server.
    """
    if line.startswith(("/", "./", "../")):
        return True
    slug = _SLUG.fullmatch(line)
    if slug is not None:
        return (folder / slug[1]).is_dir()
    return "/" in line and ":" not in line and not _SPACE.search(line)


def _key_of(url: str) -> str:
    """Give one key for the ways to write the same URL."""
    scheme, separator, rest = url.partition("://")
    if not separator:
        return url.rstrip("/").removesuffix(".git")
    host, slash, path = rest.partition("/")
    return f"{scheme.lower()}://{host.lower()}{slash}{path.rstrip('/').removesuffix('.git')}"


def _name_of(url: str) -> str:
    """Give what people call a repository: the last two parts of its path, or of a short one the host as well."""
    _, separator, rest = url.rstrip("/").removesuffix(".git").rpartition("://")
    host, slash, path = rest.rpartition("@")[2].partition("/" if separator else ":")
    parts = path.split("/") if slash else []
    return display("/".join(parts[-2:] if parts[1:] else (host, *parts)))


def on_disk(place: Path, name: str) -> Target:
    """Give a repository at a path on this machine; where there is nothing at it, it has failed already."""
    shown = display(os.fsencode(name))
    path = os.path.normpath(place.absolute())
    settled = None
    if not place.exists():
        settled = Outcome(
            key=path, name=shown, standing=Standing.FAILED, reason="there is nothing at this path"
        )
    return Target(key=path, name=shown, url=path, is_remote=False, settled=settled)
