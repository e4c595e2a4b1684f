"""A scan result for a person at a terminal, who has a minute: the verdict, the worst, what to do.

The only report that draws: with colours where the terminal has them, as plain text in a pipe.
Everything a repository could choose is escaped and never read as markup. It shows no object ids:
a terminal is copied into chats and tickets. The severity is always a word, never only a colour.
"""

from collections.abc import Sequence
from typing import IO

from rich.console import Console
from rich.text import Text

from breachkit.detect.rule import About
from breachkit.incident.commands import as_typed
from breachkit.model.findings import Finding, ScanResult, Severity
from breachkit.report import escape, words
from breachkit.report.colours import ALARM, AMBER, BADGE, STRONG
from breachkit.report.colours import SEVERITIES as STYLES
from breachkit.report.grouping import Alike, FileGroup, RuleGroup, alike, by_file
from breachkit.report.masking import Masking


Part = str | tuple[str, str]

MOST_GROUPS = 10
_MOST_RULES = 3
_MOST_NAMES = 3
_MOST_EXAMPLES = 1
_MOST_REASONS = 6
_MOST_REMEDIES = 3
_FEW = 3
_EVERYTHING = 10**9
_INDENT = 10
_LONGEST_NAME = 300

_BY_HAND = "Somebody who may see the data has to look at these."
_NAMELESS = "(messages of commits and tags, objects without a name)"
_VERDICT_STYLES = {
    "findings": ALARM,
    "incomplete": AMBER,
    "limited": AMBER,
    "clean": "bold green",
}


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
    verbose: bool = False,
    most_groups: int = MOST_GROUPS,
) -> None:
    """Print the verdict, then what was found, then what was looked at, then what comes next.

    Args:
        result: What the scan said.
        console: As made by `make_console`.
        about: What the rules say about themselves; a rule that is not among them is shown by id.
        verbose: Every file, every reason and what is low or for information, one by one.
        most_groups: How many groups of like files are shown otherwise; the rest is counted.
    """
    _ScanReport(result, console, about, verbose=verbose).print(most_groups)


class Screen:
    """Writes paragraphs, names and headings to one console; what is given is safe to show already."""

    def __init__(self, console: Console) -> None:
        """Write to `console`, as made by `make_console`."""
        self._console = console

    def line(self, *parts: Part, indent: int = 0, label: Part = "") -> None:
        """Print a paragraph, wrapped between words, its later lines under its first.

        Args:
            parts: Text, or text with its style.
            indent: How far from the left the paragraph stands.
            label: What stands left of it on its first line; faint, unless a style is given.
        """
        text, style = (label, "dim") if isinstance(label, str) else label
        chip = text[: indent - 1] if text.endswith(" ") else text  # a gap stays before the words
        lead = Text.assemble((chip, style), " " * (indent - len(chip)))
        paragraph = Text.assemble(*parts, overflow="fold")
        for line in paragraph.wrap(self._console, max(self._console.width - indent, 20)):
            line.rstrip()
            self._console.print(lead + line, soft_wrap=True)
            lead = Text(" " * indent)

    def name(self, *parts: Part) -> None:
        """Print a line with a name in it, unbroken, so that it can be copied and searched."""
        self._console.print(Text.assemble(*parts), soft_wrap=True)

    def blank(self) -> None:
        """Leave a line empty."""
        self._console.print()

    def heading(self, heading: str) -> None:
        """Print a heading with room above it."""
        self.blank()
        self.line((heading, "bold"))


