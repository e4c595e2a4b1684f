"""`request`: the form of a release, filled in as far as the folder tells, and no further."""

import io
import json
import os
import re
import shutil
import zipfile
from fnmatch import fnmatchcase

import docx
import jsonschema
import pytest
from markdown_it import MarkdownIt

from breachkit.documents.readers import read
from breachkit.documents.table import Table, Unreadable
from tests.support.release_folders import EXACT, PICTURE, ROUNDED, SMALL, a_release, answered
from tests.support.schemas import scan_schema


RATES = b"group,n,hospitalisation_rate\nA,120,0.1\nB,1205,0.2\nTotal,1325,0.3\n"
MODEL = b"term,estimate,std.error,p.value,nobs,df.residual\nage,1.2,0.1,0.03,12340,12330\nsex,0.9,0.1,0.2,12340,12330\n"
STATA = b"""
. regress sbp age sex bmi

Linear regression                               Number of obs     =     48,215
                                                F(3, 48211)       =      12.40
                                                Prob > F          =     0.0000

------------------------------------------------------------------------------
         sbp | Coefficient  std. err.      t    P>|t|     [95% conf. interval]
-------------+----------------------------------------------------------------
         age |   .5172341   .0273211    18.93   0.000     .4636841    .5707841
         sex |   1.234122   .3122233     3.95   0.000     .6221542    1.846090
------------------------------------------------------------------------------
"""
HOSTILE = "a|b`c](d)<b>#1 @x.csv"


def requested(breachkit, *args):
    data = json.loads(breachkit("request", *args, "--json").out)
    jsonschema.validate(data, scan_schema("request-1"), format_checker=jsonschema.FormatChecker())
    return data


def answer(section, question):
    return next(each for each in section["answers"] if each["id"] == question)


def section(data, name):
    """Give the section that a file stands in."""
    (found,) = (one for one in data["sections"] if any(each["path"].endswith(name) for each in one["files"]))  # fmt: skip
    return found


# --- Sections and patterns ----------------------------------------------------------------------


def test_similar_files_are_one_section_under_a_pattern_that_captures_exactly_them(breachkit, tmp_path):  # fmt: skip
    files = {f"hospitalisation_rate_by_{by}.csv": RATES for by in ("age", "sex", "region")}
    data = requested(breachkit, a_release(tmp_path, {**files, "deaths_by_age.csv": ROUNDED}))
    group = section(data, "by_sex.csv")

    assert group["pattern"] == "release/hospitalisation_rate_by_*.csv"
    assert [each["path"] for each in group["files"]] == [
        "release/hospitalisation_rate_by_age.csv",
        "release/hospitalisation_rate_by_region.csv",
        "release/hospitalisation_rate_by_sex.csv",
    ]
    assert "captures exactly 3 files" in answer(group, "location")["told"][0]


def test_files_of_other_columns_are_never_captured(breachkit, tmp_path):
    files = {"rate_by_age.csv": RATES, "rate_by_sex.csv": RATES, "rate_by_all.csv": MODEL}
    data = requested(breachkit, a_release(tmp_path, files))

    assert all("*" not in each["pattern"] for each in data["sections"])
    assert len(data["sections"]) == 3


def test_one_name_in_several_folders_is_one_section(breachkit, tmp_path):
    files = {f"models/{of}/estimates.csv": MODEL for of in ("death", "icu")}
    (one,) = requested(breachkit, a_release(tmp_path, files))["sections"]

    assert one["pattern"] == "release/models/*/estimates.csv"


def test_a_pattern_captures_no_more_where_capitals_do_not_count(breachkit, tmp_path):
    """As on the servers on which outputs are checked."""
    files = {"rate_by_age.csv": RATES, "rate_by_sex.csv": RATES, "Rate_By_bmi.csv": MODEL}
    data = requested(breachkit, a_release(tmp_path, files))

    assert len(data["sections"]) == 3


