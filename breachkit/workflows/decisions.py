"""Writing down what people decided: who, as whom, why. Nothing is decided here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from breachkit.actions.assessment import cell
from breachkit.actions.playbook_assessment import Dspt
from breachkit.incident.assessing import is_informed, still_open
from breachkit.incident.case import Incident
from breachkit.incident.decisions import Decision, decisions_of, latest
from breachkit.incident.events import Event, EventKind
from breachkit.incident.folder import CaseFolder
from breachkit.incident.guards import Action
from breachkit.incident.matters import APPROVED, MATTERS, NOT_APPROVED, Matter
from breachkit.model.errors import RefusedError, UsageError
from breachkit.model.ids import display
from breachkit.model.meant import meant
from breachkit.model.time import Clock, rfc3339
from breachkit.report.decisions import Dismissal, Overview, Standing
from breachkit.workflows import case_files
from breachkit.workflows.answerable import require_another
from breachkit.workflows.assessment import load_assessment
from breachkit.workflows.held import still_held
from breachkit.workflows.playbooks import playbook_of


class DecisionError(UsageError):
    """What was to be written down is no decision: something that belongs to it is missing."""


class StillThereError(RefusedError):
    """What is said to be destroyed is still on this machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What somebody decided."""

    about: str
    """One of `incident.matters.MATTERS`."""
    answer: str | None
    by: str
    reason: str
    role: str = ""
    finding: str | None = None
    effect: int | None = None
    likelihood: int | None = None
    reference: str | None = None
    """Of the ICO, which it gives when it is told first."""
    delay: str | None = None
    """Why the ICO is told later than 72 hours after awareness."""


def decide(case: CaseFolder, word: Word, clock: Clock, *, folder: Path | None = None) -> Event:
    """Write down a decision.

    Args:
        case: About which.
        word: Who decided what, and why.
        clock: Whether a deadline is over, and whether a day lies ahead.
        folder: Playbooks of the caller's own.

    Raises:
        DecisionError: no such matter or answer, or a name, a reason or another part is missing.
        NoSuchGradeError: the organisation's table has no such effect or likelihood.
        StillThereError: what holds the data is said to be destroyed and is there.
    """
    matter = _matter(word)
    word = replace(word, by=_needed(word.by, "--by NAME: who decided it"))
    _needed(word.reason, "--reason: why, so that it can be understood later")
    more = _MORE.get(word.about, _nothing_more)(case, word, clock, folder)
    answer = _answer(matter, word, more.pop("answer", None), clock)
    detail = {
        "about": word.about,
        "answer": answer,
        "decider": word.by,
        "role": word.role.strip(),
        "reason": word.reason.strip(),
        **more,
    }
    refs = [each for each in (more.get("finding"), more.get("first")) if each]
    return case.record(EventKind.DECISION, detail, refs=refs)


def approve(
    case: CaseFolder,
    action: Action,
    *,
    by: str,
    reason: str,
    is_approved: bool = True,
    role: str = "",
) -> Event:
    """Write down that a second person lets a push or the way back pass, or does not.

    It counts for what stands now: another rewrite needs another word.

    Raises:
        DecisionError: a name or a reason is missing.
        SamePersonError: it is whoever is at the keyboard, or does the clean-up.
    """
    name = _needed(by, "--by NAME: who approves")
    _needed(reason, "--reason: what was looked at")
    require_another(case, name)
    return case.record(
        EventKind.DECISION,
        {
            "about": f"approve-{action}",
            "answer": APPROVED if is_approved else NOT_APPROVED,
            "decider": name,
            "role": role.strip(),
            "reason": reason.strip(),
        },
    )


def overview(case: CaseFolder, *, folder: Path | None = None) -> Overview:
    """Give every matter with what was decided, and what is open.

    Args:
        case: Of which.
        folder: Playbooks of the caller's own.
    """
    incident = case.incident
    history = decisions_of(case.events())
    wanted = set(still_open(incident))
    asked = _questions(incident, folder)
    table = _table(incident, folder)
    return Overview(
        standing=tuple(
            Standing(
                matter=replace(matter, question=asked.get(about, matter.question)),
                decision=incident.decisions.get(about),
                is_open=about in wanted,
            )
            for about, matter in MATTERS.items()
            if about != "finding"
        ),
        findings=_dismissals(case, history),
        history=history,
        is_informed=is_informed(incident),
        severity=incident.severity,
        table=_table_in_words(table),
        has_grades=_has_grades(table),
    )


def _questions(incident: Incident, folder: Path | None) -> Mapping[str, str]:
    """Give the questions in the words of the organisation, where it has words of its own."""
    asked = load_assessment(playbook_of(incident.profile, folder=folder), folder=folder)
    return {each.about: each.text for each in asked.questions} if asked else {}


def _has_grades(table: Dspt | None) -> bool:
    return table is not None and bool(table.effects and table.likelihoods)


def _table_in_words(table: Dspt | None) -> str:
    return f"{table.rule} ({table.source}, {table.version})" if table else ""


def _matter(word: Word) -> Matter:
    matter = MATTERS.get(word.about)
    if matter is None:
        raise DecisionError(
            f"{display(word.about)} is nothing that is decided: choose {', '.join(MATTERS)}."
            f"{meant(word.about, MATTERS)}"
        )
    return matter


def _needed(text: str | None, what: str) -> str:
    if text is None or not text.strip():
        raise DecisionError(f"it lacks {what}")
    return text.strip()


def _answer(matter: Matter, word: Word, made: Any, clock: Clock) -> str:
    """Give the answer as the journal keeps it: one of those there are, a day, or free words."""
    if made is not None:
        return str(made)
    given = (word.answer or "").strip()
    if given in matter.answers:
        return given
    if matter.is_day_too and (day := _day(given)) is not None:
        if day < clock.now().date():
            raise DecisionError(f"{given} is over: give a day that is to come")
        return given
    if given and not matter.answers:
        return given
    choices = [*matter.answers, *(["a day such as 2026-03-12"] if matter.is_day_too else [])]
    if matter.takes:
        choices.append(matter.takes)
    raise DecisionError(f"{matter.question} Answer with --answer: {', '.join(choices)}")


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


More = Callable[[CaseFolder, Word, Clock, Path | None], dict[str, Any]]


def _nothing_more(
    _case: CaseFolder, _word: Word, _clock: Clock, _folder: Path | None
) -> dict[str, Any]:
    return {}


def _grade(case: CaseFolder, word: Word, _clock: Clock, folder: Path | None) -> dict[str, Any]:
    """Compute the cell of the organisation's table; without a table the answer stays a text."""
    table = _table(case.incident, folder)
    graded = _has_grades(table)
    if word.effect is None and word.likelihood is None:
        return {} if graded or not (word.answer or "").strip() else {"answer": word.answer}
    if word.effect is None or word.likelihood is None:
        raise DecisionError("it lacks the other half: give --effect and --likelihood")
    if table is None or not graded:
        raise DecisionError("this playbook has no table: write the grading as --answer TEXT")
    found = cell(table, word.effect, word.likelihood)
    return {
        "answer": found.name,
        "effect": found.effect.grade,
        "likelihood": found.likelihood.grade,
        "table_version": table.version,
        "table_source": table.source,
    }


