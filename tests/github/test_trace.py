"""Copies are traced from the command line: on the stand-in for GitHub, before and after containment, and in archives."""

import json
import re
import time

import pytest

from breachkit.actions.archives import CONTROL, Archive, Question
from breachkit.actions.hosting import Topic
from breachkit.cli import hosting
from breachkit.drill.archives import HERITAGE, WAYBACK, ZENODO, ArchiveServer, Given
from breachkit.drill.hub import faults, furnish
from breachkit.drill.hub.answers import Answer
from breachkit.drill.hub.faults import Effect, Fault
from breachkit.github.archive_http import MOST_BYTES, NoAnswerError, exchange
from breachkit.github.archives import Archives, consented
from breachkit.github.errors import WrongAddressError
from breachkit.model.time import SystemClock
from breachkit.workflows.tracing import load_answers
from tests.support import worlds
from tests.support.containing import NAME, Naps, Responder, files
from tests.support.hubs import served


STUDY = f"/api/v3/repos/{NAME}"
ARCHIVES = {HERITAGE: "SOFTWARE_HERITAGE", WAYBACK: "WAYBACK", ZENODO: "ZENODO"}


@pytest.fixture
def jo(hub, breachkit, monkeypatch):
    return Responder(hub, breachkit, monkeypatch)


@pytest.fixture
def archives(monkeypatch):
    with ArchiveServer() as server:
        for archive, name in ARCHIVES.items():
            monkeypatch.setenv(f"BREACHKIT_{name}", server.base(archive))
        yield server


def trace(jo, code=0, *more):
    """Trace, and give the register by key, with what stands beside it."""
    said = json.loads(jo.run.expect(code, "trace", "--json", *more).out)
    return {copy["key"]: copy for copy in said["copies"]}, said["trace"]


def wrong(hub, effect=Effect.ANSWER_INSTEAD, path=STUDY, **more):
    hub.server.faults.add(Fault(effect=effect, method="GET", path=path, **more))


def scoped(jo):
    jo.run.expect(0, "scope", "--path", "output/table.csv")


# --- on the platform -----------------------------------------------------------------------------


def test_t21_t56_tracing_finds_forks_of_forks_and_people_and_changes_nothing(jo):
    register, beside = trace(jo)

    forks = {copy["label"]: copy["holder"] for copy in register.values() if copy["key"].startswith("fork:")}  # fmt: skip
    assert forks == {"fork eve/study": "eve", "fork fay/study-again of the fork eve/study": "fay"}
    assert {"may read: cat", "may read: dan"} <= {copy["label"] for copy in register.values()}
    assert set(beside["not_read"]) == {"audit-log"}
    assert beside["clones"]["cloners_at_least"] == 6
    assert jo.hub.server.writes == []
    assert {"snapshot.recorded", "trace.recorded", "copies.recorded"} <= set(jo.kinds())


def test_watchers_are_read_from_subscribers_and_never_from_the_old_list(jo):
    register, _ = trace(jo)

    assert register["C22:watchers"]["signal"].startswith("3 accounts watched it")
    asked = [each.path for each in jo.hub.server.log]
    assert f"/repos/{NAME}/subscribers" in asked
    assert not any(path.endswith("/watchers") for path in asked)


def test_tracing_again_finds_nothing_twice_and_keeps_what_people_said(jo):
    first, _ = trace(jo)
    cat = next(copy["id"] for copy in first.values() if copy["label"] == "may read: cat")
    jo.run.expect(0, "copies", "set", cat, "requested", "--note", "mail of today", "--by", "Jo")
    jo.run.expect(0, "copies", "add", "C33", "slides", "--holder", "Al")

    second, _ = trace(jo)

    assert {key: copy["id"] for key, copy in second.items() if key in first} == {
        key: copy["id"] for key, copy in first.items()
    }
    assert set(second) - set(first) == {"C33:told:slides"}
    kept = next(copy for copy in second.values() if copy["id"] == cat)
    assert (kept["state"], kept["proof"][0]["note"]) == ("requested", "mail of today")


