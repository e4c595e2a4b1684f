"""A scan result for a person at a terminal.

The only report that draws: with colours where the terminal has them, as plain text in a pipe.
Everything a repository could choose is escaped and never read as markup. It shows no object ids:
a terminal is copied into chats and tickets. The severity is always a word, never only a colour.
"""

from collections.abc import Sequence
from typing import IO

from rich.console import Console
from rich.text import Text

from breachkit.detect.rule import About
from breachkit.model.findings import ScanResult, Severity
from breachkit.report import escape, words
from breachkit.report.grouping import FileGroup, RuleGroup, by_file
from breachkit.report.masking import Masking


Part = str | tuple[str, str]

MOST_FILES = 10
_MOST_NAMES = 3
_MOST_EXAMPLES = 3
_MOST_REASONS = 10
_LONGEST_NAME = 300

_STYLES = {
    Severity.CRITICAL: "bold white on red",
    Severity.HIGH: "bold red",
    Severity.MEDIUM: "bold yellow",
    Severity.LOW: "cyan",
    Severity.INFO: "dim",
}
_BY_HAND = (
    "Somebody who may see the data has to look at these; a clone that lacks some has to fetch them."
)
_NAMELESS = "(messages of commits and tags, objects without a name)"
_VERDICT_STYLES = {"findings": "bold red", "incomplete": "bold yellow", "clean": "bold green"}


def make_console(stream: IO[str], *, width: int | None = None) -> Console:
    """Give a console that prints text as it is: no markup, no emoji codes, no highlighting.

    Colours follow the stream and `NO_COLOR`, `FORCE_COLOR` and `TERM`. Where the encoding of the
    stream lacks a character, its escape is printed instead of failing.
    """
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")
    return Console(file=stream, width=width, markup=False, emoji=False, highlight=False)


def print_scan(
    result: ScanResult,
    console: Console,
    about: Sequence[About],
    *,
    most_files: int = MOST_FILES,
) -> None:
    """Print the verdict, then what was found, then what was looked at, then what comes next.

    Args:
        result: What the scan said.
        console: As made by `make_console`.
        about: What the rules say about themselves; a rule that is not among them is shown by id.
        most_files: How many files are shown, the worst ones; the rest is counted.
    """
    _ScanReport(result, console, about).print(most_files)


