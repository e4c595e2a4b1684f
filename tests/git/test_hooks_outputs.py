"""A copy on guard lets outputs through that were checked or released, and no others."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachkit.actions.guard_outputs import FOLDERS, CheckedFiles
from breachkit.actions.guarding import GuardList, NoGuardListError
from breachkit.documents.kinds import is_output_path
from breachkit.git import hooks
from breachkit.git.guard_lists import ALONE, OUTPUTS
from breachkit.model.ids import ObjectId
from tests.support.clones import SHELLS
from tests.support.gitrepo import ENVIRONMENT, FAST, blob_oid, git, head_commit, oid, refs


TABLE = b"region,patients\nLondon,364\nNorth East,230\n"
OTHER = TABLE.replace(b"230", b"240")
NAME = "released_outputs/table.csv"


@pytest.fixture(params=sorted(SHELLS))
def shell(request, tmp_path):
    """A PATH on which `sh` is this shell, and no breachkit is."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "sh").symlink_to(shutil.which(SHELLS[request.param]))
    return folder


class Copy:
    """A clone of a study that refuses unchecked outputs."""

    def __init__(self, folder: Path, shell: Path | None = None) -> None:
        self.server, self.place = folder / "study.git", folder / "copy"
        git(folder, "init", "-q", "--bare", "-b", "main", str(self.server))
        git(folder, "clone", "-q", str(self.server), str(self.place))
        self.write({"analysis/model.py": b"print('hello')\n", "project.yaml": b"actions: {}\n"})
        self.run("add", ".")
        self.run("commit", "-q", "-m", "Begin")
        self.run("push", "-q", "-u", "origin", "main")
        self.guard(shell)

    def guard(self, shell: Path | None = None) -> None:
        found = hooks.find_guarded(self.place)
        hooks.install(found, None, found.usual_hooks, outputs=True)
        for file in (self.place / ".git/hooks").iterdir() if shell else ():
            lines = file.read_bytes().split(b"\n", 1)
            file.write_bytes(b"#!" + os.fsencode(shell / "sh") + b"\n" + lines[1])  # type: ignore[operator]

    def write(self, files):
        for name, content in files.items():
            path = self.place / os.fsdecode(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)

    def run(self, *args, place=None):
        env = {**ENVIRONMENT, "PATH": "/usr/bin:/bin"}
        command = ["git", *FAST, "-C", place or self.place, *args]
        ran = subprocess.run(command, env=env, capture_output=True, check=False)
        return ran.returncode, ran.stderr.decode()

    def commit(self, files, *options):
        """Stage files and commit them."""
        self.write(files)
        self.run("add", "--all", ".")
        return self.run("commit", "-q", "-m", "Work", *options)

    def allow(self, *contents):
        ids = {ObjectId(blob_oid(self.place, each)) for each in contents}
        hooks.allow(hooks.find_guarded(self.place), ids)

    def release(self, files, trailer="Released-with: breachkit 0.1.0", name="release-candidates"):
        """Publish files as a release does: from elsewhere, on a branch of the server."""
        other = self.place.parent / f"other-{name}"
        if not other.exists():
            git(self.place.parent, "clone", "-q", str(self.server), str(other))
            git(other, "checkout", "-q", "-b", name)
        for path, content in files.items():
            (other / path).parent.mkdir(parents=True, exist_ok=True)
            (other / path).write_bytes(content)
        git(other, "add", ".")
        git(other, "commit", "-q", "-m", f"Release outputs\n\n{trailer}\n")
        git(other, "push", "-q", "origin", name)


def told(said):
    """Give the names in a refusal."""
    names = said.split("as they are:\n")[1].split("breachkit guard: Nothing is lost")[0]
    return [line.removeprefix("breachkit guard:   ") for line in names.splitlines()]


@pytest.fixture
def copy(tmp_path):
    return Copy(tmp_path)


# --- which folders --------------------------------------------------------------------------


PARTS = [
    *("release", "released", "Released", "output", "outputs", "OUTPUT", "result", "results"),
    *("post_check", "redacted", "redacted_outputs", "released_outputs"),
]


@given(
    st.lists(
        st.sampled_from([*PARTS, *"abcx_-. /"]),
        max_size=8,
    ).map("".join)
)
def test_the_folders_of_a_guard_are_those_that_rules_take_for_outputs(path):
    awk = ["awk", "-v", f"folders={FOLDERS}", "{ print tolower($0) ~ folders }"]
    said = subprocess.run(awk, input=path.encode() + b"\n", capture_output=True, check=True)

    assert (said.stdout == b"1\n") is is_output_path(path.encode())


# --- commits --------------------------------------------------------------------------------


