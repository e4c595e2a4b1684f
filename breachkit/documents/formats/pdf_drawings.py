"""Drawings in a PDF without their lines: what is left of a scatter plot of a million points is its words.

PDFium makes fifty times as much of a drawing as it has bytes, so that it is given none of many million. Lines,
curves, areas, colours and what is drawn again and again hold no words: they are taken out here, piece by
piece as the drawing is inflated, and what is left stays in the order and at the place it had. Whatever is not known
to be without words is left.

Source: ISO 32000-1, 7.8.2 (content streams), 8.4.4 and 8.5 (graphics state, paths), 8.10 (forms), annex A (operators).
"""

import re
import zlib
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise


MOST_LEFT = 1 << 22
"""Bytes of a drawing without its lines; PDFium makes 200 MB of so many at worst."""
MOST_DRAWN_AGAIN = 2_000
"""How often the same form or picture is left in a drawing: what is drawn oftener marks a point."""
_MOST_TOKEN = 1 << 20
"""Bytes of a text or of a picture within a drawing."""
_CHUNK = 1 << 20
_STROKES = b"\n" + b"0 0 m 1 1 l S\n" * 12
"""Stands for the lines that were taken out, so that a page without words is still known to be drawn."""

_BLANK = rb"[\0\t\n\f\r ]"
_NUMBER = rb"(?:[-+]?(?:\d++\.?\d*+|\.\d++)%b++)" % _BLANK
_NAME = rb"/[^\0\t\n\f\r ()<>\[\]{}/%]*+"
_END = rb"(?=[\0\t\n\f\r /(\[<%])"
_PATH = _NUMBER + rb"{0,6}+(?:re|[mlcvyhSsnGgKkwJjMi]|[fBbW]\*?|RG|rg|SCN?|scn?)"
_COLOUR = rb"%b%b++(?:cs|CS|scn|SCN|ri)" % (_NAME, _BLANK)
_DASHES = rb"\[[-+.\d\0\t\n\f\r ]*+\]%b*+%bd" % (_BLANK, _NUMBER)
_POINT_OF_R = (
    rb"BT\s++/F1 1 Tf \d Tr [-.\d]++ 0 0 [-.\d]++ [-.\d]++ [-.\d]++ Tm\s++\(l\) Tj 0 Tr\s++ET"
)
"""The letter l, in a font in which that is a disc."""
_LONGEST_POINT = 200
_LINE = rb"(?:%b|%b|%b|%b)%b%b*+" % (_PATH, _COLOUR, _DASHES, _POINT_OF_R, _END, _BLANK)
_PLACE = _NUMBER + rb"{6}cm" + _END
_SETTINGS = rb"%b%b++gs%b" % (_NAME, _BLANK, _END)
_IN_ITS_PLACE = rb"q%b++(?:%b|(?:%b|%b)%b*+)*+Q%b%b*+" % (
    _BLANK, _LINE, _PLACE, _SETTINGS, _BLANK, _END, _BLANK
)  # fmt: skip
"""Lines, with what is saved before them and restored behind."""
_LINES = rb"(?:%b|%b)++" % (_LINE, _IN_ITS_PLACE)
_MARK = rb"q%b++%b%b++(?P<mark>%b)%b++Do%b++Q%b" % (
    _BLANK, _PLACE, _BLANK, _NAME, _BLANK, _BLANK, _END
)  # fmt: skip
_TEXT = rb"\((?:[^()\\]++|\\.|\((?:[^()\\]++|\\.|\((?:[^()\\]++|\\.)*+\))*+\))*+\)"
_PICTURE = rb"BI(?=[\s/])(?>.*?\sID\s)(?>.*?\sEI%b)" % _END
_DECIMAL = rb"[-+]?(?:\d{1,12}\.?\d{0,12}|\.\d{1,12})"
_TOKEN = re.compile(
    rb"(?P<lines>%b)" % _LINES
    + rb"|(?P<again>%b|(?P<name>%b)%b++Do%b)" % (_MARK, _NAME, _BLANK, _END)
    + rb"|(?P<open>q)%b|(?P<close>Q)%b|(?P<blank>%b++)" % (_END, _END, _BLANK)
    + rb"|(?P<step>1 0 0 1 (?P<x>%b) (?P<y>%b) cm%b(?:%b++(?P<drawn>%b)%b++Do%b)?+)"
    % (_DECIMAL, _DECIMAL, _END, _BLANK, _NAME, _BLANK, _END)
    + rb"|(?P<place>%b)" % _PLACE
    + rb"|(?P<state>%b)" % _SETTINGS
    + rb"|(?P<unfinished>\((?!%b)|BI(?=[\s/])(?!%b)|%%[^\r\n]*+\Z)" % (_TEXT[2:], _PICTURE[2:])
    + rb"|(?P<other>%b|%b|<[0-9A-Fa-f\s]*+>|%%[^\r\n]*+|%b" % (_TEXT, _PICTURE, _NAME)
    + rb"|[^\0\t\n\f\r ()<>\[\]{}/%]++|.)",
    re.DOTALL,
)


class TooMuchError(Exception):
    """A drawing cannot be made small enough, or is none."""


def without_lines(data: bytes, *, is_packed: bool = True) -> bytes:
    """Give a drawing without what holds no words, packed if it is.

    Args:
        data: The drawing; where it is packed, which is by Flate, anything may follow.
        is_packed: Whether it is.

    Raises:
        TooMuchError: too much is left of it, or it is damaged.
    """
    left = _Left()
    try:
        for piece in _inflated(data) if is_packed else _pieces(data):
            left.take(piece)
    except zlib.error:
        raise TooMuchError from None
    return zlib.compress(left.whole(), 9) if is_packed else left.whole()


