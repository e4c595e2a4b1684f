"""A release is one commit with exactly the checked files, on what the server has, and nothing else."""

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from breachkit.actions.release import (
    FolderChangedError,
    InStudyError,
    NotCheckedError,
    TellingMessageError,
    UnfitFilesError,
    Word,
)
from breachkit.git.publish import (
    BranchMovedError,
    Made,
    NoCommitYetError,
    NotOnlyTheReleaseError,
    Publishing,
    ReleaseRefusedError,
    stand_of,
)
from breachkit.git.publish_proof import prove
from breachkit.git.push import UnknownOutcomeError
from breachkit.git.walk import parse_commit
from breachkit.model.errors import AccessError, ConfigurationError, RefusedError, UsageError
from breachkit.model.findings import Skipped
from breachkit.model.ids import ObjectId
from breachkit.report.release import plan_text, released_text
from tests.support.gitrepo import Executable, Gitlink, History, Symlink, git, head_commit, oid, refs
from tests.support.httpserver import GitServer, lost, only
from tests.support.releasing import (
    BRANCH,
    TABLE,
    Desk,
    branches,
    clean,
    every_object,
    files_at,
    outputs,
    study,
)


OTHER = TABLE.replace(b"230", b"240")


@pytest.fixture
def server(tmp_path):
    return study(tmp_path / "srv" / "study.git")


@pytest.fixture
def http(server):
    with GitServer(server.parent) as served:
        yield served


@pytest.fixture
def desk(tmp_path, http):
    folder = outputs(tmp_path / "ws", {"by_region.csv": TABLE, "deep/er/more.csv": OTHER})
    return Desk(tmp_path / "home", folder, http.url("study.git"))


def forbid(server: Path, script: str, hook: str = "pre-receive") -> None:
    (server / "hooks").mkdir(exist_ok=True)
    file = server / "hooks" / hook
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)


# --- what is on the server afterwards -------------------------------------------------------


def test_the_branch_is_the_default_branch_with_the_files_and_an_index(desk, server):
    before = every_object(server)

    done = desk.release()

    files = files_at(server)
    assert files.pop(b"100644 released_outputs/by_region.csv") == TABLE
    assert files.pop(b"100644 released_outputs/deep/er/more.csv") == OTHER
    index = files.pop(b"100644 released_outputs/README.md").decode()
    assert index.startswith("# Table of contents\n\n* [by\\_region.csv](by_region.csv)\n")
    assert files == files_at(server, "main")
    assert oid(server, "release-candidates^") == head_commit(server)
    assert oid(server, "release-candidates") == done.commit
    assert git(server, "fsck", "--full", "--strict") == b""
    new = every_object(server) - before
    assert len(new) == done.arrived.commits + done.arrived.trees + done.arrived.files
    assert (done.arrived.commits, done.arrived.trees, done.arrived.files) == (1, 4, 3)
    assert branches(server) == {b"main", b"release-candidates"}


def test_the_commit_names_who_released_and_no_computer_folder_or_digest(desk, server):
    desk.release()

    said = git(server, "log", "-1", "--format=%an <%ae>%n%cn <%ce>%n%aI%n%B", "release-candidates")
    assert said.decode() == (
        "Ada Hartley <ada@example.org>\nAda Hartley <ada@example.org>\n2026-11-22T10:30:00+00:00\n"
        "Release outputs\n\nReleased-from: asthma\nReleased-by: Ada Hartley\nChecked-by: Bo Lind\n"
        f"Checked-policy: opensafely-2026:2025-11\nReleased-with: breachkit {_version()}\n\n"
    )
    assert os.uname().nodename.encode() not in said
    commit = parse_commit(git(server, "cat-file", "commit", "release-candidates"))
    assert commit is not None
    assert commit.is_release
    assert desk.folder.name.encode() not in said


def _version() -> str:
    import breachkit

    return breachkit.__version__


