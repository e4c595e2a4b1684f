"""Laws of reading pages and drawings in fewer steps: what is read is what the long way gives."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from breachkit.documents.formats import html, html_scripts, svg
from breachkit.documents.formats.html_cut import _ATTRIBUTES_WITH_TAGS, _code_from
from breachkit.documents.formats.html_tables import Tables, _beside
from breachkit.documents.reader import Budget


CODE = re.compile(
    rb"<([sS][cC][rR][iI][pP][tT]|[sS][tT][yY][lL][eE])((?:\s[^>]{0,5000}|\s[^<>]*)?)>"
)
TAGS = st.lists(
    st.sampled_from(
        [b"<script", b"<STYLE", b"</script", b"<scripted", b">", b" ", b"\n", b"<", b" src='a'", b"x", b"=",
         b"y" * (_ATTRIBUTES_WITH_TAGS - 2), b"y" * (_ATTRIBUTES_WITH_TAGS - 1), b"y" * _ATTRIBUTES_WITH_TAGS]
    ),
    max_size=12,
).map(b"".join)  # fmt: skip


@settings(max_examples=300)
@given(TAGS, st.integers(0, 3))
@example(b"<script " + b"y" * 5_000 + b">", 0)
@example(b"<script " + b"<" * 5_001 + b"><style>", 0)
@example(b"<script " + b"y" * 5_001 + b">", 0)
def test_a_script_begins_where_one_expression_finds_it(page: bytes, position: int) -> None:
    tag, found = _code_from(page, position), CODE.search(page, position)

    assert (tag is None) == (found is None)
    if tag is not None and found is not None:
        assert (tag.start, tag.end) == found.span()
        assert page[tag.attributes : tag.end - 1] == found[2]
        assert tag.is_script == (found[1].lower() == b"script")


STYLES = st.lists(
    st.sampled_from(
        [".a", "#b-c", "p.d", " ", "}", "{", "display", "DISPLAY", "di\u017fplay", "d\u0131splay", ":", "none", "None",
         "\x1c", "\xa0", ";", "color:red", "@media x"]
    ),
    max_size=14,
).map("".join)  # fmt: skip


@settings(max_examples=400)
@given(STYLES)
@example(".a{display\x1c:none}")
@example(".a{DI\u017fPLAY:NONE}")
def test_a_style_hides_what_the_whole_of_it_says(style: str) -> None:
    assert html._hidden_by(style) == html._HIDING_STYLE.findall(style)


SCRIPTS = st.lists(
    st.sampled_from(
        ["var a = ", "[1, 2]", '[{"n": 3}]', '{"n": 3}', "f(", ")", ";", "// note\n", "a", ", "]
    ),
    max_size=8,
).map("".join)


@settings(max_examples=200)
@given(st.lists(SCRIPTS, max_size=4))
def test_a_script_that_is_met_again_holds_what_it_held(scripts: list[str]) -> None:
    for script in [*scripts, *scripts]:
        assert html_scripts.values_of(script.encode()) == html_scripts.values_in(script)


ATTRIBUTES = st.lists(
    st.sampled_from(
        ['style="text-align: right"', 'style="display: none"', 'style="FONT-SIZE:0"', 'class="n"', 'class="h n"',
         'data-order="3"', 'data-order="x"', 'title="5"', "hidden", 'colspan="2"', 'id="c"', 'style=""', "class"]
    ),
    max_size=3,
    unique_by=lambda attribute: attribute.partition("=")[0],
).map(" ".join)  # fmt: skip


@settings(max_examples=200)
@given(st.lists(ATTRIBUTES, min_size=1, max_size=6), st.sampled_from([[], ["h"]]))
def test_a_cell_that_tells_nothing_by_its_attributes_neither_hides_nor_carries_anything(
    cells: list[str], hiding: list[str]
) -> None:
    page = f"<table><tr>{''.join(f'<td {cell}>1</td>' for cell in cells)}</tr></table>"
    root, _ = html.parse_markup(page.encode())
    tables = Tables(None, Budget.for_file(1), hiding)
    assert root is not None

    for cell in root.iter("td"):
        tells = tables._telling[tuple(cell.items())]
        assert tells or not (tables.is_hidden(cell) or _beside(cell) is not None)


LOOKS = st.sampled_from(
    ["display='none'", "style='display:  none'", "style='&#100;isplay:none'", "visibility='hidden'", "opacity='0'",
     "style='opacity: 0.0'", "style='font-size:   0'", "style='font-size :0;'", 'font-size = " 0"', "font-size='.0'",
     "font-size='+0px'", "font-size='10'", "style='font-size: 10px'", "fill='red'", "font-size='1e0'", "x='0'", "x='9'"]
)  # fmt: skip
SHAPES = st.sampled_from(
    ["<path d='M0'/>", "<line x='1'></line>", "<g>", "</g>", "<path <text>", "<rect", "/>", "<use/>", ">", "<stop></path>"]
)  # fmt: skip


@settings(max_examples=200)
@given(st.lists(st.tuples(LOOKS, LOOKS), min_size=1, max_size=3))
def test_what_a_drawing_hides_is_what_each_element_says(looks: list[tuple[str, str]]) -> None:
    words = "".join(f"<g {outer}><text {own}>n 3</text></g>" for outer, own in looks)
    content = f"<svg viewBox='0 0 99 99'>{words}</svg>".encode()

    quick = list(svg.read(content, None, Budget.for_file(1)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(svg, "_may_hide", lambda _: True)
        slow = list(svg.read(content, None, Budget.for_file(1)))

    assert quick == slow


@settings(max_examples=300)
@given(st.lists(SHAPES, max_size=10).map("".join))
def test_shapes_are_taken_out_at_once_as_one_by_one(drawing: str) -> None:
    content = drawing.encode()

    assert svg._without_shapes(content) == svg._SHAPE.sub(b"", content)
