"""Give access back as it was: from the inverses on disk, guarded by what `verify` last said."""

import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from breachkit.actions.comparison import Difference, differences
from breachkit.actions.containment import Step
from breachkit.actions.containment_file import Containment
from breachkit.actions.hosting import HostedRepository, Hosting, Topic, WriteKind
from breachkit.actions.way_back import WayBack, way_back
from breachkit.git.remote import list_remote
from breachkit.incident.case import Milestone
from breachkit.incident.events import EventKind
from breachkit.incident.folder import CaseFolder
from breachkit.incident.states import Action, missing
from breachkit.model.errors import AccessError, ConfigurationError
from breachkit.model.time import Clock
from breachkit.workflows import case_files
from breachkit.workflows.case import pass_guard
from breachkit.workflows.changing import ENDED, Outcome, Run, Sleep, progress
from breachkit.workflows.restrict import load
from breachkit.workflows.snapshot import ListRefs, load_readings, take


class NothingToRestoreError(ConfigurationError):
    """Nothing was closed in this case, or all of it was given back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RestorePlan:
    """What would be given back."""

    repository: HostedRepository
    way: WayBack
    waits_for: tuple[str, ...]
    """What the case has not reached yet, in words."""
    failed: tuple[str, ...] = ()
    """Changes of the containment that never happened, so that nothing undoes them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What was given back."""

    plan: RestorePlan
    outcomes: tuple[Outcome, ...]
    differences: tuple[Difference, ...]
    snapshot: str
    """The number of the snapshot taken afterwards."""

    @property
    def open(self) -> tuple[Outcome, ...]:
        """What was not given back."""
        return tuple(each for each in self.outcomes if each.result not in ENDED)

    @property
    def invited(self) -> tuple[str, ...]:
        """Logins of who has to accept an invitation."""
        return tuple(
            str(each.write.detail["login"]) for each in self.outcomes if each.result == "invited"
        )

    @property
    def unexpected(self) -> tuple[Difference, ...]:
        """What differs and was not bound to."""
        return tuple(each for each in self.differences if not each.documented)

    @property
    def exit_code(self) -> int:
        """0 as before, 4 refused, 5 not all was done, 7 something differs that was not bound to."""
        if any(each.result == "refused" for each in self.open):
            return 4
        if self.open:
            return 5
        return 7 if self.unexpected else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Restoring:
    """Everything that giving access back needs."""

    case: CaseFolder
    hosting: Hosting
    clock: Clock
    sleep: Sleep = field(default=time.sleep)
    list_refs: ListRefs = field(default=list_remote)
    """How git is asked for the refs behind a URL."""

    def plan(self) -> RestorePlan:
        """Say what would be given back, and what it still waits for; nothing is changed.

        Raises:
            NothingToRestoreError: nothing was closed.
            AccessError, IncompleteError: the repository could not be read.
        """
        made = self._planned()
        detail = {"steps": len(made.way.returns), "waits_for": len(made.waits_for)}
        self.case.record(EventKind.RESTORE_PLANNED, detail)
        return made

    def execute(self, *, override: str | None = None) -> Restored:
        """Give everything back, or go on with it, and compare with how it was.

        Raises:
            GuardRefusedError: the data are still there, or nobody knows.
            NothingToRestoreError: nothing was closed.
            AccessError, IncompleteError: as `plan`, or no usable answer came: run it again.
        """
        with self.case.lock("restore"):
            made = self._planned()
            if not self._is_false_alarm():
                pass_guard(self.case, Action.RESTORE, override)
            if not made.repository.is_admin:
                raise AccessError(
                    f"this account does not administer {made.repository.full_name}: use a token of "
                    "somebody who does"
                )
            number = self._number()
            if not any(each.what == "restore" for each in self.case.incident.open_intents):
                self._intend(made, number)
            run = Run(
                case=self.case,
                hosting=self.hosting,
                repository=made.repository,
                family="restore",
                round=number,
                sleep=self.sleep,
            )
            return self._ended(made, run.carry_out(made.way.writes), number)

    def _is_false_alarm(self) -> bool:
        return self.case.incident.has(Milestone.STOOD_DOWN)

    def _planned(self) -> RestorePlan:
        kept = self._kept()
        done, failed = self._done(kept)
        if not done:
            raise NothingToRestoreError(
                "nothing that breachkit closed in this case is still to be given back"
            )
        before = load_readings(self.case, kept.rounds[0].snapshot)
        lacking = () if self._is_false_alarm() else missing(self.case.incident, Action.RESTORE)
        return RestorePlan(
            repository=self.hosting.repository(kept.repository),
            way=way_back(done, before.get(Topic.RULESETS)),
            waits_for=tuple(each.missing for each in lacking),
            failed=failed,
        )

    def _kept(self) -> Containment:
        """Give the rounds that were not given back yet."""
        kept = load(self.case)
        if kept is None:
            raise NothingToRestoreError("breachkit closed nothing in this case: nothing to restore")
        given_back = self.case.incident.fact(EventKind.RESTORE_DONE, "rounds") or 0
        return Containment(
            repository=kept.repository,
            full_name=kept.full_name,
            rounds=kept.rounds[given_back:],
        )

    def _done(self, kept: Containment) -> tuple[tuple[Step, ...], tuple[str, ...]]:
        """Give the steps that happened, oldest first, and those that did not, in words."""
        done, failed = [], []
        for each in kept.rounds:
            known = progress(self.case, "restrict", each.number)
            for number, step in enumerate(each.steps, 1):
                # what may have been sent is given back too: its inverse changes nothing else
                if known.get(number) in {*ENDED, "sending", "not shown"}:
                    done.append(step)
                elif number in known:
                    failed.append(step.says)
        return tuple(done), tuple(failed)

    def _number(self) -> int:
        events = self.case.events()
        return 1 + sum(event.known_kind is EventKind.RESTORE_DONE for event in events)

    def _intend(self, made: RestorePlan, number: int) -> None:
        said = json.dumps([each.says for each in made.way.returns]).encode()
        digest = case_files.fingerprint(self.case, hashlib.sha256(said).hexdigest())
        self.case.record(
            EventKind.RESTORE_INTENT,
            {"plan_hmac_sha256": digest, "round": number, "steps": len(made.way.returns)},
        )

    def _ended(self, made: RestorePlan, outcomes: Sequence[Outcome], number: int) -> Restored:
        kept = self._kept()
        repository = self.hosting.repository(made.repository.id)
        after = take(
            self.case, self.hosting, repository, self.clock, fast=True, list_refs=self.list_refs
        )
        invited = {
            str(each.write.detail["login"]).lower() for each in outcomes if each.result == "invited"
        }
        result = Restored(
            plan=made,
            outcomes=tuple(outcomes),
            differences=differences(
                load_readings(self.case, kept.rounds[0].snapshot),
                after.readings,
                was_private=any(w.kind is WriteKind.SET_VISIBILITY for w in made.way.writes),
                invited=frozenset(invited),
            ),
            snapshot=after.number,
        )
        self._journal_end(result, number)
        return result

    def _journal_end(self, result: Restored, number: int) -> None:
        detail = {
            "round": number,
            "steps": len(result.outcomes),
            "open": len(result.open),
            "invited": len(result.invited),
            "differs": len(result.unexpected),
        }
        if result.open:
            reason = "not everything was given back"
            self.case.record(EventKind.RESTORE_FAILED, {**detail, "reason": reason})
            return
        everything = load(self.case)
        rounds = 0 if everything is None else len(everything.rounds)
        self.case.record(EventKind.RESTORE_DONE, {**detail, "rounds": rounds})
