"""What was given to be checked: every plain file once, what it is called, and what it is judged as."""

import os
from collections.abc import Iterator, Sequence

from breachkit.actions.release_checks_folder import FIGURES, TABLES, suffix_of
from breachkit.git.plain_files import Beside, Listing, PlainFile, changed_since, list_files
from breachkit.model.findings import Skipped
from breachkit.model.ids import GitPath
from breachkit.model.records import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenFile:
    """A file to be checked."""

    file: PlainFile
    path: GitPath
    """As reports call it."""
    judged: GitPath
    """As rules see it: below a folder of released outputs, whatever it is called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenOther:
    """Something that is no plain file, or lies where nobody may look."""

    path: GitPath
    why: Beside


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """Everything that was given."""

    files: tuple[GivenFile, ...]
    others: tuple[GivenOther, ...]
    folders: tuple[tuple[GitPath, GitPath], ...]
    """As reports call them, and within their folder."""
    shown: tuple[bytes, ...]
    """What was given, as reports call it."""
    name: str | None
    """Of the folder; None where no folder was given."""
    number: int
    listings: tuple[tuple[bytes, Listing], ...] = field(repr=False)

    @property
    def judged(self) -> Sequence[GitPath]:
        """What each file is judged as, by its number."""
        return [each.judged for each in self.files]


def listed(places: Sequence[bytes]) -> Given:
    """List everything that was given, each file once, whatever it was named by.

    Raises:
        ConfigurationError: there is nothing of that name.
    """
    listings = [(place, list_files(place)) for place in dict.fromkeys(places)]
    files: dict[bytes, GivenFile] = {}
    others: dict[bytes, GivenOther] = {}
    folders: dict[GitPath, GitPath] = {}
    for place, listing in listings:
        lead = _lead(place)
        for file in listing.files:
            files.setdefault(os.path.realpath(file.place), _given(file, lead))
        for other in listing.others:
            there = os.path.join(os.path.realpath(other.root), other.within)  # noqa: PTH118 - bytes
            others.setdefault(there, GivenOther(path=_below(lead, other.within), why=other.why))
        folders |= {_below(lead, within): within for within in listing.folders}
    names = [place for place, _ in listings if os.path.isdir(place)]  # noqa: PTH112 - bytes
    return Given(
        files=tuple(files.values()),
        others=tuple(others.values()),
        folders=tuple(folders.items()),
        shown=tuple(_shown(place) for place in places),
        name=os.fsdecode(os.path.basename(os.path.realpath(names[0]))) if names else None,  # noqa: PTH119 - bytes
        number=len(listings),
        listings=tuple(listings),
    )


def _given(file: PlainFile, lead: bytes) -> GivenFile:
    return GivenFile(
        file=file, path=_below(lead, file.within), judged=GitPath(b"release/" + file.within)
    )


def _below(lead: bytes, within: GitPath) -> GitPath:
    return GitPath(lead + b"/" + within if lead else within)


def _lead(place: bytes) -> bytes:
    """Give what the paths of a folder's files begin with: as it was typed, where that names no machine.

    A file by itself is called by what was typed before its name.
    """
    if not os.path.isdir(place):  # noqa: PTH112 - bytes
        return _harmless(os.path.dirname(place), fallback=b"")  # noqa: PTH120 - bytes
    return _harmless(place, fallback=os.path.basename(os.path.realpath(place)))  # noqa: PTH119 - bytes


def _harmless(typed: bytes, *, fallback: bytes) -> bytes:
    plain = os.path.normpath(typed) if typed else b""
    if plain == b".":
        return b""
    if os.path.isabs(plain) or b".." in plain.split(b"/"):  # noqa: PTH117 - bytes
        return fallback
    return plain


def _shown(place: bytes) -> bytes:
    """Give what was given as reports call it; `.` by its name."""
    if os.path.isdir(place):  # noqa: PTH112 - bytes
        return _lead(place) or os.path.basename(os.path.realpath(place))  # noqa: PTH119 - bytes
    return _below(_lead(place), GitPath(os.path.basename(place)))  # noqa: PTH119 - bytes


def changes(given: Given) -> Iterator[Skipped]:
    """Say what came, went or was changed while the check went on."""
    for place, listing in given.listings:
        lead = _lead(place)
        for other in changed_since(listing, place):
            yield Skipped(reason=other.why.value, path=_below(lead, other.within))


_MOST_BESIDE = 10_000


def beside(given: Given) -> int:
    """Count the files that look like outputs and lie directly beside the folder that was given."""
    if given.name is None or given.number != 1:
        return 0
    above = os.path.dirname(os.path.realpath(given.listings[0][0]))  # noqa: PTH120 - bytes
    outputs = (FIGURES | TABLES) - {".md", ".txt", ".json"}
    number = 0
    try:
        with os.scandir(above) as entries:
            for seen, entry in enumerate(entries):
                if seen >= _MOST_BESIDE:
                    break
                is_file = entry.is_file(follow_symlinks=False)
                number += is_file and suffix_of(GitPath(entry.name)) in outputs
    except OSError:
        return 0  # it is not what was given to be checked
    return number
