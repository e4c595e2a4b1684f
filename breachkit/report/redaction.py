"""A redaction for a person at a terminal: what changes where and why, as a diff that hides values.

Everything a file could choose is escaped and never read as markup.
"""

import itertools
import os
from collections.abc import Sequence

from breachkit.actions.redacted import Fate, RedactedFile, Redaction
from breachkit.actions.redaction_plan import TablePlan, Why
from breachkit.detect.rule import About
from breachkit.documents.table import Table
from breachkit.model.findings import Hit, Severity
from breachkit.report import escape, redaction_words, words
from breachkit.report.colours import SEVERITIES as STYLES
from breachkit.report.masking import Masking
from breachkit.report.redaction_words import Group
from breachkit.report.terminal import Part, Screen


MOST_GROUPS = 8
"""Lines of one table; where there are more, each reason gets one."""
MOST_TABLES = 12
"""Tables of one file that are shown."""
_MOST_FINDINGS = 6
_FEW = 3
_MOST_NAMED = 3
_EVERYTHING = 10**9
_INDENT = 14

_HEADS = {
    "PREVIEW": "bold",
    "REDACTED": "bold green",
    "NOTHING TO REDACT": "bold green",
}


def print_redaction(
    redaction: Redaction, screen: Screen, about: Sequence[About], *, verbose: bool = False
) -> None:
    """Print what changes, file by file, then what is left to a person.

    Args:
        redaction: What the call came to.
        screen: Where.
        about: What the rules say about themselves.
        verbose: Every table and every group of cells.
    """
    _Preview(redaction, screen, about, verbose=verbose).print()


class _Preview:
    def __init__(
        self, redaction: Redaction, screen: Screen, about: Sequence[About], *, verbose: bool
    ) -> None:
        self._redaction = redaction
        self._screen = screen
        self._titles = {each.id: each.title for each in about}
        self._masking = masking_of(redaction)
        self._verbose = verbose

    def print(self) -> None:
        verdict = redaction_words.verdict(self._redaction)
        style = _HEADS.get(verdict.partition(":")[0].partition(" in ")[0], "bold red")
        self._screen.line((verdict, style))
        for file in self._redaction.files:
            self._file(file)
        self._left_out()
        self._end()

    def _show(self, name: bytes | str) -> str:
        masked = self._masking.text(name) if isinstance(name, str) else self._masking.mask(name)
        return escape.terminal(masked)

    def _file(self, file: RedactedFile) -> None:
        self._screen.blank()
        name = self._show(file.path)
        if not file.plan.changes:
            self._screen.name("    ", (name, "bold"), "  nothing to redact")
        else:
            self._screen.name(("--- ", "red"), (name, "bold"))
            self._screen.name(("+++ ", "green"), (self._output(file), "bold"))
        repeats = file.repeats
        own = [number for number in range(len(file.tables)) if number not in repeats]
        shown = [
            (number, file.tables[table], plan)
            for number, table in enumerate(own, 1)
            if (plan := file.plan.tables[table]).changes or plan.open or plan.questions
        ]
        for number, table, plan in shown[: self._most(MOST_TABLES)]:
            self._table(table, plan, f"table {number} of {len(own)}, " if len(own) > 1 else "")
        if len(shown) > self._most(MOST_TABLES):
            rest = words.counted(len(shown) - MOST_TABLES, "other table")
            self._screen.line(f"and {rest}: -v shows each", indent=4)
        self._after(file)

    def _output(self, file: RedactedFile) -> str:
        if file.output is None:
            return f"{self._show(file.path)} (redacted)"
        return self._show(bytes(file.output))

    def _table(self, table: Table, plan: TablePlan, number: str) -> None:
        part = f"{self._show(table.part)}, " if table.part else ""
        self._screen.line((f"@@ {part}{number}{redaction_words.shape(table)} @@", "bold"))
        found = redaction_words.groups(table, plan)
        for _, alike in itertools.groupby(found, key=lambda group: group.why):
            self._alike(list(alike), is_long=len(found) > self._most(MOST_GROUPS))
        self._summary(plan)

    def _alike(self, found: Sequence[Group], *, is_long: bool) -> None:
        """Show what changes for one reason: place by place, or in one line where that is long."""
        if not is_long or len(found) <= _FEW:
            for group in found:
                where = (
                    f"{words.columns(group.columns, self._show)}, {redaction_words.rows_of(group)}"
                )
                self._change(where, group.why)
            return
        columns = list(dict.fromkeys(label for group in found for label in group.columns))
        rows = {row for group in found for row in group.rows}
        cells = words.counted(sum(group.cells for group in found), "cell")
        within = f"{cells} in {words.counted(len(rows), 'row')}"
        told = f"{words.columns(columns, self._show)}: {within}"
        self._change(told, found[0].why, " (-v shows each)")

    def _change(self, where: str, why: Why, more: str = "") -> None:
        new: tuple[Part, ...] = ()
        if why.takes_out:
            new = (" -> ", (redaction_words.new_text(why), "bold"))
        sign: Part = ("  - ", "red") if why.takes_out else ("  ~ ", "yellow")
        self._screen.line(where, *new, f": {why.value}{more}", indent=4, label=sign)

    def _summary(self, plan: TablePlan) -> None:
        if any(change.why.takes_out for change in plan.changes.values()):
            self._screen.line(redaction_words.lost(plan), indent=_INDENT, label="    lost")
            self._screen.line(redaction_words.bound(plan), indent=_INDENT, label="    engine")
        if plan.open:
            number = words.counted(len(plan.open), "cell")
            told: Part = (f"{number} could still be worked out", "bold red")
            self._screen.line(told, indent=_INDENT, label="    open")
        for asked, columns in redaction_words.questions(plan).items():
            each = "each " if len(columns) > 1 else ""
            what = f"{words.columns(columns, self._show)}: {each}" if columns else "the table "
            self._screen.line(what + asked.value, indent=_INDENT, label="    for you")

    def _after(self, file: RedactedFile) -> None:
        for told in redaction_words.left_to_a_person(file):
            self._screen.line(self._show(told), indent=_INDENT, label="    by hand")
        grave = [hit for hit in file.hits if hit.severity > Severity.INFO]
        for hit in grave[: self._most(_MOST_FINDINGS)]:
            self._finding(hit)
        if len(grave) > self._most(_MOST_FINDINGS):
            rest = words.counted(len(grave) - _MOST_FINDINGS, "other finding")
            self._screen.line(f"and {rest}: -v shows each", indent=_INDENT)

    def _finding(self, hit: Hit) -> None:
        badge: Part = (hit.severity.label, STYLES[hit.severity])
        title = self._titles.get(hit.rule, "(a rule without a description)")
        place = words.where(hit.location, self._show)
        said = "; ".join(filter(None, [f" {title}: {self._show(hit.message)}", place]))
        mends = "" if redaction_words.is_mended(hit) else " (redact does not mend this)"
        self._screen.line(badge, said + mends, indent=_INDENT, label=f"    {hit.rule}")

    def _left_out(self) -> None:
        if not self._redaction.left_out:
            return
        self._screen.heading("Left out")
        for each in self._redaction.left_out:
            self._screen.name("  ", (self._show(each.path), "bold"))
            self._screen.line(self._show(each.reason), indent=4)

    def _end(self) -> None:
        outcome = redaction_words.outcome(self._redaction)
        self._screen.heading(f"Afterwards {outcome}, exit code {self._redaction.exit_code}")
        if any(each.plan.changes for each in self._redaction.files):
            self._screen.line("Rows are counted from 1, below the header. No value is shown.")
        if told := redaction_words.bound_of_all(self._redaction.plan):
            self._screen.line(told)
        if redaction_words.could_be_rounded(self._redaction):
            policy = self._redaction.plan.policy
            self._screen.line(
                f"Rounding was not asked for; by policy {policy.name} it is {policy.rounding}: "
                "--round policy"
            )
        if self._redaction.kept:
            self._screen.line(
                f"What was written over is kept as {self._redaction.kept}, for you alone: "
                f"breachkit redact --restore {self._redaction.kept} puts it back, --forget deletes it"
            )

    def _most(self, number: int) -> int:
        return _EVERYTHING if self._verbose else number


