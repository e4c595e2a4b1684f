"""`accept`: what somebody says may stay, for a time; it is listed and counts no more."""

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import jsonschema
import pytest

from breachkit.actions.acceptance import Key
from breachkit.cli import cases
from breachkit.model.time import SystemClock
from tests.support.command_line import OUTPUT, SMALL_COUNTS, run_process, study
from tests.support.gitrepo import History
from tests.support.schemas import scan_schema


TODAY = SystemClock().now().date()
UNTIL = (TODAY + timedelta(days=90)).isoformat()
WORD = ("--by", "Ada Hartley", "--reason", "numbers of practices", "--until", UNTIL)
PATIENTS = b"patient_id,sex,age\n" + b"".join(b"%d,F,5%d\n" % (48_000_000 + 7 * n, n % 10) for n in range(40))  # fmt: skip


@pytest.fixture
def server(tmp_path, monkeypatch):
    """A study, with the place where somebody works in another folder."""
    folder = tmp_path / "desk"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return study(tmp_path / "study.git")


def findings(breachkit, server, *more):
    return json.loads(breachkit("scan", server, "--json", *more).out)


def accepted_by(breachkit, rule):
    listed = json.loads(breachkit.expect(0, "accept", "--list", "--json").out)["acceptance"]
    return next(each["id"] for each in listed if each["rule"] == rule)


def accept_all(breachkit, server):
    ids = [each["id"] for each in findings(breachkit, server)["findings"]]
    return ids, breachkit.expect(0, "accept", server, *ids, *WORD)


def test_accepting_everything_leaves_nothing_that_counts_and_lists_it_all(breachkit, server):
    before = findings(breachkit, server)
    ids, ran = accept_all(breachkit, server)
    text = breachkit.expect(0, "scan", server, "--acceptances", "breachkit-acceptances.toml").out
    after = findings(breachkit, server, "--acceptances", "breachkit-acceptances.toml")

    assert len(ids) > 1
    assert "--acceptances breachkit-acceptances.toml" in ran.err
    assert text.startswith(f"LIMITED: nothing found that counts; {len(ids)} accepted\n")
    assert f"accepted by Ada Hartley until {UNTIL}: numbers of practices" in text
    assert (after["findings"], after["verdict"], after["complete"]) == ([], "limited", True)
    accepted = [{k: v for k, v in each.items() if k != "acceptance"} for each in after["accepted"]]
    assert accepted == before["findings"]


def test_neither_object_ids_nor_the_key_are_in_the_file_which_is_its_owners(
    breachkit, server, tmp_path
):
    before = findings(breachkit, server)["findings"]
    accept_all(breachkit, server)
    file, key = tmp_path / "desk" / "breachkit-acceptances.toml", breachkit.home / "acceptance.key"
    text = file.read_text()

    assert not [each["blob"] for each in before if each["blob"] in text]
    assert key.read_text().strip() not in text
    assert stat.S_IMODE(key.stat().st_mode) == stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(file.parent.iterdir()) == [file]


def test_what_was_not_accepted_still_counts(breachkit, server):
    note = breachkit.expect(0, "accept", server, "F-0001", *WORD).err
    assert "Found in the same content, and still counted: F-0002 (HIS-03)\n" in note
    assert "still counted" not in breachkit.expect(0, "accept", server, "F-0002", *WORD).err
    breachkit.expect(0, "accept", "--remove", accepted_by(breachkit, "HIS-03"))

    ran = breachkit.expect(12, "scan", server, "--acceptances", "breachkit-acceptances.toml")

    assert ran.out.startswith("NOT CLEAN: ")
    assert "1 finding accepted by name" in ran.out


def test_another_version_of_the_file_is_found_again(breachkit, tmp_path, server):
    accept_all(breachkit, server)
    changed = study(tmp_path / "changed.git", bad=SMALL_COUNTS + b"Wales,4\n")

    breachkit.expect(13, "scan", changed, "--acceptances", "breachkit-acceptances.toml")


def test_doing_it_again_renews_the_words_and_keeps_what_people_wrote_around_them(breachkit, server, tmp_path):  # fmt: skip
    file = tmp_path / "desk" / "a.toml"
    breachkit.expect(0, "accept", server, "F-0001", *WORD, "--file", file)
    first = file.read_text()
    breachkit.expect(0, "accept", server, "F-0001", *WORD, "--file", file)
    assert file.read_text() == first

    file.write_text(first.replace("[[acceptance]]", "[[acceptance]]\n# see the minutes of May"))
    breachkit.expect(0, "accept", server, "F-0002", *WORD, "--file", file)
    later = (TODAY + timedelta(days=200)).isoformat()
    breachkit.expect(0, "accept", server, "F-0002", *WORD[:-1], later, "--file", file)
    listed = json.loads(breachkit.expect(0, "accept", "--list", "--file", file, "--json").out)

    assert "# see the minutes of May" in file.read_text()
    assert [each["until"] for each in listed["acceptance"]] == [UNTIL, later]


