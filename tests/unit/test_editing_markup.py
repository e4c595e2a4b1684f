"""Cells of pages change, and nothing else of them does."""

import pytest

from breachkit.documents.editing.editable import Spot
from breachkit.documents.editing.opening import open_editable
from breachkit.sdc.marks import REDACTED


def changed(page, edits):
    """Give a page with other cells."""
    content = page.encode() if isinstance(page, str) else page
    return open_editable(content, b"x.html").written(edits)


def table(*rows, head="<tr><th>age</th><th>n</th></tr>"):
    """Write a page with a table."""
    return f"<html><body><table>{head}{''.join(rows)}</table></body></html>"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<td>3</td>", f"<td>{REDACTED}</td>"),
        ("<TD Class=a3 >\r\n 3\t</TD>", f"<TD Class=a3 >\r\n {REDACTED}\t</TD>"),
        ("<td><b>3</b> (0.5%)</td>", f"<td><b>{REDACTED}</b> </td>"),
        ("<td>3<sup>1</sup></td>", f"<td>{REDACTED}<sup></sup></td>"),
        ("<td>3<!-- was 3 --></td>", f"<td>{REDACTED}<!-- --></td>"),
        (
            '<td data-order="3.2" id="r3">3</td>',
            f'<td data-order="{REDACTED}" id="r3">{REDACTED}</td>',
        ),
        (
            "<td title=3><i aria-label='n 3'>3</i></td>",
            f"<td title=\"{REDACTED}\"><i aria-label='{REDACTED}'>{REDACTED}</i></td>",
        ),
        (
            '<td><span style="display:none">0003</span>3</td>',
            f'<td><span style="display:none"></span>{REDACTED}</td>',
        ),
        ("<td>&nbsp;&#51;&nbsp;<br>of 9", f"<td>&nbsp;{REDACTED}&nbsp;<br>"),
        ("<td><template>3</template>3", f"<td><template> </template>{REDACTED}"),
    ],
)
def test_a_cell_changes_with_all_that_repeats_it_and_keeps_its_markup(before, after):
    page = table("<tr><td>16-39</td>", before, "</tr><tr><td>40-64</td><td>12</td></tr>")

    written = changed(page, {Spot(0, 0, 1): REDACTED}).decode()

    assert written == page.replace(before, after)
