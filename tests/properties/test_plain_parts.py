"""Laws of reading parts of office files in fewer steps: what is read is what the parser of XML gives."""

from collections.abc import Sequence

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from breachkit.documents.formats import spreadsheet, word
from breachkit.documents.formats.sheet_tokens import plain_sheet, plain_strings
from breachkit.documents.readers import read
from breachkit.documents.table import Document, Table, Unreadable
from tests.support.office import archive


HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n'
TEXTS = st.sampled_from(
    ["3", " 4 ", "1204.0", "1e3", "a", "a &amp;lt; b", "x\ny", "x\r\ny", "&#51;", "&#x33;", "\u00e9", "", " ",
     "44256", "&quot;q&quot;", "x]]y", "<r><t>r</t></r>", "<!-- c -->5", "<![CDATA[6]]>", "\u2028", "&bad;", "]]>"]
)  # fmt: skip
PLAIN_TEXTS = st.sampled_from(
    ["0", "1", "2", "9", "1204.50", "x", "a &amp; b", " ", "", "44256", "\u00e9"]
)
STYLES = st.sampled_from(["", ' s="0"', ' s="1"', ' s="99"', ' s=""'])
KINDS = st.sampled_from(["", ' t="s"', ' t="n"', ' t="str"', ' t="b"', ' t="e"', ' t="inlineStr"'])
COLUMNS = st.sampled_from(["A", "B", "C", "AA", "XFD"])


@st.composite
def cells(draw: st.DrawFn, texts: st.SearchStrategy[str]) -> str:
    place, style, kind, text = draw(COLUMNS), draw(STYLES), draw(KINDS), draw(texts)
    formula = draw(st.sampled_from(["", "", "<f>A1+B1</f>", '<f t="shared" si="0"/>', "<f/>"]))
    value = draw(
        st.sampled_from(
            [f"<v>{text}</v>", f"<is><t>{text}</t></is>", f'<is><t xml:space="preserve">{text}</t></is>', "<v/>", ""]
        )
    )  # fmt: skip
    return f'<c r="{place}{draw(st.integers(1, 9))}"{style}{kind}>{formula}{value}</c>'


EMPTY = COLUMNS.map(lambda column: f'<c r="{column}1" s="1"/>')
ODD = st.sampled_from(
    ["<c><v>7</v></c>", '<c s="1" r="B2"><v>7</v></c>', "<c r='B2'><v>7</v></c>", '<x:c r="B2"><v>7</v></x:c>',
     '<c r="b2"><v>7</v></c>', '<c r="B2" cm="1"><v>7</v></c>', "<!-- c -->", "<?p q?>", "text", "<extLst/>",
     '<c r="B2"><v>7</v><is><t>8</t></is></c>', '<c r="A1" s="1"/>', "\n  "]
)  # fmt: skip


@st.composite
def rows(draw: st.DrawFn, inside: st.SearchStrategy[str]) -> str:
    number = draw(st.sampled_from(["", ' r="1"', ' r="2"', ' r="7"', ' r="x"', ' x:r="9"']))
    hidden = draw(st.sampled_from(["", "", ' hidden="1"', ' hidden="false"']))
    if draw(st.integers(0, 9)) == 0:
        return f"<row{number}{hidden}/>"
    return f"<row{number}{hidden}>{''.join(draw(st.lists(inside, max_size=6)))}</row>"


PLAIN = st.lists(rows(cells(PLAIN_TEXTS) | EMPTY), min_size=1, max_size=6)
ANY = st.lists(rows(cells(TEXTS) | EMPTY | ODD) | ODD, max_size=6)
STRINGS = st.lists(
    st.sampled_from(
        ["<si><t>one</t></si>", '<si><t xml:space="preserve"> 2 &lt; 3 </t></si>', "<si><t/></si>",
         "<si><t>x\r\ny</t></si>"]
    )
)  # fmt: skip
ODD_STRINGS = st.lists(
    st.sampled_from(
        ["<si><t>one</t></si>", "<si><r><t>a</t></r><r><t>b</t></r></si>", "<si><t>k</t><rPh><t>h</t></rPh></si>",
         "<si><t>&#65;</t></si>", "<!-- -->", "<si/>", "x"]
    )
)  # fmt: skip


def sheet(inside: Sequence[str]) -> bytes:
    columns = '<cols><col min="2" max="3" hidden="1"/></cols>'
    after = "<headerFooter><oddHeader>&amp;Cnote</oddHeader></headerFooter>"
    data = f"<sheetData>{''.join(inside)}</sheetData>"
    return f'{HEAD}<worksheet xmlns="m" xmlns:x="x">{columns}{data}{after}</worksheet>'.encode()