def test_unchecked_outputs_are_not_committed_and_the_refusal_says_what_to_do(tmp_path, shell):
    copy = Copy(tmp_path, shell)
    before = head_commit(copy.place)

    code, said = copy.commit({NAME: TABLE, "analysis/model.py": b"print(2)\n"})

    assert code
    assert head_commit(copy.place) == before
    assert told(said) == [NAME]
    for word in ("breachkit check", "breachkit release", "breachkit guard allow", "git restore"):
        assert word in said


def test_anything_but_outputs_is_committed_and_pushed(tmp_path, shell):
    copy = Copy(tmp_path, shell)
    files = {"analysis/a b.py": b"1\n", "codelists/x.csv": b"code\n1\n", "output/.gitkeep": b""}

    assert copy.commit({**files, "output/.gitignore": b"*\n", "output/empty.csv": b""}) == (0, "")
    assert copy.run("push", "-q") == (0, "")


NAMES = [
    *("output/a b.csv", "Outputs/x.csv", "released_outputs/n\u00e4me.csv", "results/a\nb.csv"),
    *(b"output/\xff.csv", 'release_2026/"q".csv', "deep/er/output/x.csv", "output/-rf"),
    *("output/\t.csv", "output/:1 2 3.csv", "output/end 0", "output/=", "output/\\n.csv"),
    "output/known e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
]


def test_no_name_slips_through(tmp_path, shell):
    copy = Copy(tmp_path, shell)
    before = head_commit(copy.place)

    code, said = copy.commit(dict.fromkeys(NAMES, TABLE))

    assert code
    assert head_commit(copy.place) == before
    assert len(told(said)) == 6
    assert told(said)[-1] == f"and {len(NAMES) - 5} more"
    assert said.isascii()


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("results/a\nb.csv", r'"results/a\nb.csv"'),
        (b"output/\xff.csv", r'"output/\377.csv"'),
        ("output/\t.csv", r'"output/\t.csv"'),
        ("output/a b.csv", "output/a b.csv"),
    ],
)
def test_a_name_is_told_on_one_line_with_nothing_in_it_that_acts(copy, name, shown):
    assert told(copy.commit({name: TABLE})[1]) == [shown]


@pytest.mark.parametrize("how", ["all", "named", "amend", "worktree", "subfolder", "unborn"])
def test_no_way_to_commit_slips_through(copy, how, tmp_path):
    place = copy.place
    copy.allow(TABLE)
    assert copy.commit({NAME: TABLE}) == (0, "")
    before = head_commit(place)
    copy.write({NAME: OTHER})
    if how == "all":
        code, _ = copy.run("commit", "-q", "-a", "-m", "x")
    elif how == "named":
        code, _ = copy.run("commit", "-q", "-m", "x", NAME)
    elif how == "amend":
        code, _ = copy.run("commit", "-q", "--amend", "-a", "--no-edit")
    elif how == "subfolder":
        code, _ = copy.run("commit", "-q", "-m", "x", "table.csv", place=place / "released_outputs")
    elif how == "unborn":
        copy.run("checkout", "-q", "--orphan", "fresh")
        code, _ = copy.run("commit", "-q", "-a", "-m", "x")
    else:
        other = tmp_path / "linked"
        git(place, "worktree", "add", "-q", str(other), "-b", "side")
        (other / NAME).write_bytes(OTHER)
        code, _ = copy.run("commit", "-q", "-a", "-m", "x", place=other)

    assert code
    assert oid(place, "main") == before


def test_an_amended_message_and_a_deletion_pass(copy):
    copy.allow(TABLE)
    copy.commit({NAME: TABLE})

    assert copy.run("commit", "-q", "--amend", "-m", "Better words") == (0, "")
    (copy.place / NAME).unlink()
    assert copy.run("commit", "-q", "-a", "-m", "Take it out") == (0, "")


def test_a_file_that_moves_into_a_folder_of_outputs_is_refused_and_within_them_not(copy):
    copy.allow(TABLE)
    copy.commit({NAME: TABLE, "scratch/other.csv": OTHER})
    (copy.place / "output").mkdir()

    git(copy.place, "mv", NAME, "output/table.csv")
    assert copy.run("commit", "-q", "-m", "Move") == (0, "")
    git(copy.place, "mv", "scratch/other.csv", "output/other.csv")
    assert copy.run("commit", "-q", "-m", "Move")[0]


def test_what_was_checked_is_committed_and_pushed_and_nothing_else_of_its_name(tmp_path, shell):
    copy = Copy(tmp_path, shell)
    copy.allow(TABLE)

    assert copy.commit({NAME: TABLE}) == (0, "")
    assert copy.run("push", "-q") == (0, "")
    assert copy.commit({NAME: TABLE + b"West,3\n"})[0]


