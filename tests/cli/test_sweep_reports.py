"""What `sweep` writes: for people, for machines, for a log that anybody can read, and as metrics."""

import json
import re
import stat
from pathlib import Path

import pytest

from tests.support.command_line import SAFE_COUNTS, SMALL_COUNTS, run_process
from tests.support.gitrepo import History
from tests.support.schemas import sarif_validator, scan_validator
from tests.support.terminals import at_a_terminal, left_on_screen


OUTPUT = b"released_outputs/t.csv"
HOSTILE_NAME = "a\nb\x1b[2J<b>"
HOSTILE_PATH = b"released_outputs/x\ny\x1b[31m{0} [z](w)<img src=x>.csv"
TOLD = ("spotless", "several", "a\\x0ab\\x1b[2J<b>", "wrecked", "hollow")


@pytest.fixture(scope="module")
def repositories(tmp_path_factory):
    """A clean one, one with much to find, one whose names act, an empty one, and one that is broken."""
    place = tmp_path_factory.mktemp("repositories")
    for name, versions in (
        ("spotless", [{OUTPUT: SAFE_COUNTS}]),
        ("several", [alike(), {OUTPUT: SMALL_COUNTS}, {OUTPUT: SMALL_COUNTS + b"Mid,4\n"}]),
        (HOSTILE_NAME, [{HOSTILE_PATH: SMALL_COUNTS}]),
        ("hollow", []),
    ):
        history = History()
        for changes in versions:
            history.commit(changes)
        history.build(place / name)
    (place / "wrecked" / "objects").mkdir(parents=True)
    (place / "wrecked" / "HEAD").write_text("nonsense")
    return place


def alike():
    """Give files of which the same is to be said."""
    return {
        f"released_outputs/part {n}.csv".encode(): SMALL_COUNTS + f"Mid {n},90\n".encode()
        for n in range(12)
    }


@pytest.fixture
def place(tmp_path):
    folder = tmp_path / "reports"
    folder.mkdir()
    return folder


# --- for people ----------------------------------------------------------------------------


def test_what_is_new_comes_first_and_the_worst_repository_has_the_next_command(
    breachkit, repositories
):
    ran = breachkit.expect(13, "sweep", repositories)
    headline, worst, *others, numbers = ran.out.split("\n\n")

    assert headline.startswith("Sweep 1, 5 repositories of ")
    assert worst.startswith("several: 14 new findings, the worst high\n")
    assert any(each.startswith("Could not be looked at:\n    wrecked: ") for each in others)
    assert numbers.startswith("Findings:     15 new, 0 known, 0 accepted, 0 gone (new: 15 high)")
    assert f"Next: breachkit scan {repositories}/several\n" in ran.err
    assert f"breachkit open {repositories}/several\n" in ran.err


def test_findings_of_one_file_and_files_that_are_alike_take_one_entry(breachkit, repositories):
    out = breachkit.expect(13, "sweep", repositories).out
    several = out.partition("several:")[2].partition("\n\n")[0]

    assert several.count("released_outputs/") == 1
    assert "and 12 more files like it" in several


def test_names_that_act_are_shown_and_do_nothing(breachkit, repositories, place):
    every = [f"--report={kind}={place / kind}" for kind in ("json", "jsonl", "html", "metrics")]
    ran = breachkit.expect(13, "sweep", repositories, *every)

    assert "a\\x0ab\\x1b[2J<b>: 1 new finding" in ran.out
    assert "released_outputs/x\\x0ay\\x1b[31m{0} [z](w)<img src=x>.csv" in ran.out
    for text in (ran.all, *(file.read_text("utf-8") for file in place.iterdir())):
        assert "\x1b" not in text
    page = (place / "html").read_text("utf-8")
    assert "<img" not in page
    assert "<b>" not in page


def test_after_a_sweep_with_nothing_new_that_saw_everything_there_is_nothing_to_do(
    breachkit, repositories, tmp_path
):
    (tmp_path / "list").write_text(f"{repositories}/several\n")
    breachkit.expect(13, "sweep", tmp_path / "list")
    ran = breachkit.expect(0, "sweep", tmp_path / "list")

    assert ran.out.startswith("Sweep 2, 1 repository of")
    assert "nothing new" in ran.out
    assert ran.err == ""


