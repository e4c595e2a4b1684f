"""Data frames in notebooks are read off their text as the reader of pages reads them, or are left to it."""

from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from breachkit.documents.formats import html
from breachkit.documents.formats.html_frames import frames_of
from breachkit.documents.reader import Budget, OverBudgetError
from breachkit.documents.table import Table, Text


PART = "cell 3 output 1"
STYLE = (
    "<style scoped>\n    .dataframe tbody tr th {\n        vertical-align: top;\n    }\n</style>\n"
)
SUMMARY = (  # as lifelines shows a model: what it is, and its coefficients
    f'<div>\n{STYLE}<table border="1" class="dataframe">\n  <tbody>\n    <tr>\n      <th>model</th>\n'
    "      <td>Cox</td>\n    </tr>\n    <tr>\n      <th>events</th>\n      <td>3</td>\n    </tr>\n"
    '  </tbody>\n</table>\n</div><table border="1" class="dataframe">\n  <thead>\n'
    '    <tr style="text-align: right;">\n      <th style="min-width: 12px;"></th>\n'
    '      <th style="min-width: 12px;">coef</th>\n    </tr>\n  </thead>\n  <tbody>\n    <tr>\n'
    "      <th>age</th>\n      <td>0.03</td>\n    </tr>\n  </tbody>\n</table>\n"
)
ODD = (
    *("<td>", "</td>", "</tr>", "<tr>", "</table>", "<b>3</b>", "<br>", "<!-- 3 -->", "<p>5</p>", "</div>"),
    *(' colspan="2"', ' style="display: none"', " title='3'", "<script>var a = [1, 2]</script>", "<td"),
    *("&amp;", "&lt;b&gt;", "&nbsp;", "&#51;", "&amp;nbsp;", "&", "data:text/csv,a", "\x1b[31m", "\u200b"),
    *("\ud800", "\xa0", "\t", "  ", "\r\n", "\x0c", "\x85", "\u2003", "\ufeff", "é", "<thead>", "</thead>"),
)  # fmt: skip
TEXTS = st.text(st.sampled_from("a3 <>&;\t\n\xa0é\u2003\u200b\"'"), max_size=6)


def both(page: str) -> tuple[Any, Any]:
    """Give what each of the two makes of a page, and what that takes."""
    ours, theirs = Budget.for_file(len(page)), Budget.for_file(len(page))
    frames = frames_of(page, PART, ours)
    if frames is None:
        return None, None
    content = page.encode("utf-8", "replace")
    read = list(html.read(content, PART, theirs))
    return (frames, ours.cells, ours.bytes), (read, theirs.cells, theirs.bytes)


def shown(frame: pd.DataFrame) -> Iterator[str]:
    yield frame._repr_html_()  # what a notebook asks for
    yield frame.to_html()


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(TEXTS, TEXTS, st.integers(0, 9)), min_size=1, max_size=5), TEXTS)
def test_frames_that_pandas_shows_are_read_as_pages_are(rows, name):
    frame = pd.DataFrame(rows, columns=["group", name, "n"])

    for page in shown(frame):
        ours, theirs = both(page)
        assert ours == theirs


@pytest.mark.parametrize("page", [*shown(pd.DataFrame({"n": [3, 12]})), SUMMARY])
def test_frames_of_the_usual_kinds_are_not_left_to_the_reader_of_pages(page):
    ours, theirs = both(page)

    assert ours == theirs
    assert any(isinstance(one, Table) for one in ours[0])


def test_the_line_below_a_frame_that_is_cut_is_text():
    with pd.option_context("display.max_rows", 4):
        page = next(shown(pd.DataFrame({"n": range(60)})))

    found = frames_of(page, PART, Budget.for_file(9))

    assert found is not None
    assert [type(one) for one in found] == [Table, Text]
    assert found[1] == Text("60 rows \N{MULTIPLICATION SIGN} 1 columns", PART)


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from([*shown(pd.DataFrame({"a b": ["x", "y"], "n": [3, 12]})), SUMMARY]),
    st.lists(
        st.tuples(st.floats(0, 1), st.sampled_from(ODD), st.integers(0, 30)), min_size=1, max_size=3
    ),
)
@example(SUMMARY, [(0.5, "\u200b", 0)])
def test_whatever_is_put_into_a_page_or_taken_out_both_read_the_same(page, changes):
    for at, odd, gone in changes:
        start = int(at * len(page))
        page = page[:start] + odd + page[start + gone :]

    ours, theirs = both(page)

    assert ours == theirs


@pytest.mark.parametrize("page", [
    '<table border="1" class="dataframe"><tbody></tbody></table>',
    '<table border="1" class="dataframe"><thead><tr><th></th></tr></thead><tbody><tr><td> </td></tr></tbody></table>',
    f"{SUMMARY}<p>and more</p>{SUMMARY}",
])  # fmt: skip
def test_pages_with_little_or_much_in_them_are_read_the_same(page):
    ours, theirs = both(page)

    assert ours == theirs


def test_a_frame_of_more_cells_than_a_file_may_hold_is_not_read():
    with pytest.raises(OverBudgetError):
        frames_of(SUMMARY, PART, Budget(bytes=10, cells=3, members=1))


@pytest.mark.parametrize("rows", [3, 2_000])
def test_rows_that_a_line_below_states_are_told(rows):
    ours, theirs = both(pd.DataFrame({"n": range(rows)})._repr_html_())

    assert ours == theirs
    assert ours[0][0].of_rows == (2_000 if rows == 2_000 else 0)
