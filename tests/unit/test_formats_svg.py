"""Drawings: their words, numbers at risk, and what they hide."""

import base64
import gzip
import io
import json

import pytest
from PIL import Image

from breachkit.documents.table import Embedded, Origin, Table, TextKind, Trait
from tests.support.fuzzing import CANARY
from tests.support.webpages import judged, read_as, rows, rules, tables, traits, unread, words


PATH = "output/figure.svg"
OUTPUT = "released_outputs/figure.svg"


def svg(*inner: str) -> str:
    return '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 300">' + "\n".join(inner) + "</svg>"  # fmt: skip


def text(x: float, y: float, words: object, more: str = "") -> str:
    return f"<text x='{x}' y='{y}' style='font-size: 9px;' {more}>{words}</text>"


def ticks() -> list[str]:
    return [text(100 + 50 * number, 250, number) for number in range(6)] + [text(80, 240 - 40 * number, number) for number in range(6)]  # fmt: skip


def at_risk(heading: str = "Number at risk") -> list[str]:
    numbers = {"Women": [1200, 800, 300, 40, 9, 3], "Men": [1100, 700, 250, 30, 8, 6]}
    lines = [text(20, 265, heading)]
    for line, (name, counts) in enumerate(numbers.items()):
        lines.append(text(30, 275 + 8 * line, name))
        lines += [
            text(100 + 50 * at + line, 275 + 8 * line + 0.3, f"{count:,}")
            for at, count in enumerate(counts)
        ]
    return lines


def test_numbers_at_risk_are_a_table_with_strata_as_names_of_rows():
    [table] = tables(svg(*ticks(), *at_risk()), PATH)

    assert table.origin is Origin.FIGURE
    assert rows(table) == [
        ["Women", "1,200", "800", "300", "40", "9", "3"],
        ["Men", "1,100", "700", "250", "30", "8", "6"],
    ]
    assert "CNT-01" in rules(svg(*ticks(), *at_risk()), OUTPUT)


@pytest.mark.parametrize(
    "heading",
    [
        "No. at risk",
        "Patients at risk",
        "At Risk",
        "n.risk",
        "Number of events",
        "Cumulative number of censored",
        "Risk table",
    ],
)
def test_other_headings_are_known(heading):
    assert "CNT-01" in rules(svg(*at_risk(heading)), OUTPUT)


def test_numbers_with_events_in_brackets_are_columns_of_their_own():
    drawing = svg(text(5, 200, "Number at risk (number of events)"), text(5, 210, "All"), text(100, 210, "120 (0)"), text(200, 210, "80 (3)"))  # fmt: skip

    [table] = tables(drawing, PATH)

    assert rows(table) == [["All", "120", "80", "0", "3"]]


def test_ticks_of_axes_are_no_table_and_no_words():
    drawing = svg(*ticks(), text(200, 290, "Weeks"))

    assert tables(drawing, PATH) == []
    assert words(drawing, PATH, TextKind.FIGURE) == "Weeks"
    assert rules(drawing, OUTPUT) == set()
    assert tables(svg(*ticks(), text(5, 245, "Number at risk")), PATH) == []


def test_text_drawn_as_letters_is_read_from_the_comments_of_matplotlib():
    def drawn(x: float, y: float, words: object) -> str:
        return f"<g id='text_1'><!-- {words} --><defs><path d='M 1 1' id='D-1'/></defs><g transform='translate({x} {y}) scale(0.1 -0.1)'><use href='#D-1'/></g></g>"  # fmt: skip

    numbers = [drawn(100 + 50 * at, 210.2, count) for at, count in enumerate([120, 40, 3])]
    drawing = svg("<!-- Created with matplotlib (https://matplotlib.org/) -->", "<metadata><rdf>2021-03-04T10:00:00</rdf><a>Matplotlib v3.3, https://matplotlib.org/</a></metadata>", drawn(10, 210, "At risk"), *numbers)  # fmt: skip

    assert rows(tables(drawing, PATH)[0]) == [["At risk", "120", "40", "3"]]
    assert traits(drawing, PATH) == set()


