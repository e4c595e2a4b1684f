"""A scan that is limited says so in every format, and never passes for a full one."""

import csv
import io
import json
from datetime import timedelta

import pytest

from breachkit.cli import cases
from breachkit.model.time import SystemClock
from tests.support.command_line import OUTPUT, SMALL_COUNTS, clean_study, study
from tests.support.gitrepo import History, loose_object, oid
from tests.support.schemas import sarif_validator, scan_validator


FORMATS = ("text", "json", "jsonl", "sarif", "markdown", "csv")
OLD, NEW = 1_600_000_000, 1_700_000_000
"""2020-09-13 and 2023-11-14."""
OTHER = SMALL_COUNTS.replace(b"London", b"Leeds")


@pytest.fixture
def server(tmp_path):
    return study(tmp_path / "study.git")


@pytest.fixture
def two_years(tmp_path):
    """A table of 2020, the same moved in 2023, and another one of 2023 on a branch."""
    history = History()
    first = history.commit({OUTPUT: SMALL_COUNTS}, when=OLD)
    history.commit({OUTPUT: None, b"outputs/moved.csv": SMALL_COUNTS}, when=NEW)
    history.commit({b"outputs/new.csv": OTHER}, when=NEW + 60, ref=b"refs/heads/side", parents=[first])  # fmt: skip
    history.tag("v1", first)
    return history.build(tmp_path / "years.git")


def scan(breachkit, target, *args):
    data = json.loads(breachkit("scan", target, "--json", *args).out)
    scan_validator("scan-1").validate(data)
    return data


def counted(data):
    return sorted((each["rule"], each["path"]) for each in data["findings"])


# --- baseline -------------------------------------------------------------------------------


def test_a_scan_has_nothing_new_against_itself(breachkit, server, tmp_path):
    last = tmp_path / "last.json"
    breachkit.expect(13, "scan", server, "--json", "-o", last)
    before = json.loads(last.read_text())
    after = scan(breachkit, server, "--baseline", last)
    ran = breachkit.expect(0, "scan", server, "--baseline", last)

    assert (after["findings"], after["known"]) == ([], before["findings"])
    assert after["baseline"] == {"known": len(before["findings"]), "gone": 0, "differences": []}
    assert (after["verdict"], after["complete"]) == ("limited", True)
    assert ran.out.startswith("LIMITED: nothing found that counts; ")
    assert "Only what is new against the baseline" in ran.out


def test_a_report_with_a_baseline_is_one_for_the_next_scan(breachkit, server, tmp_path):
    first, second = tmp_path / "1.json", tmp_path / "2.json"
    breachkit.expect(13, "scan", server, "--json", "-o", first)
    breachkit.expect(0, "scan", server, "--json", "--baseline", first, "-o", second)

    assert scan(breachkit, server, "--baseline", second)["findings"] == []


def test_only_new_findings_are_told_and_those_that_are_gone_are_counted(breachkit, server, tmp_path):  # fmt: skip
    last = tmp_path / "last.json"
    breachkit.expect(13, "scan", server, "--json", "-o", last)
    known = json.loads(last.read_text())["findings"]
    other = study(tmp_path / "other.git", bad=OTHER)
    data = scan(breachkit, other, "--baseline", last)
    ran = breachkit.expect(13, "scan", other, "--baseline", last)

    assert "known" not in data
    assert data["baseline"]["gone"] == len(known)
    assert ran.out.startswith("NOT CLEAN: 3 new findings in 1 file")
    assert f"0 findings known; {len(known)} findings of it gone" in " ".join(ran.out.split())


def test_a_rewrite_that_changes_nothing_else_makes_nothing_new(breachkit, tmp_path):
    last = tmp_path / "last.json"
    places = []
    for name, subject in (("a", "Begin"), ("b", "Begin differently")):
        history = History()
        history.commit({b"x": b"x\n"}, message=subject)
        history.commit({OUTPUT: SMALL_COUNTS}, message="There were 3 deaths among patients")
        places.append(history.build(tmp_path / f"{name}.git"))
    breachkit.expect(13, "scan", places[0], "--json", "-o", last)
    assert any(not each["path"] for each in json.loads(last.read_text())["findings"])
    assert oid(places[0]) != oid(places[1])

    assert scan(breachkit, places[1], "--baseline", last)["findings"] == []


