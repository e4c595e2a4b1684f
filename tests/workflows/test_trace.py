"""Tracing copies of a real repository, on a real case folder."""

import pytest

from breachkit.actions.copies import BrokenRegisterError, Proof, UnprovenError
from breachkit.incident.case import Milestone
from breachkit.report.copies_render import export
from breachkit.workflows import trace as tracing
from tests.support.cases import a_case
from tests.support.gitrepo import git
from tests.support.people import HOLDERS, LATER, written


def test_trace_finds_who_worked_since_the_exposure_and_the_pull_requests(case, study, bad):
    result = tracing.trace(case, study, bad)
    holders = {copy.holder for copy in result.register if copy.place == "C30"}
    assert holders == {"Jo Author", "Bloggs, Jo", "Hub"}
    assert [person.login for person in result.unreachable] == ["hub"]
    pull = next(copy for copy in result.register if copy.place == "C02")
    assert (pull.applies, pull.state) == ("yes", "confirmed")
    assert {e.kind for e in case.events()} >= {"trace.recorded", "copies.recorded"}
    recorded = next(e for e in case.events() if e.kind == "copies.recorded")
    assert recorded.detail["open"] == len(result.register)


def test_tracing_again_finds_nothing_new_and_keeps_what_people_said(case, study, bad):
    first = tracing.trace(case, study, bad)
    jo = next(copy for copy in first.register if copy.holder == "Jo Author")
    proof = Proof(kind="attestation", at=LATER, by="Sam", note="mail of today")
    tracing.set_copy(case, jo.id, "deleted", proof)
    again = tracing.trace(case, study, bad)
    assert again.new == ()
    assert next(copy for copy in again.register if copy.id == jo.id).state == "deleted"
    assert len(again.register) == len(first.register)


def test_what_a_verification_shows_of_the_servers_refs_stands_in_the_register(
    case, clock, study, bad
):
    assert tracing.settle_refs(case, clock, gone=True) == 0
    tracing.trace(case, study, bad)

    moved = tracing.settle_refs(case, clock, gone=True)

    register = tracing.load_register(case)
    refs = [copy for copy in register if copy.place in {"C01", "C02"}]
    assert moved == len(refs) >= 2
    assert all(copy.closed and copy.proof[-1].by == "breachkit verify" for copy in refs)
    assert not any(copy.closed for copy in register if copy not in refs)
    assert "proven clean" in export(register, "text").partition("Not looked at yet")[0]
    assert tracing.settle_refs(case, clock, gone=True) == 0

    assert tracing.settle_refs(case, clock, gone=False) == moved
    assert not any(copy.closed for copy in tracing.load_register(case))


def test_what_a_person_closed_is_not_opened_by_a_verification(case, clock, study, bad):
    refs = next(copy for copy in tracing.trace(case, study, bad).register if copy.place == "C01")
    proof = Proof(kind="decision", at=LATER, by="Sam", note="see the minutes", role="SIRO")
    tracing.set_copy(case, refs.id, "residual_accepted", proof)

    tracing.settle_refs(case, clock, gone=False)

    kept = next(copy for copy in tracing.load_register(case) if copy.id == refs.id)
    assert kept.state == "residual_accepted"


def test_every_holder_with_an_address_gets_one_request_that_names_no_other(case, clock, study, bad):
    tracing.trace(case, study, bad)
    result = written(case, clock, HOLDERS, bad=bad)
    mails = [one for one in result.written if one.notice.recipient.email]
    assert [one.notice.recipient.email for one in mails] == ["jo.b@example.org", "jo@example.org"]
    for one, other in zip(mails, reversed(mails), strict=True):
        content = b"".join(path.read_bytes() for path in one.files)
        assert other.notice.recipient.name.encode() not in content
        assert b"out/t" not in content


def test_the_remotes_of_a_target_on_this_machine_are_places_to_look_at(tmp_path, clock, study, bad):
    git(study, "config", "remote.backup.url", "https://jo:secret@mirror.example.org/r.git")
    git(study, "config", "include.path", "/nonexistent/evil")
    case = a_case(tmp_path, clock, str(study))
    (remote,) = [copy for copy in tracing.trace(case, study, bad).register if copy.place == "C50"]
    assert remote.label == "remote backup: https://mirror.example.org/r.git"


def test_the_case_is_traced_only_when_every_copy_is_accounted_for(case, study, bad):
    register = tracing.trace(case, study, bad).register
    proof = Proof(kind="decision", at=LATER, by="Sam", note="nothing there", role="SIRO")
    for copy in register[:-1]:
        tracing.rule_out_copies(case, [copy.id], proof)
    assert not case.incident.has(Milestone.TRACED)
    with pytest.raises(UnprovenError):
        tracing.set_copy(case, register[-1].id, "proven_clean", proof)
    tracing.set_copy(case, register[-1].id, "residual_accepted", proof)
    assert case.incident.has(Milestone.TRACED)


def test_a_copy_somebody_told_us_about_joins_the_register(case, study, bad):
    tracing.trace(case, study, bad)
    places = tracing.load_places()
    added = tracing.add_copy(
        case, "C33", "slides", holder="Al", email="al@example.org", places=places
    )
    assert added in tracing.load_register(case)
    with pytest.raises(tracing.NoSuchPlaceError):
        tracing.add_copy(case, "C99", "x", places=places)


def test_a_register_that_is_no_json_is_not_taken_for_an_empty_one(case, study, bad):
    tracing.trace(case, study, bad)
    (case.path / tracing.REGISTER_FILE).write_bytes(b"{")
    with pytest.raises(BrokenRegisterError):
        tracing.load_register(case)
