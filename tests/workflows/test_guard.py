"""A guard tells what was taken out from what is like it, by id, by rule and by what tables say."""

import io
import json
import re
import shlex
import subprocess
import sys
from datetime import date
from pathlib import Path

import openpyxl
import pytest
import yaml

from breachkit.actions.guarding import GuardList, NoGuardListError, near_ids
from breachkit.actions.near_copies import is_near, prints_of
from breachkit.git import hooks
from breachkit.model.errors import ConfigurationError, UsageError
from breachkit.model.findings import Severity
from breachkit.model.ids import GitPath
from breachkit.report.guarding import check_text, check_to_json, workflow_file
from breachkit.workflows import guard
from breachkit.workflows.case_files import NotYetError
from breachkit.workflows.playbooks import load_policies
from tests.support.cases import a_case
from tests.support.command_line import OUTPUT, SAFE_COUNTS, SMALL_COUNTS, run_process
from tests.support.gitrepo import ENVIRONMENT, History, blob_oid, git, head_commit
from tests.support.responding import Response, responding


ROOT = Path(__file__).parents[2]

# No rule finds anything in it: it was taken out because a person said so.
QUIET = b"practice,rate,note\nElm,0.731,as sent\nOak,0.642,as sent\nAsh,0.518,second try\n"
QUIET_PATH = b"released_outputs/rates.csv"


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A case of two bad files, of which the rules tell one, with the rewrite pushed."""
    history = History()
    history.commit({b"README.md": b"# A study\n", b"out/safe.csv": SAFE_COUNTS})
    history.commit({OUTPUT: SMALL_COUNTS, QUIET_PATH: QUIET}, message="Add results")
    history.commit({OUTPUT: None, QUIET_PATH: None}, message="Remove results")
    response = responding(tmp_path_factory.mktemp("world"), history)
    response.scope(OUTPUT, QUIET_PATH)
    response.rewrite()
    response.push()
    return response


@pytest.fixture(scope="module")
def listed(world: Response) -> GuardList:
    return guard.guard_list(world.case)


@pytest.fixture
def clone(world, tmp_path):
    git(tmp_path, "clone", "-q", str(world.server), "clone")
    place = tmp_path / "clone"
    git(place, "config", "user.name", "Ada")
    git(place, "config", "user.email", "ada@example.org")
    return place


def options(listed=None, severity=Severity.HIGH) -> guard.CheckOptions:
    return guard.CheckOptions(
        policies=load_policies().choose("auto"),
        today=date(2026, 3, 6),
        severity=severity,
        listed=listed,
    )


def staged(clone: Path, name: str, content: bytes, listed=None, **more):
    (clone / name).parent.mkdir(parents=True, exist_ok=True)
    (clone / name).write_bytes(content)
    git(clone, "add", "--", name)
    return guard.check_staged(clone, options(listed, **more))


# --- the list -------------------------------------------------------------------------------


def test_the_list_holds_files_first_then_the_old_history_and_the_files_with_other_line_ends(
    world, listed
):
    bad = {blob_oid(world.server, each) for each in (SMALL_COUNTS, QUIET)}
    windows = blob_oid(world.server, QUIET.replace(b"\n", b"\r\n"))
    old = [line.split()[0] for line in git(world.private("mirror.git"), "log", "--format=%H", "-2").decode().splitlines()]  # fmt: skip

    assert set(listed.ids[:4]) >= {*bad, windows}
    assert set(old) <= set(listed.ids)
    assert not set(git(world.server, "rev-list", "--objects", "--all", "--no-object-names").decode().split()) & set(listed.ids)  # fmt: skip


def test_the_list_comes_back_as_it_was_written_and_as_a_secret_holds_it(listed):
    bare = "\r\n".join(listed.ids)

    assert GuardList.parse(listed.text) == listed
    assert GuardList.parse(bare).ids == listed.ids
    assert listed.tables


@pytest.mark.parametrize("text", ["", "# nothing\n", "abc\n", "0" * 39, "x" * 40])
def test_what_is_no_list_is_none(text):
    with pytest.raises(NoGuardListError):
        GuardList.parse(text)


def test_a_list_that_was_cut_is_none(listed):
    lines = listed.text.splitlines(keepends=True)

    for number in range(1, len(lines)):
        with pytest.raises(NoGuardListError):
            GuardList.parse("".join(lines[:number]))


def test_before_the_scope_there_is_no_list(tmp_path):
    with pytest.raises(NotYetError):
        guard.guard_list(a_case(tmp_path))


# --- near copies ----------------------------------------------------------------------------


def workbook(content: bytes) -> bytes:
    book = openpyxl.Workbook()
    for line in content.decode().splitlines():
        book.active.append([float(c) if re.fullmatch(r"[\d.]+", c) else c for c in line.split(",")])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def columns(content: bytes, *order: int) -> bytes:
    rows = [line.split(b",") for line in content.splitlines()]
    return b"".join(b",".join(row[each] for each in order) + b"\n" for row in rows)


COPIES = {
    "the same": (QUIET, "a.csv"),
    "Windows": (QUIET.replace(b"\n", b"\r\n"), "a.csv"),
    "old Mac": (QUIET.replace(b"\n", b"\r"), "a.csv"),
    "mixed": (QUIET.replace(b"\n", b"\r\n", 2), "a.csv"),
    "mark": (b"\xef\xbb\xbf" + QUIET, "a.csv"),
    "no last end": (QUIET.rstrip(), "a.csv"),
    "columns": (columns(QUIET, 2, 0, 1), "a.csv"),
    "rows": (b"".join(QUIET.splitlines(True)[each] for each in (0, 3, 1, 2)), "a.csv"),
    "names": (QUIET.replace(b"practice,rate", b"surgery,r8"), "a.csv"),
    "tabs": (QUIET.replace(b",", b"\t"), "a.tsv"),
    "semicolons": (QUIET.replace(b",", b";"), "a.csv"),
    "quotes": (re.sub(rb"([^,\n]+)", rb'"\1"', QUIET), "a.csv"),
    "zeros": (re.sub(rb"(0\.\d+)", rb"\g<1>0", QUIET), "a.csv"),
    "numbered": (b"".join(b"%s,%s" % (str(n - 1).encode() if n else b"", line) for n, line in enumerate(QUIET.splitlines(True))), "a.csv"),
    "another column": (b"".join(line[:-1] + b",x%d\n" % n for n, line in enumerate(QUIET.splitlines(True))), "a.csv"),
    "workbook": (workbook(QUIET), "a.xlsx"),
    "records": (json.dumps([dict(zip(("practice", "rate", "note"), line.split(","), strict=True)) for line in QUIET.decode().splitlines()[1:]]).encode(), "a.json"),
}  # fmt: skip


@pytest.mark.parametrize("name", COPIES)
def test_a_copy_of_what_was_taken_out_is_told_however_it_is_written(clone, listed, name):
    content, path = COPIES[name]
    found = staged(clone, f"released_outputs/{path}", content, listed)

    assert (found.listed, found.exit_code) == (1, 7), check_text(found)


OTHERS = {
    "redacted": QUIET.replace(b"0.731", b"[REDACTED]"),
    "rounded": QUIET.replace(b"0.731", b"0.7"),
    "without a column": columns(QUIET, 0, 2),
    "without a row": b"".join(QUIET.splitlines(True)[:-1]),
    "another": b"practice,rate,note\nElm,0.11,as sent\nOak,0.22,as sent\nAsh,0.33,second try\n",
    "words": b"Elm and Oak and Ash\n",
}


@pytest.mark.parametrize("name", OTHERS)
def test_what_was_redacted_properly_is_no_copy(clone, listed, name):
    found = staged(clone, "released_outputs/a.csv", OTHERS[name], listed)

    assert (found.listed, found.exit_code) == (0, 0), check_text(found)


def test_a_print_says_nothing_without_its_key():
    one, other = (
        prints_of(QUIET, [GitPath(QUIET_PATH)], "ab" * 32),
        prints_of(QUIET, [GitPath(QUIET_PATH)], "cd" * 32),
    )

    assert one
    assert not one[0] & other[0]
    assert is_near(one, one)
    assert not is_near(one, other)


def test_small_or_empty_tables_are_told_by_id_alone():
    for content in (b"", b"a,b\n", b"a,b\n1,2\n", b"a\n7\n8\n9\n"):
        assert prints_of(content, [GitPath(QUIET_PATH)], "ab" * 32) == ()


def test_bytes_that_are_no_text_have_no_other_line_ends():
    assert len(near_ids(b"a\0b\r\n")) == 1


# --- what is looked at ----------------------------------------------------------------------


def test_the_rules_look_at_what_is_staged_and_at_nothing_else(clone):
    (clone / "left.csv").write_bytes(SMALL_COUNTS)

    found = staged(clone, OUTPUT.decode().replace("by_region", "new"), SMALL_COUNTS)

    assert found.examined == 1
    assert found.compared is None
    assert found.exit_code in {13, 14}
    assert "new.csv" in check_text(found)
    assert "new.csv" not in check_text(found, counts_only=True)
    assert "new.csv" not in json.dumps(check_to_json(found, counts_only=True))


def test_severity_decides_what_counts(clone):
    name = OUTPUT.decode().replace("by_region", "new")

    assert staged(clone, name, SMALL_COUNTS, severity=Severity.MEDIUM).exit_code >= 13
    assert guard.check_staged(clone, options(severity=Severity.CRITICAL)).exit_code in {0, 14}


def test_what_cannot_be_read_is_not_clean(clone):
    assert staged(clone, "released_outputs/a.xlsx", b"PK\x03\x04broken").exit_code == 5


def test_the_first_commit_of_all_can_be_looked_at(tmp_path):
    git(tmp_path, "init", "-q", "new")
    (tmp_path / "new" / "seed").mkdir()

    with pytest.raises(ConfigurationError, match="no objects"):
        guard.check_staged(tmp_path / "new", options())
    assert staged(tmp_path / "new", "out/a.csv", SMALL_COUNTS).examined == 1


def test_the_installed_list_is_taken_where_no_other_is_named(clone, listed):
    guard.install(clone, listed, (), None)

    assert staged(clone, "copy.txt", QUIET).exit_code == 7


def commit(clone: Path, name: str, content: bytes, message: str = "Work") -> str:
    (clone / name).parent.mkdir(parents=True, exist_ok=True)
    (clone / name).write_bytes(content)
    git(clone, "add", "--", name)
    git(clone, "commit", "-q", "--no-verify", "-m", message)
    return head_commit(clone)


def test_a_range_is_looked_at_commit_by_commit_though_its_end_is_clean(clone, listed):
    start = head_commit(clone)
    commit(clone, "copy.csv", columns(QUIET, 1, 0, 2))
    end = commit(clone, "copy.csv", b"practice\nElm\n")

    assert guard.check_ranges(clone, [f"{start}..{end}"], options(listed)).exit_code == 7
    assert guard.check_ranges(clone, [f"{end}..{end}"], options(listed)).exit_code == 0


def test_messages_are_looked_at_too(clone):
    start = head_commit(clone)
    end = commit(clone, "a.md", b"a\n", f"Results\n\n{SMALL_COUNTS.decode()}")
    wanted = options(severity=Severity.LOW)

    found = guard.check_ranges(clone, [f"{start}..{end}"], wanted)

    assert found.counting
    assert "a message" in check_text(found)


@pytest.mark.parametrize("old", ["0" * 40, "1" * 40])
def test_where_the_old_end_is_unknown_what_the_remote_has_is_left_out(clone, old):
    end = commit(clone, "a.md", b"a\n")

    assert guard.check_ranges(clone, [f"{old}..{end}"], options()).examined == 2
    assert guard.check_ranges(clone, [end], options()).examined > 4


def test_an_old_commit_behind_a_clean_range_is_told_by_its_id(world, listed, tmp_path):
    mirror = world.private("mirror.git")
    tip = head_commit(mirror)

    found = guard.check_ranges(mirror, [f"{tip}..{tip}"], options(listed))

    assert found.examined == 0
    assert found.exit_code == 7


def test_a_range_that_ends_nowhere_is_a_mistake(clone):
    for text in ("nothing", "HEAD..nothing", "HEAD..--all", "..", "HEAD..HEAD^{tree}x"):
        with pytest.raises(UsageError):
            guard.check_ranges(clone, [text], options())


def test_plain_files_are_looked_at_without_a_repository(tmp_path, listed):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a.csv").write_bytes(columns(QUIET, 1, 2, 0))
    (tmp_path / "out" / "b.csv").write_bytes(SAFE_COUNTS)

    assert guard.check_files(tmp_path / "out", options()).exit_code == 0
    assert guard.check_files(tmp_path / "out", options(listed)).exit_code == 7
    assert guard.check_files(tmp_path / "out" / "b.csv", options(listed)).examined == 1
    with pytest.raises(ConfigurationError):
        guard.check_files(tmp_path / "none", options())


def test_a_bare_repository_takes_no_hook_for_commits(world, listed):
    with pytest.raises(UsageError):
        guard.install(world.server, listed, ("pre-commit",), None)


def test_nothing_that_a_hostile_repository_configures_is_run_by_a_check(clone, tmp_path):
    evil = tmp_path / "evil"
    evil.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\ncat\n")
    evil.chmod(0o755)
    staged(clone, ".gitattributes", b"* diff=x filter=x\n")
    staged(clone, "a.csv", QUIET)
    for name in (
        "core.fsmonitor",
        "core.pager",
        "diff.external",
        "diff.x.textconv",
        "filter.x.clean",
    ):
        git(clone, "config", name, str(evil))

    assert guard.check_staged(clone, options()).examined == 2
    guard.check_ranges(clone, ["HEAD"], options())
    guard.check_files(clone, options())

    assert not (tmp_path / "ran").exists()


# --- with breachkit on the PATH -------------------------------------------------------------


@pytest.fixture
def path(tmp_path):
    """A PATH with breachkit on it, as installed."""
    folder = tmp_path / "bin"
    folder.mkdir()
    script = folder / "breachkit"
    script.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m breachkit "$@"\n')
    script.chmod(0o755)
    return f"{folder}:/usr/bin:/bin"


def person(clone: Path, path: str, *args: str):
    env = {**ENVIRONMENT, "PATH": path}
    return subprocess.run(["git", "-C", clone, *args], env=env, capture_output=True, check=False)


def test_hooks_let_breachkit_look_for_copies_that_no_id_tells(clone, listed, path):
    guard.install(clone, listed, (), None)
    (clone / "copy.csv").write_bytes(columns(QUIET, 2, 1, 0))
    person(clone, path, "add", ".")

    refused = person(clone, path, "commit", "-m", "Work")
    assert refused.returncode
    assert b"holds a copy of what was taken out" in refused.stderr
    assert person(clone, "/usr/bin:/bin", "commit", "-m", "Work").returncode == 0
    assert person(clone, path, "push", "origin", "HEAD:refs/heads/new").returncode
    assert b"refs/heads/new" not in git(clone, "ls-remote", "origin")


def test_hooks_that_breachkit_finds_nothing_for_say_nothing(clone, listed, path):
    guard.install(clone, listed, (), None)
    (clone / "more.md").write_bytes(b"more\n")
    person(clone, path, "add", ".")

    done = person(clone, path, "commit", "-q", "-m", "Work")

    assert (done.returncode, done.stderr) == (0, b"")


def test_a_breachkit_that_fails_is_said_and_stops_nobody(clone, listed, path):
    guard.install(clone, listed, (), None)
    Path(path.split(":")[0], "breachkit").write_text("#!/bin/sh\nexit 2\n")
    (clone / "more.md").write_bytes(b"more\n")
    person(clone, path, "add", ".")

    done = person(clone, path, "commit", "-q", "-m", "Work")

    assert done.returncode == 0
    assert b"exit code 2" in done.stderr


# --- the workflow ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def workflow():
    return yaml.load(workflow_file("breachkit[formats]==1.2.0"), Loader=yaml.BaseLoader)


def steps(workflow):
    return workflow["jobs"]["guard"]["steps"]


def test_the_workflow_may_read_and_no_more_and_pins_what_it_uses(workflow):
    assert workflow["permissions"] == {"contents": "read"}
    assert {"push", "pull_request", "schedule"} <= set(workflow["on"])
    text = workflow_file("breachkit[formats]==1.2.0").decode()
    used = re.findall(r"^ +uses: (.*)$", text, re.MULTILINE)
    assert len(used) == sum("uses" in step for step in steps(workflow)) > 0
    pinned = re.compile(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
    assert [each for each in used if not pinned.fullmatch(each)] == []
    [install] = [step["run"] for step in steps(workflow) if "pip" in step.get("run", "")]
    assert shlex.split(install)[-1] == "breachkit[formats]==1.2.0"
    assert "pull_request_target" not in workflow["on"]


def test_nothing_that_a_stranger_can_name_is_put_into_a_script_of_the_workflow(workflow):
    for step in steps(workflow):
        assert "${{" not in step.get("run", "")
    assert b"set -x" not in workflow_file("breachkit[formats]==1.2.0")


def act(workflow, place: Path, path: str, event: str, **given: str):
    """Run the scripts of the workflow as the runner does, but for what is installed."""
    folder = place.parent / "runner"
    folder.mkdir(exist_ok=True)
    variables = folder / "env"
    variables.write_text("")
    env = {**ENVIRONMENT, "PATH": path, "RUNNER_TEMP": str(folder), "GITHUB_ENV": str(variables)}
    env |= {"GITHUB_EVENT_NAME": event, "GITHUB_REF": given.get("ref", "refs/heads/main")}
    values = {"GUARD_IDS": "", "OLD": "", "NEW": head_commit(place), "DEFAULT": "main", **given}
    said, code = "", 0
    for step in steps(workflow):
        if (
            "run" not in step
            or "pip" in step["run"]
            or (code and "always" not in step.get("if", ""))
        ):
            continue
        own = {name: values[name] for name in step.get("env", {})}
        more = dict(line.split("=", 1) for line in variables.read_text().splitlines())
        ran = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            env={**env, **more, **own},
            cwd=place,
            capture_output=True,
            check=False,
        )
        said += ran.stdout.decode() + ran.stderr.decode()
        code = code or ran.returncode
    assert not (folder / "breachkit-guard-ids").exists()
    return code, said


def test_the_workflow_lets_a_clean_push_pass(workflow, clone, path, listed):
    start = head_commit(clone)
    commit(clone, "more.md", b"more\n")

    code, said = act(workflow, clone, path, "push", OLD=start, GUARD_IDS="\n".join(listed.ids))

    assert code == 0, said
    assert f"compared with {len(listed.ids)} ids" in said


def test_the_workflow_fails_where_the_rules_find_something_and_logs_numbers_alone(
    workflow, clone, path
):
    start = head_commit(clone)
    commit(clone, OUTPUT.decode().replace("by_region", "zebra"), SMALL_COUNTS)

    code, said = act(workflow, clone, path, "pull_request", OLD=start, ref="refs/pull/1/merge")

    assert code in {13, 14}
    assert "zebra" not in said
    assert "North East" not in said


def test_r57_the_workflow_fails_on_an_old_branch_without_naming_an_id(
    workflow, world, listed, path, tmp_path
):
    git(tmp_path, "clone", "-q", str(world.private("mirror.git")), "old")
    zeros, ids = "0" * 40, "\n".join(listed.ids)

    code, said = act(
        workflow, tmp_path / "old", path, "push", OLD=zeros, GUARD_IDS=ids, ref="refs/heads/new"
    )

    assert code == 7
    assert not [one for one in listed.ids if one[:7] in said]


def test_r60_the_daily_run_meets_an_old_branch_that_has_no_workflow(
    workflow, world, clone, listed, path
):
    old = head_commit(world.private("mirror.git"))
    git(clone, "fetch", "-q", str(world.private("mirror.git")), f"{old}:refs/remotes/origin/stale")
    ids = listed.text

    assert act(workflow, clone, path, "schedule", GUARD_IDS=ids)[0] == 7
    git(clone, "update-ref", "-d", "refs/remotes/origin/stale")
    assert act(workflow, clone, path, "schedule", GUARD_IDS=ids)[0] == 0


def test_the_workflow_of_a_fork_has_no_secret_and_looks_by_the_rules(workflow, clone, path):
    commit(clone, "more.md", b"more\n")

    code, said = act(workflow, clone, path, "pull_request", OLD=head_commit(clone))

    assert code == 0
    assert "There is no list of ids here" in said


def test_a_secret_that_is_no_list_fails_and_is_not_echoed(workflow, clone, path):
    code, said = act(workflow, clone, path, "push", GUARD_IDS="zebra-zebra")

    assert code == 3
    assert "zebra" not in said


# --- the commands ---------------------------------------------------------------------------


def test_the_commands_install_look_and_remove(
    breachkit, world, clone, listed, tmp_path, monkeypatch
):
    ids = tmp_path / "ids"
    ids.write_text(listed.text)
    breachkit.expect(3, "guard", "status", clone)
    assert "pre-push" in breachkit.expect(0, "guard", "install", clone, "--ids", ids).out
    assert json.loads(breachkit.expect(0, "guard", "status", clone, "--json").out)["works"] is True
    monkeypatch.chdir(clone)
    (clone / "copy.csv").write_bytes(columns(QUIET, 2, 1, 0))
    git(clone, "add", ".")
    breachkit.expect(7, "guard", "check", "--staged")
    breachkit.expect(2, "guard", "check")
    breachkit.expect(2, "guard", "check", "--staged", clone)
    assert "pre-commit, pre-push" in breachkit.expect(0, "guard", "remove", clone).out
    breachkit.expect(0, "guard", "check", "--staged")
    monkeypatch.setenv("BREACHKIT_GUARD_IDS", str(ids))
    breachkit.expect(7, "guard", "check", "--staged")
    breachkit.expect(0, "guard", "workflow", "--output", tmp_path / "guard.yml")
    assert hooks.status(hooks.find_guarded(clone)).works is False


def test_a_case_named_by_its_folder_gives_the_list(world, clone, tmp_path):
    ran = run_process(
        ["guard", "install", clone, "--case", world.case.path], {"HOME": str(tmp_path)}
    )

    assert ran.code == 0, ran.err
    assert hooks.status(hooks.find_guarded(clone)).works


def test_plain_files_below_a_folder_called_git_are_looked_at_all_the_same(breachkit, tmp_path):
    place = tmp_path / ".git" / "desk"
    place.mkdir(parents=True)
    (place / "t.csv").write_bytes(SMALL_COUNTS)
    (place / ".git").mkdir()
    (place / ".git" / "t.csv").write_bytes(SMALL_COUNTS)

    assert "Examined 1 file" in breachkit("guard", "check", place, "--min-severity", "low").out