def test_a_baseline_makes_no_acceptance_hold_for_ever(breachkit, server, tmp_path, monkeypatch):
    plain, last, file = tmp_path / "plain.json", tmp_path / "last.json", tmp_path / "a.toml"
    breachkit.expect(13, "scan", server, "--json", "-o", plain)
    ids = [each["id"] for each in json.loads(plain.read_text())["findings"]]
    today = SystemClock().now().date().isoformat()
    word = ("--by", "Ada", "--reason", "numbers of practices", "--until", today, "--file", file)
    breachkit.expect(0, "accept", plain, *ids, *word)
    breachkit.expect(0, "scan", server, "--acceptances", file, "--json", "-o", last)
    both = ("--acceptances", file, "--baseline")

    assert {each["id"] for each in scan(breachkit, server, *both, last)["accepted"]} == set(ids)
    withdrawn = scan(breachkit, server, "--baseline", last)
    assert {each["id"] for each in withdrawn["findings"]} == set(ids)
    assert withdrawn["baseline"]["gone"] == 0
    monkeypatch.setattr(cases, "clock", Tomorrow)
    for baseline in (last, plain):
        expired = scan(breachkit, server, *both, baseline)
        assert {each["finding"] for each in expired["lapsed"]} == set(ids)
        assert {each["id"] for each in expired["findings"]} == set(ids)


class Tomorrow:
    """A clock that is a day ahead."""

    def now(self):
        return SystemClock().now() + timedelta(days=1)


def test_how_the_two_scans_differ_is_said(breachkit, server, tmp_path):
    last = tmp_path / "last.json"
    breachkit("scan", server, "--json", "-o", last, "--policy", "strict", "--rule", "CNT-01")
    ran = breachkit("scan", server, "--baseline", last, "--unreachable")
    said = " ".join(ran.out.split())

    assert "it was judged by policy strict" in said
    assert "it did not look at what no ref reaches" in said
    assert "it was limited itself" in said
    breachkit("scan", server, "--json", "-o", last, "--unreachable")
    data = scan(breachkit, server, "--baseline", last)
    assert data["baseline"]["gone"] is None


def test_a_gap_keeps_what_is_gone_from_being_told(breachkit, server, tmp_path):
    last = tmp_path / "last.json"
    breachkit.expect(13, "scan", server, "--json", "-o", last)
    loose_object(server, oid(server, "HEAD:README.md")).unlink()

    ran = breachkit.expect(5, "scan", server, "--baseline", last)

    assert ran.out.startswith("INCOMPLETE: nothing found that counts, but ")
    assert "gone was not looked at" in " ".join(ran.out.split())


@pytest.mark.parametrize("text", ["", "{}", "[1]", "n,m\n3,4\n", '{"schema": "breachkit.scan/9"}'])
def test_a_baseline_that_is_none_is_refused_before_anything_is_scanned(breachkit, tmp_path, text):
    file = tmp_path / "x.json"
    file.write_text(text)

    assert "is no report of a scan" in breachkit.expect(3, "scan", "/no", "--baseline", file).err
    assert "no file" in breachkit.expect(3, "scan", "/no", "--baseline", tmp_path / "y").err


# --- since ----------------------------------------------------------------------------------


def test_what_came_in_before_a_day_is_left_out_and_counted(breachkit, two_years):
    whole = scan(breachkit, two_years)
    data = scan(breachkit, two_years, "--since", "2023-01-01")

    assert {path for _, path in counted(data)} == {"outputs/new.csv"}
    assert {path for _, path in counted(whole)} > {"outputs/new.csv"}
    assert data["limits"]["since"] == {"from": "2023-01-01", "older": 2}
    assert data["complete"] is False
    read = data["coverage"]["objects"]
    assert (read["commit"]["read"], read["blob"]["read"]) == (2, 1)