def test_numbers_alone_name_nothing(breachkit, repositories):
    ran = breachkit.expect(13, "sweep", repositories, "--counts")

    for name in (*TOLD, "released_outputs", "patients", str(repositories), "CNT-01"):
        assert name not in ran.all
    assert "Findings:     15 new" in ran.out
    assert "nothing that was written names it" in ran.err


def test_numbers_alone_name_nothing_where_the_record_was_damaged_and_the_time_was_over(
    breachkit, repositories
):
    breachkit.expect(13, "sweep", repositories, "--counts")
    (breachkit.home / "sweeps" / "sweeps.sqlite").write_bytes(b"nonsense" * 999)
    ran = breachkit("sweep", repositories, "--counts", "--budget", "0s")

    assert ran.code == 5
    assert "everything counts as new" in ran.out
    for name in (*TOLD, str(repositories), str(breachkit.home)):
        assert name not in ran.all


@pytest.mark.parametrize("wrong", ["0s", "soon", "1w"])
def test_what_is_no_time_for_one_repository_is_refused_before_the_sweep(
    breachkit, repositories, wrong
):
    refused = breachkit.expect(2, "sweep", repositories, "--longest", wrong)

    assert wrong in refused.err
    assert not (breachkit.home / "sweeps").exists()


@pytest.mark.parametrize("chosen", ["text", "json", "jsonl", "sarif", "html", "metrics"])
def test_the_next_sweep_writes_its_report_where_the_last_one_did(
    breachkit, repositories, chosen, place
):
    (place / "list").write_text(f"{repositories}/several\n")
    file = place / "report"
    breachkit.expect(13, "sweep", place / "list", "--report", f"{chosen}={file}")
    first = file.read_bytes()
    breachkit.expect(0, "sweep", place / "list", "-f", chosen, "-o", file)

    assert file.read_bytes() != first


def test_a_cluster_is_not_asked_for_what_it_cannot_do(breachkit, repositories):
    refused = breachkit.expect(
        2, "sweep", repositories, "--dask", "tcp://127.0.0.1:9", "--longest", "2h"
    )
    assert "cannot be stopped" in refused.err
    assert "Not with --dask" in breachkit.expect(0, "sweep", "--help").out


@pytest.mark.parametrize("chosen", ["json", "jsonl", "sarif", "html", "metrics"])
def test_numbers_alone_are_not_printed_in_a_format_that_names_things(
    breachkit, repositories, chosen, place
):
    refused = breachkit.expect(2, "sweep", repositories, "--counts", "-f", chosen)
    assert refused.out == ""

    file = place / "report"
    ran = breachkit.expect(13, "sweep", repositories, "--counts", "-f", chosen, "-o", file)
    assert "several" not in ran.all
    assert file.stat().st_size


# --- exit codes ----------------------------------------------------------------------------


def test_what_is_new_decides_the_code_before_what_was_not_looked_at(breachkit, repositories):
    assert breachkit("sweep", repositories).code == 13
    assert breachkit("sweep", repositories).code == 5
    assert breachkit("sweep", repositories, "--no-fail").code == 0


# --- for machines --------------------------------------------------------------------------


def test_json_is_what_its_schema_promises_and_the_lines_say_the_same(
    breachkit, repositories, place
):
    lines = place / "lines"
    ran = breachkit.expect(13, "sweep", repositories, "--json", "--report", f"jsonl={lines}")
    whole = json.loads(ran.out)
    scan_validator("sweep-1").validate(whole)
    each = [json.loads(line) for line in lines.read_text().splitlines()]
    for line in each:
        scan_validator("sweep-line-1").validate(line)

    assert {**each[0], "schema": 0, "kind": 0, "repositories": 0} == {
        **whole,
        "schema": 0,
        "kind": 0,
        "repositories": 0,
    }
    of = {one["name"]: one["findings"] for one in whole["repositories"]}
    found = [line for line in each if line["kind"] == "finding"]
    assert len(found) == sum(map(len, of.values())) == 15
    told = {"schema", "kind", "repository"}
    assert [{key: value for key, value in one.items() if key not in told} for one in found] == [
        one for each in of.values() for one in each
    ]


def test_the_schemas_refuse_what_is_not_promised(breachkit, repositories):
    whole = json.loads(breachkit.expect(13, "sweep", repositories, "--json").out)
    for spoilt in ({"more": 1}, {"exit_code": 1}, {"schema": "breachkit.sweep/2"}):
        assert not scan_validator("sweep-1").is_valid(whole | spoilt)


