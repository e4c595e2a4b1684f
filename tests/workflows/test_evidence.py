"""Evidence: who collected what, when and how, through whose hands it went, and whether it is as it was."""

import contextlib
import hashlib
import io
import json
import shutil
import subprocess

import pytest

import breachkit
from breachkit.cli.app import main
from breachkit.incident.evidence import evidence_of
from breachkit.incident.evidence_manifest import MANIFEST
from breachkit.incident.folder import KEY, PRIVATE, CaseFileAccessError, CaseFileNameError
from breachkit.incident.opening import OpeningError
from breachkit.report import evidence as report
from breachkit.workflows.evidence import (
    EvidenceFileError,
    HandOverError,
    NoSuchEvidenceError,
    add,
    hand_over,
    list_evidence,
)
from tests.support.cases import NOON, HandClock, a_case, reopened


CELLS = b"region,patients\nNorth,3\n"


@pytest.fixture
def clock():
    return HandClock()


@pytest.fixture
def case(tmp_path, clock):
    return a_case(tmp_path, clock)


@pytest.fixture
def extract(tmp_path):
    file = tmp_path / "GP Lindqvist.csv"
    file.write_bytes(CELLS)
    return file


def manifest(case):
    return json.loads((case.path / MANIFEST).read_text())["evidence"]


def states(case):
    return [each.state for each in case.evidence()]


def test_inc_030_what_is_collected_is_kept_with_when_by_whom_and_how(case, clock, extract):
    clock.move(hours=2)

    kept = add(
        case, extract, clock, by="A. Checker", at="2026-03-06T12:30:00+00:00",
        command="gh api /repos/o/n/traffic", tool="gh 2.60", note="traffic",
    )  # fmt: skip

    assert kept.id == "E-001"
    assert (case.path / kept.file).read_bytes() == CELLS
    (listed,) = manifest(case)
    assert listed["collected_at"] == "2026-03-06T12:30:00Z"
    assert (listed["collector"], listed["tool"]) == ("A. Checker", "gh 2.60")
    assert (listed["command"], listed["note"]) == ("gh api /repos/o/n/traffic", "traffic")
    assert listed["custody"] == []
    sums = case.path / "private/evidence/SHA256SUMS"
    assert sums.read_text() == f"{hashlib.sha256(CELLS).hexdigest()}  E-001.csv\n"
    checked = subprocess.run(["sha256sum", "--check", sums.name], cwd=sums.parent, capture_output=True, check=False)  # fmt: skip
    assert checked.returncode == 0


def test_inc_028_incident_trap_21_no_digest_outside_of_the_private_part_confirms_a_guess(
    case, clock, extract, tmp_path
):
    add(case, extract, clock, by="Jo")
    other = a_case(tmp_path / "other")
    add(other, extract, clock, by="Jo")

    for file in case.path.rglob("*"):
        if file.is_file() and "private" not in file.parts:
            text = file.read_text()
            for guess in range(1, 6):
                cells = CELLS.replace(b"3", b"%d" % guess)
                assert hashlib.sha256(cells).hexdigest() not in text
            assert "Lindqvist" not in text
    assert manifest(case)[0]["hmac_sha256"] != manifest(other)[0]["hmac_sha256"]
    assert len(case.read_private(KEY)) == 32


def test_inc_030_custody_is_only_ever_added_to_and_stands_in_the_manifest(case, clock, extract):
    add(case, extract, clock, by="Jo")
    clock.move(hours=1)
    hand_over(case, "e-001", to="R. Lindqvist", by="Jo", reason="review")
    clock.move(hours=1)
    hand_over(case, "E-001", to="Jo", by="R. Lindqvist")

    (listed,) = manifest(case)

    assert [(each["by"], each["to"]) for each in listed["custody"]] == [
        ("Jo", "R. Lindqvist"),
        ("R. Lindqvist", "Jo"),
    ]
    assert listed["custody"][0]["reason"] == "review"
    assert listed["custody"][0]["at"] < listed["custody"][1]["at"]
    said = "\n".join(report.evidence_lines(list_evidence(case)))
    assert "Jo -> R. Lindqvist: review" in said


