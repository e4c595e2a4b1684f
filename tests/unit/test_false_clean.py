"""No way of writing a table down makes a scan call it clean: it is found, or said to be unread."""

import gzip
import zlib
from datetime import UTC, datetime

import pytest

from breachkit.detect.engine import Examination, examine
from breachkit.detect.rule import FileContext
from breachkit.documents.kinds import is_output_path
from breachkit.documents.readers import read
from breachkit.documents.table import Unreadable
from breachkit.model.findings import Severity
from breachkit.model.ids import GitPath
from breachkit.workflows.playbooks import load_policies


WHEN = datetime(2022, 3, 1, tzinfo=UTC)
ROWS = [("North", 120, 35), ("South", 98, 3), ("East", 143, 41), ("West", 87, 2), ("Mid", 211, 66)]
COUNTS = "region,n,deaths\n" + "".join(f"{name},{n},{died}\n" for name, n, died in ROWS)
PATIENTS = "patient_id,sex,admitted\n" + "".join(
    f"{7_000_003 + 1_357 * number},{'MF'[number % 2]},2021-03-{10 + number % 19}\n"
    for number in range(60)
)


def look_at(content: bytes | str, path: bytes | None = b"output/t.csv") -> Examination:
    raw = content.encode() if isinstance(content, str) else content
    paths = () if path is None else (GitPath(path),)
    return examine(
        raw,
        FileContext(
            paths=paths,
            size=len(raw),
            first_date=WHEN,
            policy=load_policies().choose("auto").at(WHEN.date()),
            is_output=any(map(is_output_path, paths)),
        ),
        sketch_key=b"k",
        want_sketch=True,
    )


def found(content: bytes | str, path: bytes | None = b"output/t.csv") -> set[str]:
    hits = look_at(content, path).hits
    return {hit.rule for hit in hits if hit.severity > Severity.LOW}


both = pytest.mark.parametrize(("table", "rule"), [(COUNTS, "CNT-01"), (PATIENTS, "PAT-01")])


def each_line(table: str, form: str) -> str:
    return "".join(form.format(line) + "\n" for line in table.splitlines())


@both
@pytest.mark.parametrize(
    "path",
    [
        b"counts.py", b"output/counts.py", b"README.md", b"output/t.md", b".hidden", b"output/.hidden",
        b"t.in", b"t.patch", b"t.sql", b"license", b"output/README", b"t.js", b"t.lock", b"Makefile",
        b"t.Rmd", b"t.dat", b"t.out", b"t.foo", b"t", b"t.csv.bak", b"output/t.json", b".github/t.json",
        None,
    ],
)  # fmt: skip
def test_a_table_is_found_or_unread_whatever_the_name(path, table, rule):
    assert rule in found(table, path) or look_at(table, path).unreadable


@both
@pytest.mark.parametrize("form", ["# {}", "    // {}", "-- {}", "#' {}", " * {}"])
def test_a_table_in_the_comment_of_a_program_is_found(form, table, rule):
    program = "def f(a, b):\n    return [a,\n        1,\n        b]\n" + each_line(table, form)

    assert rule in found(program, b"analysis/model.py")


@both
def test_a_table_in_a_docstring_or_a_fence_is_found(table, rule):
    assert rule in found(f'DATA = """\n{table}"""\n', b"analysis/x.py")
    assert rule in found(f"# Results\n\n```\n{table}```\n", b"docs/results.md")


@both
def test_a_table_of_markdown_is_found_wherever_it_is(table, rule):
    head, *rest = each_line(table.replace(",", " | "), "| {} |").splitlines()
    page = "\n".join(["Some words, and more.", "", head, "|---|---|:-:|", *rest, ""])

    assert rule in found(page, b"README.md")


def test_the_arguments_of_a_program_are_no_table():
    program = "tribble(\n  ~n, ~deaths,\n  3, 4,\n  2, 1\n)\nf(x,\n  n,\n  3,\n  4)\nn, m = 1, 2\n"

    assert look_at(program, b"analysis/a.R").hits == ()


@both
@pytest.mark.parametrize("delimiter", ["^", "~", ":", " ", "   ", "; "])
@pytest.mark.parametrize("path", [b"output/t.csv", b"t.txt", None])
def test_a_rare_delimiter_or_white_space_parts_cells(delimiter, path, table, rule):
    assert rule in found(table.replace(",", delimiter), path)


@both
@pytest.mark.parametrize("delimiter", ["\x01", "\x1f"])
def test_control_characters_between_cells_are_delimiters_or_unread(delimiter, table, rule):
    long = table.replace("\n", ",a longer cell with many words in it for every row\n")

    assert look_at(table.replace(",", delimiter)).unreadable
    assert rule in found(long.replace(",", delimiter))


def test_columns_of_fixed_width_are_cells():
    aligned = "".join(
        "".join(cell.ljust(12) for cell in line.split(",")) + "\n" for line in COUNTS.splitlines()
    )

    assert "CNT-01" in found(aligned, b"t.txt")


@both
def test_lines_that_are_quoted_as_a_whole_are_rows(table, rule):
    assert rule in found(each_line(table, '"{}"'))


@both
def test_cells_that_a_spreadsheet_is_told_to_show_as_they_are_count(table, rule):
    forced = each_line(table.replace(",", '",="'), '="{}"')

    assert rule in found(forced)


@both
@pytest.mark.parametrize("end", ["\r", "\r\r\n", "\x0b", "\x0c", "\x85", "\u2028"])
def test_any_end_of_line_ends_a_row(end, table, rule):
    assert rule in found(table.replace("\n", end))