def test_t22_after_containment_the_register_still_has_what_it_erased(jo):
    jo.restrict()
    hub = jo.hub.small
    hub.world.fork(hub.grandfork, hub.people["gil"])
    hub.world.rename(hub.fork, "moved")

    register, _ = trace(jo)

    fork = register[f"fork:{hub.fork.id}"]
    assert "snapshot 001" in fork["signal"]
    assert "cut off and still there as eve/moved, public" in fork["signal"]
    assert f"fork:{hub.grandfork.id}" in register
    new = [copy for copy in register.values() if copy["holder"] == "gil" and copy["place"] == "C11"]
    assert len(new) == 1
    assert "3 stars, 3 watchers" in register["C17:"]["signal"]
    cat = next(copy for copy in register.values() if copy["label"] == "may read: cat")
    assert "seen last" in cat["signal"]
    assert register["C10:"]["applies"] == register["C11:"]["applies"] == "no"


def test_a_fork_that_was_deleted_is_not_closed_by_its_absence(jo):
    trace(jo)
    jo.hub.small.world.delete(jo.hub.small.grandfork)

    register, _ = trace(jo)

    gone = register[f"fork:{jo.hub.small.grandfork.id}"]
    assert (gone["applies"], gone["state"]) == ("yes", "confirmed")
    assert "its owner has to say" in gone["signal"]


def test_t43_a_404_means_nothing_while_the_repository_itself_does_not_answer(jo):
    trace(jo)
    hub = jo.hub.small
    hub.world.delete(hub.grandfork)
    by_id = "/api/v3/repositories/"
    wrong(jo.hub, path=f"{by_id}{hub.study.id}", answer=faults.bad_gateway(), times=99)

    register, _ = trace(jo)

    assert "the repository itself did not answer" in register[f"fork:{hub.grandfork.id}"]["signal"]


def test_a_fork_said_to_be_deleted_that_is_still_there_is_open_again_and_that_is_said(jo):
    first, _ = trace(jo)
    fork = first[f"fork:{jo.hub.small.fork.id}"]["id"]
    note = ("--note", "eve wrote so", "--by", "Jo")
    jo.run.expect(0, "copies", "set", fork, "deleted", *note)

    ran = jo.run.expect(0, "trace")

    assert f"  - {fork} fork eve/study" in ran.out.partition("open again")[2]
    register, beside = trace(jo)
    assert register[f"fork:{jo.hub.small.fork.id}"]["state"] == "confirmed"
    assert beside["reopened"] == []


def test_pages_that_are_missing_make_a_question_and_exit_code_5(jo):
    path = f"/api/v3/repos/{NAME}/stargazers"
    wrong(jo.hub, path=path, answer=faults.bad_gateway(), times=99)

    ran = jo.run.expect(5, "trace")

    assert "stargazers: FAILED" in ran.out
    jo.hub.server.faults.waiting.clear()
    register, beside = trace(jo)
    assert set(beside["not_read"]) == {"audit-log"}
    assert register["C17:"]["applies"] == "no"


def test_t25_an_account_that_may_not_see_much_says_so_and_asks_a_person(jo):
    jo.use(jo.hub.token("gil"))

    register, beside = trace(jo)

    refused = {"traffic-clones", "collaborators", "deploy-keys", "hooks", "codespaces", "audit-log"}
    assert refused <= set(beside["not_read"])
    assert all(why.startswith("REFUSED") for why in beside["not_read"].values())
    assert "the number of clones is not known" in register["C17:cloners"]["signal"]
    assert f"fork:{jo.hub.small.fork.id}" in register


def test_without_a_token_the_snapshots_still_count_and_the_code_is_4(jo):
    trace(jo)
    jo.monkeypatch.delenv("BREACHKIT_GITHUB_TOKEN")
    before = len(jo.hub.server.log)

    ran = jo.run.expect(4, "trace", "--json")

    assert len(jo.hub.server.log) == before
    keys = {copy["key"] for copy in json.loads(ran.out)["copies"]}
    assert f"fork:{jo.hub.small.fork.id}" in keys
    assert "BREACHKIT_GITHUB_TOKEN" in ran.err


