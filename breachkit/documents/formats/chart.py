"""Charts of office files: the numbers that were drawn, which lie in the file as they were."""

from collections.abc import Iterator, Mapping

from breachkit.documents.formats.archive import Entry
from breachkit.documents.formats.cells import written_number
from breachkit.documents.formats.package import Package
from breachkit.documents.formats.xml_events import END, START, TEXT, attribute
from breachkit.documents.grid import tables_of
from breachkit.documents.reader import inside
from breachkit.documents.table import Document, Embedded, Origin, Text, TextKind, Trait
from breachkit.model.records import dataclass, field


_ROLES = frozenset(
    {"tx", "cat", "xVal", "val", "yVal", "bubbleSize", "plus", "minus", "strDim", "numDim"}
)
_SERIES = frozenset({"ser", "data"})


@dataclass(slots=True)
class _Series:
    """What one series of a chart holds, by role, then by the place of a point."""

    points: dict[str, dict[int, str]] = field(default_factory=dict)

    def put(self, role: str, place: int, text: str) -> None:
        points = self.points.setdefault(role, {})
        points[place] = f"{points[place]} {text}" if place in points else text

    @property
    def name(self) -> str:
        return " ".join(self.points.get("tx", {}).values())

    @property
    def columns(self) -> Iterator[tuple[str, Mapping[int, str]]]:
        """Give its columns with their names: the categories, then the values."""
        for role, points in self.points.items():
            if role != "tx":
                is_label = role in {"cat", "xVal", "strDim"}
                yield "" if is_label else self.name or "value", points


def read_charts(package: Package) -> Iterator[Document]:
    """Give the data of every chart as a table that nobody sees, and its words."""
    for number, entry in enumerate(package.parts("chartSpace"), start=1):
        part = inside(package.part, f"chart {number}")
        series, titles = _chart(package, entry)
        rows = _rows(series)
        package.budget.take_cells(sum(map(len, rows)))
        if rows:
            yield Embedded(Trait.PLOTTED_DATA, part)
        yield from tables_of(rows, part, origin=Origin.FIGURE, hidden=True, named=True)
        if titles:
            yield Text("\n".join(titles), part, TextKind.FIGURE)


def _chart(package: Package, entry: Entry) -> tuple[list[_Series], list[str]]:
    found: list[_Series] = []
    titles: list[str] = []
    open_series, role, place, where = False, "", 0, ""
    for kind, what, attributes in package.events(entry):
        if kind == START:
            where = what
            if what in _SERIES:
                found.append(_Series())
                open_series = True
            elif what in _ROLES and open_series:
                role = what
            elif what == "pt":
                number = attribute(attributes, "idx") or ""
                place = int(number) if number.isdecimal() else place + 1
        elif kind == END:
            open_series = open_series and what not in _SERIES
            role = "" if what == role else role
            where = ""
        elif open_series and role and where in {"v", "pt"} and what.strip():
            found[-1].put(role, place, written_number(what.strip()))
        elif kind == TEXT and where == "t" and what.strip():
            titles.append(what.strip())
    return found, titles


def _rows(series: list[_Series]) -> list[tuple[str, ...]]:
    """Put the series side by side; those that repeat the first one's categories leave them out."""
    columns: list[tuple[str, Mapping[int, str]]] = []
    for one in series:
        columns += [column for column in one.columns if column[0] or column not in columns]
    places = sorted({place for _, points in columns for place in points})
    if not places:
        return []
    header = tuple(name for name, _ in columns)
    return [header, *(tuple(points.get(at, "") for _, points in columns) for at in places)]
