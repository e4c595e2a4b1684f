"""A push moves every ref it should, or none, and never one that somebody else has moved."""

import json
from pathlib import Path
from typing import Any

import pytest

from breachkit.actions.push import PushResult
from breachkit.git.push import LeaseError, PushRejectedError, push
from breachkit.git.remote import list_remote
from breachkit.model.errors import AccessError, ConfigurationError, RefusedError
from breachkit.model.ids import RefName
from tests.support.gitrepo import History, blob_oid, git, oid, refs
from tests.support.rewriting import BAD, Rewrite, copy_of, rewrite_server


MAIN = RefName(b"refs/heads/main")
SIDE = RefName(b"refs/heads/side")
PULL = RefName(b"refs/pull/1/head")


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Rewrite:
    folder = tmp_path_factory.mktemp("original")
    history = History()
    root = history.commit({b"code.py": b"one"})
    bad = history.commit({b"out/a.csv": BAD})
    history.commit({b"side.py": b"s"}, ref=SIDE, parents=[bad])
    history.commit({b"clean.py": b"c"}, ref=b"refs/heads/clean", parents=[root])
    history.tag("v1", bad)
    history.ref(b"refs/tags/data", f"{{{bad}}}:out/a.csv")
    history.ref(PULL, bad)
    server = history.build(folder / "server.git")
    return rewrite_server(server, [blob_oid(server, BAD)], folder)


@pytest.fixture
def rewritten(original: Rewrite, tmp_path: Path) -> Rewrite:
    return copy_of(original, tmp_path)


def pushed(result: Rewrite, leases=None) -> PushResult:
    found = push(str(result.server), result.target, result.done, leases or result.mirror.leases)
    assert PushResult.from_json(json.loads(json.dumps(found.to_json()))) == found
    return found


def hide_pull_requests(result: Rewrite) -> None:
    git(result.server, "config", "receive.hideRefs", "refs/pull")


def forbid(result: Rewrite, *, hook: str = "pre-receive", script: str = "exit 1") -> None:
    (result.server / "hooks").mkdir(exist_ok=True)
    file = result.server / "hooks" / hook
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)


def test_every_changed_ref_arrives_and_the_others_stay(rewritten: Rewrite):
    result = pushed(rewritten)

    assert refs(rewritten.server) == rewritten.done.expected_refs
    assert result.complete
    assert set(result.names("done")) == {MAIN, SIDE, PULL, b"refs/tags/v1", b"refs/tags/data"}


def test_pushing_again_changes_nothing(rewritten: Rewrite):
    pushed(rewritten)
    before = refs(rewritten.server)

    result = pushed(rewritten)

    assert refs(rewritten.server) == before
    assert {each.state for each in result.outcomes} == {"already"}


def test_trap_44_a_hidden_pull_request_ref_is_left_to_the_platforms_support(rewritten: Rewrite):
    hide_pull_requests(rewritten)

    result = pushed(rewritten)

    assert result.names("platform") == (PULL,)
    assert result.complete
    assert refs(rewritten.server)[PULL] == rewritten.mirror.leases[PULL]
    assert refs(rewritten.server)[MAIN] == rewritten.new_ref(MAIN)


def test_a_hidden_pull_request_ref_that_holds_the_blob_itself_is_left_too(tmp_path: Path):
    history = History()
    bad = history.commit({b"out/a.csv": BAD})
    history.ref(b"refs/pull/2/head", f"{{{bad}}}:out/a.csv")
    server = history.build(tmp_path / "server.git")
    result = rewrite_server(server, [blob_oid(server, BAD)], tmp_path)
    hide_pull_requests(result)

    assert pushed(result).names("platform") == (b"refs/pull/2/head",)


def test_a_stash_that_no_push_can_see_is_left_to_whoever_runs_the_server(tmp_path: Path):
    history = History()
    base = history.commit({b"code.py": b"one"})
    history.stash({b"out/a.csv": BAD}, base=base)
    server = history.build(tmp_path / "server.git")
    result = rewrite_server(server, [blob_oid(server, BAD)], tmp_path)

    sent = pushed(result)

    assert sent.names("platform") == (b"refs/stash",)
    assert refs(server) == result.mirror.leases


def test_a_platform_ref_that_a_hook_declines_is_left_to_support_too(rewritten: Rewrite):
    forbid(rewritten, hook="update", script='case "$1" in refs/pull/*) exit 1;; esac')

    result = pushed(rewritten)

    assert result.names("platform") == (PULL,)  # Bitbucket says it like that
    assert refs(rewritten.server)[MAIN] == rewritten.new_ref(MAIN)