def test_a_second_release_stands_on_the_first_and_keeps_what_is_there(desk, server):
    first = desk.release().commit
    outputs(desk.folder, {"by_region.csv": OTHER, "new.csv": TABLE})
    (desk.folder / "deep/er/more.csv").unlink()

    plan = desk.plan()
    second = desk.release()

    assert {each.path: each.state for each in plan.files} == {b"by_region.csv": "changed", b"new.csv": "new"}  # fmt: skip
    assert plan.kept == 1
    assert oid(server, "release-candidates^") == first
    assert files_at(server)[b"100644 released_outputs/deep/er/more.csv"] == OTHER
    assert second.arrived.commits == 1
    links = files_at(server)[b"100644 released_outputs/README.md"].count(b"](")
    assert links == 3


def test_the_same_release_again_changes_nothing(desk, server):
    done = desk.release()
    before = every_object(server)

    again = desk.releasing.execute()

    assert not hasattr(again, "commit")
    assert again.is_there
    assert every_object(server) == before
    assert refs(server)[BRANCH] == done.commit


def test_what_was_merged_and_whose_branch_was_deleted_is_not_released_again(desk, server):
    done = desk.release()
    git(server, "update-ref", "refs/heads/main", done.commit)
    git(server, "update-ref", "-d", os.fsdecode(BRANCH))

    assert desk.plan().is_there
    assert desk.releasing.execute().is_there
    assert branches(server) == {b"main"}


@pytest.mark.parametrize("way", ["path", "file", "unfiltered", "old protocol"])
def test_every_way_to_reach_a_server_gives_the_same(desk, server, way, monkeypatch):
    if way in {"path", "file"}:
        desk.url = str(server) if way == "path" else server.as_uri()
    if way != "unfiltered":
        git(server, "config", "uploadpack.allowFilter", "true")
    if way == "old protocol":
        monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(desk.home.parent / "gitconfig"))
        (desk.home.parent / "gitconfig").write_text("[protocol]\n\tversion = 0\n")

    done = desk.release()

    assert refs(server)[BRANCH] == done.commit
    assert done.arrived.read == 2


def test_nothing_of_a_redaction_repository_but_the_files_is_on_the_server(desk, server):
    place = desk.folder
    outputs(place, {"by_region.csv": b"region,patients\nLondon,3\n"})
    git(place, "init", "-q", "-b", "main")
    git(place, "add", ".")
    git(place, "commit", "-q", "-m", "As it came out")
    outputs(place, {"by_region.csv": TABLE})
    git(place, "commit", "-q", "-a", "-m", "Redact")
    theirs = every_object(place)

    done = desk.release()

    shared = theirs & every_object(server)
    ours = {each.blob.encode() for each in done.plan.files}
    assert shared <= ours | {line.split()[2] for line in git(server, "ls-tree", "-rt", "release-candidates").splitlines()}  # fmt: skip
    assert head_commit(place).encode() not in every_object(server)
    assert done.plan.left_out == (b".git",)
    assert done.plan.warnings == ()


def test_what_a_redaction_repository_has_not_committed_is_told(desk):
    git(desk.folder, "init", "-q")
    (desk.folder / ".gitignore").write_text("*.csv\n")

    (said,) = desk.plan().warnings

    assert said.startswith("2 of 2 files are not committed")


def test_programs_are_released_as_plain_files(desk, server):
    (desk.folder / "by_region.csv").chmod(0o755)

    desk.release()

    assert b"100644 released_outputs/by_region.csv" in files_at(server)


def test_what_others_have_in_the_folder_stays_as_it_is(tmp_path):
    odd = {b"run.sh": Executable(b"#!/bin/sh\n"), b"link": Symlink(b"a"), b"sub": Gitlink()}
    server = study(tmp_path / "srv" / "study.git", {**odd, b"a.csv": TABLE})
    desk = Desk(tmp_path / "home", outputs(tmp_path / "ws"), str(server))

    desk.release()

    after, before = files_at(server), files_at(server, "main")
    assert before.items() <= after.items()
    index = after[b"100644 released_outputs/README.md"]
    assert b"run.sh" in index
    assert b"link" not in index