def test_what_cannot_be_handed_over_is_said(case, clock, extract):
    add(case, extract, clock, by="Jo")

    with pytest.raises(NoSuchEvidenceError, match="evidence list"):
        hand_over(case, "E-002", to="Ann", by="Jo")
    for to, by in (("", "Jo"), ("Ann", " ")):
        with pytest.raises(HandOverError):
            hand_over(case, "E-001", to=to, by=by)


def test_inc_030_a_file_that_was_changed_is_found_and_one_that_is_gone_is_said(
    case, clock, extract
):
    *_, kept = [add(case, extract, clock, by="Jo") for _ in range(3)]
    assert states(case) == ["unchanged"] * 3

    (case.path / "private/evidence/E-001.csv").write_bytes(CELLS.replace(b"3", b"4"))
    (case.path / kept.file).unlink()

    assert states(case) == ["changed", "unchanged", "missing"]
    found = list_evidence(case)
    assert [line.split()[0] for line in report.problem_lines(found)] == ["E-001", "E-003"]
    assert report.summary_line(found) == "3 files of evidence, 1 as recorded"


def test_files_that_commands_write_are_vouched_for_by_the_entries_that_name_them(case):
    case.write_private("scan.json", b"{}")
    case.write_private("bad-set.json", b"[]")
    event = case.record("scope.recorded", {"files": ["private/scan.json", "private/bad-set.json"]})

    assert event.text("tool") == f"breachkit {breachkit.__version__}"
    items = evidence_of(case.events())
    assert [(each.id, each.file, each.command) for each in items] == [
        ("E-001", "private/scan.json", "breachkit scope"),
        ("E-002", "private/bad-set.json", "breachkit scope"),
    ]
    assert states(case) == ["unchanged", "unchanged"]
    (case.private / "bad-set.json").write_bytes(b"[ ]")
    assert states(case) == ["unchanged", "changed"]


def test_a_file_that_was_put_away_with_its_round_is_found_there(case):
    case.write_private("proof.json", b"{}")
    case.record("proof.recorded", {"ok": True, "file": "private/proof.json"})
    (case.private / "round-1").mkdir()
    (case.private / "proof.json").rename(case.private / "round-1/proof.json")

    assert states(case) == ["unchanged"]
    case.write_private("proof.json", b"{ }")
    assert states(case) == ["unchanged"]
    case.record("proof.recorded", {"ok": True, "file": "private/proof.json"})
    assert states(case) == ["replaced", "unchanged"]
    assert evidence_of(case.events())[0].replaced_by == "E-002"


def test_parts_of_a_snapshot_are_looked_at_with_its_manifest(case):
    part = b'{"forks": []}'
    body = {"topics": [{"file": "forks.json", "sha256": hashlib.sha256(part).hexdigest()}]}
    content = json.dumps(body).encode()
    case.write_private("snapshot/1/forks.json", part)
    case.write_private("snapshot/1/manifest.json", content)
    digest = hashlib.sha256(content).hexdigest()
    case.record("snapshot.recorded", {"file": "private/snapshot/1/manifest.json", "sha256": digest})
    assert states(case) == ["unchanged"]
    assert evidence_of(case.events())[0].tool == f"breachkit {breachkit.__version__}"

    case.write_private("snapshot/1/forks.json", b"[]")
    assert states(case) == ["changed"]
    (case.private / "snapshot/1/forks.json").unlink()
    assert states(case) == ["missing"]


def test_the_text_of_a_message_is_looked_at_below_its_subject(case):
    case.write_file("notifications/N-001/message.txt", b"Subject\n\nText\n")
    digest = hashlib.sha256(b"Text\n").hexdigest()
    case.record("notify.rendered", {"number": "N-001", "file": "notifications/N-001/message.txt", "sha256": digest})  # fmt: skip
    assert states(case) == ["unchanged"]

    case.write_file("notifications/N-001/message.txt", b"Subject\n\nText!\n")
    assert states(case) == ["changed"]


