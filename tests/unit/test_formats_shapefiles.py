"""Tables of dBASE are read, deleted records too; of shapefiles it is said which of them hold places."""

import struct

import pytest

from breachkit.actions.release_checks_names import unfit
from breachkit.detect.engine import examine
from breachkit.documents.formats import dbase, shapefiles
from breachkit.documents.kinds import kind_of
from breachkit.documents.reader import Budget, OverBudgetError
from breachkit.documents.readers import read
from breachkit.documents.table import Embedded, Origin, Table, Text, Trait, Unreadable
from breachkit.model.findings import Severity
from breachkit.model.ids import GitPath
from tests.support.judging import context_of
from tests.support.shape_files import dbf, dbf_7, index, polygon, shapefile


PEOPLE = [("patient_id", "N", 9), ("sex", "C", 3), ("seen", "D", 8), ("died", "L", 1)]
ROWS = [
    (7301559, "F", "20210302", "T"),
    (2290113, "M", "20210309", "?"),
    (9113407, "F", "        ", "f"),
    (4410921, "", "00000000", "N"),
]
COUNTS = [("ageband", "C", 8), ("n", "N", 6)]
BANDS = [("16-39", 1204), ("40-64", 3), ("65+", 871)]
SQUARE = polygon((0, 0), (0, 1), (1, 1), (1, 0), (0, 0))
POINT = struct.pack("<2d", 51.75, -1.25)


def tables(documents):
    return [found for found in documents if isinstance(found, Table)]


def all_tables(content, paths):
    documents = read(content, paths)
    assert all(isinstance(found, Table) for found in documents)
    return tables(documents)


def reasons(documents):
    return [found.reason for found in documents if isinstance(found, Unreadable)]


def hidden(documents):
    return [found.count for found in documents if isinstance(found, Embedded)]


def one_cell(kind, raw, **about):
    documents = read(dbf([("v", kind, len(raw))], [(raw,)], **about), [b"a.dbf"])
    [table] = tables(documents)
    return table.rows[0][0], reasons(documents)


def rules(content, path):
    return {
        hit.rule
        for hit in examine(content, context_of(path), sketch_key=b"k", want_sketch=True).hits
    }


def test_a_table_is_read_as_a_person_would_see_it():
    [table] = all_tables(dbf(PEOPLE, ROWS), [b"places.dbf"])

    assert table.origin is Origin.DATASET
    assert table.header == ("patient_id", "sex", "seen", "died")
    assert list(table.rows) == [
        ("7301559", "F", "2021-03-02", "T"),
        ("2290113", "M", "2021-03-09", ""),
        ("9113407", "F", "", "f"),
        ("4410921", "", "", "N"),
    ]


@pytest.mark.parametrize(
    ("fields", "rows", "rule"),
    [(PEOPLE, ROWS, "PAT-01"), (COUNTS, BANDS, "CNT-01")],
)
def test_it_raises_what_the_same_csv_raises(fields, rows, rule):
    names = ",".join(name for name, _, _ in fields)
    lines = "\n".join(",".join(map(str, row)).replace("?", "") for row in rows)

    found = rules(dbf(fields, rows), "released_outputs/a.dbf")

    assert rule in found
    assert rules(f"{names}\n{lines}\n".encode(), "released_outputs/a.csv") <= found


@pytest.mark.parametrize("level", [0x03, 0x30, 0x31, 0x83, 0x8B, 0xF5])
def test_it_is_known_by_its_bytes_before_its_name(level):
    content = dbf(COUNTS, BANDS, level=level)

    assert kind_of(content, [b"released_outputs/table.csv"]).name == "dBASE table"
    assert read(content, [b"released_outputs/table.csv"]) == read(content, [b"t.dbf"])
    assert len(tables(read(content, []))) == 1


def test_a_data_set_of_this_kind_is_off_the_list_of_what_may_be_released():
    context = context_of("released_outputs/a.dbf")

    [found] = [hit for hit in examine(dbf(COUNTS, BANDS), context, sketch_key=b"k", want_sketch=False).hits
             if hit.rule == "TYPE-01"]  # fmt: skip

    assert found.severity is Severity.MEDIUM