# --- releases -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "trailer", ["Released-with: breachkit 0.1.0", "Opensafely-released-from: host:/x"]
)
@pytest.mark.parametrize("way", ["merge", "forward", "checkout", "pick", "squash"])
def test_what_was_released_is_taken_over_in_every_way(copy, trailer, way):
    copy.release({NAME: TABLE}, trailer)
    copy.release({NAME: OTHER}, trailer)
    copy.run("fetch", "-q")
    if way != "forward":
        copy.commit({"analysis/more.py": b"1\n"})
    if way in {"merge", "forward"}:
        ran = copy.run("merge", "-q", "--no-edit", "origin/release-candidates")
    elif way == "pick":
        ran = copy.run("cherry-pick", "origin/main..origin/release-candidates")
    elif way == "squash":
        copy.run("merge", "-q", "--squash", "origin/release-candidates")
        ran = copy.run("commit", "-q", "-m", "Take it over")
    else:
        copy.run("checkout", "-q", "origin/release-candidates~1", "--", "released_outputs")
        ran = copy.run("commit", "-q", "-m", "Take the first over")

    assert ran[0] == 0, ran[1]
    assert copy.run("push", "-q") == (0, "")
    wanted = TABLE if way == "checkout" else OTHER
    assert (copy.place / NAME).read_bytes() == wanted


def test_a_branch_of_outputs_that_no_release_brought_is_not_taken_over_by_a_commit(copy):
    copy.release({NAME: TABLE}, "Signed-off-by: Somebody", name="results-branch")
    copy.run("fetch", "-q")
    copy.run("checkout", "-q", "origin/results-branch", "--", "released_outputs")

    code, said = copy.run("commit", "-q", "-m", "Take it over")

    assert code
    assert NAME in said


def test_a_conflict_with_a_release_that_was_settled_as_released_passes_and_otherwise_not(copy):
    copy.allow(TABLE)
    copy.commit({NAME: TABLE})
    copy.release({NAME: OTHER})
    copy.run("fetch", "-q")
    assert copy.run("merge", "-q", "origin/release-candidates")[0]

    assert copy.commit({NAME: TABLE + OTHER})[0]
    assert copy.commit({NAME: OTHER}) == (0, "")
    assert copy.run("push", "-q") == (0, "")


# --- pushes ---------------------------------------------------------------------------------


def unlooked(copy, files, *options):
    """Commit past the hook, as `--no-verify` does."""
    assert copy.commit(files, "--no-verify", *options)[0] == 0


@pytest.mark.parametrize("to", ["main", "new-branch"])
def test_a_commit_that_went_past_the_hook_is_not_pushed(tmp_path, shell, to):
    copy = Copy(tmp_path, shell)
    unlooked(copy, {NAME: TABLE})

    code, said = copy.run("push", "origin", f"HEAD:refs/heads/{to}")

    assert code
    assert NAME in said
    assert "push is refused" in said
    assert oid(copy.server, "main") == oid(copy.place, "HEAD~1")
    assert refs(copy.server).keys() == {b"refs/heads/main"}


def test_outputs_that_a_later_commit_took_out_again_are_not_pushed(copy):
    unlooked(copy, {NAME: TABLE})
    (copy.place / NAME).unlink()
    copy.commit({})

    assert NAME in copy.run("push")[1]
    assert oid(copy.server, "main") == oid(copy.place, "HEAD~2")


def test_outputs_of_a_side_branch_that_was_merged_are_not_pushed(copy):
    copy.run("checkout", "-q", "-b", "side")
    unlooked(copy, {"output/x.csv": TABLE})
    copy.run("checkout", "-q", "main")
    copy.commit({"a.py": b"1\n"})
    assert copy.run("merge", "-q", "--no-edit", "side")[0] == 0

    assert "output/x.csv" in copy.run("push")[1]


def test_outputs_that_only_a_merge_brought_are_not_pushed(copy):
    copy.run("checkout", "-q", "-b", "side")
    copy.commit({"b.py": b"1\n"})
    copy.run("checkout", "-q", "main")
    copy.commit({"a.py": b"1\n"})
    copy.run("merge", "-q", "--no-commit", "--no-ff", "side")
    unlooked(copy, {NAME: TABLE})

    assert NAME in copy.run("push")[1]