@pytest.mark.parametrize(
    "hidden",
    [
        "<title>3 deaths</title>",
        "<desc>3 deaths</desc>",
        "<metadata><x>3 deaths</x></metadata>",
        "<!-- 3 deaths -->",
        text(10, 10, "3 deaths", "display='none'"),
        "<text x='10' y='10' style='&#100;isplay:none'>3 deaths</text>",
        "<text x='10' y='10' style='font-size:  0'>3 deaths</text>",
        f"<g style='visibility: hidden'>{text(10, 10, '3 deaths')}</g>",
        f"<g opacity='0'>{text(10, 10, '3 deaths')}</g>",
        text(-900, 10, "3 deaths"),
        f"<g transform='translate(0, 1000)'>{text(10, 10, '3 deaths')}</g>",
    ],
)
def test_what_nobody_sees_is_hidden_text(hidden):
    drawing = svg(text(10, 10, "Shown"), hidden)

    assert "3 deaths" in words(drawing, PATH, TextKind.HIDDEN)
    assert words(drawing, PATH, TextKind.FIGURE) == "Shown"
    assert Trait.HIDDEN_TEXT in traits(drawing, PATH)


def test_pieces_of_a_text_are_joined_unless_they_have_places_of_their_own():
    drawing = svg(
        "<text x='5' y='5'>Women <tspan>(n</tspan><tspan> = 3)</tspan><title>none</title></text>",
        "<text><tspan x='5' y='20'>First</tspan><tspan x='5' dy='10' y='30'>Second &amp; last</tspan></text>",
        "<text x='9' y='40'><![CDATA[a < b]]></text>",
    )

    assert words(drawing, PATH, TextKind.FIGURE).split("\n") == [
        "Women (n = 3)",
        "First",
        "Second & last",
        "a < b",
    ]


def test_a_table_that_is_linked_within_a_drawing_is_read_and_a_font_is_not():
    csv = base64.b64encode(b"region,deaths\nNorth,3\nSouth,120\n").decode()
    linked = f'<a href="data:application/csv;base64,{csv}">{text(10, 20, "Data")}</a>'
    font = '<style>@font-face {src: url("data:application/font-woff;base64,AAAA")}</style>'

    [table] = tables(svg(linked, font), PATH)
    assert rows(table) == [["North", "3"], ["South", "120"]]
    assert Trait.EMBEDDED_FILE in traits(svg(linked), PATH)
    assert not traits(svg(font, text(1, 1, "x")), PATH)
    assert not unread(svg(linked, font), PATH)


def test_pictures_within_a_drawing_are_read_as_files():
    content = io.BytesIO()
    Image.new("L", (3, 3)).save(content, "png")
    picture = base64.b64encode(content.getvalue() + b"ageband,n\n16-39,3\n40-64,1200\n").decode()
    drawing = svg(f'<image x="1" href="data:image/png;base64,{picture}"/>')

    assert {Trait.EMBEDDED_IMAGE, Trait.TRAILING_BYTES} <= traits(drawing, PATH)
    assert "CNT-01" in rules(drawing, OUTPUT)


def test_marks_that_tell_their_data_are_a_table():
    marks = [f'<path d="M1 1" aria-label="region: {name}; deaths: {count}" role="img"/>' for name, count in [("North", 1200), ("South", 3), ("West", 870)]]  # fmt: skip

    [table] = tables(svg(*marks), PATH)

    assert (table.header, rows(table)[1]) == (("region", "deaths"), ["South", "3"])
    assert "CNT-01" in rules(svg(*marks), OUTPUT)


def test_html_within_a_drawing_is_read():
    cell = "<foreignObject><div xmlns='http://www.w3.org/1999/xhtml'><table><tr><th>a</th><th>n</th></tr><tr><td>F</td><td>3</td></tr></table></div></foreignObject>"

    assert [rows(table) for table in tables(svg(cell), PATH)] == [[["F", "3"]]]


