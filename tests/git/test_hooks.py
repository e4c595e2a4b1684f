"""A guard's hooks refuse what was taken out, whoever pushes it and however, and change nothing else."""

import os
import shutil
import stat
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from breachkit.actions.guarding import HOOKS, GuardList, HookName
from breachkit.git import hooks
from breachkit.git.hooks import FOLDER, KEPT, HookInTheWayError, HooksElsewhereError
from breachkit.model.ids import ObjectId
from tests.support.clones import BAD, OUTPUT, REDACTED, SHELLS, World, breached, world
from tests.support.gitrepo import ENVIRONMENT, FAST, git, head_commit, oid, refs


@pytest.fixture(scope="module")
def before(tmp_path_factory):
    """A server with a bad table in its history, as everybody has cloned it."""
    return world(tmp_path_factory.mktemp("before"))


@pytest.fixture
def made(before, tmp_path):
    """The same after the clean-up, with a stale clone at `tmp_path / "stale"`."""
    copy = before.copied_to(tmp_path)
    copy.clone(tmp_path / "stale")
    copy.clean_up()
    return copy


@pytest.fixture
def stale(made, tmp_path):
    return tmp_path / "stale"


@pytest.fixture
def fresh(made, tmp_path):
    return made.clone(tmp_path / "fresh")


def listed(made: World) -> GuardList:
    return GuardList.of(ObjectId(entry.id) for entry in made.wanted.entries)


def guard(place: Path, made: World, *names: HookName, **more):
    found = hooks.find_guarded(place)
    return hooks.install(found, listed(made), names or found.usual_hooks, **more)