def test_what_is_only_in_the_destroyed_private_part_is_missing_and_not_changed(
    case, clock, extract
):
    add(case, extract, clock, by="Jo")
    case.write_file("copies.json", b"[]")
    case.record("trace.recorded", {"file": "copies.json"})
    shutil.rmtree(case.private)

    assert states(case) == ["missing", "unread"]
    case.fingerprint("ab" * 32)  # makes another key
    assert states(case) == ["missing", "unread"]


def test_where_an_entry_has_two_digests_the_one_of_its_file_counts(case):
    case.write_file("traces/1.json", b"[]")
    digest = hashlib.sha256(b"[]").hexdigest()
    case.record(
        "copies.recorded", {"file": "traces/1.json", "file_sha256": digest, "sha256": "0" * 64}
    )

    assert states(case) == ["unchanged"]


def test_no_name_in_an_entry_leads_out_of_the_case(case, tmp_path):
    (tmp_path / "outside").write_bytes(b"x")

    for name in (str(tmp_path / "outside"), "../../outside", "", "no/such/file"):
        event = case.record("checklist.ticked", {"item": "A12", "file": name})
        assert "files_hmac_sha256" not in event.detail
    assert evidence_of(case.events()) == ()


def test_the_manifest_is_written_by_the_journal_alone_and_again_where_it_is_gone(
    case, clock, extract
):
    add(case, extract, clock, by="Jo")
    before = (case.path / MANIFEST).read_bytes()
    with pytest.raises(CaseFileNameError):
        case.write_file(MANIFEST, b"{}")
    (case.path / MANIFEST).write_bytes(b"{}")

    list_evidence(reopened(case))

    assert (case.path / MANIFEST).read_bytes() == before


def test_nothing_that_makes_no_sense_is_taken_in(case, clock, extract, tmp_path):
    (tmp_path / "empty").touch()
    for place in (tmp_path / "empty", tmp_path / "missing", tmp_path):
        with pytest.raises(EvidenceFileError):
            add(case, place, clock, by="Jo")
    for moment in ("2026-03-06T12:00:00", "tomorrow", "2027-01-01T00:00:00Z"):
        with pytest.raises(OpeningError):
            add(case, extract, clock, by="Jo", at=moment)
    assert len(case.events()) == 1
    assert clock.now() == NOON


def test_a_suffix_that_tells_something_is_not_kept(case, clock, tmp_path):
    for name, kept in (("a.CSV", ".CSV"), ("a", ""), ("a.9434765919x", ""), ("a.b c", "")):
        (tmp_path / name).write_bytes(b"x")
        assert add(case, tmp_path / name, clock, by="Jo").file.endswith(f"E-{len(states(case)):03d}{kept}")  # fmt: skip


def test_a_key_that_cannot_be_read_is_not_replaced_by_another(case):
    key = case.path / PRIVATE / KEY
    key.parent.mkdir(exist_ok=True)
    key.mkdir()  # what no account can read, not even the administrator's

    with pytest.raises(CaseFileAccessError, match="cannot be read, so that nothing was written"):
        case.fingerprint("0" * 64)
    assert key.is_dir()


def listed(case):
    """Show the list at the command line; give the exit code and what is said of each piece."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        code = main(["evidence", "list", "--case", str(case.path), "--json", "-q"])
    return code, [each["state"] for each in json.loads(out.getvalue())["evidence"]]


def test_the_exit_code_says_whether_all_of_it_is_there_and_as_it_was(case, clock, extract):
    _, second, third = [add(case, extract, clock, by="Jo") for _ in range(3)]
    assert listed(case) == (0, ["unchanged"] * 3)

    (case.path / second.file).unlink()
    assert listed(case) == (5, ["unchanged", "missing", "unchanged"])

    (case.path / third.file).write_bytes(b"another\n")
    assert listed(case) == (7, ["unchanged", "missing", "changed"])


def test_evidence_that_cannot_be_checked_any_more_is_not_told_as_all_there(case):
    case.write_file("copies.json", b"[]")
    case.record("trace.recorded", {"file": "copies.json"})
    assert listed(case) == (0, ["unchanged"])

    shutil.rmtree(case.private)

    assert listed(case) == (5, ["unread"])