def test_a_thousand_files_take_a_moment(desk, server):
    outputs(desk.folder, {f"t{n % 7}/{n}.csv": b"a,b\n%d,100\n" % (n * 10) for n in range(1000)})

    done = desk.release()

    assert len(done.plan.files) == done.arrived.read == 1002


def test_links_of_the_index_lead_to_the_files_whatever_they_are_called(desk, server):
    names = ["a b.csv", "50% (n).csv", "[x](y).csv", "h\u00e9.csv", "@you #1.csv", "<b>.csv"]
    outputs(desk.folder, dict.fromkeys(names, TABLE))

    desk.release()

    index = files_at(server)[b"100644 released_outputs/README.md"].decode()
    for link in ("a%20b.csv", "50%25%20%28n%29.csv", "%5Bx%5D%28y%29.csv", "h%C3%A9.csv"):
        assert f"]({link})" in index
    assert "@you" not in index
    assert "<b>" not in index


# --- what is refused ------------------------------------------------------------------------


def test_a_check_that_does_not_pass_lets_nothing_out_and_asks_the_network_nothing(desk, http):
    def unread(folder):
        result = clean(folder)
        return replace(result, scan=replace(result.scan, skipped=(Skipped(reason="too large"),)))

    desk.check = unread

    with pytest.raises(NotCheckedError, match="unread is not clean"):
        desk.release()
    assert http.seen == []


@pytest.mark.parametrize("how", ["changed", "gone", "came", "link"])
def test_a_folder_that_changes_after_its_check_is_refused(desk, server, how):
    def change(copied):
        file = desk.folder / "by_region.csv"
        if how == "came":
            outputs(desk.folder, {"late.csv": TABLE})
        else:
            file.unlink()
        if how == "changed":
            file.write_bytes(TABLE)
        if how == "link":
            file.symlink_to("deep/er/more.csv")
        return clean(copied)

    desk.check = change

    with pytest.raises((FolderChangedError, UnfitFilesError)):
        desk.release()
    assert branches(server) == {b"main"}


@pytest.mark.parametrize(
    "name",
    [b"a\nb.csv", b"\xff.csv", b"a\\b.csv", b"README.md", b"readme.MD", b"git~1/x.csv", b"BY_REGION.csv",
     "x\u202ecsv.exe".encode(), b"a\x1b[2J.csv"],
)  # fmt: skip
def test_names_that_have_no_place_on_the_branch_are_refused(desk, server, name):
    outputs(desk.folder, {name: TABLE})

    with pytest.raises(UnfitFilesError) as caught:
        desk.release()

    assert str(caught.value).isprintable()
    assert branches(server) == {b"main"}


@pytest.mark.parametrize("kind", ["link", "folder link", "fifo", "nested", "bare", "deep"])
def test_links_devices_and_other_repositories_are_refused(desk, server, kind, tmp_path):
    place = desk.folder / "odd"
    if kind == "link":
        place.symlink_to(desk.folder / "by_region.csv")
    elif kind == "folder link":
        place.symlink_to(tmp_path)
    elif kind == "fifo":
        os.mkfifo(place)
    elif kind == "deep":
        outputs(desk.folder, {"x/" * 70 + "a.csv": TABLE})
    else:
        study(place) if kind == "bare" else git(tmp_path, "init", "-q", str(place))

    with pytest.raises(UnfitFilesError):
        desk.release()
    assert branches(server) == {b"main"}


def test_a_file_where_the_branch_has_a_folder_is_refused_and_the_other_way_round(tmp_path):
    server = study(tmp_path / "srv" / "study.git", {b"a/b.csv": TABLE, b"c": TABLE})
    for name in ("a", "c/d.csv"):
        desk = Desk(tmp_path / "home", outputs(tmp_path / name, {name: TABLE}), str(server))
        with pytest.raises(UnfitFilesError, match="folder on the branch"):
            desk.release()


def test_released_outputs_that_is_a_file_on_the_branch_is_refused(tmp_path):
    history = History()
    history.commit({b"released_outputs": b"see elsewhere"})
    desk = Desk(tmp_path / "h", outputs(tmp_path / "ws"), str(history.build(tmp_path / "s.git")))

    with pytest.raises(UnfitFilesError, match="no folder"):
        desk.release()


