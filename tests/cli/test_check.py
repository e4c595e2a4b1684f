"""`check`: what is fit to be released, what is not, and what only a person can say."""

import json
import shutil

import pytest

from tests.support.release_folders import EXACT, PICTURE, ROUNDED, SAID, SMALL, a_release, answered


def checked(breachkit, *args):
    """Check, and give the JSON with each item by its id."""
    data = json.loads(breachkit("check", *args, "--json").out)
    data["items"] = {each["id"]: each for each in data["items"]}
    return data


def outcomes(data):
    return {name: item["outcome"] for name, item in data["items"].items()}


def reasons(data, item):
    return [each["what"] for each in data["items"][item]["reasons"] if each["open"]]


def files(data, item):
    return sorted(path for each in data["items"][item]["reasons"] for path in each["files"])


# --- The whole ----------------------------------------------------------------------------------


def test_a_release_without_fault_waits_for_people_only(breachkit, tmp_path):
    folder = a_release(tmp_path, {"deaths_by_region.csv": ROUNDED})
    data = checked(breachkit, folder)

    assert data["passes"] is True
    assert {name for name, outcome in outcomes(data).items() if outcome != "pass"} == {
        *(
            "permitted-results",
            "minimum-outputs",
            "context",
            "controls-described",
            "earlier-results",
        )
    }
    breachkit.expect(0, "check", folder)
    breachkit.expect(8, "check", folder, "--strict")


def test_what_people_answered_by_name_waits_no_longer(breachkit, tmp_path):
    folder = a_release(tmp_path, {"deaths_by_region.csv": ROUNDED})
    ran = breachkit.expect(0, "check", folder, "--strict", *answered())

    assert "READY" in ran.out
    assert "Ada Hartley" in ran.out
    assert SAID in ran.out


def test_a_small_count_is_found_as_in_a_scan(breachkit, tmp_path):
    data = checked(breachkit, a_release(tmp_path, {"deaths_by_region.csv": SMALL}))
    (found,) = (each for each in data["findings"] if each["rule"] == "CNT-01")

    assert (found["severity"], found["path"]) == ("high", "release/deaths_by_region.csv")
    assert found["location"]["rows"] == [6]
    assert data["items"]["low-counts"]["outcome"] == "fail"
    assert files(data, "low-counts") == ["release/deaths_by_region.csv"]
    breachkit.expect(13, "check", tmp_path / "release")
    breachkit.expect(0, "check", tmp_path / "release", "--no-fail")


def test_a_failed_item_without_a_finding_is_as_bad_as_a_medium_one(breachkit, tmp_path):
    breachkit.expect(12, "check", a_release(tmp_path, {"a_b.csv": ROUNDED, "notes.log": b"done\n"}))


def test_no_git_is_needed(breachkit, tmp_path, monkeypatch):
    """The servers on which outputs are checked have none."""
    folder = a_release(tmp_path, {"deaths_by_region.csv": SMALL})
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))

    assert shutil.which("git") is None
    breachkit.expect(13, "check", folder)


def test_files_can_be_given_one_by_one(breachkit, tmp_path, monkeypatch):
    """As pre-commit does, with paths from the top of the repository."""
    a_release(tmp_path, {"sub/small.csv": SMALL, "deaths_by_region.csv": ROUNDED})
    monkeypatch.chdir(tmp_path)
    data = checked(breachkit, "release/sub/small.csv", "release/deaths_by_region.csv")

    assert [each["path"] for each in data["files"]] == [
        "release/sub/small.csv",
        "release/deaths_by_region.csv",
    ]
    assert {each["path"] for each in data["findings"]} == {"release/sub/small.csv"}
    assert data["items"]["release-folder"]["outcome"] == "needs a person"


def test_a_file_that_is_named_twice_is_checked_once(breachkit, tmp_path):
    folder = a_release(tmp_path, {"deaths_by_region.csv": SMALL})
    data = checked(breachkit, folder, folder / "deaths_by_region.csv")

    assert data["stats"]["files"] == 1