def test_a_finding_is_named_by_the_report_of_a_scan_or_by_blob_path_and_rule(breachkit, server, tmp_path):  # fmt: skip
    report = tmp_path / "scan.json"
    breachkit.expect(13, "scan", server, "--json", "--output", report)
    (one, *_) = json.loads(report.read_text())["findings"]
    named = (
        (report, "F-0001"),
        (server, "--blob", one["blob"], "--rule", one["rule"].lower()),
        (server, "--path", "released_*.csv", "--rule", one["rule"]),
    )

    marks = set()
    for number, args in enumerate(named):
        breachkit.expect(0, "accept", *args, *WORD, "--file", tmp_path / f"{number}.toml")
        text = breachkit.expect(0, "accept", "--list", "--file", tmp_path / f"{number}.toml", "--json")  # fmt: skip
        marks |= {each["mark"] for each in json.loads(text.out)["acceptance"]}
    assert len(marks) == 1


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (["F-9999", *WORD], 2, "no finding F-9999"),
        (["--rule", "GEO-01", "--path", "*", *WORD], 2, "nothing was found by GEO-01"),
        (["--rule", "CNT-01", *WORD], 2, "say which finding"),
        (WORD, 2, "say which finding"),
        (["F-0001", *WORD[:4]], 2, "needs --until DATE"),
        (["F-0001", *WORD[2:]], 2, "needs --by NAME"),
        (["F-0001", "--by", "Ada", "--until", UNTIL], 2, "needs --reason TEXT"),
        (["F-0001", *WORD[:-1], "next week"], 2, "is no date"),
        (["F-0001", *WORD[:-1], "2020-01-01"], 2, "before the day"),
        (["F-0001", *WORD[:-1], "2199-01-01"], 2, "a year at most"),
        (["F-0001", "--by", " ", *WORD[2:]], 2, "--by needs words"),
        (["F-0001", *WORD[:3], "only 3 patients", *WORD[4:]], 6, "could disclose"),
        (["F-0001", *WORD, "--list"], 2, "say one of"),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_is_written(breachkit, server, tmp_path, args, code, said):  # fmt: skip
    ran = breachkit.expect(code, "accept", server, *args)

    assert said in ran.err
    assert list((tmp_path / "desk").iterdir()) == []


def test_rows_of_patients_are_accepted_only_where_that_is_meant(breachkit, server, tmp_path):
    history = History()
    history.commit({OUTPUT: PATIENTS})
    patients = history.build(tmp_path / "patients.git")
    (one, *_) = findings(breachkit, patients)["findings"]
    assert (one["rule"], one["severity"]) == ("PAT-01", "critical")

    ran = breachkit.expect(6, "accept", patients, one["id"], *WORD)
    assert "--really" in ran.err
    breachkit.expect(0, "accept", patients, one["id"], *WORD, "--really", "--file", "p.toml")
    after = findings(breachkit, patients, "--acceptances", "p.toml")
    assert one["id"] in [each["id"] for each in after["accepted"]]


def test_one_is_taken_back_by_its_id(breachkit, server):
    accept_all(breachkit, server)
    listed = json.loads(breachkit.expect(0, "accept", "--list", "--json").out)["acceptance"]
    jsonschema.validate({"schema": "breachkit.acceptances/1", "key": "0" * 16, "acceptance": listed}, scan_schema("acceptances-1"))  # fmt: skip
    first = next(each["id"] for each in listed if each["rule"] == "CNT-01")
    breachkit.expect(0, "accept", "--remove", first)

    assert first in breachkit.expect(2, "accept", "--remove", first).err
    breachkit.expect(13, "scan", server, "--acceptances", "breachkit-acceptances.toml")
    others = [each["id"] for each in listed if each["id"] != first]
    breachkit.expect(0, "accept", *[word for one in others for word in ("--remove", one)])
    assert breachkit.expect(0, "accept", "--list").out.startswith("0 acceptances")


class Later:
    """A clock that is half a year ahead."""

    def now(self):
        return SystemClock().now() + timedelta(days=180)


