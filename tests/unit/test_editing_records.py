"""Values of JSON change, and all others stay as they were written."""

import json

import pytest

from breachkit.documents.editing.editable import HEADER, CannotEditError, Spot
from breachkit.documents.editing.opening import open_editable
from breachkit.sdc.marks import REDACTED


def changed(content: str, spot: tuple[int, int, int], words: str = REDACTED) -> str:
    """Give a file with other words in one cell."""
    return open_editable(content.encode(), b"x.json").written({Spot(*spot): words}).decode()


@pytest.mark.parametrize(
    ("content", "spot"),
    [
        ('[{"sex": "F", "n": 3},\n {"sex": "M", "n": 1.20e1}]\n', (0, 0, 1)),
        ('{"columns":["a","b"],"data":[["x",3],["y",12]]}', (0, 0, 1)),
        ('{"columns":["b"],"index":["x","y"],"data":[[3],[12]]}', (0, 0, 1)),
        ('{"sex" : ["F", "M"] , "n" : [3, 40]}', (0, 0, 1)),
        ('{"n":{"F":3,"M":4},"m":{"F":5,"M":6}}', (0, 0, 1)),
        ('{"n":{"F":3,"M":4},"m":{"F":5,"M":6}}', (1, 0, 1)),
        ('{"n": 3, "m": 40}\n{"n": 5, "m": 60}\n', (0, 0, 0)),
        ('{"a": {"b": [{"c": {"n": 3}, "d": 7.10}]}, "e": NaN}', (0, 0, 0)),
        ('{"deaths": 3, "all": 120}', (0, 0, 0)),
        ('{"n": 3, "n": 4}', (0, 0, 0)),
        ('[["group", "n"], ["x", 3], ["y", 40]]', (0, 0, 1)),
    ],
)
def test_a_number_becomes_words_and_nothing_else_changes(content, spot):
    assert changed(content, spot) == content.replace("3", f'"{REDACTED}"', 1)
    assert open_editable(content.encode(), b"x.json").written({}) == content.encode()


def test_a_number_stays_a_number_where_it_is_rounded():
    assert changed('[{"g":"x","n":3}]', (0, 0, 1), "10") == '[{"g":"x","n":10}]'
    assert changed('[{"g":"x","n":3}]', (0, 0, 1), "1,200") == '[{"g":"x","n":"1,200"}]'


def test_a_string_stays_a_string_with_its_escapes():
    content = '[{"g": "\\u00e9\\/", "n": " 3 (4%)"}]'

    assert changed(content, (0, 0, 1), "10") == content.replace("3 (4%)", "    10")
    assert changed(content, (0, 0, 1), "é") == content.replace("3 (4%)", "     \\u00e9")
    assert changed(content.replace("\\/", "é"), (0, 0, 1), "é").endswith('"      é"}]')


def test_all_cells_that_show_a_value_are_that_value():
    content = '{"n":{"F":3,"M":4},"m":{"F":5,"M":6}}'
    opened = open_editable(content.encode(), b"x.json")
    both = opened.written({Spot(0, 0, 1): REDACTED, Spot(1, 0, 1): REDACTED})

    assert both == opened.written({Spot(1, 0, 1): REDACTED})
    with pytest.raises(CannotEditError, match="two different texts"):
        opened.written({Spot(0, 0, 1): REDACTED, Spot(1, 0, 1): "10"})


def test_a_count_in_a_name_changes_wherever_the_name_stands():
    content = '[{"g":"x","Female (n=3)":1},{"g":"y","Female (n=3)":2}]'

    assert changed(content, (0, HEADER, 1), f"Female (n={REDACTED})") == content.replace(
        "n=3", f"n={REDACTED}"
    )


def test_a_table_of_which_all_numbers_were_taken_out_is_still_one():
    content = '{"women": 3, "men": 4}'
    written = open_editable(content.encode(), b"x.json").written(
        {Spot(0, 0, 0): REDACTED, Spot(0, 0, 1): REDACTED}
    )

    assert json.loads(written) == {"women": REDACTED, "men": REDACTED}
    (table,) = open_editable(written, b"x.json").tables
    assert [list(row) for row in table.rows] == [[REDACTED, REDACTED]]


def test_the_encoding_stays():
    content = '{"g": ["é", "y"], "n": [3, 40]}'

    written = open_editable(content.encode("utf-16"), b"x.json").written({Spot(0, 0, 1): REDACTED})

    assert written == content.replace("3", f'"{REDACTED}"').encode("utf-16")


def test_what_no_cell_shows_is_named_and_stays():
    in_markup = (
        '{"page": "<table><tr><td>a</td><td>n</td></tr><tr><td>x</td><td>3</td></tr></table>"}'
    )
    outside = '{"n": [3, 40], "g": ["x", "y"], "coordinates": [51, 2]}'

    assert open_editable(in_markup.encode(), b"x.json").tables == ()
    assert "tables within its strings" in open_editable(in_markup.encode(), b"x.json").fixed
    assert open_editable(outside.encode(), b"x.json").fixed == ("numbers that stand in no table",)
    assert open_editable(b'{"n": [3, 40], "g": ["x", "y"]}', b"x.json").fixed == ()


def test_a_place_in_a_list_is_no_cell_that_changes():
    content = b'{"n":{"0":3,"1":4},"m":{"0":5,"1":6}}'
    opened = open_editable(content, b"x.json")

    assert opened.written({Spot(0, 0, 1): REDACTED}) == content.replace(b"3", b'"[REDACTED]"')
    with pytest.raises(CannotEditError, match="not to be found again"):
        opened.written({Spot(0, 0, 0): "9"})


def test_what_is_no_json_and_shows_records_all_the_same_is_changed_and_said_to_be_unread():
    opened = open_editable(b'[{"n": 3}, {"n": 00}]', b"x.json")

    assert opened.written({Spot(0, 0, 0): REDACTED}) == b'[{"n": "[REDACTED]"}, {"n": 00}]'
    assert "what could not be read of it" in opened.fixed


@pytest.mark.parametrize("content", [b'{"n": 3', b'{"n": 3 "m"}'])
def test_what_is_no_json_holds_nothing_to_change_and_is_said_to_be_unread(content):
    opened = open_editable(content, b"x.json")

    assert opened.written({}) == content
    assert opened.tables == ()
    assert "what could not be read of it" in opened.fixed


def test_half_a_character_is_left_as_it_is():
    content = b'[{"g": "\\ud800", "n": 3}, {"g": "y", "n": 4}]'

    written = open_editable(content, b"x.json").written({Spot(0, 0, 1): REDACTED})

    assert written == content.replace(b"3", b'"[REDACTED]"')
