"""Close a repository: plan, then carry it out, each change with its way back on disk before it is sent."""

import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from breachkit.actions.containment import NEEDED, Plan, Situation, Step, Wanted, plan
from breachkit.actions.containment_file import Containment, Round
from breachkit.actions.hosting import HostedRepository, Hosting, Reading, Topic, WriteKind
from breachkit.git.remote import list_remote
from breachkit.incident.events import EventKind
from breachkit.incident.folder import CaseFolder
from breachkit.incident.states import Action
from breachkit.model.doing import counted, doing
from breachkit.model.errors import AccessError, RefusedError
from breachkit.model.time import Clock
from breachkit.workflows import case_files
from breachkit.workflows.case import pass_guard
from breachkit.workflows.changing import ENDED, Outcome, Run, Sleep
from breachkit.workflows.snapshot import ListRefs, Snapshot, load_readings, take


FILE = "containment.json"

CACHE_PAUSES_S = (2.0, 5.0, 10.0, 20.0)
"""Between looks at what strangers see: the platform's caches forget after a minute."""
MOST_PASSES = 3
"""How often it is looked whether somebody came in meanwhile: who accepts an invitation, for one."""


class NotAdministratorError(AccessError):
    """The account cannot close the repository.

    Attributes:
        plan: What it would be, as far as this account sees it.
    """

    def __init__(self, made: Plan) -> None:
        super().__init__(
            f"this account ({made.account.login}) does not administer {made.repository.full_name}: "
            "ask somebody who does"
        )
        self.plan = made