def test_archives_are_asked_by_the_name_alone_where_nobody_has_a_token(jo, archives):
    jo.monkeypatch.delenv("BREACHKIT_GITHUB_TOKEN")
    archives.origins[f"{jo.hub.server.base}/{NAME}"] = "2024-05-03"

    register, beside = trace(jo, 4, "--allow", archives.host)

    assert register["C40:"]["applies"] == "yes"
    assert register["C10:"]["signal"].startswith("to be looked up by hand")
    assert beside["clones"] is None


def test_what_archives_answered_before_an_interruption_is_kept(jo, archives):
    def interrupt(_seconds):
        raise KeyboardInterrupt

    jo.monkeypatch.setattr(hosting, "sleep", interrupt)  # the pause before the second question

    jo.run.expect(130, "trace", "--allow", archives.host)

    assert len(load_answers(jo.case).told) == 1


def test_a_platform_that_is_down_leaves_the_register_and_says_to_run_again(jo):
    first, _ = trace(jo)
    wrong(jo.hub, effect=Effect.RESET, path=".*", times=99)

    second, _ = trace(jo, 5)

    assert second == first


def test_git_events_of_an_enterprise_name_who_cloned(jo):
    hub = jo.hub.small
    hub.organisation.plan = "enterprise"
    furnish.audit(hub.world.hub, hub.organisation, "git.clone", hub.people["fay"], hub.study)

    register, beside = trace(jo)

    assert beside["not_read"] == {}
    fay = register[f"account:{hub.people['fay'].id}"]
    assert (fay["place"], fay["applies"]) == ("C30", "yes")
    bea = register[f"account:{hub.people['bea'].id}"]
    assert "cloned or fetched by the audit log" in bea["signal"]


def test_inc061_after_the_scope_git_and_the_platform_make_one_register(jo):
    early, _ = trace(jo)
    scoped(jo)

    register, _ = trace(jo)

    assert set(early) - set(register) == set()
    ada = next(copy for copy in register.values() if copy["email"] == "ada@example.org")
    account = register[f"account:{jo.hub.login('ada').id}"]
    assert ada["place"] == "C30"
    assert "perhaps the same person as ada@example.org" in account["signal"]
    assert register["C02:forks-gone"]["applies"] == "yes"
    assert register["C01:heads"]["applies"] == "yes"


def test_the_signals_hold_no_old_id_and_no_token(jo):
    scoped(jo)
    ran = jo.run.expect(0, "trace", "-vv")

    said = ran.all + (jo.case.path / "copies.json").read_text() + (jo.case.path / "events.jsonl").read_text()  # fmt: skip
    assert jo.hub.small.token not in said
    assert jo.hub.small.lost not in said
    register = json.loads((jo.case.path / "copies.json").read_text())["copies"]
    assert not re.search(r"\b[0-9a-f]{40}\b", json.dumps(register))


def test_t12_a_network_of_300_forks_is_traced_in_bounded_time_and_requests(
    tmp_path, breachkit, monkeypatch
):
    folder = tmp_path / "hub"
    folder.mkdir()
    made = worlds.large(folder, SystemClock())
    with served(made.world) as server:
        monkeypatch.setenv("BREACHKIT_GITHUB_API", server.api)
        monkeypatch.setenv("BREACHKIT_GITHUB_TOKEN", made.token)
        breachkit.expect(0, "open", server.git_url(NAME))
        before = time.process_time()
        said = json.loads(breachkit.expect(0, "trace", "--json").out)
        took = time.process_time() - before

    kinds = [copy["key"].partition(":")[0] for copy in said["copies"]]
    assert (kinds.count("fork"), kinds.count("account")) == (300, 121)
    assert len(server.log) < 220
    assert took < 20


# --- archives --------------------------------------------------------------------------------------


def test_inc_t114_no_archive_is_asked_unless_it_is_allowed(jo, archives):
    ran = jo.run.expect(0, "trace")

    assert archives.taken == []
    assert "No archive was asked: add --allow HOST" in ran.err


def test_inc_064_a_playbook_may_agree_to_an_archive_that_is_told_addresses_alone(
    jo, archives, tmp_path
):
    jo.run.expect(0, "playbook", "new", "example-tre", "--into", tmp_path)
    (tmp_path / "example-tre" / "hosts.toml").write_text(
        '[[host]]\nname = "web.archive.org"\nlabel = "x"\ntold = "an address"\nallow = true\n'
        'consent = "A. Person, SIRO, 2026-11-01"\n'
    )

    ran = jo.run.expect(0, "trace", "--playbooks", tmp_path / "example-tre")

    assert {each.archive for each in archives.taken} == {WAYBACK}
    assert "wayback is asked as example-tre lays down: A. Person, SIRO, 2026-11-01" in ran.err