def test_no_report_names_the_machine(breachkit, tmp_path):
    folder = a_release(tmp_path, {"deaths_by_region.csv": SMALL})
    for form in ("text", "json", "sarif", "markdown", "html"):
        assert str(tmp_path) not in breachkit("check", folder, "--format", form).out


def test_every_file_is_judged_as_an_output_wherever_it_lies(breachkit, tmp_path):
    """The folders above say nothing: on a server, they may be called anything."""
    folder = a_release(tmp_path / "tests" / "dummy", {"deaths_by_region.csv": SMALL})

    assert checked(breachkit, folder)["findings"][0]["severity"] == "high"


def test_what_is_wrong_with_the_options_costs_no_check(breachkit, tmp_path):
    folder = a_release(tmp_path, {"deaths_by_region.csv": ROUNDED})
    breachkit.expect(3, "check", tmp_path / "nowhere")
    breachkit.expect(3, "check", folder, "--policy", "never")
    breachkit.expect(2, "check", folder, "--answer", "minimum-outputs=all of it")  # whose word?
    breachkit.expect(2, "check", folder, "--answer", "nonsense=all of it", "--by", "Ada")
    breachkit.expect(2, "check", folder, "--answer", "minimum-outputs", "--by", "Ada")
    breachkit.expect(3, "check", folder, "--notes", tmp_path / "missing.toml")


# --- The items ----------------------------------------------------------------------------------


def test_types_off_the_list_fail_with_or_without_a_rule(breachkit, tmp_path):
    found = {"deaths.csv": ROUNDED, "deaths.xyz": b"words\n", "NOENDING": b"words\n"}
    data = checked(breachkit, a_release(tmp_path, found))

    assert files(data, "file-types") == ["release/NOENDING", "release/deaths.xyz"]


def test_size_and_rows_are_those_of_the_policy(breachkit, tmp_path):
    rows = b"".join(b"%d,label\n" % (5 * each) for each in range(5_001))
    large = b"\x89PNG\r\n\x1a\n" + bytes(17 << 20)
    folder = a_release(tmp_path, {"long.csv": b"patients,region\n" + rows, "large.png": large})
    now, before = checked(breachkit, folder), checked(breachkit, folder, "--policy", "2022-08")

    assert files(now, "file-size") == ["release/large.png"]
    assert files(now, "rows") == ["release/long.csv"]
    assert (outcomes(before)["file-size"], outcomes(before)["rows"]) == ("pass", "pass")


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("release", "pass"),
        ("release_2026_03_01", "pass"),
        ("release-20260301", "pass"),
        ("released_outputs", "pass"),
        ("tables for the paper", "needs a person"),
        ("output", "fail"),
    ],
)
def test_a_release_has_a_folder_of_its_own(breachkit, tmp_path, name, outcome):
    folder = a_release(tmp_path, {"deaths_by_region.csv": ROUNDED}, name)

    assert outcomes(checked(breachkit, folder))["release-folder"] == outcome


def test_a_release_in_a_release_and_outputs_beside_one_are_told(breachkit, tmp_path):
    folder = a_release(tmp_path, {"a_b.csv": ROUNDED, "release_2025/old.csv": ROUNDED})
    (tmp_path / "beside.csv").write_bytes(ROUNDED)
    data = checked(breachkit, folder)

    assert outcomes(data)["release-folder"] == "fail"
    assert files(data, "release-folder") == ["release/release_2025"]
    assert any("1 output lies beside" in each for each in reasons(data, "release-folder"))


@pytest.mark.parametrize(
    "name",
    [
        *(".DS_Store", "Thumbs.db", ".hidden", ".Rhistory", "study.Rproj", "project.yaml"),
        *("~$table.docx", ".~lock.table.csv#", "table.csv~", "table.tmp", "table.csv.bak"),
        *("analysis.R", "analysis.py", "model.do", "report.ipynb", "report.Rmd", "model.rds"),
        *(".ipynb_checkpoints/table.csv", "__pycache__/a.pyc", "release-notes.toml"),
    ],
)
def test_what_is_not_meant_for_release_fails(breachkit, tmp_path, name):
    data = checked(breachkit, a_release(tmp_path, {"a_b.csv": ROUNDED, name: ROUNDED}))

    assert files(data, "not-for-release") == [f"release/{name}"]


