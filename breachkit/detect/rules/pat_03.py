"""PAT-03: NHS numbers, and those of Scotland and Northern Ireland, in tables and in text."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from breachkit.detect.invented import weigh
from breachkit.detect.paths import is_codelist, is_invented
from breachkit.detect.rule import About, FileContext
from breachkit.documents.looks import Look
from breachkit.documents.table import Table, Text, TextKind, column_label
from breachkit.model.findings import MAX_ROWS, Confidence, Hit, Location, Severity
from breachkit.sdc.asking import Header, of_column, of_header
from breachkit.sdc.check_digits import (
    FEWEST,
    Checked,
    check,
    may_hold_numbers,
    plain_number,
    ten_digit_numbers,
)
from breachkit.sdc.count_cells import column
from breachkit.sdc.count_names import normal


class NhsNumbers:
    """Finds numbers of patients by their check digits, judged together, or by their label."""

    about = About(
        id="PAT-03",
        title="NHS numbers",
        severity=Severity.CRITICAL,
        confidence=Confidence.HIGH,
        why=(
            "An NHS number is the name of a patient in every system of the health service. Nothing "
            "that leaves a secure environment may hold one, and with pseudonymised records none "
            "should ever have been there: where they came from is a question of its own."
        ),
        example=(
            "A column `reference` in which nearly all numbers of ten digits carry a valid check digit. "
            "One in eleven does by chance, as among clinical codes: at least three, and a "
            "probability below 1 in 10,000, or a label such as `NHS number`, make a finding. Numbers "
            "that begin with 999 are kept for tests and make it low. CHI and Health and Care "
            "numbers are found in the same way."
        ),
        remedy=(
            "Treat it as a confirmed breach: open a case, tell the data protection officer, and take the "
            "file out of the whole history."
        ),
        source=(
            "NHS Data Dictionary, NHS NUMBER (modulus 11), read 2021-11-01; binomial test against 1/11"
        ),
    )

    def check_table(self, table: Table, context: FileContext) -> Iterable[Hit]:
        """Give one hit for each column of such numbers."""
        for index in _candidates(table):
            cells = column(table, index)
            numbers = [plain_number(cell) for cell in cells]
            labelled = index in _labels(table.header)
            if not labelled and len(cells) - numbers.count(None) < FEWEST:
                continue
            found = check([number for number in numbers if number])
            if _is_evidence(found, labelled=labelled):
                yield self._hit(table, index, numbers, found, context)

    def _hit(
        self,
        table: Table,
        index: int,
        numbers: Sequence[str | None],
        found: Checked,
        context: FileContext,
    ) -> Hit:
        rows = [number for number, cell in enumerate(numbers, start=1) if cell]
        ids = [cell for cell in numbers if cell]
        severity, confidence, evidence = weigh(
            _severity(found, context), Confidence.HIGH, table, context, ids
        )
        return Hit(
            rule=self.about.id,
            severity=severity,
            confidence=confidence,
            message=f"{_words(found)}{evidence}",
            location=Location(
                part=table.part,
                rows=tuple(rows[:MAX_ROWS]),
                columns=(column_label(table.header, index),),
                cells=len(rows),
            ),
        )

    def check_text(self, text: Text, context: FileContext) -> Iterable[Hit]:
        """Give one hit for the numbers of a text; messages and names are META-01's."""
        if text.kind in {TextKind.MESSAGE, TextKind.NAME}:
            return
        if text.kind is TextKind.PROSE and not _TEN_DIGITS.may_hold(text.text):
            return
        places = ten_digit_numbers(text.text)
        if not places:
            return
        found = check([number for _, number in places])
        labelled = check(list(_labelled(text.text, places)))
        if not (found.is_certain or labelled.valid or labelled.tests >= _FEWEST_TESTS):
            return
        believed = found if found.is_certain else labelled
        severity = _severity(believed, context)
        if is_invented(context):
            severity = min(severity, Severity.LOW)
        yield Hit(
            rule=self.about.id,
            severity=severity,
            confidence=Confidence.HIGH if found.is_certain else Confidence.MEDIUM,
            message=_words(believed),
            location=Location(part=text.part, cells=believed.valid + believed.tests),
        )


# None of these numbers goes beyond its line; without what is not ASCII, bytes are characters.
_TEN_DIGITS = Look(
    lambda text: (place for place, _ in ten_digit_numbers(text.encode("ascii", "replace").decode()))
)
_LABEL = re.compile(
    r"(?:^|_)(?:nhs|chi|h_?c|health_(?:and_)?care)_?(?:no|num|number|id)(?:_|$)|^nhs$|^chi$"
)
_LABEL_BEFORE = re.compile(
    rb"\b(?:nhs|chi|h&c|health and care)[ _-]?(?:numbers?|num|no|id)?[ _.:=#\"'\[(|-]{0,6}$"
)
_LABEL_WORDS = (b"nhs", b"chi", b"h&c", b"health and care")
_BEFORE = 40
"""Bytes before a number in which its label stands."""
_FEWEST_TESTS = 2
_LEAST_VALID = 0.5
"""Of the numbers under a label, that must be valid; others are called so by mistake."""
_FEW_ROWS = 64
"""Of so many, all columns are looked at in one go."""


def _candidates(table: Table) -> Iterator[int]:
    """Give the columns with a number of ten digits in some row, and those that are called so."""
    labelled = _labels(table.header)
    may_hold = len(table.rows) > _FEW_ROWS or may_hold_numbers(chain.from_iterable(table.rows))
    for index in range(len(table.header)) if may_hold else sorted(labelled):
        if index in labelled or _may_hold(column(table, index)):
            yield index


_may_hold = of_column(may_hold_numbers)


@of_header
def _labels(header: Header) -> frozenset[int]:
    named = enumerate(header)
    return frozenset(
        at for at, name in named if "h" in name.lower() and _LABEL.search(normal(name))
    )


def _is_evidence(found: Checked, *, labelled: bool) -> bool:
    if found.is_certain:
        return True
    valid = found.valid + found.tests
    return labelled and valid > 0 and valid >= _LEAST_VALID * found.numbers


def _severity(found: Checked, context: FileContext) -> Severity:
    """Judge by the numbers alone: those of tests, and of codes among codes, are low."""
    if found.tests >= found.valid:
        return Severity.LOW
    if not context.is_output and is_codelist(context):
        return Severity.MEDIUM
    return Severity.CRITICAL


def _words(found: Checked) -> str:
    if found.tests >= found.valid:
        return "NHS numbers of the range kept for tests"
    return f"{found.kind} numbers: more check digits are valid than chance explains, or a label says so"


def _labelled(text: str, places: Sequence[tuple[int, str]]) -> Iterator[str]:
    """Give the numbers before which a label stands."""
    content = text.encode("utf-8", "replace").lower()
    if not any(word in content for word in _LABEL_WORDS):
        return
    for start, number in places:
        if _LABEL_BEFORE.search(content[max(0, start - _BEFORE) : start]):
            yield number