def test_a_host_that_is_no_archives_is_refused_before_anything_is_asked(jo, archives):
    before = len(jo.hub.server.log)
    ran = jo.run.expect(2, "trace", "--allow", "example.org")

    assert archives.host in ran.err
    assert archives.taken == []
    assert len(jo.hub.server.log) == before


def test_inc064_ids_are_sent_after_an_address_is_known_and_it_is_said_and_journalled_before(
    jo, archives
):
    scoped(jo)
    jo.run.expect(0, "trace", "--allow", archives.host)
    assert not any(each.path == "/api/1/known/" for each in archives.taken)
    register, _ = trace(jo, 0, "--allow", archives.host)
    assert register["C40:"]["applies"] == "no"

    archives.origins[f"{jo.hub.server.base}/{NAME}.git"] = "2024-05-03"
    archives.taken.clear()
    ran = jo.run.expect(0, "trace", "--allow", archives.host)

    asked = [each for each in archives.taken if each.body is not None]
    (ids,) = asked
    assert CONTROL in ids.body
    assert {each.rpartition(":")[0] for each in ids.body} == {"swh:1:cnt", "swh:1:rev"}
    assert archives.taken.index(ids) == len(archives.taken) - 1
    assert "can confirm a guess of a redacted value" in ran.err
    assert any("old object ids sent to" in str(event.detail) for event in jo.case.events())
    register, _ = trace(jo, 0, "--allow", archives.host)
    assert register["C40:"]["applies"] == "no"
    assert "1 address of" in register["C40:"]["signal"]

    archives.objects |= set(ids.body)
    register, _ = trace(jo, 0, "--allow", archives.host)
    assert (register["C40:"]["applies"], register["C40:"]["state"]) == ("yes", "confirmed")
    assert len([copy for copy in register.values() if copy["place"] == "C40"]) == 1


def test_no_archive_is_sent_the_token_or_an_id_in_an_address(jo, archives):
    scoped(jo)
    archives.origins[f"{jo.hub.server.base}/{NAME}"] = "2024-05-03"
    jo.run.expect(0, "trace", "--allow", archives.host)

    for each in archives.taken:
        assert "authorization" not in each.headers
        assert jo.hub.small.token not in repr(each)
        assert not re.search(r"[0-9a-f]{40}", f"{each.path} {each.query}")


def test_captures_and_records_of_the_repository_and_of_nothing_else_are_counted(jo, archives):
    web = f"{jo.hub.server.base}/{NAME}".removeprefix("http://")
    archives.captures += [
        ("20240503101010", f"http://{web}"),
        ("20240504101010", f"https://{web}/blob/main/output/table.csv"),
        ("20240505101010", f"https://{web}-two/blob/main/x"),
    ]
    link = {"identifier": f"https://github.com/{NAME}/tree/v1.0", "relation": "isSupplementTo"}
    archives.records += [
        {"title": "Tables", "related_identifiers": [link]},
        {"title": f"About {NAME}-two", "description": f"see https://github.com/{NAME}-two"},
    ]

    register, _ = trace(jo, 0, "--allow", archives.host)

    assert register["C41:"]["signal"].startswith("2 pages under 1 of")
    assert "captured last 2024-05-04" in register["C41:"]["signal"]
    assert register["C43:"]["signal"].startswith("1 record")


def test_an_archive_that_fails_is_no_empty_one_and_another_run_goes_on(jo, archives):
    archives.fault = lambda taken: Given(status=503) if taken.archive == WAYBACK else None
    register, beside = trace(jo, 5, "--allow", archives.host)
    assert register["C41:"]["applies"] == "unknown"
    assert "it answered 503" in register["C41:"]["signal"]
    assert beside["unanswered"] > 0
    assert len([each for each in archives.taken if each.archive == WAYBACK]) == 1

    archives.fault = lambda taken: None
    register, beside = trace(jo, 0, "--allow", archives.host)
    assert register["C41:"]["applies"] == "no"
    assert beside["unanswered"] == 0


