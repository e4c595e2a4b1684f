"""Write a report of a case: gather what is known, choose the words, and hand both to one audience's form.

Reading only: no entry is written, and a case whose folder cannot be written to can be reported on. What
cannot be read is a gap that the report names, and does not keep the report away.
"""

import enum
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

import breachkit
from breachkit.actions.bad_set import BadSet
from breachkit.actions.notify import notices_from
from breachkit.actions.whereabouts import Whereabouts, trace_refs
from breachkit.git.whereabouts import read_commits, read_default_branch, read_ref_notes
from breachkit.incident.decisions import decisions_of
from breachkit.incident.events import EventKind
from breachkit.incident.folder import CaseFolder
from breachkit.incident.states import Action, missing
from breachkit.model.errors import BreachkitError
from breachkit.model.time import Clock
from breachkit.report.incident_document import Document, day, month
from breachkit.report.incident_dpo import for_dpo
from breachkit.report.incident_facts import CaseFacts, Integrity
from breachkit.report.incident_internal import TLP, internal
from breachkit.report.incident_public import lint, public
from breachkit.report.incident_texts import Texts
from breachkit.report.incident_words import for_review
from breachkit.report.mail_template import fill
from breachkit.report.masking import Masking
from breachkit.report.words import counted
from breachkit.workflows import case_files, report_files
from breachkit.workflows.details import Details, details_of
from breachkit.workflows.next_action import next_action
from breachkit.workflows.notify import current_contacts
from breachkit.workflows.playbooks import NoSuchPlaybookError, lineage, playbook_of, read_text
from breachkit.workflows.trace import load_register


GENERIC = "generic"
"""The shipped playbook whose words stand in where another has none."""

T = TypeVar("T")


class Audience(enum.StrEnum):
    """Who reads a report."""

    INTERNAL = "internal"
    DPO = "dpo"
    PUBLIC = "public"
    REVIEW = "review"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was written."""

    facts: CaseFacts
    document: Document | None
    """None for the form of the review, which is a text."""
    text: str = ""
    """The form of the review, as Markdown."""
    gaps: tuple[str, ...] = ()
    """What could not be read, in words."""


def report(
    case: CaseFolder,
    audience: Audience,
    clock: Clock,
    *,
    exact_dates: bool = False,
) -> Report:
    """Write a report of a case as it stands.

    Args:
        case: Which.
        audience: For whom.
        clock: Tells the moment of the report.
        exact_dates: Whether a public summary may say days; months otherwise.

    Raises:
        JournalDamagedError: the journal does not hold, so nothing can be said.
        LintError: a public summary could disclose something.
        TemplateRefusedError: words of the playbook are wrong.
    """
    gaps = Gaps()
    sources = _texts(case, audience, gaps)
    facts = gather(case, clock, gaps)
    if audience is Audience.REVIEW:
        text = fill(sources[0], f"report/{_FILES[audience]}", for_review(facts, TLP))
        return Report(facts=facts, document=None, text=text, gaps=gaps.told)
    texts = Texts(f"report/{_FILES[audience]}", *sources)
    document = _document(audience, facts, texts, exact_dates=exact_dates)
    if audience is Audience.PUBLIC:
        lint(document, facts, own_words=" ".join(sources), exact=exact_dates)
    return Report(facts=facts, document=document, gaps=gaps.told)


def _document(audience: Audience, facts: CaseFacts, texts: Texts, *, exact_dates: bool) -> Document:
    if audience is Audience.PUBLIC:
        return public(facts, texts, day if exact_dates else month)
    return (for_dpo if audience is Audience.DPO else internal)(facts, texts)


_FILES = {
    Audience.INTERNAL: "internal.txt.j2",
    Audience.DPO: "dpo.txt.j2",
    Audience.PUBLIC: "public.txt.j2",
    Audience.REVIEW: "review.md.j2",
}


def _texts(case: CaseFolder, audience: Audience, gaps: "Gaps") -> Sequence[str]:
    """Give the words of the case's playbook, then of those it extends, then the shipped ones."""

    def line() -> tuple[str, ...]:
        return lineage(playbook_of(case.incident.profile))

    found: list[str] = []
    for each in dict.fromkeys([*gaps.at("the case's playbook", line, _NO_NAMES), GENERIC]):
        try:
            found.append(read_text(f"report/{_FILES[audience]}", each))
        except NoSuchPlaybookError:
            continue
    return tuple(dict.fromkeys(found))