@both
@pytest.mark.parametrize(
    "above",
    [
        "A title\n" * 25, "A title\n" * 60, "\n" * 100, "Deaths, by region, in 2021\nSource: x, y, z\n",
        ",people,people\n", "name,mean,sd\nage,50.5,0.5\nbmi,27.1,0.7\n",
        "name,mean\nage,50.5\n" * 20 + "\n",
    ],
)  # fmt: skip
def test_a_header_is_found_however_far_down(above, table, rule):
    assert rule in found(above + table)


@both
@pytest.mark.parametrize(
    "below",
    ["Note, that, this\n" * 300, "a,b,c,d,e,f,g\n" * 10, "\nname,mean,sd\nage,50.5,0.5\nbmi,27.1,0.7\n"],
)  # fmt: skip
def test_what_stands_below_a_table_hides_nothing_of_it(below, table, rule):
    assert rule in found(table + below)


def test_the_rows_of_a_table_further_down_are_counted_under_the_first_header():
    stacked = "name,mean,sd\nage,50.5,0.5\n" + COUNTS
    (hit,) = [hit for hit in look_at(stacked).hits if hit.rule == "CNT-01"]

    assert hit.location is not None
    assert hit.location.rows == (4, 6)


def test_a_table_with_rows_of_words_is_reported_once():
    table = COUNTS.replace("East", "Of whom,,\nRegion,All,Died\nEast") + "Source: us,,\n"

    assert [hit.rule for hit in look_at(table).hits].count("CNT-01") == 1


def test_more_tables_than_are_read_are_said_to_be_unread():
    many = "".join(f"a{'bcdefghij'[n % 9]},x\nq,{n}\n" for n in range(120))

    assert [gap.reason for gap in look_at(many).unreadable] == [
        "only the first 100 tables of the file were read"
    ]


@pytest.mark.parametrize(
    "form",
    ["{}.0", "{}.000000000000", "+{}", "{}L", "{:e}", "{:.18e}", "{:05}"],
)
def test_a_count_is_one_however_it_is_printed(form):
    printed = "region,n,deaths\n" + "".join(
        f"{name},{form.format(n)},{form.format(died)}\n" for name, n, died in ROWS
    )

    assert "CNT-01" in found(printed)


def test_digits_of_any_script_and_decimal_commas_count():
    arabic = COUNTS.translate({ord("0") + digit: 0x660 + digit for digit in range(10)})
    comma = "region;n;deaths\n" + "".join(f"{name};{n},0;{died},0\n" for name, n, died in ROWS)

    assert "CNT-01" in found(arabic)
    assert "CNT-01" in found(comma)


@both
def test_marks_that_nobody_sees_hide_no_name_and_no_number(table, rule):
    first = table.partition(",")[0]
    hidden = table.replace(",", ",\u200b").replace(first, first[:3] + "\u00ad" + first[3:], 1)

    assert rule in found(hidden)
    assert rule in found(table.replace(",", "\x1b[0m,\x1b[1m"))
    assert rule in found(table.replace(",", ",\u202e"))


@both
def test_content_in_no_known_encoding_is_unread_under_any_name(table, rule):
    for path in (b"output/t.csv", b"output/t.txt", b"x.py", None):
        assert look_at(table.encode("cp037"), path).unreadable
        assert look_at(zlib.compress(table.encode()), path).unreadable
    assert rule


@both
def test_something_binary_below_a_program_or_a_table_is_unread(table, rule):
    assert look_at(b"# code\n" * 500 + b"\0\0\1" + table.encode(), b"x.py").unreadable
    assert look_at(b"a,b\nx,y\n" + b"PK\x03\x04\x14" + table.encode()).unreadable
    assert look_at(table.replace(",", "\0")).unreadable
    assert rule


@both
def test_compressed_tables_are_found_under_the_name_of_a_program(table, rule):
    assert rule in found(gzip.compress(table.encode(), mtime=0), b"x.py.gz")


@pytest.mark.parametrize("path", [b"t.txt", b"r.md", b"x.py", b"x.js"])
def test_numbers_in_a_table_of_html_inside_text_are_found(path):
    page = "Words\n<table><tr><th>n</th></tr><tr><td class='x'> 3 </td></tr></table>\n"

    assert [hit.rule for hit in look_at(page, path).hits] == ["CNT-01"]


def test_a_template_of_html_without_a_number_is_read():
    assert not look_at("x = '<table><td>{{ n }}</td></table>'\n", b"x.py").unreadable


@pytest.mark.parametrize("path", [b"output/metrics.yaml", b"released_outputs/m.toml"])
def test_settings_among_outputs_are_looked_at_for_counts(path):
    assert [hit.rule for hit in look_at("deaths: 3\n", path).hits] == ["CNT-01"]
    assert not look_at("deaths: 3\n", b"project.yaml").hits


@pytest.mark.parametrize("path", [b"t.txt", b"output/t.csv", b"output/package.json", None])
def test_json_is_looked_at_for_counts_whatever_its_name(path):
    assert "CNT-01" in {hit.rule for hit in look_at('{"n": 3}\n{"n": 2}\n', path).hits}


@pytest.mark.parametrize("name", [b"report.md", b"report.html.j2", b"report.txt"])
def test_a_second_name_does_not_make_a_report_without_a_reader_one_that_was_read(name):
    documents = read(b"Deaths: 3 in the North\n", (name, b"report.dvc"))

    assert any(isinstance(document, Unreadable) for document in documents)
