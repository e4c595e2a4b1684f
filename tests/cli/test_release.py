"""`release` from the command line: plans, exits, what it prints, a platform, and being killed."""

import json
import os
import signal
from datetime import date, timedelta
from pathlib import Path

import pytest

from breachkit.actions.acceptance import Entry
from breachkit.actions.clone_list import blob_id
from breachkit.drill.hub import furnish, gitstore
from breachkit.model.findings import Severity
from breachkit.workflows import acceptance_file
from breachkit.workflows.acceptance_file import Keys
from tests.support.gitrepo import git, head_commit, oid
from tests.support.httpserver import GitServer
from tests.support.hubs import served, small_hub
from tests.support.killing import Terminal
from tests.support.releasing import ROUNDED, branches, every_object, files_at, outputs, study


TABLE = ROUNDED
SMALL = TABLE.replace(b"130", b"3")
WORD = ("--by", "Ada Hartley", "--checked-by", "Bo Lind")
GO = ("--execute", "--confirm", "study")


@pytest.fixture
def server(tmp_path):
    return study(tmp_path / "srv" / "study.git")


@pytest.fixture
def folder(tmp_path):
    return outputs(tmp_path / "release", {"by_region.csv": TABLE})


def test_a_plan_says_all_and_changes_nothing_and_its_last_line_carries_it_out(
    breachkit, server, folder
):
    before = every_object(server)

    ran = breachkit.expect(0, "release", folder, "--to", server, *WORD, "--from", "asthma 2026")

    assert every_object(server) == before
    assert "1 file to release to study: 1 new; the check passes (opensafely-2026:20" in ran.out
    assert "  + released_outputs/by_region.csv\n" in ran.out
    assert "  Released-from: asthma 2026\n" in ran.out
    assert "Bo Lind answers for" in ran.out
    last = next(line for line in ran.err.splitlines() if line.startswith("Next: "))
    import shlex

    breachkit.expect(0, *shlex.split(last)[2:])
    assert branches(server) == {b"main", b"release-candidates"}
    assert b"Released-from: asthma 2026" in git(server, "log", "-1", "--format=%B", "release-candidates")  # fmt: skip


def test_what_was_released_is_told_as_json_listed_and_not_done_twice(breachkit, server, folder):
    done = json.loads(
        breachkit.expect(0, "release", folder, "--to", server, *WORD, *GO, "--json").out
    )
    again = json.loads(
        breachkit.expect(0, "release", folder, "--to", server, *WORD, *GO, "--json").out
    )
    listed = json.loads(breachkit.expect(0, "release", "--list", "--json").out)

    assert (done["schema"], done["state"]) == ("breachkit.release/1", "released")
    assert done["commit"] == oid(server, "release-candidates")
    assert done["new_on_server"] == {"commits": 1, "trees": 2, "files": 2, "files_read_back": 1}
    assert (again["state"], again["files"][0]["state"]) == ("nothing to do", "same")
    assert [each["number"] for each in listed["releases"]] == [done["number"]]
    assert breachkit.expect(0, "release", "--list").out.startswith(done["number"])


def test_small_counts_are_not_released(breachkit, server, folder):
    outputs(folder, {"by_region.csv": SMALL})

    ran = breachkit.expect(6, "release", folder, "--to", server, *WORD, *GO)

    assert "the check does not pass: 1 finding" in ran.err
    assert "breachkit check" in ran.err
    assert branches(server) == {b"main"}


def acceptances(home: Path, file: Path, content: bytes, until: date) -> None:
    """Accept what CNT-01 finds in a file, as `breachkit accept` writes it down."""
    key = Keys(home=home, variable=None).make()
    today = date.today()  # noqa: DTZ011 - the test's own
    entry = Entry(
        mark=key.mark("CNT-01", blob_id(content)), rule="CNT-01", severity=Severity.CRITICAL,
        path="by_region.csv", by="Cy Young", reason="practices, not patients",
        on=today - timedelta(days=9), until=until,
    )  # fmt: skip
    acceptance_file.add(file, [entry], key)


