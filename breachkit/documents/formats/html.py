"""HTML: its tables, its words, the data in its scripts, what it hides, and the files inside it.

Nothing is run and nothing is fetched. Of the pictures inside a page what is beside their pixels is
read, as if they were files.
"""

import html
import itertools
import re
from collections.abc import Iterator

from lxml import etree

from breachkit.documents.encoding import decode
from breachkit.documents.formats.html_cut import Code, Cut, cut, drawings, files_within, uri_of
from breachkit.documents.formats.html_scripts import is_boilerplate, is_library, values_of
from breachkit.documents.formats.html_tables import MOST_TABLES, Element, Tables
from breachkit.documents.json_text import parsed
from breachkit.documents.markup import not_in, pipe_tables
from breachkit.documents.media import suffix_of
from breachkit.documents.pasted import tables_in_program
from breachkit.documents.printed import printed_tables
from breachkit.documents.reader import Budget, Member, NotReadError, OverBudgetError, inside
from breachkit.documents.records import Finder
from breachkit.documents.table import Document, Embedded, Table, Text, TextKind, Trait, Unreadable


_HIDING_STYLE = re.compile(
    r"(?:^|[}\s])[\w]{0,20}[.#]([\w-]{1,60})\s*\{[^{}]{0,500}?display\s*:\s*none", re.IGNORECASE
)
_NOT_DISPLAYED = re.compile(r"display\s*:\s*none")
"""What every hiding style holds in lower case: a look for it is over in no time."""
_STYLE_SIZE = 20_000
"""Bytes of a style sheet that somebody may have written; longer ones are a framework's."""
_USUAL_COMMENT = re.compile(
    r"\s*(?:\[if\b|<!\[endif|\[endif|/?(?:load|end of|begin|end|section|code folding|tabsets?|mathjax|jquery)\b"
    r"|dynamically load|images? classes|.{0,40}\b(?:pandoc|knitr|nbconvert|mathjax|plotly|bootstrap)\b|={3,}|-{3,})",
    re.IGNORECASE,
)
_SOURCE_CLASS = re.compile(r"\b(?:r|python|sourceCode|source|highlight|hljs|stata|sql|bash|yaml)\b")
_COMMENT_TABLE = re.compile(r"<t[dh]\b", re.IGNORECASE)
_JSON_TYPE = re.compile(rb"json", re.IGNORECASE)
_KNITR_MARK = re.compile(r"^## ?", re.MULTILINE)
_MULTIPART = re.compile(rb"\AMIME-Version:|\AFrom:[^\n]{0,200}\n|\AContent-Type:\s*multipart/", re.IGNORECASE)  # fmt: skip
_DEPTH_ERRORS = frozenset({"ERR_RESOURCE_LIMIT", "ERR_EXCESSIVE_DEPTH", "ERR_INTERNAL_ERROR", "ERR_NAME_TOO_LONG"})  # fmt: skip


def read(content: bytes, part: str | None, budget: Budget) -> Iterator[Document | Member]:
    """Give everything that a page shows, and what it carries beside."""
    if _MULTIPART.match(content.lstrip()[:400]):
        yield from _archived(content, part)
        return
    if b"\0" in content[:4096]:  # wide characters
        content = _text(content)
    pieces = cut(content)
    pieces.markup = _text(pieces.markup)  # without the files in it, which are most of a page
    yield from _Page(pieces, part, budget).everything()


def _text(content: bytes) -> bytes:
    """Give text in UTF-8."""
    text = decode(content)
    if text is None:
        raise NotReadError("no text, though its name says it is")
    return text.encode("utf-8", "replace")


def tables_in(markup: bytes, part: str | None, budget: Budget) -> Iterator[Document]:
    """Give the tables of a piece of markup alone."""
    tables = Tables(part, budget)
    root = parse_markup(cut(markup).markup)[0]
    if root is not None:
        yield from tables.of(root)
        yield from tables.traits()


def _archived(content: bytes, part: str | None) -> Iterator[Document | Member]:
    """Open a page saved with its pictures (MHTML)."""
    import email
    import email.policy

    message = email.message_from_bytes(content, policy=email.policy.compat32)
    number = 0
    for piece in message.walk():
        body = piece.get_payload(decode=True)
        if isinstance(body, bytes) and body:
            number += 1
            kind = piece.get_content_type()
            yield Member(content=body, path=suffix_of(kind), part=inside(part, f"piece {number}"))
    if not number:
        yield Unreadable("HTML: an archive of a page without pieces", part)


