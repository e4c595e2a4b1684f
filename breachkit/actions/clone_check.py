"""What one copy was found to hold, as it is told, sealed, sent back and believed.

A result names numbers, counts and kinds of place: no id, no path, no name. It carries the token of
the list it is about and a seal over everything it says. The seal shows what was changed by
accident or in passing; whoever holds the script could make one, so a holder's result is their word
with evidence, and weighs less than a look of our own.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Self, get_args

from breachkit.actions.clone_list import CloneList, blob_id, lettered
from breachkit.model.errors import RefusedError, VerificationError
from breachkit.model.time import parse_rfc3339, rfc3339


SCHEMA = "breachkit.clone-result/1"

Place = Literal[
    "objects", "borrowed", "names", "index", "files", "lfs", "bundle", "module", "nested"
]  # fmt: skip
"""The copy's own store; one that it borrows from; ids that git's files name; what is staged; plain
files; Git LFS; a bundle; a submodule's store; a repository within the copy."""

PLACES: tuple[Place, ...] = get_args(Place)
Verdict = Literal["clean", "tainted", "unknown"]

_REASON = re.compile(r"[a-z]+:[a-z0-9]+")
_WORD = re.compile(r"[A-Za-z0-9.+-]{0,40}")


class NotAResultError(RefusedError):
    """A text holds no result, or one that was changed."""


class OtherListError(RefusedError):
    """A result is about another case, or another round of it."""