def test_what_a_named_person_accepted_is_released_until_its_last_day(
    breachkit, server, folder, tmp_path
):
    content = SMALL.replace(b"patients", b"n_patients")
    outputs(folder, {"by_region.csv": content})
    file, today = tmp_path / "accepted.toml", date.today()  # noqa: DTZ011 - the test's own
    found = json.loads(breachkit("check", folder, "--json").out)
    rules = {each["rule"] for each in found["findings"] if each["severity"] != "info"}
    call = ("release", folder, "--to", server, *WORD, "--acceptances", file)
    acceptances(breachkit.home, file, content, today - timedelta(days=1))
    breachkit.expect(6, *call)
    acceptances(breachkit.home, file, content, today + timedelta(days=1))

    if rules == {"CNT-01"}:
        ran = breachkit.expect(0, *call, *GO)
        assert "Released" in ran.out
        (manifest,) = (breachkit.home / "releases").glob("R-*.json")
        (used,) = json.loads(manifest.read_text())["check"]["acceptances"]
        assert (used["by"], used["reason"]) == ("Cy Young", "practices, not patients")
        assert b"Cy Young" not in git(server, "log", "-1", "--format=%B", "release-candidates")
    else:
        pytest.fail(f"the sample is found by {rules}")


def test_questions_that_only_a_person_can_settle_need_one(breachkit, server, folder):
    ran = breachkit.expect(6, "release", folder, "--to", server, "--by", "Ada Hartley")

    assert "--checked-by NAME" in ran.err


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (["release"], 2),
        (["release", "FOLDER", "--to", "SERVER"], 2),
        (["release", "FOLDER", "--to", "SERVER", "--by", "a\nb"], 2),
        (["release", "FOLDER", "--to", "SERVER", *WORD, "--from", "/e/level4/x"], 2),
        (["release", "--list", "FOLDER"], 2),
        (["release", "/no/such/folder", "--to", "SERVER", *WORD], 3),
        (["release", "FOLDER", "--to", "/no/such/server.git", *WORD], 3),
        (["release", "FOLDER", "--to", "ext::sh", *WORD], 3),
        (["release", "FOLDER", "--to", "SERVER", *WORD, "--notes", "/no/such/file"], 3),
        (["release", "FOLDER", "--to", "SERVER", *WORD, "--execute"], 6),
        (["release", "FOLDER", "--to", "SERVER", *WORD, "--execute", "--confirm", "main"], 6),
    ],
)
def test_a_call_that_cannot_be_ends_with_its_code_and_releases_nothing(
    breachkit, server, folder, args, code
):
    given = {"FOLDER": str(folder), "SERVER": str(server)}

    ran = breachkit.expect(code, *(given.get(each, each) for each in args))

    assert ran.out == ""
    assert branches(server) == {b"main"}


def test_a_path_is_never_taken_for_a_name_on_a_platform(breachkit, server, folder, monkeypatch):
    monkeypatch.chdir(server.parents[1])
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:1")  # where no request may arrive

    breachkit.expect(0, "release", "release", "--to", "srv/study.git", *WORD)
    ran = breachkit.expect(3, "release", "release", "--to", "srv/stduy.git", *WORD)

    assert "github" not in ran.err


def test_a_password_in_an_address_is_not_shown_and_not_kept(breachkit, server, folder):
    with GitServer(server.parent) as http:
        http.password = "s3cr3t-pa55"
        url = http.url("study.git", f"git:{http.password}")
        plan = breachkit.expect(0, "release", folder, "--to", url, *WORD, "-vv")
        name = json.loads(breachkit("release", folder, "--to", url, *WORD, "--json").out)["confirm"]
        ran = breachkit.expect(0, "release", folder, "--to", url, *WORD, *GO[:2], name, "-vv")

    assert "s3cr3t" not in plan.all + ran.all + breachkit("release", "--list", "--json").all
    kept = [each for each in breachkit.home.rglob("*") if each.is_file()]
    assert not [each for each in kept if b"s3cr3t" in each.read_bytes()]


# --- a platform -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    small = small_hub(tmp_path_factory.mktemp("hub"))
    with served(small.world) as server:
        yield small, server


