"""With --json there is one object on stdout and nothing else, however much is said beside it."""

import contextlib
import io
import json
from pathlib import Path

import pytest

from breachkit.cli.app import main
from breachkit.model.time import SystemClock
from tests.cli.test_help import LEAVES
from tests.support.command_line import SMALL_COUNTS, study
from tests.support.gitrepo import git
from tests.support.releasing import ROUNDED, outputs
from tests.support.responding import pushed_by_somebody


CONTACTS = Path(__file__).parents[1] / "support" / "contacts.toml"

NAMES_NEXT = {
    *("open", "status", "next", "scope", "rewrite", "push", "verify", "redact"),
    *(
        "notify mark-sent",
        "notify ack",
        "notify chase",
        "copies set",
        "copies na",
        "copies add",
        "copies prove",
        "copies accept",
    ),
    *("checklist tick", "checklist na", "checklist reopen"),
}

ON_PLATFORM = {"snapshot", "restrict", "restore"}
"""They need a platform: tests/github says the same of them."""


def commands(server):
    """Give every command in an order in which each works, with the codes it may end with."""
    yield from looked_at(server)
    file, until = server.parent / "accepted.toml", f"{SystemClock().now().date()}"
    word = ["--by", "Jo", "--reason", "public", "--until", until, "--file", file]
    yield ["accept", server, "F-0001", *word], {0}
    yield ["accept", "--list", "--file", file], {0}
    yield ["scan", server, "--acceptances", file], {12}
    yield ["redact", small_counts(server.parent / "by_region.csv"), "--write"], {0}
    yield from explained()
    yield ["playbook", "list"], {0}
    yield ["playbook", "show", "generic"], {0}
    yield ["playbook", "new", "ours", "--into", server.parent / "books"], {0}
    yield ["playbook", "check", "generic"], {0}
    yield ["open", server, "--contacts", CONTACTS], {0}
    yield from decided()
    yield ["status"], {0}
    yield ["status", "--all"], {0}
    yield ["next"], {0}
    yield ["notify", "render", "alert"], {0}
    yield ["notify", "list"], {0}
    yield ["notify", "show", "N-001"], {0}
    yield ["notify", "send", "--all-waiting", "--from", "Jo <jo@example.org>"], {6}
    yield ["notify", "mark-sent", "N-001", "--by", "Jo"], {0}
    yield ["notify", "chase"], {0}
    yield ["notify", "ack", "N-001", "--by", "Jo"], {0}
    yield ["scope"], {0}
    yield ["rewrite"], {0}
    yield ["rewrite", "--execute", "--confirm", "study", "--override", "nobody else pushes"], {0}
    yield ["push"], {0}
    yield ["push", "--execute", "--confirm", "study"], {0}
    yield ["verify"], {7}  # the server keeps what no ref shows
    yield ["watch"], {0}
    yield from guarded(server)
    yield ["trace"], {0}
    yield from accounted(server)
    yield ["report"], {0}
    yield ["report", "--audience", "public"], {0}
    yield ["log", "show"], {0}
    yield ["evidence", "add", server / "HEAD", "--by", "Jo"], {0}
    yield ["evidence", "hand-over", "E-001", "--to", "R. L.", "--by", "Jo"], {0}
    yield ["evidence", "list"], {0}
    yield ["log", "stamp"], {0}
    yield ["log", "verify"], {0}
    yield ["log", "anchor"], {0}
    yield ["log", "export"], {0}
    yield ["log", "export", "--format", "cacao"], {0}
    yield ["open", server, "--another"], {0}
    second = f"BK-{SystemClock().now().year}-0002"
    ending = ["--reason", "opened twice", "--decided-by", "Jo", "--case", second]
    yield ["close", "--false-alarm", *ending], {0}


def looked_at(server):
    """Give the commands that look at one repository, and at many."""
    yield ["scan", server], {13}
    yield ["sweep", listed(server.parent / "repositories.txt", server)], {13}
    yield ["sweep", server.parent / "repositories.txt"], {0}


def listed(file, *repositories):
    """A list of repositories to sweep."""
    file.write_text("".join(f"{each}\n" for each in repositories))
    return file


def decided():
    """Give the commands by which people say what they know and what they decided."""
    word = ["--by", "R. L.", "--reason", "thought over"]
    yield ["decide"], {0}
    yield ["decide", "living", "--answer", "yes", *word], {0}
    yield ["amend", "engineer", "Ada Hartley"], {0}
    yield ["approve", "push", *word], {0}
    yield ["respond", "--dry-run"], {0}


def accounted(server):
    """Give the commands on copies and on what is to do."""
    yield ["copies", "add", "C33", "a draft", "--holder", "Chen Li"], {0}
    yield ["copies", "list"], {0}
    yield ["copies", "set", "K-001", "requested", "--by", "Jo"], {0}
    yield ["verifier"], {0}
    yield ["verify-clone", server], {7}
    yield ["copies", "prove", "K-001", "--from", clean_result(server)], {0}
    yield ["copies", "na", "K-002", "--note", "there is none", "--by", "Jo"], {0}
    yield ["copies", "accept", "K-003", "--by", "R. L.", "--role", "SIRO", "--reason", "none"], {0}
    yield ["copies", "show", "K-003"], {0}
    yield ["copies", "rebuild"], {0}
    yield ["checklist", "show"], {0}
    yield ["checklist", "export"], {0}
    yield ["checklist", "tick", "A12", "--evidence", "call", "--by", "Jo"], {0}
    yield ["checklist", "na", "A09", "--reason", "no website", "--by", "Jo"], {0}
    yield ["checklist", "reopen", "A09", "--reason", "there is one", "--by", "Jo"], {0}
    yield ["checklist", "import", ticked(server.parent / "list.md")], {0}