@pytest.fixture(params=sorted(SHELLS))
def shell(request, tmp_path):
    """A PATH on which `sh` is this shell, and no breachkit is."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "sh").symlink_to(shutil.which(SHELLS[request.param]))
    return folder


def run(place: Path, *args: str, shell: Path | None = None, env=None):
    """Run git as a person does, with hooks."""
    where = f"{shell}:/usr/bin:/bin" if shell else "/usr/bin:/bin"
    every = {**ENVIRONMENT, "PATH": where, **(env or {})}
    ran = subprocess.run(
        ["git", *FAST, "-C", place, *args], env=every, capture_output=True, check=False
    )
    return ran.returncode, ran.stderr.decode()


def commit(place: Path, path: bytes, content: bytes, **more):
    file = place / os.fsdecode(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    run(place, "add", "--", os.fsdecode(path))
    return run(place, "commit", "-q", "-m", "Work", **more)


def with_the_hook(shell: Path, place: Path, name: str) -> None:
    """Let git start a hook by the shell of the test, whatever `/bin/sh` is."""
    file = next(
        each for each in (place / ".git/hooks" / name, place / "hooks" / name) if each.exists()
    )
    lines = file.read_bytes().split(b"\n", 1)
    file.write_bytes(b"#!" + os.fsencode(shell / "sh") + b"\n" + lines[1])


# --- R51-R60: a stale clone, and a server on guard ------------------------------------------


def test_r52_a_merge_of_the_old_history_is_refused_by_the_server(made, stale):
    git(stale, "fetch", "-q")
    git(stale, "merge", "-q", "--allow-unrelated-histories", "-s", "ours", "-m", "m", "origin/main")
    guard(made.server, made)

    code, said = run(stale, "push", "origin", "main")

    assert code
    assert "is refused" in said
    assert not made.is_contaminated()


def test_r52_without_a_guard_the_same_merge_brings_it_back(made, stale):
    git(stale, "fetch", "-q")
    git(stale, "merge", "-q", "--allow-unrelated-histories", "-s", "ours", "-m", "m", "origin/main")

    assert run(stale, "push", "origin", "main")[0] == 0
    assert made.is_contaminated()


def test_r51_a_pull_that_git_refuses_leaves_nothing_to_refuse(made, stale):
    commit(stale, b"mine.md", b"mine\n")
    guard(made.server, made)

    assert run(stale, "pull")[0]
    assert run(stale, "push", "origin", "main")[0]
    assert not made.is_contaminated()


def test_r53_a_merge_whose_conflict_was_settled_by_hand_is_refused(tmp_path):
    copy = world(tmp_path, breached(redacted_at_tip=False))
    stale = copy.clone(tmp_path / "stale")
    copy.clean_up()
    guard(copy.server, copy)
    assert run(stale, "pull", "--no-rebase", "origin", "main")[0]
    (stale / os.fsdecode(OUTPUT)).write_bytes(REDACTED)
    git(stale, "add", "--", os.fsdecode(OUTPUT))
    git(stale, "commit", "-q", "-m", "Merge")

    assert run(stale, "push", "origin", "main")[0]
    assert not copy.is_contaminated()


@pytest.mark.parametrize(
    "how",
    [["pull", "-q", "--rebase", "origin", "main"], ["rebase", "-q", "--fork-point", "origin/main"]],
    ids=["r54", "r55"],
)
def test_r54_r55_work_that_was_rebased_onto_the_new_history_is_let_through(made, stale, how):
    commit(stale, b"mine.md", b"mine\n")
    guard(made.server, made)
    guard(stale, made)
    git(stale, "fetch", "-q", "origin", "+main:refs/remotes/origin/main")

    git(stale, *how)

    assert run(stale, "push", "-q", "origin", "main") == (0, "")
    assert oid(made.server, "main") == head_commit(stale)


def test_r56_a_forced_push_is_refused_by_the_server(made, stale, shell):
    guard(made.server, made)
    with_the_hook(shell, made.server, "pre-receive")

    assert run(stale, "push", "--force", "origin", "main", shell=shell)[0]
    assert not made.is_contaminated()


def test_r57_a_new_branch_from_a_stale_clone_is_refused_by_the_server(made, stale, shell):
    guard(made.server, made)
    with_the_hook(shell, made.server, "pre-receive")

    code, said = run(stale, "push", "origin", "HEAD:refs/heads/new", shell=shell)

    assert code
    assert "Make a fresh clone" in said
    assert not made.is_contaminated()


@pytest.mark.parametrize("ref", ["refs/tags/again", "refs/notes/data", "refs/odd/one"])
def test_r58_a_new_tag_note_or_odd_ref_on_an_old_commit_is_refused_by_the_server(made, stale, ref):
    guard(made.server, made)

    assert run(stale, "push", "origin", f"light:{ref}")[0]
    assert not made.is_contaminated()


def test_r58_an_annotated_tag_of_a_tag_of_the_bad_blob_or_its_tree_is_refused(made, stale):
    guard(made.server, made)
    git(stale, "tag", "-a", "-m", "m", "inner", made.bad)
    git(stale, "tag", "-a", "-m", "m", "outer", "inner")
    tree = oid(stale, "light^{tree}")

    for source in ("outer", made.bad, tree):
        assert run(stale, "push", "origin", f"{source}:refs/tags/x")[0], source
    assert not made.is_contaminated()


def test_r59_an_old_tag_that_a_clone_has_kept_is_refused_when_it_is_pushed_again(made, stale):
    git(made.server, "update-ref", "-d", "refs/tags/light")
    git(stale, "fetch", "-q", "origin")
    guard(made.server, made)

    assert run(stale, "push", "--tags", "origin")[0]
    assert b"refs/tags/light" not in refs(made.server)


def test_r60_what_the_server_still_has_without_a_ref_is_refused_as_well(before, tmp_path):
    """No object is sent where the server has them all: what is new would be nothing."""
    copy = before.copied_to(tmp_path)
    stale = copy.clone(tmp_path / "stale")
    git(copy.server, "fetch", "-q", "--prune", str(copy.rewritten), "+refs/*:refs/*")
    guard(copy.server, copy)

    assert run(stale, "push", "origin", "HEAD:refs/heads/new")[0]
    assert not copy.is_contaminated()


def test_r60_a_hidden_ref_of_the_server_that_holds_it_excuses_nobody(before, tmp_path):
    copy = before.copied_to(tmp_path)
    stale = copy.clone(tmp_path / "stale")
    git(copy.server, "fetch", "-q", "--prune", str(copy.rewritten), "+refs/*:refs/*")
    git(copy.server, "update-ref", "refs/pull/1/head", head_commit(stale))
    guard(copy.server, copy)

    assert run(stale, "push", "origin", "HEAD:refs/heads/new")[0]


def test_what_is_clean_is_taken_and_a_ref_may_be_deleted(made, fresh, shell):
    guard(made.server, made)
    with_the_hook(shell, made.server, "pre-receive")
    commit(fresh, b"more.md", b"more\n")

    assert run(fresh, "push", "origin", "HEAD:main", "HEAD:refs/heads/side", shell=shell)[0] == 0
    assert run(fresh, "push", "origin", ":refs/heads/side", shell=shell)[0] == 0
    assert oid(made.server, "main") == head_commit(fresh)


# --- a clone on guard -----------------------------------------------------------------------


def test_a_clone_on_guard_refuses_to_push_whatever_remote_tracking_refs_claim(made, stale, shell):
    guard(stale, made)
    with_the_hook(shell, stale, "pre-push")

    code, said = run(stale, "push", "origin", "HEAD:refs/heads/new", shell=shell)

    assert code
    assert "Nothing was sent" in said
    assert b"refs/heads/new" not in refs(made.server)


@pytest.mark.parametrize("by", ["replace", "graft"])
def test_a_replaced_commit_or_a_graft_hides_nothing_behind_it(made, stale, by):
    commit(stale, b"mine.md", b"mine\n")
    guard(stale, made)
    if by == "replace":
        git(stale, "replace", "--graft", "HEAD")
    else:
        (stale / ".git/info/grafts").write_text(head_commit(stale) + "\n")
    assert git(stale, "rev-list", "--count", "HEAD") == b"1\n"

    code, said = run(stale, "push", "origin", "HEAD:refs/heads/new")

    assert code
    assert "Nothing was sent" in said


def test_a_file_that_a_partial_clone_never_fetched_is_told_by_its_name(before, tmp_path):
    copy = before.copied_to(tmp_path)
    git(copy.server, "config", "uploadpack.allowFilter", "true")
    part = copy.clone(tmp_path / "part", "--filter=blob:none", "--no-checkout", transport="file://")
    hooks.install(hooks.find_guarded(part), GuardList.of([ObjectId(copy.bad)]), ["pre-push"])

    code, said = run(part, "push", "origin", "HEAD:refs/heads/new")

    assert code
    assert "Nothing was sent" in said


@pytest.mark.parametrize("content", [BAD, BAD.replace(b"\n", b"\r\n")])
def test_the_bad_file_is_refused_when_it_is_committed_with_either_line_end(
    made, fresh, shell, content
):
    guard(fresh, made)
    with_the_hook(shell, fresh, "pre-commit")
    tip = head_commit(fresh)

    code, said = commit(fresh, b"elsewhere/copy.csv", content, shell=shell)

    assert code
    assert "git rm --cached" in said
    assert head_commit(fresh) == tip


def test_one_file_committed_past_the_index_is_looked_at_too(made, fresh):
    guard(fresh, made)
    (fresh / "code.py").write_bytes(BAD)

    assert run(fresh, "commit", "-q", "-m", "Work", "code.py")[0]
    assert run(fresh, "commit", "-q", "-a", "-m", "Work")[0]


def test_a_clean_commit_and_push_go_through(made, fresh, shell):
    guard(fresh, made)
    for name in ("pre-commit", "pre-push"):
        with_the_hook(shell, fresh, name)

    assert commit(fresh, b"more.md", b"more\n", shell=shell) == (0, "")
    assert run(fresh, "push", "-q", "origin", "HEAD:main", shell=shell) == (0, "")


def test_a_linked_work_tree_is_on_guard_with_its_repository(made, fresh, tmp_path):
    guard(fresh, made)
    git(fresh, "worktree", "add", "-q", str(tmp_path / "linked"), "-b", "linked")

    assert commit(tmp_path / "linked", b"copy.csv", BAD)[0]
    assert commit(tmp_path / "linked", b"copy.csv", REDACTED)[0] == 0


def test_a_partial_clone_fetches_nothing_and_says_what_it_did_not_have(made, tmp_path):
    git(made.server, "config", "uploadpack.allowFilter", "true")
    part = made.clone(tmp_path / "part", "--filter=blob:none", "--no-checkout", transport="file://")
    guard(part, made)
    git(part, "update-ref", "refs/heads/side", "HEAD")

    code, said = run(part, "push", "origin", "side")

    missing = git(part, "rev-list", "--objects", "--all", "--missing=print").decode()
    assert code == 0
    assert "not in this copy" in said
    assert "?" in missing


# --- nothing is published -------------------------------------------------------------------


def test_no_refusal_and_no_hook_holds_an_id_or_a_name(made, stale, fresh):
    guard(made.server, made)
    guard(fresh, made)
    said = run(stale, "push", "origin", "HEAD:refs/heads/new")[1]
    said += commit(fresh, OUTPUT, BAD)[1]
    scripts = b"".join((fresh / ".git/hooks" / name).read_bytes() for name in HOOKS[:2])

    own = said.split("remote: breachkit guard: ", 1)[1].split("To /")[0]
    for entry in made.wanted.entries:
        assert entry.id[:7] not in own + scripts.decode()
    assert os.fsdecode(OUTPUT) not in said


def test_the_list_is_for_its_owner_alone_and_in_no_commit(made, fresh):
    guard(fresh, made)
    folder = fresh / ".git" / FOLDER

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "ids").stat().st_mode) == 0o600
    assert git(fresh, "status", "--porcelain", "--ignored") == b""


def test_whom_to_ask_is_said_in_every_refusal_and_kept_when_it_is_installed_again(made, stale):
    guard(made.server, made, contact="incidents@example.org\x1b[2J")
    guard(made.server, made)

    said = run(stale, "push", "origin", "HEAD:refs/heads/new")[1]

    assert "Ask before you do anything else: incidents@example.org" in said
    assert "\x1b" not in said


# --- hooks that are there already -----------------------------------------------------------

THEIRS = b'#!/bin/sh\necho "theirs $@" >>"$(git rev-parse --git-dir)/called"\ncat >>"$(git rev-parse --git-dir)/called"\n'


def put(place: Path, name: str, script: bytes = THEIRS, mode: int = 0o755) -> Path:
    folder = place / ".git/hooks"
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(script)
    (folder / name).chmod(mode)
    return folder / name


def test_a_hook_that_was_there_is_called_with_its_arguments_and_its_input(made, fresh):
    put(fresh, "pre-push")
    guard(fresh, made)
    commit(fresh, b"more.md", b"more\n")

    assert run(fresh, "push", "origin", "HEAD:main")[0] == 0

    called = (fresh / ".git/called").read_text()
    assert called.startswith(
        f"theirs origin {made.server}\nHEAD {head_commit(fresh)} refs/heads/main "
    )


def test_a_hook_that_was_there_still_refuses(made, fresh):
    put(fresh, "pre-commit", b"#!/bin/sh\nexit 3\n")
    guard(fresh, made)
    tip = head_commit(fresh)

    assert commit(fresh, b"more.md", b"more\n")[0]
    assert head_commit(fresh) == tip


def test_a_hook_that_could_not_run_before_is_not_run_now(made, fresh):
    put(fresh, "pre-commit", b"#!/bin/sh\nexit 3\n", mode=0o644)
    guard(fresh, made)

    assert commit(fresh, b"more.md", b"more\n")[0] == 0


def snapshot(folder: Path):
    return {
        str(path.relative_to(folder)): (path.lstat().st_mode, path.readlink() if path.is_symlink() else path.read_bytes())
        for path in folder.rglob("*")
        if path.is_symlink() or path.is_file()
    }  # fmt: skip


def test_removing_it_gives_back_what_was_there_to_the_byte(made, fresh):
    put(fresh, "pre-push")
    put(fresh, "tool", b"#!/bin/sh\n")
    (fresh / ".git/hooks/pre-commit").symlink_to("tool")
    before = snapshot(fresh / ".git")
    guard(fresh, made)
    guard(fresh, made)
    assert snapshot(fresh / ".git") != before

    assert hooks.remove(hooks.find_guarded(fresh)) == ("pre-commit", "pre-push")

    assert not (fresh / ".git" / FOLDER).exists()
    assert snapshot(fresh / ".git") == before
    assert hooks.remove(hooks.find_guarded(fresh)) == ()


def test_installing_twice_is_installing_once(made, fresh):
    put(fresh, "pre-push")
    guard(fresh, made)
    once = snapshot(fresh / ".git")
    guard(fresh, made)

    assert snapshot(fresh / ".git") == once


def test_a_kill_between_keeping_a_hook_and_putting_ours_in_is_mended_by_the_next_run(made, fresh):
    theirs = put(fresh, "pre-push")
    os.link(theirs, theirs.with_name(f"pre-push.{KEPT}"))
    before = theirs.read_bytes()

    [status] = guard(fresh, made, "pre-push")

    assert status.keeps
    hooks.remove(hooks.find_guarded(fresh))
    assert theirs.read_bytes() == before
    assert not theirs.with_name(f"pre-push.{KEPT}").exists()


def test_many_installations_and_removals_at_once_leave_it_whole(made, fresh):
    put(fresh, "pre-push")
    found = hooks.find_guarded(fresh)

    def one(number: int):
        if number % 3 == 2:
            return hooks.remove(found)
        return guard(fresh, made)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(one, range(18)))

    guard(fresh, made)
    assert hooks.status(found).works
    hooks.remove(found)
    assert (fresh / ".git/hooks/pre-push").read_bytes() == THEIRS


def test_two_hooks_of_others_are_nobodys_to_choose_from(made, fresh):
    put(fresh, "pre-push")
    guard(fresh, made)
    put(fresh, "pre-push", b"#!/bin/sh\n# another tool\n")

    with pytest.raises(HookInTheWayError, match="make one hook of the two"):
        guard(fresh, made)
    assert hooks.status(hooks.find_guarded(fresh)).hooks[1].state == "foreign"


def test_a_tool_that_moves_our_hook_aside_and_calls_it_goes_round_in_no_circle(made, fresh):
    guard(fresh, made, "pre-push")
    ours = fresh / ".git/hooks/pre-push"
    ours.rename(ours.with_name("pre-push.legacy"))
    put(fresh, "pre-push", f'#!/bin/sh\nexec "{ours}.legacy" "$@"\n'.encode())
    guard(fresh, made, "pre-push")
    commit(fresh, b"more.md", b"more\n")

    assert run(fresh, "push", "-q", "origin", "HEAD:main") == (0, "")


def test_what_a_killed_installation_left_is_taken_out_as_well(made, fresh):
    guard(fresh, made, "pre-commit")
    theirs = put(fresh, "pre-push")
    os.link(theirs, theirs.with_name(f"pre-push.{KEPT}"))

    hooks.remove(hooks.find_guarded(fresh))

    assert theirs.read_bytes() == THEIRS
    assert not theirs.with_name(f"pre-push.{KEPT}").exists()


def test_a_link_to_a_hook_of_ours_is_somebody_elses(made, fresh):
    guard(fresh, made, "pre-push")
    link = fresh / ".git/hooks/pre-commit"
    link.symlink_to("pre-push")

    assert hooks.status(hooks.find_guarded(fresh)).hooks[0].state == "foreign"
    hooks.remove(hooks.find_guarded(fresh))
    assert link.is_symlink()


# --- where hooks are ------------------------------------------------------------------------


def test_hooks_go_where_the_repository_keeps_them(made, stale):
    git(stale, "config", "core.hooksPath", ".git/own hooks")
    guard(stale, made)

    assert (stale / ".git/own hooks/pre-push").exists()
    assert run(stale, "push", "origin", "HEAD:refs/heads/new")[0]


@pytest.mark.parametrize(
    ("value", "why"),
    [(".githooks", "files of the project"), ("/opt/hooks", "outside this repository"), ("~/h", "outside")],
)  # fmt: skip
def test_hooks_that_are_not_this_repositorys_own_are_left_alone(made, fresh, value, why):
    git(fresh, "config", "core.hooksPath", value)
    before = snapshot(fresh)

    with pytest.raises(HooksElsewhereError, match=why):
        guard(fresh, made)
    assert snapshot(fresh) == before


def test_a_users_hooks_for_all_repositories_are_left_alone(made, fresh, tmp_path, monkeypatch):
    config = tmp_path / "gitconfig"
    config.write_text(f"[core]\n\thooksPath = {tmp_path}/all\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))

    with pytest.raises(HooksElsewhereError):
        guard(fresh, made)
    assert not (tmp_path / "all").exists()


def test_a_link_in_place_of_the_folder_of_hooks_leads_nowhere(made, fresh, tmp_path):
    shutil.rmtree(fresh / ".git/hooks", ignore_errors=True)
    (tmp_path / "shared").mkdir()
    (fresh / ".git/hooks").symlink_to(tmp_path / "shared")

    with pytest.raises(HooksElsewhereError):
        guard(fresh, made)
    assert list((tmp_path / "shared").iterdir()) == []


def test_hooks_that_git_no_longer_looks_for_are_not_called_a_guard(made, fresh):
    guard(fresh, made)
    found = hooks.find_guarded(fresh)
    assert hooks.status(found).works
    git(fresh, "config", "core.hooksPath", "/opt/hooks")

    assert not hooks.status(found).works
    assert hooks.status(found).hooks[0].state == "not called"
    hooks.remove(found)
    assert not (fresh / ".git/hooks/pre-push").exists()


def test_nothing_that_a_hostile_repository_configures_is_run(made, fresh, tmp_path):
    evil = tmp_path / "evil"
    evil.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    evil.chmod(0o755)
    for name in ("core.fsmonitor", "core.pager", "core.editor", "core.sshCommand", "diff.external", "alias.config"):  # fmt: skip
        git(fresh, "config", name, f"!{evil}" if name.startswith("alias") else str(evil))

    guard(fresh, made)
    hooks.status(hooks.find_guarded(fresh))
    hooks.remove(hooks.find_guarded(fresh))

    assert not (tmp_path / "ran").exists()


# --- a guard that cannot look lets nothing through ------------------------------------------


@pytest.mark.parametrize("damage", ["gone", "cut", "empty"])
def test_without_the_whole_list_nothing_goes_through(made, fresh, shell, damage):
    guard(fresh, made)
    with_the_hook(shell, fresh, "pre-commit")
    ids = fresh / ".git" / FOLDER / "ids"
    text = ids.read_text()
    ids.write_text({"cut": text[: len(text) // 2], "empty": ""}.get(damage, ""))
    if damage == "gone":
        ids.unlink()

    code, said = commit(fresh, b"more.md", b"more\n", shell=shell)

    assert code
    assert "could not be looked at" in said
    assert not hooks.status(hooks.find_guarded(fresh)).works


def test_what_git_cannot_read_is_not_let_through_as_clean(made, fresh):
    guard(fresh, made)
    commit(fresh, b"more.md", b"more\n")
    broken = oid(fresh, "HEAD^{tree}")
    file = fresh / ".git/objects" / broken[:2] / broken[2:]
    file.unlink()
    file.write_bytes(b"no object")

    code, said = run(fresh, "push", "origin", "HEAD:refs/heads/new")

    assert code
    assert "could not be looked at: git could not list" in said


def test_a_hook_left_behind_by_a_guard_that_was_removed_stops_nobody(made, fresh):
    guard(fresh, made)
    shutil.rmtree(fresh / ".git" / FOLDER)

    code, said = commit(fresh, b"more.md", b"more\n")

    assert code == 0
    assert "was removed" in said


def test_a_table_that_was_never_redacted_at_the_tip_is_refused_all_the_same(tmp_path):
    copy = world(tmp_path, breached(redacted_at_tip=False))
    stale = copy.clone(tmp_path / "stale")
    copy.clean_up()
    guard(copy.server, copy)

    assert run(stale, "push", "--force", "origin", "main")[0]


def test_a_hook_that_is_taken_out_while_it_is_looked_at_is_in_nobodys_way(tmp_path, monkeypatch):
    hook, kept = tmp_path / "pre-push", tmp_path / f"pre-push.{hooks.KEPT}"
    hook.write_text("one\n")
    kept.write_text("another\n")
    same = hooks._same

    def taken_out_first(one, other):
        other.replace(one)
        return same(one, other)

    with pytest.raises(hooks.HookInTheWayError):
        hooks._refuse_if_in_the_way(tmp_path, "pre-push")
    monkeypatch.setattr(hooks, "_same", taken_out_first)

    hooks._refuse_if_in_the_way(tmp_path, "pre-push")
