"""What a hostile or careless hand may have put in a history, and what a rewrite makes of it."""

import re
import time
from dataclasses import replace
from pathlib import Path

import pytest

from breachkit.actions.edits import Edits, Renaming, Wording, read_wordings
from breachkit.actions.rewrite import plan_rewrite
from breachkit.git.facts import gather_facts
from breachkit.git.mentions import Mentions, tell_apart
from breachkit.git.proof import prove
from breachkit.model.errors import RefusedError
from breachkit.model.ids import GitPath, ObjectId
from tests.support.gitrepo import History, blob_oid, git, oid, write_blob
from tests.support.rewriting import (
    BAD,
    Rewrite,
    commit_raw,
    files,
    objects,
    raw,
    rewrite_server,
)


MAIN = "refs/heads/main"
OUT = b"out/a.csv"
WHO = b"Ada <ada@example.org> 1600000000 +0000"


def proven(result: Rewrite) -> Rewrite:
    proof = prove(result.mirror.path, result.target, result.plan, result.done)
    assert proof.ok, proof.failures
    return result


def holding(folder: Path) -> Path:
    """A server with a bad file that was deleted again."""
    history = History()
    history.commit({b"code.py": b"one"})
    history.commit({OUT: BAD})
    history.commit({OUT: None})
    return history.build(folder / "s.git")


def commit_of(server: Path, details: bytes, *, parents: tuple[str, ...] = ()) -> str:
    """Write a commit with exactly these bytes after its parents, as the tip of main."""
    tree = oid(server, f"{MAIN}^{{tree}}").encode()
    above = b"".join(b"parent %s\n" % one.encode() for one in parents)
    return commit_raw(server, b"tree %s\n" % tree + above + details, MAIN)


def reworded(folder: Path, details: bytes, *lines: str) -> bytes:
    """Give what stands after the tree of a commit once words went from it."""
    history = History()
    history.commit({b"a": b"1"})
    server = history.build(folder / "s.git")
    commit_of(server, details)
    edits = Edits(wordings=read_wordings("\n".join(lines).encode()))
    result = proven(rewrite_server(server, [], folder, edits))
    return raw(result.target, MAIN).partition(b"\n")[2]


def message(text: bytes, *headers: bytes) -> bytes:
    return b"\n".join([b"author " + WHO, b"committer " + WHO, *headers, b"", text])


# --- words -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "headers", "lines", "expected"),
    [
        (b"xpatpatientient", (), ["patient==>"], b"x"),
        (b"abcabcc", (), ["abc==>"], b"c"),
        (b"a.c abc a+b", (), ["a.c==>X", "a+b==>Y"], b"X abc Y"),
        (b"Anna Annabel", (), ["Anna==>A", "Annabel==>B"], b"A B"),
        (b"John\nSmith, John  Smith", (), ["John Smith"], b"[REDACTED], [REDACTED]"),
        (b"seen M\xfcller", (), ["Müller"], b"seen [REDACTED]"),
        (b"seen M\xfcller", (b"encoding no-such",), ["Müller"], b"seen [REDACTED]"),
        (b"seen M\xfcller", (b"encoding a\0b",), ["Müller"], b"seen [REDACTED]"),
        (b"M\xfcller", (b"encoding ISO-8859-1",), ["Müller==>患者"], b"??"),
        ("Mu\u0308ller".encode(), (), ["M\u00fcller"], b"[REDACTED]"),
        ("M\u00fcller".encode(), (), ["Mu\u0308ller"], b"[REDACTED]"),
        ("Müller".encode("utf-16-le"), (), ["Müller==>X"], b"X\0"),
        ("Smith".encode("utf-16"), (b"encoding UTF-16",), ["Smith==>X"], b"\xff\xfeX\0"),
        (b"", (), ["example.org==>nowhere.example.com"], b""),
    ],
    ids=[
        *("again", "again from both sides", "metacharacters", "one in another", "wrapped"),
        *("no encoding named", "unknown encoding", "encoding with a NUL", "not in that encoding"),
        *("decomposed", "composed", "wide", "wide with a mark", "empty message"),
    ],
)
def test_words_are_found_however_they_are_written(
    tmp_path: Path, text: bytes, headers: tuple[bytes, ...], lines: list[str], expected: bytes
):
    assert reworded(tmp_path, message(text, *headers), *lines).partition(b"\n\n")[2] == expected


