"""The tokens of rich text, one after the other, to what they are part of.

Groups are counted on a stack of our own: a file may hold a million of them within one another.
"""

import enum
from collections.abc import Callable, Mapping

from breachkit.documents.formats import rich_text_words as known
from breachkit.documents.formats.rich_text_flow import Flow
from breachkit.documents.formats.rich_text_objects import Data, Holds
from breachkit.documents.formats.rich_text_tokens import (
    TOKEN,
    codec_of_page,
    sign_of,
    text_of,
    without_first,
)
from breachkit.documents.reader import Budget, OverBudgetError
from breachkit.model.records import dataclass, field


class Aside(enum.Enum):
    """What a text beside the document is."""

    AUTHOR = enum.auto()
    ABOUT = enum.auto()
    OTHER = enum.auto()


@dataclass(slots=True)
class Beside:
    """A text beside the document while it passes by."""

    kind: Aside
    pieces: list[str] = field(default_factory=list, repr=False)


class _Looks:
    """Where text goes that says how things look."""


_LOOKS = _Looks()
_Sink = Flow | Beside | Data | _Looks
HIDDEN, GONE, NEW, RAISED, _IN_TABLE = 1, 2, 4, 8, 16
"""How characters are; and whether their paragraph stands in a table."""
_MOST_PARTS = 5_000


class _State:
    """What holds within a group, and after it no more."""

    __slots__ = ("around", "codec", "depth", "flags", "passed", "sink")

    def __init__(self, sink: _Sink) -> None:
        self.sink = sink
        self.around = sink
        """Where text went before it was said to be told twice."""
        self.codec = ""
        self.flags = 0
        self.depth = 0
        """Of tables within tables."""
        self.passed = 1
        """Characters to pass over behind one that is given by its number."""

    def copy(self) -> "_State":
        made = _State.__new__(_State)
        made.sink = self.sink
        made.around = self.around
        made.codec = self.codec
        made.flags = self.flags
        made.depth = self.depth
        made.passed = self.passed
        return made


