"""Lifts what stands in the way of a push and puts it back, whatever happens in between.

What is lifted, how it was and its way back are on disk before the first change; each change is
journalled before it is sent and read back after it. From `lift.intent` to `lift.done` the journal says
that something is lifted, so that every later command knows, and the next push puts it back first.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from breachkit.actions.comparison import Difference, differences
from breachkit.actions.hosting import HostedRepository, Hosting, Topic, Write
from breachkit.actions.lift_file import Lift
from breachkit.actions.protections import NEEDED, Hurdle, Readings
from breachkit.incident.commands import remedy
from breachkit.incident.events import EventKind
from breachkit.incident.folder import CaseFolder
from breachkit.model.errors import BreachkitError, IncompleteError
from breachkit.model.time import Clock
from breachkit.workflows import case_files
from breachkit.workflows.changing import ENDED, Family, Outcome, Run, Sleep, progress


FOLDER = "lifts"
FAMILY: Final = "lift"
BACK: Final = "unlift"


class StillLiftedError(IncompleteError):
    """Something that was lifted for a push is not back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PutBack:
    """What was put back after a push."""

    lift: Lift
    outcomes: tuple[Outcome, ...]
    differences: tuple[Difference, ...]
    """How what is in force differs from what was before."""


def still_lifted(case: CaseFolder) -> Lift | None:
    """Give what a push lifted and has not put back; None where there is nothing."""
    if not any(each.what == FAMILY for each in case.incident.open_intents):
        return None
    events = case.events()
    number = sum(event.known_kind is EventKind.LIFT_INTENT for event in events)
    return case_files.load(case, _file(number), Lift.from_json, "push --execute")


def not_back(case_id: str, why: str) -> StillLiftedError:
    """Say that something is still lifted, why, and how it comes back."""
    way = remedy(case_id, "breachkit push --case {case} --execute")
    return StillLiftedError(
        f"protections that were lifted for a push are NOT all back ({why}): run `{way}` again, with the token of somebody who administers the "
        "repository: it puts them back first. If they were set by hand, say so with --back-by-hand"
    )


def _file(number: int) -> str:
    return f"{FOLDER}/{number:03}.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifting:
    """Everything that lifting and putting back needs. The case's lock is held by the caller."""

    case: CaseFolder
    hosting: Hosting
    repository: HostedRepository
    clock: Clock
    sleep: Sleep = field(default=time.sleep)

    def read(self) -> Readings:
        """Read what may stand in the way."""
        return {topic: self.hosting.read(topic, self.repository) for topic in NEEDED}

    def begin(self, hurdles: Sequence[Hurdle], before: Readings, plan: str) -> Lift:
        """Keep what is about to be lifted, and journal that; nothing is lifted yet."""
        events = self.case.events()
        earlier = sum(event.known_kind is EventKind.LIFT_INTENT for event in events)
        made = Lift(
            number=earlier + 1,
            repository=self.repository.id,
            made_at=self.clock.now(),
            plan=plan,
            hurdles=tuple(hurdles),
            before=before,
        )
        case_files.save(self.case, _file(made.number), made.to_json())
        detail = {"round": made.number, "steps": len(made.lifts), "plan_hmac_sha256": plan}
        self.case.record(EventKind.LIFT_INTENT, detail)
        return made

    def lift(self, lift: Lift) -> tuple[Outcome, ...]:
        """Lift, or go on with it.

        Raises:
            IncompleteError: no usable answer came.
        """
        return self._run(FAMILY, lift).carry_out(lift.lifts)

    def is_returning(self, lift: Lift) -> bool:
        """Whether putting back has begun, so that nothing is to be pushed before it has ended."""
        return bool(progress(self.case, BACK, lift.number))

    def put_back(self, lift: Lift) -> PutBack:
        """Put everything back, or go on with it, and compare with how it was.

        Raises:
            StillLiftedError: not everything is back, or no usable answer came.
        """
        try:
            outcomes = tuple(self._back(lift))
        except BreachkitError as problem:
            raise not_back(self.case.incident.id, str(problem)) from problem
        left = [each for each in outcomes if each.result not in ENDED]
        if left:
            raise not_back(self.case.incident.id, left[0].reason or "GitHub does not show it")
        found = tuple(_differences(lift.before, self.read()))
        detail = {"round": lift.number, "steps": len(outcomes), "differs": len(found)}
        self.case.record(EventKind.LIFT_DONE, detail)
        return PutBack(lift=lift, outcomes=outcomes, differences=found)

    def _back(self, lift: Lift) -> Iterator[Outcome]:
        """Give back what was lifted or may have been, the last first."""
        lifted = progress(self.case, FAMILY, lift.number)
        run = self._run(BACK, lift)
        for number, hurdle in reversed(list(enumerate(lift.hurdles, 1))):
            if lifted.get(number) in {*ENDED, "sending", "not shown"} and hurdle.back is not None:
                yield self._one(run, number, hurdle.back, hurdle.again)

    def _one(self, run: Run, number: int, back: Write, again: Write | None) -> Outcome:
        (outcome,) = run.carry_out((back,), first=number)
        if outcome.result == "refused" and again is not None:  # somebody deleted it meanwhile
            (outcome,) = run.carry_out((again,), first=number)
        return outcome

    def _run(self, family: Family, lift: Lift) -> Run:
        return Run(
            case=self.case,
            hosting=self.hosting,
            repository=self.repository,
            family=family,
            round=lift.number,
            sleep=self.sleep,
        )


_COMPARED = (Topic.RULES, Topic.RULESETS)
"""By branch, REST shows less of the same; and a branch that was pushed away would be missing."""


def _differences(before: Readings, after: Readings) -> tuple[Difference, ...]:
    return differences(
        {topic: before[topic] for topic in _COMPARED},
        {topic: after[topic] for topic in _COMPARED},
        was_private=False,
    )