def only_lines(*, is_packed: bool = True) -> bytes:
    """Give a drawing of a few lines that stands for one that cannot be read."""
    return zlib.compress(_STROKES, 9) if is_packed else _STROKES


def _pieces(data: bytes) -> Iterator[bytes]:
    return (data[at : at + _CHUNK] for at in range(0, len(data), _CHUNK))


def _inflated(data: bytes) -> Iterator[bytes]:
    unpacker = zlib.decompressobj()
    while data and not unpacker.eof:
        yield unpacker.decompress(data, _CHUNK)
        data = unpacker.unconsumed_tail
    if not unpacker.eof:
        raise zlib.error


class _Left:
    """What is left of a drawing so far."""

    def __init__(self) -> None:
        self._kept: list[bytes] = []
        self._size = 0
        self._rest = b""
        """The end of the last piece, which may go on in the next."""
        self._open: list[int] = []
        """Where in `_kept` each state begins that was saved and is not restored yet."""
        self._used = 0
        """How many of them hold something that has to stay."""
        self._drawn: Counter[bytes] = Counter()
        self._state = b""
        """The settings by name that are in force, where that is known."""
        self._x = self._y = 0.0
        self._has_moved = False
        """Changes of place that are not kept yet, because nothing was drawn after them."""

    def take(self, chunk: bytes) -> None:
        """Take in the next piece."""
        whole = self._rest + chunk
        end = max(whole.rfind(b"\n"), whole.rfind(b" "), whole.rfind(b"\r")) + 1
        begun = whole.rfind(b"BT", max(end - _LONGEST_POINT, 0), end)
        if begun >= 0 and whole.find(b"ET", begun, end) < 0:
            end = begun
        at = self._lex(whole[:end])
        self._rest = whole[at:]
        if len(self._rest) > _MOST_TOKEN:
            raise TooMuchError
        self._join()

    def whole(self) -> bytes:
        """Give all of it, once nothing follows."""
        self._arrive()
        self._kept.append(self._rest)
        return b"".join(self._kept) + _STROKES

    def _lex(self, text: bytes) -> int:
        """Keep what has to stay, and say how far that was understood."""
        take = {
            "again": self._draw,
            "open": self._save,
            "close": self._restore,
            "blank": self._part,
            "step": self._step,
            "place": lambda found: self._keep(found[0]),
            "state": self._set,
            "other": self._hold,
        }
        for found in _TOKEN.finditer(text):
            kind = found.lastgroup or ""
            if kind == "unfinished":
                return found.start()
            if kind != "lines":
                take[kind](found)
        return len(text)

    def _hold(self, found: re.Match[bytes]) -> None:
        self._keep(found[0])
        self._used = len(self._open)

    def _part(self, _: re.Match[bytes]) -> None:
        if self._kept and self._kept[-1] != b"\n":
            self._kept.append(b"\n")

    def _save(self, _: re.Match[bytes]) -> None:
        self._arrive()
        self._open.append(len(self._kept))
        self._kept.append(b"q")

    def _set(self, found: re.Match[bytes]) -> None:
        """Keep settings by name, unless they are those in force."""
        if found[0] != self._state:
            self._state = found[0]
            self._keep(found[0])

    def _keep(self, token: bytes) -> None:
        self._arrive()
        self._kept.append(token)
        self._size += len(token)
        if self._size > MOST_LEFT:
            raise TooMuchError

    def _step(self, found: re.Match[bytes]) -> None:
        """Add up changes of place, and keep what is drawn there unless it was so often enough."""
        self._x += float(found["x"])
        self._y += float(found["y"])
        self._has_moved = True
        if found["drawn"] is not None:
            self._draw_named(found["drawn"], found["drawn"] + b" Do")

    def _arrive(self) -> None:
        """Keep the changes of place so far as one."""
        if self._has_moved:
            self._kept.append(b"1 0 0 1 %.4f %.4f cm\n" % (self._x, self._y))
            self._size += len(self._kept[-1])
            self._forget_steps()

    def _forget_steps(self) -> None:
        self._x = self._y = 0.0
        self._has_moved = False

    def _draw(self, found: re.Match[bytes]) -> None:
        """Keep what is drawn by name, unless it was so often enough."""
        self._draw_named(found["mark"] or found["name"], found[0])

    def _draw_named(self, name: bytes, token: bytes) -> None:
        self._drawn[name] += 1
        if self._drawn[name] <= MOST_DRAWN_AGAIN:
            self._keep(token)
            self._used = len(self._open)

    def _restore(self, _: re.Match[bytes]) -> None:
        """Restore a state; where nothing was drawn in it, it is as if it had never been saved."""
        self._state = b""
        if not self._open:
            self._arrive()
            self._kept.append(b"Q")
            return
        self._forget_steps()
        start = self._open.pop()
        if len(self._open) >= self._used:
            del self._kept[start:]
        else:
            self._kept.append(b"Q")
            self._used = min(self._used, len(self._open))

    def _join(self) -> None:
        """Make few of many tokens, between the places where a state was saved."""
        places = [0, *self._open, len(self._kept)]
        parts = [self._kept[start:end] for start, end in pairwise(places)]
        self._kept = [b"".join(part) for part in parts]
        self._open = list(range(1, len(parts)))
        self._size = sum(map(len, self._kept))
        if self._size > MOST_LEFT:
            raise TooMuchError
