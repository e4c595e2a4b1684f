"""The register of copies on a real case folder: journalled, told again, proven."""

import hashlib
import json
import os
import time
from dataclasses import replace
from datetime import timedelta

import pytest

from breachkit.actions.clone_check import NotCleanError
from breachkit.actions.copies import Found, Grade, Proof, UnprovenError, copy_with_id
from breachkit.actions.copies_file import to_json
from breachkit.actions.copy_changes import Moved, Searched
from breachkit.git.mirror import make_mirror
from breachkit.incident.case import Milestone
from breachkit.incident.disk import CaseWriteError
from breachkit.incident.folder import CaseFolder
from breachkit.workflows import case_files, copies, register, tracing
from breachkit.workflows import trace as searching
from breachkit.workflows.copy_proofs import NoLetterError, Prover
from tests.support.cases import in_child, reopened
from tests.support.gitrepo import History
from tests.support.people import LATER
from tests.support.snapshots import snapshot


PLACES = searching.load_places("opensafely-2026")


def proof(kind="attestation", **changed):
    return replace(Proof(kind=kind, at=LATER, by="Jo", note="mail of today"), **changed)


A_COPY = Found(key="C33:x", place="C33", label="x", signal="s", applies="yes", risk="low", due=None)


def of_place(case, code):
    return next(copy for copy in register.load_register(case) if copy.place == code)


@pytest.fixture
def traced(case, study, bad):
    searching.trace(case, study, bad)
    return case


@pytest.fixture
def told(case):
    """A case with three copies that people told us of, without any search."""
    for label in ("slides", "drive", "mail"):
        copies.add_copy(case, "C33", label, holder=label.title(), places=PLACES)
    return case


def test_every_change_is_journalled_with_who_when_why_and_the_files_digests(told):
    copies.set_copy(told, "K-002", "requested", proof())
    entry = told.events()[-1]
    assert (entry.kind, entry.refs) == ("copies.recorded", ("K-002",))
    change = entry.detail["change"]
    assert (
        change["proof"] | {"by": "Jo", "note": "mail of today", "kind": "attestation"}
        == change["proof"]
    )
    content = (told.path / "copies.json").read_bytes()
    assert entry.text("sha256") == hashlib.sha256(content).hexdigest()
    assert entry.text("before_sha256") == told.events()[-2].text("sha256")


def test_the_register_is_told_again_from_the_journal_and_the_searches_alone(traced):
    copies.set_copy(traced, "K-001", "requested", proof())
    copies.add_copy(traced, "C32", "backup", told=copies.Told(expires=LATER), places=PLACES)
    copies.rule_out_copies(traced, ["K-003"], proof("decision"))
    copies.set_copy(traced, "K-001", "deleted", proof(note="a" * 40 + " \udcff"))
    before = register.load_register(traced)
    (traced.path / "copies.json").unlink()
    told = register.rebuild_register(reopened(traced))
    assert (told.register, told.gaps) == (before, ())


@pytest.mark.parametrize("what", ["edited", "gone", "older"])
def test_a_register_that_somebody_else_changed_is_noticed_and_put_back(told, what):
    file = told.path / "copies.json"
    older = file.read_bytes()
    copies.set_copy(told, "K-001", "requested", proof())
    copies.set_copy(told, "K-002", "requested", proof())
    whole = register.load_register(told)
    if what == "gone":
        file.unlink()
    else:
        data = {"edited": file.read_bytes().replace(b'"requested"', b'"deleted"'), "older": older}
        file.write_bytes(data[what])

    if what != "edited":  # as a process leaves it that was killed between journal and file
        assert register.load_register(told) == whole
    else:
        with pytest.raises(register.AlteredRegisterError, match="copies rebuild") as refused:
            register.load_register(told)
        assert refused.value.exit_code == 7
        with pytest.raises(register.AlteredRegisterError):
            copies.set_copy(told, "K-003", "requested", proof())
    made = copies.rebuild(told, write=True)
    assert bool(made.differs) is made.written
    assert register.load_register(told) == whole