def test_names_with_wildcards_in_them_capture_only_themselves(breachkit, tmp_path):
    files = {"a[b]*.csv": RATES, "ab.csv": ROUNDED, "a[b]x.csv": ROUNDED, "?.csv": MODEL}
    data = requested(breachkit, a_release(tmp_path, files))
    names = [each["path"] for one in data["sections"] for each in one["files"]]

    assert sorted(names) == sorted(f"release/{name}" for name in files)
    for one in data["sections"]:
        own = [each["path"] for each in one["files"]]
        assert [name for name in sorted(names) if fnmatchcase(name, one["pattern"])] == sorted(own)


def test_figures_that_share_nothing_but_that_they_are_figures_stand_alone(breachkit, tmp_path):
    files = {f"figure_{number}.svg": PICTURE for number in (1, 2)}
    same = {f"survival_plot_{name}.svg": PICTURE for name in ("men", "women")}
    data = requested(breachkit, a_release(tmp_path, {**files, **same}))

    assert len(data["sections"]) == 3
    assert len(section(data, "plot_men.svg")["files"]) == 2


# --- What the files tell --------------------------------------------------------------------------


def test_the_population_is_the_total_that_is_printed_with_its_place(breachkit, tmp_path):
    (one,) = requested(breachkit, a_release(tmp_path, {"rates.csv": RATES}))["sections"]

    assert answer(one, "population")["told"] == ["1,325 (the total in row 3, column n)"]
    assert answer(one, "population")["open"] == [
        "Who is counted: which people, with what left out?"
    ]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"sex,Vaccinated N=2450,x\nF,0.5,1\nM,0.5,2\n", "2,450 (the header of column 2)"),
        (b"month,numerator,denominator\n1,20,1500\n2,30,2500\n", "2,500 (the largest in column denominator)"),
        (b"sex,n\nF,100\nM,90\nTotal,[REDACTED]\n", "the total in row 3, column n: it was taken out"),
        (b"sex,n\nF,0\nM,5\nTotal,5\n", "the total in row 3, column n: it is at or below the threshold, and is not written here"),
    ],
    ids=["N=", "denominator", "redacted", "small"],
)  # fmt: skip
def test_what_may_be_written_of_a_population(breachkit, tmp_path, content, told):
    (one,) = requested(breachkit, a_release(tmp_path, {"rates.csv": content}))["sections"]

    assert answer(one, "population")["told"] == [told]
    assert len(answer(one, "population")["open"]) == (1 if told[0].isdigit() else 2)


def test_where_nothing_is_a_total_the_population_is_open(breachkit, tmp_path):
    """A sum that nobody printed is a number that nobody released."""
    (one,) = requested(breachkit, a_release(tmp_path, {"deaths.csv": ROUNDED}))["sections"]

    assert answer(one, "population")["told"] == []
    assert "No total" in answer(one, "population")["open"][1]


def test_models_have_their_population_and_degrees_of_freedom(breachkit, tmp_path):
    data = requested(breachkit, a_release(tmp_path, {"model.csv": MODEL, "deaths.csv": ROUNDED}))

    assert answer(section(data, "model.csv"), "regression")["told"] == [
        "population size: 12,340 (column nobs)",
        "degrees of freedom: 12,330 (column df.residual)",
    ]
    assert not any(each["id"] == "regression" for each in section(data, "deaths.csv")["answers"])


def test_print_outs_of_models_are_read_too(breachkit, tmp_path):
    (one,) = requested(breachkit, a_release(tmp_path, {"model.txt": STATA}))["sections"]
    told = " ".join(answer(one, "regression")["told"])

    assert "48,215 (what is printed as Number of obs)" in told
    assert "48,211" in told


def test_a_model_without_degrees_of_freedom_is_asked_for_them(breachkit, tmp_path):
    content = MODEL.replace(b",df.residual", b"").replace(b",12330", b"")
    (one,) = requested(breachkit, a_release(tmp_path, {"model.csv": content}))["sections"]

    assert "Not found: the degrees of freedom." in answer(one, "regression")["open"]


def test_columns_are_described_by_their_names_or_asked_for(breachkit, tmp_path):
    content = b"region,n_midpoint6,V7,hospital_admission_rate\nA,15,1,2\nB,27,1,2\n"
    (one,) = requested(breachkit, a_release(tmp_path, {"rates.csv": content}))["sections"]

    assert answer(one, "variables")["told"] == [
        "region: region",
        "n_midpoint6: count: n midpoint6, by its name rounded to midpoints",
        "hospital_admission_rate: by its name: hospital admission rate",
    ]
    assert answer(one, "variables")["open"] == ["What is in these columns? V7"]