class Gaps:
    """Remembers what could not be read."""

    def __init__(self) -> None:
        self._told: list[str] = []

    @property
    def told(self) -> tuple[str, ...]:
        """What could not be read, in words."""
        return tuple(self._told)

    def at(self, what: str, read: Callable[[], T], otherwise: T) -> T:
        """Give what `read` gives; where it fails, note that and give `otherwise`."""
        try:
            return read()
        except (BreachkitError, OSError, ValueError, KeyError, TypeError) as cause:
            said = str(cause) if isinstance(cause, BreachkitError) else type(cause).__name__
            self._told.append(f"{what} could not be read: {said}")
            return otherwise


_NO_NAMES: tuple[str, ...] = ()
_NOTHING_CLOSED: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())


def gather(case: CaseFolder, clock: Clock, gaps: Gaps) -> CaseFacts:
    """Bring together everything that a report may draw on."""
    incident, events = case.incident, case.events()
    names = gaps.at("names that tell", lambda: case_files.telling_names(case), frozenset[bytes]())
    bad = gaps.at("the scope", lambda: _bad_set(case), None)
    where, where_gap = _where(case, bad, gaps)
    closed, lost = gaps.at("what was closed", lambda: report_files.closed(case), _NOTHING_CLOSED)
    return CaseFacts(
        incident=incident,
        now=clock.now(),
        tool_version=breachkit.__version__,
        events=events,
        said=_said(case, gaps),
        bad=bad,
        findings=gaps.at("the scan", lambda: report_files.findings(case, bad), None),
        masking=Masking.of_names(names),
        where=where,
        where_gap=where_gap,
        steps_closed=closed,
        steps_lost=lost,
        register=gaps.at("the register of copies", lambda: load_register(case), ()),
        notices=notices_from(events),
        decisions=decisions_of(events),
        looked=report_files.looked(events),
        ways=gaps.at("what the platform answered", lambda: report_files.ways(case), ()),
        traffic=gaps.at("the traffic", lambda: report_files.traffic(case), None),
        seen=gaps.at("the first snapshot", lambda: report_files.seen(case), None),
        contacts=gaps.at("the contacts", lambda: current_contacts(case), None),
        integrity=_integrity(case),
        open_guards=tuple(guard.missing for guard in missing(incident, Action.CLOSE)),
        next_command=next_action(incident).command,
        gaps=gaps.told,
    )


def _said(case: CaseFolder, gaps: Gaps) -> Mapping[str, object]:
    details = gaps.at("what people said", lambda: details_of(case), Details())
    known = {key: value for key, value in asdict(details).items() if value is not None}
    return {**case.incident.said, **known}


def _bad_set(case: CaseFolder) -> BadSet | None:
    has = case.has_file(f"private/{case_files.BAD_SET}")
    return case_files.load_bad_set(case) if has else None


def _where(case: CaseFolder, bad: BadSet | None, gaps: Gaps) -> tuple[Whereabouts | None, str]:
    """Follow the refs of the mirror, as it was before the rewrite."""
    if bad is None:
        return None, "Where the data sat is not known yet: the history was not searched."
    if not bad.blobs:
        return None, "No file had to go, so there is nothing to follow from commit to commit."
    mirror = case.private / case_files.MIRROR if (case.path / "private").is_dir() else None
    if mirror is None or not mirror.is_dir():
        return None, "The private mirror is gone, so the refs of that time cannot be drawn."
    found = gaps.at("the private mirror", lambda: _traced(mirror, bad), None)
    return found, "" if found else "The private mirror could not be read."


def _traced(mirror: Path, bad: BadSet) -> Whereabouts:
    return trace_refs(
        read_commits(mirror, bad.ids),
        read_ref_notes(mirror, bad.ids),
        default=read_default_branch(mirror),
    )


def _integrity(case: CaseFolder) -> Integrity:
    found = case.verify()
    messages = sum(notice.sent_at is not None for notice in notices_from(case.events()))
    stamps = sum(event.known_kind is EventKind.STAMP_RECORDED for event in case.events())
    anchors = (
        f"{counted(messages, 'message')} that left" if messages else "",
        counted(stamps, "time stamp") if stamps else "",
    )
    return Integrity(
        head=case.incident.head,
        entries=found.entries,
        holds=found.ok,
        anchors=tuple(filter(None, anchors)),
    )
