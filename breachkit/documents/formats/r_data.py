"""R's own files (.rds, .RData) to the tables in them, wherever in a model or a figure they hide.

A fitted model keeps the rows that it was fitted to; a figure keeps its data; a formula keeps the
environment that it was written in. So every object is walked through, and every table in it given.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TypeAlias

from breachkit.documents.formats.frames import (
    MOST_CELLS,
    MOST_IN_ALL,
    data_set,
    hidden_text,
    numbered,
)
from breachkit.documents.formats.r_serial import (
    ENVIRONMENT,
    EXPRESSION,
    LIST,
    PAIRLIST,
    S4,
    STRINGS,
    RObject,
    parse,
)
from breachkit.documents.formats.r_tables import (
    ATOMIC,
    RTable,
    data_frame,
    dimensions,
    length_of,
    matrix,
    vector,
    vectors,
)
from breachkit.documents.reader import Budget, Member, OverBudgetError
from breachkit.documents.table import Document, Embedded, Trait, Unreadable


_WORKSPACES = (b"RDX", b"RDA", b"RDB")
_MOST_TABLES = 1_000
_MOST_WALKED = 500_000
_FEW_WORDS = 200
_FIGURES = frozenset({"ggplot", "gg", "plotly", "htmlwidget", "recordedplot", "trellis"})
_IS_MODEL = frozenset({"coefficients", "call", "terms", "fitted.values", "n.risk"})
_OF_VALUES = frozenset(
    {
        "levels",
        "names",
        "row.names",
        "class",
        "dim",
        "dimnames",
        "tsp",
        "row.vars",
        "col.vars",
        "tzone",
        "units",
        "srcref",
        "wholeSrcref",
        "srcfile",
    }
)
_OF_TABLES = _OF_VALUES | {"groups", ".internal.selfref", "spec", "problems"}
_WORDS = frozenset({"label", "labels", "comment", "title"})


def read(content: bytes, part: str | None, budget: Budget) -> Iterator[Document | Member]:
    """Give every table in a file, its labels as hidden text, and what else it carries."""
    walk = _Walk()
    root, unknown = parse(content)
    walk.start(root, is_workspace=content.startswith(_WORKSPACES))
    tables = walk.built(budget)
    for number, table in enumerate(tables, start=1):
        name = numbered(part, "table", number, len(tables))
        yield from data_set(
            table.header, table.columns, name, budget, rows=table.rows, origin=table.origin
        )
    for trait, count in walk.traits.items():
        yield Embedded(trait, part, count)
    yield from hidden_text(walk.words, part)
    if unknown:
        yield Unreadable(f"R data: {unknown} objects are packed in an unknown way", part)
    if walk.missed:
        yield Unreadable(f"R data: {walk.missed}", part)


_Build: TypeAlias = Callable[[Budget], Iterable[RTable]]


class _Walk:
    """Goes through objects once each, and notes where tables are."""

    def __init__(self) -> None:
        self._seen: set[int] = set()
        self._waiting: list[tuple[str, RObject]] = []
        self._found: list[tuple[int, _Build]] = []
        self.traits: dict[Trait, int] = {}
        self.words: list[str] = []
        self.missed = ""

    def start(self, root: RObject, *, is_workspace: bool) -> None:
        """Walk through everything that hangs on an object, or on the objects of a workspace."""
        if is_workspace and root.kind == PAIRLIST:
            self._waiting += [(name or "", value) for name, value in reversed(root.value)]
        else:
            self._waiting.append(("", root))
        try:
            self._go()
        except OverBudgetError as stop:
            self.missed = str(stop)

    def built(self, budget: Budget) -> list[RTable]:
        """Make the tables, the small ones whole: a large one must not keep others from being read."""
        made: dict[int, list[RTable]] = {}
        in_all = MOST_IN_ALL
        order = sorted(range(len(self._found)), key=lambda number: self._found[number][0])
        for left, number in zip(range(len(order), 0, -1), order, strict=True):
            cells = min(MOST_CELLS, min(budget.cells, in_all) // left)
            share = Budget(bytes=budget.bytes, cells=cells)
            made[number] = list(self._found[number][1](share))
            in_all -= cells - share.cells
            budget.take_cells(cells - share.cells)
        return [table for number in sorted(made) for table in made[number] if table.columns]

    def _go(self) -> None:
        while self._waiting:
            name, found = self._waiting.pop()
            if id(found) in self._seen:
                continue
            self._seen.add(id(found))
            if len(self._seen) > _MOST_WALKED or len(self._found) > _MOST_TABLES:
                raise OverBudgetError("too many objects")
            self._visit(name, found)

    def _visit(self, name: str, found: RObject) -> None:
        if found.kind in ATOMIC:
            self._atomic(name, found)
        elif found.kind == EXPRESSION:
            self._wait([("", value) for value in found.value])
        elif found.kind == LIST:
            self._list(found)
        elif isinstance(found.value, list):
            self._note(Trait.OBJECTS, found.kind in {ENVIRONMENT, S4})
            self._wait((tag or "", value) for tag, value in found.value)
        self._attributes(found)

    def _atomic(self, name: str, found: RObject) -> None:
        """Take in a matrix or a vector that no list holds."""
        if dimensions(found):
            self._found.append((length_of(found), partial(matrix, found)))
        elif found.kind == STRINGS and length_of(found) <= _FEW_WORDS:
            self.words += found.strings()
        elif length_of(found) > 1:
            self._found.append((length_of(found), partial(vector, name, found)))

    def _list(self, found: RObject) -> None:
        """Take in a data frame or a list, and whatever is in it."""
        classes = found.classes()
        names = found.attributes.get("names")
        members = frozenset(names.strings()) if names else frozenset()
        size = sum(length_of(value) for value in found.value if value.kind in ATOMIC)
        if "data.frame" in classes:
            self._found.append((size, partial(data_frame, found)))
        else:
            if size:
                self._found.append((size, partial(vectors, found)))
            self._note(Trait.PLOTTED_DATA, bool(classes & _FIGURES))
            self._note(Trait.STATISTICS, len(members & _IS_MODEL) > 1)
            self._note(Trait.OBJECTS, bool(classes))
        for value in found.value:
            if value.kind in ATOMIC and not dimensions(value):
                self._seen.add(id(value))
                self._attributes(value)
                if value.kind == STRINGS and length_of(value) == 1:
                    self.words += value.strings()
            else:
                self._wait([("", value)])

    def _attributes(self, found: RObject) -> None:
        known = _OF_TABLES if "data.frame" in found.classes() else _OF_VALUES
        for name, value in found.attributes.items():
            if name in _WORDS:
                self._note(Trait.ATTACHED_LABELS, wanted=True)
                labels = value.attributes.get("names")
                self.words += [*value.strings(), *(labels.strings() if labels else ())]
            elif name not in known:
                self._wait([(name, value)])

    def _wait(self, more: "Iterator[tuple[str, RObject]] | list[tuple[str, RObject]]") -> None:
        self._waiting += reversed(list(more))

    def _note(self, trait: Trait, wanted: bool) -> None:  # noqa: FBT001 - reads as a sentence
        if wanted:
            self.traits[trait] = self.traits.get(trait, 0) + 1
