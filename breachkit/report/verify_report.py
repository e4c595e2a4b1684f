"""What a verification found, for people and machines. No object id is in either."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from breachkit.actions.push import is_platform_ref
from breachkit.actions.verify import PlaceCheck
from breachkit.report.escape import terminal
from breachkit.report.masking import Masking
from breachkit.report.name_lists import headed_refs, shown
from breachkit.report.words import counted


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyView:
    """What a verification found."""

    places: Sequence[PlaceCheck]
    outcome: str
    history_holds: bool


_PLACES = {
    "mirror": "The rewritten mirror",
    "clone": "A fresh clone from the server",
    "server": "The server, asked by object id",
}
_VERDICTS = {"gone": "GONE", "present": "NOT GONE", "unknown": "UNKNOWN"}
_OUTCOMES = {
    "gone": "GONE: every place was looked at and none holds the data.",
    "present": "NOT GONE: see below where the data still are.",
    "changed": "CHANGED: no place holds the data, but not all is as the rewrite made it.",
    "unknown": "UNKNOWN: a place could not be judged; that is not a proof that the data are gone.",
}


def verify_text(view: VerifyView, masking: Masking) -> str:
    """Say where the data still are, and what shows that they are not elsewhere."""
    return "\n".join(_verify_lines(view, masking))


def _verify_lines(view: VerifyView, masking: Masking) -> Iterator[str]:
    yield _OUTCOMES[view.outcome]
    for place in view.places:
        yield f"{_PLACES[place.place]}: {_VERDICTS[place.verdict]}"
        yield from (f"  {line}" for line in _place_lines(place, masking))
    if view.history_holds:
        yield "Every other commit, file, author, date and message in the fresh clone is as the rewrite made it."


def _place_lines(place: PlaceCheck, masking: Masking) -> Iterator[str]:
    present = sum(check.verdict == "present" for check in place.objects)
    if place.place == "server":
        yield from _server_lines(place, present)
    else:
        looked, old = counted(place.examined, "object"), counted(len(place.objects), "old one")
        yield f"{looked} looked at for {old}: {present:,} found"
    yield from headed_refs(
        masking,
        place.platform_refs,
        "still leads to the data, and only the platform's support can remove it",
        "still lead to the data, and only the platform's support can remove them",
    )
    branches = [name for name in place.leftover_refs if not is_platform_ref(name)]
    yield from headed_refs(
        masking,
        branches,
        "still leads to the data; `breachkit next` says what to do",
        "still lead to the data; `breachkit next` says what to do",
    )
    yield from headed_refs(
        masking,
        place.wrong_refs,
        "not where the rewrite put it: somebody pushed",
        "not where the rewrite put them: somebody pushed",
    )
    if place.history_intact is False:
        yield "commits are missing or are not as the rewrite made them"
    yield from (f"could not be judged: {terminal(problem)}" for problem in place.problems)


def _server_lines(place: PlaceCheck, present: int) -> Iterator[str]:
    asked = counted(len(place.objects), "old object")
    yield f"asked for {asked} by id: {present:,} {'was' if present == 1 else 'were'} served"
    if present:
        yield "the server keeps what no ref shows until whoever runs it collects garbage: of a platform, its support"
    if place.controls and all(answer == "served" for _, answer in place.controls):
        yield "control: a harmless object, asked for in the same way, was served"


def verify_to_json(view: VerifyView, masking: Masking) -> dict[str, Any]:
    """Give the verification without ids; schema `breachkit.verify-summary/1`."""
    return {
        "schema": "breachkit.verify-summary/1",
        "outcome": view.outcome,
        "history_holds": view.history_holds,
        "places": {
            place.place: {
                "verdict": place.verdict,
                "examined": place.examined,
                "asked": len(place.objects),
                "present": sum(check.verdict == "present" for check in place.objects),
                "leftover_refs": [shown(masking, name) for name in place.leftover_refs],
                "platform_refs": [shown(masking, name) for name in place.platform_refs],
                "wrong_refs": [shown(masking, name) for name in place.wrong_refs],
                "history_intact": place.history_intact,
                "problems": list(place.problems),
            }
            for place in view.places
        },
    }
