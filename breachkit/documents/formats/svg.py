"""Drawings: the words in them, the numbers at risk, what is out of sight, and the pictures within.

Shapes are most of a drawing, and are left out before a parser sees the rest. Words that are drawn
as shapes of letters cannot be read; matplotlib writes those beside the shapes, as comments.
"""

import re
from collections.abc import Iterator

from lxml import etree

from breachkit.documents.formats.html_cut import DataUri, files_within, without_files
from breachkit.documents.formats.svg_layout import (
    IDENTITY,
    Label,
    Matrix,
    canvas_of,
    is_outside,
    is_unseen,
    local_name,
    matrix_of,
    numbers_in,
    times,
)
from breachkit.documents.formats.svg_risk import risk_tables
from breachkit.documents.formats.svg_tables import drawn_tables
from breachkit.documents.formats.xml_tree import Element, parse
from breachkit.documents.reader import Budget, Member, inside
from breachkit.documents.table import (  # fmt: skip
    Document,
    Embedded,
    Origin,
    Table,
    Text,
    TextKind,
    Trait,
    Unreadable,
)


MOST_TAGS = 500_000
"""Of one drawing, beside its shapes."""
_WORDS = re.compile(rb"<(?:\w{1,20}:)?(?:text|title|desc|metadata|foreignObject|script)\b|<!--|<!\[CDATA", re.IGNORECASE)  # fmt: skip
_SHAPE = re.compile(
    rb"<(?:path|line|polyline|polygon|circle|ellipse|rect|use|stop|clipPath)\b[^<>]*(?:/>|></(?:path|line|polyline|polygon|circle|ellipse|rect|use|stop)>)"
)
_SHAPE_AT_ONCE = re.compile(
    rb"<(?:p(?:ath|olyline|olygon)|line|circle|ellipse|rect|use|stop|clipPath)\b[^>]*+>(?:(?<=/>)|(</)(?:path|line|polyline|polygon|circle|ellipse|rect|use|stop)>)"
)
"""The same, found four times as fast, where no tag begins within another; tells where there is a second tag."""
_LABELLED = re.compile(rb"\saria-label=\"([^\"<>]{3,2000})\"")
_PAIR = re.compile(r"\s*([^:;]{1,80}):\s*([^;]{0,200})(?:;|$)")
_USUAL = re.compile(
    r"\s*|.{0,80}(?:created with|created using|generat(?:or|ed)|matplotlib|inkscape|sketch|copyright|licen[sc]e"
    r"|font awesome|svglite|exported|stata graph|all rights reserved).{0,200}"
    r"|\d{4}-\d\d-\d\d(?:T[\d:.+Z-]{0,40})?|[\w-]+/[\w.+-]+|https?://\S+|layer \d+|figure|chart|image|plot",
    re.IGNORECASE | re.DOTALL,
)
_LETTER = re.compile(r"[^\W\d_]")
_SPACE = re.compile(r"\s+")
_LOOKED_AT = ("{*}text", "{*}title", "{*}desc", "{*}metadata", "{*}script")
_HIDING = (b"display", b"visibility", b"opacity")
_NO_SIZE = re.compile(rb"font-size\s*(?::\s*|=\s*[\"'][^\"'<>1-9]*)0")
_ENCODING = re.compile(rb"\s*<\?xml\b[^>]{0,200}?\sencoding\s*=\s*[\"']([^\"'>]{0,40})")
_LIKE_ASCII = (b"utf-8", b"us-ascii", b"ascii", b"iso-8859-", b"windows-125")
_NO_WORDS = frozenset({"title", "desc", "metadata", "style", "script"})