@dataclass(frozen=True, slots=True, kw_only=True)
class Restricted:
    """What became of a plan."""

    plan: Plan
    outcomes: tuple[Outcome, ...]
    snapshot: str
    seen: Mapping[str, bool | None] = field(default_factory=dict)
    """What a stranger sees afterwards, by way."""
    visibility: str = "private"
    """As the platform shows it afterwards."""

    @property
    def open(self) -> tuple[Outcome, ...]:
        """Changes that did not happen."""
        return tuple(each for each in self.outcomes if each.result not in ENDED)

    @property
    def visibility_refused(self) -> bool:
        """Whether the platform would not make it private for this account."""
        return any(
            each.result == "refused" and each.write.kind is WriteKind.SET_VISIBILITY
            for each in self.outcomes
        )

    @property
    def is_hidden(self) -> bool | None:
        """Whether strangers see nothing of it; None where some way gave no answer."""
        if self.visibility != "private" or any(self.seen.values()):
            return False
        return None if None in {self.seen.get("api"), self.seen.get("git")} else True

    @property
    def exit_code(self) -> int:
        """0 closed, 7 strangers still see it, 4 refused, 5 not all was done or could be told."""
        if self.is_hidden is False:
            return 7
        if any(each.result == "refused" for each in self.open):
            return 4
        return 5 if self.open or self.plan.unread or self.is_hidden is None else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Restricting:
    """Everything that closing a repository needs."""

    case: CaseFolder
    hosting: Hosting
    clock: Clock
    sleep: Sleep = field(default=time.sleep)
    list_refs: ListRefs = field(default=list_remote)
    """How git is asked for the refs behind a URL."""

    def plan(self, name: str, wanted: Wanted) -> Plan:
        """Say what closing a repository would change; nothing but reading is done.

        Raises:
            NotAdministratorError: the account could not do it.
            AccessError, IncompleteError: the repository could not be read.
        """
        repository = self.hosting.repository(name)
        with doing("Looking at what there is") as step:
            topics = counted(NEEDED, step, len(NEEDED))
            readings = {topic: self.hosting.read(topic, repository) for topic in topics}
        kept = load(self.case)
        made = self._planned(
            repository, readings, wanted if kept is None else _with_earlier(kept, wanted)
        )
        detail = {"steps": len(made.steps), "not_read": len(made.unread)}
        self.case.record(EventKind.RESTRICT_PLANNED, detail)
        return made

    def execute(self, name: str, wanted: Wanted) -> Restricted:
        """Close a repository, or go on with it.

        A snapshot of what it destroys is taken first. What is refused does not stop the rest.

        Raises:
            NotAdministratorError: the account cannot do it; nothing was changed.
            AccessError, IncompleteError: as `plan`, or no usable answer came: run it again.
        """
        with self.case.lock("restrict"):
            pass_guard(self.case, Action.CONTAIN)
            repository = self.hosting.repository(name)
            kept, current = self._begun(repository)
            if current is None:
                current = self._new_round(repository, kept, wanted)
                kept = replace(kept, rounds=(*kept.rounds, current))
                self._keep(kept)
                self._intend(current)
            return self._close(repository, kept, current)

    def _planned(
        self, repository: HostedRepository, readings: Mapping[Topic, Reading], wanted: Wanted
    ) -> Plan:
        made = plan(
            Situation(
                repository=repository,
                account=self.hosting.account(),
                readings=readings,
                wanted=wanted,
            )
        )
        if not repository.is_admin:
            raise NotAdministratorError(made)
        return made

    def _begun(self, repository: HostedRepository) -> tuple[Containment, Round | None]:
        """Give what was closed so far, and the round that was begun and has no result."""
        kept = load(self.case)
        if kept is None:
            return Containment(repository=repository.id, full_name=repository.full_name), None
        if kept.repository != repository.id:
            raise RefusedError(
                f"{repository.full_name} is another repository than the one that was closed in this "
                "case: open a case on it"
            )
        begun = any(each.what == "restrict" for each in self.case.incident.open_intents)
        return kept, kept.rounds[-1] if begun and kept.rounds else None

    def _new_round(self, repository: HostedRepository, kept: Containment, wanted: Wanted) -> Round:
        before: Snapshot = take(
            self.case, self.hosting, repository, self.clock, fast=True, list_refs=self.list_refs
        )
        wanted = _with_earlier(kept, wanted)
        made = self._planned(repository, before.readings, wanted)
        return Round(
            number=len(kept.rounds) + 1,
            snapshot=before.number,
            made_at=self.clock.now(),
            wanted=wanted,
            steps=made.steps,
        )

    def _keep(self, kept: Containment) -> None:
        case_files.save(self.case, FILE, kept.to_json())

    def _intend(self, current: Round) -> None:
        said = json.dumps([each.says for each in current.steps]).encode()
        digest = hashlib.sha256(said).hexdigest()
        self.case.record(
            EventKind.RESTRICT_INTENT,
            {
                "plan_hmac_sha256": case_files.fingerprint(self.case, digest),
                "round": current.number,
                "steps": len(current.steps),
                "authorised": len(current.wanted.authorised),
            },
        )

    def _close(self, repository: HostedRepository, kept: Containment, current: Round) -> Restricted:
        run = Run(
            case=self.case,
            hosting=self.hosting,
            repository=repository,
            family="restrict",
            round=current.number,
            sleep=self.sleep,
        )
        outcomes = list(run.carry_out(current.writes))
        for _ in range(MOST_PASSES):
            late = self._late(repository, current)
            if not late:
                break
            current = replace(current, steps=(*current.steps, *late))
            kept = replace(kept, rounds=(*kept.rounds[:-1], current))
            self._keep(kept)
            outcomes += run.carry_out([s.write for s in late], first=len(outcomes) + 1)
        return self._ended(repository, current, tuple(outcomes))

    def _late(self, repository: HostedRepository, current: Round) -> tuple[Step, ...]:
        """Give what came in since the plan was made: who accepted an invitation, for one."""
        topics = (Topic.COLLABORATORS, Topic.INVITATIONS)
        readings = {topic: self.hosting.read(topic, repository) for topic in topics}
        made = plan(
            Situation(
                repository=replace(repository, visibility="private"),
                account=self.hosting.account(),
                readings=readings,
                wanted=current.wanted,
            )
        )
        known = {_who(step) for step in current.steps}
        return tuple(step for step in made.steps if _who(step) not in known)

    def _ended(
        self, repository: HostedRepository, current: Round, outcomes: tuple[Outcome, ...]
    ) -> Restricted:
        visibility = self.hosting.repository(repository.id).visibility
        made = plan(
            Situation(
                repository=repository,
                account=self.hosting.account(),
                readings=load_readings(self.case, current.snapshot),
                wanted=current.wanted,
            )
        )
        result = Restricted(
            plan=replace(made, steps=current.steps),
            outcomes=outcomes,
            snapshot=current.snapshot,
            seen=self._seen(repository),
            visibility=visibility,
        )
        self._journal_end(result, current)
        return result

    def _seen(self, repository: HostedRepository) -> Mapping[str, bool | None]:
        with doing("Looking as a stranger would"):
            for pause in (*CACHE_PAUSES_S, None):
                seen = self.hosting.seen_by_anyone(repository)
                if pause is None or not any(seen.values()):
                    return seen
                self.sleep(pause)
        return {}

    def _journal_end(self, result: Restricted, current: Round) -> None:
        detail = {
            "round": current.number,
            "steps": len(result.outcomes),
            "open": len(result.open),
            "how": "breachkit restrict",
        }
        if result.is_hidden and not any(
            each.write.kind is WriteKind.SET_VISIBILITY for each in result.open
        ):
            self.case.record(EventKind.RESTRICT_DONE, detail)
            return
        reason = "strangers still see it" if result.is_hidden is False else "cannot be told"
        self.case.record(EventKind.RESTRICT_FAILED, {**detail, "reason": reason})


def load(case: CaseFolder) -> Containment | None:
    """Give what was closed in a case; None where nothing was."""
    if not case.has_file(f"private/{FILE}"):
        return None
    return case_files.load(case, FILE, Containment.from_json, "restrict --execute")


def _with_earlier(kept: Containment, wanted: Wanted) -> Wanted:
    """Whoever was authorised in an earlier round stays so, though not named again in the haste."""
    earlier = [each.wanted for each in kept.rounds]
    return replace(
        wanted,
        authorised=wanted.authorised.union(*(each.authorised for each in earlier)),
        keep=wanted.keep.union(*(each.keep for each in earlier)),
    )


def _who(step: Step) -> tuple[str, object]:
    return str(step.write.kind), step.write.detail.get("id")