def small_counts(file):
    """A table with a count that is too small to release."""
    file.write_bytes(SMALL_COUNTS)
    return file


def ticked(file):
    """A checklist that came back with one box ticked."""
    file.write_text("- [x] **A13** tell them **Evidence:** call\n")
    return file


def clean_result(server):
    """Look through a new clone and keep the result in a file."""
    git(server.parent, "clone", "-q", f"file://{server}", "clone")
    with contextlib.redirect_stdout(io.StringIO()) as out:
        assert main(["verify-clone", str(server.parent / "clone"), "--json", "-q"]) == 0
    (server.parent / "result.json").write_text(out.getvalue())
    return server.parent / "result.json"


def explained():
    """Give the commands that say what something means, and how things are set up here."""
    yield from ((["explain", *topic], {0}) for topic in ([], ["CNT-01"], ["exit", "7"], ["A07"]))
    yield ["doctor", "--offline"], {0, 3}
    yield ["man", "notify", "send"], {0}
    yield from ((["config", name], {0}) for name in ("path", "init", "check", "show"))


def guarded(server):
    """Give the commands that keep it from coming back, once something was taken out."""
    yield ["guard", "install", server], {0}
    yield ["guard", "status", server], {0}
    yield ["guard", "check", server.parent], {0, 5}
    yield ["guard", "remove", server], {0}
    yield ["guard", "workflow"], {0}
    yield from released(server)


def released(server):
    """Give the commands that publish what was checked, and let no other outputs in."""
    copy = server.parent / "copy"
    git(server.parent, "clone", "-q", str(server), str(copy))
    outputs(server.parent / "release", {"regions.csv": ROUNDED})
    outputs(copy / "release", {"regions.csv": ROUNDED})
    word = ["--checked-by", "Jo"]
    yield ["check", server.parent / "release"], {0}
    yield ["request", server.parent / "release"], {0}
    yield ["release", server.parent / "release", "--to", server, "--by", "Ada", *word], {0}
    yield ["release", "--list"], {0}
    yield ["guard", "install", copy, "--outputs"], {0}
    yield ["guard", "allow", copy / "release", *word], {0}


def name_of(args):
    known = {" ".join(name) for name in LEAVES}
    two = " ".join(map(str, args[:2]))
    return two if two in known else str(args[0])


@pytest.mark.parametrize("more", [["--json", "-vv"], ["--json", "-q"]])
def test_every_command_prints_one_object_with_a_schema_and_nothing_else(
    breachkit, tmp_path, more, monkeypatch
):
    monkeypatch.delenv("BREACHKIT_CONFIG")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    server = study(tmp_path / "study.git")
    schemas: dict[str, set[str]] = {}
    for args, codes in commands(server):
        ran = breachkit(*args, *more)
        assert ran.code in codes, (args, ran.err)
        data = json.loads(ran.out)
        assert isinstance(data, dict), args
        assert data["schema"].startswith("breachkit."), args
        assert ran.out.endswith("}\n"), args
        if "-q" in more:
            assert ran.err == "", args
        if name_of(args) in NAMES_NEXT:
            following = data["next"]["command"] if "next" in data else data["command"]
            assert following.startswith("breachkit "), args
        schemas.setdefault(name_of(args), set()).add(data["schema"])

    told = {" ".join(name) for name in LEAVES if name[0] != "drill"}
    assert set(schemas) == told - ON_PLATFORM


def test_every_command_has_the_option():
    without = [" ".join(name) for name, leaf in LEAVES.items() if "--json" not in {o for p in leaf.params for o in p.opts}]  # fmt: skip

    assert without == []


def test_an_error_leaves_stdout_to_nobody(breachkit, tmp_path):
    for args in (["status"], ["scan", tmp_path / "none"], ["scope"], ["log", "show"]):
        ran = breachkit.expect(3, *args, "--json")
        assert ran.out == ""
        assert ran.err.startswith("breachkit: ")


def test_a_plan_stopped_by_somebodys_push_is_reported_and_refused(breachkit, tmp_path):
    server = study(tmp_path / "study.git")
    for args, _codes in commands(server):
        if args == ["push"]:
            break
        breachkit(*args)
    pushed_by_somebody(server, b"x", b"x\n")

    data = json.loads(breachkit.expect(6, "push", "--json").out)

    assert data["leases_hold"] is False
    assert data["changed_on_server"] == ["refs/heads/main"]
    assert data["next"]["command"].startswith("breachkit scope")


def test_a_report_written_to_a_file_leaves_stdout_empty(breachkit, tmp_path):
    server = study(tmp_path / "study.git")
    out = tmp_path / "scan.json"

    ran = breachkit.expect(13, "scan", server, "--json", "--output", out)

    assert ran.out == ""
    assert json.loads(out.read_text())["schema"] == "breachkit.scan/1"
    assert out.stat().st_mode & 0o777 == 0o600