def strings(inside: Sequence[str]) -> bytes:
    return f'{HEAD}<sst xmlns="m">{"".join(inside)}</sst>'.encode()


def workbook(sheet_: bytes, strings_: bytes) -> bytes:
    styles = '<styleSheet xmlns="m"><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>'
    return archive(
        {
            "[Content_Types].xml": '<Types xmlns="m"/>',
            "xl/workbook.xml": '<workbook xmlns="m"/>',
            "xl/styles.xml": styles,
            "xl/sharedStrings.xml": strings_,
            "xl/worksheets/sheet1.xml": sheet_,
        }
    )


def documents(content: bytes, name: str) -> list[Document]:
    return list(read(content, (name.encode(),)))


def by_the_parser(content: bytes) -> list[Document]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spreadsheet, "plain_sheet", lambda _: None)
        patch.setattr(spreadsheet, "plain_strings", lambda _: None)
        return documents(content, "a.xlsx")


@settings(max_examples=100)
@given(PLAIN, STRINGS)
def test_a_plain_sheet_is_what_the_parser_says(inside: list[str], shared: list[str]) -> None:
    content = workbook(sheet(inside), strings(shared))

    assert plain_sheet(sheet(inside)) is not None
    assert plain_strings(strings(shared)) is not None or not shared
    assert documents(content, "a.xlsx") == by_the_parser(content)


@settings(max_examples=150)
@given(ANY, ODD_STRINGS)
@example(['<row r="1"><c r="A1"><v>3</v></c><c><v>4</v></c></row>'], [])
@example(['<c r="A1"><v>3</v></c>'], [])
def test_any_other_sheet_is_so_too(inside: list[str], shared: list[str]) -> None:
    content = workbook(sheet(inside), strings(shared))

    quick, slow = documents(content, "a.xlsx"), by_the_parser(content)

    if any(isinstance(one, Unreadable) for one in slow):  # damaged: what stands behind is not asked
        assert any(isinstance(one, Unreadable) for one in quick)
    else:
        assert quick == slow


@pytest.mark.parametrize(
    ("plain", "unusual"),
    [
        (b"UTF-8", b"ISO-8859-1"),
        (b"<worksheet", b"<!DOCTYPE x><worksheet"),
        (b"</sheetData>", b"\xff</sheetData>"),
        (b"</sheetData>", b"\x01</sheetData>"),
        (b"<sheetData>", b'<sheetData x="y">'),
        (b"<sheetData>", b"<!-- <sheetData>"),
    ],
)
def test_what_is_unusual_is_left_to_the_parser(plain: bytes, unusual: bytes) -> None:
    content = sheet(['<row r="1"><c r="A1"><v>3</v></c></row>'])

    assert plain_sheet(content) is not None
    assert plain_sheet(content.replace(plain, unusual)) is None


def test_empty_cells_with_a_colour_are_no_cells() -> None:
    coloured = "".join(f'<row r="{row}"><c r="A{row}" s="1"/></row>' for row in range(1, 50))
    inside = [
        '<row r="1"><c r="A1" t="str"><v>n</v></c></row>',
        coloured,
        '<row r="2"><c r="A2"><v>3</v></c></row>',
    ]

    [table] = [
        one
        for one in documents(workbook(sheet(inside), strings([])), "a.xlsx")
        if isinstance(one, Table)
    ]

    assert (table.header, list(table.rows)) == (("n",), [("3",)])


NAMES = sorted(word._READ | {"document", "sz", "b", "lang", "tcW", "tblGrid", "sdt", "rPrChange"})


@st.composite
def word_parts(draw: st.DrawFn, depth: int = 0) -> str:
    name = draw(st.sampled_from(NAMES))
    value = draw(st.sampled_from(["", ' w:val="2"', ' w:val="0"', ' w:val="a>b/>"', ' show="0"']))
    if depth > 5 or draw(st.booleans()):
        return f"<w:{name}{value}/>"
    inside = "".join(draw(st.lists(word_parts(depth + 1), max_size=3)))
    return f"<w:{name}{value}>{draw(st.sampled_from(['', 'x', ' 3 ']))}{inside}</w:{name}>"


@settings(max_examples=100)
@given(st.lists(word_parts(), max_size=5))
def test_what_only_says_how_words_look_changes_no_document(inside: list[str]) -> None:
    text = f'<w:document xmlns:w="w"><w:body>{"".join(inside)}</w:body></w:document>'
    content = archive({"[Content_Types].xml": '<Types xmlns="m"/>', "word/document.xml": text})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(word, "_READ", None)
        whole = documents(content, "a.docx")

    assert documents(content, "a.docx") == whole