def test_an_empty_file_is_no_output(breachkit, tmp_path):
    data = checked(breachkit, a_release(tmp_path, {"a_b.csv": ROUNDED, "c_d.csv": b""}))

    assert reasons(data, "not-for-release") == ["empty"]


@pytest.mark.parametrize("name", ["deaths.csv", "table_1.csv", "README.md", "figure 2.txt", "st-john's.csv"])  # fmt: skip
def test_what_is_meant_for_release_passes(breachkit, tmp_path, name):
    data = checked(breachkit, a_release(tmp_path, {name: ROUNDED}))

    assert [outcomes(data)[each] for each in ("not-for-release", "file-names", "file-types")] == [
        "pass"
    ] * 3


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("untitled.csv", "needs a person"),
        ("table (1).csv", "needs a person"),
        ("final_final.csv", "needs a person"),
        ("test2.csv", "needs a person"),
        ("aux.csv", "fail"),
        ("a:b.csv", "fail"),
        ("deaths.csv .csv ", "fail"),
    ],
)
def test_names_that_say_nothing_or_cannot_be_written(breachkit, tmp_path, name, outcome):
    assert (
        outcomes(checked(breachkit, a_release(tmp_path, {name: ROUNDED})))["file-names"] == outcome
    )


def test_names_that_differ_in_capitals_only_fail(breachkit, tmp_path):
    data = checked(breachkit, a_release(tmp_path, {"Deaths.csv": ROUNDED, "deaths.csv": ROUNDED}))

    assert files(data, "file-names") == ["release/Deaths.csv", "release/deaths.csv"]


def test_a_log_needs_a_reason_by_name(breachkit, tmp_path):
    folder = a_release(tmp_path, {"a_b.csv": ROUNDED, "logs/model.log": b"converged\n"})
    why = ("--reason", "model.log=the author has to see where it stopped", "--by", "Ada Hartley")

    assert files(checked(breachkit, folder), "logs") == ["release/logs/model.log"]
    settled = checked(breachkit, folder, *why)
    assert outcomes(settled)["logs"] == "pass"
    assert settled["items"]["logs"]["reasons"][0]["answer"]["by"] == "Ada Hartley"


def test_a_figure_needs_its_table(breachkit, tmp_path):
    files_ = {"fig_deaths.svg": PICTURE, "deaths_data.csv": ROUNDED, "figure_2.svg": PICTURE}
    data = checked(breachkit, a_release(tmp_path, {**files_, "table_2.csv": ROUNDED}))

    assert files(data, "figure-counts") == ["release/figure_2.svg"]


def test_a_person_can_name_the_table_of_a_figure(breachkit, tmp_path):
    folder = a_release(tmp_path, {"figure_2.svg": PICTURE, "deaths.csv": ROUNDED})
    notes = tmp_path / "notes.toml"

    def written(table):
        notes.write_text(
            'schema = "breachkit.release-notes/1"\n[[answer]]\nitem = "figure-counts"\n'
            f'files = ["figure_2.svg"]\ndata = ["{table}"]\nby = "Ada Hartley"\non = 2026-01-05\n'
            'until = 2999-01-01\nreason = "drawn from it"\n'
        )
        return checked(breachkit, folder, "--notes", notes)

    assert outcomes(written("deaths.csv"))["figure-counts"] == "pass"
    missing = written("births.csv")
    assert outcomes(missing)["figure-counts"] == "fail"
    assert [each["item"] for each in missing["answers_unused"]] == ["figure-counts"]