@pytest.mark.parametrize(
    ("details", "expected"),
    [
        (b"author Smith <a@b> Smith 1 +0000\n", b"author [REDACTED] <a@b> [REDACTED] 1 +0000\n"),
        (b"author Smith 1600000000 +0000\n", b"author [REDACTED] 1600000000 +0000\n"),
        (b"note of John\n Smith\n", b"note of John\n [REDACTED]\n"),
        (b"Smith-says yes\n", b"[REDACTED]-says yes\n"),
        (b"Smith\n", b"[REDACTED]\n"),
        (b"author Ada Smith <a@b> 1 +0000\n", b"author Ada [REDACTED] <a@b> 1 +0000\n"),
    ],
    ids=["after the address", "no address", "continued", "name of a header", "whole header", "who"],
)
def test_words_go_from_headers_that_no_git_writes(tmp_path: Path, details: bytes, expected: bytes):
    rest = b"committer " + WHO + b"\n\nm\n"

    assert reworded(tmp_path, details + rest, "Smith") == expected + rest


@pytest.mark.parametrize(
    ("details", "lines", "expected"),
    [
        (b"Smith\n", ["Smith==>"], b"[REDACTED]\n"),
        (b"Smith yes\n", ["Smith==>"], b"[REDACTED] yes\n"),
        (b"author Smith <a@b> 1 +0000\n", ["Smith==>"], b"author  <a@b> 1 +0000\n"),
    ],
)
def test_a_header_stays_one_where_nothing_stands_for_the_words(
    tmp_path: Path, details: bytes, lines: list[str], expected: bytes
):
    rest = b"committer " + WHO + b"\n\nm\n"

    assert reworded(tmp_path, details + rest, *lines) == expected + rest


def test_blanks_at_the_ends_of_a_line_of_words_are_not_looked_for():
    (only,) = read_wordings(b"Smith ==> X \n")

    assert (only.find, only.put) == (b"Smith", b"X")


def test_words_that_come_again_without_end_are_refused_before_anything_is_done(tmp_path: Path):
    history = History()
    history.commit({b"a": b"1"}, message="xxxy")
    server = history.build(tmp_path / "s.git")
    edits = Edits(wordings=(Wording(find=b"xy", put=b"yyxx"),))

    with pytest.raises(RefusedError, match="choose something else") as caught:
        gather_facts(server, [], edits)

    assert "xy" not in str(caught.value)


def test_words_that_are_part_of_an_old_id_leave_nothing_of_it(tmp_path: Path):
    server = holding(tmp_path)
    named = oid(server, f"{MAIN}~1")
    commit_of(server, message(f"Revert {named}".encode()), parents=(oid(server, MAIN),))
    edits = Edits(wordings=(Wording(find=named[4:9].encode()),))

    result = proven(rewrite_server(server, [blob_oid(server, BAD)], tmp_path, edits))

    assert named[12:].encode() not in raw(result.target, MAIN)
    assert result.new_ids[named].encode() in raw(result.target, MAIN)


def test_a_copy_of_a_merged_tag_goes_with_the_words_in_it(tmp_path: Path):
    history = History()
    history.commit({b"a": b"1"})
    server = history.build(tmp_path / "s.git")
    tag = f"mergetag object {oid(server)}\n type commit\n tag v\n tagger A <a@b> 1 +0000\n \n"
    copy = (tag + " for John\n Smith").encode()
    commit_of(server, message(b"merge", copy))

    edits = Edits(wordings=(Wording(find=b"John Smith"),))
    result = proven(rewrite_server(server, [], tmp_path, edits))

    assert b"mergetag" not in raw(result.target, MAIN)


# --- ids in messages -------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["v1-2-g{}", "{}_x", "commit{}", "(#{})"])
@pytest.mark.parametrize("length", [7, 12, 40])
@pytest.mark.parametrize("case", [str.lower, str.upper])
def test_an_old_id_is_found_whatever_stands_beside_it(tmp_path: Path, form, length, case):
    gone = ObjectId("0123456789abcdef0123456789abcdef01234567")
    new = ObjectId("f" * 40)

    told = Mentions([gone]).translate(form.format(case(gone[:length])).encode(), {gone: new})

    assert told == form.format("f" * length).encode()