def test_what_the_journal_cannot_tell_any_more_is_named_and_nothing_is_made_up(traced):
    copies.set_copy(traced, "K-001", "requested", proof())
    (traced.path / "traces" / "001.json").write_bytes(b"{}")
    (traced.path / "copies.json").unlink()
    told = register.rebuild_register(traced)
    assert len(told.gaps) == 2
    assert (
        "what a search found: traces/001.json of the case is not what was written" in told.gaps[0]
    )
    assert "K-001" in told.gaps[1]
    with pytest.raises(copies.RegisterGapsError, match="entry 2 of"):
        copies.rebuild(traced, write=True)
    assert not traced.has_file("copies.json")


def test_a_person_can_vouch_for_a_register_and_it_is_told_from_there_on(told):
    file = told.path / "copies.json"
    file.write_bytes(file.read_bytes().replace(b"drive", b"stick"))
    with pytest.raises(UnprovenError):
        copies.vouch(told, by="Jo", note=" ")
    copies.vouch(told, by="Jo", note="a label was corrected")
    copies.set_copy(told, "K-002", "requested", proof())
    assert copy_with_id(register.load_register(told), "K-002").label == "stick"
    file.unlink()
    assert not register.rebuild_register(told).gaps
    assert copies.rebuild(told, write=True).written
    assert copy_with_id(register.load_register(told), "K-002").label == "stick"


def test_a_register_of_an_earlier_breachkit_becomes_the_base_of_what_follows(told):
    data = to_json(register.load_register(told))
    for event in ("copies.json",):
        (told.path / event).unlink()
    other = reopened(told)
    other.path.joinpath("events.jsonl").write_bytes(
        other.path.joinpath("events.jsonl").read_bytes().split(b"\n")[0] + b"\n"
    )
    other.write_file("copies.json", json.dumps(data).encode())
    copies.set_copy(other, "K-001", "requested", proof())
    (other.path / "copies.json").unlink()
    told_again = register.rebuild_register(other)
    assert (len(told_again.register), told_again.gaps) == (3, ())


@pytest.mark.parametrize("entries", [0, 1, 2])
def test_a_process_that_is_killed_after_any_entry_loses_no_change_and_makes_none_up(told, entries):
    before = sum(event.kind == "copies.recorded" for event in told.events())

    def killed():
        record = CaseFolder.record

        def recorded(self, *given, **more):
            if sum(event.kind == "copies.recorded" for event in self.events()) == before + entries:
                os._exit(9)
            return record(self, *given, **more)

        CaseFolder.record = recorded  # type: ignore[method-assign]
        write = CaseFolder.write_file
        CaseFolder.write_file = lambda self, name, data: (  # type: ignore[method-assign]
            os._exit(9) if name == "copies.json" else write(self, name, data)
        )
        with told.lock("copies"):
            register.change_register(
                told,
                Searched(found=(A_COPY,), now=None),
                Moved(copies=("K-001",), state="requested", proof=proof()),
            )

    assert in_child(killed) == ""
    again = reopened(told)
    after = register.load_register(again)
    assert len(after) == 3 + (entries >= 1)
    assert copy_with_id(after, "K-001").state == ("requested" if entries == 2 else "confirmed")
    assert register.rebuild_register(again).register == after
    copies.set_copy(again, "K-002", "requested", proof())
    assert copy_with_id(register.load_register(again), "K-002").state == "requested"


def test_a_disk_that_does_not_take_the_file_loses_no_change(told, monkeypatch):
    def full(_self, _name, _data):
        raise CaseWriteError("no space left")

    monkeypatch.setattr(CaseFolder, "write_file", full)
    with pytest.raises(CaseWriteError):
        copies.set_copy(told, "K-001", "requested", proof())
    monkeypatch.undo()
    assert copy_with_id(register.load_register(told), "K-001").state == "requested"


def test_inc_016_with_whom_the_files_were_shared_becomes_copies_once_each(case):
    whom = ["the journal's editors", " ", "Chen Li"]
    added = copies.add_shared(case, whom, by="Prof. Ade", note="asked on the phone", places=PLACES)
    assert [(copy.place, copy.holder) for copy in added] == [
        ("C33", "the journal's editors"),
        ("C33", "Chen Li"),
    ]
    entries = len(case.events())
    again = copies.add_shared(case, ["Chen Li"], by="Prof. Ade", note="again", places=PLACES)
    assert again == added[1:]
    assert len(case.events()) == entries
    assert case.events()[-1].detail["change"]["by"] == "Prof. Ade"