@pytest.mark.parametrize("kind", ["blob", "tree", "tag"])
def test_tags_of_files_and_folders_are_looked_into(tmp_path, shell, kind):
    copy = Copy(tmp_path, shell)
    unlooked(copy, {NAME: TABLE})
    target = {"blob": f"HEAD:{NAME}", "tree": "HEAD^{tree}", "tag": "HEAD"}[kind]
    copy.run("tag", "-a", "-m", "x", "mine", target)

    assert copy.run("push", "origin", "refs/tags/mine")[0]
    assert refs(copy.server).keys() == {b"refs/heads/main"}


def test_what_the_server_has_is_no_news_and_a_ref_may_be_deleted(copy):
    shutil.rmtree(copy.place / ".git/hooks")
    unlooked(copy, {NAME: TABLE})
    copy.run("push", "-q", "origin", "main", "HEAD:refs/heads/side")
    copy.guard()

    assert copy.commit({"a.py": b"1\n"}) == (0, "")
    assert copy.run("push", "-q", "origin", "main", ":refs/heads/side") == (0, "")
    (copy.place / "output").mkdir()
    git(copy.place, "mv", NAME, "output/t.csv")
    assert copy.run("commit", "-q", "-m", "Move") == (0, "")
    assert copy.run("push", "-q") == (0, "")


def test_a_push_to_an_address_that_is_no_remote_looks_at_everything(copy, tmp_path):
    shutil.rmtree(copy.place / ".git/hooks")
    unlooked(copy, {NAME: TABLE})
    copy.run("push", "-q", "origin", "main")
    copy.guard()
    git(tmp_path, "init", "-q", "--bare", "-b", "main", "public.git")

    assert copy.run("push", str(tmp_path / "public.git"), "main")[0]
    assert refs(tmp_path / "public.git") == {}


# --- the lists ------------------------------------------------------------------------------


@pytest.mark.parametrize("damage", ["gone", "cut", "other"])
def test_a_list_that_is_not_whole_lets_nothing_through(tmp_path, shell, damage):
    copy = Copy(tmp_path, shell)
    copy.allow(TABLE, OTHER)
    file = copy.place / ".git/breachkit-guard" / OUTPUTS
    text = file.read_text()
    file.unlink() if damage == "gone" else file.write_text(text[:-4] if damage == "cut" else "x\n")

    code, said = copy.commit({"a.py": b"1\n"})

    assert code
    assert "not whole" in said
    assert hooks.status(hooks.find_guarded(copy.place)).problem
    copy.guard()
    assert copy.commit({"a.py": b"1\n"}) == (0, "")


def test_a_guard_of_a_case_and_one_of_outputs_work_together_in_either_order(copy):
    bad = ObjectId(blob_oid(copy.place, b"bad\n"))
    found = hooks.find_guarded(copy.place)
    hooks.install(found, GuardList.of([bad]), found.usual_hooks)

    assert not (found.folder / ALONE).exists()
    assert "taken out of this history" in copy.commit({"b.txt": b"bad\n"})[1]
    copy.run("rm", "-q", "--cached", "b.txt")
    (copy.place / "b.txt").unlink()
    assert "nobody has checked" in copy.commit({NAME: TABLE})[1]
    status = hooks.status(found)
    assert (status.ids, status.outputs, status.works) == (1, 0, True)
    copy.guard()
    assert hooks.status(found) == status
    (found.folder / "ids").unlink()
    assert "not whole" in copy.run("commit", "-q", "--allow-empty", "-m", "x")[1]


def test_installing_again_keeps_what_was_checked_and_removing_leaves_nothing(copy):
    copy.allow(TABLE)
    found = hooks.find_guarded(copy.place)
    copy.guard()
    assert hooks.status(found).outputs == 1

    assert hooks.remove(found) == ("pre-commit", "pre-push")

    assert not found.folder.exists()
    assert copy.commit({NAME: OTHER}) == (0, "")
    with pytest.raises(NoGuardListError):
        copy.allow(TABLE)


def test_a_hook_that_was_there_is_still_called(tmp_path):
    copy = Copy(tmp_path)
    hooks.remove(hooks.find_guarded(copy.place))
    hook = copy.place / ".git/hooks/pre-push"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho kept-$1-$(wc -l) >&2\n")
    hook.chmod(0o755)
    copy.guard()
    copy.commit({"a.py": b"1\n"})

    assert "kept-origin-1" in copy.run("push")[1].replace(" ", "")


def test_a_list_reads_back_and_nothing_else_reads_as_one():
    made = CheckedFiles().with_more([ObjectId("a" * 40), ObjectId("b" * 40)])

    assert CheckedFiles.parse(made.text) == made
    assert CheckedFiles.parse(CheckedFiles().text).ids == frozenset()
    for text in ("", "x", made.text[:-2], made.text.replace("a" * 40, "a" * 39)):
        with pytest.raises(NoGuardListError):
            CheckedFiles.parse(text)