def test_keys_of_one_object_may_be_categories_and_are_not_listed(breachkit, tmp_path):
    files = {"one.json": b'{"Fellbridge": 300, "n": 120}', "many.json": b'[{"region": "A", "n": 120}, {"region": "B", "n": 90}]'}  # fmt: skip
    data = requested(breachkit, a_release(tmp_path, files))

    assert "Fellbridge" not in json.dumps(data)
    assert answer(section(data, "one.json"), "variables")["told"] == ["n: count"]
    assert answer(section(data, "many.json"), "variables")["told"] == ["region: region", "n: count"]


def test_controls_that_can_be_seen_are_named(breachkit, tmp_path):
    redacted = ROUNDED.replace(b"45", b"[REDACTED]").replace(b"335", b"<=7")
    files = {
        "deaths.csv": redacted + b"Wales,70\nScotland,15\nIreland,995\n",
        "exact_counts.csv": EXACT,
    }
    data = requested(breachkit, a_release(tmp_path, files))

    assert answer(section(data, "deaths.csv"), "controls")["told"] == [
        "1 cell marked [REDACTED]",
        "1 cell with another mark than [REDACTED], such as <=7 or *",
        "patients: rounded to multiples of 5",
    ]
    exact = answer(section(data, "exact_counts.csv"), "controls")
    assert exact["told"] == ["patients: not rounded, as the numbers tell"]
    assert "Some counts are not rounded" in exact["open"][1]


def test_a_file_that_redact_wrote_says_so(breachkit, tmp_path):
    folder = a_release(tmp_path, {"deaths.csv": SMALL})
    breachkit("redact", folder / "deaths.csv", "--write")
    (one,) = requested(breachkit, folder)["sections"]

    assert any("written by breachkit redact (RD-0001 of " in each for each in answer(one, "controls")["told"])  # fmt: skip


def test_related_outputs_name_each_other(breachkit, tmp_path):
    files = {"deaths_all.csv": ROUNDED, "deaths_male.csv": EXACT + b"x,9999\n", "deaths_all.svg": PICTURE}  # fmt: skip
    data = requested(breachkit, a_release(tmp_path, files))
    told = {name: " / ".join(answer(section(data, name), "related")["told"]) for name in files}

    assert (
        "release/deaths_male.csv: by its name some of the people of release/deaths_all.csv"
        in told["deaths_all.csv"]
    )
    assert told["deaths_male.csv"] == told["deaths_all.csv"]  # they are one section
    assert "release/deaths_*.csv: the same name in another format" in told["deaths_all.svg"]


def test_parts_of_the_people_are_named_across_sections(breachkit, tmp_path):
    more = b"region,admitted,other\nNorth,20,80\n"
    data = requested(
        breachkit, a_release(tmp_path, {"deaths.csv": ROUNDED, "deaths_women.csv": more})
    )
    whole, part = (answer(section(data, name), "related")["told"] for name in ("deaths.csv", "deaths_women.csv"))  # fmt: skip

    assert "release/deaths_women.csv: by its name it is about some of the people" in whole[0]
    assert "release/deaths.csv: by its name it is about more people" in part[0]


def test_tables_with_the_same_rows_are_related(breachkit, tmp_path):
    other = ROUNDED.replace(b"patients", b"admissions").replace(b"120", b"850")
    data = requested(breachkit, a_release(tmp_path, {"deaths.csv": ROUNDED, "covid.csv": other}))

    assert "release/covid.csv: rows named alike, the same breakdown" in answer(section(data, "deaths.csv"), "related")["told"]  # fmt: skip