def test_a_picture_of_pixels_has_to_be_looked_at(breachkit, tmp_path):
    png = (
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\2\0\0\0\x90wS\xde\0\0\0\0IEND\xaeB`\x82"
    )
    folder = a_release(tmp_path, {"deaths.png": png, "deaths.csv": ROUNDED})
    data = checked(breachkit, folder)

    assert outcomes(data)["low-counts"] == "needs a person"
    assert outcomes(checked(breachkit, folder, *answered("low-counts")))["low-counts"] == "pass"


def test_a_rate_needs_its_counts(breachkit, tmp_path):
    rates = b"region,rate_per_1000\nNorth,1.25\nSouth,2.75\n"
    both = b"region,deaths,population,rate_per_1000\nNorth,10,8000,1.25\nSouth,55,20000,2.75\n"
    one = b"region,deaths,rate_per_1000\nNorth,10,1.25\nSouth,55,2.75\n"
    hazards = b"region,hazard_ratio,lower,upper\nNorth,1.25,1.05,1.45\nSouth,2.75,2.05,3.45\n"
    found = {"rates.csv": rates, "both_rates.csv": both, "one_rate.csv": one, "hr.csv": hazards}
    data = checked(breachkit, a_release(tmp_path, found))
    by_file = {each["files"][0]: each["outcome"] for each in data["items"]["rate-counts"]["reasons"]}  # fmt: skip

    assert by_file == {"release/rates.csv": "fail", "release/one_rate.csv": "needs a person"}


def test_counts_are_rounded_as_the_policy_wants(breachkit, tmp_path):
    few = b"region,patients\nNorth,120\nSouth,1204\n"
    midpoints = b"region,patients_midpoint6\nNorth,21\nSouth,1203\nEast,15\n"
    found = {"exact.csv": EXACT, "few.csv": few, "midpoints.csv": midpoints, "rounded.csv": ROUNDED}
    folder = a_release(tmp_path, found)

    assert files(checked(breachkit, folder), "rounding") == ["release/exact.csv", "release/few.csv"]
    assert outcomes(checked(breachkit, folder, "--policy", "2020-12"))["rounding"] == "pass"


def test_totals_are_the_sums_of_rounded_counts(breachkit, tmp_path):
    """A total of 62 people, rounded by itself, beside 12, 23 and 27, rounded each."""
    rows = b"age,patients\n0-17,10\n18-39,25\n40-64,25\n65-79,40\n80+,135\nTotal,%d\n"
    found = {"alone.csv": rows % 240, "summed.csv": rows % 235}
    data = checked(breachkit, a_release(tmp_path, found))

    assert files(data, "rounding") == ["release/alone.csv"]
    assert "not the sums" in reasons(data, "rounding")[0]


def test_ratios_of_raw_counts_fail_the_rounding(breachkit, tmp_path):
    rows = b"".join(b"%d,%d,%.7f\n" % (n, d, (n + 2) / (d + 1)) for n, d in ((10, 2150), (45, 3350), (120, 9005), (65, 1255), (80, 4410), (95, 7715), (100, 8820)))  # fmt: skip
    data = checked(
        breachkit, a_release(tmp_path, {"a_b.csv": b"numerator,denominator,ratio\n" + rows})
    )

    assert any(each.startswith("RAT-02") for each in reasons(data, "rounding"))


def test_web_pages_are_stripped_and_show_no_code(breachkit, tmp_path):
    plain = b"<!doctype html><html><body><h1>Deaths</h1><p>See the table.</p></body></html>"
    styled = plain.replace(b"<body>", b"<head><style>p { color: red }</style></head><body>")
    running = plain.replace(b"</body>", b"<script>go()</script></body>")
    code = plain.replace(b"</body>", b'<div class="jp-InputArea-editor">x = 1</div></body>')
    knitr = plain.replace(b"</body>", b'<pre class="r"><code>x <- 1</code></pre></body>')
    found = {"plain.html": plain, "styled.html": styled, "running.html": running, "code.html": code, "knitr.html": knitr}  # fmt: skip
    data = checked(breachkit, a_release(tmp_path, found))

    assert files(data, "html-stripped") == ["release/running.html", "release/styled.html"]
    assert files(data, "code-hidden") == ["release/code.html", "release/knitr.html"]


@pytest.mark.parametrize(
    ("header", "outcome"),
    [
        ("region,x1", "needs a person"),
        ("region,v12", "needs a person"),
        ("region,var_3", "needs a person"),
        ("region,q", "needs a person"),
        ("region,...2", "needs a person"),
        ("region,Unnamed: 1", "needs a person"),
        ("region,,n", "needs a person"),
        (",patients", "pass"),
        ("region,n", "pass"),
        ("term,p", "pass"),
        ("region,imd_5", "pass"),
        ("region,covid19_deaths", "pass"),
        ("region,25-34", "pass"),
    ],
)
def test_names_of_columns_tell_what_is_in_them(breachkit, tmp_path, header, outcome):
    table = header.encode() + b"\nNorth,120\nSouth,1205\n"

    assert outcomes(checked(breachkit, a_release(tmp_path, {"a_b.csv": table})))["column-names"] == outcome  # fmt: skip


def test_rows_of_people_fail_their_own_item(breachkit, tmp_path):
    rows = b"".join(b"%d,%d\n" % (10**6 + 7919 * each, each % 2) for each in range(30))
    data = checked(breachkit, a_release(tmp_path, {"a_b.csv": b"patient_id,died\n" + rows}))

    assert outcomes(data)["aggregates"] == "fail"
    breachkit.expect(14, "check", tmp_path / "release")


# --- Together -----------------------------------------------------------------------------------


def table(counts):
    regions = ("North", "South", "East", "West", "Mid", "London")
    rows = "".join(f"{region},{count}\n" for region, count in zip(regions, counts, strict=True))
    return f"region,deaths\n{rows}".encode()


ALL = table((121, 1204, 861, 337, 2953, 48))


def test_tables_of_one_release_are_subtracted_from_one_another(breachkit, tmp_path):
    men = table((61, 1201, 433, 199, 1478, 23))
    data = checked(breachkit, a_release(tmp_path, {"deaths_all.csv": ALL, "deaths_male.csv": men}))

    assert "SUP-03" in {each["rule"] for each in data["findings"]}
    assert outcomes(data)["low-counts"] == "fail"


def test_a_small_change_since_an_earlier_release_is_found(breachkit, tmp_path):
    earlier = a_release(tmp_path, {"deaths.csv": ALL}, "release_2025")
    now = a_release(tmp_path, {"deaths.csv": table((123, 1204, 861, 337, 2953, 48))})
    alone, beside = checked(breachkit, now), checked(breachkit, now, "--against", earlier)
    (found,) = (each for each in beside["findings"] if each["rule"] == "HIS-02")

    assert outcomes(alone)["earlier-results"] == "needs a person"
    assert "HIS-02" not in {each["rule"] for each in alone["findings"]}
    assert (found["severity"], found["location"]["rows"]) == ("medium", [1])
    assert files(beside, "earlier-results") == ["release/deaths.csv"]


def test_the_same_again_and_rounded_counts_tell_nothing(breachkit, tmp_path):
    rounded = table((120, 1205, 860, 335, 2955, 50))
    earlier = a_release(tmp_path, {"deaths.csv": ALL, "r.csv": rounded}, "release_2025")
    now = a_release(tmp_path, {"deaths.csv": ALL, "r.csv": table((125, 1205, 860, 335, 2955, 50))})
    data = checked(breachkit, now, "--against", earlier)

    assert outcomes(data)["earlier-results"] == "pass"
    assert data["items"]["earlier-results"]["note"] == "compared with 2 earlier files"


def test_what_an_earlier_release_still_shows_is_told(breachkit, tmp_path):
    hidden = SMALL.replace(b"London,3", b"London,[REDACTED]")
    earlier = a_release(tmp_path, {"sub/deaths.csv": SMALL}, "release_2025")
    now = a_release(tmp_path, {"deaths.csv": hidden})
    data = checked(breachkit, now, "--against", earlier)
    (found,) = (each for each in data["findings"] if each["rule"] == "HIS-01")

    assert found["severity"] == "high"
    assert "earlier release" in found["message"]


def test_part_of_an_earlier_table_is_subtracted_from_it(breachkit, tmp_path):
    earlier = a_release(tmp_path, {"deaths_all.csv": ALL}, "release_2025")
    now = a_release(tmp_path, {"deaths_male.csv": table((61, 1201, 433, 199, 1478, 23))})
    data = checked(breachkit, now, "--against", earlier)

    assert "SUP-03" in {each["rule"] for each in data["findings"]}


def test_everything_that_a_repository_ever_held_counts_as_released(breachkit, tmp_path):
    from tests.support.gitrepo import History

    history = History()
    history.commit({b"released_outputs/output/deaths.csv": ALL})
    history.commit({b"released_outputs/output/deaths.csv": None, b"README.md": b"gone\n"})
    study = history.build(tmp_path / "study.git")
    now = a_release(tmp_path, {"deaths.csv": table((123, 1204, 861, 337, 2953, 48))})
    data = checked(breachkit, now, "--against", study)

    assert "HIS-02" in {each["rule"] for each in data["findings"]}
    breachkit.expect(3, "check", now, "--against", tmp_path / "nowhere")


def test_a_file_that_differs_from_the_manifest_is_found(breachkit, tmp_path):
    manifest = {"outputs": {"output/deaths.csv": {"content_hash": "0" * 64}}}
    found = {"metadata/manifest.json": json.dumps(manifest).encode(), "output/deaths.csv": ROUNDED}
    data = checked(breachkit, a_release(tmp_path, found))

    assert "PROV-03" in {each["rule"] for each in data["findings"]}


# --- What was redacted ----------------------------------------------------------------------------


@pytest.mark.parametrize("rounding", ["5", "midpoint6"])
def test_what_redact_calls_done_the_check_does_not_send_back(breachkit, tmp_path, rounding):
    """A total of midpoints is a midpoint itself, for the sum of two of them is none."""
    crossed = b"region,Aged 18-39,Aged 40-64,Total\nLondon,204,3359,3563\nEast,22,2256,2278\nTotal,226,5615,5841\n"
    folder = a_release(tmp_path, {"by_age.csv": crossed})
    breachkit.expect(0, "redact", folder / "by_age.csv", "--round", rounding, "--write")

    data = checked(breachkit, folder)

    assert [outcomes(data)[item] for item in ("low-counts", "rounding")] == ["pass", "pass"]


def test_what_no_rule_could_judge_a_person_looks_at_and_no_redaction_mends(breachkit, tmp_path):
    names = [f"n_{name}" for name in ("a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l")]
    rates = ["percent_a", "percent_b", "percent_c", "percent_d"]
    lines = [",".join(["region", *names, *rates])]
    for row, region in enumerate(("London", "East", "Wales", "Kent", "York", "Devon")):
        counts = [str(500 + 35 * (row * 7 + at * 3 % 11)) for at in range(len(names))]
        lines.append(
            ",".join(
                [region, *counts, *(f"{row * 13 + at + 10}.{at + 1}" for at in range(len(rates)))]
            )
        )
    folder = a_release(tmp_path, {"wide.csv": "\n".join([*lines, ""]).encode()})

    ran = breachkit("check", folder)

    assert outcomes(checked(breachkit, folder))["low-counts"] == "needs a person"
    assert "Rates that give away small counts: not judged to the end (F-0001)" in ran.out
    assert "Next: breachkit explain RAT-01" in ran.err


def test_the_next_command_names_every_file_that_redaction_mends(breachkit, tmp_path):
    names = [f"{letter}.csv" for letter in "abcde"]
    folder = a_release(tmp_path, dict.fromkeys(names, EXACT))

    ran = breachkit("check", folder)

    assert "..." not in ran.err
    assert all(f"{folder.name}/{name}" in ran.err for name in names)
    assert "Next: breachkit redact --round policy " in ran.err


def test_a_total_that_is_the_sum_of_one_breakdown_need_not_be_that_of_another(breachkit, tmp_path):
    rounded = b"Characteristic,Level,Overall,Female,Male\nAll,,4700,3450,1255\nAge,18-39,1035,70,965\nAge,40+,3665,3380,285\nEthnicity,White,3120,2770,355\nEthnicity,Other,1580,680,900\n"
    folder = a_release(tmp_path, {"table1.csv": rounded})

    assert outcomes(checked(breachkit, folder))["rounding"] == "pass"