def test_scripts_in_a_drawing_are_told():
    assert Trait.SCRIPT in traits(svg("<script>x()</script>"), PATH)


def test_a_compressed_drawing_is_read():
    content = gzip.compress(svg(*at_risk()).encode(), mtime=0)

    assert "CNT-01" in rules(content, "released_outputs/figure.svgz")


def test_shapes_alone_hold_nothing():
    drawing = svg("<path d='M 1 1 L 2 2'/>" * 100, "<use href='#glyph-1' x='3'/>")

    assert read_as(drawing, PATH) == ()


@pytest.mark.parametrize(
    "content", ["<svg><text>x", "<svg", "<svg><text>&x;</text></svg>", "<svg><g></svg>"]
)
def test_a_damaged_drawing_is_read_as_far_as_it_goes_or_said_to_be_unread(content):
    found = read_as(content, PATH)

    assert not any(isinstance(one, (Table, Embedded)) for one in found)
    assert unread(content, PATH) or found or content == "<svg><g></svg>"


def test_no_part_holds_content():
    drawing = svg(
        text(5, 5, CANARY), f"<title>{CANARY}</title>", *at_risk(f"Number at risk {CANARY}")
    )

    assert not any(CANARY in str(getattr(found, "part", "")) for found in read_as(drawing, PATH))
    assert CANARY not in json.dumps([str(found) for found in judged(drawing, OUTPUT).unreadable])


def drawing(*labels: tuple[int, int, str]) -> str:
    return svg(*(text(*label) for label in labels))


def drawn(*labels: tuple[int, int, str]) -> list[tuple[str, ...]]:
    *_, found = tables(drawing(*labels), PATH)
    return [found.header, *map(tuple, found.rows)]


AXIS = [(60, 280 - 50 * tick, str(200 * tick)) for tick in range(6)]


def test_words_in_rows_and_columns_are_a_table():
    rows = (("region", "n"), ("East", "402"), ("London", "3"))

    found = drawn(
        *(
            (x, y, text)
            for y, row in zip((50, 70, 90), rows, strict=True)
            for x, text in zip((20, 90), row, strict=True)
        )
    )

    assert found == list(rows)


def test_the_columns_of_a_heat_map_are_named_below_and_counted_by_its_title():
    found = drawn(
        (150, 20, "Number of patients"),
        *((20, 60, "East"), (100, 60, "402"), (200, 60, "361")),
        *((20, 120, "London"), (100, 120, "3"), (200, 120, "277")),
        *((20, 180, "Wales"), (100, 180, "85"), (200, 180, "90")),
        *((100, 220, "Female"), (200, 220, "Male"), (150, 250, "sex")),
    )

    assert found[0] == ("", "Female Number of patients", "Male Number of patients")
    assert found[1:] == [("East", "402", "361"), ("London", "3", "277"), ("Wales", "85", "90")]


def test_numbers_at_bars_are_counts_where_a_title_says_so_and_those_of_an_axis_are_none():
    bars = ((110, 80, "873"), (170, 210, "361"), (230, 275, "3"))
    names = ((110, 295, "East"), (170, 295, "Wales"), (230, 295, "London"))

    found = drawn(*AXIS, *bars, *names, (10, 150, "Number of patients"))

    assert found == [("", "Number of patients"), *(("", text) for *_, text in bars)]


def test_an_axis_alone_and_numbers_without_a_title_are_no_table():
    title = (10, 150, "Number of patients")
    panels = [(60 + 100 * panel + 20 * at, 290, str(at)) for panel in range(3) for at in range(4)]

    assert not tables(drawing(*AXIS, *panels, title), PATH)
    assert not tables(drawing(*AXIS, (110, 80, "3"), (170, 90, "7")), PATH)
