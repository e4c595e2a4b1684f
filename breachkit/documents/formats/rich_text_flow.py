"""What people write in rich text while it passes by: paragraphs, and tables between them."""

import re
from collections.abc import Iterator

from breachkit.documents.formats.rich_text_tables import (
    Level,
    Words,
    documents_of,
    tables_of_lines,
)
from breachkit.documents.formats.rich_text_tokens import whole
from breachkit.documents.reader import Budget, OverBudgetError, inside
from breachkit.documents.table import Document


_MOST_TABLES = 1_000
_DEEPEST = 30
"""Tables within tables; those further in are taken for one of them."""
_LONGEST_MARK = 3
"""Characters of what stands raised behind a number and is the mark of a footnote."""
_DIGIT_LAST = re.compile(r"\d\s?$")


class Flow:
    """A document, or a part of it that is read by itself, while it passes by.

    Args:
        name: What reports call it; nothing for the document itself.
        budget: Asked for each cell.
    """

    def __init__(self, name: str, budget: Budget) -> None:
        self.name = name
        self.is_hidden = name == "comment"
        self._budget = budget
        self._levels: list[Level] = []
        self._done: list[Level] = []
        self._words = Words()
        self._body: list[str] = []
        self._begun = 0
        self._is_apart = False
        self.changed = False

    def text(self, text: str, *, is_gone: bool, is_new: bool) -> None:
        """Take in words."""
        self._words.add(text, is_gone=is_gone, is_new=is_new)
        self.changed = self.changed or is_gone or is_new

    def raised(self, mark: str) -> bool:
        """Put a star for the mark of a footnote, which would be a digit of the number before it."""
        last = self._words.now[-1] if self._words.now else ""
        if len(mark.strip()) > _LONGEST_MARK or not _DIGIT_LAST.search(last):
            return False
        self._words.add("*")
        return True

    def leave_paragraph(self) -> None:
        """Note that what follows says anew whether it stands in a table."""
        self._is_apart = True

    def end_paragraph(self, depth: int) -> None:
        """End a paragraph, which stands in so many tables; in none ends them all."""
        is_in = depth > 0 or (self._is_row_open() and not self._is_apart)
        if is_in:
            self._words.add(" ")
            self.level(max(depth, 1)).cell.take(self._words)
        else:
            self._end_tables(0)
            self._body += self._words.now
            self._body.append("\n")
            self._words = Words()

    def _is_row_open(self) -> bool:
        return bool(self._levels) and self._levels[0].is_open

    def _is_row_begun(self) -> bool:
        return self._is_row_open() or any(level.cells or level.cell for level in self._levels)

    def level(self, depth: int) -> Level:
        """Give the table at a depth, counted from 1, and end those that stood in it.

        Raises:
            OverBudgetError: There are too many.
        """
        depth = min(max(depth, 1), _DEEPEST)
        if len(self._levels) > depth:
            self._end_tables(depth)
        while len(self._levels) < depth:
            if self._begun >= _MOST_TABLES:
                raise OverBudgetError("too many tables")
            self._begun += 1
            self._levels.append(Level(self._begun))
        return self._levels[depth - 1]

    def begin_row(self, depth: int) -> None:
        """Begin to say how a row is cut; words of before that are in no table end a paragraph."""
        if self._words and not self._is_row_begun():
            self.end_paragraph(0)
        self.level(depth).begin_row()
        self._is_apart = False

    def end_cell(self, depth: int) -> None:
        """Put what was written since the last cell into one."""
        self._budget.take_cells(1)
        level = self.level(depth)
        level.cell.take(self._words)
        level.end_cell()

    def end_row(self, depth: int) -> None:
        """End a row of a table."""
        level = self.level(depth)
        level.cell.take(self._words)
        level.end_row()

    def _end_tables(self, depth: int) -> None:
        for level in self._levels[depth:]:
            level.end_row()
            if level.lines:
                self._done.append(level)
        del self._levels[depth:]

    def end(self) -> None:
        """Take what is left for the end of a cell or of a paragraph."""
        if self._is_row_open() and self._levels[0].cells:
            self._levels[-1].cell.take(self._words)
        self._end_tables(0)
        self._body += self._words.now
        self._words = Words()

    @property
    def body(self) -> str:
        """What stands outside of tables."""
        return whole("".join(self._body)).strip()

    def tables(self, part: str | None) -> Iterator[Document]:
        """Give the tables, and as hidden ones what they were before changes that are tracked."""
        number = 0
        for level in sorted(self._done, key=lambda one: one.number):
            after = list(tables_of_lines(level.lines))
            past = list(tables_of_lines(level.lines, before=True)) if self.changed else after
            for rows, earlier in zip(after, past, strict=True):
                number += 1
                place = inside(part, f"table {number}")
                yield from documents_of(rows, place, self._budget, hidden=self.is_hidden)
                if _texts(earlier) != _texts(rows):
                    yield from documents_of(earlier, place, self._budget, hidden=True)


def _texts(rows: object) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in rows]  # type: ignore[attr-defined]