def test_what_archives_said_is_kept_privately_and_a_damaged_file_is_not_believed(jo, archives):
    trace(jo, 0, "--allow", archives.host)
    kept = jo.case.private / "archives.json"
    assert kept in set(files(jo.case.private))
    assert kept.stat().st_mode & 0o777 == 0o600
    assert load_answers(jo.case).told

    kept.write_text("{}")
    assert "move it away" in jo.run.expect(3, "trace").err


# --- requests to archives --------------------------------------------------------------------------


@pytest.fixture
def asking(archives):
    """Archives that may all be asked, with their naps."""
    bases = {
        Archive.HERITAGE: archives.base(HERITAGE),
        Archive.WAYBACK: archives.base(WAYBACK),
        Archive.ZENODO: archives.base(ZENODO),
    }
    naps = Naps()
    made = Archives(bases, consented(bases, [archives.host]), SystemClock(), sleep=naps)
    return made, naps


def origin(address="https://example.org/a/b"):
    return Question(archive=Archive.HERITAGE, kind="origin", about=address)


def captures(address="example.org/a/b"):
    return Question(archive=Archive.WAYBACK, kind="captures", about=address)


def records(kind="records", about="a/b"):
    return Question(archive=Archive.ZENODO, kind=kind, about=about)


def one(asking, question):
    (answer,) = asking[0].ask([question])
    return answer


def test_a_known_origin_has_the_day_of_its_last_visit(asking, archives):
    archives.origins["https://example.org/a/b"] = "2024-05-03"
    found = one(asking, origin())
    assert (found.found, found.latest) == (1, "2024-05-03")
    assert one(asking, origin("https://example.org/a/b/")).found == 0


def test_an_origin_is_known_though_its_last_visit_is_told_in_no_way_that_can_be_read(
    asking, archives
):
    archives.origins["https://example.org/a/b"] = "2024-05-03"
    archives.fault = lambda taken: Given(body=b"[]") if "/visit/" in taken.path else None
    found = one(asking, origin())
    assert (found.found, found.latest) == (1, "")


@pytest.mark.parametrize(
    "given",
    [
        Given(status=404, body=b"<html>no such page</html>"),
        Given(status=404, body=b'{"message": "not here"}'),
        Given(status=200, body=b'{"url": "http'),
        Given(status=200, body=b"[]"),
        Given(status=403),
        Given(status=500),
        Given(status=301, headers={"Location": "https://elsewhere.example.org/"}),
        Given(status=301, headers={"Location": "/heritage/loop"}),
    ],
)
def test_inc057_whatever_is_no_answer_of_the_archive_is_none(asking, archives, given):
    archives.fault = lambda taken: given
    for question in (origin(), captures(), records()):
        assert one(asking, question).found is None


def test_a_redirect_to_another_host_is_not_followed(archives):
    with ArchiveServer() as other:
        to = {"Location": f"http://{other.host}/heritage/"}
        archives.fault = lambda taken: Given(status=302, headers=to)
        with pytest.raises(NoAnswerError, match="another host"):
            exchange(f"{archives.base(HERITAGE)}/x", None, follow=True)
        assert other.taken == []


def test_a_redirect_within_the_host_is_followed(asking, archives):
    def moved(taken):
        if taken.path.startswith("/old"):
            return Given(status=200, body=b"{}")
        return Given(status=301, headers={"Location": f"http://{archives.host}/heritage/old/"})

    archives.fault = moved
    assert exchange(f"{archives.base(HERITAGE)}/x", None, follow=True).status == 200


def test_inc_t110_a_limit_is_waited_for_once_and_then_ends_the_asking(asking, archives):
    made, naps = asking
    archives.fault = lambda taken: Given(status=429, headers={"Retry-After": "7"})
    answers = list(made.ask([origin("https://example.org/1"), origin("https://example.org/2")]))
    assert [each.found for each in answers] == [None, None]
    assert len(archives.taken) == 2
    assert 7.0 in naps.seconds
    archives.fault = lambda taken: Given(status=429, headers={"Retry-After": "3600"})
    archives.taken.clear()
    assert one(asking, records()).reason == "it takes no more questions for now"
    assert (len(archives.taken), 3600.0 in naps.seconds) == (1, False)