@pytest.mark.parametrize("how", ["clone", "by url", "by path", "below"])
def test_a_folder_in_a_clone_of_the_study_repository_is_refused(desk, server, how, tmp_path):
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", str(server), str(clone))
    if how == "by url":  # nothing in common but the address
        git(clone, "update-ref", "-d", "refs/remotes/origin/main")
        git(clone, "checkout", "-q", "--orphan", "x")
        git(clone, "branch", "-q", "-D", "main")
        git(clone, "remote", "set-url", "origin", desk.url.upper().replace("STUDY.GIT", "study"))
        git(clone, "reflog", "expire", "--expire=all", "--all")
        git(clone, "gc", "-q", "--prune=all")
    if how == "by path":
        desk.url = str(server)
        git(clone, "remote", "remove", "origin")
    desk.folder = outputs(clone / "output") if how != "below" else outputs(clone / "a" / "b" / "c")

    with pytest.raises(InStudyError):
        desk.plan()


def test_a_target_that_is_a_clone_is_refused(desk, server, tmp_path):
    git(tmp_path, "clone", "-q", str(server), str(tmp_path / "clone"))
    desk.url = str(tmp_path / "clone")

    with pytest.raises(RefusedError):
        desk.plan()


def test_an_empty_repository_is_refused(desk, tmp_path):
    git(tmp_path, "init", "-q", "--bare", "empty.git")
    desk.url = str(tmp_path / "empty.git")

    with pytest.raises(NoCommitYetError):
        desk.release()


def test_a_release_branch_that_is_the_default_branch_is_refused(desk, server):
    git(server, "branch", "release-candidates", "main")
    git(server, "symbolic-ref", "HEAD", os.fsdecode(BRANCH))

    with pytest.raises(RefusedError, match="default branch"):
        desk.release()


def test_a_repository_of_the_other_object_format_is_refused(desk, tmp_path):
    history = History()
    history.commit({b"a": b"b"})
    desk.url = str(history.build(tmp_path / "other.git", object_format="sha256"))

    with pytest.raises(ConfigurationError, match="SHA-256"):
        desk.release()


def test_an_empty_or_missing_folder_is_nothing_to_release(desk, tmp_path):
    for folder in (tmp_path / "none", tmp_path):
        desk.folder = (
            folder if folder.name == "none" else outputs(tmp_path / "x", {".hidden": b"x"})
        )
        with pytest.raises(ConfigurationError):
            desk.plan()


@pytest.mark.parametrize("word", ["--message", "--from", "--checked-by", "--by"])
def test_words_that_tell_of_people_or_of_a_computer_are_not_published(desk, server, word):
    telling = "Only 3 patients died"
    given: dict[str, Any] = {"by": "Ada", "checked_by": None, "source": None, "subject": None}
    name = {"--message": "subject", "--from": "source", "--checked-by": "checked_by", "--by": "by"}
    desk.word = Word.given(**{**given, name[word]: telling})

    with pytest.raises(TellingMessageError):
        desk.release()

    assert branches(server) == {b"main"}
    for place in ("srv1.level4.example.org", "/e/level4/ws", "D:\\ws", "a\nb", "", "x" * 300):
        with pytest.raises(UsageError):
            Word.given(**{**given, "source": place})


# --- a server that moves, refuses or breaks -------------------------------------------------


def test_a_branch_that_moved_in_between_is_not_overwritten(desk, server, monkeypatch):
    desk.release()
    outputs(desk.folder, {"late.csv": TABLE})
    push = Publishing.push

    def later(self, made):
        git(server, "update-ref", os.fsdecode(BRANCH), "main")
        push(self, made)

    monkeypatch.setattr(Publishing, "push", later)
    with pytest.raises(BranchMovedError, match="nothing was pushed"):
        desk.release()

    assert refs(server)[BRANCH] == head_commit(server)
    assert [each["state"] for each in desk.manifests] == ["released"]