@pytest.fixture
def platform(hub, monkeypatch):
    small, server = hub
    monkeypatch.setenv("BREACHKIT_GITHUB_API", server.api)
    monkeypatch.setenv("BREACHKIT_GITHUB_TOKEN", small.token)
    before = gitstore.refs(small.study)
    yield small, server
    gitstore.write_refs(small.study.git_dir, before)
    small.study.visibility = "public"
    small.study.protections.pop("release-candidates", None)
    small.study.rulesets.clear()


TO_STUDY = ("--execute", "--confirm", "example-org/study")


@pytest.mark.parametrize("visibility", ["public", "private"])
def test_on_a_platform_a_plan_says_who_can_read_it_and_a_release_where_to_ask_for_a_merge(
    breachkit, platform, folder, visibility
):
    small, server = platform
    small.study.visibility = visibility
    url = server.git_url("example-org/study")

    plan = breachkit.expect(0, "release", folder, "--to", url, *WORD)
    done = breachkit.expect(0, "release", folder, "--to", url, *WORD, *TO_STUDY)

    assert ("is PUBLIC" in plan.out) is (visibility == "public")
    assert ("is private" in plan.out) is (visibility == "private")
    page = f"{url.removesuffix('.git')}/compare/main...release-candidates?expand=1"
    assert f"Pull request: {page}\n" in done.out
    assert gitstore.refs(small.study).keys() >= {"refs/heads/release-candidates"}


def test_without_a_token_a_stranger_is_asked_whether_it_is_public(
    breachkit, platform, folder, monkeypatch
):
    monkeypatch.delenv("BREACHKIT_GITHUB_TOKEN")
    url = platform[1].git_url("example-org/study")

    plan = breachkit.expect(0, "release", folder, "--to", url, *WORD)
    ran = breachkit.expect(4, "release", folder, "--to", url, *WORD, *TO_STUDY)

    assert "is PUBLIC" in plan.out
    assert "not allowed" in ran.err


def test_a_protected_branch_is_refused_in_the_platforms_words(breachkit, platform, folder):
    small, server = platform
    small.study.rulesets.clear()
    furnish.ruleset(
        small.world.hub, small.study, "locked", rules=["creation"], include=["refs/heads/release-*"]
    )

    ran = breachkit.expect(
        4, "release", folder, "--to", server.git_url("example-org/study"), *WORD, *TO_STUDY
    )

    assert "refused release-candidates" in ran.err
    assert "refs/heads/release-candidates" not in gitstore.refs(small.study)


def test_who_may_only_read_releases_nothing(breachkit, platform, folder, monkeypatch):
    small, server = platform
    monkeypatch.setenv("BREACHKIT_GITHUB_TOKEN", small.world.token(small.people["eve"]))

    breachkit.expect(
        4, "release", folder, "--to", server.git_url("example-org/study"), *WORD, *TO_STUDY
    )

    assert "refs/heads/release-candidates" not in gitstore.refs(small.study)


# --- being killed, and giving nothing away ---------------------------------------------------


def test_a_release_that_is_killed_at_any_step_is_finished_by_the_next(server, folder, tmp_path):
    terminal = Terminal(tmp_path)
    call = ("release", folder, "--to", server, *WORD, *GO)

    ended = [terminal.ended(step, signal.SIGKILL, *call).code for step in (25, 50, 56, 62, 80)]
    terminal.expect(0, *call)
    terminal.expect(0, *call)

    assert ended[:2] == [-signal.SIGKILL] * 2
    assert oid(server, "release-candidates^") == head_commit(server)
    assert files_at(server)[b"100644 released_outputs/by_region.csv"] == TABLE
    states = [json.loads(each.read_text())["state"] for each in (tmp_path / "home/releases").glob("R-*")]  # fmt: skip
    assert states.count("released") == 1
    assert "begun" not in states
    assert terminal.left_behind() == []


CANARY = "quokka7731"