def test_old_ids_go_from_headers_and_copies_of_merged_tags_too(tmp_path: Path):
    server = holding(tmp_path)
    named, kept = oid(server, f"{MAIN}~1"), oid(server, f"{MAIN}~2")
    tag = f"mergetag object {kept}\n type commit\n tag v\n \n see {named[:10]}"
    headers = (f"rebase-source {named}".encode(), tag.encode())
    commit_of(server, message(b"m", *headers), parents=(oid(server, MAIN),))

    result = proven(rewrite_server(server, [blob_oid(server, BAD)], tmp_path))

    data = raw(result.target, MAIN)
    assert b"rebase-source " + result.new_ids[named].encode() in data
    assert named[:7].encode() not in data
    assert result.plan.losses.mergetags == 1
    assert result.plan.traces.messages == 1


def test_numbers_that_look_like_the_start_of_a_later_id_do_not_stop_a_rewrite():
    one, two, three = (ObjectId(digit * 40) for digit in "123")
    parents = {one: (), two: (one,), three: (two,)}
    told = {one: {three}, three: {one}, two: {two}}

    order, known = tell_apart(parents, told)

    assert list(order) == [one, two, three]
    assert known == {one: set(), two: set(), three: {one}}


def test_commits_that_name_each_other_tell_nothing_of_each_other():
    one, two, three = (ObjectId(digit * 40) for digit in "123")
    parents: dict[ObjectId, tuple[ObjectId, ...]] = {one: (), two: (), three: (two,)}

    order, known = tell_apart(parents, {one: {two}, two: {one}, three: {one, two}})

    assert known == {one: set(), two: {one}, three: {one, two}}
    assert list(order) == [one, two, three]