def test_it_is_not_meant_for_release():
    path = GitPath(b"release/places.dbf")

    [(_, concern)] = unfit(path, GitPath(b"places.dbf"), 9)

    assert "data saved by a program" in concern.what


def test_it_can_hold_rows_under_any_name():
    assert "TYPE-01" in rules(dbf(COUNTS, BANDS), "released_outputs/a.csv")


@pytest.mark.parametrize(
    ("kind", "raw", "cell"),
    [
        ("C", b" caf\xc3\xa9\0\0 ", "café"),
        ("C", b" caf\xe9 ", "café"),
        ("C", b"\xcf\xf0\xe8\xe2\xe5\xf2", "Ïðèâåò"),
        ("N", b"  -1.50", "-1.50"),
        ("N", b"*******", "*******"),
        ("F", b" 2.5e3 ", "2.5e3"),
        ("D", b"last May", "last May"),
        ("D", b"2021", "2021"),
        ("L", b" ", ""),
        ("I", struct.pack("<i", -7), "-7"),
        ("+", struct.pack("<i", 12), "12"),
        ("B", struct.pack("<d", 3.0), "3"),
        ("O", struct.pack("<d", 0.25), "0.25"),
        ("B", struct.pack("<d", float("nan")), ""),
        ("T", struct.pack("<2i", 2_459_276, 3_600_000), "2021-03-02 01:00:00"),
        ("@", struct.pack("<2i", 2_459_276, 0), "2021-03-02"),
        ("T", bytes(8), ""),
        ("Y", struct.pack("<q", 125_000), "12.5"),
    ],
)
def test_every_kind_of_field_is_written_as_text(kind, raw, cell):
    assert one_cell(kind, raw) == (cell, [])


@pytest.mark.parametrize(
    ("kind", "raw"), [("M", b"         7"), ("G", b"\7\0\0\0"), ("B", b"         7")]
)
def test_the_number_of_a_memo_is_no_cell_and_leaves_nothing_unread(kind, raw):
    assert one_cell(kind, raw, level=0x83) == ("", [])


def test_a_field_of_an_unknown_kind_is_said_to_be_unread():
    assert one_cell("X", b"abc") == ("", ["dBASE table: fields of an unknown kind were not read"])
    assert one_cell("X", b"   ") == ("", [])


def varying(kind, cells, *, flags=None):
    """Write a table of FoxPro with one field whose cells are short where their flag is set."""
    fields = [("v", kind, 8), ("n", "N", 2), ("_NullFlags", "0", 1)]
    flags = [b"\1" if cell[1] else b"\0" for cell in cells] if flags is None else flags
    records = [
        (raw, at, flag) for at, ((raw, _), flag) in enumerate(zip(cells, flags, strict=True))
    ]
    return dbf(fields, records, level=0x32, behind_fields=bytes(263))


@pytest.mark.parametrize(
    ("kind", "raw", "is_short", "cell"),
    [
        ("V", b"abc    \3", True, "abc"),
        ("V", b"full wid", False, "full wid"),
        ("V", b"caf\xc3\xa9  \5", True, "café"),
        ("V", b"       \0", True, ""),
        ("V", b"abcdefg\xff", True, "abcdefg"),
        ("Q", b"abc    \3", True, "abc"),
        ("Q", b"\0\1\2    \3", True, "0h000102"),
        ("Q", b"\xde\xad\xbe\xef\0\0\0\0", False, "0hdeadbeef00000000"),
    ],
)
def test_what_varies_in_length_is_read_as_far_as_it_goes(kind, raw, is_short, cell):
    [table] = all_tables(varying(kind, [(raw, is_short)]), [b"a.dbf"])

    assert list(table.rows) == [(cell, "0")]


def test_what_a_longer_text_left_behind_a_shorter_one_is_hidden_text():
    documents = read(varying("V", [(b"noPETER\2", True), (b"ok     \2", True)]), [b"a.dbf"])

    assert [row[0] for row in tables(documents)[0].rows] == ["no", "ok"]
    assert [found.text for found in documents if isinstance(found, Text)] == ["PETER"]


