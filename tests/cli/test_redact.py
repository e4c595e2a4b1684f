"""`redact` as its user meets it: a preview, files written all or none, and a way back."""

import gzip
import json
import os
import random
import re
import stat
import zipfile

import openpyxl
import pytest

from breachkit.detect.grading import is_undecided
from breachkit.detect.rules.sup_01 import RecoverableCells
from breachkit.documents.readers import read
from breachkit.documents.table import Table
from breachkit.model.ids import GitPath
from tests.support.judging import context_of
from tests.support.terminals import at_a_terminal


COUNTS = b"region,patients\nLondon,364\nNorth East,3\nSouth West,22\nEast,128\nTotal,517\n"
SAFE = b"region,patients\nLondon,364\nNorth East,230\nSouth West,225\nEast,128\n"
REDACTED = COUNTS.replace(b",3\n", b",[REDACTED]\n").replace(b",22\n", b",[REDACTED]\n")
PATIENTS = b"patient_id,sex,age\n" + b"".join(b"%d,F,5%d\n" % (48000000 + 7 * n, n % 10) for n in range(40))  # fmt: skip


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with a table, and the user in it."""
    place = tmp_path / "release"
    place.mkdir()
    (place / "by_region.csv").write_bytes(COUNTS)
    monkeypatch.chdir(place)
    return place


def everything(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def kept(breachkit):
    return sorted(path.name for path in (breachkit.home / "redactions").glob("RD-*"))


def test_without_being_told_to_write_nothing_changes(breachkit, folder):
    ran = breachkit.expect(0, "redact", "by_region.csv")

    assert ran.out.startswith("PREVIEW: 2 cells in 1 file to redact; nothing was written\n")
    assert everything(folder) == {"by_region.csv": COUNTS}
    assert not breachkit.home.exists()
    assert "Next: breachkit redact by_region.csv --write" in ran.err


def test_the_preview_names_places_and_reasons_and_hides_every_number(breachkit, folder):
    out = breachkit.expect(0, "redact", "by_region.csv").out

    assert "- column patients, row 2 -> [REDACTED]: a count that is too small to release" in out
    assert "- column patients, row 3 -> [REDACTED]: taken out so that others" in out
    for number in (b"364", b"22", b"128", b"517"):
        assert not re.search(rf"\b{number.decode()}\b", out)


def test_written_in_place_only_the_cells_that_must_go_differ(breachkit, folder):
    (folder / "by_region.csv").chmod(0o640)

    ran = breachkit.expect(0, "redact", "by_region.csv", "--write", "--reason", "for release")

    assert everything(folder) == {"by_region.csv": REDACTED}
    assert stat.S_IMODE((folder / "by_region.csv").stat().st_mode) == 0o640
    assert "kept as RD-0001" in ran.out
    assert "RD-0001" in breachkit.expect(0, "redact", "--list").out
    assert "for release" in breachkit.expect(0, "redact", "--list").out


def test_redacting_what_is_redacted_changes_nothing(breachkit, folder):
    breachkit.expect(0, "redact", "by_region.csv", "--write")
    before = (folder / "by_region.csv").stat()

    ran = breachkit.expect(0, "redact", "by_region.csv", "--write")

    assert ran.out.startswith("NOTHING TO REDACT in 1 file")
    assert (folder / "by_region.csv").stat().st_mtime_ns == before.st_mtime_ns
    assert kept(breachkit) == ["RD-0001"]


def test_originals_are_kept_for_their_owner_alone_and_put_back(breachkit, folder):
    breachkit.expect(0, "redact", "by_region.csv", "--write")
    place = breachkit.home / "redactions" / "RD-0001"
    assert (place / "original-0001").read_bytes() == COUNTS
    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    assert {stat.S_IMODE(each.stat().st_mode) for each in place.iterdir()} == {0o600}

    breachkit.expect(0, "redact", "--restore", "RD-0001")

    assert everything(folder) == {"by_region.csv": COUNTS}
    assert kept(breachkit) == []
    breachkit.expect(3, "redact", "--restore", "RD-0001")


def test_a_file_that_somebody_changed_since_is_not_put_back(breachkit, folder):
    (folder / "other.csv").write_bytes(COUNTS.replace(b"patients", b"deaths"))
    breachkit.expect(0, "redact", "by_region.csv", "other.csv", "--write")
    (folder / "other.csv").write_bytes(SAFE)

    ran = breachkit.expect(5, "redact", "--restore", "RD-0001")

    assert "NOT put back" in ran.out
    assert everything(folder) == {"by_region.csv": COUNTS, "other.csv": SAFE}
    assert kept(breachkit) == ["RD-0001"]


def test_originals_can_be_deleted_for_good(breachkit, folder):
    breachkit.expect(0, "redact", "by_region.csv", "--write")

    assert "1 original deleted" in breachkit.expect(0, "redact", "--forget", "RD-0001").out

    assert kept(breachkit) == []
    assert "No originals are kept" in breachkit.expect(0, "redact", "--list").out


def test_a_copy_goes_to_a_file_and_the_original_stays(breachkit, folder):
    breachkit.expect(0, "redact", "by_region.csv", "-o", "copy.csv")

    assert everything(folder) == {"by_region.csv": COUNTS, "copy.csv": REDACTED}
    assert kept(breachkit) == []


def test_copies_go_to_a_folder_as_they_lay_together(breachkit, folder):
    (folder / "a").mkdir()
    (folder / "a" / "same.csv").write_bytes(COUNTS)
    (folder / "b").mkdir()
    other = b"drug,items\naspirin,230\nstatin,225\n"
    (folder / "b" / "same.csv").write_bytes(other)

    breachkit.expect(0, "redact", "a/same.csv", "b/same.csv", "-o", "../out")

    assert (folder / "../out/a/same.csv").read_bytes() == REDACTED
    assert (folder / "../out/b/same.csv").read_bytes() == other


def test_what_ends_like_a_folder_is_one(breachkit, folder):
    breachkit.expect(0, "redact", "by_region.csv", "-o", "out/")

    assert (folder / "out" / "by_region.csv").read_bytes() == REDACTED


def test_several_files_do_not_go_into_one(breachkit, folder):
    (folder / "safe.csv").write_bytes(SAFE)
    (folder / "out.csv").write_bytes(b"mine")

    ran = breachkit.expect(2, "redact", "by_region.csv", "safe.csv", "-o", "out.csv")

    assert "is no folder" in ran.err
    assert everything(folder)["out.csv"] == b"mine"


def test_nothing_is_written_over_without_being_told_to(breachkit, folder):
    (folder / "copy.csv").write_bytes(b"mine\n")

    ran = breachkit.expect(6, "redact", "by_region.csv", "-o", "copy.csv")

    assert "is there already" in ran.err
    assert everything(folder) == {"by_region.csv": COUNTS, "copy.csv": b"mine\n"}
    breachkit.expect(6, "redact", "by_region.csv", "-o", "by_region.csv")
    breachkit.expect(0, "redact", "by_region.csv", "-o", "copy.csv", "--write")
    assert everything(folder) == {"by_region.csv": COUNTS, "copy.csv": REDACTED}
    breachkit.expect(0, "redact", "--restore", "RD-0001")
    assert everything(folder)["copy.csv"] == b"mine\n"


def test_the_same_copy_may_be_made_again(breachkit, folder):
    breachkit.expect(0, "redact", "by_region.csv", "-o", "copy.csv")

    breachkit.expect(0, "redact", "by_region.csv", "-o", "copy.csv")

    assert everything(folder)["copy.csv"] == REDACTED


@pytest.mark.parametrize("place", ["link.csv", "linked/copy.csv"])
def test_no_copy_is_written_through_a_link(breachkit, folder, place):
    (folder / "elsewhere").mkdir()
    (folder / "linked").symlink_to("elsewhere")
    (folder / "link.csv").symlink_to("elsewhere/new.csv")
    (folder / "inner").mkdir()
    (folder / "inner" / "copy.csv").write_bytes(COUNTS)
    args = ("by_region.csv", "-o", place) if place == "link.csv" else ("by_region.csv", "inner/copy.csv", "-o", "out")  # fmt: skip
    (folder / "out").mkdir()
    (folder / "out" / "inner").symlink_to("../elsewhere")

    breachkit.expect(6, "redact", *args)

    assert list((folder / "elsewhere").iterdir()) == []


def test_a_file_that_cannot_be_redacted_keeps_all_others_from_being_written(breachkit, folder):
    (folder / "figure.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(40))

    ran = breachkit.expect(6, "redact", "by_region.csv", "figure.png", "--write")

    assert ran.out.startswith("NOT WRITTEN: not every file could be redacted")
    assert "- column patients, row 2" in ran.out
    assert "figure.png\n    PNG image" in ran.out
    assert everything(folder)["by_region.csv"] == COUNTS
    breachkit.expect(5, "redact", "by_region.csv", "figure.png", "--write", "--skip-unreadable")
    assert everything(folder)["by_region.csv"] == REDACTED


def test_rows_of_patients_are_refused_and_never_written(breachkit, folder):
    (folder / "cohort.csv").write_bytes(PATIENTS)

    ran = breachkit.expect(5, "redact", "cohort.csv", "-o", "out.csv", "--skip-unreadable")

    assert "has a row for each patient: leave it out" in " ".join(ran.out.split())
    assert not (folder / "out.csv").exists()


def test_what_redacting_does_not_mend_is_told_and_is_the_exit_code(breachkit, folder):
    named = b"region,patients,email\nNorth,3,jo@example.org\nLondon,364,x@example.org\nSouth,90,z@example.org\n"  # fmt: skip
    (folder / "named.csv").write_bytes(named)

    ran = breachkit.expect(11, "redact", "named.csv", "--write")

    assert "(redact does not mend this)" in " ".join(ran.out.split())
    assert "example.org" not in ran.all
    assert "breachkit explain PAT-04" in ran.err


def test_what_of_a_file_cannot_be_changed_is_left_to_a_person(breachkit, folder):
    rows = "".join(
        f"<tr><td>{line.replace(',', '</td><td>')}</td></tr>" for line in COUNTS.decode().split()
    )
    page = f"<html><script>var x=[3,364]</script><table>{rows}</table></html>"
    (folder / "page.html").write_text(page)

    ran = breachkit.expect(11, "redact", "page.html")

    assert "by hand   a script: cannot be changed here, and may show a count" in ran.out
    assert json.loads(breachkit("redact", "page.html", "--json").out)["files"][0]["fixed"] == ["a script"]  # fmt: skip


def test_a_table_and_a_part_of_it_are_protected_together(breachkit, folder):
    head = b"region,patients\n"
    rows = [b"London,364", b"North,22", b"East,128", b"West,95", b"South,240"]
    (folder / "deaths_all.csv").write_bytes(head + b"\n".join(rows) + b"\n")
    men = [b"London,361", b"North,11", b"East,60", b"West,45", b"South,120"]
    (folder / "deaths_male.csv").write_bytes(head + b"\n".join(men) + b"\n")

    breachkit.expect(0, "redact", "deaths_all.csv", "deaths_male.csv", "--write")

    both = everything(folder)
    assert b"London,[REDACTED]" in both["deaths_all.csv"] + both["deaths_male.csv"]


def test_counts_are_rounded_and_totals_computed_again(breachkit, folder):
    breachkit.expect(0, "redact", "by_region.csv", "--write", "--round", "5")

    lines = everything(folder)["by_region.csv"].decode().split("\n")[1:-1]
    numbers = [int(cell) for line in lines if (cell := line.split(",")[1]).isdigit()]
    assert len(numbers) >= 3
    assert all(number % 5 == 0 for number in numbers)


def test_where_the_policy_requires_rounding_that_is_the_next_command(breachkit, folder):
    rows = b"".join(b"r%d,%d\n" % (row, 150 + row * row * 37 % 1999) for row in range(200))
    (folder / "exact.csv").write_bytes(b"region,patients\nx,3\n" + rows)

    ran = breachkit.expect(12, "redact", "exact.csv", "--policy", "2026-03")

    assert "Next: breachkit redact exact.csv --policy 2026-03 --round policy" in ran.err
    ran = breachkit.expect(0, "redact", "exact.csv", "--round", "policy")
    assert "Next: breachkit redact exact.csv --round policy --write" in ran.err


def test_the_next_command_repeats_what_was_wanted_and_no_number_in_a_name(breachkit, folder):
    table = b"region,zz,Women (n=364),patients\nLondon,3,361,30\nEast,14,3,40\nWest,99,95,50\n"
    (folder / "odd.csv").write_bytes(table)
    wanted = ("--column", "zz", "--keep", "Women (n=364)", "--engine", "heuristic", "--whole-table")

    ran = breachkit("redact", "odd.csv", *wanted)

    assert "odd.csv --column zz --keep ... --whole-table --engine heuristic --write" in ran.err
    assert "364" not in ran.all


@pytest.mark.parametrize("wanted", ["x", "1", "0", "midpoint", "5.5"])
def test_what_is_no_way_of_rounding_is_a_wrong_call(breachkit, folder, wanted):
    assert "no way of rounding" in breachkit.expect(2, "redact", "by_region.csv", "--round", wanted).err  # fmt: skip


def test_a_way_of_rounding_that_the_policy_does_not_name_is_refused(breachkit, folder):
    assert "does not allow" in breachkit.expect(3, "redact", "by_region.csv", "--round", "3").err
    breachkit.expect(0, "redact", "by_region.csv", "--round", "policy")
    breachkit.expect(0, "redact", "by_region.csv", "--round", "midpoint6")


def test_a_column_can_be_called_counts_and_another_be_left(breachkit, folder):
    (folder / "odd.csv").write_bytes(b"region,zz,patients\nLondon,3,361\nEast,14,3\nWest,99,95\n")

    args = ("--column", "zz", "--keep", "patients", "-o", "o.csv")
    breachkit.expect(13, "redact", "odd.csv", *args)  # what stays is still found

    assert everything(folder)["o.csv"] == b"region,zz,patients\nLondon,[REDACTED],361\nEast,14,3\nWest,99,95\n"  # fmt: skip


@pytest.mark.parametrize(
    "args",
    [
        [],
        ["by_region.csv", "--list"],
        ["--list", "--restore", "RD-0001"],
        ["by_region.csv", "--case", "BK-2026-0001", "--policy", "strict"],
    ],
)
def test_a_wrong_call_says_so(breachkit, folder, args):
    breachkit.expect(2, "redact", *args)


def test_where_no_file_can_be_read_the_code_says_why(breachkit, folder):
    assert "no such file" in breachkit.expect(3, "redact", "none.csv").err
    assert "it is a folder" in breachkit.expect(3, "redact", "..").err
    (folder / "link.csv").symlink_to("/etc/passwd")
    assert "symbolic link to /etc/passwd" in breachkit.expect(5, "redact", "link.csv").err


def test_the_json_says_what_the_screen_says_and_no_number(breachkit, folder):
    (folder / "none").mkdir()
    ran = breachkit.expect(5, "redact", "by_region.csv", "none", "--json")

    data = json.loads(ran.out)
    (file,) = data["files"]
    (table,) = file["tables"]
    assert data["schema"] == "breachkit.redaction/1"
    assert [(each["why"], each["columns"], each["rows"]) for each in table["changes"]] == [
        ("primary", ["patients"], [2]),
        ("complementary", ["patients"], [3]),
    ]
    assert (table["lost"], table["counts"], table["open"], file["fate"]) == (2, 5, 0, "planned")
    assert data["left_out"][0]["path"] == "none"
    assert data["complete"] is False
    assert data["next"]["command"].startswith("breachkit redact by_region.csv --write")
    assert not {"364", "22", "128", "517"} & set(re.findall(r"\b\d+\b", ran.out))


def test_names_that_are_not_utf8_and_names_that_act_are_written_and_shown_safely(breachkit, folder):
    names = [b"caf\xe9.csv", b"[red]x.csv", b"a\x1b[2Jb.csv", b"line\nbreak.csv", b"-x.csv"]
    for name in names:
        (folder / os.fsdecode(name)).write_bytes(COUNTS)
    given = [os.fsdecode(name) for name in names]

    ran = breachkit.expect(0, "redact", "--write", "--", *given)

    assert {(folder / each).read_bytes() for each in given} == {REDACTED}
    assert "\x1b" not in ran.all
    assert "caf\\xe9.csv" in ran.out
    assert "[red]x.csv" in ran.out
    breachkit.expect(0, "redact", "--restore", "RD-0001")
    assert {(folder / each).read_bytes() for each in given} == {COUNTS}


def test_a_name_that_is_evidence_is_masked(breachkit, folder):
    (folder / "nhs 9434765919.csv").write_bytes(COUNTS)

    ran = breachkit("redact", "nhs 9434765919.csv")

    assert ran.code == 12
    assert "nhs ##########.csv" in ran.out
    assert "9434765919" not in ran.all


@pytest.mark.parametrize("width", ["80", "120"])
def test_a_terminal_gets_colours_and_no_line_beyond_its_width(breachkit, folder, width):
    env = {"BREACHKIT_HOME": str(breachkit.home), "COLUMNS": width}
    code, written = at_a_terminal(["redact", str(folder / "by_region.csv")], env)
    plain = re.sub(r"\x1b\[[0-9;]*m", "", written)

    assert code == 0
    assert "\x1b[31m  -\x1b[0m column" in written
    names = [line for line in plain.split("\n") if not line.startswith(("---", "+++"))]
    assert max(map(len, names)) <= int(width)
    uncoloured = at_a_terminal(["redact", str(folder / "by_region.csv")], {**env, "NO_COLOR": "1"})
    assert not re.search(r"\x1b\[[0-9;]*3[0-7]", uncoloured[1])


def test_a_long_table_is_told_in_few_lines_and_in_all_with_more(breachkit, folder):
    columns = [f"c{letter}" for letter in "abcdefghijklmnopqrst"]
    rows = [
        [f"r{row}", *(str(3 if (row + number**2) % 19 == 0 else 90 + row + number) for number in range(20))]
        for row in range(30)
    ]  # fmt: skip
    text = "\n".join(",".join(row) for row in [["region", *columns], *rows]) + "\n"
    (folder / "wide.csv").write_text(text)
    called = [word for each in columns for word in ("--column", each)]

    short = breachkit("redact", "wide.csv", *called).out
    long = breachkit("redact", "wide.csv", *called, "-v").out

    assert "-v shows each" in short
    assert len(short.splitlines()) < 30
    assert "-v shows each" not in long
    assert len(long) > len(short)


def test_a_cell_that_kept_columns_tell_is_said_first(breachkit, folder):
    (folder / "odd.csv").write_bytes(b"region,men,women,total\nLondon,3,22,25\nEast,94,34,128\n")

    ran = breachkit.expect(13, "redact", "odd.csv", "--keep", "women", "--keep", "total")

    assert ran.out.startswith("NOT PROTECTED: 1 cell could still be worked out")
    assert "columns women, total: each is kept and tells cells that have to go" in " ".join(
        ran.out.split()
    )
    assert "Next: breachkit redact odd.csv --keep total\n" in ran.all


def test_a_cell_that_kept_columns_tell_is_never_written(breachkit, folder):
    content = b"region,men,women,total\nLondon,3,22,25\nEast,94,34,128\n"
    (folder / "odd.csv").write_bytes(content)
    kept = ("--keep", "women", "--keep", "total")

    ran = breachkit.expect(6, "redact", "odd.csv", *kept, "--write")

    assert "what is kept tells them (women, total): call again without --keep" in ran.err
    assert (folder / "odd.csv").read_bytes() == content
    breachkit.expect(6, "redact", "odd.csv", *kept, "--whole-table", "--write")
    breachkit.expect(6, "redact", "odd.csv", *kept, "-o", "o.csv")
    assert not (folder / "o.csv").exists()


def test_the_bound_of_tables_that_tell_of_each_other_is_said_once_for_all(breachkit, folder):
    men, women = (3, 40, 51, 60), (23, 37, 48, 71)
    everyone = [sum(pair) for pair in zip(men, women, strict=True)]
    for name, counts in (("male", men), ("female", women), ("all", everyone)):
        lines = [f"R{row},{count}" for row, count in enumerate(counts)]
        text = "\n".join(["region,n", *lines, f"Total,{sum(counts)}"])
        (folder / f"deaths_{name}.csv").write_text(text + "\n")
    files = ("deaths_male.csv", "deaths_female.csv", "deaths_all.csv", "--policy", "2020-12")

    said = breachkit.expect(0, "redact", *files).out
    told = json.loads(breachkit.expect(0, "redact", *files, "--json").out)

    assert said.count("All tables together: proven that no choice loses less") == 1
    assert "protected together with other tables (see below)" in said
    assert "not known" not in said
    assert told["is_least"] is True


def test_what_a_rule_leaves_open_of_a_large_table_is_answered_by_the_proof(breachkit, folder):
    drawn = random.Random(5)
    rows = [[drawn.choice((drawn.randint(0, 9), drawn.randint(0, 400))) for _ in range(12)] for _ in range(24)]  # fmt: skip
    rows = [[*row, sum(row)] for row in rows]
    rows.append([sum(column) for column in zip(*rows, strict=True)])
    header = ["group", *(f"Region {at} n" for at in range(12)), "Total"]
    lines = [header, *([f"G{at}", *map(str, row)] for at, row in enumerate(rows[:-1]))]
    lines.append(["Total", *map(str, rows[-1])])
    (folder / "large.csv").write_text("".join(",".join(line) + "\n" for line in lines))

    done = breachkit.expect(0, "redact", "large.csv", "--policy", "2020-12", "-o", "done.csv")

    assert "finds nothing" in done.out
    (found,) = read((folder / "done.csv").read_bytes(), (GitPath(b"done.csv"),))
    assert isinstance(found, Table)
    hits = RecoverableCells().check_table(found, context_of("released_outputs/done.csv"))
    assert [is_undecided(hit) for hit in hits] == [True]


def workbook(path, total):
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (("region", "patients"), ("London", 364), ("North", 3), ("South", 22), ("Total", total)):  # fmt: skip
        sheet.append(row)
    sheet.merge_cells("A7:B7")
    sheet["A7"] = "a note over two columns"
    book.save(path)


def with_results(path, result):
    """Store the result of the only formula, as a spreadsheet program does."""
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = re.sub(rb"</f><v ?/?>(</v>)?", b"</f><v>%d</v>" % result, parts[sheet])
    with zipfile.ZipFile(path, "w") as book:
        for name, content in parts.items():
            book.writestr(name, content)


def test_a_workbook_comes_back_with_its_merged_cells_and_what_its_formulas_gave(breachkit, folder):
    workbook(folder / "plain.xlsx", 389)
    workbook(folder / "formula.xlsx", "=SUM(B2:B4)")
    with_results(folder / "formula.xlsx", 389)

    breachkit.expect(12, "redact", "plain.xlsx", "-o", "copy.xlsx")  # such files are not released

    sheet = openpyxl.load_workbook(folder / "copy.xlsx").active
    column = [cell.value for cell in sheet["B"][:5]]
    assert column == ["patients", 364, "[REDACTED]", "[REDACTED]", 389]
    assert str(next(iter(sheet.merged_cells.ranges))) == "A7:B7"
    breachkit.expect(12, "redact", "formula.xlsx", "--write")
    sheet = openpyxl.load_workbook(folder / "formula.xlsx", data_only=True).active
    assert [cell.value for cell in sheet["B"][:5]] == column


def test_tables_below_one_another_are_told_once_each(breachkit, folder):
    second = b"sex,deaths\nF,3\nM,22\nAll,25\n"
    (folder / "two.csv").write_bytes(COUNTS + b"\n" + second)

    ran = breachkit("redact", "two.csv", "--write", "--json")
    data = json.loads(ran.out)

    cells = sum(each["cells"] for table in data["files"][0]["tables"] if table["repeats"] is None for each in table["changes"])  # fmt: skip
    assert cells == everything(folder)["two.csv"].count(b"[REDACTED]") == 4
    breachkit.expect(0, "redact", "--restore", "RD-0001")
    assert breachkit("redact", "two.csv").out.startswith("PREVIEW: 4 cells in 1 file")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("cut.xlsx", b"PK\x03\x04" + bytes(500), "cannot be read whole"),
        ("wide.csv", b",".join(b"c%d" % n for n in range(1_000_000)) + b"\n" + b"3," * 999_999 + b"3\n", "more than 16,384 columns"),
        ("tall.csv", b"region,patients\n" + b"London,364\n" * 130_000, "more than 250,000 cells"),
        ("data.csv.gz", gzip.compress(COUNTS, mtime=0), "unpack it"),
        ("figure.png", b"\x89PNG\r\n\x1a\n", "PNG image"),
        ("secret.csv", b"age-encryption.org/v1\n-> X25519 abc\n", "encrypted"),
        ("pointer.csv", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 3\n", "kept elsewhere"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_one_clear_line_and_stays_as_it_is(
    breachkit, folder, name, content, said
):
    (folder / name).write_bytes(content)

    ran = breachkit.expect(6, "redact", name, "by_region.csv", "--write")

    (_, left_out) = ran.out.split("Left out\n")
    assert said in " ".join(left_out.split())
    assert (folder / name).read_bytes() == content
    assert (folder / "by_region.csv").read_bytes() == COUNTS


def test_more_cells_than_are_protected_at_once_take_another_call(breachkit, folder, monkeypatch):
    monkeypatch.setattr("breachkit.workflows.redact.MOST_CELLS", 12)
    (folder / "second.csv").write_bytes(COUNTS)

    ran = breachkit.expect(5, "redact", "by_region.csv", "second.csv")

    assert "in another call" in " ".join(ran.out.split())
    assert ran.out.count("--- ") == 1


def test_mixed_encodings_come_back_byte_for_byte_but_for_the_cells(breachkit, folder):
    mixed = COUNTS.replace(b"South West", b"S\xfcd").replace(b"East,128", "\u00d6st,128".encode())
    (folder / "mixed.csv").write_bytes(mixed.replace(b"\n", b"\r\n"))

    breachkit.expect(0, "redact", "mixed.csv", "--write")

    wanted = mixed.replace(b",3\n", b",[REDACTED]\n").replace(b",22\n", b",[REDACTED]\n")
    assert everything(folder)["mixed.csv"] == wanted.replace(b"\n", b"\r\n")
