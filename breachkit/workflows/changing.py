"""Carries out planned changes on the platform: each journalled, sent, read back, journalled.

Running it again after a crash at any point goes on where the journal ends: a change that was about
to be sent is looked for first, and only sent where the platform does not show it.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from breachkit.actions.hosting import HostedRepository, Hosting, ReadBack, Write
from breachkit.incident.folder import CaseFolder
from breachkit.model.doing import counted, doing
from breachkit.model.errors import AccessError, RefusedError


Family = Literal["restrict", "restore", "lift", "unlift"]
Result = Literal["done", "invited", "refused", "not shown"]
Sleep = Callable[[float], None]

ENDED: frozenset[str] = frozenset({"done", "invited"})
"""Results after which nothing is to do."""

PAUSES_S = (1.0, 2.0, 4.0, 8.0)
"""Between looks at a change that the platform does not show yet: it finishes some in the background."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one change."""

    write: Write
    result: Result
    reason: str = ""
    """In words for the terminal, where it was refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of changes, which may take several commands."""

    case: CaseFolder
    hosting: Hosting
    repository: HostedRepository
    family: Family
    round: int
    """Counted from 1 in each case and family."""
    sleep: Sleep = field(default=time.sleep)

    def carry_out(self, writes: Sequence[Write], first: int = 1) -> tuple[Outcome, ...]:
        """Carry out changes in order, those that are done already left out.

        Args:
            writes: What is to change.
            first: The number of the first of them.

        Raises:
            IncompleteError: no usable answer came: run it again, it goes on from there.
        """
        known = progress(self.case, self.family, self.round)
        with doing("Changing settings") as step:
            return tuple(
                self._one(number, write, known.get(number, ""))
                for number, write in enumerate(counted(writes, step, len(writes)), first)
            )

    def _one(self, number: int, write: Write, known: str) -> Outcome:
        if known in ENDED:
            return Outcome(write=write, result="done" if known == "done" else "invited")
        begun = known == "sending"
        if begun and (shown := self._look(write)) in ENDED:
            return self._ended(number, write, shown)
        if not begun:
            self._journal("sending", number, write)
        try:
            self.hosting.send(write, self.repository)
        except (AccessError, RefusedError) as problem:
            return self._ended(number, write, "refused", str(problem))
        return self._ended(number, write, self._settled(write))

    def _settled(self, write: Write) -> Result:
        for pause in (*PAUSES_S, None):
            shown = self._look(write)
            if shown in ENDED or pause is None:
                return shown
            self.sleep(pause)
        return "not shown"

    def _look(self, write: Write) -> Result:
        match self.hosting.read_back(write, self.repository):
            case ReadBack.DONE:
                return "done"
            case ReadBack.INVITED:
                return "invited"
            case _:
                return "not shown"

    def _ended(self, number: int, write: Write, result: Result, reason: str = "") -> Outcome:
        self._journal("sent", number, write, {"result": result})
        return Outcome(write=write, result=result, reason=reason)

    def _journal(
        self, stage: str, number: int, write: Write, more: Mapping[str, str] | None = None
    ) -> None:
        detail = {"round": self.round, "step": number, "what": str(write.kind)}
        self.case.record(f"{self.family}.{stage}", {**detail, **(more or {})})


def progress(case: CaseFolder, family: Family, number: int) -> dict[int, str]:
    """Say how far each change of a round came, from the journal: a result, or `sending`."""
    known: dict[int, str] = {}
    for event in case.events():
        step = event.number("step")
        if step is None or event.number("round") != number:
            continue
        if event.kind == f"{family}.sending":
            known[step] = "sending"
        elif event.kind == f"{family}.sent":
            known[step] = event.text("result") or ""
    return known