def test_tables_that_print_the_same_counts_are_related(breachkit, tmp_path):
    regions = b"region,patients\nNorth,4120\nSouth,91205\nEast,86065\nTotal,181390\n"
    deaths = (
        b"region,patients,deaths\nNorth,4120,120\nSouth,91205,830\nEast,86065,775\nWest,4175,95\n"
    )
    data = requested(breachkit, a_release(tmp_path, {"regions.csv": regions, "deaths.csv": deaths}))

    assert "release/deaths.csv: it prints the same counts of the same people" in answer(section(data, "regions.csv"), "related")["told"]  # fmt: skip
    assert "release/regions.csv: it prints the same counts of the same people" in answer(section(data, "deaths.csv"), "related")["told"]  # fmt: skip


def test_tables_too_large_to_be_compared_are_asked_for(breachkit, tmp_path):
    large = b"day,n\n" + b"".join(b"d%d,%d\n" % (at, 10 * at + 50) for at in range(1600))
    (one,) = requested(breachkit, a_release(tmp_path, {"days.csv": large}))["sections"]

    assert any("Not all tables were compared" in each for each in answer(one, "related")["open"])


def test_earlier_releases_are_named_where_they_are_given(breachkit, tmp_path):
    earlier = a_release(tmp_path, {"deaths.csv": ROUNDED}, name="release_2025")
    data = requested(breachkit, a_release(tmp_path, {"deaths.csv": ROUNDED}), "--against", earlier)

    assert answer(data["sections"][0], "related")["told"] == ["release_2025/deaths.csv: an earlier output of the same name"]  # fmt: skip
    assert next(each for each in data["header"] if each["id"] == "earlier")["told"]


def test_what_was_not_read_is_named_and_not_described(breachkit, tmp_path):
    folder = a_release(tmp_path, {"broken.xlsx": b"PK\3\4 what", "deaths.csv": ROUNDED})
    (folder / "link.csv").symlink_to(tmp_path / "elsewhere")
    data = requested(breachkit, folder)

    assert data["complete"] is False
    assert {"release/broken.xlsx", "release/link.csv"} <= {each["path"] for each in data["unread"]}
    assert answer(section(data, "broken.xlsx"), "kind")["open"][0].startswith("Not read")
    assert "Not read, so not described" in breachkit("request", folder).out


# --- The whole request ----------------------------------------------------------------------------


def test_the_verdict_of_the_check_is_in_the_form(breachkit, tmp_path):
    folder = a_release(tmp_path, {"deaths.csv": SMALL})
    data = requested(breachkit, folder)
    text = breachkit("request", folder).out

    assert (data["check"]["passes"], data["check"]["failed"]) == (False, ["low-counts"])
    assert any(
        each.startswith("low-counts: fails: CNT-01") for each in data["sections"][0]["check"]
    )
    assert "NOT READY: 1 item of 22 fails" in text


def test_exit_codes(breachkit, tmp_path):
    good = a_release(tmp_path / "a", {"deaths.csv": ROUNDED})
    bad = a_release(tmp_path / "b", {"deaths.csv": SMALL})

    breachkit.expect(0, "request", good)
    breachkit.expect(0, "request", bad)
    breachkit.expect(8, "request", good, "--strict")
    breachkit.expect(6, "request", bad, "--strict")


def test_what_somebody_says_is_written_down_and_open_no_more(breachkit, tmp_path):
    folder = a_release(tmp_path, {"deaths.csv": ROUNDED})
    before = requested(breachkit, folder)
    data = requested(breachkit, folder, "--by", "Ada Hartley", "--answer", "project=B12")
    header = {each["id"]: each for each in data["header"]}

    assert header["researcher"]["told"] == ["Ada Hartley"]
    assert header["project"]["told"] == ["B12"]
    assert data["open"] == before["open"] - 2


def test_answers_to_the_check_settle_its_items(breachkit, tmp_path):
    folder = a_release(tmp_path, {"deaths.csv": ROUNDED})

    assert requested(breachkit, folder, *answered())["check"]["needs_a_person"] == []
    breachkit.expect(2, "request", folder, "--answer", "no-such=text", "--by", "Ada Hartley")