def test_a_branch_that_appeared_in_between_is_not_overwritten(desk, server, monkeypatch):
    push = Publishing.push

    def later(self, made):
        git(server, "branch", "release-candidates", "main")
        push(self, made)

    monkeypatch.setattr(Publishing, "push", later)
    with pytest.raises(BranchMovedError):
        desk.release()

    assert desk.manifests == []


def test_a_protected_branch_is_said_to_be_refused(desk, server):
    forbid(server, 'echo "protected" >&2; exit 1')

    with pytest.raises(ReleaseRefusedError, match="nothing changed there"):
        desk.release()

    assert branches(server) == {b"main"}
    assert desk.manifests == []


def test_without_permission_nothing_is_released(desk, http):
    http.password = "secret"

    with pytest.raises(AccessError):
        desk.release()


def test_a_push_whose_answer_is_lost_is_found_again(desk, server, http):
    http.fault = only("study.git/git-receive-pack", lost)
    with pytest.raises(UnknownOutcomeError):
        desk.release()
    http.fault = None

    done = desk.release()

    assert done.found
    assert refs(server)[BRANCH] == done.commit
    assert [each["state"] for each in desk.manifests] == ["released"]


def test_what_was_pushed_by_a_run_that_was_ended_is_proven_by_the_next(desk, server, monkeypatch):
    push = Publishing.push

    def ended(self, made):
        push(self, made)
        raise KeyboardInterrupt

    monkeypatch.setattr(Publishing, "push", ended)
    with pytest.raises(KeyboardInterrupt):
        desk.release()
    monkeypatch.undo()
    assert [each["state"] for each in desk.manifests] == ["begun"]

    done = desk.release()

    assert done.found
    assert done.commit == refs(server)[BRANCH]
    assert [each["state"] for each in desk.manifests] == ["released"]
    assert desk.releasing.execute().is_there


