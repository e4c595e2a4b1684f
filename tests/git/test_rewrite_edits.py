"""What a rewrite puts in the place of something: redacted files, words, names, ids in messages."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from breachkit.actions.edits import (
    Edits,
    Renaming,
    Replacement,
    Wording,
    read_renamings,
    read_wordings,
)
from breachkit.actions.rewrite import RewritePlan, plan_rewrite
from breachkit.git.facts import gather_facts
from breachkit.git.filter_repo import rewrite
from breachkit.git.proof import prove
from breachkit.model.errors import RefusedError, UsageError
from breachkit.model.ids import GitPath, ObjectId
from tests.support.gitrepo import History, Symlink, blob_oid, git, oid, refs
from tests.support.rewriting import BAD, Rewrite, commit_raw, files, objects, raw, rewrite_server


CLEAN = b"practice,n\na,[REDACTED]\n"
OUT = GitPath(b"out/a.csv")
MAIN = "refs/heads/main"


def replacing(server: Path, *paths: bytes) -> Edits:
    bad, by = ObjectId(blob_oid(server, BAD)), ObjectId(blob_oid(server, CLEAN))
    return Edits(
        replacements=tuple(Replacement(path=GitPath(path), blob=bad, by=by) for path in paths)
    )


def rewrite_with(server: Path, folder: Path, edits: Edits, *, files_go: bool = True) -> Rewrite:
    bad = [blob_oid(server, BAD)] if files_go else []
    return rewrite_server(server, bad, folder, edits, {blob_oid(server, CLEAN): CLEAN})


def proven(result: Rewrite) -> Rewrite:
    proof = prove(result.mirror.path, result.target, result.plan, result.done)
    assert proof.ok, proof.failures
    again = plan_rewrite(gather_nothing_new(result))
    assert again.is_empty
    return result


def gather_nothing_new(result: Rewrite):
    """What a second rewrite would find; names that are gone are nowhere, which is an error."""
    edits = replace(result.plan.edits, renamings=(), whole_history=False)
    return gather_facts(result.target, result.plan.bad or ["1" * 40], edits)


def content_of(repository: Path, revision: str) -> bytes:
    return git(repository, "cat-file", "blob", revision)


def test_a_redacted_file_stands_where_the_bad_one_was_in_every_commit(tmp_path: Path):
    history = History()
    history.commit({b"code.py": b"one", OUT: b"practice,n\na,40\n"})
    history.commit({OUT: BAD})
    history.commit({b"code.py": b"two"})
    history.commit({OUT: None})
    server = history.build(tmp_path / "s.git")

    result = proven(rewrite_with(server, tmp_path, replacing(server, OUT)))

    held = [content_of(result.target, f"{MAIN}~{back}:out/a.csv") for back in (3, 2, 1)]
    assert held == [b"practice,n\na,40\n", CLEAN, CLEAN]
    assert OUT not in files(result.target, MAIN)
    assert oid(result.target, f"{MAIN}~3") == oid(server, f"{MAIN}~3")
    assert blob_oid(server, BAD) not in objects(result.target)
    counts = prove(result.mirror.path, result.target, result.plan, result.done).counts
    assert (counts.replaced, counts.removed, counts.renamed) == (2, 0, 0)


def test_the_same_content_elsewhere_is_taken_out_where_nothing_is_given_for_it(tmp_path: Path):
    history = History()
    history.commit({OUT: BAD, b"copy.csv": BAD, b"link": Symlink(BAD)})
    server = history.build(tmp_path / "s.git")

    result = proven(rewrite_with(server, tmp_path, replacing(server, OUT, b"link")))

    assert set(files(result.target, MAIN)) == {OUT}
    assert {each.path for each in result.plan.taken_out} == {b"copy.csv"}


def test_a_tree_that_a_tag_is_about_holds_the_redacted_file(tmp_path: Path):
    history = History()
    first = history.commit({OUT: BAD, b"code.py": b"one"})
    history.tag("data", f"{{{first}}}^{{tree}}")
    server = history.build(tmp_path / "s.git")

    result = proven(rewrite_with(server, tmp_path, replacing(server, OUT)))

    assert content_of(result.target, "refs/tags/data^{tree}:out/a.csv") == CLEAN


def test_a_replacement_that_is_not_the_planned_one_is_refused(tmp_path: Path):
    history = History()
    history.commit({OUT: BAD})
    server = history.build(tmp_path / "s.git")

    with pytest.raises(RefusedError, match="plan again"):
        rewrite_server(
            server,
            [blob_oid(server, BAD)],
            tmp_path,
            replacing(server, OUT),
            {blob_oid(server, CLEAN): b"another"},
        )
    assert not (tmp_path / "rewritten.git").exists()


def test_words_go_from_messages_people_and_tags_and_only_where_they_are(tmp_path: Path):
    history = History()
    history.commit({b"a": b"1"}, message="start")
    second = history.commit({b"a": b"2"}, message="drop patient 9434765919 again")
    history.tag("v1", second, "without 9434765919")
    history.commit({b"b": b"1"}, ref=b"refs/heads/side", parents=[1], message="side")
    server = history.build(tmp_path / "s.git")
    edits = Edits(wordings=(Wording(find=b"9434765919"),))

    result = proven(rewrite_with(server, tmp_path, edits, files_go=False))

    assert (
        git(result.target, "log", "-1", "--format=%s", MAIN) == b"drop patient [REDACTED] again\n"
    )
    assert b"without [REDACTED]" in raw(result.target, "refs/tags/v1", "tag")
    assert result.plan.reworded == (ObjectId(oid(server, MAIN)),)
    assert result.new_ref(b"refs/heads/side") == oid(server, "refs/heads/side")
    assert not any(b"9434765919" in raw(result.target, one, kind) for one, kind in texts(result))


def texts(result: Rewrite) -> list[tuple[str, str]]:
    listed = git(result.target, "cat-file", "--batch-all-objects", "--batch-check")
    pairs = (line.split()[:2] for line in listed.decode().splitlines())
    return [(one, kind) for one, kind in pairs if kind in {"commit", "tag"}]


def test_a_tag_with_words_on_a_commit_that_stays_is_made_again_alone(tmp_path: Path):
    history = History()
    first = history.commit({b"a": b"1"})
    history.tag("v1", first, "patient Smithers")
    server = history.build(tmp_path / "s.git")

    result = proven(
        rewrite_with(server, tmp_path, Edits(wordings=(Wording(find=b"Smithers"),)), files_go=False)
    )

    assert result.plan.rewritten == ()
    assert result.new_ref(b"refs/heads/main") == oid(server, MAIN)
    assert b"patient [REDACTED]" in raw(result.target, "refs/tags/v1", "tag")


def test_the_name_of_a_person_goes_and_the_date_stays(tmp_path: Path):
    history = History()
    history.commit({b"a": b"1"})
    server = history.build(tmp_path / "s.git")
    data = raw(server, "HEAD").replace(b"author Ada <ada@", b"author 1600000060 <p1600000060@")
    commit_raw(server, data, MAIN)
    edits = Edits(wordings=(Wording(find=b"1600000060", put=b"somebody"),))

    result = proven(rewrite_with(server, tmp_path, edits, files_go=False))

    author = raw(result.target, MAIN).splitlines()[1]
    assert author == b"author somebody <psomebody@example.org> 1600000060 +0000"


def test_words_are_found_in_the_encoding_that_a_commit_names(tmp_path: Path):
    history = History()
    history.commit({b"a": b"1"})
    server = history.build(tmp_path / "s.git")
    head, _, _ = raw(server, "HEAD").partition(b"\n\n")
    commit_raw(server, head + b"\nencoding ISO-8859-1\n\nseen M\xfcller\n", MAIN)
    edits = Edits(wordings=(Wording(find="Müller".encode()),))

    result = proven(rewrite_with(server, tmp_path, edits, files_go=False))

    assert raw(result.target, MAIN).endswith(b"encoding ISO-8859-1\n\nseen [REDACTED]\n")


def test_a_file_and_a_folder_get_other_names_in_every_commit(tmp_path: Path):
    history = History()
    history.commit({b"code.py": b"one"})
    history.commit({b"out/p9434765919.csv": b"fine", b"Smithers/x/y.txt": b"y"})
    history.commit({b"code.py": b"two", b"out/p9434765919.csv": b"better"})
    history.commit({b"Smithers/x/y.txt": None})
    server = history.build(tmp_path / "s.git")
    renamings = (
        Renaming(old=GitPath(b"out/p9434765919.csv"), new=GitPath(b"out/one.csv")),
        Renaming(old=GitPath(b"Smithers/"), new=GitPath(b"patient/")),
    )

    result = proven(rewrite_with(server, tmp_path, Edits(renamings=renamings), files_go=False))

    assert set(files(result.target, f"{MAIN}~1")) == {
        b"code.py",
        b"out/one.csv",
        b"patient/x/y.txt",
    }
    assert set(files(result.target, MAIN)) == {b"code.py", b"out/one.csv"}
    assert oid(result.target, f"{MAIN}~3") == oid(server, f"{MAIN}~3")
    names = git(result.target, "log", "--all", "--name-only", "--format=")
    assert b"9434765919" not in names
    assert b"Smithers" not in names


def test_a_file_can_be_redacted_and_renamed_at_once(tmp_path: Path):
    history = History()
    history.commit({OUT: BAD, b"code.py": b"one"})
    server = history.build(tmp_path / "s.git")
    edits = replace(
        replacing(server, OUT), renamings=(Renaming(old=OUT, new=GitPath(b"out/b.csv")),)
    )

    result = proven(rewrite_with(server, tmp_path, edits))

    assert content_of(result.target, f"{MAIN}:out/b.csv") == CLEAN
    assert set(files(result.target, MAIN)) == {b"code.py", b"out/b.csv"}


@pytest.mark.parametrize(
    "new",
    [b"code.py", b"lib", b"lib/x.py/a.csv", b"gone.csv"],
    ids=["file", "folder", "under", "was"],
)
def test_a_new_name_that_something_else_has_or_had_is_refused(tmp_path: Path, new: bytes):
    history = History()
    history.commit({b"code.py": b"one", b"lib/x.py": b"x", b"gone.csv": b"g", OUT: b"fine"})
    history.commit({b"gone.csv": None})
    server = history.build(tmp_path / "s.git")
    edits = Edits(renamings=(Renaming(old=OUT, new=GitPath(new)),))

    with pytest.raises(RefusedError, match="choose one that no commit has"):
        gather_facts(server, [], edits)


def test_a_name_that_no_commit_has_is_a_mistake(tmp_path: Path):
    history = History()
    history.commit({b"code.py": b"one"})
    server = history.build(tmp_path / "s.git")

    with pytest.raises(UsageError, match="line 1"):
        gather_facts(server, [], Edits(renamings=(Renaming(old=OUT, new=GitPath(b"b.csv")),)))


def test_messages_get_the_new_ids_of_commits_they_name_and_none_of_the_old_stays(tmp_path: Path):
    history = History()
    history.commit({b"code.py": b"one"}, message="start")
    history.commit({OUT: BAD}, message="add")
    server = history.build(tmp_path / "s.git")
    bad, blob = oid(server, MAIN), blob_oid(server, BAD)
    git(server, "update-ref", "refs/heads/before", f"{MAIN}~1")
    message = f"Revert\n\nThis reverts commit {bad}, short {bad[:9]}; index {blob[:7]}..; 1234567\n"
    tree = oid(server, f"{MAIN}~1^{{tree}}")
    made = git(server, "commit-tree", tree, "-p", bad, "-m", message).decode().strip()
    git(server, "update-ref", MAIN, made)

    result = proven(rewrite_server(server, [blob], tmp_path))

    new = result.new_ids[bad]
    expected = f"This reverts commit {new}, short {new[:9]}; index 0000000..; 1234567"
    assert expected.encode() in raw(result.target, MAIN)
    assert result.plan.traces.messages == 1
    assert result.plan.traces.elsewhere == 0


def test_a_message_may_name_a_commit_that_is_made_again_after_it(tmp_path: Path):
    history = History()
    history.commit({b"code.py": b"one", OUT: BAD}, message="start")
    history.commit({b"z": b"z"}, ref=b"refs/heads/zz", parents=[1], message="picked")
    server = history.build(tmp_path / "s.git")
    named = oid(server, "refs/heads/zz")
    root = oid(server, MAIN)
    tree = oid(server, f"{MAIN}^{{tree}}")
    early = {"GIT_COMMITTER_DATE": "1600000001 +0000", "GIT_AUTHOR_DATE": "1600000001 +0000"}
    made = git(
        server,
        "commit-tree",
        tree,
        "-p",
        root,
        "-m",
        f"cherry picked from commit {named}",
        env=early,
    )
    git(server, "update-ref", MAIN, made.decode().strip())

    result = proven(rewrite_server(server, [blob_oid(server, BAD)], tmp_path))

    assert result.new_ids[named].encode() in raw(result.target, MAIN)


def test_an_old_id_in_a_message_that_stays_is_counted(tmp_path: Path):
    history = History()
    root = history.commit({b"code.py": b"one"})
    history.commit({OUT: BAD}, ref=b"refs/heads/side", parents=[root])
    server = history.build(tmp_path / "s.git")
    named = oid(server, "refs/heads/side")
    tree, parent = oid(server, f"{MAIN}^{{tree}}"), oid(server, MAIN)
    made = git(server, "commit-tree", tree, "-p", parent, "-m", f"not {named}").decode().strip()
    git(server, "update-ref", MAIN, made)

    plan = plan_rewrite(gather_facts(server, [blob_oid(server, BAD)]))

    assert plan.traces.elsewhere == 1


def notes_repository(tmp_path: Path, about: int) -> Path:
    history = History()
    history.commit({b"code.py": b"one"})
    history.commit({OUT: BAD})
    history.commit({b"code.py": b"two"})
    server = history.build(tmp_path / "s.git")
    for back in range(about):
        git(server, "notes", "--ref=review", "add", "-m", f"seen {back}", f"{MAIN}~{back}")
    return server


def test_notes_follow_their_commits(tmp_path: Path):
    server = notes_repository(tmp_path, 3)

    result = proven(rewrite_server(server, [blob_oid(server, BAD)], tmp_path))

    shown = [
        git(result.target, "notes", "--ref=review", "show", f"{MAIN}~{back}") for back in range(3)
    ]
    assert shown == [b"seen 0\n", b"seen 1\n", b"seen 2\n"]
    names = {path.replace(b"/", b"").decode() for path in files(result.target, "refs/notes/review")}
    assert not names & {old for old, _ in result.done.commits}
    assert result.plan.traces.notes == 2


def test_notes_in_folders_keep_their_folders(tmp_path: Path):
    server = notes_repository(tmp_path, 3)
    note = git(server, "hash-object", "-w", "--stdin", stdin=b"deep").decode().strip()
    named = oid(server, MAIN)
    line = f"100644 blob {note}\t{named[2:]}\n".encode()
    inner = git(server, "mktree", stdin=line).decode().strip()
    outer = git(server, "mktree", stdin=f"040000 tree {inner}\t{named[:2]}\n".encode())
    made = git(server, "commit-tree", outer.decode().strip(), "-m", "notes").decode().strip()
    git(server, "update-ref", "refs/notes/deep", made)

    result = proven(rewrite_server(server, [blob_oid(server, BAD)], tmp_path))

    (path,) = files(result.target, "refs/notes/deep")
    new = result.new_ids[named].encode()
    assert path == new[:2] + b"/" + new[2:]


def test_notes_about_commits_that_stay_are_left_alone(tmp_path: Path):
    server = notes_repository(tmp_path, 0)
    git(server, "notes", "--ref=review", "add", "-m", "fine", f"{MAIN}~2")

    result = proven(rewrite_server(server, [blob_oid(server, BAD)], tmp_path))

    assert result.new_ref(b"refs/notes/review") == refs(server)[b"refs/notes/review"]


def test_the_whole_history_is_made_again_without_signatures_if_that_is_wanted(tmp_path: Path):
    history = History()
    history.commit({b"code.py": b"one"})
    server = history.build(tmp_path / "s.git")
    signed = raw(server, "HEAD").replace(b"\n\n", b"\ngpgsig fake\n\n", 1)
    root = commit_raw(server, signed, MAIN)
    git(server, "update-ref", "refs/heads/clean", root)
    tree = (
        git(server, "mktree", stdin=f"100644 blob {blob_written(server)}\tout.csv\n".encode())
        .decode()
        .strip()
    )
    made = git(server, "commit-tree", tree, "-p", root, "-m", "add").decode().strip()
    git(server, "update-ref", MAIN, made)

    narrow = proven(rewrite_server(server, [blob_oid(server, BAD)], make(tmp_path / "narrow")))
    wide = proven(
        rewrite_server(
            server, [blob_oid(server, BAD)], make(tmp_path / "wide"), Edits(whole_history=True)
        )
    )

    assert narrow.new_ref(b"refs/heads/clean") == root
    assert b"gpgsig" not in raw(wide.target, "refs/heads/clean")
    assert wide.plan.losses.signatures == 1


def make(folder: Path) -> Path:
    folder.mkdir()
    return folder


def blob_written(server: Path) -> str:
    return git(server, "hash-object", "-w", "--stdin", stdin=BAD).decode().strip()


def test_a_plan_with_edits_reads_back_as_it_was_written(tmp_path: Path):
    history = History()
    history.commit({OUT: BAD, b"x/y": b"z"}, message="patient Smithers")
    server = history.build(tmp_path / "s.git")
    edits = replace(
        replacing(server, OUT),
        wordings=(Wording(find=b"\xff\x00Smith", put=b"-"), Wording(find=b"Smithers")),
        renamings=(Renaming(old=GitPath(b"x/"), new=GitPath(b"\xfe/")),),
    )

    plan = plan_rewrite(gather_facts(server, [blob_oid(server, BAD)], edits))

    read = RewritePlan.from_json(json.loads(json.dumps(plan.to_json())))
    assert read == plan
    assert read.digest == plan.digest


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda plan: replace(plan, edits=Edits()), "a path changed that was not planned to"),
        (
            lambda plan: replace(
                plan, edits=replace(plan.edits, wordings=(Wording(find=b"second"),))
            ),
            "message changed",
        ),
        (
            lambda plan: replace(
                plan, edits=replace(plan.edits, wordings=(Wording(find=b"start"),))
            ),
            "words that were to go are still there",
        ),
        (
            lambda plan: replace(
                plan,
                edits=replace(
                    plan.edits,
                    renamings=(Renaming(old=GitPath(b"code.py"), new=GitPath(b"c.py")),),
                ),
            ),
            "a name that was to go is still there",
        ),
    ],
    ids=["replaced", "reworded", "words", "name"],
)
def test_a_proof_notices_what_the_plan_says_otherwise(tmp_path: Path, change, reason: str):
    history = History()
    history.commit({b"code.py": b"one"}, message="start")
    history.commit({OUT: BAD}, message="second")
    server = history.build(tmp_path / "s.git")
    result = rewrite_with(server, tmp_path, replacing(server, OUT))
    plan = change(result.plan)

    proof = prove(result.mirror.path, result.target, plan, replace(result.done, plan=plan.digest))

    assert reason in {failure.what for failure in proof.failures}


@pytest.mark.parametrize(
    "text",
    [b"", b"\n \n", b"ab\n", b"Smith==>Smith J\n", b"Smith==>a<b\n", b"Smith==>X-Jones\nJones\n"],
)
def test_words_that_cannot_be_taken_out_are_a_mistake(text: bytes):
    with pytest.raises(UsageError):
        read_wordings(text)


def test_words_are_read_a_line_each(tmp_path: Path):
    found = read_wordings(b"\xef\xbb\xbfSmith\r\n\nA Jones==>somebody\nEmpty==>\n")

    assert [(each.find, each.put) for each in found] == [
        (b"Smith", b"[REDACTED]"),
        (b"A Jones", b"somebody"),
        (b"Empty", b""),
    ]


@pytest.mark.parametrize(
    "text",
    [
        *(b"", b"a", b"a==>", b"a/==>b", b"a==>../b", b"a==>.GIT/hooks/x", b"a==>/b"),
        *(b"a==>b//c", b"a==>b\nb==>c", b"a/==>a/b/"),
    ],
)
def test_names_that_cannot_be_changed_are_a_mistake(text: bytes):
    with pytest.raises(UsageError):
        read_renamings(text)


def test_a_rewrite_with_edits_is_not_begun_twice(tmp_path: Path):
    history = History()
    history.commit({OUT: BAD})
    server = history.build(tmp_path / "s.git")
    result = rewrite_with(server, tmp_path, replacing(server, OUT))

    again = rewrite(result.mirror.path, result.plan, result.target)

    assert again == result.done