def test_two_stores_with_keys_of_their_own_give_the_same_in_the_same_order(
    breachkit, repositories, tmp_path
):
    told = []
    for name in ("one", "other"):
        breachkit("sweep", repositories, "--store", tmp_path / name, "--json")  # now it is known
        data = json.loads(
            breachkit("sweep", repositories, "--store", tmp_path / name, "--json").out
        )
        told.append(
            [[without_key(one) for one in each["findings"]] for each in data["repositories"]]
        )

    assert told[0] == told[1]


def without_key(finding):
    return {key: value for key, value in finding.items() if key not in {"mark", "since", "last"}}


# --- SARIF ---------------------------------------------------------------------------------


@pytest.fixture
def logs(breachkit, repositories, place):
    """Two sweeps, each as one log and as a log for each repository."""
    for number in (1, 2):
        breachkit("sweep", repositories, f"--report=sarif={place}/{number}.sarif", f"--report=sarif={place}/{number}/")  # fmt: skip
    return place


def read(file: Path):
    return json.loads(file.read_text())


def test_every_log_is_valid_and_each_repository_has_a_category_of_its_own(logs):
    each = sorted((logs / "1").iterdir())
    runs = [run for file in each for run in read(file)["runs"]]
    for file in (*each, logs / "1.sarif"):
        sarif_validator().validate(read(file))

    assert len(each) == len({run["automationDetails"]["id"] for run in runs}) == 5
    assert {run["properties"]["repository"] for run in runs} == set(TOLD)
    assert len(read(logs / "1.sarif")["runs"]) == 5


def fingerprints(file):
    return {
        (run["automationDetails"]["id"], one["partialFingerprints"]["breachkitMark/v1"])
        for run in read(file)["runs"]
        for one in run["results"]
    }


def test_a_finding_keeps_its_fingerprint_and_no_two_share_one(logs):
    assert fingerprints(logs / "1.sarif") == fingerprints(logs / "2.sarif")
    assert len(fingerprints(logs / "1.sarif")) == 15
    states = {one["baselineState"] for run in read(logs / "2.sarif")["runs"] for one in run["results"]}  # fmt: skip
    assert states == {"unchanged"}


def test_no_log_holds_the_id_of_an_object_or_a_line_to_hash(logs, repositories):
    ids = {
        word
        for file in repositories.rglob("refs/**/*")
        if file.is_file()
        for word in file.read_text().split()
    }
    text = (logs / "1.sarif").read_text() + (logs / "2" / "several.sarif").read_text()

    assert ids
    assert not any(each in text for each in ids)
    assert re.search(r"\b[0-9a-f]{40}\b", text) is None
    assert "startLine" not in text


def test_what_is_gone_is_not_uploaded_as_if_it_were_there(breachkit, tmp_path, place):
    home = tmp_path / "repositories"
    for content in (SMALL_COUNTS, SAFE_COUNTS):
        history = History()
        history.commit({OUTPUT: content})
        if (home / "study").exists():
            (home / "study").rename(tmp_path / "old")
        history.build(home / "study")
        reports = ["--report", f"sarif={place}/", "--report", f"sarif={place}/all.sarif"]
        assert f"Wrote 1 file to {place}/\n" in breachkit("sweep", home, *reports).err

    assert [run["results"] for run in read(place / "study.sarif")["runs"]] == [[]]
    (gone,) = read(place / "all.sarif")["runs"][0]["results"]
    assert gone["baselineState"] == "absent"


def test_repositories_that_are_called_alike_have_files_of_their_own(breachkit, tmp_path, place):
    for name in ("a b", "a-b", "A-b"):
        history = History()
        history.commit({OUTPUT: SAFE_COUNTS})
        history.build(tmp_path / "alike" / name)
    breachkit.expect(0, "sweep", tmp_path / "alike", "--report", f"sarif={place}/")

    assert len(list(place.iterdir())) == 3


# --- metrics -------------------------------------------------------------------------------


def series(text):
    """Read metrics with the project's own parser."""
    parser = pytest.importorskip("prometheus_client.parser")
    return {
        (one.name, *sorted(one.labels.items())): one.value
        for family in parser.text_string_to_metric_families(text)
        for one in family.samples
    }