def test_inc_058_every_place_is_there_and_none_is_settled_without_a_reason(traced):
    found = register.load_register(traced)
    assert {copy.place for copy in found} == {place.code for place in PLACES}
    assert len(PLACES) == 46
    assert all(copy.signal for copy in found)
    assert not any(copy.closed for copy in found)
    with pytest.raises(UnprovenError):
        copies.rule_out_copies(traced, [found[-1].id], proof(note=""))


def test_inc_067_each_backend_and_the_controller_is_a_copy_of_its_own(traced):
    caches = [copy for copy in register.load_register(traced) if copy.place == "C25"]
    assert [copy.label.partition(":")[0] for copy in caches] == [
        "backend TPP",
        "backend EMIS",
        "RAP controller",
    ]


def test_inc_070_acceptance_names_who_as_what_why_and_when(traced, clock):
    copies.accept_copy(
        traced, "K-005", by="R. Lindqvist", role="SIRO", reason="no process", clock=clock
    )
    said = copy_with_id(register.load_register(traced), "K-005").proof[-1]
    assert (said.by, said.role, said.note, said.at) == (
        "R. Lindqvist",
        "SIRO",
        "no process",
        clock.now(),
    )
    for lacking in ("by", "role", "reason"):
        named = {"by": "R. L.", "role": "SIRO", "reason": "none"} | {lacking: ""}
        with pytest.raises(UnprovenError):
            copies.accept_copy(traced, "K-006", **named, clock=clock)


def test_incident_trap_77_a_case_is_not_traced_while_one_copy_of_many_is_open(traced, clock):
    *most, last = register.load_register(traced)
    copies.move_copies(
        traced, {copy.id: ("residual_accepted", proof("decision", role="SIRO")) for copy in most}
    )
    assert not traced.incident.has(Milestone.TRACED)
    copies.rule_out_copies(traced, [last.id], proof("decision"))
    assert traced.incident.has(Milestone.TRACED)
    copies.add_copy(traced, "C33", "one more", places=PLACES)
    assert not traced.incident.has(Milestone.TRACED)


# --- proofs -------------------------------------------------------------------------------------


def prover(case, clock):
    return Prover(case=case, clock=clock, by="Jo")


def test_inc_056_a_404_closes_a_copy_only_beside_a_control(traced, clock):
    asked = {"status": 404, "seen_as": "anonymous", "note": "the deposit's page"}
    with pytest.raises(UnprovenError, match="control of 404"):
        prover(traced, clock).absent("K-004", control=404, **asked)
    gone = prover(traced, clock).absent("K-004", control=200, **asked)
    assert (gone.state, gone.grade) == ("proven_clean", Grade.SHOWN)
    assert "asked as anonymous: 404" in gone.proof[-1].control


def test_a_letter_is_kept_and_its_digest_is_keyed(traced, clock, tmp_path):
    letter = tmp_path / "Letter of 9 March.PDF"
    letter.write_bytes(b"we deleted it")
    gone = prover(traced, clock).letter("K-004", letter, "of 9 March")
    assert (gone.state, gone.grade) == ("deleted", Grade.SENT)
    assert traced.read_file(gone.proof[-1].file) == b"we deleted it"
    entry = next(e for e in traced.events() if e.kind == "evidence.recorded")
    digest = hashlib.sha256(b"we deleted it").hexdigest()
    assert digest not in json.dumps(dict(entry.detail))
    with pytest.raises(NoLetterError):
        prover(traced, clock).letter("K-004", tmp_path / "none.pdf", "x")


def test_inc_068_an_expired_backup_is_closed_after_its_day_and_not_before(traced, clock):
    day = clock.now() + timedelta(days=2)
    said = proof(note="kept for two days")
    (kept,) = copies.set_copies(traced, ["K-004"], "requested", said, expires=day)
    assert (kept.due, kept.closed) == (day, False)
    with pytest.raises(UnprovenError):
        prover(traced, clock).expired("K-004", "looked")
    clock.move(days=3)
    assert prover(traced, clock).expired("K-004", "looked").closed