def test_a_field_that_may_be_empty_has_a_flag_of_its_own_before_those_of_others():
    plain = varying("V", [(b"abc    \3", True)], flags=[b"\2"])
    behind_name = 32 + 18  # of the field before which one is put that may be empty
    fields = [("e", "C", 1), ("v", "V", 8), ("_NullFlags", "0", 1)]
    content = bytearray(dbf(fields, [("x", b"abc    \3", b"\2")], level=0x32))
    content[behind_name] = 2

    assert tables(read(bytes(content), [b"a.dbf"]))[0].rows[0] == ("x", "abc")
    assert tables(read(plain, [b"a.dbf"]))[0].rows[0][0] == "abc    \3", "no flag of it is set"


NAME_OF_32 = "name_of_more_than_ten_letters"
OF_7 = [(NAME_OF_32, "C", 8), ("n", "I", 4), ("mean", "O", 8), ("seen", "@", 8), ("id", "+", 4), ("m", "M", 10)]  # fmt: skip


def of_7(number, mean, moment, memo=b"         1"):
    ordered = struct.pack(">d", abs(mean))
    ordered = bytes([ordered[0] | 0x80]) + ordered[1:] if mean >= 0 else bytes(255 - byte for byte in struct.pack(">d", mean))  # fmt: skip
    whole = struct.pack(">I", number + (1 << 31))
    return ("16-39", whole, ordered, struct.pack(">d", moment), whole, memo)


def test_tables_of_dbase_7_are_read():
    noon = (737_851 + 0.5) * 86_400_000
    [table] = all_tables(dbf_7(OF_7, [of_7(3, 2.5, noon), of_7(-4, -0.25, noon)]), [b"a.dbf"])

    assert table.header == (NAME_OF_32, "n", "mean", "seen", "id", "m")
    assert list(table.rows) == [
        ("16-39", "3", "2.5", "2021-03-02 12:00:00", "3", ""),
        ("16-39", "-4", "-0.25", "2021-03-02 12:00:00", "-4", ""),
    ]


def test_cells_of_dbase_7_without_a_value_are_empty_and_moments_may_be_two_numbers():
    row = ("", bytes(4), bytes(8), struct.pack("<2i", 2_459_276, 3_600_000), bytes(4), b" " * 10)
    [table] = all_tables(dbf_7(OF_7, [row]), [b"a.dbf"])

    assert table.rows[0] == ("", "", "", "2021-03-02 01:00:00", "", "")


def test_tables_of_dbase_7_are_known_by_their_bytes_and_raise_what_others_do():
    content = dbf_7([("ageband", "C", 8), ("n", "N", 6)], BANDS)

    assert kind_of(content, [b"released_outputs/table.csv"]).name == "dBASE table"
    assert "CNT-01" in rules(content, "released_outputs/a.dbf")


def test_what_a_header_of_dbase_7_says_of_its_fields_is_hidden_text():
    documents = read(dbf_7(COUNTS, BANDS, about=bytes(14) + b"not after 2020\0"), [b"a.dbf"])

    assert [found.text for found in documents if isinstance(found, Text)] == ["not after 2020"]


def test_what_foxpro_keeps_for_itself_is_no_column():
    fields = [*COUNTS, ("_NullFlags", "0", 1)]
    content = dbf(fields, [(*row, b"\2") for row in BANDS], level=0x30, behind_fields=bytes(263))

    [table] = all_tables(content, [b"a.dbf"])

    assert table.header == ("ageband", "n")
    assert list(table.rows) == [(band, str(n)) for band, n in BANDS]


def test_text_of_more_than_255_bytes_is_read_where_clipper_wrote_it():
    [table] = all_tables(
        dbf([("note", "C", 300), ("n", "N", 3)], [("x" * 290, 4)], is_wide=True), [b"a.dbf"]
    )

    assert table.rows[0] == ("x" * 290, "4")