class Reading:
    """Reads one document.

    Args:
        content: The file.
        budget: Asked for each cell.
        handlers: What control words do that do something, each asked with its number.
    """

    def __init__(
        self,
        content: bytes,
        budget: Budget,
        handlers: Mapping[bytes, Callable[["Reading", int | None], None]],
    ) -> None:
        self._content = content
        self._handlers = handlers
        self._budget = budget
        self.flows = [Flow("", budget)]
        self.asides: list[Beside] = []
        self.data: list[Data] = []
        self.deleted: list[str] = []
        self.vanished: list[str] = []
        self.gap = ""
        """Why the document was not read to its end."""
        self.end = len(content)
        """Where what is behind the document begins."""
        self._state = _State(self.flows[0])
        self._groups: list[_State] = []
        self._is_own = True
        self._is_first = self._is_starred = False
        self._to_pass = 0
        self._codec = codec_of_page(1252)
        self._fonts: dict[int, str] = {}
        self._font = self._usual_font = 0
        self._in_fonts = False

    def read(self, start: int) -> None:
        """Read from the first group on to its end.

        Raises:
            OverBudgetError: There is too much of something; what came before is kept.
        """
        at: int | None = start
        while at is not None:
            at = self._read_to_bytes(at)
        if not self.gap and self._groups:
            self.gap = "cut off before its end"

    def _read_to_bytes(self, start: int) -> int | None:
        """Read up to bytes that stand as they are, and give where they end; None at the end of all."""
        for token in TOKEN.finditer(self._content, start):
            kind = token.lastgroup
            if kind == "text":
                self._take(token["text"])
            elif kind == "group":
                if token["group"] == b"{":
                    self._open()
                elif self._close():
                    self.end = token.end()
                    return None
            elif kind == "sign":
                self._take_sign(token["sign"])
            elif token["word"] == b"bin":
                return self._take_bytes(token.end(), int(token["number"] or 0))
            else:
                number = token["number"]
                self._take_word(token["word"], None if number is None else int(number))
        return None

    def _open(self) -> None:
        self._groups.append(self._state)
        self._is_own = False
        self._is_first, self._is_starred = True, False
        self._to_pass = 0

    def _close(self) -> bool:
        self._to_pass = 0
        self._is_first = self._is_starred = False
        self._is_own = False
        self._state = self._groups.pop()
        return not self._groups

    def _own(self) -> _State:
        """Give the state of this group, to be changed."""
        if not self._is_own:
            self._state = self._state.copy()
            self._is_own = True
        return self._state

    def _take_bytes(self, at: int, size: int) -> int | None:
        size = max(size, 0)
        if at + size > len(self._content):
            self.gap = "cut off before its end"
        piece = self._content[at : at + size]
        sink = self._state.sink
        if not isinstance(sink, Data):
            sink = Data(Holds.BYTES)
            self.data.append(sink)
        sink.binary.append(piece)
        return at + size

    def _take(self, run: bytes) -> None:
        sink = self._state.sink
        if isinstance(sink, Data):
            sink.pieces.append(run)
            return
        if self._to_pass:
            run, self._to_pass = without_first(run, self._to_pass)
        if sink is _LOOKS:
            return
        text = text_of(run, self._state.codec or self._codec)
        if text:
            self._is_first = False
            self._write(text)

    def _write(self, text: str) -> None:
        sink, flags = self._state.sink, self._state.flags
        if isinstance(sink, Flow):
            if flags & RAISED and sink.raised(text):
                self.asides.append(Beside(Aside.OTHER, [text]))
                return
            sink.text(text, is_gone=flags & GONE > 0, is_new=flags & NEW > 0)
            if flags & HIDDEN:
                self.vanished.append(text)
            if flags & GONE:
                self.deleted.append(text)
        elif isinstance(sink, Beside):
            sink.pieces.append(text)

    def _take_sign(self, sign: bytes) -> None:
        if sign == b"*":
            self._is_starred = True
        elif sign in b"\r\n":
            self.end_paragraph()
        elif text := known.SYMBOLS.get(sign):
            self._write(text)

    def _take_word(self, word: bytes, number: int | None) -> None:
        is_first, is_starred = self._is_first, self._is_starred
        self._is_first = self._is_starred = False
        self._to_pass = 0
        handler = self._handlers.get(word)
        if handler is not None:
            handler(self, number)
        elif sign := known.SIGNS.get(word):
            self._write(sign)
        elif word in known.OF_LOOKS and is_first:
            self._own().sink = _LOOKS
            self._in_fonts = word == b"fonttbl"
        elif is_starred and word not in known.WITHIN and self._state.sink is not _LOOKS:
            self.begin_beside(Aside.OTHER)

    def end_paragraph(self) -> None:
        """End a paragraph, wherever it stands."""
        state = self._state
        if isinstance(state.sink, Flow):
            state.sink.end_paragraph(state.depth if state.flags & _IN_TABLE else 0)
            if state.flags & HIDDEN:
                self.vanished.append("\n")
            if state.flags & GONE:
                self.deleted.append("\n")
        elif isinstance(state.sink, Beside):
            state.sink.pieces.append("\n")

    def begin_beside(self, kind: Aside) -> None:
        """Begin a text that is no part of the document."""
        self.asides.append(Beside(kind))
        state = self._own()
        state.around = state.sink
        state.sink = self.asides[-1]

    def begin_flow(self, name: str) -> None:
        """Begin what is read by itself.

        Raises:
            OverBudgetError: There are too many.
        """
        if len(self.flows) > _MOST_PARTS:
            raise OverBudgetError("too many notes and headers")
        self.flows.append(Flow(name, self._budget))
        state = self._own()
        state.sink = state.around = self.flows[-1]
        state.flags = 0
        state.depth = 0

    def begin_data(self, holds: Holds) -> None:
        """Begin a picture or a file."""
        self.data.append(Data(holds))
        self._own().sink = self.data[-1]

    def set_flag(self, flag: int, *, is_on: bool) -> None:
        """Note how the characters that follow are."""
        flags = self._state.flags
        changed = flags | flag if is_on else flags & ~flag
        if changed != flags:
            self._own().flags = changed

    def set_depth(self, depth: int) -> None:
        """Note in how many tables the paragraph stands."""
        if depth != self._state.depth:
            self._own().depth = depth
        self.set_flag(_IN_TABLE, is_on=depth > 0)

    def set_passed(self, number: int) -> None:
        """Note how many characters stand in for one that is given by its number."""
        if number != self._state.passed:
            self._own().passed = number

    def sign(self, number: int) -> None:
        """Take in a character, and pass over those that stand in for it."""
        self._write(sign_of(number))
        self._to_pass = self._state.passed

    def set_codec(self, codec: str) -> None:
        """Note what text is written in where its font does not say."""
        self._codec = codec

    def set_usual_font(self, font: int) -> None:
        """Note which font text has that no other was chosen for."""
        self._usual_font = font

    def set_font(self, font: int) -> None:
        """Choose a font, or begin to describe one."""
        if self._state.sink is _LOOKS:
            self._font = font
        elif (codec := self._fonts.get(font, "")) != self._state.codec:
            self._own().codec = codec

    def describe_font(self, codec: str | None) -> None:
        """Note what text in the font that is described is written in."""
        if self._state.sink is _LOOKS and self._in_fonts and codec:
            self._fonts[self._font] = codec

    def plain(self) -> None:
        """Choose the usual font and looks."""
        self.set_flag(HIDDEN | GONE | NEW | RAISED, is_on=False)
        self.set_font(self._usual_font)

    def begin_paragraph(self) -> None:
        """Note that what follows says anew where it stands."""
        self.set_depth(0)
        if (flow := self.flow) is not None:
            flow.leave_paragraph()

    @property
    def depth(self) -> int:
        """In how many tables the paragraph stands."""
        return self._state.depth

    @property
    def flow(self) -> Flow | None:
        """The document, or the part of it, that text goes to; None where it goes elsewhere."""
        sink = self._state.sink
        return sink if isinstance(sink, Flow) else None

    def name_data(self, path: bytes) -> None:
        """Note of what kind a picture is."""
        if isinstance(self._state.sink, Data):
            self._state.sink.path = path

    def end_beside(self) -> None:
        """Go back to where text went before it was said to be told twice."""
        state = self._own()
        state.sink = state.around

    def set_in_flow(self, change: Callable[[Flow, int], None]) -> None:
        """Change the table that the paragraph stands in."""
        if (flow := self.flow) is not None:
            change(flow, max(self._state.depth, 1))