def test_inc_t110_more_than_1000_ids_go_in_batches_each_with_its_control(asking, archives):
    ids = [f"swh:1:cnt:{number:040x}" for number in range(2500)]
    archives.objects |= set(ids[::2])
    found = asking[0].known(ids)
    assert (found.asked, found.known) == (2500, 1250)
    assert [len(each.body) for each in archives.taken] == [1000, 1000, 503]
    assert all(CONTROL in each.body for each in archives.taken)


@pytest.mark.parametrize("body", [b"[]", b'{"swh:1:cnt:x": true}', b"{}", b"oops"])
def test_an_answer_about_ids_that_lacks_the_control_says_nothing(asking, archives, body):
    archives.fault = lambda taken: Given(body=body)
    assert asking[0].known(["swh:1:cnt:" + "b" * 40]).known is None


def test_an_archive_that_denies_its_control_is_not_believed(asking, archives):
    archives.objects.clear()
    assert asking[0].known(["swh:1:cnt:" + "b" * 40]).known is None
    archives.captures.clear()
    assert one(asking, captures()).found is None
    archives.records.clear()
    assert one(asking, records()).found is None


def test_inc_t111_an_index_of_many_pages_is_read_to_its_end(asking, archives):
    archives.captures += [
        (f"202405{n % 28 + 1:02d}000000", f"https://www.example.org/a/b/{n}") for n in range(5)
    ]
    archives.captures += [("20240501000000", f"https://example.org/a/b/{n}") for n in range(12000)]
    assert one(asking, captures()).found == 12000
    assert len(archives.taken) == 4


def test_an_address_that_the_index_excludes_is_told_from_an_empty_one(asking, archives):
    archives.excluded.add("example.org/a")
    found = one(asking, captures())
    assert (found.found, found.reason) == (0, "the archive excludes the address")
    assert one(asking, captures("example.org/c")).reason == ""


def test_a_doi_by_number_is_known_by_where_the_badge_leads_and_not_followed(asking, archives):
    archives.badges["42"] = "10.5281/zenodo.1"
    assert one(asking, records("badge", "42")).found == 1
    assert one(asking, records("badge", "43")).found == 0


def test_an_answer_without_end_is_cut_off(asking, archives):
    archives.fault = lambda taken: Given(body=b" " * (MOST_BYTES + 2))
    assert one(asking, origin()).reason == "its answer is too long"


def test_requests_to_one_archive_are_spaced(asking):
    made, naps = asking
    list(made.ask([origin(f"https://example.org/{n}") for n in range(3)]))
    assert naps.seconds == [1.0, 1.0]


def test_an_archive_that_was_not_allowed_is_not_reached(archives):
    bases = {
        Archive.HERITAGE: archives.base(HERITAGE),
        Archive.ZENODO: "https://zenodo.example.org",
    }
    allowed = consented(bases, ["zenodo.example.org"])
    assert allowed == {Archive.ZENODO}
    made = Archives(bases, allowed, SystemClock(), sleep=Naps())
    (answer,) = made.ask([origin()])
    assert answer.found is None
    assert "--allow" in answer.reason
    assert made.known(["swh:1:cnt:" + "b" * 40]).known is None
    assert archives.taken == []


@pytest.mark.parametrize(
    "base",
    [
        "http://archive.example.org",
        "ftp://example.org",
        "https://jo:pw@example.org",
        "nowhere",
        "https://[x",
    ],
)
def test_an_archive_is_reached_over_https_or_on_this_machine(base):
    with pytest.raises(WrongAddressError):
        consented({Archive.ZENODO: base}, ["example.org"])


def test_every_topic_that_is_read_is_said_when_it_is_missing(jo):
    wrong(jo.hub, path=f"/api/v3/repos/{NAME}/releases", answer=Answer(body=b"{"), times=99)
    register, beside = trace(jo, 5)
    assert Topic.RELEASES in beside["not_read"]
    assert register["C06:"]["signal"].startswith("to ask a person: releases: FAILED")