class _ScanReport:
    """One report on its way to one console."""

    def __init__(
        self, result: ScanResult, console: Console, about: Sequence[About], *, verbose: bool
    ) -> None:
        self._result = result
        self._console = console
        self._screen = Screen(console)
        self._about = {each.id: each for each in about}
        self._masking = Masking.of(result)
        self._verbose = verbose

    def print(self, most_groups: int) -> None:
        findings = self._result.findings
        grave = findings if self._verbose else _of(findings, Severity.MEDIUM, Severity.CRITICAL)
        files = by_file(grave)
        groups = [Alike((each,)) for each in files] if self._verbose else alike(files)
        most = _EVERYTHING if self._verbose else most_groups
        self._verdict()
        for group in groups[:most]:
            self._alike(group)
        self._rest(groups[most:])
        if not self._verbose:
            self._minor(_of(findings, Severity.INFO, Severity.LOW))
        self._accepted()
        self._remedies(grave)
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
        self._screen.line(*parts, indent=indent, label=label)

    def _name(self, *parts: Part) -> None:
        self._screen.name(*parts)

    def _heading(self, heading: str) -> None:
        self._screen.heading(heading)

    def _verdict(self) -> None:
        self._line(
            (escape.terminal(words.verdict(self._result)), _VERDICT_STYLES[self._result.verdict])
        )
        gaps = words.unexamined(self._result)
        if self._result.verdict == "findings" and gaps:
            self._line(("Also INCOMPLETE: ", _VERDICT_STYLES["incomplete"]), gaps)
        for limit in words.limits(self._result):
            self._line((escape.terminal(limit), "bold"))
        target = escape.terminal(self._masking.target(self._result.target))
        self._name(("breachkit scanned ", "dim"), target)

    def _alike(self, group: Alike) -> None:
        self._console.print()
        first = group.first
        name = _NAMELESS if first.path is None else self._show(first.path)
        badge = (f" {first.severity.label.upper()} ", STYLES[first.severity])
        self._name(badge, " ", (name, "bold"))
        if len(group.files) > 1:
            self._others(group)
        self._names(first.other_paths)
        rules = self._worth_a_line(first)
        for number, rule in enumerate(rules):
            self._rule(rule, first.severity, is_lead=number == 0)
        self._other_rules(group, rules)
        place = first.rules[0].told.attribution
        told = "; ".join(filter(None, (words.reach(place, self._show), words.when(place))))
        self._line(told, indent=_INDENT, label="  now")

    def _others(self, group: Alike) -> None:
        """Name the files that are like the one that is shown, or say how many they are, and where."""
        if len(group.files) - 1 <= _FEW:
            for other in group.files[1:]:
                self._name("  like it ", self._show(other.path or b""))
            return
        others = words.counted(len(group.files) - 1, "file like it", "files like it")
        where = f" in {self._show(group.folder)}" if group.folder else ""
        cells = f" ({words.counted(group.cells, 'cell')} in all)" if group.cells else ""
        self._name("  ", (f"and {others}", "bold"), f"{where}{cells}")

    def _worth_a_line(self, file: FileGroup) -> Sequence[RuleGroup]:
        """Choose the rules that say more of a file than their name does: what, and which cells."""
        if self._verbose:
            return file.rules
        lead, *others = file.rules
        placed = [each for each in others if words.where(each.told.hit.location, self._show)]
        return [lead, *placed[: _MOST_RULES - 1]]

    def _other_rules(self, group: Alike, told: Sequence[RuleGroup]) -> None:
        """Name what else was found in the file, and in those that are like it."""
        others = [each for each in group.first.rules if each not in told]
        if others:
            named = ", ".join(f"{each.told.hit.rule} ({each.told.id})" for each in others)
            self._line(f"and {named}", indent=_INDENT)
        here = {each.told.hit.rule for each in group.first.rules}
        found = (each.told.hit.rule for file in group.files for each in file.rules)
        elsewhere = [rule for rule in dict.fromkeys(found) if rule not in here]
        if elsewhere:
            self._line(f"and in some of them {', '.join(elsewhere)}", indent=_INDENT)

    def _names(self, others: Sequence[bytes]) -> None:
        shown = others if self._verbose else others[:_MOST_NAMES]
        for other in shown:
            self._name("  also named ", self._show(other))
        if len(others) > len(shown):
            self._line(f"and {words.counted(len(others) - len(shown), 'other name')}", indent=2)

    def _rule(self, group: RuleGroup, worst: Severity, *, is_lead: bool) -> None:
        """Say what a rule found; of all but the most telling one in the words of its title."""
        hit, severity = group.told.hit, group.severity
        badge = () if severity is worst else ((severity.label, STYLES[severity]), " ")
        what = escape.terminal(self._masking.text(hit.message))
        title = self._title(hit.rule)
        told = f"{title}: {what}" if is_lead or self._verbose else title
        where = words.where(hit.location, self._show)
        ids = self._versions(group)
        self._line(
            *badge, told if where else f"{told}; {ids}", indent=_INDENT, label=f"  {hit.rule}"
        )
        if where:
            self._line(f"{where}; {ids}", indent=_INDENT)

    def _versions(self, group: RuleGroup) -> str:
        """Name the finding, and say for how many others it stands."""
        others = len(group.findings) - 1
        if not others:
            return group.told.id
        versions = len({each.object_id for each in group.findings})
        since = f" since {group.first_date.date()}" if group.first_date else ""
        within = f", in {versions:,} versions{since}" if versions > 1 else ""
        return f"{group.told.id} and {others:,} more{within}"

    def _title(self, rule: str) -> str:
        about = self._about.get(rule)
        return about.title if about else "(a rule without a description)"

    def _rest(self, groups: Sequence[Alike]) -> None:
        if not groups:
            return
        self._console.print()
        rules = [rule for group in groups for each in group.files for rule in each.rules]
        findings = [each for rule in rules for each in rule.findings]
        self._line(
            (f"And {words.found(findings)}.", "bold"),
            " All of them: -v, or --format json, csv or markdown",
        )

    def _minor(self, findings: Sequence[Finding]) -> None:
        """Give what is low or for information one line a rule."""
        if not findings:
            return
        self._heading("Low, and for information (-v tells of each file)")
        for severity in (Severity.LOW, Severity.INFO):
            rules: dict[str, list[Finding]] = {}
            for each in _of(findings, severity, severity):
                rules.setdefault(each.hit.rule, []).append(each)
            for rule, found in sorted(rules.items(), key=lambda item: (-len(item[1]), item[0])):
                number = f"{severity.label:4} {len(found):5,} x "
                self._line((number, STYLES[severity]), self._title(rule), indent=_INDENT, label=f"  {rule}")  # fmt: skip

    def _accepted(self) -> None:
        """Say what does not count because somebody accepted it, and what counts again."""
        result = self._result
        if result.lapsed:
            self._heading("Accepted once, and counted again")
        lapsed = {(each.acceptance, each.why): each.finding for each in result.lapsed}
        for (acceptance, why), finding in lapsed.items():
            by = f"{acceptance.id} by {acceptance.by}: {why}"
            self._said(finding, by)
        if not result.accepted:
            return
        self._heading("Accepted, and not counted")
        groups: dict[tuple[str, str], list[Finding]] = {}
        for each in result.accepted:
            said = words.acceptance(each.acceptance)
            groups.setdefault((each.finding.hit.rule, said), []).append(each.finding)
        for (_, said), findings in groups.items():
            shown = findings if self._verbose else findings[:1]
            more = f" ({len(findings):,} findings)" if len(findings) > len(shown) else ""
            for finding in shown:
                self._said(finding, said + more)

    def _said(self, finding: Finding, said: str) -> None:
        path = next(iter(finding.attribution.paths), None)
        name = _NAMELESS if path is None else self._show(path)
        self._name(f"  {finding.hit.rule} ", (finding.hit.severity.label, "dim"), f" {name}")
        self._line(self._show(said), indent=_INDENT)

    def _remedies(self, told: Sequence[Finding]) -> None:
        failing = [rule for rule in words.failing(told) if rule in self._about]
        if not failing:
            return
        self._heading("What to do")
        most = _EVERYTHING if self._verbose else _MOST_REMEDIES
        for rule in failing[:most]:
            self._line(self._about[rule].remedy, indent=_INDENT, label=f"  {rule}")
        if failing[most:]:
            others = ", ".join(failing[most:])
            self._line(f"and for {others}: breachkit explain RULE", indent=2)
        self._line(
            ("Do not repair it by deleting, correcting or reverting the file: ", "bold"),
            "every earlier version stays in the history, one command away.",
            indent=2,
        )
        self._line("What may stay as it is can be accepted, by name and for a time:", indent=2)
        self._name("    breachkit accept --help")
        self._line("Rows are counted from 1, below the header.", indent=2)

    def _skipped(self) -> None:
        if not self._result.skipped:
            return
        self._heading("Not examined, so not known to be clean")
        reasons = words.reasons(self._result.skipped)
        most = _EVERYTHING if self._verbose else _MOST_REASONS
        for reason, skipped in reasons[:most]:
            self._line(f"{len(skipped):,} x {self._show(reason)}", indent=2)
            names = words.versions(skipped)
            for path, number in names[: _EVERYTHING if self._verbose else _MOST_EXAMPLES]:
                others = len(names) - _MOST_EXAMPLES
                more = f" and {words.counted(others, 'other name')}" if others and not self._verbose else ""  # fmt: skip
                versions = f" ({number:,} versions)" if number > 1 else ""
                self._name("      ", self._show(path), versions + more)
        if len(reasons) > most:
            rest = words.counted(len(reasons) - most, "other reason")
            self._line(f"and for {rest}: -v", indent=2)
        self._line(_BY_HAND, indent=2)
        self._fetching()

    def _fetching(self) -> None:
        """Say how what the repository lacks is fetched."""
        coverage = self._result.coverage
        if not coverage.never_fetched and any(each.missing for each in coverage.objects.values()):
            self._line("What is missing has to be fetched, or cloned anew, first.", indent=2)
        if coverage.never_fetched:
            self._line(
                "What is missing was never fetched into this partial clone. In it:", indent=2
            )
            self._name("    ", as_typed(words.FETCH_MISSING))
            if words.not_fetched(coverage):
                self._line(words.not_fetched(coverage), indent=2)

    def _coverage(self) -> None:
        self._heading("What was looked at")
        coverage, stats = self._result.coverage, self._result.stats
        kinds = (f"{escape.terminal(kind)} {number:,}" for kind, number in coverage.refs.items())
        counts = coverage.objects.items()
        rows = {"refs": ", ".join(kinds) or "none"}
        rows |= {"objects": "; ".join(f"{kind}s {words.fates(count)}" for kind, count in counts)}
        if words.left_out(coverage):
            rows["left out"] = words.left_out(coverage)
        if words.partial_and_whole(coverage):
            rows["clone"] = words.partial_and_whole(coverage)
        rows["content"] = f"{words.size(stats.bytes_examined)} in {stats.seconds:.1f} s"
        rows["policy"] = escape.terminal(words.policy(self._result.policy))
        for label, row in rows.items():
            self._line(row, indent=11, label=f"  {label}")

    def _next(self) -> None:
        """End with what a person sees without scrolling: the outcome and the next command."""
        command, purpose = words.next_step(self._result)
        argument = "" if command.startswith("explain") else f" {self._argument()}"
        outcome = escape.terminal(words.verdict(self._result)).partition(":")[0]
        self._heading(f"{outcome}, exit code {self._result.exit_code}")
        self._name(("Next:", BADGE), " ", (as_typed(f"breachkit {command}{argument}"), STRONG))
        self._line(purpose, indent=6)

    def _argument(self) -> str:
        """Give the target as one word of a command line."""
        target = self._masking.target(self._result.target)
        quoted = escape.shell(target.replace("\0", "?"))
        return f"-- {quoted}" if target.startswith("-") else quoted


def _of(findings: Sequence[Finding], least: Severity, worst: Severity) -> list[Finding]:
    return [each for each in findings if least <= each.hit.severity <= worst]