class _ScanReport:
    """One report on its way to one console."""

    def __init__(self, result: ScanResult, console: Console, about: Sequence[About]) -> None:
        self._result = result
        self._console = console
        self._about = {each.id: each for each in about}
        self._masking = Masking.of(result)

    def print(self, most_files: int) -> None:
        groups = by_file(self._result.findings)
        self._verdict()
        for group in groups[:most_files]:
            self._file(group)
        self._rest(groups[most_files:])
        self._remedies()
        self._skipped()
        self._coverage()
        self._next()

    def _show(self, name: bytes | str) -> str:
        """Escape a name for a terminal, shortened in its middle where it would fill the screen."""
        masked = self._masking.text(name) if isinstance(name, str) else self._masking.mask(name)
        shown = escape.terminal(masked)
        if len(shown) <= _LONGEST_NAME:
            return shown
        half = _LONGEST_NAME // 2
        return f"{shown[:half]} [... {len(shown) - 2 * half:,} characters ...] {shown[-half:]}"

    def _line(self, *parts: Part, indent: int = 0, label: str = "") -> None:
        """Print a paragraph, wrapped between words, its later lines under its first.

        Args:
            parts: Text, or text with its style.
            indent: How far from the left the paragraph stands.
            label: What stands left of it on its first line.
        """
        lead = Text.assemble((label.ljust(indent), "dim"))
        paragraph = Text.assemble(*parts, overflow="fold")
        for line in paragraph.wrap(self._console, max(self._console.width - indent, 20)):
            line.rstrip()
            self._console.print(lead + line, soft_wrap=True)
            lead = Text(" " * indent)

    def _name(self, *parts: Part) -> None:
        """Print a line with a name in it, unbroken, so that it can be copied and searched."""
        self._console.print(Text.assemble(*parts), soft_wrap=True)

    def _heading(self, heading: str) -> None:
        self._console.print()
        self._line((heading, "bold"))

    def _verdict(self) -> None:
        self._line((words.verdict(self._result), _VERDICT_STYLES[self._result.verdict]))
        gaps = words.unexamined(self._result)
        if self._result.verdict == "findings" and gaps:
            self._line(("Also INCOMPLETE: ", _VERDICT_STYLES["incomplete"]), gaps)
        target = escape.terminal(self._masking.target(self._result.target))
        self._name(("breachkit scanned ", "dim"), target)

    def _file(self, group: FileGroup) -> None:
        self._console.print()
        name = _NAMELESS if group.path is None else self._show(group.path)
        badge = (f" {group.severity.label.upper()} ", _STYLES[group.severity])
        self._name(badge, " ", (name, "bold"))
        others = group.other_paths
        for other in others[:_MOST_NAMES]:
            self._name("  also named ", self._show(other))
        if len(others) > _MOST_NAMES:
            self._line(f"and {words.counted(len(others) - _MOST_NAMES, 'other name')}", indent=2)
        places = [self._place(rule) for rule in group.rules if rule.severity] or [
            self._place(group.rules[0])
        ]
        is_shared = all(place == places[0] for place in places)
        if is_shared:
            self._details(places[0], indent=2)
        for rule in group.rules:
            self._rule(rule, has_place=not is_shared)

    def _rule(self, group: RuleGroup, *, has_place: bool) -> None:
        hit = group.easiest.hit
        severity = (group.severity.label, _STYLES[group.severity])
        self._line((hit.rule, "bold"), " ", severity, f": {self._title(hit.rule)}", indent=2)
        if group.severity is Severity.INFO:
            return
        details = {
            "what": escape.terminal(self._masking.text(hit.message)),
            "where": words.where(hit.location, self._show),
            "versions": self._versions(group),
        }
        self._details(details | (self._place(group) if has_place else {}), indent=4)

    def _place(self, group: RuleGroup) -> dict[str, str]:
        place = group.easiest.attribution
        return {"now": words.reach(place, self._show), "when": words.when(place)}

    def _details(self, details: dict[str, str], *, indent: int) -> None:
        for label, detail in details.items():
            if detail:
                self._line(detail, indent=14, label=" " * indent + label)

    def _versions(self, group: RuleGroup) -> str:
        if len(group.findings) == 1:
            return ""
        since = f", the first since {group.first_date.date()}" if group.first_date else ""
        return f"{len(group.findings):,}{since}; told here: the easiest to reach"

    def _title(self, rule: str) -> str:
        about = self._about.get(rule)
        return about.title if about else "(a rule without a description)"

    def _rest(self, groups: Sequence[FileGroup]) -> None:
        if not groups:
            return
        self._console.print()
        findings = [each for group in groups for rule in group.rules for each in rule.findings]
        self._line(
            (f"And {words.found(findings)}.", "bold"),
            " All of them: --format json, csv or markdown",
        )

    def _remedies(self) -> None:
        known = [self._about[rule] for rule in words.failing(self._result) if rule in self._about]
        if not known:
            return
        self._heading("What to do")
        for rule in known:
            self._line(rule.remedy, indent=11, label=f"  {rule.id}")
        self._line(
            ("Do not repair it by deleting, correcting or reverting the file: ", "bold"),
            "every earlier version stays in the history, one command away.",
            indent=2,
        )
        self._line("Rows are counted from 1, below the header.", indent=2)

    def _skipped(self) -> None:
        if not self._result.skipped:
            return
        self._heading("Not examined, so not known to be clean")
        reasons = words.reasons(self._result.skipped)
        for reason, skipped in reasons[:_MOST_REASONS]:
            self._line(f"{len(skipped):,} x {self._show(reason)}", indent=2)
            names = words.versions(skipped)
            for path, number in names[:_MOST_EXAMPLES]:
                self._name("      ", self._show(path), f" ({number:,} versions)" * (number > 1))
            if len(names) > _MOST_EXAMPLES:
                rest = words.counted(len(names) - _MOST_EXAMPLES, "other name")
                self._line(f"and {rest}", indent=6)
        if len(reasons) > _MOST_REASONS:
            rest = words.counted(len(reasons) - _MOST_REASONS, "other reason")
            self._line(f"and for {rest}: --format json", indent=2)
        self._line(_BY_HAND, indent=2)

    def _coverage(self) -> None:
        self._heading("What was looked at")
        coverage, stats = self._result.coverage, self._result.stats
        kinds = (f"{escape.terminal(kind)} {number:,}" for kind, number in coverage.refs.items())
        rows = {"refs": ", ".join(kinds) or "none"}
        rows |= {f"{kind}s": words.fates(count) for kind, count in coverage.objects.items()}
        if words.left_out(coverage):
            rows["left out"] = words.left_out(coverage)
        rows["content"] = f"{words.size(stats.bytes_examined)} in {stats.seconds:.1f} s"
        rows["policy"] = escape.terminal(words.policy(self._result.policy))
        for label, row in rows.items():
            self._line(row, indent=11, label=f"  {label}")

    def _next(self) -> None:
        """End with what a person sees without scrolling: the outcome and the next command."""
        command, purpose = words.next_step(self._result)
        argument = "" if command.startswith("explain") else f" {self._argument()}"
        outcome = words.verdict(self._result).partition(":")[0]
        self._heading(f"{outcome}, exit code {self._result.exit_code}")
        self._name(("Next: ", "bold"), f"breachkit {command}{argument}")
        self._line(purpose, indent=6)

    def _argument(self) -> str:
        """Give the target as one word of a command line."""
        target = self._masking.target(self._result.target)
        quoted = escape.shell(target.replace("\0", "?"))
        return f"-- {quoted}" if target.startswith("-") else quoted