def read(content: bytes, part: str | None, budget: Budget) -> Iterator[Document | Member]:
    """Give the words of a drawing, the tables in it, and what it hides."""
    files: list[DataUri] = []
    if b"data:" in content:
        content = b"".join(without_files(content, files))
    if b"aria-label=" in content:
        yield from _labelled(content, part, budget)
    if _WORDS.search(content):
        bare = _without_shapes(content)
        root, is_whole = parse(bare, most_tags=MOST_TAGS, otherwise="damaged")
        yield from _Drawing(root, part, budget, may_hide=_may_hide(bare)).everything()
        if not is_whole:
            yield Unreadable("SVG figure: damaged, and read only in part", part)
    elif not content.rstrip().endswith(b">"):
        yield Unreadable("SVG figure: cut off before its end", part)
    yield from files_within(files, part, budget)


def _may_hide(drawing: bytes) -> bool:
    """Say whether an element may not be shown, by attributes that may be written with signs for their letters."""
    encoding = _ENCODING.match(drawing)
    return (
        any(sign in drawing for sign in _HIDING)
        or _NO_SIZE.search(drawing) is not None
        or (b"&" in drawing and b"&#" in drawing)
        or b"<!ENTITY" in drawing
        or (encoding is not None and not encoding[1].lower().startswith(_LIKE_ASCII))
    )


def _without_shapes(content: bytes) -> bytes:
    pieces = _SHAPE_AT_ONCE.split(content)
    bare, ends = b"".join(pieces[::2]), pieces[1::2]
    tags = 2 * len(ends) - ends.count(None)
    begun = content.count(b"<") - bare.count(b"<")
    return bare if begun == tags else _SHAPE.sub(b"", content)


def _labelled(content: bytes, part: str | None, budget: Budget) -> Iterator[Table]:
    """Give the data that Vega writes into the description of each mark: `sex: F; count: 3`."""
    groups: dict[tuple[str, ...], list[list[str]]] = {}
    for label in _LABELLED.findall(content):
        pairs = _PAIR.findall(label.decode("utf-8", "replace"))
        if len(pairs) > 1:
            budget.take_cells(len(pairs))
            names = tuple(name.strip() for name, _ in pairs)
            groups.setdefault(names, []).append([value.strip() for _, value in pairs])
    for number, (header, rows) in enumerate(groups.items(), start=1):
        yield Table(header, rows, inside(part, f"marks {number}"), origin=Origin.FIGURE)


