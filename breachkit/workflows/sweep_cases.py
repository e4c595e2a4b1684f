"""Opens a draft case, in private, for each repository in which a sweep found something new.

A draft is what no person has looked at yet: it claims nobody's awareness and asks somebody to look. Where
a case on the repository is open already, it gets an entry instead, so that there are never two.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import breachkit
from breachkit.actions.sweep_due import Due, Purpose, by_repository, without_accepted
from breachkit.actions.sweeping import Sweep
from breachkit.incident.case import CaseSummary, OpenRequest
from breachkit.incident.events import EventKind
from breachkit.incident.folder import CaseFolder
from breachkit.incident.opening import plain_target, same_repository
from breachkit.incident.store import CaseStore
from breachkit.model.errors import BreachkitError
from breachkit.model.ids import display
from breachkit.model.policy import Policies
from breachkit.model.time import Clock, rfc3339
from breachkit.store.sweep_due import DueStore
from breachkit.workflows.contacts import choose_contacts
from breachkit.workflows.server import server_of_clone
from breachkit.workflows.sweep import alone, short
from breachkit.workflows.sweep_telling import WAIT_S


FOUND_BY = "a sweep"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafts:
    """What became of the cases that a sweep owed."""

    opened: tuple[str, ...] = ()
    """Codenames, in the order of opening."""
    added_to: tuple[str, ...] = ()
    """Codenames of cases that were open already and got an entry."""
    by_key: Mapping[str, str]
    """Codenames of both, by key of the repository."""
    problems: tuple[str, ...] = ()
    """Why some could not be opened; the next sweep tries them again."""
    unopened: int = 0
    """How many those are."""


def open_drafts(
    made: Sweep,
    policies: Policies,
    *,
    folder: Path,
    cases: CaseStore,
    clock: Clock,
    contacts: str | None,
) -> Drafts:
    """Open a draft for each repository with something new, or add to the case that is open on it.

    Args:
        made: The sweep, which wrote down what is owed.
        policies: What it judged by.
        folder: Of the sweeps.
        cases: Where cases live.
        clock: For entries.
        contacts: Chosen for each draft, so that an alert can be written at once; None chooses none.

    Raises:
        SweepBusyError: the next sweep of the same target has begun; it opens what this one owes.
    """
    with alone(folder, made.target, timeout_s=WAIT_S):
        store = DueStore(folder)
        try:
            due = store.due(made.target, Purpose.CASE)
            opening = _Opening(cases, policies, clock, contacts)
            for key, found in by_repository(due).items():
                new = without_accepted(found, made)
                if not new or opening.one(key, new):
                    store.done(made.target, Purpose.CASE, found)
            return opening.result()
        finally:
            store.close()


class _Opening:
    """The cases of one sweep, on their way."""

    def __init__(
        self, cases: CaseStore, policies: Policies, clock: Clock, contacts: str | None
    ) -> None:
        self._cases = cases
        self._policies = policies
        self._clock = clock
        self._contacts = contacts
        self._summaries: list[CaseSummary] = []
        self._folders: frozenset[str] = frozenset()
        self._by_key: dict[str, str] | None = None
        self._opened: dict[str, str] = {}
        self._added: dict[str, str] = {}
        self._problems: list[str] = []
        self._unopened = 0

    def one(self, key: str, due: Sequence[Due]) -> bool:
        """Open a draft, or add to the case that is there; say whether that was done."""
        try:
            with self._cases.held():  # two who open the same repository at once get one case
                case, is_new = self._case(key, due)
                self._record(case, key, due)
        except BreachkitError as problem:
            self._unopened += 1
            if str(problem) not in self._problems:
                self._problems.append(str(problem))
            return False
        (self._opened if is_new else self._added)[key] = case.incident.codename
        return True

    def result(self) -> Drafts:
        """Give what became of all of them."""
        return Drafts(
            opened=tuple(self._opened.values()),
            added_to=tuple(self._added.values()),
            by_key={**self._opened, **self._added},
            problems=tuple(self._problems),
            unopened=self._unopened,
        )

    def _case(self, key: str, due: Sequence[Due]) -> tuple[CaseFolder, bool]:
        target = plain_target(server_of_clone(due[0].url) or due[0].url)
        related = [each for each in self._known() if same_repository(each.target, display(target))]
        may_be_open = [each.id for each in related if each.damaged is None and each.is_open]
        for case_id in (*reversed(may_be_open), *self._under_another_name(key)):
            case = self._cases.find(case_id)
            if case.incident.is_open:
                return case, False
        return self._opened_on(target, due, [each.id for each in related]), True

    def _under_another_name(self, key: str) -> Iterator[str]:
        """Give the open case that a sweep told of this repository before it was renamed or moved."""
        if self._by_key is None:
            self._by_key = {
                said: each.id
                for each in self._known()
                if each.is_open and each.damaged is None
                for event in self._cases.find(each.id).events()
                if event.kind == EventKind.SWEEP_RECORDED and (said := event.text("repository"))
            }
        if short(key) in self._by_key:
            yield self._by_key[short(key)]

    def _opened_on(self, target: str, due: Sequence[Due], related: Sequence[str]) -> CaseFolder:
        policies = self._policies
        profiles = (policies.fixed,) if policies.fixed else policies.profiles
        case = self._cases.create(
            OpenRequest(
                target=target,
                found_by=FOUND_BY,
                discovered_at=min(each.found_at for each in due),
                policy=policies.label,
                thresholds=tuple((each.name, each.threshold) for each in profiles),
                tool_version=breachkit.__version__,
                related=tuple(related),
                is_draft=True,
            )
        )
        self._summaries.append(
            CaseSummary(
                id=case.incident.id,
                codename=case.incident.codename,
                folder=case.path.name,
                kind=case.incident.kind,
                target=case.incident.shown_target,
                opened_at=case.incident.opened_at,
                is_open=True,
                damaged=None,
                is_draft=True,
            )
        )
        self._folders |= {case.path.name}
        return case

    def _record(self, case: CaseFolder, key: str, due: Sequence[Due]) -> None:
        """Write down what was found when, once for each sweep that found something."""
        if self._contacts is not None and case.incident.profile is None and case.incident.is_draft:
            choose_contacts(case, self._contacts, self._clock)
        known = {
            event.text("found_at")
            for event in case.events()
            if event.kind == EventKind.SWEEP_RECORDED
        }
        moments = sorted({each.found_at for each in due})
        for moment in moments:
            if rfc3339(moment) not in known:
                case.record(EventKind.SWEEP_RECORDED, _detail(moment, key, due))

    def _known(self) -> Sequence[CaseSummary]:
        """Give every case; read anew only where there is one more, or one less."""
        folders = frozenset(path.name for path in self._cases.home.glob("BK-*"))
        if folders != self._folders:
            self._summaries, self._folders = list(self._cases.list()), folders
        return self._summaries


def _detail(moment: datetime, key: str, due: Sequence[Due]) -> dict[str, object]:
    found = [each for each in due if each.found_at == moment]
    return {
        "found_at": rfc3339(moment),
        "repository": short(key),
        "new": len(found),
        "worst": max(each.seen.severity for each in found).label,
        "rules": dict(sorted(Counter(each.seen.rule for each in found).items())),
    }