def test_since_a_commit_goes_by_descent_whatever_the_dates(breachkit, two_years):
    first = oid(two_years, "v1^{commit}")
    side = scan(breachkit, two_years, "--since", "side")
    assert scan(breachkit, two_years, "--since", "v1")["limits"]["since"]["older"] == 0
    assert {path for _, path in counted(side)} == {"outputs/new.csv"}
    assert side["limits"]["since"] == {"from": "a commit of 2023-11-14", "older": 2}
    for name in (oid(two_years, "side"), oid(two_years, "side")[:9], "refs/heads/side"):
        assert scan(breachkit, two_years, "--since", name)["limits"] == side["limits"]
    ran = breachkit("scan", two_years, "--since", first)
    assert first[:7] not in ran.all
    assert "by descent: " in ran.out
    assert "what commits say" not in ran.out


def test_nothing_new_since_a_day_is_never_clean_and_ends_well(breachkit, tmp_path, two_years):
    for target in (two_years, clean_study(tmp_path / "clean.git")):
        ran = breachkit.expect(0, "scan", target, "--since", "2030-01-01")
        data = scan(breachkit, target, "--since", "2030-01-01")
        assert ran.out.startswith("LIMITED: ")
        assert "Only what came in since 2030-01-01, by what commits say of themselves: " in ran.out
        assert (data["verdict"], data["complete"]) == ("limited", False)


def test_a_new_version_is_still_compared_with_an_older_one(breachkit, tmp_path):
    history = History()
    hidden = SMALL_COUNTS.replace(b",3\n", b",[REDACTED]\n").replace(b",2\n", b",[REDACTED]\n")
    history.commit({OUTPUT: hidden}, when=OLD)
    history.commit({OUTPUT: SMALL_COUNTS}, when=NEW)
    repository = history.build(tmp_path / "r.git")

    data = scan(breachkit, repository, "--since", "2023-01-01")

    assert "HIS-01" in {rule for rule, _ in counted(data)}


def test_what_is_missing_and_older_is_left_out_too(breachkit, two_years):
    loose_object(two_years, oid(two_years, "main:outputs/moved.csv")).unlink()

    breachkit.expect(13, "scan", two_years, "--since", "2023-01-01")
    assert scan(breachkit, two_years, "--since", "2023-01-01")["skipped"] == []
    assert scan(breachkit, two_years)["skipped"] != []


@pytest.mark.parametrize(
    "since", ["yesterday", "0" * 40, "no-such-branch", "abc", "0001-01-01T00:00+14:00"]
)
def test_a_beginning_that_is_none_is_refused(breachkit, two_years, since):
    assert f"--since {since}: " in breachkit.expect(2, "scan", two_years, "--since", since).err


# --- rules and severities -------------------------------------------------------------------


def test_only_the_rules_and_severities_asked_for_are_told_and_the_rest_is_counted(
    breachkit, server
):
    whole = scan(breachkit, server)
    data = scan(breachkit, server, "--rule", "his-03", "--rule", "HIS-04")
    bad = scan(breachkit, server, "--min-severity", "high")

    assert {rule for rule, _ in counted(data)} == {"HIS-03", "HIS-04"}
    assert data["limits"]["rules"] == ["HIS-03", "HIS-04"]
    assert data["limits"]["left_out"] == 1
    assert {each["severity"] for each in bad["findings"]} == {"high"}
    counts = [each for each in whole["findings"] if each["severity"] != "info"]
    assert bad["limits"]["left_out"] == len(counts) - 1
    ids = {each["id"] for each in whole["findings"]}
    assert {each["id"] for each in (*data["findings"], *bad["findings"])} <= ids


def test_the_exit_code_is_that_of_what_was_asked_for(breachkit, server, tmp_path):
    breachkit.expect(13, "scan", server, "--min-severity", "high")
    ran = breachkit.expect(0, "scan", server, "--min-severity", "critical")
    assert ran.out.startswith(
        "LIMITED: nothing found that counts; only findings of every rule critical"
    )
    breachkit.expect(12, "scan", server, "--rule", "HIS-03")
    clean = clean_study(tmp_path / "clean.git")
    assert breachkit.expect(0, "scan", clean, "--rule", "CNT-01").out.startswith("LIMITED")
    assert "no rule" in breachkit.expect(2, "scan", server, "--rule", "XYZ-99").err