class _Drawing:
    """Reads one drawing."""

    def __init__(
        self, root: Element, part: str | None, budget: Budget, *, may_hide: bool = True
    ) -> None:
        self._root, self._part, self._budget = root, part, budget
        self._may_hide = may_hide
        self._canvas = canvas_of(root)
        self._matrices: dict[Element, tuple[Matrix, bool]] = {}
        self._shown: list[Label] = []
        self._unseen: list[str] = []
        self._scripts = 0

    def everything(self) -> Iterator[Document | Member]:
        for element in self._root.iter(*_LOOKED_AT, etree.Comment):
            self._element(element)
        at_risk = list(risk_tables(self._shown, self._part))
        yield from at_risk
        yield from drawn_tables(self._shown, self._part, bars=not at_risk)
        words = [label.text for label in self._shown if _LETTER.search(label.text)]
        if words:
            yield Text("\n".join(words), self._part, TextKind.FIGURE)
        yield from self._foreign()
        yield from self._hidden()
        if self._scripts:
            yield Embedded(Trait.SCRIPT, self._part, self._scripts)

    def _hidden(self) -> Iterator[Document]:
        hidden = [text for text in self._unseen if not _USUAL.fullmatch(text)]
        if hidden:
            yield Text("\n".join(hidden), inside(self._part, "hidden text"), TextKind.HIDDEN)
        telling = sum(any(map(str.isdigit, text)) for text in hidden)
        if telling:
            yield Embedded(Trait.HIDDEN_TEXT, self._part, telling)

    def _element(self, element: Element) -> None:
        name = local_name(element)
        if not name:
            self._comment(element)
        elif name == "text":
            self._text(element)
        elif name in {"title", "desc", "metadata"}:
            texts = (_SPACE.sub(" ", str(text)).strip() for text in element.itertext())
            self._unseen += [text for text in texts if text]
        elif name == "script":
            self._scripts += 1

    def _text(self, element: Element) -> None:
        """Take a text, or the pieces of it that have places of their own."""
        if not len(element):
            self._take(element, element.text or "")
            return
        placed = [piece for piece in element.iter("{*}tspan") if piece.get("x") or piece.get("y")]
        if not placed:
            self._take(element, "".join(_texts(element)))
            return
        if element.text and element.text.strip():
            self._take(element, element.text)
        for piece in placed:
            self._take(piece, "".join(_texts(piece)))
            if piece.tail and piece.tail.strip():
                self._take(piece, piece.tail)

    def _comment(self, comment: Element) -> None:
        """Take a comment as a label if shapes of letters follow it, and as hidden otherwise."""
        text = _SPACE.sub(" ", comment.text or "").strip()
        drawn = comment.getnext()
        while drawn is not None and local_name(drawn) == "defs":
            drawn = drawn.getnext()
        if drawn is not None and local_name(drawn) == "g" and "translate" in (drawn.get("transform") or ""):  # fmt: skip
            matrix, is_hidden = self._placed(drawn)
            self._keep(Label(text, matrix[4], matrix[5]), is_hidden=is_hidden)
        elif text:
            self._unseen.append(text)

    def _take(self, element: Element, written: str) -> None:
        text = " ".join(written.split())
        if not text:
            return
        matrix, is_hidden = self._placed(element)
        x, y = self._coordinate(element, "x"), self._coordinate(element, "y")
        a, b, c, d, e, f = matrix
        self._keep(Label(text, a * x + c * y + e, b * x + d * y + f), is_hidden=is_hidden)

    @staticmethod
    def _coordinate(element: Element, name: str) -> float:
        """Give where an element says it stands, or the nearest of those around it that does."""
        numbers, found = numbers_in(element.get(name)), element
        while not numbers and local_name(found) == "tspan":
            around = found.getparent()
            if around is None:
                break
            numbers, found = numbers_in(around.get(name)), around
        return numbers[0] if numbers else 0.0

    def _keep(self, label: Label, *, is_hidden: bool) -> None:
        if is_hidden or (self._canvas is not None and is_outside(label, self._canvas)):
            self._unseen.append(label.text)
        else:
            self._shown.append(label)

    def _placed(self, element: Element) -> tuple[Matrix, bool]:
        """Give how an element is moved, and whether it or what it is in is not shown."""
        known = self._matrices.get(element)
        if known is None:
            parent = element.getparent()
            outer, is_hidden = (IDENTITY, False) if parent is None else self._placed(parent)
            moved = element.get("transform")
            own = times(outer, matrix_of(moved)) if moved else outer
            known = (own, is_hidden or (self._may_hide and is_unseen(element)))
            self._matrices[element] = known
        return known

    def _foreign(self) -> Iterator[Document | Member]:
        """Read HTML within the drawing."""
        for number, box in enumerate(self._root.iter("{*}foreignObject"), start=1):
            markup = b"".join(etree.tostring(child, encoding="utf-8") for child in box)
            if markup.strip():
                name = inside(self._part, f"frame {number}")
                yield Member(content=_without_prefixes(markup), path=b"frame.html", part=name)


_PREFIX = re.compile(rb"(</?)\w{1,20}:(?=\w)|\sxmlns(?::\w{1,20})?=\"[^\"]{0,200}\"")


def _without_prefixes(markup: bytes) -> bytes:
    return _PREFIX.sub(lambda found: found[1] or b"", markup)


def _texts(element: Element) -> Iterator[str]:
    """Give the text of an element without its title and other words that are not drawn."""
    if element.text:
        yield element.text
    for child in element:
        if local_name(child) and local_name(child) not in _NO_WORDS:
            yield from _texts(child)
        if child.tail:
            yield child.tail