def _table(incident: Incident, folder: Path | None) -> Dspt | None:
    asked = load_assessment(playbook_of(incident.profile, folder=folder), folder=folder)
    return asked.dspt if asked else None


def _report(case: CaseFolder, word: Word, clock: Clock, _folder: Path | None) -> dict[str, Any]:
    return _delay(case.incident, word, clock.now()) if word.answer == "yes" else {}


def _tell(case: CaseFolder, word: Word, clock: Clock, _folder: Path | None) -> dict[str, Any]:
    """Tie what the ICO is told later to what it was told first (Article 33(4))."""
    told = [each for each in decisions_of(case.events()) if each.about == "ico-told"]
    first = next((each for each in reversed(told) if each.answer == "initial"), None)
    if word.answer != "follow-up":
        kept = {"reference": word.reference.strip()} if word.reference else {}
        return kept | _delay(case.incident, word, clock.now())
    if first is None:
        raise DecisionError("nothing was told before: the first time is --answer initial")
    known = next((each.text("reference") for each in told if each.text("reference")), "")
    reference = _needed(word.reference or known, "--reference: the number that the ICO gave")
    if known and reference != known:
        raise DecisionError(f"the ICO's reference is {display(known)} in this case: use that")
    return {"reference": reference, "first": f"ev-{first.seq:04d}"}