def parse_markup(markup: bytes) -> tuple[Element | None, bool]:
    """Parse UTF-8 markup; say whether it was cut off because it is nested too deep."""
    if not markup.strip():
        return None, False
    parser = etree.HTMLParser(
        recover=True, no_network=True, remove_pis=True, huge_tree=True, encoding="utf-8"
    )
    try:
        root = etree.fromstring(markup, parser)
    except etree.ParserError:
        return None, False
    for behind in (
        [] if root is None else list(root.itersiblings())
    ):  # browsers show what stands behind `</html>`
        root.append(behind)
    is_cut = any(
        entry.type_name in _DEPTH_ERRORS for entry in parser.error_log.filter_from_fatals()
    )
    return root, is_cut


def hiding_classes(page: Cut) -> list[str]:
    """Give the classes that a style sheet of a page hides."""
    sheets = (code.body for code in page.styles if len(code.body) <= _STYLE_SIZE)
    return [name for body in sheets for name in _hidden_by(body.decode("utf-8", "replace"))]


def _hidden_by(style: str) -> list[str]:
    if style.isascii() and not _NOT_DISPLAYED.search(style.lower()):
        return []
    return _HIDING_STYLE.findall(style)


class _Page:
    """Reads one page."""

    def __init__(self, pieces: Cut, part: str | None, budget: Budget) -> None:
        self._cut, self._part, self._budget = pieces, part, budget
        self._has_data = 0
        self._scripts = 0

    def everything(self) -> Iterator[Document | Member]:
        pictures = self._drawings()
        root, is_cut = parse_markup(self._cut.markup)
        if is_cut:
            yield Unreadable("HTML: nested too deep, or too big, to be read whole", self._part)
        if root is not None:
            yield from self._tree(root)
        yield from self._from_scripts()
        yield from files_within(self._cut.files, self._part, self._budget)
        for number, picture in enumerate(pictures, start=1):
            name = inside(self._part, f"drawing {number}")
            yield Member(content=picture, path=b"drawing.svg", part=name)

    def _drawings(self) -> list[bytes]:
        """Take the drawings out of the markup."""
        markup, kept = self._cut.markup, []
        pictures: list[bytes] = []
        position = 0
        for start, end in drawings(markup):
            kept.append(markup[position:start])
            pictures.append(markup[start:end])
            position = end
        self._cut.markup = b" ".join([*kept, markup[position:]])
        return list(dict.fromkeys(pictures))

    def _tree(self, root: Element) -> Iterator[Document | Member]:
        tables = Tables(self._part, self._budget, hiding_classes(self._cut))
        yield from tables.of(root)
        yield from self._print_outs(root)
        yield from self._comments(root, tables)
        yield from tables.traits()
        yield from self._frames(root)
        yield from self._words(root, tables)
        if tables.number > MOST_TABLES:
            yield Unreadable(f"HTML: only the first {MOST_TABLES} tables were read", self._part)

    def _print_outs(self, root: Element) -> Iterator[Document]:
        """Give what stands as it was printed: programs, and what they wrote."""
        for number, (block, text) in enumerate(print_outs(root), start=1):
            name = inside(self._part, f"print-out {number}")
            names = " ".join(str(inner.get("class") or "") for inner in [block, *block.iter("code"), *_outer(block)])  # fmt: skip
            if _SOURCE_CLASS.search(names):
                yield Text(text, name)
            else:
                yield from printed(text, name)

    def _comments(self, root: Element, tables: Tables) -> Iterator[Document]:
        """Give the words and the tables in comments, but for those that every page has."""
        comments = [str(one.text or "") for one in root.iter(etree.Comment)]
        comments += [
            str(one.text or "") for one in root.itersiblings(etree.Comment, preceding=True)
        ]
        comments = [text for text in comments if text.strip() and not _USUAL_COMMENT.match(text)]
        if not comments:
            return
        for text in comments:
            inner = (
                parse_markup(text.encode("utf-8", "replace"))[0]
                if _COMMENT_TABLE.search(text)
                else None
            )
            if inner is not None:
                yield from tables.of(inner, hidden=True)
        yield Text("\n".join(comments), inside(self._part, "comments"), TextKind.HIDDEN)
        telling = sum(1 for text in comments if any(map(str.isdigit, text)))
        if telling:
            yield Embedded(Trait.HIDDEN_MARKUP, self._part, telling)

    def _frames(self, root: Element) -> Iterator[Member]:
        """Give the pages within the page."""
        for number, frame in enumerate(root.iter("iframe"), start=1):
            page = frame.get("srcdoc")
            if page:
                content = page.encode("utf-8", "replace")
                name = inside(self._part, f"frame {number}")
                yield Member(content=content, path=b"frame.html", part=name)

    def _words(self, root: Element, tables: Tables) -> Iterator[Document]:
        """Give the words outside of tables and print-outs, those that are not shown apart."""
        for done in list(root.iter("table", "pre", "textarea", "xmp", "iframe", etree.Comment)):
            _drop(done)
        unseen = [element for element in root.iter(etree.Element) if tables.is_hidden(element)]
        hidden = [words for element in unseen if (words := _lines(element))]
        for element in unseen:
            _drop(element)
        shown = _lines(root)
        if shown:
            yield Text(shown, self._part)
        if hidden:
            text = "\n".join(hidden)
            yield Text(text, inside(self._part, "hidden text"), TextKind.HIDDEN)
            if any(map(str.isdigit, text)):
                yield Embedded(Trait.HIDDEN_MARKUP, self._part, len(hidden))

    def _from_scripts(self) -> Iterator[Document]:
        finder = Finder(inside(self._part, "data"), self._budget)
        for code in self._cut.scripts:
            try:
                self._script(code, finder)
            except (OverBudgetError, NotReadError) as stop:
                yield Unreadable(f"HTML: {stop}", self._part)
        yield from filter(_may_be_data, finder.result())
        if finder.markup:
            markup = "\n".join(finder.markup).encode("utf-8", "replace")
            yield from tables_in(markup, inside(self._part, "data"), self._budget)
        if self._has_data:
            yield Embedded(Trait.WIDGET_DATA, self._part, self._has_data)
        if self._scripts:
            yield Embedded(Trait.SCRIPT, self._part, self._scripts)

    def _script(self, code: Code, finder: Finder) -> None:
        """Look for data in one script, and note what it is."""
        file = uri_of(code.attributes.get("src", b""))
        body = file.content(self._budget) if file else code.body
        kind = code.attributes.get("type", b"")
        before = len(finder.documents)
        if _JSON_TYPE.search(kind):
            text = body.decode("utf-8", "replace").strip()
            value = parsed(text) or parsed(html.unescape(text))
            if value is None and text[:1] in {"{", "["}:
                raise NotReadError("data in a script that is no valid JSON")
            finder.look(value)
        elif not is_library(body) and not kind.lower().startswith(b"text/x-mathjax"):
            for value in values_of(body):
                finder.look(value)
        has_data = any(map(_may_be_data, finder.documents[before:]))
        self._has_data += has_data
        is_own = not is_library(body) and not is_boilerplate(body) and not _JSON_TYPE.search(kind)
        self._scripts += is_own or has_data


