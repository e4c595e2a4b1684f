"""Push on a platform: through its protections and rulesets, which are back whatever happens.

What this account can lift is lifted for as long as the push takes, and only what refuses the refs that
are still to be moved. What it cannot lift is told with whom to ask, and what passes is pushed.
"""

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from breachkit.actions.comparison import Difference
from breachkit.actions.hosting import Answered, HostedRepository, Hosting, Reading, Topic
from breachkit.actions.lift_file import Lift
from breachkit.actions.protections import NEEDED, Readings, Survey, survey
from breachkit.actions.push import PushResult
from breachkit.actions.rewritten import RefChange
from breachkit.git.push import Manner
from breachkit.incident.events import EventKind
from breachkit.incident.folder import CaseFolder
from breachkit.incident.states import Action
from breachkit.model.errors import AccessError, ConfigurationError, RefusedError
from breachkit.model.time import Clock
from breachkit.workflows import push
from breachkit.workflows.answerable import ReasonMissingError
from breachkit.workflows.case import pass_guard
from breachkit.workflows.changing import ENDED, Outcome, Sleep
from breachkit.workflows.lifting import Lifting, PutBack, StillLiftedError, not_back, still_lifted
from breachkit.workflows.snapshot import load_readings


T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformPlan:
    """What a push would do, and what it would have to lift."""

    push: push.PushPlan
    repository: HostedRepository
    login: str
    survey: Survey
    lifted: Lift | None
    """What an earlier push lifted and has not put back."""
    earlier: Survey | None = None
    """What stood in the way before containment, where it cannot be read any more."""
    snapshot: str = ""
    """The number of the snapshot that says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """What became of a push on a platform."""

    result: PushResult
    repository: HostedRepository
    login: str
    survey: Survey
    lifting: tuple[Outcome, ...] = ()
    back: PutBack | None = None
    """What was put back after it."""
    before: PutBack | None = None
    """What an earlier push had lifted, put back before this one."""

    @property
    def not_lifted(self) -> tuple[Outcome, ...]:
        """What the platform would not let be lifted."""
        return tuple(each for each in self.lifting if each.result not in ENDED)

    @property
    def differences(self) -> tuple[Difference, ...]:
        """How what is in force differs from before it was lifted."""
        both = (each for each in (self.before, self.back) if each is not None)
        return tuple(found for each in both for found in each.differences)

    @property
    def exit_code(self) -> int:
        """0 all is done, 4 refs were refused, 7 rules differ from before, 5 they could not be compared."""
        if not self.result.complete:
            return 4
        if any(each.kind != "not read" for each in self.differences):
            return 7
        return 5 if self.differences else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushing:
    """Everything that a push on a platform needs."""

    case: CaseFolder
    hosting: Hosting
    name: str
    """`owner/name`."""
    clock: Clock
    settings: Sequence[Mapping[str, str]] = ({},)
    """Environment variables by which git may log in, the best first; see `access.token_settings`."""
    keep: bool = False
    """Whether nothing is lifted."""
    sleep: Sleep = field(default=time.sleep)

    def plan(self) -> PlatformPlan:
        """Say what every ref would become, and what stands in the way; nothing is changed.

        Raises:
            GuardRefusedError, AccessError, IncompleteError: as `push.plan`.
        """
        repository, login = self._repository()
        made = self._first_that_may(lambda manner: push.plan(self.case, manner))
        moves = [each for each in made.pushed if each.name not in made.already]
        found = survey(moves, self._lifting(repository).read(), repository, login)
        plan = PlatformPlan(
            push=made,
            repository=repository,
            login=login,
            survey=found,
            lifted=still_lifted(self.case),
        )
        return self._with_earlier(plan, moves) if found.unread else plan

    def execute(self, *, override: str | None = None) -> Pushed:
        """Lift, push and put back, or go on with it.

        Raises:
            StillLiftedError: something that was lifted is not back.
            GuardRefusedError, LeaseError, UnknownOutcomeError: as `push.execute`; all is back.
            AccessError, IncompleteError: the platform or git refused; all is back.
        """
        with self.case.lock("push"):
            repository, login = self._repository()
            lifting = self._lifting(repository)
            before = self._put_back_first(lifting)
            try:
                pushed = self._pushed(lifting, login, override)
            except BaseException as problem:
                self._put_back_after(lifting, problem)
                raise
            return replace(pushed, before=before, back=_put_back(lifting))

    def _repository(self) -> tuple[HostedRepository, str]:
        """Give the repository, by its id where something in it is still lifted, and who acts."""
        lifted = still_lifted(self.case)
        return self.hosting.repository(
            self.name if lifted is None else lifted.repository
        ), self.hosting.account().login

    def _lifting(self, repository: HostedRepository) -> Lifting:
        return Lifting(
            case=self.case,
            hosting=self.hosting,
            repository=repository,
            clock=self.clock,
            sleep=self.sleep,
        )

    def _put_back_first(self, lifting: Lifting) -> PutBack | None:
        """Put back what is lifted, unless it is this very push that goes on."""
        lifted = still_lifted(self.case)
        if lifted is None:
            return None
        goes_on = not self.keep and not lifting.is_returning(lifted) and self._is_of(lifted)
        return None if goes_on else lifting.put_back(lifted)

    def _is_of(self, lifted: Lift) -> bool:
        try:
            return lifted.plan == push.fingerprint(self.case)
        except ConfigurationError:  # scope was run again: there is no rewritten history now
            return False

    def _pushed(self, lifting: Lifting, login: str, override: str | None) -> Pushed:
        pass_guard(self.case, Action.PUSH, override)
        manner, moves = self._first_that_may(
            lambda manner: (manner, push.waiting(self.case, manner))
        )
        lift, found = self._lift_of(lifting, moves, login)
        lifted = () if lift is None else lifting.lift(lift)
        return Pushed(
            result=push.execute(self.case, override=override, manner=manner),
            repository=lifting.repository,
            login=login,
            survey=found,
            lifting=lifted,
        )

    def _lift_of(
        self, lifting: Lifting, moves: Sequence[RefChange], login: str
    ) -> tuple[Lift | None, Survey]:
        """Give what is to be lifted, begun by an earlier run or by this one."""
        lifted = still_lifted(self.case)
        if lifted is not None:
            return lifted, Survey(hurdles=lifted.hurdles)
        if not moves:
            return None, Survey()
        readings = lifting.read()
        found = survey(moves, readings, lifting.repository, login)
        if self.keep or not found.liftable:
            return None, found
        return lifting.begin(found.liftable, readings, push.fingerprint(self.case)), found

    def _put_back_after(self, lifting: Lifting, problem: BaseException) -> None:
        """Put back after a failure; where that fails as well, it is the worse news."""
        try:
            _put_back(lifting)
        except StillLiftedError as worse:
            raise worse from problem

    def _first_that_may(self, work: Callable[[Manner], T]) -> T:
        """Do something by the first way of logging in that the server takes."""
        problems = []
        for settings in self.settings:
            try:
                return work(Manner(extra_env=settings, partly=True))
            except (AccessError, ConfigurationError) as problem:
                problems.append(problem)
        raise problems[0]

    def _with_earlier(self, plan: PlatformPlan, moves: Sequence[RefChange]) -> PlatformPlan:
        """Add what the newest snapshot that could read the rules says of them."""
        for number, readings in _snapshots(self.case):
            known = {topic: readings.get(topic, _unread(topic)) for topic in NEEDED}
            earlier = survey(moves, known, plan.repository, plan.login)
            if not earlier.unread:
                return replace(plan, earlier=earlier, snapshot=number)
        return plan


def push_without_token(case: CaseFolder, *, override: str | None = None) -> PushResult:
    """Push what passes, by git alone: nothing is lifted, and nothing is known of what stands in the way.

    Raises:
        StillLiftedError: something that was lifted is not back, which needs a token.
        GuardRefusedError, LeaseError, AccessError, IncompleteError: as `push.execute`.
    """
    if still_lifted(case) is not None:
        raise not_back(case.incident.id, "there is no token")
    return push.execute(case, override=override, manner=Manner(partly=True))


def said_to_be_back(case: CaseFolder, reason: str) -> None:
    """Journal that a person put back by hand what breachkit could not.

    Raises:
        RefusedError: nothing is lifted.
        ReasonMissingError: the reason is empty.
    """
    if not reason.strip():
        raise ReasonMissingError("say who put it back, and when")
    lifted = still_lifted(case)
    if lifted is None:
        raise RefusedError("nothing is lifted: all that a push lifted is back")
    case.record(EventKind.LIFT_FAILED, {"round": lifted.number, "reason": reason.strip()})


def _put_back(lifting: Lifting) -> PutBack | None:
    lifted = still_lifted(lifting.case)
    return None if lifted is None else lifting.put_back(lifted)


def _snapshots(case: CaseFolder) -> Iterator[tuple[str, Readings]]:
    """Give every snapshot that can be read, the newest first."""
    for event in reversed(case.events()):
        number = event.text("snapshot")
        if event.known_kind is EventKind.SNAPSHOT_RECORDED and number:
            with contextlib.suppress(ConfigurationError):
                yield number, load_readings(case, number)


def _unread(topic: Topic) -> Reading:
    return Reading(topic=topic, answered=Answered.FAILED, reason="not in the snapshot")
