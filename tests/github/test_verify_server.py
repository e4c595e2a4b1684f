"""The stand-in gives away by some ways what it keeps back by others, and each is told as it is."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from breachkit.actions.copies import Copy, Proof
from breachkit.actions.copies import to_json as register_to_json
from breachkit.actions.served import WAYS, Channel, Identity, Kind, Place, Subject, Way
from breachkit.actions.served_plan import Extent
from breachkit.cli import hosting
from breachkit.drill.hub import faults, gitstore, networks
from breachkit.drill.hub.answers import Answer
from breachkit.drill.hub.faults import Effect, Fault
from breachkit.drill.hub.networks import set_visibility
from breachkit.drill.hub.state import TokenLimits
from breachkit.git.access import showing
from breachkit.git.by_id import OLD_PROTOCOL, GitAsker
from breachkit.github import pages, served
from breachkit.github.client import Client
from breachkit.github.hosting import GitHubHosting
from breachkit.github.transport import Reply
from breachkit.incident.case import Milestone
from breachkit.incident.events import EventKind
from breachkit.model.ids import ObjectId
from breachkit.model.sensitive import Sensitive
from breachkit.model.time import SystemClock
from breachkit.report import served as report
from breachkit.report.masking import Masking
from breachkit.workflows import snapshot
from breachkit.workflows.next_action import next_action
from breachkit.workflows.served_places import NEVER_LISTED
from breachkit.workflows.trace import load_register
from breachkit.workflows.verify_server import settle_copies
from tests.support.command_line import CommandLine
from tests.support.containing import NAME, Naps, files
from tests.support.served import PATH, Breach, breach, served_by


QUICK = Extent(telling=2, of_git=1, of_strangers=1, in_forks=1)
ACCOUNT, ANYONE = "account", "anyone"
EVERY_WAY = {(ACCOUNT, way.value) for way, about in WAYS.items() if about.takes_token} | {
    (ANYONE, way.value) for way in WAYS
}
IN_STUDY = EVERY_WAY - {(ACCOUNT, Way.HISTORY.value), (ANYONE, Way.HISTORY.value)}
API = "/api/v3/repos/example-org/study/"


@pytest.fixture
def breached(tmp_path: Path) -> Iterator[Breach]:
    with breach(tmp_path) as made:
        yield made


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Breach]:
    """A study without forks, of which support has let go: everything is gone."""
    with breach(tmp_path, forks=False) as made:
        made.support_acts()
        yield made


@pytest.fixture(scope="module")
def _let_go(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Breach]:
    with breach(tmp_path_factory.mktemp("gone"), forks=False) as made:
        made.support_acts()
        yield made


@pytest.fixture
def gone(_let_go: Breach) -> Breach:
    """The same as `alone`, for tests that change nothing but what is put right here."""
    _let_go.server.faults.waiting.clear()
    _let_go.server._used.clear()  # or strangers have none left
    _let_go.study.visibility = "public"
    _let_go.study.cached_views.clear()
    (_let_go.case.private / "served.json").unlink(missing_ok=True)
    return _let_go


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Breach]:
    """A study without forks whose objects are all still there; nobody changes it."""
    with breach(tmp_path_factory.mktemp("kept"), forks=False) as made:
        yield made


def the_place(found: Any, role: str = "study") -> Place:
    place: Place = next(each for each in found.places if each.role == role)
    return place


def told_of(found: Any, verdict: str) -> set[tuple[str, str]]:
    return {
        (each.question.identity.value, each.question.way.value)
        for each in found.results
        if each.verdict == verdict
    }


# --- before and after support ---------------------------------------------------------------


def test_t38_before_support_every_way_still_serves_and_after_it_none(breached: Breach) -> None:
    pushed = len(breached.server.writes)
    before = breached.verify(extent=QUICK)

    assert (before.outcome, before.exit_code) == ("served", 7)
    assert served_by(before, the_place(before)) == IN_STUDY
    assert before.count("unknown") == 0
    assert before.pull_requests == (breached.pull.number,)
    assert {place.name for place in before.holding} == {"eve/study", "fay/study-again"}
    assert not breached.case.incident.has(Milestone.SERVER_PURGED)

    assert breached.support_acts().refused == "a fork still holds a named commit"
    breached.delete_forks()
    assert breached.support_acts().refused is None
    after = breached.verify(extent=QUICK)

    assert (after.outcome, after.exit_code) == ("gone", 0)
    assert told_of(after, "gone") == IN_STUDY
    assert breached.case.incident.has(Milestone.SERVER_PURGED)
    assert len(breached.server.writes) == pushed
    strangers = [
        each for each in breached.server.log
        if each.login is None and each.path.startswith("/repos/")
    ]  # fmt: skip
    assert len(strangers) <= 2 * 60  # two runs; GitHub takes 60 in an hour


def test_t42_a_clone_that_has_the_object_itself_does_not_answer_for_the_server(
    gone: Breach,
) -> None:
    wanted = frozenset({ObjectId(gone.bad_blob)})
    ask = GitAsker(Sensitive(gone.token), wanted, gone.case.private / "mirror.git")
    subject = Subject(kind=Kind.BLOB, id=ObjectId(gone.bad_blob))

    said = ask(gone.server.git_url(NAME), Identity.ACCOUNT, Way.GIT, subject)

    assert said.answer == "absent"


def test_t54_a_stranger_stays_one_while_the_token_is_shown_to_the_platform(gone: Breach) -> None:
    gone.study.visibility = "private"
    secret = Sensitive(gone.token)
    ask = GitAsker(secret, ())
    good = Subject(kind=Kind.COMMIT, id=ObjectId(gitstore.branches(gone.study)["main"]))

    with showing(gone.server.base, secret):
        said = {
            identity: ask(gone.server.git_url(NAME), identity, Way.GIT, good).answer
            for identity in Identity
        }

    assert said == {Identity.ACCOUNT: "served", Identity.ANYONE: "unknown"}


def test_a_server_that_speaks_an_old_protocol_proves_nothing_by_git(
    gone: Breach, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("breachkit.git.by_id.protocol_version", lambda *_args, **_more: 0)
    ask = GitAsker(Sensitive(gone.token), ())
    subject = Subject(kind=Kind.BLOB, id=ObjectId(gone.bad_blob))

    said = ask(gone.server.git_url(NAME), Identity.ACCOUNT, Way.GIT, subject)

    assert (said.answer, said.reason) == ("unknown", OLD_PROTOCOL)


def test_cached_pages_are_served_on_after_the_objects_are_gone(gone: Breach) -> None:
    gone.study.cached_views |= {
        gone.bad_commit, f"{gone.bad_commit}.patch", f"{gone.bad_commit}:{PATH}",
    }  # fmt: skip

    found = gone.verify(extent=QUICK)

    assert served_by(found) == {
        (ANYONE, Way.PAGE.value), (ANYONE, Way.SHORT_PAGE.value),
        (ANYONE, Way.PATCH.value), (ANYONE, Way.FILE_PAGE.value),
    }  # fmt: skip
    assert found.exit_code == 7


def test_t39_a_blob_is_asked_for_though_the_commit_answers_404(alone: Breach) -> None:
    put_back(alone)

    found = alone.verify(extent=QUICK)

    assert served_by(found) == {
        (ACCOUNT, Way.BLOB.value), (ACCOUNT, Way.GIT.value),
        (ANYONE, Way.BLOB.value), (ANYONE, Way.GIT.value),
    }  # fmt: skip
    commits = [r for r in found.results if r.question.key.startswith("commit:")]
    assert {each.verdict for each in commits} == {"gone"}


def put_back(made: Breach) -> None:
    """Let the platform have the blob again, and nothing that leads to it."""
    mirror = made.case.private / "mirror.git"
    content = run("git", f"--git-dir={mirror}", "cat-file", "blob", made.bad_blob)
    store = gitstore.objects_of(made.world.hub.folder, made.study.network)
    command = ["git", f"--git-dir={made.study.git_dir}", "hash-object", "-w", "--stdin"]
    subprocess.run(
        command, input=content, check=True, capture_output=True,
        env={"PATH": "/usr/bin:/bin", "GIT_OBJECT_DIRECTORY": str(store)},
    )  # fmt: skip


def run(*command: str) -> bytes:
    return subprocess.run(command, check=True, capture_output=True).stdout


# --- forks ----------------------------------------------------------------------------------


def test_t40_what_only_a_fork_has_comes_through_the_parent_and_the_fork_is_named(
    breached: Breach,
) -> None:
    networks.delete_repository(breached.world.hub, breached.grandfork)
    for ref in gitstore.refs(breached.study, "refs/pull/"):
        gitstore.set_ref(breached.study, ref, None)

    found = breached.verify(extent=QUICK)

    assert (ACCOUNT, Way.GIT_COMMIT.value) in served_by(found, the_place(found))
    assert (ACCOUNT, Way.LS_REMOTE.value) not in served_by(found, the_place(found))
    assert found.pull_requests == ()
    assert [place.name for place in found.holding] == ["eve/study"]


def test_a_fork_that_shares_objects_and_has_no_ref_to_them_is_not_said_to_hold_them(
    breached: Breach,
) -> None:
    first = gitstore.resolve(breached.fork, "main~3")
    for ref in gitstore.refs(breached.grandfork):
        gitstore.set_ref(breached.grandfork, ref, None)
    gitstore.set_ref(breached.grandfork, "refs/heads/main", first)

    found = breached.verify(extent=QUICK)

    grandfork = next(each for each in found.places if each.name == "fay/study-again")
    assert (ACCOUNT, Way.BLOB.value) in served_by(found, grandfork)
    assert [place.name for place in found.holding] == ["eve/study"]


def take_snapshot(made: Breach) -> None:
    with Client(made.server.api, Sensitive(made.token), made.clock, sleep=Naps()) as client:
        platform = GitHubHosting(client, sleep=Naps())
        snapshot.snapshot(made.case, platform, NAME, made.clock, fast=True)


def test_t21_t22_forks_that_no_list_shows_any_more_are_asked_by_their_ids(
    breached: Breach,
) -> None:
    take_snapshot(breached)
    set_visibility(breached.world.hub, breached.study, "private")
    breached.world.rename(breached.fork, "kept-copy")
    breached.world.fork(breached.fork, breached.world.person("hal"))
    assert not list(breached.world.hub.forks(breached.study))
    breached.support_acts()

    found = breached.verify(extent=QUICK)

    names = {place.name for place in found.places if place.role == "fork"}
    assert names == {"eve/kept-copy", "fay/study-again", "hal/kept-copy"}
    assert {place.name for place in found.holding} == names
    study = the_place(found)
    assert served_by(found, study) == set()
    assert told_of(found, "closed")
    assert found.exit_code == 7


def test_a_fork_that_was_deleted_or_made_private_cannot_be_told_and_its_owner_can(
    breached: Breach,
) -> None:
    take_snapshot(breached)
    breached.grandfork.visibility = "private"
    networks.delete_repository(breached.world.hub, breached.fork)
    gone = breached.world.hub.repositories.pop(breached.grandfork.id)
    breached.support_acts()
    breached.world.hub.repositories[gone.id] = gone

    found = breached.verify(extent=QUICK)

    assert found.outcome == "unknown"
    assert found.count("unknown") == found.count("served") == found.left == 0
    assert {place.name for place in found.untold} == {"eve/study", "fay/study-again"}
    said = report.text(found, Masking.of_names(()))
    assert said.startswith("UNKNOWN: ")
    assert "2 repositories that this account does not see: deleted or private" in said
    assert "  eve/study\n" in said
    register(breached, copy("K-001", f"fork:{breached.fork.id}", state="deleted"))
    assert len(breached.verify(extent=QUICK).untold) == 1
    told = copy("K-002", "C11:told:x", label="fork fay/study-again", state="residual_accepted")
    register(breached, copy("K-001", f"fork:{breached.fork.id}", state="deleted"), told)
    settled = breached.verify(extent=QUICK)
    assert settled.outcome == "gone"
    said = report.text(settled, Masking.of_names(()))
    assert "2 repositories not seen, which the register of copies has as closed" in said
    listed = report.to_json(settled, Masking.of_names(()))["places"]
    assert [each["accounted_for"] for each in listed] == [False, True, True]


def test_forks_that_nobody_listed_while_it_was_public_are_for_a_person_to_account_for(
    alone: Breach,
) -> None:
    alone.study.visibility = "private"
    take_snapshot(alone)  # too late: the list is empty by now

    found = alone.verify(extent=QUICK)

    assert found.outcome == "unknown"
    assert found.problems == (NEVER_LISTED,)
    proof = Proof(kind="attestation", at=alone.clock.now(), by="Jo", note="asked all members")
    register(alone, copy("K-001", "C10:", state="residual_accepted", proof=(proof,)))
    assert alone.verify(extent=QUICK).outcome == "gone"


def test_a_fork_has_a_control_of_its_own_where_it_shares_no_history(breached: Breach) -> None:
    study = breached.verify(extent=QUICK)
    place = next(each for each in study.places if each.name == "eve/study")
    secret = Sensitive(breached.token)
    with Client(breached.server.api, secret, breached.clock, sleep=Naps()) as client:
        asker = served.GitHubAsker(client, secret, (), GitAsker(secret, ()), sleep=Naps())
        own = {kind: asker.own_control(place, kind) for kind in Kind}
        tip = gitstore.branches(breached.fork)["main"]
        bad = served.GitHubAsker(client, secret, {ObjectId(tip)}, GitAsker(secret, ()))
        assert [bad.own_control(place, kind) for kind in Kind] == [None] * len(Kind)
        for kind, way in ((Kind.COMMIT, Way.COMMIT), (Kind.FILE, Way.CONTENTS)):
            chosen = own[kind]
            assert chosen
            assert asker.ask(place, Identity.ACCOUNT, way, chosen).answer == "served"
        for each in (asker, bad):
            each.close()
    assert own[Kind.TAG] is None


def test_what_the_repository_was_forked_from_is_asked_like_itself(alone: Breach) -> None:
    ada = next(one for one in alone.world.hub.accounts.values() if one.login == "ada")
    above = alone.world.repository(ada, "upstream", files={"README.md": b"# Upstream\n"})
    alone.study.parent = above.id

    found = alone.verify(extent=QUICK)

    assert [(place.name, place.role) for place in found.places[1:]] == [("ada/upstream", "parent")]
    own = {
        (each.identity.value, each.way.value) for each in found.tallies(the_place(found, "parent"))
    }
    assert own == EVERY_WAY
    assert told_of(found, "unknown") == {(ACCOUNT, "git/tags"), (ANYONE, "git/tags")}
    assert found.count("served") == 0


# --- who asks -------------------------------------------------------------------------------


def test_a_private_repository_is_closed_to_strangers_and_judged_with_the_token(
    alone: Breach,
) -> None:
    take_snapshot(alone)
    alone.study.visibility = "private"

    found = alone.verify(extent=QUICK)

    assert found.outcome == "gone"
    assert {identity for identity, _ in told_of(found, "closed")} == {ANYONE}
    assert {identity for identity, _ in told_of(found, "gone")} == {ACCOUNT}
    said = report.text(found, Masking.of_names(()))
    assert "closed to strangers: " in said
    assert "once it is public again, ask again" in said


def test_t03_what_a_cache_gives_to_strangers_of_a_private_repository_is_served(
    gone: Breach,
) -> None:
    gone.study.visibility = "private"
    path = f"/raw/example-org/study/{gone.bad_commit}/.*"
    gone.server.faults.add(
        Fault(effect=Effect.ANSWER_INSTEAD, path=path, skip=1, times=1, answer=Answer(body=b"x"))
    )  # the one with the token comes first

    found = gone.verify(extent=QUICK)

    assert served_by(found) == {(ANYONE, Way.RAW.value)}


def test_t43_a_token_that_does_not_see_the_objects_proves_nothing(gone: Breach) -> None:
    hidden = Fault(
        effect=Effect.ANSWER_INSTEAD, path=f"{API}(git/.*|commits/.*)", times=10_000,
        answer=Answer(status=404, json={"message": "Not Found", "status": "404"}),
    )  # fmt: skip
    gone.server.faults.add(hidden)

    found = gone.verify(extent=QUICK)

    assert found.outcome == "unknown"
    shut = {
        Way.GIT_COMMIT, Way.COMMIT, Way.SHORT, Way.TREE_OF, Way.BRANCHES, Way.PULLS, Way.BLOB,
        Way.TREE, Way.TAG, Way.MATCHING_REFS,
    }  # fmt: skip
    assert told_of(found, "unknown") == {
        (who, way.value) for way in shut for who in (ACCOUNT, ANYONE)
    }
    said = report.text(found, Masking.of_names(()))
    assert (
        "cannot tell with the token: git/blobs (1 of 1): a harmless object asked for in the same "
        "way did not come either"
    ) in said


def test_t06_an_account_that_does_not_see_the_repository_is_told_so(gone: Breach) -> None:
    gone.study.visibility = "private"
    ada = next(one for one in gone.world.hub.accounts.values() if one.login == "ada")
    blind = gone.world.token(ada, scopes=None, limits=TokenLimits(repositories=frozenset()))

    with pytest.raises(Exception, match="may only mean that it is hidden"):
        gone.verify(token=blind)


# --- a bad network --------------------------------------------------------------------------


TROUBLES = {  # the 403 first, while strangers have requests left: later it would be a limit
    "not allowed": (
        Effect.ANSWER_INSTEAD,
        Answer(status=403, json={"message": "Must have admin rights to Repository."}),
    ),
    "502": (Effect.ANSWER_INSTEAD, faults.bad_gateway()),
    "a page of an outage": (Effect.ANSWER_INSTEAD, faults.unavailable_page()),
    "truncated": (Effect.TRUNCATE, Answer()),
    "reset": (Effect.RESET, Answer()),
    "reset after": (Effect.RESET_AFTER, Answer()),
    "slow": (Effect.DELAY, Answer()),
    "a promise": (Effect.ANSWER_INSTEAD, faults.accepted()),
    "a page of a proxy": (Effect.ANSWER_INSTEAD, Answer(status=404, body=b"<html>no</html>")),
    "blocked": (Effect.ANSWER_INSTEAD, Answer(status=451, json={"message": "blocked"})),
    "something else": (Effect.ANSWER_INSTEAD, Answer(json={"sha": "0" * 40})),
}


def test_a_bad_answer_leaves_it_unknown_and_another_run_asks_that_alone(
    gone: Breach, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"{API}git/blobs/{gone.bad_blob}"
    unknown = {(ACCOUNT, Way.BLOB.value), (ANYONE, Way.BLOB.value)}
    for effect, answer in TROUBLES.values():
        slow = effect is Effect.DELAY
        monkeypatch.setattr("breachkit.github.transport.TIMEOUT_S", 0.6 if slow else 20)
        fault = Fault(effect=effect, path=path, times=1000, answer=answer, seconds=0.9)
        gone.server.faults.waiting[:] = [fault]

        found = gone.verify(extent=QUICK)

        assert told_of(found, "unknown") == unknown
        assert told_of(found, "gone") == IN_STUDY - unknown
        assert (found.outcome, found.exit_code) == ("unknown", 5)
        assert all(each.reason for each in found.results if each.verdict == "unknown")
        assert fault.times < 1000

    gone.server.faults.waiting.clear()
    again = gone.verify(extent=QUICK)

    assert again.outcome == "gone"
    assert again.asked == 6  # a control before, the blob, a control after; twice


LIMITS = {
    "secondary": faults.secondary_limit(),
    "secondary with a wait": faults.secondary_limit(3000),
    "429": faults.too_many_requests(),
    "429 with a wait": faults.too_many_requests(3000),
    "primary": faults.primary_limit(4_000_000_000),
}


def test_t07_t08_t11_a_limit_ends_the_questions_of_its_sort_and_the_next_run_goes_on(
    gone: Breach,
) -> None:
    path = f"{API}(git/(blobs|tags)|contents).*"
    for answer in LIMITS.values():
        gone.server.faults.waiting[:] = [
            Fault(effect=Effect.ANSWER_INSTEAD, path=path, times=10_000, answer=answer)
        ]

        found = gone.verify(extent=QUICK)

        assert found.outcome == "unknown"
        assert found.left
        assert "GitHub takes" in found.stopped[0]
        assert (ACCOUNT, Way.GIT.value) in told_of(found, "gone")
        assert (ACCOUNT, Way.BLOB.value) not in told_of(found, "gone")

    gone.server.faults.waiting.clear()
    again = gone.verify(extent=QUICK)
    assert again.outcome == "gone"
    assert 0 < again.kept < again.count("gone")


def test_web_pages_that_take_no_more_requests_are_left_for_the_next_run(gone: Breach) -> None:
    path = "/example-org/study/(commit|blob)/.*"
    gone.server.faults.add(
        Fault(effect=Effect.ANSWER_INSTEAD, path=path, answer=faults.too_many_requests())
    )

    found = gone.verify(extent=QUICK)

    assert found.stopped == (served.TOO_MANY_PAGES,)
    assert found.left == sum(
        number for key, number in found.plan.by_channel.items() if key == (Identity.ANYONE, Channel.WEB)
    )  # fmt: skip
    assert gone.verify(extent=QUICK).outcome == "gone"


def test_forks_that_could_not_be_listed_forbid_the_word_gone(gone: Breach) -> None:
    gone.server.faults.add(
        Fault(
            effect=Effect.ANSWER_INSTEAD, path=f"{API}forks", times=9, answer=faults.bad_gateway()
        )
    )

    found = gone.verify(extent=QUICK)

    assert found.outcome == "unknown"
    assert "forks of example-org/study" in found.problems[0]
    said = report.text(found, Masking.of_names(()))
    assert "Repositories may be missing: forks of example-org/study: " in said


# --- any subset -----------------------------------------------------------------------------


def _paths(made: Breach) -> dict[Way, str]:
    """Give what each way asks for, as a pattern that no control meets."""
    commit, blob = r"(?!{})[0-9a-f]{{40}}", made.bad_blob
    good = "|".join(sorted(harmless_ids(made)))
    one = commit.format(good)
    short = "(?!{})[0-9a-f]{{12}}".format(
        "|".join(each[:12] for each in sorted(harmless_ids(made)))
    )
    web = "/example-org/study"
    return {
        Way.GIT_COMMIT: f"{API}git/commits/{one}",
        Way.COMMIT: f"{API}commits/{one}",
        Way.SHORT: f"{API}commits/{short}",
        Way.COMPARE: rf"{API}compare/main\.\.\.{one}",
        Way.BRANCHES: f"{API}commits/{one}/branches-where-head",
        Way.PULLS: f"{API}commits/{one}/pulls",
        Way.TARBALL: f"{API}tarball/{one}",
        Way.ZIPBALL: f"{web}/legacy.zip/{one}",
        Way.TAG: f"{API}git/tags/{one}",
        Way.BLOB: f"{API}git/blobs/{blob}",
        Way.CONTENTS: f"{API}contents/{PATH}",
        Way.RAW: f"/raw{web}/[0-9a-f]*/{PATH}",
        Way.PAGE: f"{web}/commit/{one}",
        Way.SHORT_PAGE: f"{web}/commit/{short}",
        Way.PATCH: rf"{web}/commit/{one}\.patch",
        Way.FILE_PAGE: f"{web}/blob/[0-9a-f]*/{PATH}",
    }


def harmless_ids(made: Breach) -> set[str]:
    refs = gitstore.refs(made.study, "refs/heads/") | gitstore.refs(made.study, "refs/tags/")
    tips = [oid for oid in refs.values() if oid]
    listed = run("git", f"--git-dir={made.study.git_dir}", "rev-list", *tips).decode().split()
    return {*listed, *tips}


COULD_BE_GONE = sorted(
    {
        *(Way.GIT_COMMIT, Way.COMMIT, Way.SHORT, Way.COMPARE, Way.BRANCHES, Way.PULLS, Way.TARBALL),
        *(Way.ZIPBALL, Way.TAG, Way.BLOB, Way.CONTENTS, Way.RAW, Way.PAGE, Way.SHORT_PAGE),
        *(Way.PATCH, Way.FILE_PAGE),
    }
)


@settings(max_examples=4, deadline=None)
@given(gone=st.sets(st.sampled_from(COULD_BE_GONE)))
@example(gone=set(COULD_BE_GONE))
@example(gone=set())
def test_for_any_set_of_ways_by_which_it_is_gone_exactly_the_others_are_told(
    kept: Breach, gone: set[Way]
) -> None:
    patterns = _paths(kept)
    answer = Answer(status=404, json={"message": "Not Found", "status": "404"})
    kept.server.faults.waiting[:] = [
        Fault(
            effect=Effect.ANSWER_INSTEAD, method="GET", path=patterns[way], times=10_000,
            answer=answer,
        )
        for way in sorted(gone)
    ]  # fmt: skip

    found = kept.verify(extent=Extent(telling=1, of_git=0, of_strangers=1), again=True)

    absent = {(who, way.value) for way in gone for who in (ACCOUNT, ANYONE)} & IN_STUDY
    asked = {(b.identity.value, b.way.value) for b in found.plan.batches}
    assert told_of(found, "gone") == absent
    assert served_by(found) == asked - absent
    assert found.exit_code == 7


# --- what single answers mean ---------------------------------------------------------------


A, B = ObjectId("a" * 40), ObjectId("b" * 40)
COMMIT_A = Subject(kind=Kind.COMMIT, id=A)
STUDY = Place(id=1, name="o/r", role="study", visibility="public", default_branch="a/b")
TOO_LARGE = {"message": "This API returns blobs up to 100 MB", "errors": [{"code": "too_large"}]}


@pytest.mark.parametrize(
    ("way", "status", "json_", "answer"),
    [
        (Way.COMMIT, 200, {"sha": A}, "served"),
        (Way.COMMIT, 200, {"sha": B}, "unknown"),
        (Way.COMMIT, 200, [], "unknown"),
        (Way.COMMIT, 200, None, "unknown"),
        (Way.COMMIT, 422, {"message": f"No commit found for SHA: {A}"}, "absent"),
        (Way.COMMIT, 422, {"message": "Validation Failed"}, "unknown"),
        (Way.COMMIT, 409, {"message": "Git Repository is empty."}, "unknown"),
        (Way.SHORT, 200, {"sha": A}, "served"),
        (Way.SHORT, 200, {"sha": B}, "absent"),
        (Way.PULLS, 200, [], "served"),
        (Way.BRANCHES, 200, "x", "unknown"),
        (Way.COMPARE, 404, {"message": "No common ancestor between main and aaaa."}, "served"),
        (Way.COMPARE, 404, {"message": "Not Found"}, "absent"),
        (Way.BLOB, 403, TOO_LARGE, "served"),
        (Way.BLOB, 403, {"message": "Forbidden"}, "unknown"),
        (Way.BLOB, 404, None, "unknown"),
        (Way.BLOB, 410, {"message": "Gone"}, "absent"),
    ],
)
def test_t41_an_answer_counts_for_the_object_that_was_asked_for_and_no_other(
    way: Way, status: int, json_: Any, answer: str
) -> None:
    said = served._judged(Reply(status=status, headers={}, json=json_), way, COMMIT_A)

    assert said.answer == answer
    assert A not in said.reason
    assert B not in said.reason


@pytest.mark.parametrize(
    ("page", "answer"),
    [
        (pages.Page(status=200), "served"),
        (pages.Page(status=404), "absent"),
        (pages.Page(status=302, location="https://github.com/login?return_to=x"), "absent"),
        (pages.Page(status=302, location="https://github.com/o/r2/commit/x"), "unknown"),
        (pages.Page(status=500), "unknown"),
        (pages.Page(status=None), "unknown"),
    ],
)
def test_a_page_that_leads_elsewhere_or_fails_tells_nothing(page: pages.Page, answer: str) -> None:
    assert served._judged_page(page).answer == answer


def test_t31_branches_and_paths_are_quoted_whole() -> None:
    path, _ = served._path(STUDY, Way.COMPARE, COMMIT_A)
    assert path == f"/repos/o/r/compare/a%2Fb...{A}"
    odd = Subject(kind=Kind.FILE, id=A, commit=B, path=b"out/\xff #?.csv")  # type: ignore[arg-type]
    path, query = served._path(STUDY, Way.CONTENTS, odd)
    assert (path, query) == ("/repos/o/r/contents/out/%FF%20%23%3F.csv", {"ref": B})


# --- the command ----------------------------------------------------------------------------


@pytest.fixture
def at_terminal(breachkit: CommandLine, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    monkeypatch.setattr(hosting, "sleep", Naps())
    for name in hosting.TOKENS:
        monkeypatch.delenv(name, raising=False)
    return breachkit


def verify(at_terminal: CommandLine, made: Breach, code: int, *more: str) -> Any:
    where = ("--github-api", made.server.api, "--case", made.case.path)
    return at_terminal.expect(code, "verify", "--server", *where, *more)


def test_the_command_says_what_is_served_and_ids_stand_in_json_alone(
    breached: Breach, at_terminal: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GH_TOKEN", breached.token)
    started = []
    honest = subprocess.Popen.__init__

    def noted(self: Any, args: Any, *rest: Any, **options: Any) -> None:
        started.append(str(args))
        honest(self, args, *rest, **options)

    monkeypatch.setattr(subprocess.Popen, "__init__", noted)

    ran = verify(at_terminal, breached, 7)

    assert ran.out.startswith("STILL SERVED: ")
    assert "1 pull request still leads to the data" in ran.out
    assert "eve/study, a fork (public)" in ran.out
    assert "its own refs lead to the data" in ran.out
    assert "Asked in part in the repository, as a stranger, 1 of 4: git/commits" in ran.out
    assert re.match(r"Asking 3 repositories: \d+ questions and their controls", ran.err)
    assert "Next: breachkit trace --case" in ran.err  # for the owners of the forks come first
    assert not re.search(r"[0-9a-f]{12}", ran.all.replace(str(breached.case.path), ""))

    data = json.loads(verify(at_terminal, breached, 7, "--json").out)

    assert data["schema"] == "breachkit.verify-server/1"
    assert data["outcome"] == "served"
    [study] = [place for place in data["places"] if place["role"] == "study"]
    [blobs] = [w for w in study["ways"] if (w["as"], w["way"]) == (ACCOUNT, "git/blobs")]
    assert blobs["objects"] == [{"kind": "blob", "verdict": "served", "id": breached.bad_blob}]
    everything = [breached.case.path / "events.jsonl", *files(breached.case.path)]
    assert not [each for each in everything if breached.token.encode() in each.read_bytes()]
    assert breached.token not in ran.all + "".join(started)
    assert not [
        each for each in breached.server.log if breached.token in f"{each.path}{each.query}"
    ]


def test_a_run_of_few_requests_ends_with_5_and_the_next_goes_on(
    gone: Breach, at_terminal: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GH_TOKEN", gone.token)

    first = verify(at_terminal, gone, 5, "--most", "60")
    assert "NOT ASKED YET: " in first.out
    assert (
        "the platform was not asked in full"
        in at_terminal.expect(0, "status", "--case", gone.case.path).out
    )

    second = verify(at_terminal, gone, 0)
    assert "of an earlier run still hold" in second.err
    assert second.out.startswith("GONE: ")
    assert "an earlier run" not in verify(at_terminal, gone, 0, "--every").err


def test_without_a_token_it_is_said_what_is_needed(gone: Breach, at_terminal: CommandLine) -> None:
    assert "token" in verify(at_terminal, gone, 4).out


# --- the register and the messages ----------------------------------------------------------


def copy(number: str, key: str, **changes: Any) -> Copy:
    made = {"place": key.partition(":")[0], "label": "x", "signal": "s", "applies": "yes"}
    made["place"] = "C10" if key.startswith("fork:") else made["place"]
    return Copy(**{"id": number, "key": key, **made, **changes})


def register(made: Breach, *entries: Copy) -> None:
    made.case.write_file("copies.json", json.dumps(register_to_json(entries)).encode())


def states(made: Breach) -> dict[str, str]:
    return {each.id: each.state for each in load_register(made.case)}


def test_the_register_follows_what_the_platform_answers(breached: Breach) -> None:
    register(
        breached,
        copy("K-001", f"fork:{breached.fork.id}", state="deleted"),
        copy("K-002", f"fork:{breached.grandfork.id}", state="residual_accepted"),
        copy("K-003", "C03:", state="suspected"),
        copy("K-004", "C04:", state="proven_clean"),
        copy("K-005", "C12:network", state="suspected", applies="no"),
        copy("K-006", "C33:mail", state="suspected"),
    )
    clock = SystemClock()

    settle_copies(breached.case, breached.verify(extent=QUICK), clock)

    assert states(breached) == {
        "K-001": "confirmed", "K-002": "residual_accepted", "K-003": "confirmed",
        "K-004": "confirmed", "K-005": "suspected", "K-006": "suspected",
    }  # fmt: skip
    first = gitstore.resolve(breached.study, "main~2")
    for fork in (breached.fork, breached.grandfork):
        for ref in gitstore.refs(fork):
            gitstore.set_ref(fork, ref, None)
        gitstore.set_ref(fork, "refs/heads/main", first)
    assert breached.support_acts().refused is None

    settle_copies(breached.case, breached.verify(extent=QUICK), clock)

    assert states(breached) == {
        "K-001": "proven_clean", "K-002": "residual_accepted", "K-003": "proven_clean",
        "K-004": "proven_clean", "K-005": "suspected", "K-006": "suspected",
    }  # fmt: skip
    proof = load_register(breached.case)[0].proof[-1]
    assert (proof.kind, proof.by) == ("asked_with_control", "breachkit verify")


def test_what_is_next_writes_to_the_owner_of_a_fork_before_the_support_is_asked(
    breached: Breach, at_terminal: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GH_TOKEN", breached.token)
    register(
        breached,
        copy("K-001", f"fork:{breached.fork.id}", label="fork eve/study", holder="eve"),
        copy("K-002", f"fork:{breached.grandfork.id}", state="residual_accepted", holder="mal"),
    )
    breached.case.record(EventKind.TRACE_RECORDED, {"places": 2})
    settle_copies(breached.case, breached.verify(extent=QUICK), SystemClock())

    assert words_of_next(breached) == ("notify", "render", "forks")
    at_terminal.expect(0, "notify", "render", "forks", "--case", breached.case.path)
    [message] = breached.case.path.glob("**/*fork-owner*/message.txt")
    assert "eve/study" in message.read_text()
    number = message.parent.name[:5]
    at_terminal.expect(0, "notify", "mark-sent", number, "--case", breached.case.path)
    assert words_of_next(breached) == ("verify", "--server")

    for fork in (breached.fork, breached.grandfork):
        for ref in gitstore.refs(fork):
            gitstore.set_ref(fork, ref, None)
    breached.verify(extent=QUICK)

    assert words_of_next(breached) == ("notify", "render", "support")


def words_of_next(made: Breach) -> tuple[str, ...]:
    words = next_action(made.case.incident).typed.words
    return words[: words.index("--case")]


def test_the_request_to_support_says_how_many_pull_requests_what_is_served_and_which_forks(
    breached: Breach, at_terminal: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GH_TOKEN", breached.token)
    verify(at_terminal, breached, 7)

    at_terminal.expect(0, "notify", "render", "support", "--case", breached.case.path)

    [message] = breached.case.path.glob("notifications/*support*/message.txt")
    text = message.read_text()
    assert "Pull requests       1\n" in text
    assert "Affected            1 in number\n" in text
    assert re.search(
        r"Still served        \d+ of \d+ requests for removed objects are answered\n", text
    )
    assert "Forks               2 known, 2 with refs that lead to the data\n" in text
