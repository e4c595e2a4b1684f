"""What an organisation keeps of a drill: who practised what, when, and what held, on one page.

It is a record of practice, not of competence: it says that no real data were involved, and what a
drill cannot show. Source of the wish: SATRE 2.6.05, "test your incident response through simulation".
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

import breachkit
from breachkit.drill.report import DrillReport, StepResult
from breachkit.drill.stories.story import Story
from breachkit.report import escape, page
from breachkit.report.words import counted


Manner = Literal["narrated", "hands-on"]

_MANNERS = {
    "narrated": "narrated: the program typed the commands, and people read along",
    "hands-on": "hands-on: people typed the commands",
}
NOBODY = "nobody was named"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One step, or one point that was looked at in the end."""

    what: str
    command: str = ""
    """As it was typed; empty where none was."""
    at: datetime | None = None
    """When it began; None where nobody knows."""
    seconds: float | None = None
    held: tuple[str, ...] = ()
    """What was proved, one clause each."""
    failed: tuple[str, ...] = ()
    """What did not go as it must, or is still open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """One drill, for the records."""

    scenario: str
    teaches: str
    manner: Manner
    by: tuple[str, ...]
    """Who took part, as they gave their names."""
    began: datetime
    ended: datetime
    entries: tuple[Entry, ...]
    not_practised: tuple[str, ...]
    score: str = ""
    """Such as `9 of 11 points`; empty where all that counts is whether everything held."""
    version: str = breachkit.__version__

    @property
    def passed(self) -> bool:
        """Whether there was something to look at, and nothing of it failed."""
        return bool(self.entries) and not any(entry.failed for entry in self.entries)


def certificate_of(report: DrillReport, story: Story, by: Sequence[str]) -> Certificate:
    """Give the certificate of a drill that was narrated."""
    return Certificate(
        scenario=story.name,
        teaches=story.teaches,
        manner="narrated",
        by=tuple(by),
        began=report.began,
        ended=report.began + timedelta(seconds=report.seconds),
        entries=tuple(map(_entry, report.steps)),
        not_practised=story.not_practised,
    )


def _entry(step: StepResult) -> Entry:
    return Entry(
        what=step.title,
        command=_typed(step),
        at=step.began,
        seconds=step.seconds,
        held=tuple(check.name for check in step.checks if check.ok),
        failed=tuple(step.failures()),
    )


def _typed(step: StepResult) -> str:
    if step.command is None:
        return ", then ".join(step.recap)
    told = "as it must" if step.code_ok else "which it must not"
    return f"{step.command} (exit code {step.exit_code}, {told})"


def to_markdown(certificate: Certificate) -> str:
    """Give the page as Markdown; every text in it is escaped."""
    return "".join(f"{line}\n" for line in _markdown(certificate))


def to_html(certificate: Certificate) -> str:
    """Give the page as HTML that stands alone and prints on a few sheets; every text is escaped."""
    left_out = "".join(f"<li>{escape.html(one)}</li>" for one in certificate.not_practised)
    steps = page.table(
        ("Step", "Time", "What was done", "What was proved"),
        map(_row, range(1, len(certificate.entries) + 1), certificate.entries),
        widths=(6, 12, 40, 42),
    )
    facts = [f"{name}: {value}" for name, value in _facts(certificate)]
    body = (
        "<h2>Steps</h2>\n",
        steps,
        f"<h2>What was not practised</h2>\n<ul>{left_out}</ul>\n",
    )
    return page.page(_TITLE, [_verdict(certificate), *facts, _HONEST], body)


_TITLE = "Record of a fire drill with breachkit"
_HONEST = (
    "Practice, no real data: people, numbers and repositories were invented, servers ran on one "
    "machine, and nothing reached a network. The commands were the real ones. This page says what "
    "was done; it certifies nobody."
)


def _verdict(certificate: Certificate) -> str:
    failed = sum(bool(entry.failed) for entry in certificate.entries)
    if certificate.passed:
        proofs = sum(len(entry.held) for entry in certificate.entries)
        steps = counted(len(certificate.entries), "step")
        told = f"Passed: {steps} and {counted(proofs, 'proof')}, and all held"
    else:
        told = f"Not passed: {failed} of {len(certificate.entries)} steps did not go as they must"
    return f"{told} ({certificate.score})" if certificate.score else told


def _facts(certificate: Certificate) -> Iterator[tuple[str, str]]:
    began, ended = (each.astimezone(UTC) for each in (certificate.began, certificate.ended))
    yield "Date", f"{began:%A} {began.day} {began:%B %Y}"
    yield "Time", f"{began:%H:%M:%S} to {_until(began, ended)} UTC, {_lasted(ended - began)}"
    yield "Scenario", certificate.scenario
    yield "Teaches", certificate.teaches
    yield "Practised", _MANNERS[certificate.manner]
    yield "Took part", ", ".join(certificate.by) or NOBODY
    yield "Program", f"breachkit {certificate.version}"


def _until(began: datetime, ended: datetime) -> str:
    same_day = began.date() == ended.date()
    return f"{ended:%H:%M:%S}" if same_day else f"{ended:%H:%M:%S} on {ended:%Y-%m-%d}"


def _lasted(lasted: timedelta) -> str:
    minutes, seconds = divmod(round(lasted.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "h"), (minutes, "min"), (seconds, "s"))
    return " ".join(f"{number} {unit}" for number, unit in parts if number) or "less than 1 s"


def _markdown(certificate: Certificate) -> Iterator[str]:
    yield f"# {_TITLE}"
    yield ""
    yield f"**{escape.markdown(_verdict(certificate))}**"
    yield ""
    yield from (f"- {name}: {escape.markdown(value)}" for name, value in _facts(certificate))
    yield ""
    yield _HONEST
    yield ""
    yield "## Steps"
    for number, entry in enumerate(certificate.entries, 1):
        yield ""
        yield from _markdown_entry(number, entry)
    yield ""
    yield "## What was not practised"
    yield ""
    yield from (f"- {escape.markdown(one)}" for one in certificate.not_practised)


def _markdown_entry(number: int, entry: Entry) -> Iterator[str]:
    when = _when(entry)
    yield f"{number}. {escape.markdown(entry.what)}{f' ({when})' if when else ''}"
    if entry.command:
        yield f"   - typed: {escape.markdown(entry.command)}"
    yield from (f"   - proved: {escape.markdown(one)}" for one in entry.held)
    yield from (f"   - **failed: {escape.markdown(one)}**" for one in entry.failed)


def _row(number: int, entry: Entry) -> tuple[str, Sequence[str]]:
    command = f'<span class="how"><code>{escape.html(entry.command)}</code></span>'
    proved = [escape.html(one) for one in entry.held]
    failed = [f'<span class="late">failed: {escape.html(one)}</span>' for one in entry.failed]
    cells = (
        str(number),
        escape.html(_when(entry)),
        escape.html(entry.what) + (command if entry.command else ""),
        "<br>".join((*failed, *proved)),
    )
    return "overdue" if entry.failed else "", cells


def _when(entry: Entry) -> str:
    at = "" if entry.at is None else f"{entry.at.astimezone(UTC):%H:%M:%S}"
    took = "" if entry.seconds is None else f"{entry.seconds:.1f} s"
    return ", ".join(part for part in (at, took) if part)