def _delay(incident: Incident, word: Word, now: datetime) -> dict[str, Any]:
    """Keep the reasons for a delay, which have to be given once the 72 hours are over."""
    given = (word.delay or "").strip()
    said = incident.decisions.get("ico-report")
    if not given and now > incident.deadline and not (said and said.text("delay")):
        raise DecisionError(
            f"the 72 hours ended at {rfc3339(incident.deadline)}: it lacks --delay, the reasons for "
            "being late (Article 33(1))"
        )
    return {"delay": given} if given else {}


def _finding(case: CaseFolder, word: Word, _clock: Clock, _folder: Path | None) -> dict[str, Any]:
    """Name the finding so that it is known again in another scan, where it has another number."""
    wanted = _needed(word.finding, "--finding F-0001: which").upper()
    found = finding_of(case, wanted)
    return {
        "finding": wanted,
        "rule": str(found.get("rule")),
        "finding_hmac_sha256": _same(case, found),
    }


def finding_of(case: CaseFolder, number: str) -> Mapping[str, Any]:
    """Give a finding of a case's scope, as the scan wrote it.

    Args:
        case: The case.
        number: Such as `F-0001`.

    Raises:
        DecisionError: the scope has none of that number.
    """
    for each in _scanned(case):
        if each.get("id") == number:
            return each
    raise DecisionError(
        f"the scan of this case has no finding {display(number)}: `breachkit scope` shows them"
    )


def _scanned(case: CaseFolder) -> list[Mapping[str, Any]]:
    if not case.has_file(f"private/{case_files.SCAN}"):
        return []
    return case_files.load(case, case_files.SCAN, lambda data: list(data["findings"]), "scope")


def _same(case: CaseFolder, finding: Mapping[str, Any]) -> str:
    """Give what two scans know a finding by, keyed: an object id alone would confirm a guess."""
    parts = [str(finding.get(key)) for key in ("rule", "blob", "path")]
    return case_files.fingerprint(case, "\0".join(parts))


def _dismissals(case: CaseFolder, history: tuple[Decision, ...]) -> tuple[Dismissal, ...]:
    about = [each for each in history if each.about == "finding"]
    last = {each.text("finding_hmac_sha256"): each for each in about}
    if not last:
        return ()
    now: dict[str, list[str]] = {}
    for each in _scanned(case):
        now.setdefault(_same(case, each), []).append(str(each.get("id")))
    return tuple(
        Dismissal(decision=decision, found_as=tuple(now.get(key, ())))
        for key, decision in last.items()
    )


def _retain(case: CaseFolder, word: Word, _clock: Clock, _folder: Path | None) -> dict[str, Any]:
    if word.answer != "destroyed":
        return {}
    if there := still_held(case):
        names = ", ".join(display(str(each)) for each in there)
        raise StillThereError(
            f"what holds the data is still on this machine: {names}; delete it, then say so again"
        )
    if EventKind.BACKUP_MADE in case.incident.latest:
        case.record(EventKind.BACKUP_DESTROYED, {"file": f"private/{case_files.BACKUP_FILE}"})
    return {}


_MORE: Mapping[str, More] = {
    "dspt": _grade,
    "ico-report": _report,
    "ico-told": _tell,
    "finding": _finding,
    "retention": _retain,
}
"""What a matter needs beside its answer."""


def decided(case: CaseFolder, about: str) -> Decision | None:
    """Give what was decided last about a matter, in the whole of the case."""
    return latest(decisions_of(case.events()), about)
