"""GEO-01: results by place, where the places may not be named."""

import re
from collections.abc import Iterable, Sequence

from breachkit.detect.grading import by_path
from breachkit.detect.rule import About, FileContext
from breachkit.documents.table import Table, column_label
from breachkit.model.findings import MAX_ROWS, Confidence, Hit, Location, Severity
from breachkit.sdc.count_cells import column
from breachkit.sdc.count_names import normal
from breachkit.sdc.counts import count_columns
from breachkit.sdc.geography import PlaceColumn, place_columns
from breachkit.sdc.marks import mark_of


class NamedPlaces:
    """Finds tables that name practices, networks, small areas, authorities, CCGs, STPs or ICBs."""

    about = About(
        id="GEO-01",
        title="Results by practice or area",
        severity=Severity.MEDIUM,
        confidence=Confidence.HIGH,
        why=(
            "What a practice or a small area is called says where its patients live, and its results "
            "are those of a few people whom others there know. Researchers undertake not to release "
            "anything that identifies ICBs, local authorities, networks and practices; regions of "
            "NHS England are allowed."
        ),
        example=(
            "A table practice,list_size with codes of practices, or msoa,rate with codes that begin "
            "with E02. Codes that begin with E12 are regions and allowed. Lists that only lead from "
            "one area to another, and hold no result, are low."
        ),
        remedy=(
            "Take the file out of the history. Release results by region, or with places replaced by "
            "deciles or by numbers that mean nothing elsewhere."
        ),
        source=(
            "OpenSAFELY review form and policies for researchers (2021 to 2024): ICBs, local "
            "authorities including MSOA, PCNs, practices; earlier STPs and CCGs"
        ),
    )

    def check_table(self, table: Table, context: FileContext) -> Iterable[Hit]:
        """Give one hit for a table that names places."""
        found = place_columns(table)
        if not found:
            return
        severity, reason = by_path(Severity.MEDIUM, table, context)
        if not _has_results(table, {each.index for each in found if 0 not in each.rows}):
            severity = min(severity, Severity.LOW)
            reason = f"{reason}; it holds no result, as lookups do"
        rows = sorted({row for each in found for row in each.rows if row})
        yield Hit(
            rule=self.about.id,
            severity=severity,
            confidence=self.about.confidence,
            message=f"names {_list(found)}, which may not be identified{reason}",
            location=Location(
                part=table.part,
                rows=tuple(rows[:MAX_ROWS]),
                columns=_columns(table, found),
                cells=sum(len(each.rows) for each in found),
            ),
        )


_LEAST_NUMBERS = 0.8
"""Share of the filled cells of a column of results, marks apart, that are numbers."""
_NUMBER = re.compile(r"-?\d[\d,]{0,12}(?:\.\d{1,20})?%?|-?\.\d{1,20}")
_OF_A_PLACE = re.compile(
    r"(?:^|_)(?:lat(?:itude)?|lon(?:g|gitude)?|easting|northing|x|y|area|hectares|shape\w*|objectid|fid|id|code|cd|bng_\w"
    r"|year|date|rank|decile|quintile|index|version|population|pop)(?:_|$)|imd"
)


def _has_results(table: Table, places: set[int]) -> bool:
    """Say whether some column beside the places counts, or holds numbers that are no place's own."""
    if any(found.index not in places for found in count_columns(table)):
        return True
    return any(
        _holds_numbers(column(table, index))
        for index, name in enumerate(table.header)
        if index not in places and not _OF_A_PLACE.search(normal(name))
    )


def _holds_numbers(cells: Sequence[str]) -> bool:
    filled = [cell for cell in cells if mark_of(cell) is None]
    numbers = sum(1 for cell in filled if _NUMBER.fullmatch(cell))
    return 0 < _LEAST_NUMBERS * len(filled) <= numbers


def _columns(table: Table, found: Sequence[PlaceColumn]) -> tuple[str, ...]:
    """Name the columns that are called as places are; the name of another may be a place itself."""
    return tuple(
        column_label(table.header, each.index) if each.labelled else f"column {each.index + 1}"
        for each in found
    )


def _list(found: Sequence[PlaceColumn]) -> str:
    words = list(dict.fromkeys(each.place.value for each in found))
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
