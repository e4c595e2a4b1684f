"""The check of a release for a person at a terminal: the checklist first, then findings by file.

Plain lines with the names of styles; what draws them knows a terminal. Everything that somebody
chose is escaped. It shows no digests and no object ids.
"""

from collections.abc import Iterator, Sequence

from breachkit.actions.release_checks import CheckResult, Concern, ItemResult, Outcome
from breachkit.actions.release_checks_rules import BY_PERSON
from breachkit.detect.rule import About
from breachkit.model.findings import Accepted, Severity
from breachkit.model.records import dataclass
from breachkit.report import check_words, escape, words
from breachkit.report.colours import ALARM, AMBER, GOOD, RED, SEVERITIES, STRONG
from breachkit.report.grouping import FileGroup, by_file
from breachkit.report.masking import Masking
from breachkit.report.terminal import Screen


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A paragraph of a screen."""

    text: str = ""
    style: str = ""
    """As rich knows them; empty for none."""
    label: str = ""
    """What stands left of it, on its first line."""
    label_style: str = ""
    indent: int = 0
    """How far from the left the paragraph stands."""


_STYLES = {Outcome.FAIL: RED, Outcome.PERSON: AMBER, Outcome.PASS: GOOD}
_INDENT = 8
_FINDING = 10
_MOST_CONCERNS = 3
_MOST_FILES = 3
_MOST_GROUPS = 10
_MOST_NAMES = 3
_EVERYTHING = 10**9


def screen(result: CheckResult, about: Sequence[About], *, verbose: bool = False) -> Iterator[Line]:
    """Give the lines of the report.

    Args:
        result: What the check said.
        about: What the rules say about themselves.
        verbose: Every file, every reason, the source of each item, remarks for information.
    """
    yield from _Screen(result, about, verbose=verbose).lines()


class _Screen:
    """One report on its way to one screen."""

    def __init__(self, result: CheckResult, about: Sequence[About], *, verbose: bool) -> None:
        self._result = result
        self._about = {each.id: each for each in about}
        self._verbose = verbose
        self._masking = Masking.of(result.scan)

    def lines(self) -> Iterator[Line]:
        result = self._result
        style = ALARM if not result.passes else AMBER if result.waits_for_person else f"{STRONG} {GOOD}"  # fmt: skip
        yield Line(text=check_words.verdict(result), style=style)
        target = self._show(result.scan.target)
        told = f"{target}: {check_words.looked_at(result)}, {check_words.seconds(result)}"
        yield Line(text=f"breachkit checked {told}", style="dim")
        if self._verbose:
            yield Line(text=self._show(check_words.policy(result)), style="dim")
        yield Line()
        for outcome in (Outcome.FAIL, Outcome.PERSON, Outcome.PASS):
            for item in result.with_outcome(outcome):
                yield from self._item(item)
        yield from self._findings()
        yield from self._set_aside()
        yield from self._skipped()

    def _show(self, name: bytes | str) -> str:
        masked = self._masking.text(name) if isinstance(name, str) else self._masking.mask(name)
        return escape.terminal(masked)

    def _most(self, number: int) -> int:
        return _EVERYTHING if self._verbose else number

    # --- The checklist ---------------------------------------------------------------------------

    def _item(self, item: ItemResult) -> Iterator[Line]:
        outcome = item.outcome
        note = f" ({self._show(item.note)})" if item.note else ""
        yield Line(
            text=f"{self._show(item.item.title)}{note}",
            style="" if outcome is Outcome.PASS else "bold",
            label=f" {check_words.LABELS[outcome]} ",
            label_style=_STYLES[outcome],
            indent=_INDENT,
        )
        yield from self._reasons(item)
        for group in check_words.alike([each for each in item.concerns if not each.is_open]):
            yield from self._settled(group)
        if outcome is not Outcome.PASS:
            yield from self._remedy(item)
        if self._verbose:
            yield Line(text=self._show(check_words.source(item)), style="dim", indent=_INDENT)

    def _reasons(self, item: ItemResult) -> Iterator[Line]:
        groups = check_words.alike(item.open)
        most = self._most(_MOST_CONCERNS)
        if item.item.id in BY_PERSON and not self._verbose:
            return  # the question says it all
        for group in groups[:most]:
            ids = check_words.ids(group)
            told = f"{self._show(group[0].what)}{f' ({ids})' if ids else ''}"
            yield Line(text=self._with_files(told, group), indent=_INDENT)
        if len(groups) > most:
            more = words.counted(len(groups) - most, "other reason")
            yield Line(text=f"and {more}: -v", indent=_INDENT)

    def _with_files(self, told: str, group: Sequence[Concern]) -> str:
        about = check_words.about(group, self._show, most=self._most(_MOST_FILES))
        return f"{told}: {about}" if about else told

    def _settled(self, group: Sequence[Concern]) -> Iterator[Line]:
        if group[0].answer is not None:
            said = check_words.answer(group[0].answer, self._show)
            yield Line(text=self._with_files(said, group), style="green", indent=_INDENT)

    def _remedy(self, item: ItemResult) -> Iterator[Line]:
        yield Line(text=f"-> {self._show(item.item.remedy)}", style="dim", indent=_INDENT)
        if how := check_words.how_to_answer(item):
            yield Line(text=f"   {how}", style="dim", indent=_INDENT)

    # --- Findings --------------------------------------------------------------------------------

    def _findings(self) -> Iterator[Line]:
        findings = self._result.scan.findings
        told = [each for each in findings if self._verbose or each.hit.severity > Severity.INFO]
        groups = by_file(told)
        most = self._most(_MOST_GROUPS)
        if groups:
            yield Line()
            yield Line(text="Findings, file by file", style="bold")
        for group in groups[:most]:
            yield from self._file(group)
        if groups[most:]:
            more = words.counted(len(groups) - most, "other file")
            yield Line(text=f"And {more}: -v, or --format json, markdown or html", indent=1)
        if groups:
            yield Line()
            yield Line(
                text="Rows are counted from 1, below the header. What may stay can be accepted by name: breachkit accept --help",
                style="dim",
            )

    def _file(self, group: FileGroup) -> Iterator[Line]:
        yield Line()
        badge = f" {group.severity.label.upper()} "
        yield Line(
            text=self._show(group.path or b""),
            style="bold",
            label=badge,
            label_style=SEVERITIES[group.severity],
            indent=len(badge) + 1,
        )
        for rule in group.rules:
            hit = rule.told.hit
            title = self._about[hit.rule].title if hit.rule in self._about else hit.rule
            where = words.where(hit.location, self._show)
            others = f" and {len(rule.findings) - 1:,} more" if len(rule.findings) > 1 else ""
            text = "; ".join(filter(None, (f"{title}: {self._show(hit.message)}", where, rule.told.id + others)))  # fmt: skip
            yield Line(text=text, label=f"  {hit.rule}", label_style="dim", indent=_FINDING)

    # --- What does not count, and what was not read ------------------------------------------------

    def _set_aside(self) -> Iterator[Line]:
        scan = self._result.scan
        said = [self._show(each) for each in check_words.answers_left(self._result)]
        said += [
            f"{each.finding.id} was accepted once, and counts again: {self._show(each.why)}"
            for each in scan.lapsed
        ]
        if said:
            yield Line()
            yield Line(text="Said before, and not heeded", style="bold")
            yield from (Line(text=each, indent=1) for each in said)
        if scan.accepted:
            yield Line()
            yield Line(text="Accepted, and not counted", style="bold")
            yield from (Line(text=self._accepted(each), indent=1) for each in scan.accepted)

    def _accepted(self, each: Accepted) -> str:
        path = next(iter(each.finding.attribution.paths), b"")
        said = self._show(words.acceptance(each.acceptance))
        return f"{self._show(path)}: {each.finding.hit.rule} ({each.finding.hit.severity.label}), {said}"  # fmt: skip

    def _skipped(self) -> Iterator[Line]:
        reasons = words.reasons(self._result.scan.skipped)
        if not reasons:
            return
        yield Line()
        yield Line(text="Not examined, so not known to be clean", style="bold")
        for reason, skipped in reasons:
            paths = [path for path, _ in words.versions(skipped)]
            named = check_words.files(paths, self._show, most=self._most(_MOST_NAMES))
            yield Line(text=f"{len(skipped):,} x {self._show(reason)}", indent=1)
            if named:
                yield Line(text=named, indent=4)


def print_check(
    result: CheckResult, to: Screen, about: Sequence[About], *, verbose: bool = False
) -> None:
    """Print the report; see `screen`."""
    for line in screen(result, about, verbose=verbose):
        if line.text:
            to.line(
                (line.text, line.style), indent=line.indent, label=(line.label, line.label_style)
            )
        else:
            to.blank()