def test_a_name_that_is_evidence_is_masked_whatever_rule_is_asked_for(breachkit, tmp_path):
    history = History()
    history.commit({b"outputs/nhs 9434765919.csv": SMALL_COUNTS})
    repository = history.build(tmp_path / "r.git")

    ran = breachkit("scan", repository, "--rule", "CNT-01")

    assert "CNT-01" in ran.out
    assert "9434765919" not in ran.all


# --- every format ---------------------------------------------------------------------------


@pytest.fixture
def limited(breachkit, server, tmp_path):
    """A scan with something accepted, something known and every limit."""
    last, file = tmp_path / "last.json", tmp_path / "a.toml"
    word = ("--by", "Ada Hartley", "--reason", "numbers of practices", "--until")
    breachkit.expect(13, "scan", server, "--json", "-o", last)
    day = json.loads(last.read_text())["findings"][0]["first_date"][:4]
    until = breachkit("accept", last, "F-0001", *word, "2199-01-01", "--file", file).err
    until = until.rsplit("until ", 1)[1].split()[0]
    breachkit.expect(0, "accept", last, "F-0001", *word, until, "--file", file)
    assert day == "2020"
    args = ("--acceptances", file, "--baseline", last, "--since", "2020-01-01")
    return (*args, "--min-severity", "low", "--rule", "CNT-01", "--rule", "HIS-03")


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_says_in_its_head_to_what_it_is_limited(breachkit, server, limited, form):
    out = breachkit.expect(0, "scan", server, *limited, "--format", form).out
    head = " ".join(out[:1500].split()) if form in {"text", "markdown", "csv"} else out

    for part in ("2020-01-01", "CNT-01", "HIS-03", "low", "baseline"):
        assert part in head.replace("\\", ""), part
    assert "Ada Hartley" in out


def test_the_sheet_and_the_lines_tell_accepted_and_known_apart(breachkit, server, limited):
    rows = list(csv.DictReader(io.StringIO(breachkit("scan", server, *limited, "-f", "csv").out.removeprefix("\ufeff"))))  # fmt: skip
    kinds = [row["breachkit"] for row in rows]
    lines = [json.loads(line) for line in breachkit("scan", server, *limited, "-f", "jsonl").out.splitlines()]  # fmt: skip

    assert kinds[0] == "limit"
    assert kinds[-1] == "verdict"
    assert {"accepted", "known"} <= set(kinds)
    assert rows[kinds.index("accepted")]["accepted"].startswith("accepted by Ada Hartley until ")
    assert lines[0]["kind"] == "limits"
    for line in lines:
        scan_validator("scan-line-1").validate(line)


def test_sarif_says_what_is_suppressed_and_what_is_new(breachkit, server, limited, tmp_path):
    log = json.loads(breachkit.expect(0, "scan", server, *limited, "-f", "sarif").out)
    sarif_validator().validate(log)
    results = log["runs"][0]["results"]
    accepted = [each for each in results if "suppressions" in each]
    known = [each for each in results if each["baselineState"] == "unchanged"]

    (one,) = accepted
    (suppression,) = one["suppressions"]
    assert (suppression["kind"], suppression["status"]) == ("external", "accepted")
    assert "Ada Hartley" in suppression["justification"]
    assert known == results
    other = study(tmp_path / "other.git", bad=OTHER)
    fresh = json.loads(breachkit("scan", other, *limited, "-f", "sarif").out)["runs"][0]["results"]
    assert {each["baselineState"] for each in fresh} == {"new"}
    plain = json.loads(breachkit("scan", server, "-f", "sarif").out)["runs"][0]["results"]
    assert not [each for each in plain if "baselineState" in each or "suppressions" in each]
    prints = {each["partialFingerprints"]["breachkitPlace/v1"] for each in plain}
    assert {each["partialFingerprints"]["breachkitPlace/v1"] for each in results} <= prints


def test_nothing_of_it_stands_in_a_scan_without_limits(breachkit, server):
    data = scan(breachkit, server)

    assert not {"limits", "baseline", "accepted", "lapsed", "known"} & set(data)