@pytest.mark.parametrize("later", ["moved", "appeared", "vanished"])
def test_trap_18_a_ref_that_changed_on_the_server_stops_the_whole_push(rewritten: Rewrite, later):
    server = rewritten.server
    if later == "moved":
        git(server, "update-ref", "refs/heads/side", "refs/heads/clean")
    elif later == "appeared":
        git(server, "update-ref", "refs/heads/new", "refs/heads/main")
    else:
        git(server, "update-ref", "-d", "refs/heads/clean")
    before = refs(server)

    with pytest.raises(LeaseError) as caught:
        pushed(rewritten)

    names = {"moved": SIDE, "appeared": b"refs/heads/new", "vanished": b"refs/heads/clean"}
    assert caught.value.refs == (names[later],)
    assert names[later].decode() in str(caught.value)
    assert isinstance(caught.value, RefusedError)
    assert refs(server) == before


def test_trap_47_a_ref_that_moves_between_the_look_and_the_push_is_not_overwritten(
    rewritten: Rewrite, monkeypatch: pytest.MonkeyPatch
):
    server = rewritten.server

    def look_then_move(url: str, **more: Any):
        seen = list_remote(url, **more)
        git(server, "update-ref", "refs/heads/side", "refs/heads/clean")
        return seen

    monkeypatch.setattr("breachkit.git.push.list_remote", look_then_move)
    with pytest.raises(LeaseError) as caught:
        pushed(rewritten)

    assert caught.value.refs == (SIDE,)
    assert refs(server)[MAIN] == rewritten.mirror.leases[MAIN]
    assert refs(server)[SIDE] == oid(server, "refs/heads/clean")


def test_trap_48_a_server_that_refuses_one_ref_takes_none(rewritten: Rewrite):
    git(rewritten.server, "config", "receive.denyNonFastForwards", "true")
    before = refs(rewritten.server)

    with pytest.raises(PushRejectedError) as caught:
        pushed(rewritten)

    assert refs(rewritten.server) == before
    assert MAIN in caught.value.result.names("refused")
    assert "non-fast-forward" in str(caught.value)
    assert isinstance(caught.value, AccessError)
    assert not caught.value.result.names("done")


def test_trap_48_a_hook_that_protects_a_branch_is_reported_and_nothing_is_half_pushed(
    rewritten: Rewrite,
):
    forbid(rewritten, hook="update", script='[ "$1" != refs/heads/main ]')
    before = refs(rewritten.server)

    with pytest.raises(PushRejectedError, match="hook declined") as caught:
        pushed(rewritten)

    assert caught.value.result.names("refused") == (MAIN,)
    assert SIDE in caught.value.result.names("held")
    assert refs(rewritten.server) == before


def test_a_pre_receive_hook_that_refuses_is_reported_for_every_ref(rewritten: Rewrite):
    forbid(rewritten)
    before = refs(rewritten.server)

    with pytest.raises(PushRejectedError) as caught:
        pushed(rewritten)

    assert MAIN in caught.value.result.names("refused")
    assert refs(rewritten.server) == before


def test_what_a_hook_says_stays_out_of_the_error(rewritten: Rewrite):
    forbid(rewritten, script="echo CANARY-77 >&2; exit 1")

    with pytest.raises(PushRejectedError) as caught:
        pushed(rewritten)

    assert "CANARY-77" not in str(caught.value)


def test_the_push_goes_on_once_the_protection_is_lifted(rewritten: Rewrite):
    forbid(rewritten)
    with pytest.raises(PushRejectedError):
        pushed(rewritten)

    forbid(rewritten, script="exit 0")

    assert pushed(rewritten).complete