class NotCleanError(VerificationError):
    """A copy is to be proven by a result that does not call it clean."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hits:
    """What was found in one place."""

    place: Place
    files: tuple[int, ...]
    """Numbers of the files that were taken back, ascending."""
    history: int
    """How many commits, trees and tags of the old history."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CloneResult:
    """What one copy was found to hold."""

    case: str
    """The token of the list."""
    round: int
    by: str
    """`verifier` for the script, `breachkit` for a look with the case at hand."""
    version: str
    at: datetime
    copy: str
    """Names this look, to tell two results apart."""
    git: str
    stores: int
    objects: int
    files: int
    hits: tuple[Hits, ...]
    """In the order of `PLACES`; only places where something was found."""
    unread: tuple[str, ...]
    """Each place that could not be looked at and how that is, such as `objects:pack`; sorted."""

    @property
    def verdict(self) -> Verdict:
        """Tainted where something was found, else unknown where something could not be looked at."""
        if self.hits:
            return "tainted"
        return "unknown" if self.unread else "clean"

    @property
    def exit_code(self) -> int:
        """0 clean, 7 tainted, 5 unknown."""
        return {"clean": 0, "tainted": 7, "unknown": 5}[self.verdict]

    def seal(self, seed: str) -> str:
        """Give the seal, from the seed of the list. The script makes it of the same lines."""
        said = [
            *(seed, SCHEMA, self.verdict, self.case, str(self.round), self.by, self.version),
            *(rfc3339(self.at), self.copy, self.git),
            *map(str, (self.stores, self.objects, self.files)),
            *(f"{hit.place} {list(hit.files)} {hit.history}" for hit in self.hits),
            json.dumps(self.unread)[1:-1],
        ]
        return lettered(blob_id("".join(f"{line}\n" for line in said).encode("ascii")))

    def to_json(self, seed: str) -> dict[str, Any]:
        """Write it as JSON values, sealed."""
        return {
            "schema": SCHEMA,
            "verdict": self.verdict,
            "case": self.case,
            "round": self.round,
            "by": self.by,
            "version": self.version,
            "at": rfc3339(self.at),
            "copy": self.copy,
            "git": self.git,
            "stores": self.stores,
            "objects": self.objects,
            "files": self.files,
            "hits": [
                {"place": hit.place, "files": list(hit.files), "history": hit.history}
                for hit in self.hits
            ],
            "unread": list(self.unread),
            "seal": self.seal(seed),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read what `to_json` or the script wrote; `believe` says whether it can be relied on.

        Raises:
            KeyError, TypeError, ValueError: it is something else.
        """
        if data["schema"] != SCHEMA:
            raise ValueError("schema")
        return cls(
            case=_word(data["case"]),
            round=_number(data["round"]),
            by=_word(data["by"]),
            version=_word(data["version"]),
            copy=_word(data["copy"]),
            git=_word(data["git"]),
            stores=_number(data["stores"]),
            objects=_number(data["objects"]),
            files=_number(data["files"]),
            at=parse_rfc3339(data["at"]),
            hits=tuple(map(_hits, data["hits"])),
            unread=tuple(map(_reason, data["unread"])),
        )


def believe(text: str, known: Sequence[CloneList]) -> CloneResult:
    """Take a result out of what somebody sent, once it is about this case and was not changed.

    Args:
        text: The JSON, also with a mail around it.
        known: The lists of the case as it stands now, by who looks.

    Raises:
        NotAResultError: there is none, or something in it was changed.
        OtherListError: it is about another case, or made with the list of another round.
    """
    start, end = text.find("{"), text.rfind("}")
    try:
        data = json.loads(text[start : end + 1])
        result = CloneResult.from_json(data)
        sealed, verdict = str(data["seal"]), str(data["verdict"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise NotAResultError(
            "that is no result of the verifier: ask for all the lines between its marks, unchanged"
        ) from None
    wanted = next((each for each in known if each.by == result.by), None)
    if wanted is None or (result.case, result.round) != (wanted.token, wanted.round):
        raise OtherListError(
            "that result is about another case, or was made before the list changed: send the "
            "verifier that `breachkit verifier` writes now, and ask for its result"
        )
    if sealed != result.seal(wanted.seed) or verdict != result.verdict:
        raise NotAResultError(
            "that result was changed after it was made: ask for all the lines between the "
            "verifier's marks, unchanged"
        )
    return result


def require_clean(result: CloneResult) -> None:
    """Let only a clean copy be proven.

    Raises:
        NotCleanError: it is tainted, or something in it could not be looked at.
    """
    if result.verdict == "tainted":
        where = ", ".join(hit.place for hit in result.hits)
        raise NotCleanError(
            f"that copy still holds the data ({where}), so it is proven of nothing: its holder "
            "deletes it, or follows what the verifier advised and sends the next result"
        )
    if result.verdict == "unknown":
        raise NotCleanError(
            f"of that copy not everything could be looked at ({', '.join(result.unread)}), so "
            "nobody can call it clean: help its holder, and ask for the next result"
        )


def collect_hits(
    found: Iterable[tuple[Place, int, str]],
) -> tuple[Hits, ...]:
    """Put together what was found: place, number of the file or 0, and id, as often as it was met."""
    files: dict[Place, set[int]] = {}
    history: dict[Place, set[str]] = {}
    for place, number, one in found:
        files.setdefault(place, set()).update([number] if number else [])
        history.setdefault(place, set()).update([] if number else [one])
    return tuple(
        Hits(place=place, files=tuple(sorted(files[place])), history=len(history[place]))
        for place in PLACES
        if place in files
    )


def _hits(data: Mapping[str, Any]) -> Hits:
    place = next(each for each in (*PLACES, None) if each in {data["place"], None})
    if place is None:
        raise ValueError("place")
    files = tuple(map(_number, data["files"]))
    return Hits(place=place, files=files, history=_number(data["history"]))


def _number(value: Any) -> int:
    if not isinstance(value, int) or value < 0:
        raise ValueError("number")
    return value


def _word(value: Any) -> str:
    if not isinstance(value, str) or not _WORD.fullmatch(value):
        raise ValueError("word")
    return value


def _reason(value: Any) -> str:
    if not isinstance(value, str) or not _REASON.fullmatch(value):
        raise ValueError("reason")
    return value
