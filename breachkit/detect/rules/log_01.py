"""LOG-01: records of single people that were listed to a log or a console."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from breachkit.detect.grading import by_path
from breachkit.detect.invented import weigh
from breachkit.detect.paths import is_codelist
from breachkit.detect.rule import About, FileContext, Need
from breachkit.detect.rules.pat_01 import reports
from breachkit.documents.table import Origin, Table, column_label
from breachkit.model.findings import MAX_ROWS, Confidence, Hit, Location, Severity
from breachkit.model.patterns import regex
from breachkit.sdc.count_cells import column
from breachkit.sdc.count_names import normal
from breachkit.sdc.counts import count_columns
from breachkit.sdc.identifiers import id_columns, looks_like_id
from breachkit.sdc.marks import mark_of


class ListedRecords:
    """Finds print-outs of records: `list`, heads of data frames, results of queries, `str`.

    PAT-01 reports those with a column that is surely a patient identifier.
    """

    about = About(
        id="LOG-01",
        title="Records of single people in a print-out",
        severity=Severity.HIGH,
        confidence=Confidence.MEDIUM,
        why=(
            "Programs print the first rows of their data so that their authors can see that all is "
            "well: list in Stata, head() in R and Python, the result of a query. Each such row is "
            "one patient's record, and the log keeps it. A date or two beside sex and age are "
            "enough to recognise somebody."
        ),
        example=(
            "A log in which head(cohort) printed six rows of sex, age, admission_date and "
            "death_date. Tables that count people, time series and lists of codes are no finding."
        ),
        remedy=(
            "Treat it as a breach unless the data were invented. Take the log out of the whole "
            "history, and the commands that print rows out of the programs: print counts of "
            "rows and types of columns instead."
        ),
        source=(
            "OpenSAFELY, Log File Security Policy: list in 1/10, head, tail, print and .head are "
            "commands that must not run on patient data; documentation 820aa99 (2022-03-01)"
        ),
    )
    needs = Need.PRINTED

    def check_table(self, table: Table, context: FileContext) -> Iterable[Hit]:
        """Give one hit for a print-out of two records or more that something identifies or dates."""
        if table.origin is not Origin.PRINTED or len(table.rows) < 2 or is_codelist(context):
            return
        evidence = _identifiers(table, context) or _dates(table)
        if evidence is None:
            return
        severity, reason = by_path(Severity.HIGH, table, context)
        severity, confidence, words = weigh(
            severity, Confidence.MEDIUM, table, context, evidence.ids
        )
        yield Hit(
            rule=self.about.id,
            severity=severity,
            confidence=confidence,
            message=f"records of single people were printed: {evidence.words}{reason}{words}",
            location=Location(
                part=table.part,
                rows=evidence.rows[:MAX_ROWS],
                columns=tuple(column_label(table.header, index) for index in evidence.columns),
                cells=len(evidence.rows) * len(evidence.columns),
            ),
        )


class _Evidence(NamedTuple):
    words: str
    columns: tuple[int, ...]
    rows: tuple[int, ...]
    ids: Sequence[str] = ()


_DATE = regex(
    r"(?:19|20)\d\d-\d\d-\d\d(?:[T ].{0,20})?|\d{1,2}[/-]\d{1,2}[/-](?:19|20)\d\d"
    r"|\d{1,2}[- ]?[A-Za-z]{3}[- ]?(?:19|20)\d\d(?: \d\d:\d\d:\d\d)?"
    r"|(?:datetime\.)?(?:date|datetime|Timestamp)\(.{4,40}\)"
)
_ANY_ID = regex(r"(?:[a-z0-9]+_)?(?:id|identifier|uuid|guid)")
_OTHER_IDS = regex(
    r"practice|stp|msoa|lsoa|region|code|model|variable|cluster|analysis|study|ccg|trust|site|hospital|gp|job|row|index"
    r"|measure|cohort|outcome|set|match|pair|group|process|thread|task|run|dataset"
)
_OF_MANY = regex(r"(?:^|_)(?:min|max|mean|median|minimum|maximum|q1|q3|p\d\d?|n)(?:_|$)")
"""Names of dates that are statistics of many people."""
_LONG_ID = regex(r"(?=.*\d.*\d.*\d.*\d)[\w-]{4,128}")
_PERSON = regex(
    r"(?:^|_)(?:age|sex|gender|ethnicity|eth|imd|dob|birth|died|death|dead|deceased|bmi|smok\w*|male|female"
    r"|deregist\w*|care_?home|msoa|frailty|pregnan\w*|admi\w*|diagnos\w*|vacc\w*|vax\w*)(?:_|$)|^(?:age|ethnic|death)"
)


def _identifiers(table: Table, context: FileContext) -> _Evidence | None:
    """Find identifiers under a name that PAT-01 does not take for one of patients by itself."""
    known = id_columns(table)
    if any(reports(found, table, context) for found in known):
        return None
    for found in known:
        return _Evidence("a column may identify them", (found.index,), found.rows, found.values)
    for index, name in enumerate(table.header):
        plain = normal(name)
        if _ANY_ID.fullmatch(plain) is None or _OTHER_IDS.search(plain):
            continue
        cells = column(table, index)
        rows = tuple(number for number, cell in enumerate(cells, start=1) if _is_long_id(cell))
        values = [cells[row - 1] for row in rows]
        if len(set(values)) > 1 and len(rows) == sum(mark_of(cell) is None for cell in cells):
            return _Evidence("a column may identify them", (index,), rows, values)
    return None


def _is_long_id(cell: str) -> bool:
    return _LONG_ID.fullmatch(cell) is not None and looks_like_id(cell)


def _dates(table: Table) -> _Evidence | None:
    """Find full dates in rows that nothing shows to be results, or a series in time."""
    if id_columns(table) or count_columns(table):
        return None
    found = {
        index: dates
        for index, name in enumerate(table.header)
        if name and not _OF_MANY.search(normal(name)) and (dates := _dates_of(column(table, index)))
    }
    if not found or not _are_people(table, found):
        return None
    rows = tuple(sorted({row for dates in found.values() for row in dates}))
    return _Evidence("their columns hold full dates", tuple(found), rows)


def _dates_of(cells: Sequence[str]) -> dict[int, str]:
    """Give the dates of a column by row, counted from 1; nothing where it holds anything else."""
    filled = {
        number: cell
        for number, cell in enumerate(cells, start=1)
        if mark_of(cell) is None and cell != "NaT"
    }
    if len(set(filled.values())) < 2 or not all(map(_DATE.fullmatch, filled.values())):
        return {}
    return filled


def _are_people(table: Table, found: dict[int, dict[int, str]]) -> bool:
    """Say whether rows look like people: columns named so beside dates that follow no order.

    The periods of a study, and a series in time, are in order.
    """
    is_named = any(_PERSON.search(normal(name)) for name in table.header)
    in_order = [
        list(dates.values()) in (sorted(dates.values()), sorted(dates.values(), reverse=True))
        for dates in found.values()
    ]
    if len(found) > 1:
        return is_named or not all(in_order)
    return is_named and (len(table.rows) == 2 or not all(in_order))
