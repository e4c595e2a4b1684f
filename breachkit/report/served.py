"""What the platform was found to give away, for people and machines.

Object ids stand in the JSON alone, which is for the machine of whoever handles the case.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from breachkit.actions.served import Channel, Identity, Place, Result
from breachkit.actions.served_plan import QuestionPlan, Sample
from breachkit.actions.served_results import ServerVerification, Tally
from breachkit.report.escape import terminal
from breachkit.report.masking import Masking
from breachkit.report.name_lists import MOST
from breachkit.report.words import counted, ranges


_OUTCOMES = {
    "served": "STILL SERVED: the platform still gives away what should be gone.",
    "gone": "GONE: whatever was asked for, by whatever way, did not come, and each time a harmless object did.",
    "unknown": "UNKNOWN: nothing came of what should be gone, but not everything could be judged.",
}
_WHO = {Identity.ACCOUNT: "with the token", Identity.ANYONE: "to strangers"}
_ROLES = {"study": "", "parent": ", which it was forked from", "fork": ", a fork"}
_LIMITS = {Channel.REST: "REST", Channel.WEB: "web pages", Channel.GIT: "git"}


def announcement(plan: QuestionPlan, kept: int) -> str:
    """Say how much there is to ask, before it is asked."""
    places = len({batch.place.id for batch in plan.batches})
    parts = [
        f"{number:,} by {_LIMITS[channel]} {_AS[identity]}"
        for (identity, channel), number in sorted(plan.by_channel.items())
    ]
    text = (
        f"Asking {counted(places, 'repository', 'repositories')}: "
        f"{counted(plan.questions, 'question')} and their controls ({', '.join(parts)})"
    )
    return f"{text}; {counted(kept, 'answer')} of an earlier run still hold" if kept else text


_AS = {Identity.ACCOUNT: "with the token", Identity.ANYONE: "as a stranger"}


def text(found: ServerVerification, masking: Masking) -> str:
    """Say where it is still served, by which ways, to whom, and what nobody can tell."""
    return "\n".join(_lines(found, masking))


def _lines(found: ServerVerification, masking: Masking) -> Iterator[str]:
    yield _OUTCOMES[found.outcome]
    for place in found.places:
        if not place.is_hidden:
            yield from _place_lines(found, place, masking)
    if found.pull_requests:
        numbers = ranges(found.pull_requests, most=len(found.pull_requests))
        one = len(found.pull_requests) == 1
        many = (
            "1 pull request still leads"
            if one
            else f"{len(found.pull_requests):,} pull requests still lead"
        )
        yield f"{many} to the data, which only the platform's support can remove: {numbers}"
    yield from _hidden_lines(found, masking)
    yield from _limits(found, masking)


def _place_lines(found: ServerVerification, place: Place, masking: Masking) -> Iterator[str]:
    tallies = list(found.tallies(place))
    asked = [each for each in tallies if each.counts or each.left]
    if place.role == "fork" and asked and found.is_proven_gone([place]):
        return  # counted in one line below
    yield f"{_name(place, masking)}{_ROLES[place.role]} ({place.visibility})"
    for identity in Identity:
        of_identity = [each for each in asked if each.identity is identity]
        yield from _served_lines(of_identity, identity)
        yield from _unknown_lines(of_identity, identity, masking)
        yield from _gone_lines(of_identity, identity)
    if place in found.holding:
        yield "  its own refs lead to the data: its owner has to delete it before support can act"


def _served_lines(tallies: Sequence[Tally], identity: Identity) -> Iterator[str]:
    served = [
        f"{each.way} ({each.counts['served']} of {each.counts.total()})"
        for each in tallies
        if each.counts["served"]
    ]
    if served:
        yield f"  STILL SERVED {_WHO[identity]}: {', '.join(served)}"


def _unknown_lines(tallies: Sequence[Tally], identity: Identity, masking: Masking) -> Iterator[str]:
    for each in tallies:
        if each.counts["unknown"]:
            why = masking.text(terminal("; ".join(each.reasons[:3])))
            number = f"{each.counts['unknown']} of {each.counts.total()}"
            yield f"  cannot tell {_WHO[identity]}: {each.way} ({number}): {why}"


def _gone_lines(tallies: Sequence[Tally], identity: Identity) -> Iterator[str]:
    gone = [each for each in tallies if each.counts["gone"]]
    if gone:
        number = sum(each.counts["gone"] for each in gone)
        ways = ", ".join(each.way for each in gone)
        yield f"  gone {_WHO[identity]}, the control answering: {number:,} by {ways}"
    closed = sum(each.counts["closed"] for each in tallies)
    if closed:
        yield (
            f"  closed {_WHO[identity]}: {closed:,} did not come, nor did anything else of it; once it "
            "is public again, ask again"
        )


def _hidden_lines(found: ServerVerification, masking: Masking) -> Iterator[str]:
    clean = [
        place
        for place in found.places
        if place.role == "fork" and not place.is_hidden and found.is_proven_gone([place])
    ]
    if clean:
        yield f"{counted(len(clean), 'fork')} in which all that was asked is gone"
    if found.untold:
        yield (
            f"{counted(len(found.untold), 'repository', 'repositories')} that this account does not "
            "see: deleted or private, which only the owner can say; record it with `breachkit copies set`:"
        )
        yield from (f"  {_name(place, masking)}" for place in found.untold[:MOST])
        if len(found.untold) > MOST:
            yield f"  and {len(found.untold) - MOST:,} more; --json lists all"
    if found.settled:
        yield f"{counted(len(found.settled), 'repository', 'repositories')} not seen, which the register of copies has as closed"


def _limits(found: ServerVerification, masking: Masking) -> Iterator[str]:
    yield from _sampled(found.plan.samples)
    if found.not_placed:
        yield f"{counted(found.not_placed, 'file')} asked for by id alone: no path in a commit is known"
    if found.left:
        why = masking.text(terminal("; ".join(found.stopped)))
        yield f"NOT ASKED YET: {counted(found.left, 'question')}: {why}"
    for problem in found.problems:
        yield f"Repositories may be missing: {masking.text(terminal(problem))}"
    yield (
        "Web pages take no token: for who is logged in, look at the page of an old commit in a browser, "
        "and beside it at the page of a good one."
    )


def _sampled(samples: Sequence[Sample]) -> Iterator[str]:
    """Say what was asked for in part, one line for the ways of which that is true alike."""
    alike: dict[tuple[str, Identity, int, int], list[str]] = {}
    for each in samples:
        key = (each.where, each.identity, each.asked, each.of)
        alike.setdefault(key, []).append(each.way)
    for (where, identity, asked, of), ways in alike.items():
        place = "in the repository" if where == "study" else "in each fork"
        yield f"Asked in part {place}, {_AS[identity]}, {asked:,} of {of:,}: {', '.join(ways)}"
    if alike:
        yield "  --every asks for all of them"


def to_json(found: ServerVerification, masking: Masking) -> dict[str, Any]:
    """Give everything, with object ids; schema `breachkit.verify-server/1`."""
    return {
        "schema": "breachkit.verify-server/1",
        "outcome": found.outcome,
        "requests": found.asked,
        "answers_kept": found.kept,
        "counts": {
            "served": found.count("served"),
            "gone": found.count("gone"),
            "unknown": found.count("unknown"),
            "closed": found.count("closed"),
            "left": found.left,
        },
        "pull_requests": list(found.pull_requests),
        "places": [_place_to_json(found, place, masking) for place in found.places],
        "asked_in_part": [
            {
                "where": sample.where,
                "as": sample.identity,
                "way": sample.way,
                "asked": sample.asked,
                "of": sample.of,
            }
            for sample in found.plan.samples
        ],
        "not_placed": found.not_placed,
        "stopped": [masking.text(each) for each in found.stopped],
        "problems": [masking.text(each) for each in found.problems],
    }


def _place_to_json(found: ServerVerification, place: Place, masking: Masking) -> dict[str, Any]:
    results = found.of_place(place)
    return {
        "id": place.id,
        "name": _name(place, masking),
        "role": place.role,
        "visibility": place.visibility,
        "refs_hold": place in found.holding,
        "accounted_for": place.id in found.settled,
        "ways": [
            {
                "as": tally.identity,
                "way": tally.way,
                "served": tally.counts["served"],
                "gone": tally.counts["gone"],
                "unknown": tally.counts["unknown"],
                "closed": tally.counts["closed"],
                "left": tally.left,
                "reasons": [masking.text(each) for each in tally.reasons],
                "objects": [_object(each, masking) for each in results if _is_open(each, tally)],
            }
            for tally in found.tallies(place)
        ],
    }


def _is_open(result: Result, tally: Tally) -> bool:
    """Say whether a result belongs to a tally and is not settled."""
    asked = result.question
    same = asked.identity is tally.identity and asked.way is tally.way
    return same and result.verdict in {"served", "unknown"}


def _object(result: Result, masking: Masking) -> Mapping[str, Any]:
    kind, _, rest = result.question.key.partition(":")
    one, _, commit = rest.partition(":")
    refs = [masking.mask(ref).decode("utf-8", "replace") for ref in result.refs]
    said: dict[str, Any] = {"kind": kind, "verdict": result.verdict}
    if one:
        said["id"] = one
    if commit:
        said["commit"] = commit.partition(":")[0]
    return said | ({"refs": refs} if refs else {})


def _name(place: Place, masking: Masking) -> str:
    return masking.text(terminal(place.name))