def test_what_was_begun_and_never_arrived_is_made_anew(desk, server, monkeypatch):
    monkeypatch.setattr(Publishing, "push", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        desk.release()
    monkeypatch.undo()

    done = desk.release()

    assert not done.found
    assert sorted(each["state"] for each in desk.manifests) == ["not known", "released"]


def something_else(server: Path, made: Made, what: str) -> Made:
    """Put something in the release's place on the server that brings more, or other files."""
    env = {"GIT_INDEX_FILE": str(server / "index.tmp")}
    git(server, "read-tree", made.commit, env=env)
    name = "by_region" if what in {"mode", "content"} else "extra"
    content = b"other" if what == "content" else TABLE
    one = git(server, "hash-object", "-w", "--stdin", stdin=content).decode().strip()
    mode = "100755" if what == "mode" else "100644"
    entry = f"{mode},{one},released_outputs/{name}.csv"
    git(server, "update-index", "--add", "--cacheinfo", entry, env=env)
    tree = git(server, "write-tree", env=env).decode().strip()
    parent = made.commit if what == "commit" else made.parent
    other = git(server, "commit-tree", "-p", parent, "-m", "x", tree).decode().strip()
    git(server, "update-ref", os.fsdecode(BRANCH), other)
    return Made(ObjectId(other), made.parent, made.new)


@pytest.mark.parametrize("what", ["commit", "file", "mode", "content"])
def test_anything_else_on_the_server_is_noticed(desk, server, what, tmp_path):
    files = desk.release().plan.files
    made = desk.releasing.records.every()[0].made
    other = something_else(server, made, what)
    if what in {"mode", "content"}:  # what is new was meant: the files themselves are looked at
        git_dir = str(server)
        args = ["rev-list", "--objects", "--no-object-names", other.commit, f"^{made.parent}"]
        ids = git(Path(git_dir), *args).decode().split()
        other = Made(other.commit, other.parent, frozenset(map(ObjectId, ids)))
    (tmp_path / "proof").mkdir()

    with pytest.raises(NotOnlyTheReleaseError):
        prove(desk.url, other, files, tmp_path / "proof")


def test_a_file_that_was_not_checked_so_is_noticed_by_its_bytes(desk, tmp_path):
    files = desk.release().plan.files
    made = desk.releasing.records.every()[0].made
    wrong = [replace(each, sha256="0" * 64) for each in files]
    (tmp_path / "proof").mkdir()

    with pytest.raises(NotOnlyTheReleaseError, match="other bytes"):
        prove(desk.url, made, wrong, tmp_path / "proof")


def test_a_branch_that_somebody_moved_after_the_push_is_told(desk, server, monkeypatch):
    push = Publishing.push

    def then_moved(self, made):
        push(self, made)
        git(server, "update-ref", os.fsdecode(BRANCH), "main")

    monkeypatch.setattr(Publishing, "push", then_moved)
    with pytest.raises(BranchMovedError, match="moved release-candidates since"):
        desk.release()

    assert [each["state"] for each in desk.manifests] == ["begun"]


def test_an_object_that_came_into_the_database_from_elsewhere_stops_the_push(
    desk, server, monkeypatch
):
    commit = Publishing.commit

    def with_a_stranger(self, *args):
        git(self._git_dir, "hash-object", "-w", "--stdin", stdin=b"not checked")
        return commit(self, *args)

    monkeypatch.setattr(Publishing, "commit", with_a_stranger)
    with pytest.raises(NotOnlyTheReleaseError, match="nothing was pushed"):
        desk.release()

    assert branches(server) == {b"main"}
    assert desk.manifests == []


def test_a_branch_that_moves_between_the_look_and_the_fetch_is_noticed(desk, server, monkeypatch):
    from breachkit.workflows import release

    def then_moved(refs_):
        stand = stand_of(refs_)
        git(server, "update-ref", "refs/heads/main", "main~1")
        return stand

    monkeypatch.setattr(release, "stand_of", then_moved)
    with pytest.raises(BranchMovedError):
        desk.plan()


# --- what is kept and shown -----------------------------------------------------------------


def test_the_manifest_is_private_and_holds_what_a_release_was(desk):
    done = desk.release()

    (file,) = (desk.home / "releases").glob("R-*.json")
    data = json.loads(file.read_text())
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    assert (data["number"], data["commit"], data["state"]) == (done.number, done.commit, "released")
    assert [each["sha256"] for each in data["files"]] == [each.sha256 for each in done.plan.files]
    assert data["released_by"] == {"name": "Ada Hartley", "email": "ada@example.org"}
    assert data["proof"] == {"commits": 1, "trees": 4, "files": 3, "read": 2}


@pytest.mark.parametrize("text", ["", "{}", '{"schema": "breachkit.release-manifest/1"}', "[1]"])
def test_a_damaged_manifest_is_named_and_nothing_is_released(desk, server, text):
    (desk.home / "releases").mkdir(parents=True)
    (desk.home / "releases" / "R-1.json").write_text(text)

    with pytest.raises(ConfigurationError, match=r"R-1\.json does not read"):
        desk.release()
    assert branches(server) == {b"main"}


def test_files_are_stored_in_several_packs_where_they_are_large(desk, server, monkeypatch):
    monkeypatch.setattr("breachkit.git.publish._BATCH_BYTES", 100)
    outputs(desk.folder, {f"{n}.csv": TABLE * n for n in range(1, 5)})

    assert desk.release().arrived.read == 5  # one has the bytes of another


def test_a_plan_changes_nothing_and_leaves_nothing(desk, server, tmp_path):
    before = every_object(server)

    said = plan_text(desk.plan())

    assert every_object(server) == before
    assert not desk.home.exists()
    assert "  + released_outputs/by_region.csv" in said
    assert "Released-by: Ada Hartley" in said
    assert "published at once" in said


def test_no_digest_and_no_object_id_is_in_what_is_said(desk, server):
    plan, done = desk.plan(), desk.release()

    said = plan_text(plan) + released_text(done)

    told = [each.sha256 for each in plan.files] + [one.decode() for one in every_object(server)]
    assert not [each for each in told if each[:10] in said]