def test_deleted_records_are_read_and_counted_as_hidden():
    documents = read(dbf(PEOPLE, ROWS, deleted=[1, 3]), [b"released_outputs/a.dbf"])

    [table] = tables(documents)
    assert [row[0] for row in table.rows] == ["7301559", "2290113", "9113407", "4410921"]
    assert Embedded(Trait.HIDDEN_CELLS, None, 2, "dBASE table") in documents
    assert "EMB-05" in rules(dbf(PEOPLE, ROWS, deleted=[1]), "released_outputs/a.dbf")
    assert "EMB-05" not in rules(dbf(PEOPLE, ROWS), "released_outputs/a.dbf")


def test_records_behind_those_that_the_header_counts_are_read_and_counted_as_hidden():
    documents = read(dbf(COUNTS, BANDS, claimed=1, deleted=[2]), [b"a.dbf"])

    assert len(tables(documents)[0].rows) == 3
    assert hidden(documents) == [2]
    assert reasons(documents) == []


def test_padding_behind_the_last_record_is_no_record():
    for end in (b"", b"\x1a", b"\x1a\0\0\0", b" " * 64, b"\r\n"):
        [table] = all_tables(dbf(COUNTS, BANDS, end=end), [b"a.dbf"])
        assert len(table.rows) == 3


def test_a_table_without_records_has_none_whatever_pads_it():
    documents = read(dbf([("n", "N", 1)], [], end=b" " * 64), [b"a.dbf"])

    assert [len(table.rows) for table in tables(documents)] == [0]
    assert hidden(documents) == []


def test_what_else_follows_the_last_record_is_said_to_be_unread():
    documents = read(dbf(COUNTS, BANDS, end=b"\x1apatient 7301559"), [b"a.dbf"])

    assert reasons(documents) == ["dBASE table: bytes behind its last record were not read"]


def test_a_table_cut_off_gives_what_is_there_and_says_so():
    documents = read(dbf(COUNTS, BANDS)[:-12], [b"a.dbf"])

    assert len(tables(documents)[0].rows) == 2
    assert reasons(documents) == ["dBASE table: cut off before its end"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (dbf(COUNTS, BANDS)[:50], "dBASE table: damaged, or cut off before its end"),
        (
            b"anything at all, which is no table of any kind",
            "dBASE table: damaged, or cut off before its end",
        ),
        (dbf_7(COUNTS, BANDS)[:90], "dBASE table: damaged, or cut off before its end"),
        (dbf_7(COUNTS, BANDS)[:100] + b"\x09" * 80, "dBASE table: damaged"),
        (dbf([], []), "dBASE table: damaged"),
        (dbf(COUNTS, BANDS)[:10] + b"\x09" + dbf(COUNTS, BANDS)[11:], "dBASE table: damaged"),
        (b"\3", "dBASE table: damaged, or of an unknown version (error)"),
    ],
)
def test_what_is_no_table_of_dbase_is_unread(content, reason):
    assert reasons(read(content, [b"a.dbf"])) == [reason]


def test_a_header_that_claims_four_thousand_million_records_costs_no_more_than_those_there_are():
    budget = Budget.for_file(1)
    before = budget.cells

    *_, last = dbase.read(dbf(COUNTS, BANDS, claimed=0xFFFFFFFF), None, budget)

    assert last == Unreadable("dBASE table: cut off before its end")
    assert before - budget.cells == 6


def test_of_too_many_records_the_first_are_read_and_the_rest_is_said_to_be_unread():
    documents = read(
        dbf([("n", "N", 5)], [(number,) for number in range(40_000)], deleted=[39_999]), [b"a.dbf"]
    )

    [table] = tables(documents)
    assert len(table.rows) == 15_000
    assert table.more_rows == 25_000
    assert reasons(documents) == ["a large data set, of which only the first rows were read"]
    assert hidden(documents) == [1]


