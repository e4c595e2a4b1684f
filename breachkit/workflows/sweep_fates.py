"""What became of repositories between two sweeps: no more there, back again, under another name."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from breachkit.actions.sweeping import Outcome, Record, Standing, Target, Targets, still_known
from breachkit.store.sweeps import Known


LOOKED = frozenset({Standing.SCANNED, Standing.UNCHANGED, Standing.EMPTY})
"""How a repository stands that was looked at."""


def no_more(targets: Targets, known: Mapping[str, Known]) -> Iterator[Outcome]:
    """Give the outcome of each repository that is not among the targets any more.

    It is told once, and then as long as findings of it are known: somebody may still have to hear of them.
    Of one in a folder that cannot be looked into nobody can tell, so that it has failed.
    """
    named = {one.key for one in targets.repositories}
    closed = tuple(f"{one.key}/" for one in targets.repositories if _is_closed(one))
    for key, one in known.items():
        if key not in named and key.startswith(closed):
            yield _out_of_sight(key, one)
            continue
        was_gone = one.outcome.standing is Standing.GONE
        if key in named or (was_gone and not still_known(one.records)):
            continue
        why = one.outcome.reason if was_gone else targets.no_more
        yield Outcome(key=key, name=one.outcome.name, standing=Standing.GONE, reason=why)


def _is_closed(target: Target) -> bool:
    failed = target.settled is not None and target.settled.standing is Standing.FAILED
    return failed and not target.is_remote


def _out_of_sight(key: str, one: Known) -> Outcome:
    reason = "the folder that it lies in cannot be looked into"
    return Outcome(key=key, name=one.outcome.name, standing=Standing.FAILED, reason=reason)


def annotated(outcome: Outcome, records: Sequence[Record], known: Known | None) -> Outcome:
    """Say beside why a repository stands so what else is to be known of it.

    Args:
        outcome: As it is remembered.
        records: Its findings.
        known: What was known of it before.
    """
    words = [outcome.reason]
    if known is not None and known.outcome.name != outcome.name:
        words.append(f"its name was {known.outcome.name}")
    if known is not None and known.outcome.standing is Standing.GONE and outcome.standing in LOOKED:
        words.append("it was gone, and is back")
    if outcome.standing is Standing.GONE and records:
        words.append(f"findings known in it: {len(records)}")
    return replace(outcome, reason="; ".join(filter(None, words)))


def remembered(outcome: Outcome, known: Known | None) -> Outcome:
    """Give what is kept of an outcome: of one that was not looked at, what the last look came from."""
    if known is None or outcome.standing in LOOKED:
        return outcome
    earlier = known.outcome
    return replace(
        outcome,
        state=earlier.state,
        complete=earlier.complete,
        unread=earlier.unread,
        objects=earlier.objects,
    )