def test_a_push_interrupted_between_its_parts_goes_on(
    rewritten: Rewrite, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("breachkit.git.push.MAX_ARGUMENT_BYTES", 1)
    forbid(rewritten, hook="update", script='[ "$1" != refs/heads/side ]')
    with pytest.raises(PushRejectedError) as caught:
        pushed(rewritten)
    assert caught.value.result.names("done") == (MAIN,)
    forbid(rewritten, hook="update", script="exit 0")

    result = pushed(rewritten)

    assert result.names("already") == (MAIN,)
    assert refs(rewritten.server) == rewritten.done.expected_refs


def test_pull_request_heads_that_follow_their_branch_do_not_stop_a_second_push(rewritten: Rewrite):
    hide_pull_requests(rewritten)
    pushed(rewritten)
    git(rewritten.server, "update-ref", PULL.decode(), "refs/heads/clean")
    git(rewritten.server, "update-ref", "refs/pull/2/head", "refs/heads/clean")

    result = pushed(rewritten)

    assert result.complete
    assert result.names("platform") == (PULL,)


def test_test_merges_that_the_platform_makes_again_never_stop_a_push(rewritten: Rewrite):
    git(rewritten.server, "update-ref", "refs/pull/1/merge", "refs/heads/clean")

    assert pushed(rewritten).complete


def test_a_pull_request_opened_since_the_mirror_stops_the_first_push(rewritten: Rewrite):
    git(rewritten.server, "update-ref", "refs/pull/9/head", "refs/heads/main")

    with pytest.raises(LeaseError):
        pushed(rewritten)


def test_trap_45_a_branch_made_meanwhile_is_never_deleted(rewritten: Rewrite):
    git(rewritten.server, "update-ref", "refs/heads/new", "refs/heads/clean")

    with pytest.raises(LeaseError):
        pushed(rewritten)

    assert b"refs/heads/new" in refs(rewritten.server)


def test_a_server_that_is_gone_is_no_success(rewritten: Rewrite, tmp_path: Path):
    with pytest.raises(ConfigurationError):
        push(str(tmp_path / "nothing.git"), rewritten.target, rewritten.done, {})


def test_ref_names_of_odd_bytes_are_pushed(tmp_path: Path):
    names = [
        "refs/heads/ünï".encode(),
        b"refs/heads/\xff\xfe",
        b"refs/heads/a'b\"c$(x)",
        b"refs/heads/-d",
    ]
    history = History()
    for name in names:
        history.commit({b"out/a.csv": BAD, name: b"x"}, ref=name)
    history.commit({b"x": b"x"})
    server = history.build(tmp_path / "server.git")
    result = rewrite_server(server, [blob_oid(server, BAD)], tmp_path)

    assert set(pushed(result).names("done")) == set(names)
    assert refs(server) == result.done.expected_refs


def test_a_server_that_takes_a_ref_and_puts_it_back_is_not_believed(rewritten: Rewrite):
    old = rewritten.mirror.leases[MAIN]
    forbid(rewritten, hook="post-receive", script=f"git update-ref refs/heads/main {old}")

    with pytest.raises(LeaseError) as caught:
        pushed(rewritten)

    assert caught.value.refs == (MAIN,)


def test_a_platform_ref_that_moved_on_is_left_where_it_is_even_if_it_can_be_pushed(
    rewritten: Rewrite,
):
    pushed(rewritten)
    git(rewritten.server, "update-ref", PULL.decode(), "refs/heads/clean")

    result = pushed(rewritten)

    assert result.names("platform") == (PULL,)
    assert refs(rewritten.server)[PULL] == oid(rewritten.server, "refs/heads/clean")


@pytest.mark.parametrize(
    "beside", [b"refs/heads/refs/heads/main", b"refs/tags/refs/heads/main"], ids=["branch", "tag"]
)
def test_a_ref_that_git_could_take_for_another_is_pushed_beside_it(tmp_path: Path, beside: bytes):
    """`git push origin main:refs/heads/$GITHUB_REF` leaves such a branch; git alone then refuses both."""
    history = History()
    bad = history.commit({b"out/a.csv": BAD})
    history.ref(beside, bad)
    history.commit({b"code.py": b"2"})
    server = history.build(tmp_path / "server.git")
    result = rewrite_server(server, [blob_oid(server, BAD)], tmp_path)

    assert pushed(result).complete
    assert refs(server) == result.done.expected_refs


def test_a_ref_that_cannot_be_told_from_others_is_named_before_anything_is_pushed(tmp_path: Path):
    history = History()
    bad = history.commit({b"out/a.csv": BAD})
    for name in (b"refs/heads/refs/heads/main", b"refs/heads/heads/main"):
        history.ref(name, bad)
    server = history.build(tmp_path / "server.git")
    result = rewrite_server(server, [blob_oid(server, BAD)], tmp_path)
    before = refs(server)

    with pytest.raises(RefusedError, match=r"refs/heads/refs/heads/main.*delete or rename"):
        pushed(result)
    assert refs(server) == before