@pytest.mark.parametrize("shape", [1, 8, 11, 18, 21, 28])
def test_points_are_named_as_not_examined(shape):
    expected = ["shapefile: points, which may be places where people live, are not examined"]

    assert reasons(read(shapefile(shape, [POINT]), [b"map/homes.shp"])) == expected
    assert reasons(read(shapefile(shape, [POINT]), [b"map/homes.shx", b"x.csv"])) == expected


@pytest.mark.parametrize("shape", [3, 5, 13, 15, 23, 25])
def test_boundaries_hold_nothing_that_a_rule_judges(shape):
    assert read(shapefile(shape, [SQUARE, SQUARE]), [b"map/regions.shp"]) == ()
    without = struct.pack(">2i", 2, 2) + bytes(4)
    assert read(shapefile(shape, [SQUARE], behind=without), [b"map/regions.shp"]) == ()
    assert read(shapefile(0, [b""]), [b"map/regions.shp"]) == ()


def test_shapes_of_an_unknown_kind_are_named_as_not_examined():
    for shape in (31, 77):
        assert reasons(read(shapefile(shape, [SQUARE]), [b"a.shp"])) == [
            "shapefile: shapes of an unknown kind are not examined"
        ]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (shapefile(5, [SQUARE, POINT], inner=1), "more than shapes"),
        (shapefile(5, [SQUARE], behind=b"patient 7301559"), "more than shapes"),
        (shapefile(5, [SQUARE], behind=b"ab"), "cut off before its end"),
        (shapefile(5, [SQUARE])[:-9], "cut off before its end"),
        (shapefile(5, [b""], behind=b"\0\0\0\2\xff\xff\xff\xfc\5\0\0\0"), "more than shapes"),
        (shapefile(5, [SQUARE])[:90], "cut off before its end"),
    ],
)
def test_what_is_not_the_boundaries_that_its_header_promises_is_unread(content, reason):
    assert reasons(read(content, [b"a.shp"])) == [f"shapefile: damaged, or {reason}"]


def test_shapes_are_looked_through_within_the_budget():
    budget = Budget.for_file(1)
    budget.cells = 11

    with pytest.raises(OverBudgetError):
        list(shapefiles.read(shapefile(5, [SQUARE, SQUARE]), None, budget))


@pytest.mark.parametrize(
    ("content", "path"),
    [
        (index(5, [SQUARE, SQUARE]), b"map/regions.shx"),
        (index(1, [POINT]), b"map/homes.shx"),
        (index(1, []), b"map/homes.shx"),
        (b"\0\0\x27\x0a\xff\xff\xfe\x70" + bytes(92), b"map/regions.sbn"),
        (b"\0\0\x27\x0a\xff\xff\xfe\x70" + bytes(92), b"map/regions.sbx"),
    ],
)
def test_an_index_of_shapes_holds_nothing(content, path):
    assert read(content, [path]) == ()


def test_what_calls_itself_an_index_and_is_none_is_unread():
    longer = index(5, [SQUARE]) + b"patient 7301559"
    assert reasons(read(longer, [b"a.shx"]))
    assert reasons(
        read(longer[:24] + (len(longer) // 2).to_bytes(4, "big") + longer[28:-1], [b"a.shx"])
    )
    assert reasons(read(b"\1\2\0\3" * 30, [b"a.shx"]))


@pytest.mark.parametrize(
    ("content", "path"),
    [(b'PROJCS["British_National_Grid",UNIT["Meter",1.0]]', b"a.prj"), (b"UTF-8", b"a.cpg")],
)
def test_a_projection_and_the_name_of_an_encoding_are_read_as_text(content, path):
    [found] = read(content, [path])

    assert isinstance(found, Text)


@pytest.mark.parametrize("path", [b"lib/lany.mlib", b"any.mo"])
def test_what_calls_itself_a_compiled_program_and_is_none_that_is_known_is_unread(path):
    content = b"anything\0at all"

    assert read(content, [path]) == (Unreadable("no reader for compiled program yet"),)


def test_text_under_the_name_of_a_compiled_program_is_read():
    [found] = read(b"model Pendulum\nend Pendulum;\n", [b"a.mo"])

    assert isinstance(found, Text)
