"""What an incident asks of closing a repository, and traps that no list of GitHub's own has."""

import json

import pytest

from breachkit.actions.archives import Archive, Question
from breachkit.drill.archives import ZENODO, ArchiveServer
from breachkit.drill.hub import faults
from breachkit.drill.hub.faults import Effect, Fault
from breachkit.github.archives import Archives, consented
from breachkit.model.time import SystemClock
from tests.support.containing import NAME, Naps, Responder


STUDY = f"/api/v3/repos/{NAME}"


@pytest.fixture
def jo(hub, breachkit, monkeypatch):
    return Responder(hub, breachkit, monkeypatch)


def test_inc_018_incident_trap_30_what_could_not_be_written_down_stops_no_closing(jo):
    fault = Fault(effect=Effect.ANSWER_INSTEAD, method="GET", path=f"{STUDY}/stargazers", answer=faults.bad_gateway(), times=99)  # fmt: skip
    jo.hub.server.faults.add(fault)

    jo.restrict()

    assert jo.hub.small.study.visibility == "private"
    snapshot = next(each for each in jo.case.events() if each.kind == "snapshot.recorded")
    assert snapshot.flag("complete") is False
    assert snapshot.number("not_read") == 1


def test_inc_019_what_closing_costs_is_listed_before_it_is_confirmed(jo):
    said = " ".join(jo.run.expect(0, "restrict").out.split())

    for cost in ("stars and watchers are erased", "public forks are cut off: they stay public",
                 "the logs of Actions become public"):  # fmt: skip
        assert cost in said
    assert jo.hub.small.study.visibility == "public"
    assert "--confirm example-org/study" in jo.run.expect(6, "restrict", "--execute").err


def test_incident_trap_42_of_an_archived_repository_what_it_takes_is_done_and_the_rest_is_told(jo):
    jo.hub.small.study.archived = True

    ran = jo.restrict(4)

    assert jo.hub.small.study.visibility == "private"
    assert "NOT done" in ran.out
    told = " ".join(ran.out.split())
    assert "deploy key: this account may not (Repository was archived so is read-only.)" in told
    assert jo.case.incident.open_intents == ()


@pytest.mark.parametrize("domain", ["study.example.org", None])
def test_incident_trap_46_a_site_with_a_domain_of_its_own_could_be_taken_over(jo, domain):
    study = jo.hub.small.study
    study.pages = {**(study.pages or {}), "cname": domain}

    plan = json.loads(jo.run.expect(0, "restrict", "--json").out)

    assert any("DNS entry" in each for each in plan["not_undone"]) is (domain is not None)
    assert "study.example.org" not in " ".join(plan["not_undone"])


def test_incident_trap_112_every_version_of_a_record_is_asked_for_and_counted():
    link = {"identifier": "https://github.com/a/b", "relation": "isSupplementTo"}
    with ArchiveServer() as server:
        server.records += [
            {"title": "Tables", "version": number, "related_identifiers": [link]}
            for number in ("v1", "v2", "v3")
        ]
        base = {Archive.ZENODO: server.base(ZENODO)}
        asking = Archives(base, consented(base, [server.host]), SystemClock(), sleep=Naps())

        [told] = asking.ask([Question(archive=Archive.ZENODO, kind="records", about="a/b")])

        asked = [taken.query for taken in server.taken if "a/b" in taken.query.get("q", "")]
    assert told.found == 3
    assert [each["all_versions"] for each in asked] == ["true"]