def test_nothing_that_is_in_the_files_is_printed_kept_or_left(breachkit, server, folder, tmp_path):
    table = TABLE.replace(b"London", CANARY.encode())
    outputs(folder, {"by_region.csv": table, ".notes": CANARY.encode(), "bad.csv": b"\0" + table})
    ran = [breachkit("release", folder, "--to", server, *WORD, "-vv")]
    (folder / "bad.csv").unlink()
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", f"Redact {CANARY}")
    ran += [
        breachkit("release", folder, "--to", server, *WORD, *more, "-vv") for more in ((), GO, GO)
    ]
    ran.append(breachkit("release", "--list", "--json", "-vv"))

    assert [each.code for each in ran[1:]] == [0, 0, 0, 0], [each.all for each in ran]
    assert not [each for each in ran if CANARY in each.all]
    kept = [each for each in breachkit.home.rglob("*") if each.is_file()]
    assert kept
    assert not [each for each in kept if CANARY.encode() in each.read_bytes()]
    pushed = git(server, "log", "--all", "--format=%B%an%ae%cn%ce")
    assert CANARY.encode() not in pushed
    assert os.fsencode(str(folder)) not in pushed


# --- the copy of the study that is on guard -------------------------------------------------


def test_a_copy_on_guard_takes_what_was_released_and_what_was_checked_there(
    breachkit, server, folder, tmp_path
):
    copy = tmp_path / "copy"
    git(tmp_path, "clone", "-q", str(server), str(copy))
    breachkit.expect(3, "guard", "status", copy)
    said = breachkit.expect(0, "guard", "install", copy, "--outputs")
    assert "nobody has checked" in said.out
    status = json.loads(breachkit.expect(0, "guard", "status", copy, "--json").out)
    assert (status["works"], status["outputs"], status["ids"]) == (True, 0, 0)

    outputs(copy, {"release/by_region.csv": TABLE})
    git(copy, "add", ".")
    with pytest.raises(AssertionError, match="nobody has checked"):
        git(copy, "commit", "-q", "-m", "Add results")
    breachkit.expect(6, "guard", "allow", copy / "release")
    outputs(copy, {"release/small.csv": SMALL})
    breachkit.expect(6, "guard", "allow", copy / "release", "--checked-by", "Bo")
    (copy / "release/small.csv").unlink()
    breachkit.expect(0, "guard", "allow", copy / "release", "--checked-by", "Bo")
    git(copy, "commit", "-q", "-m", "Add results")

    done = json.loads(
        breachkit.expect(0, "release", folder, "--to", server, *WORD, *GO, "--json").out
    )
    outputs(copy, {"released_outputs/by_region.csv": TABLE.replace(b"365", b"370")})
    git(copy, "add", ".")
    with pytest.raises(AssertionError, match="nobody has checked"):
        git(copy, "commit", "-q", "-m", "Add more")
    git(copy, "rm", "-q", "-f", "released_outputs/by_region.csv")
    breachkit.expect(0, "guard", "allow", "--release", done["number"], "--in", copy)
    breachkit.expect(3, "guard", "allow", "--release", "R-1", "--in", copy)
    breachkit.expect(2, "guard", "allow")
    git(copy, "fetch", "-q")
    git(copy, "merge", "-q", "--no-edit", "origin/release-candidates")
    git(copy, "push", "-q", "origin", "HEAD:main")
    assert files_at(server, "main")[b"100644 released_outputs/by_region.csv"] == TABLE


def test_other_line_ends_than_were_checked_are_the_same_file_to_a_guard(
    breachkit, server, tmp_path
):
    copy = tmp_path / "copy"
    git(tmp_path, "clone", "-q", str(server), str(copy))
    breachkit.expect(0, "guard", "install", copy, "--outputs")
    outputs(copy, {"release/by_region.csv": TABLE.replace(b"\n", b"\r\n")})
    breachkit.expect(0, "guard", "allow", copy / "release", "--checked-by", "Bo")
    git(copy, "config", "core.autocrlf", "true")

    git(copy, "add", ".")
    git(copy, "commit", "-q", "-m", "Add results")

    assert git(copy, "cat-file", "blob", "HEAD:release/by_region.csv") == TABLE


def test_a_server_and_a_copy_without_the_guard_say_so(breachkit, server, tmp_path):
    ran = breachkit.expect(2, "guard", "install", server, "--outputs")
    git(tmp_path, "clone", "-q", str(server), str(tmp_path / "copy"))
    folder = outputs(tmp_path / "copy" / "release", {"by_region.csv": TABLE})

    assert "a server cannot tell" in ran.err
    breachkit.expect(3, "guard", "allow", folder, "--checked-by", "Bo")
