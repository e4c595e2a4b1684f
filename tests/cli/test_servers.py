"""Bad servers and bad networks: each is called by its name, and nothing is left half done."""

import json
import subprocess
from pathlib import Path

import pytest

from breachkit.git import isolation
from tests.support import httpserver
from tests.support.command_line import CommandLine, Ran, study
from tests.support.gitrepo import git, loose_object, oid, refs
from tests.support.httpserver import GitServer, cut_after, only


CONTACTS = Path(__file__).parents[1] / "support" / "contacts.toml"
PASSWORD = "s3cr3t-pa55"
CONFIRM = ("--execute", "--confirm", "owner/study")
READ, WRITE = "/git-upload-pack", "/git-receive-pack"


@pytest.fixture
def server(tmp_path: Path):
    study(tmp_path / "owner" / "study.git")
    with GitServer(tmp_path) as running:
        yield running


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return tmp_path / "owner" / "study.git"


@pytest.fixture
def helper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file from which the user's credential helper takes the password."""
    file = tmp_path / "password"
    file.write_text(PASSWORD)
    answer = f"!f() {{ echo username={httpserver.USER}; echo password=$(cat {file}); }}; f"
    configuration = tmp_path / "gitconfig"
    configuration.write_text(f'[credential]\n\thelper = "{answer}"\n')
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(configuration))
    return file


def to_push(breachkit: CommandLine, server: GitServer) -> None:
    breachkit.expect(0, "open", server.url("owner/study.git"), "--contacts", CONTACTS)
    breachkit.expect(0, "notify", "render", "alert")
    for message in ("N-001", "N-002"):
        breachkit.expect(0, "notify", "mark-sent", message, "--by", "Jo")
    breachkit.expect(0, "scope")
    breachkit.expect(0, "rewrite")
    breachkit.prepare()
    breachkit.expect(0, "rewrite", *CONFIRM)


def push(breachkit: CommandLine, code: int) -> Ran:
    return breachkit.expect(code, "push", *CONFIRM)


def test_a_response_over_http_with_a_password_that_is_nowhere_to_be_found(
    breachkit, server, repository, helper, monkeypatch, tmp_path
):
    server.password = PASSWORD
    url = server.url("owner/study.git", f"{httpserver.USER}:{PASSWORD}")
    started, honest = [], subprocess.Popen.__init__

    def noted(self, args, *rest, **options):
        started.append(str(args))
        honest(self, args, *rest, **options)

    monkeypatch.setattr(subprocess.Popen, "__init__", noted)

    assert "are not kept with the case" in breachkit.expect(0, "open", url).err
    breachkit.expect(13, "scan", url, "-vv")
    helper.write_text("wrong")
    assert "credential helper" in breachkit.expect(4, "scope").err
    helper.write_text(PASSWORD)
    breachkit.expect(0, "scope")
    breachkit.expect(0, "rewrite")
    breachkit.expect(0, "rewrite", *CONFIRM, "--override", "practice")
    helper.write_text("wrong")
    breachkit.expect(4, "push", *CONFIRM, "--override", "practice")
    helper.write_text(PASSWORD)
    breachkit.expect(0, "push", *CONFIRM, "--override", "practice")
    verified = json.loads(breachkit.expect(7, "verify", "--json").out)

    assert verified["history_holds"] is True
    assert PASSWORD not in "".join(breachkit.printed)
    assert len(started) > 50
    assert not [args for args in started if PASSWORD in args]
    kept = [path for path in breachkit.home.rglob("*") if path.is_file()]
    assert not [path for path in kept if PASSWORD.encode() in path.read_bytes()]


@pytest.mark.parametrize(
    "fault",
    [
        httpserver.bad_gateway,
        only("info/refs", cut_after(40)),
        only(READ, httpserver.lost),
        only(READ, cut_after(0)),
        only(READ, cut_after(400)),
    ],
    ids=["502", "refs cut", "pack lost", "pack empty", "pack cut"],
)
def test_a_network_that_fails_while_reading_is_to_be_tried_again_and_leaves_nothing(
    breachkit, server, fault
):
    breachkit.expect(0, "open", server.url("owner/study.git"))
    server.fault = fault

    ran = breachkit.expect(5, "scope")

    assert "the network or the server failed; run the command again" in ran.err
    (private,) = breachkit.home.glob("*/private")
    assert [path.name for path in private.iterdir()] == ["scratch"] or not list(private.iterdir())
    server.fault = None
    breachkit.expect(0, "scope")