def test_an_expired_one_counts_again_and_is_said_to_have_expired(breachkit, server, monkeypatch):
    accept_all(breachkit, server)
    breachkit.expect(0, "accept", "--check", "--strict")
    monkeypatch.setattr(cases, "clock", Later)

    ran = breachkit.expect(13, "scan", server, "--acceptances", "breachkit-acceptances.toml")
    assert "Accepted once, and counted again" in ran.out
    assert f"by Ada Hartley: expired: its last day was {UNTIL}" in " ".join(ran.out.split())
    data = findings(breachkit, server, "--acceptances", "breachkit-acceptances.toml")
    assert [each["finding"] for each in data["lapsed"]] == [each["id"] for each in data["findings"]]
    checked = breachkit.expect(0, "accept", "--check").out
    assert f"EXPIRED on {UNTIL}" in checked
    assert "expired: look again" in breachkit.expect(8, "accept", "--check", "--strict").err


def test_without_the_key_or_with_another_nothing_is_taken_for_accepted(breachkit, server, monkeypatch):  # fmt: skip
    accept_all(breachkit, server)
    key = breachkit.home / "acceptance.key"
    secret = key.read_text()
    scan = ("scan", server, "--acceptances", "breachkit-acceptances.toml")
    key.unlink()

    assert "BREACHKIT_ACCEPTANCE_KEY" in breachkit.expect(3, *scan).err
    assert "BREACHKIT_ACCEPTANCE_KEY" in breachkit.expect(3, "accept", server, "F-0001", *WORD).err
    assert not key.exists()
    monkeypatch.setenv("BREACHKIT_ACCEPTANCE_KEY", "5a" * 32)
    assert "another key" in breachkit.expect(3, *scan).err
    monkeypatch.setenv("BREACHKIT_ACCEPTANCE_KEY", secret)
    breachkit.expect(0, *scan)


def test_a_repository_cannot_silence_its_own_scan(breachkit, server, tmp_path, monkeypatch):
    accept_all(breachkit, server)
    file = tmp_path / "desk" / "breachkit-acceptances.toml"
    history = History()
    history.commit({OUTPUT: SMALL_COUNTS, b"breachkit-acceptances.toml": file.read_bytes()})
    own = history.build(tmp_path / "own", bare=False)
    monkeypatch.chdir(own)

    breachkit.expect(13, "scan", own)
    note = breachkit.expect(0, "accept", own, "F-0001", *WORD).err
    assert "lies in what was scanned" in note


def test_a_file_that_is_none_is_refused_before_anything_is_scanned(breachkit, server, tmp_path):
    broken = tmp_path / "broken.toml"
    for text, said in (("x = ", "line 1"), ("", "line 1"), ("schema = 'x'", "line 1")):
        broken.write_text(text)
        ran = breachkit.expect(3, "scan", "/nowhere", "--acceptances", broken)
        assert f"{broken}, {said}: " in ran.err
    assert "no file" in breachkit.expect(3, "scan", server, "--acceptances", tmp_path / "x").err
    broken.write_bytes(b"\xff\xfe")
    assert "UTF-8" in breachkit.expect(3, "accept", "--list", "--file", broken).err
    breachkit.expect(3, "accept", "--list", "--file", tmp_path)
    other = tmp_path / "table.csv"
    other.write_text("n\n3\n")
    breachkit.expect(3, "accept", server, "F-0001", *WORD, "--file", other)
    assert other.read_text() == "n\n3\n"


def test_of_two_who_accept_at_once_neither_loses_anything(breachkit, server, tmp_path):
    report = tmp_path / "scan.json"
    breachkit.expect(13, "scan", server, "--json", "--output", report)
    ids = [each["id"] for each in json.loads(report.read_text())["findings"]]
    env = {"BREACHKIT_HOME": str(tmp_path / "both")}

    def accept(one):
        args = ("accept", report, one, *WORD, "--file", tmp_path / "both.toml")
        return run_process(args, env)

    with ThreadPoolExecutor(len(ids)) as pool:
        ran = list(pool.map(accept, ids))

    assert [each.code for each in ran] == [0] * len(ids), [each.err for each in ran]
    text = (tmp_path / "both.toml").read_text()
    assert text.count("[[acceptance]]") == len(ids)


def test_accepting_many_findings_takes_as_long_as_there_are_many(breachkit, tmp_path, monkeypatch):
    number = 60
    history = History()
    history.commit({b"outputs/t%d.csv" % n: SMALL_COUNTS + b"Elm,%d\n" % n for n in range(number)})
    report = tmp_path / "scan.json"
    report.write_text(breachkit("scan", history.build(tmp_path / "many.git"), "--json").out)
    marked = []
    plain = Key.mark

    def counted(key, *of):
        marked.append(of)
        return plain(key, *of)

    monkeypatch.setattr(Key, "mark", counted)
    monkeypatch.chdir(tmp_path)

    breachkit.expect(0, "accept", report, "--rule", "CNT-01", "--path", "*", *WORD)

    found = len(json.loads(report.read_text())["findings"])
    assert found >= number
    assert len(marked) <= 3 * found