def test_a_playbook_of_ones_own_asks_its_own_questions(breachkit, tmp_path):
    own = tmp_path / "books" / "mine"
    own.mkdir(parents=True)
    about = 'name = "mine"\ntitle = "Mine"\nextends = "generic"\norganisation = "mine"\nas_of = 2026-01-01\nsource = "us"\nreviewed = 2026-01-01\n'
    (own / "playbook.toml").write_text(about)
    (own / "request.toml").write_text(
        'title = "Our form"\nremove = ["email", "related"]\n[[output]]\nid = "why"\ntitle = "Why"\nask = "Why this one?"\nsource = "us"\nas_of = 2026-01-01\n'
    )
    folder = a_release(tmp_path, {"deaths.csv": ROUNDED})
    data = requested(breachkit, folder, "--playbooks", own)

    assert data["form"]["title"] == "Our form"
    assert "email" not in {each["id"] for each in data["header"]}
    assert answer(data["sections"][0], "why")["open"] == ["Why this one?"]
    assert "related" not in {each["id"] for each in data["sections"][0]["answers"]}


@pytest.mark.parametrize("text", ["titel = 1", '[[output]]\nid = "x"\n', "title = [", "remove = ['nothing']"])  # fmt: skip
def test_a_form_that_is_wrong_says_where(breachkit, tmp_path, text):
    own = tmp_path / "mine"
    own.mkdir()
    (own / "playbook.toml").write_text('name = "mine"\ntitle = "M"\nextends = "generic"\norganisation = "m"\nas_of = 2026-01-01\nsource = "us"\nreviewed = 2026-01-01\n')  # fmt: skip
    (own / "request.toml").write_text(text)
    ran = breachkit.expect(
        3, "request", a_release(tmp_path, {"a.csv": ROUNDED}), "--playbooks", own
    )

    assert "mine/request.toml" in ran.err


# --- Formats --------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path):
    files = {
        "deaths_all.csv": ROUNDED,
        "deaths_male.csv": EXACT,
        "model.csv": MODEL,
        HOSTILE: ROUNDED,
    }
    return a_release(tmp_path, {**files, "by|`x`](y)<i>.csv": b"a|b`](c)<b>,n\nx,20\n"})


def test_markdown_is_read_as_it_was_meant(breachkit, folder):
    html = MarkdownIt("commonmark").enable("table").render(breachkit("request", folder).out)
    rows = re.findall(r"<tr>.*?</tr>", html, re.DOTALL)

    assert all(row.count("<td>") in {0, 2, 3} for row in rows)
    assert not re.search(r"<[bi]>|<a ", html)
    assert "a|b`c](d)&lt;b&gt;" in re.sub(r"<!-- -->", "", html)


def test_word_has_headings_tables_and_nothing_of_the_machine(breachkit, folder, tmp_path):
    breachkit.expect(0, "request", folder, "-o", tmp_path / "request.docx", "--by", "Ada Hartley")
    content = (tmp_path / "request.docx").read_bytes()
    document = docx.Document(io.BytesIO(content))
    headings = [each.text for each in document.paragraphs if ((each.style and each.style.name) or '').startswith(("Heading", "Title"))]  # fmt: skip
    members = zipfile.ZipFile(io.BytesIO(content))
    inside = b"".join(members.read(name) for name in members.namelist())

    assert "Outputs for review" in headings
    assert any(HOSTILE in each for each in headings)
    assert len(document.tables) == 2 + 4  # the header, the check, and four sections
    assert document.core_properties.author == "Ada Hartley"
    assert document.core_properties.last_modified_by == ""
    assert str(tmp_path).encode() not in inside


def test_nobody_is_the_author_until_somebody_says_so(breachkit, folder, tmp_path, monkeypatch):
    monkeypatch.setenv("USER", "machine-user")
    breachkit.expect(0, "request", folder, "-o", tmp_path / "request.docx")
    properties = docx.Document(tmp_path / "request.docx").core_properties

    assert (properties.author, properties.last_modified_by) == ("", "")
    assert "machine-user" not in str(vars(properties))


def test_word_is_read_back_by_our_own_reader(breachkit, folder, tmp_path):
    breachkit("request", folder, "-o", tmp_path / "request.docx")
    found = read((tmp_path / "request.docx").read_bytes(), (b"request.docx",))
    cells = [cell for each in found if isinstance(each, Table) for row in each.rows for cell in row]

    assert not [each for each in found if isinstance(each, Unreadable)]
    assert any(cell.startswith("12,340 (column nobs)") for cell in cells)
    assert any("OPEN: What does it show" in cell for cell in cells)


