"""What R writes to files, in the forms in which it writes it."""

import pytest

from breachkit.documents.readers import read
from breachkit.documents.table import Table


def tables(text: str, path: str = "output/results.txt") -> list[Table]:
    found = read(text.encode(), (path.encode(),))
    return [each for each in found if isinstance(each, Table)]


def table(text: str, path: str = "output/results.txt") -> Table:
    (found,) = tables(text, path)
    return found


def cells(found: Table) -> list[list[str]]:
    return [list(row) for row in found.rows]


ROWS = [["1", "18-39", "F", "412"], ["2", "40-59", "F", "388"], ["3", "80+", "M", "2"]]


@pytest.mark.parametrize(
    "text",
    [
        '"age group" "sex" "n"\n"1" "18-39" "F" 412\n"2" "40-59" "F" 388\n"3" "80+" "M" 2\n',
        "age group\tsex\tn\n1\t18-39\tF\t412\n2\t40-59\tF\t388\n3\t80+\tM\t2\n",
        '"age group","sex","n"\n"1","18-39","F",412\n"2","40-59","F",388\n"3","80+","M",2\n',
    ],
    ids=["blanks", "tabs", "commas"],
)
def test_write_table_gives_the_names_of_rows_no_name_and_the_others_stay_over_their_columns(text):
    found = table(text)

    assert found.header == ("", "age group", "sex", "n")
    assert cells(found) == ROWS


def test_write_table_without_quotes_parts_its_cells_with_single_blanks():
    found = table("agegroup sex n\n1 18-39 F 412\n2 40-59 F 388\n3 80+ M 2\n")

    assert found.header == ("", "agegroup", "sex", "n")
    assert cells(found) == ROWS


def test_a_delimiter_at_the_end_of_each_row_makes_no_column_of_names():
    found = table("age,sex,n\n18-39,F,412,\n40-59,F,388,\n80+,M,2,\n", "output/results.csv")

    assert found.header == ("age", "sex", "n")