@pytest.mark.parametrize("clean", [False, True])
@pytest.mark.parametrize("how", ["path", "address"])
def test_a_mirror_is_looked_through_for_everything_that_had_to_go(
    traced, clock, study, bad, tmp_path, clean, how
):
    case_files.save(traced, case_files.BAD_SET, bad.to_json())
    make_mirror(str(study), traced.private / case_files.MIRROR)
    history = History()
    history.commit({b"code.py": b"x"})
    other = history.build(tmp_path / "clean.git")
    place = str(other if clean else study)
    place = place if how == "path" else f"file://{place}"
    if not clean:
        with pytest.raises(NotCleanError):
            prover(traced, clock).mirror("K-004", place, "the fork")
        return
    gone = prover(traced, clock).mirror("K-004", place, "the fork")
    assert (gone.proof[-1].kind, gone.grade) == ("mirror_blobset", Grade.SHOWN)


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        ({"releases": []}, None),
        ({"releases": [{"id": 1}]}, "shows 1 under releases"),
        ({"releases": None}, "did not read releases in full"),
        ({}, "did not read releases in full"),
        ({"releases": [], "repository": []}, "the repository did not answer"),
    ],
)
def test_a_list_closes_a_place_only_read_in_full_and_empty(traced, clock, shown, said):
    snapshot(traced, clock, **shown)
    copy = of_place(traced, "C06")
    if said is None:
        assert prover(traced, clock).list_empty(copy.id, "releases").grade is Grade.SHOWN
        return
    with pytest.raises(UnprovenError, match=said):
        prover(traced, clock).list_empty(copy.id, "releases")


def test_a_list_says_nothing_without_a_snapshot_or_of_a_place_that_has_none(traced, clock):
    with pytest.raises(UnprovenError, match="breachkit snapshot"):
        prover(traced, clock).list_empty(of_place(traced, "C06").id, "x")
    with pytest.raises(UnprovenError, match="http_absent"):
        prover(traced, clock).list_empty(of_place(traced, "C44").id, "x")


@pytest.mark.parametrize(
    ("ids", "said"),
    [
        (None, "gave no answer"),
        ({"asked": 3, "known": None}, "gave no answer"),
        ({"asked": 3, "known": 1}, "still knows 1 of 3"),
        ({"asked": 3, "known": 0}, None),
    ],
)
def test_software_heritage_closes_only_by_its_own_answer(traced, clock, ids, said):
    told = None if ids is None else {"at": "2026-03-06T12:00:00Z", "reason": "", **ids}
    from breachkit.actions.archives import SCHEMA

    content = json.dumps({"schema": SCHEMA, "told": [], "ids": told}).encode()
    traced.write_private(tracing.ARCHIVES_FILE, content)
    copy = of_place(traced, "C40")
    if said is None:
        assert prover(traced, clock).unknown_to_archive(copy.id, "asked").grade is Grade.SHOWN
        return
    with pytest.raises(UnprovenError, match=said):
        prover(traced, clock).unknown_to_archive(copy.id, "asked")


# --- many ---------------------------------------------------------------------------------------


def test_incident_trap_82_ten_thousand_copies_are_changed_and_shown_in_a_moment(case, clock):
    from breachkit.report.copies_render import export

    due = clock.now()
    found = tuple(
        Found(
            key=f"C30:{n}",
            place="C30",
            label=f"clone of person {n}",
            signal="author since the exposure",
            applies="yes",
            risk="high",
            due=due,
            holder=f"person {n}",
        )
        for n in range(10_000)
    )
    register.change_register(case, Searched(found=found, now=due))
    started = time.process_time()
    copies.set_copy(case, "K-5000", "requested", proof())
    moves = {f"K-{n:03d}": ("deleted", proof(note=f"mail {n % 3}")) for n in range(1, 10_001)}
    copies.move_copies(case, moves)
    assert "K-10000" in export(register.load_register(case), "text")
    assert time.process_time() - started < 10  # a quadratic way takes minutes
    assert len(case.events()) == 6