def test_every_series_is_there_each_time_and_counts_what_the_sweep_did(
    breachkit, repositories, tmp_path
):
    found = series(breachkit.expect(13, "sweep", repositories, "-f", "metrics").out)
    (tmp_path / "list").write_text(f"{repositories}/spotless\n")
    clean = series(breachkit.expect(0, "sweep", tmp_path / "list", "-f", "metrics").out)

    def unnamed(those):
        return {tuple(each for each in one if each[0] != "target") for one in those}

    assert unnamed(found) == unnamed(clean)
    target = ("target", str(repositories))
    new = ("breachkit_sweep_findings", ("life", "new"), ("severity", "high"), target)
    assert found[new] == 15
    assert found["breachkit_sweep_repositories", ("standing", "failed"), target] == 1
    assert found["breachkit_sweep_complete", target] == 0


def test_a_target_that_would_break_a_label_is_escaped(breachkit, tmp_path):
    folder = tmp_path / 'a"b\nc\\d}'
    history = History()
    history.commit({OUTPUT: SAFE_COUNTS})
    history.build(folder / "study")
    found = series(breachkit.expect(0, "sweep", folder, "-f", "metrics").out)

    targets = {value for each in found for name, value in each[1:] if name == "target"}
    assert targets == {str(tmp_path) + '/a"b\\x0ac\\\\d}'}


# --- where reports are written --------------------------------------------------------------


def test_reports_are_for_their_owner_alone_and_metrics_for_everybody(
    breachkit, repositories, place
):
    kinds = ("text", "json", "jsonl", "sarif", "html", "metrics")
    breachkit("sweep", repositories, *(f"--report={kind}={place / kind}" for kind in kinds))
    modes = {kind: stat.S_IMODE((place / kind).stat().st_mode) for kind in kinds}

    assert modes == {**dict.fromkeys(kinds, 0o600), "metrics": 0o644}


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ("html", 2),
        ("html=", 2),
        ("=x.html", 2),
        ("pdf=x.pdf", 2),
        ("html=missing/x.html", 2),
        ("html=folder/", 2),
        ("html=.", 6),
        ("html=letter.txt", 6),
    ],
)
def test_a_report_that_cannot_be_written_costs_no_sweep(
    breachkit, repositories, place, monkeypatch, wanted, code
):
    monkeypatch.chdir(place)
    (place / "letter.txt").write_text("somebody's own")
    ran = breachkit.expect(code, "sweep", repositories, "--report", wanted)

    assert ran.out == ""
    assert not (breachkit.home / "sweeps").exists()
    assert (place / "letter.txt").read_text() == "somebody's own"


def test_two_reports_are_not_written_to_one_file(breachkit, repositories, place):
    same = [f"--report={kind}={place}/x" for kind in ("html", "json")]
    assert "two reports" in breachkit.expect(2, "sweep", repositories, *same).err


# --- on a terminal -------------------------------------------------------------------------


def environment(tmp_path, **more):
    return {"BREACHKIT_HOME": str(tmp_path / "home"), "HOME": str(tmp_path), **more}


def test_bars_show_how_far_it_is_and_are_gone_at_the_end(repositories, tmp_path):
    code, written = at_a_terminal(["sweep", repositories], environment(tmp_path), errors=True)

    assert code == 13
    assert "of 5: " in written
    left = left_on_screen(written)
    assert " ".join(left[:2]).startswith(
        "Next: breachkit scan "
    )  # a long one has a line of its own
    assert not any("Sweeping" in line for line in left)


@pytest.mark.parametrize("more", [{"TERM": "dumb"}, {"NO_COLOR": "1"}])
def test_a_terminal_that_wants_less_gets_less(repositories, tmp_path, more):
    _, written = at_a_terminal(["sweep", repositories], environment(tmp_path, **more), errors=True)

    assert ("Sweeping" in written) is ("NO_COLOR" in more)
    assert re.search(r"\x1b\[[\d;]*3\d", written) is None


def test_in_a_pipe_there_are_no_bars(repositories, tmp_path):
    ran = run_process(["sweep", repositories], environment(tmp_path, FORCE_COLOR="1"))

    assert ran.code == 13
    coloured = re.sub(
        r"\x1b\[[\d;]*m", "", ran.all
    )  # as was asked for; nothing moves what was written
    assert "\x1b" not in coloured
    assert "Sweeping" not in ran.err
