"""What readers give: tables, texts, what is embedded in a file, and the reason why something is not read."""

import enum
import re
from collections.abc import Sequence

from breachkit.model.records import dataclass, field


class Origin(enum.Enum):
    """What a table was in its file."""

    FILE = "delimited text"
    SHEET = "sheet"
    """Of a spreadsheet."""
    MARKUP = "markup"
    """HTML, Markdown, a word processor: somebody laid it out."""
    RECORDS = "records"
    """JSON, or the data that a figure or a widget carries."""
    PRINTED = "print-out"
    """A log or a console: Stata, R or Python printed it."""
    DATASET = "data set"
    """A data frame, saved by a statistics package or in a database."""
    FIGURE = "figure"
    """What is written in a figure, such as the numbers at risk under a survival curve."""


class TextKind(enum.Enum):
    """What a text was in its file."""

    PROSE = "program or prose"
    MESSAGE = "message"
    """Of a commit or a tag."""
    NAME = "name"
    """Of a file, a ref or a person."""
    PRINTED = "print-out"
    FIGURE = "figure"
    """Words written in a figure."""
    HIDDEN = "hidden text"
    """Comments, deleted passages, descriptions, metadata: what a person does not see at once."""


class Trait(enum.Enum):
    """Something that a file carries beside what a person sees on opening it."""

    NOTEBOOK_OUTPUT = "outputs stored with the code that made them"
    HIDDEN_SHEET = "hidden sheet"
    VERY_HIDDEN_SHEET = "sheet hidden so that no menu shows it"
    EMPTY_SHEET = "hidden sheet without cells"
    HIDDEN_CELLS = "hidden rows or columns"
    COMMENTS = "comments"
    DEFINED_NAMES = "defined names that point at cells"
    PIVOT_CACHE = "cache of a pivot table: its source data"
    EXTERNAL_LINK = "link to another file, with cached values"
    MACROS = "macros"
    EMBEDDED_FILE = "embedded file"
    TRACKED_CHANGES = "tracked changes"
    AUTHOR = "names of authors"
    SCRIPT = "script"
    WIDGET_DATA = "data of a widget or an interactive figure"
    HIDDEN_MARKUP = "markup that is not shown"
    EMBEDDED_IMAGE = "embedded image"
    HIDDEN_TEXT = "text that is not shown"
    METADATA_TEXT = "text in metadata"
    EXIF = "EXIF metadata"
    THUMBNAIL = "thumbnail"
    TRAILING_BYTES = "bytes behind the end of the image"
    STATISTICS = "stored statistics of a model"
    PLOTTED_DATA = "the data that a figure was drawn from"
    OBJECTS = "stored objects that no table is made of"
    ATTACHED_LABELS = "labels of values and variables"


@dataclass(frozen=True, slots=True)
class Table:
    """A table as text; shape `(rows, columns)`, the header apart."""

    header: tuple[str, ...]
    """Column names, stripped; empty strings where a column has none."""
    rows: Sequence[Sequence[str]] = field(repr=False)
    """Cells as written, stripped of surrounding white space. Rows may be shorter or longer than
    the header; what is beyond the header belongs to no column."""
    part: str | None = None
    """Member of the file that holds it; None for the file itself."""
    above: int | None = None
    """Rows above its own in the table of the whole file, where it is a part of that one: under a
    header that stands further down. None for a table that is whole."""
    origin: Origin = Origin.FILE
    hidden: bool = False
    """Whether a person who opens the file does not see it."""
    more_rows: int = 0
    """How many rows the table has beyond those given."""
    is_called_dummy: bool = False
    """Whether the print-out that it stands in says that its data are dummy data."""
    of_rows: int = 0
    """Rows of the largest data set that its print-out, or a line below it, tells of; 0 if none does."""


@dataclass(frozen=True, slots=True)
class Text:
    """Running text: code, a log, a message."""

    text: str = field(repr=False)
    part: str | None = None
    kind: TextKind = TextKind.PROSE


@dataclass(frozen=True, slots=True)
class Embedded:
    """Something that a file carries beside what a person sees: what it is, never what is in it."""

    trait: Trait
    part: str | None = None
    count: int = 1
    """How many of them."""
    carrier: str = ""
    """The name of the kind of file that carries it (`SVG figure`); `documents.readers` fills it in."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Content that says it is one thing and does not read as it, or that no reader exists for.

    This is a result and reaches the report: what could not be read is not clean. The reason
    names no content.
    """

    reason: str
    part: str | None = None


Document = Table | Text | Embedded | Unreadable

_NUMBER_IN_LABEL = re.compile(r"(?<=[=:(])\s*\d[\d,. ]*|(?<!\w)\d[\d,.]*|\d{5,}")
_VALUE = re.compile(r"\W*\d(?:[\W\d_]*|[\d.,]*\s*[\[(].*)", re.DOTALL)


def column_label(header: Sequence[str], index: int) -> str:
    """Name a column for a report without carrying content out of the file.

    Where any cell of the header is a value (digits without a letter: a number, a share, a date),
    the file may have no header row, and then its first row is data: every column is called by its
    number. So is one whose name is empty or long. In other names numbers are masked unless they
    are part of a word: `N=3`, `Female [3]` and `3 deaths` tell a count, `stat_1` does not. So are
    all runs of five or more digits.

    Args:
        header: The header row.
        index: Which column, counted from 0; the label counts from 1.
    """
    name = header[index].strip() if index < len(header) else ""
    if not name or len(name) > 60 or _VALUE.fullmatch(name) or _is_data(header):
        return f"column {index + 1}"
    return _NUMBER_IN_LABEL.sub("#", name)


def _is_data(header: Sequence[str]) -> bool:
    """Say whether some cell is a value: `3`, `3.5%`, `2021-05-03`, `3 (1 to 6)`.

    The columns of one table are named one after the other, and it can have a million: what is said
    of the last header is kept.
    """
    if not _last or _last[0][0] is not header:
        _last[:] = [(header, any(map(_VALUE.fullmatch, header)))]
    return _last[0][1]


_last: list[tuple[Sequence[str], bool]] = []