def print_outs(root: Element) -> Iterator[tuple[Element, str]]:
    """Give the elements whose text stands as it was written, but for blank ones, and that text."""
    for block in root.iter("pre", "textarea", "xmp"):
        text = "".join(map(str, block.itertext()))
        if text.strip() and next(block.iterancestors("pre", "textarea", "xmp"), None) is None:
            yield block, text


def printed(text: str, part: str | None) -> Iterator[Document]:
    """Give what a program printed, and the tables in it."""
    plain = without_mark(text)
    found: list[Document] = []
    for each in printed_tables(plain, part):
        found.append(each)
        if isinstance(each, Text):
            found += tables_in_program(each.text, part)
    yield from found
    yield from not_in(found, tuple(pipe_tables(plain, part, "|")))


def without_mark(text: str) -> str:
    """Give what was printed without the mark that knitr puts before each line."""
    return _KNITR_MARK.sub("", text) if text.startswith("##") else text


def _outer(element: Element) -> list[Element]:
    return list(itertools.islice(element.iterancestors(), 2))


def _may_be_data(found: Document) -> bool:
    """Say whether something from a script may be more than a list of words that sets it up."""
    if not isinstance(found, Table):
        return True
    return any(any(map(str.isdigit, cell)) for row in found.rows for cell in row)


def _lines(element: Element) -> str:
    texts = (str(text).strip() for text in element.itertext())
    return "\n".join(text for text in texts if text)


def _drop(element: Element) -> None:
    """Take an element out of its page, and leave what stands behind it."""
    parent = element.getparent()
    if parent is None:
        return
    tail, before = element.tail, element.getprevious()
    if tail:
        if before is not None:
            before.tail = (before.tail or "") + tail
        else:
            parent.text = (parent.text or "") + tail
    parent.remove(element)
