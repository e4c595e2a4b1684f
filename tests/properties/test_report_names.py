"""Whatever a name is, a page and its Markdown show it as a name, and both say the same."""

from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from breachkit.report.incident_document import (
    Bullets,
    Code,
    Document,
    Facts,
    Paragraph,
    Section,
    Strong,
    Table,
    joined,
    name,
)
from breachkit.report.incident_html import to_html
from breachkit.report.incident_markdown import to_markdown
from tests.support.reporting import (
    HOSTILE,
    markdown_text,
    numbers,
    page,
    shown_text,
    tables,
)


ISOLATES = str.maketrans("", "", "\u2068\u2069")
NAMES = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=40), st.binary(max_size=20))


def document(*names):
    shown = [name(each) for each in names]
    rows = [((f"row {n}",), (each,), ("kept ", each)) for n, each in enumerate(shown)]
    blocks: list[Any] = [
        Paragraph(("Before ", *joined(shown), " after.")),
        Bullets([(each,) for each in shown], under={0: [(shown[0],)]}),
        Facts([("Fact 7", (each,)) for each in shown]),
        Table(caption="Names", header=("No.", "Name", "Again"), rows=rows, widths=(20, 40, 40)),
        Paragraph((Code("breachkit log verify"), Strong(" 3 left ", "warn"), "to do")),
    ]
    return Document(
        audience="internal",
        tlp="TLP:AMBER+STRICT",
        title="Report",
        about=Facts([("Repository", (shown[0],))]),
        state=Strong("Open"),
        sections=[Section(id="all", title="All", blocks=blocks)],
        footer=(("Made by breachkit.",),),
    )


@given(st.lists(NAMES, min_size=1, max_size=4))
@example(list(HOSTILE))
def test_a_table_keeps_its_columns_under_any_names(names):
    (table,) = tables(to_markdown(document(*names)))
    assert [len(row) for row in table] == [3] * (len(names) + 1)
    for row, each in zip(table[1:], names, strict=True):
        assert row[1].translate(ISOLATES).strip() == name(each).shown.strip()


@given(st.lists(NAMES, min_size=1, max_size=4))
@example(list(HOSTILE))
def test_a_page_shows_each_name_as_text_set_apart(names):
    tree = page(to_html(document(*names)))
    shown = [each.text_content() for each in tree.xpath("//tbody//td[1]/bdi")]
    assert shown == [name(each).shown for each in names]
    assert not tree.xpath("//script | //img | //iframe | //*[@onerror] | //table//a")


@given(st.lists(NAMES, min_size=1, max_size=4))
@example(list(HOSTILE))
def test_every_number_of_the_page_stands_in_its_markdown_twin(names):
    made = document(*names)
    assert numbers(shown_text(to_html(made))) <= numbers(markdown_text(to_markdown(made)))


@given(NAMES)
def test_a_name_is_one_line_of_bounded_length_with_nothing_in_it_that_acts(given_name):
    shown = name(given_name).shown
    assert shown.isprintable()
    assert len(shown) < 320
    if isinstance(given_name, str) and len(given_name) == 4096:
        assert "characters left out" in shown


def test_strong_words_are_strong_in_markdown_whatever_spaces_they_bring():
    markdown = to_markdown(document("x"))
    assert "`breachkit log verify` **3 left** to do" in markdown
    assert "**" not in markdown_text(markdown)