def test_a_message_that_names_a_commit_built_on_it_gets_zeros_and_is_proven(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Seven digits take too long to find; with two, every word may be the start of an id."""
    two = re.compile(rb"(?<![0-9a-fA-F])[0-9a-fA-F]{2,40}(?![0-9a-fA-F])")
    monkeypatch.setattr("breachkit.git.mentions._WORD", two)
    monkeypatch.setattr("breachkit.git.mentions.SHORTEST", 2)
    history = History()
    history.commit({b"code.py": b"one", OUT: BAD}, message="0 1")
    server = history.build(tmp_path / "s.git")
    root = commit_of(server, message(b"".join(b"%02x " % number for number in range(256))))
    commit_of(server, message(b"on it"), parents=(root,))
    after = oid(server, MAIN)

    result = proven(rewrite_server(server, [blob_oid(server, BAD)], tmp_path))

    assert after[:2].encode() in raw(server, root)
    assert b" 00 " in raw(result.target, result.new_ids[root])


def test_a_repository_of_mentions_is_ordered_in_time():
    ids = [ObjectId(f"{number:040x}") for number in range(20_000)]
    parents = {one: tuple(ids[max(0, at - 1) : at]) for at, one in enumerate(ids)}
    told = {one: {ids[at // 2]} for at, one in enumerate(ids) if at}
    begun = time.perf_counter()

    order, _ = tell_apart(parents, told)

    assert len(order) == len(ids)
    assert time.perf_counter() - begun < 5


# --- notes -----------------------------------------------------------------------------------


def note_tree(server: Path, ref: str, notes: dict[str, bytes]) -> None:
    """Write notes under names of any depth, by hand."""
    index = {"GIT_INDEX_FILE": str(server / "index.tmp")}
    for name, text in notes.items():
        entry = f"100644,{write_blob(server, text)},{name}"
        git(server, "update-index", "--add", "--cacheinfo", entry, env=index)
    tree = git(server, "write-tree", env=index).decode().strip()
    (server / "index.tmp").unlink()
    made = git(server, "commit-tree", tree, "-m", "notes").decode().strip()
    git(server, "update-ref", ref, made)


@pytest.mark.parametrize("cuts", [(), (2,), (2, 4), (2, 4, 6)])
def test_a_note_keeps_its_depth_in_folders(tmp_path: Path, cuts: tuple[int, ...]):
    server = holding(tmp_path)
    named = oid(server, MAIN)
    note_tree(server, "refs/notes/x", {cut(named, cuts): b"seen"})

    result = proven(rewrite_server(server, [blob_oid(server, BAD)], tmp_path))

    assert list(files(result.target, "refs/notes/x")) == [cut(result.new_ids[named], cuts).encode()]


def cut(one: str, at: tuple[int, ...]) -> str:
    ends = (*at, len(one))
    return "/".join(one[start:end] for start, end in zip((0, *at), ends, strict=True))


def test_a_note_on_a_bad_file_goes_because_its_name_is_the_id(tmp_path: Path):
    server = holding(tmp_path)
    bad = blob_oid(server, BAD)
    note_tree(server, "refs/notes/x", {bad: b"oh", oid(server, f"{MAIN}~2"): b"fine"})

    result = proven(rewrite_server(server, [bad], tmp_path))

    assert list(files(result.target, "refs/notes/x")) == [oid(server, f"{MAIN}~2").encode()]


def two_that_become_one(folder: Path) -> Path:
    history = History()
    history.commit({b"code.py": b"one"}, when=1_600_000_000)
    for name in (b"refs/heads/a", b"refs/heads/b"):
        content = BAD + name
        history.commit({OUT: content, b"x": b"x"}, ref=name, parents=[1], when=1_600_000_001)
    return history.build(folder / "s.git")


def test_two_notes_whose_commits_become_one_are_both_kept_and_shown(tmp_path: Path):
    server = two_that_become_one(tmp_path)
    tips = [oid(server, f"refs/heads/{name}") for name in "ab"]
    note_tree(server, "refs/notes/x", {tips[0]: b"first\n", tips[1]: b"second\n"})
    bad = [blob_oid(server, BAD + b"refs/heads/" + name) for name in (b"a", b"b")]

    result = proven(rewrite_server(server, bad, tmp_path))

    shown = git(result.target, "notes", "--ref=x", "show", "refs/heads/a")
    assert b"first" in shown
    assert b"second" in shown


def test_a_note_moves_beside_the_one_of_a_commit_that_was_there_already(tmp_path: Path):
    history = History()
    history.commit({b"code.py": b"one"}, when=1_600_000_000)
    history.commit({OUT: BAD, b"x": b"x"}, ref=b"refs/heads/a", parents=[1], when=1_600_000_001)
    history.commit({b"x": b"x"}, ref=b"refs/heads/b", parents=[1], when=1_600_000_001)
    server = history.build(tmp_path / "s.git")
    tips = [oid(server, f"refs/heads/{name}") for name in "ab"]
    note_tree(server, "refs/notes/x", {tips[0]: b"bad one\n", tips[1]: b"good one\n"})

    result = proven(rewrite_server(server, [blob_oid(server, BAD)], tmp_path))

    assert result.new_ref(b"refs/heads/a") == tips[1]
    assert git(result.target, "fsck", "--full") == b""
    shown = git(result.target, "notes", "--ref=x", "show", "refs/heads/b")
    assert b"bad one" in shown
    assert b"good one" in shown


def test_notes_on_notes_follow_them(tmp_path: Path):
    server = holding(tmp_path)
    note_tree(server, "refs/notes/z", {oid(server, MAIN): b"seen"})
    inner = oid(server, "refs/notes/z")
    note_tree(server, "refs/notes/a", {inner: b"a note on a note"})

    result = proven(rewrite_server(server, [blob_oid(server, BAD)], tmp_path))

    assert result.new_ref(b"refs/notes/z") != inner
    (name,) = files(result.target, "refs/notes/a")
    assert name.decode() == result.new_ref(b"refs/notes/z")


def test_notes_that_a_branch_shares_are_said_to_keep_old_ids(tmp_path: Path):
    server = holding(tmp_path)
    note_tree(server, "refs/notes/x", {oid(server, MAIN): b"seen"})
    git(server, "update-ref", "refs/heads/notes", "refs/notes/x")

    plan = plan_rewrite(gather_facts(server, [blob_oid(server, BAD)]))

    assert (plan.traces.notes, plan.traces.elsewhere) == (0, 1)


# --- trees -----------------------------------------------------------------------------------


def tree_of(server: Path, *entries: tuple[bytes, bytes, str]) -> str:
    """Write a tree with exactly these entries."""
    data = b"".join(b"%s %s\0" % each[:2] + bytes.fromhex(each[2]) for each in entries)
    write = ("hash-object", "-w", "-t", "tree", "--literally", "--stdin")
    return git(server, *write, stdin=data).decode().strip()


def test_a_tree_behind_a_tag_that_names_something_twice_is_refused(tmp_path: Path):
    server = holding(tmp_path)
    bad, fine = blob_oid(server, BAD), write_blob(server, b"fine")
    twice = tree_of(server, (b"100644", b"CANARY", bad), (b"100644", b"CANARY", fine))
    git(server, "update-ref", "refs/tags/t", twice)

    with pytest.raises(RefusedError, match="twice") as caught:
        rewrite_server(server, [bad], tmp_path)

    assert "CANARY" not in str(caught.value)


def test_a_new_name_that_only_a_tree_behind_a_tag_has_is_refused(tmp_path: Path):
    history = History()
    first = history.commit({b"old.csv": b"1"})
    second = history.commit({b"old.csv": b"1", b"new.csv": b"2"}, ref=b"refs/heads/x", parents=[])
    history.tag("t", f"{{{second}}}^{{tree}}")
    history.forget(b"refs/heads/x")
    server = history.build(tmp_path / "s.git")
    edits = Edits(renamings=(Renaming(old=GitPath(b"old.csv"), new=GitPath(b"new.csv")),))

    assert first == 1
    with pytest.raises(RefusedError, match="choose one that no commit has"):
        gather_facts(server, [], edits)


@pytest.mark.parametrize(
    ("old", "new"),
    [(b"Out/", b"out/"), (b"Out/A.csv", b"Out/a.csv"), (b"Out/", b"lib/"), (b"x", b"x/x")],
    ids=["folder's case", "file's case", "folder onto folder", "file into its own folder"],
)
def test_names_may_change_in_every_way_that_keeps_all_files(tmp_path: Path, old: bytes, new: bytes):
    history = History()
    history.commit({b"Out/A.csv": b"1", b"lib/b.csv": b"2", b"x": b"3"})
    history.commit({b"Out/A.csv": b"4", b"x": b"5"})
    history.commit({b"Out/A.csv": None, b"x": None})
    history.commit({b"x/y": b"6", b"Out/A.csv/z": b"7"} if old != b"Out/A.csv" else {b"k": b"k"})
    server = history.build(tmp_path / "s.git")
    edits = Edits(renamings=(Renaming(old=GitPath(old), new=GitPath(new)),))

    result = proven(rewrite_server(server, [], tmp_path, edits))

    for before, after in result.new_ids.items():
        expected = {edits.name(GitPath(path)): each for path, each in files(server, before).items()}
        assert files(result.target, after) == expected


def test_a_bad_file_that_is_renamed_too_goes(tmp_path: Path):
    server = holding(tmp_path)
    edits = Edits(renamings=(Renaming(old=GitPath(OUT), new=GitPath(b"b.csv")),))

    result = proven(rewrite_server(server, [blob_oid(server, BAD)], tmp_path, edits))

    names = git(result.target, "log", "--all", "--name-only", "--format=")
    assert OUT not in names
    assert b"b.csv" not in names
    assert blob_oid(server, BAD) not in objects(result.target)


def test_the_whole_history_with_merges_and_tags_is_made_again_and_proven(tmp_path: Path):
    history = History()
    root = history.commit({b"a": b"1"})
    side = history.commit({b"b": b"2"}, ref=b"refs/heads/side", parents=[root])
    merged = history.commit({b"b": b"2"}, parents=[root], merge=[side], message="merge")
    history.tag("v1", merged)
    history.tag("v1-again", "refs/tags/v1")
    history.tag("tree", f"{{{root}}}^{{tree}}")
    history.commit({OUT: BAD}, ref=b"refs/heads/bad", parents=[merged])
    server = history.build(tmp_path / "s.git")

    result = proven(
        rewrite_server(server, [blob_oid(server, BAD)], tmp_path, Edits(whole_history=True))
    )

    assert result.new_ref(b"refs/heads/main") == oid(server, MAIN)
    assert result.new_ref(b"refs/tags/v1") == oid(server, "refs/tags/v1")
    again = plan_rewrite(gather_facts(result.target, result.plan.bad))
    assert again.is_empty
    assert replace(again.edits, whole_history=True) == result.plan.edits


@pytest.mark.parametrize("order", [1, -1], ids=["as git sorts", "out of order"])
def test_a_commit_with_a_file_where_a_folder_is_never_passes_for_proven(tmp_path: Path, order: int):
    server = holding(tmp_path)
    fine, bad = write_blob(server, b"fine"), blob_oid(server, BAD)
    inner = tree_of(server, (b"100644", b"x", fine))
    entries = [(b"100644", b"d", fine), (b"40000", b"d", inner), (b"100644", b"z.csv", bad)]
    tree = tree_of(server, *entries[::order])
    commit_raw(server, b"tree %s\n" % tree.encode() + message(b"m"), MAIN)

    try:
        result = rewrite_server(server, [bad], tmp_path)
    except RefusedError:
        return
    proof = prove(result.mirror.path, result.target, result.plan, result.done)
    kept = set(files(result.target, MAIN)) == {b"d", b"d/x"}
    assert proof.ok == kept