def masking_of(redaction: Redaction) -> Masking:
    """Give what masks the names that are evidence themselves."""
    return Masking.of_names(each.path for each in redaction.files if each.is_telling)


def next_step(redaction: Redaction, options: str = "") -> tuple[str, str]:
    """Give the command that comes next, and what it is for.

    Args:
        redaction: What the call came to.
        options: How it was wanted, as words of a command line; they are wanted again.
    """
    if not redaction.files:
        return "breachkit explain", "what the rules look for, and what to do about each"
    named = _named(masking_of(redaction), [each.path for each in redaction.files]) + options
    if redaction.failed:
        return _where_failed(redaction, named)
    if redaction_words.has_to_be_rounded(redaction):
        return f"breachkit redact {named} --round policy", "the policy requires rounded counts"
    if any(each.fate is Fate.PLANNED for each in redaction.files):
        return (
            f"breachkit redact {named} --write",
            "put this in place, with the originals kept; or --output FILE for a copy",
        )
    if redaction.worst > Severity.INFO:
        rule = max((hit for each in redaction.files for hit in each.hits), key=_severity).rule
        return f"breachkit explain {rule}", "what is still found, and what to do about it"
    folder = escape.shell(os.path.dirname(_place(redaction)) or b".")  # noqa: PTH120 - bytes
    return f"breachkit check {folder}", "look at all that is released with it"


def _where_failed(redaction: Redaction, named: str) -> tuple[str, str]:
    for kept in redaction.kept_and_telling[:1]:
        freed = named.replace(f" --keep {escape.shell(kept)}", "", 1)
        return f"breachkit redact {freed}", "let go of a column that tells what went"
    return f"breachkit redact {named} --whole-table", "take out whole what cannot be protected"


def _named(masking: Masking, files: Sequence[bytes]) -> str:
    """Give files as words of a command line; names that are evidence are not repeated."""
    if any(map(masking.hides, files)):
        return "FILE"
    shown = " ".join(map(escape.shell, files[:_MOST_NAMED]))
    return shown + (" ..." if len(files) > _MOST_NAMED else "")


def _severity(hit: Hit) -> Severity:
    return hit.severity


def _place(redaction: Redaction) -> bytes:
    """Give where the first of the files is now."""
    first = redaction.files[0]
    return first.path if first.output is None else bytes(first.output)