def test_both_formats_say_the_same(breachkit, folder, tmp_path):
    breachkit("request", folder, "-o", tmp_path / "request.docx")
    document = docx.Document(tmp_path / "request.docx")
    number = sum(cell.text.count("OPEN: ") for table in document.tables for row in table.rows for cell in row.cells)  # fmt: skip

    assert number == requested(breachkit, folder)["open"]
    assert breachkit("request", folder).out.count("**OPEN:**") == number


@pytest.mark.parametrize("name", ["request.md", "request.docx"])
def test_the_same_folder_and_day_give_the_same_bytes(breachkit, folder, tmp_path, name):
    breachkit("request", folder, "-o", tmp_path / name)
    first = (tmp_path / name).read_bytes()
    breachkit.expect(0, "request", folder, "-o", tmp_path / name)  # an earlier request is replaced

    assert (tmp_path / name).read_bytes() == first


def test_a_file_of_ones_own_is_not_written_over(breachkit, folder, tmp_path):
    own = tmp_path / "mine.docx"
    docx.Document().save(own)
    before = own.read_bytes()

    breachkit.expect(6, "request", folder, "-o", own)
    assert own.read_bytes() == before


def test_the_request_is_not_written_into_what_is_released(breachkit, folder):
    breachkit.expect(6, "request", folder, "-o", folder / "request.md")
    assert not (folder / "request.md").exists()


def test_another_kind_of_file_is_refused_before_anything_is_read(breachkit, tmp_path):
    breachkit.expect(2, "request", tmp_path / "nothing", "-o", tmp_path / "request.pdf")


def test_without_python_docx_the_message_says_how_to_get_it(breachkit, folder, tmp_path, monkeypatch):  # fmt: skip
    import importlib.util

    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *more: None if name == "docx" else real(name, *more))  # fmt: skip
    ran = breachkit.expect(2, "request", folder, "-o", tmp_path / "request.docx")

    assert 'pip install "breachkit[forms]"' in ran.err
    assert not (tmp_path / "request.docx").exists()


# --- Bad input ------------------------------------------------------------------------------------


def test_there_has_to_be_a_folder_with_files(breachkit, tmp_path):
    (tmp_path / "release").mkdir()
    (tmp_path / "a.csv").write_bytes(ROUNDED)

    breachkit.expect(3, "request", tmp_path / "nothing")
    breachkit.expect(3, "request", tmp_path / "release")
    breachkit.expect(2, "request", tmp_path / "a.csv")


def test_names_that_are_not_utf_8_or_act_on_a_terminal_are_shown_escaped(breachkit, tmp_path):
    folder = a_release(tmp_path, {"deaths.csv": ROUNDED})
    for name in (b"caf\xe9.csv", b"line\nbreak.csv", b"red\x1b[31m.csv"):
        shutil.copy(folder / "deaths.csv", folder / os.fsdecode(name))
    ran = breachkit.expect(0, "request", folder, "-o", tmp_path / "request.docx")
    data = requested(breachkit, folder)

    assert sum(len(each["files"]) for each in data["sections"]) == 4
    assert "\x1b" not in breachkit("request", folder).all + ran.all
    assert any("caf\\xe9.csv" in each.text for each in docx.Document(tmp_path / "request.docx").paragraphs)  # fmt: skip


def test_a_name_that_identifies_somebody_is_masked(breachkit, tmp_path):
    data = breachkit("request", a_release(tmp_path, {"nhs 9434765919.csv": ROUNDED}), "--json").out

    assert "9434765919" not in data
    assert "give the file another name" in data


def test_no_number_of_a_table_is_in_a_request_but_its_population(breachkit, tmp_path):
    """Planted counts: only the total is one that the form asks for."""
    folder = a_release(tmp_path, {"deaths.csv": b"region,n\nA,61789\nB,73456\nTotal,135245\n"})
    for args in ([], ["--json"]):
        ran = breachkit("request", folder, *args)
        assert "135245" in ran.out.replace(",", "")
        assert not re.search(r"61,?789|73,?456", ran.all)
