"""The plan of a push and what became of it, for people and machines. No object id is in either."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from breachkit.actions.push import LeaseReport, PushResult, is_platform_ref
from breachkit.actions.rewritten import RefChange
from breachkit.model.ids import RefName
from breachkit.report.escape import terminal
from breachkit.report.masking import Masking
from breachkit.report.name_lists import MOST, ref_lines, rest, shown
from breachkit.report.words import counted


def plan_text(
    changes: Sequence[RefChange],
    leases: LeaseReport,
    masking: Masking,
    already: Collection[RefName] = (),
) -> str:
    """Say what every ref of the server would become; `already` are those that an earlier push moved."""
    return "\n".join(_plan_lines(changes, leases, masking, already))


def _plan_lines(
    changes: Sequence[RefChange],
    leases: LeaseReport,
    masking: Masking,
    already: Collection[RefName],
) -> Iterator[str]:
    own = [each for each in changes if not is_platform_ref(each.name)]
    platform = [each for each in changes if is_platform_ref(each.name)]
    yield "Plan of the push (nothing is changed yet)"
    if own:
        yield "All or none, each only if it is still what the mirror saw:"
    else:
        yield "No branch, tag or note has to change."
    yield from (f"  {shown(masking, each.name)} {_becomes(each, already)}" for each in own[:MOST])
    yield from rest(len(own), "ref")
    if platform:
        yield "Then tried one by one; platforms such as GitHub refuse, and only their support can remove them:"
        yield from ref_lines(masking, [each.name for each in platform])
    if leases.holds:
        yield _outlook(own, platform, already)
        return
    yield "STOP: somebody changed refs on the server since the mirror was made:"
    for what, names in (
        ("moved", leases.moved),
        ("new", leases.appeared),
        ("gone", leases.vanished),
    ):
        yield from (f"  {what}: {shown(masking, name)}" for name in names)
    yield "Ask the writers to stop, then run `breachkit scope` and `breachkit rewrite` again."


def _outlook(
    own: Sequence[RefChange], platform: Sequence[RefChange], already: Collection[RefName]
) -> str:
    if any(each.name not in already for each in own):
        return _READY
    if any(each.name not in already for each in platform):
        return "Nothing is left to push but those, which a push tries and is most likely refused."
    return "All of them are as the rewrite made them: a push would change nothing."


def plan_to_json(
    changes: Sequence[RefChange], leases: LeaseReport, masking: Masking
) -> dict[str, Any]:
    """Give the plan of a push; schema `breachkit.push-plan/1`."""
    return {
        "schema": "breachkit.push-plan/1",
        "refs": [
            {
                "name": shown(masking, each.name),
                "becomes": "deleted" if each.new is None else "rewritten",
                "platform": is_platform_ref(each.name),
            }
            for each in changes
        ],
        "leases_hold": leases.holds,
        "changed_on_server": [shown(masking, name) for name in leases.broken],
    }


def result_text(result: PushResult, masking: Masking) -> str:
    """Say what became of every ref."""
    return "\n".join(_result_lines(result, masking))


def _were(number: int) -> str:
    return f"{number:,} {'was' if number == 1 else 'were'}"


def _result_lines(result: PushResult, masking: Masking) -> Iterator[str]:
    done, already = result.names("done"), result.names("already")
    yield f"Pushed: {counted(len(done), 'ref')}; {_were(len(already))} there already."
    yield from ref_lines(masking, done)
    refused = [each for each in result.outcomes if each.state in {"refused", "held"}]
    if refused:
        reasons = "; ".join(sorted({terminal(each.reason) for each in refused if each.reason}))
        yield f"REFUSED ({reasons}): {counted(len(refused), 'ref')} as before, with the data:"
        yield from ref_lines(masking, [each.name for each in refused])
    platform = [each for each in result.outcomes if each.state == "platform"]
    if platform:
        reasons = "; ".join(sorted({terminal(each.reason) for each in platform}))
        number = counted(len(platform), "ref")
        yield f"Refused, as expected ({reasons}): {number} that only the platform's support can remove:"
        yield from ref_lines(masking, [each.name for each in platform])


def result_to_json(result: PushResult, masking: Masking) -> dict[str, Any]:
    """Give what became of every ref; schema `breachkit.push-result/1`."""
    return {
        "schema": "breachkit.push-result/1",
        "complete": result.complete,
        "refs": [{"name": shown(masking, each.name), "is": each.state} for each in result.outcomes],
    }


_READY = "Nobody has changed the server's refs since the mirror was made: the push can go ahead."


def _becomes(change: RefChange, already: Collection[RefName]) -> str:
    if change.name in already:
        return "is so already"
    return "is deleted" if change.new is None else "becomes the rewritten history"