def test_nobody_who_listens_is_a_network_failure(breachkit, tmp_path):
    with GitServer(tmp_path) as server:
        url = server.url("study.git")

    assert "run the command again" in breachkit.expect(5, "scan", url).err


def test_a_server_that_hangs_does_not_hang_a_command_for_ever(breachkit, server, monkeypatch):
    monkeypatch.setitem(isolation.SET_FOR_NETWORK, "GIT_HTTP_LOW_SPEED_TIME", "1")
    server.delay_s = 4

    breachkit.expect(5, "scan", server.url("owner/study.git"))


def test_a_damaged_server_is_not_called_a_network_failure(breachkit, server, repository):
    loose_object(repository, oid(repository, "main~2:README.md")).unlink()

    ran = breachkit.expect(5, "scan", server.url("owner/study.git"))

    assert "the repository on the server is damaged" in ran.err
    assert "the network is not at fault" in ran.err


def test_a_push_that_breaks_before_it_arrives_changes_nothing(breachkit, server, repository):
    to_push(breachkit, server)
    before = refs(repository)

    server.fault = only("service=git-receive-pack", httpserver.bad_gateway)
    assert "is not known" in push(breachkit, 5).err

    assert refs(repository) == before
    server.fault = None
    assert "Pushed: 1 ref" in push(breachkit, 0).out
    assert refs(repository) != before


@pytest.mark.parametrize("fault", [httpserver.lost, cut_after(3), httpserver.bad_gateway])
def test_a_push_whose_answer_is_lost_counts_as_interrupted_and_is_found_done(
    breachkit, server, repository, fault
):
    to_push(breachkit, server)
    before = refs(repository)
    server.fault = only(WRITE, fault)

    assert "whether the server took the push is not known" in push(breachkit, 5).err

    assert refs(repository) != before
    assert "push was begun" in breachkit.expect(0, "status").out
    assert "push" in breachkit.expect(0, "next").out
    server.fault = None
    assert "Pushed: 0 refs; 1 was there already" in push(breachkit, 0).out
    assert "push was begun" not in breachkit.expect(0, "status").out


@pytest.mark.parametrize("later", ["moved", "appeared"])
def test_a_ref_that_somebody_changed_between_plan_and_push_stops_it(
    breachkit, server, repository, later
):
    to_push(breachkit, server)
    breachkit.expect(0, "push")
    name = "refs/heads/main" if later == "moved" else "refs/heads/new"
    git(repository, "update-ref", name, "refs/heads/main~1")
    before = refs(repository)

    ran = push(breachkit, 6)

    assert name in ran.err
    assert refs(repository) == before
    assert "scope" in breachkit.expect(0, "next").out
    assert "push was begun" not in breachkit.expect(0, "status").out


def test_a_hook_that_refuses_one_ref_of_two_keeps_both(breachkit, server, repository):
    git(repository, "update-ref", "refs/heads/side", "refs/heads/main~1")
    to_push(breachkit, server)
    before = refs(repository)
    hook = repository / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\n! grep -q refs/heads/side\n")
    hook.chmod(0o755)

    assert "pre-receive hook declined" in push(breachkit, 4).err

    assert refs(repository) == before
    hook.unlink()
    assert "Pushed: 2 refs" in push(breachkit, 0).out


def test_a_branch_that_somebody_has_checked_out_on_the_server_is_named(
    breachkit, server, repository
):
    git(repository, "config", "core.bare", "false")
    to_push(breachkit, server)
    before = refs(repository)

    ran = push(breachkit, 4)

    assert "refs/heads/main" in ran.err
    assert "checked out" in ran.err
    assert refs(repository) == before


def test_a_server_that_cannot_store_what_is_pushed_is_not_a_protection(
    breachkit, server, repository
):
    to_push(breachkit, server)
    before = refs(repository)
    git(repository, "config", "receive.maxInputSize", "1")

    ran = push(breachkit, 5)

    assert "could not store what was pushed" in ran.err
    assert refs(repository) == before
