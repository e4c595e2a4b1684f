"""A rewrite takes the bad blobs out of everything, and nothing else."""

import gc
import json
import os
import signal
from datetime import UTC, datetime
from pathlib import Path

import pytest

from breachkit.actions.rewrite import RewritePlan, bad_set_of, plan_rewrite, require_work
from breachkit.actions.rewritten import Rewritten
from breachkit.git import filter_repo_runner
from breachkit.git.facts import gather_facts
from breachkit.git.filter_repo import UnfitHistoryError, rewrite
from breachkit.git.proof import prove
from breachkit.git.rewritten import discard_rewritten, open_rewritten
from breachkit.model.errors import BreachkitError, RefusedError, UsageError
from tests.support.gitrepo import Gitlink, History, Move, Symlink, blob_oid, git, oid, refs
from tests.support.rewriting import BAD, commit_raw, files, objects, raw, rewrite_server, without


MAIN = b"refs/heads/main"


def check_all(result):
    """Absence, and identity of everything else, worked out apart from the production proof."""
    assert not objects(result.target) & set(result.plan.bad)
    for old, new in result.new_ids.items():
        expected = without(files(result.server, old), result.plan.bad)
        assert files(result.target, new) == expected
    assert prove(result.mirror.path, result.target, result.plan, result.done).ok


def planted(history: History, path: bytes = b"out/a.csv") -> int:
    history.commit({b"code.py": b"one", b"README": b"hello"})
    return history.commit({path: BAD, b"code.py": b"two"})


def test_a_blob_deleted_in_the_next_commit_is_taken_out_of_the_one_before(tmp_path: Path):
    history = History()
    planted(history)
    history.commit({b"out/a.csv": None})
    server = history.build(tmp_path / "s.git")

    result = rewrite_server(server, [blob_oid(server, BAD)], tmp_path)

    check_all(result)


def test_trap_28_the_version_before_does_not_come_back_where_the_bad_one_was(tmp_path: Path):
    history = History()
    history.commit({b"out/a.csv": b"practice,n\na,[REDACTED]\n"})
    bad = history.commit({b"out/a.csv": BAD, b"code.py": b"x"})
    server = history.build(tmp_path / "s.git")

    result = rewrite_server(server, [blob_oid(server, BAD)], tmp_path)

    check_all(result)
    assert b"out/a.csv" not in files(result.target, "refs/heads/main")
    assert bad == 2


def test_trap_29_43_the_same_content_at_other_paths_and_modes_goes_too(tmp_path: Path):
    history = History()
    planted(history)
    history.commit({b"tests/fixture.csv": BAD, b"link": Symlink(BAD), b"module": Gitlink()})
    history.commit({b"out/a.csv": Move(b"released/b.csv")})
    server = history.build(tmp_path / "s.git")

    result = rewrite_server(server, [blob_oid(server, BAD)], tmp_path)

    check_all(result)
    assert {each.path for each in result.plan.removals} == {
        *(b"out/a.csv", b"tests/fixture.csv", b"link", b"released/b.csv")
    }
    assert set(files(result.target, "refs/heads/main")) == {b"README", b"code.py", b"module"}


def test_a_submodule_that_pretends_to_be_the_blob_goes_with_it(tmp_path: Path):
    history = History()
    planted(history)
    server = history.build(tmp_path / "s.git")
    bad = blob_oid(server, BAD)
    entries = raw(server, "HEAD^{tree}", "tree") + b"160000 zz\0" + bytes.fromhex(bad)
    write = ("hash-object", "-w", "-t", "tree", "--literally", "--stdin")
    tree = git(server, *write, stdin=entries).strip()
    data = raw(server, "HEAD").replace(oid(server, "HEAD^{tree}").encode(), tree)
    commit_raw(server, data, "refs/heads/main")

    check_all(rewrite_server(server, [bad], tmp_path))


def test_trap_30_a_blob_that_comes_in_through_the_second_parent_of_a_merge_goes(tmp_path: Path):
    history = History()
    root = history.commit({b"code.py": b"one"})
    side = history.commit({b"out/a.csv": BAD}, ref=b"refs/heads/side", parents=[root])
    main = history.commit({b"b.py": b"b"}, parents=[root])
    history.commit({b"out/a.csv": BAD}, parents=[main], merge=[side], message="merge")
    history.forget(b"refs/heads/side")
    server = history.build(tmp_path / "s.git")

    check_all(rewrite_server(server, [blob_oid(server, BAD)], tmp_path))


def test_trap_43_an_octopus_merge_and_one_that_adds_the_blob_itself_are_kept_as_merges(
    tmp_path: Path,
):
    history = History()
    root = history.commit({b"code.py": b"one"})
    tips = [
        history.commit({name: name}, ref=b"refs/heads/" + name, parents=[root])
        for name in (b"x", b"y", b"z")
    ]
    history.commit({b"x": b"x", b"y": b"y", b"z": b"z", b"out/evil.csv": BAD}, merge=tips)
    server = history.build(tmp_path / "s.git")

    result = rewrite_server(server, [blob_oid(server, BAD)], tmp_path)

    check_all(result)
    parents = git(result.target, "rev-list", "--parents", "-1", "refs/heads/main").split()
    assert len(parents) == 5
    assert result.plan.kept == 4


def test_trap_31_36_a_history_of_nothing_but_the_bad_file_keeps_its_commits(tmp_path: Path):
    history = History()
    history.commit({b"out/a.csv": BAD})
    history.commit({b"out/a.csv": BAD + b"b,2\n"})
    server = history.build(tmp_path / "s.git")
    bad = [blob_oid(server, BAD), blob_oid(server, BAD + b"b,2\n")]

    result = rewrite_server(server, bad, tmp_path)

    check_all(result)
    assert set(refs(result.target)) == {MAIN}
    assert files(result.target, "refs/heads/main") == {}
    assert len(result.done.commits) == 2


def test_trap_31_a_branch_whose_only_change_is_the_bad_file_stays_a_branch_of_its_own(
    tmp_path: Path,
):
    history = History()
    root = history.commit({b"code.py": b"one"})
    history.commit({b"out/a.csv": BAD}, ref=b"refs/heads/side", parents=[root])
    server = history.build(tmp_path / "s.git")

    result = rewrite_server(server, [blob_oid(server, BAD)], tmp_path)

    check_all(result)
    assert result.new_ref(b"refs/heads/side") != result.new_ref(MAIN)
    assert result.new_ref(MAIN) == oid(server, "refs/heads/main")


def test_trap_01_refs_and_tags_that_point_at_the_blob_itself_are_deleted(tmp_path: Path):
    history = History()
    commit = planted(history)
    history.ref(b"refs/tags/light", f"{{{commit}}}:out/a.csv")
    history.tag("annotated", f"{{{commit}}}:out/a.csv")
    history.tag("nested", "refs/tags/annotated")
    history.ref(b"refs/odd/place", f"{{{commit}}}:out/a.csv")
    server = history.build(tmp_path / "s.git")

    result = rewrite_server(server, [blob_oid(server, BAD)], tmp_path)

    check_all(result)
    assert set(refs(result.target)) == {MAIN}


def test_trap_02_refs_and_tags_that_point_at_trees_are_made_again_without_it(tmp_path: Path):
    history = History()
    commit = planted(history, b"out/deep/a.csv")
    history.commit({b"out/deep/b.csv": b"fine", b"out/only/c.csv": BAD})
    history.ref(b"refs/tags/light", f"{{{commit}}}^{{tree}}")
    history.tag("annotated", "refs/heads/main^{tree}")
    history.tag("nested", "refs/tags/annotated")
    history.ref(b"refs/odd/clean", "refs/heads/main:out/deep^{tree}".replace("^{tree}", ""))
    server = history.build(tmp_path / "s.git")
    before = files(server, "refs/tags/annotated")

    result = rewrite_server(server, [blob_oid(server, BAD)], tmp_path)

    check_all(result)
    assert set(files(result.target, "refs/tags/light")) == {b"README", b"code.py"}
    assert files(result.target, "refs/tags/nested") == without(before, result.plan.bad)
    assert git(result.target, "ls-tree", "-d", "refs/tags/nested:out").split(b"\t")[1:] == [
        b"deep\n"
    ]


def test_a_tree_that_holds_only_the_blob_leaves_an_empty_one(tmp_path: Path):
    history = History()
    commit = planted(history)
    history.ref(b"refs/odd/tree", f"{{{commit}}}:out")
    server = history.build(tmp_path / "s.git")

    result = rewrite_server(server, [blob_oid(server, BAD)], tmp_path)

    check_all(result)
    assert files(result.target, "refs/odd/tree") == {}


def test_trap_03_09_41_notes_stash_pull_refs_and_odd_refs_are_rewritten_like_branches(
    tmp_path: Path,
):
    history = History()
    clean = history.commit({b"code.py": b"one"})
    history.note(clean, BAD)
    history.stash({b"out/stash.csv": BAD}, base=clean, untracked={b"new.csv": BAD})
    for name in (b"refs/pull/7/head", b"refs/weird/x", b"refs/original/refs/heads/main"):
        history.commit({b"out/a.csv": BAD, name: b"x"}, ref=name, parents=[clean])
    server = history.build(tmp_path / "s.git")

    result = rewrite_server(server, [blob_oid(server, BAD)], tmp_path)

    check_all(result)
    assert result.plan.kept == 1 + 1  # main, and the index commit of the stash
    assert result.plan.pull_requests == (7,)
    stash = git(result.target, "rev-list", "--parents", "-1", "refs/stash").split()
    assert len(stash) == 4


def test_trap_14_a_tag_object_outside_refs_tags_is_made_again_where_it_is(tmp_path: Path):
    history = History()
    history.tag("v1", planted(history), "first release")
    server = history.build(tmp_path / "s.git")
    git(server, "update-ref", "refs/foo/t", oid(server, "refs/tags/v1"))

    result = rewrite_server(server, [blob_oid(server, BAD)], tmp_path)

    check_all(result)
    assert set(refs(result.target)) == {MAIN, b"refs/tags/v1", b"refs/foo/t"}
    assert refs(result.target)[b"refs/foo/t"] == refs(result.target)[b"refs/tags/v1"]
    assert oid(result.target, "refs/foo/t^{commit}") == oid(result.target, "refs/heads/main")


def test_a_signed_tag_keeps_tagger_date_and_message_but_not_the_signature(tmp_path: Path):
    history = History()
    commit = planted(history)
    signature = "\n-----BEGIN PGP SIGNATURE-----\n\niQfake\n-----END PGP SIGNATURE-----"
    history.tag("signed", commit, "words" + signature)
    server = history.build(tmp_path / "s.git")

    result = rewrite_server(server, [blob_oid(server, BAD)], tmp_path)

    check_all(result)
    old, new = (raw(each, "refs/tags/signed", "tag") for each in (server, result.target))
    assert new.split(b"\n")[1:] == old.partition(b"-----BEGIN")[0].split(b"\n")[1:]
    assert result.plan.losses.tag_signatures == 1


def test_trap_04_cyclic_replace_refs_do_not_hide_a_branch(tmp_path: Path):
    history = History()
    planted(history)
    history.commit({b"code.py": b"three"})
    server = history.build(tmp_path / "s.git")
    first, second = (oid(server, f"refs/heads/main~{n}") for n in (2, 1))
    git(server, "update-ref", f"refs/replace/{first}", second)

    result = rewrite_server(server, [blob_oid(server, BAD)], tmp_path)

    check_all(result)
    assert result.new_ref(f"refs/replace/{first}".encode()) == result.new_ids[second]


def test_trap_37_a_replace_ref_for_something_that_goes_is_deleted(tmp_path: Path):
    history = History()
    planted(history)
    server = history.build(tmp_path / "s.git")
    bad, head = blob_oid(server, BAD), oid(server)
    redacted = git(server, "hash-object", "-w", "--stdin", stdin=b"[REDACTED]").decode().strip()
    git(server, "update-ref", f"refs/replace/{bad}", redacted)
    git(server, "update-ref", f"refs/replace/{head}", oid(server, "HEAD~1"))

    result = rewrite_server(server, [bad], tmp_path)

    check_all(result)
    assert set(refs(result.target)) == {MAIN}


def signed(data: bytes) -> bytes:
    head, _, message = data.partition(b"\n\n")
    signature = b"\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n iQfake\n -----END PGP SIGNATURE-----"
    return head + signature + b"\n\n" + message


def test_trap_26_a_signed_root_that_never_had_the_blob_keeps_its_id_and_signature(tmp_path: Path):
    history = History()
    history.commit({b"code.py": b"one"})
    server = history.build(tmp_path / "s.git")
    root = commit_raw(server, signed(raw(server, "HEAD")), "refs/heads/main")
    tree = git(server, "mktree", stdin=b"100644 blob %s\ta.csv\n" % _write(server, BAD)).strip()
    bad = raw(server, root).replace(oid(server, "HEAD^{tree}").encode(), tree)
    unsigned = bad.partition(b"\ngpgsig")[0].replace(
        b"\nauthor", b"\nparent %s\nauthor" % root.encode()
    )
    commit_raw(server, signed(unsigned + b"\n\nrelease\n"), "refs/heads/main")

    result = rewrite_server(server, [blob_oid(server, BAD)], tmp_path)

    check_all(result)
    assert result.plan.kept == 1
    assert oid(result.target, "refs/heads/main~1") == root
    assert result.plan.losses.signatures == 1
    assert b"gpgsig" not in raw(result.target, "refs/heads/main")
    assert result.plan.introducers == (oid(server, "refs/heads/main"),)


def _write(server: Path, content: bytes) -> bytes:
    return git(server, "hash-object", "-w", "--stdin", stdin=content).strip()


@pytest.mark.parametrize(
    "details",
    [
        b"author A <a@example.org> 1600000000 +0000\ncommitter A <a@example.org> 1600000000 +0000\n\nnul\0byte\n",
        b"author A 1600000000 +0000\ncommitter A <a@example.org> 1600000000 +0000\n\nno address\n",
        b"author A <a@example.org> 1600000000\ncommitter A <a@example.org> 1600000000 +0000\n\nno zone\n",
        b"author A <a@example.org>\ncommitter A <a@example.org>\n\nno date\n",
        b"author A <a<b>@example.org> 1600000000 +0000\ncommitter A> <a@example.org> 1600000000 +0000\n\nm\n",
        b"author A <a@example.org> 99999999999999999999 +0000\ncommitter A <a@example.org> -5 +0000\n\nm\n",
        b"committer A <a@example.org> 1600000000 +0000\n\nno author\n",
        b"author A <a@example.org> 1600000000 +0000\ncommitter A <a@example.org> 1600000000 +0000\n",
        b"author \xff\x01 <a@example.org> 1600000000 +9999\ncommitter A <a@example.org> 1600000000 +0000\nencoding no\xff\nempty\n\nm\n",
        b"author Ren\xe9 <r@example.org> 1600000000 +0100\ncommitter Ren\xe9 <r@example.org> 1600000001 -0330\nencoding ISO-8859-1\n\nd\xe9j\xe0 vu\n",
        b"author A <a@example.org> 1 +0000\ncommitter A <a@example.org> 1 +0000\nHG:extra branch:default\n\nmessage",
        b"author  <> 1600000000 +0000\ncommitter Ada <a@example.org> 1600000000 +0000\n\nempty author",
        b"author A <a@example.org> 1600000000 +051800\ncommitter A <a@example.org> 1600000000 -0000\n\nodd zone\n",
        b"author A <a@example.org> 1600000000 +0000\ncommitter A <a@example.org> 1600000000 +0000\n\n\n\n9434765919 abcdef1\n\n\n",
        b"author A <a@example.org> 1600000000 +0000\ncommitter A <a@example.org> 1600000000 +0000\n\n",
    ],
    ids=[
        *("nul", "no-address", "no-zone", "no-date", "brackets", "far-date", "no-author", "no-end"),
        *("control-characters", "encoding", "extra-header", "empty-author", "odd-zone"),
        *("numbers-in-message", "no-message"),
    ],
)
def test_trap_27_odd_commits_keep_every_byte_but_tree_and_parents(tmp_path: Path, details: bytes):
    history = History()
    planted(history)
    server = history.build(tmp_path / "s.git")
    parent = oid(server)
    head = f"tree {oid(server, 'HEAD^{tree}')}\nparent {parent}\n".encode()
    old = commit_raw(server, head + details, "refs/heads/main")

    result = rewrite_server(server, [blob_oid(server, BAD)], tmp_path)

    check_all(result)
    new = raw(result.target, result.new_ids[old])
    assert new.split(b"\n", 2)[2] == details
    assert result.new_ids[parent].encode() in new


def test_a_copy_of_a_merged_tag_is_kept_only_where_its_commit_keeps_its_id(tmp_path: Path):
    history = History()
    root = history.commit({b"code.py": b"one"})
    bad = history.commit({b"out/a.csv": BAD}, ref=b"refs/heads/side", parents=[root])
    history.commit({b"x": b"x"}, merge=[bad])
    server = history.build(tmp_path / "s.git")
    clean, tainted = oid(server, "refs/heads/main~1"), oid(server, "refs/heads/side")
    tag = "mergetag object {}\n type commit\n tag v\n tagger A <a@example.org> 1 +0000\n \n text\n"
    head, _, message = raw(server, "refs/heads/main").partition(b"\n\n")
    both = (tag.format(clean) + tag.format(tainted)).encode()
    old = commit_raw(server, head + b"\n" + both + b"\n" + message, "refs/heads/main")

    result = rewrite_server(server, [blob_oid(server, BAD)], tmp_path)

    check_all(result)
    new = raw(result.target, result.new_ids[old])
    assert new.count(b"mergetag") == 1
    assert tainted.encode() not in new
    assert result.plan.losses.mergetags == 1


def test_paths_of_any_bytes_and_contents_of_any_size_survive(tmp_path: Path):
    names = [
        b"a b",
        b'q"uote',
        b"new\nline",
        b"tab\t",
        b"\xff\xfe",
        b"\xe2\x80\xae.csv",
        b"back\\slash",
    ]
    history = History()
    history.commit({b"keep/" + name: name for name in names})
    history.commit({b"bad/" + name: BAD for name in names})
    history.commit({b"keep/" + name: name * 1000 for name in names})
    server = history.build(tmp_path / "s.git")

    result = rewrite_server(server, [blob_oid(server, BAD)], tmp_path)

    check_all(result)
    assert {each.path for each in result.plan.removals} == {b"bad/" + name for name in names}
    assert RewritePlan.from_json(json.loads(json.dumps(result.plan.to_json()))) == result.plan


def test_two_bad_blobs_that_follow_each_other_at_one_path_both_go(tmp_path: Path):
    history = History()
    planted(history)
    history.commit({b"out/a.csv": BAD + b"b,4\n"})
    history.commit({b"out/a.csv": b"practice,n\na,10\n"})
    server = history.build(tmp_path / "s.git")
    bad = [blob_oid(server, BAD), blob_oid(server, BAD + b"b,4\n")]

    result = rewrite_server(server, bad, tmp_path)

    check_all(result)
    assert b"out/a.csv" in files(result.target, "refs/heads/main")


def test_a_file_that_turns_into_a_directory_and_back_is_followed(tmp_path: Path):
    history = History()
    history.commit({b"x": BAD})
    history.commit({b"x": None, b"x/y": b"fine"})
    history.commit({b"x/y": None, b"x": BAD})
    history.commit({b"x": b"fine"})
    server = history.build(tmp_path / "s.git")

    check_all(rewrite_server(server, [blob_oid(server, BAD)], tmp_path))


def test_of_a_file_that_goes_and_comes_again_only_the_commits_that_have_it_get_other_trees(
    tmp_path: Path,
):
    history = History()
    history.commit({b"README.md": b"# A study"})
    first = history.commit({b"out/a.csv": BAD})
    history.commit({b"code.py": b"one"})
    history.commit({b"out/a.csv": None})
    side = history.commit({b"side.py": b"s"}, ref=b"refs/heads/side", parents=[first])
    history.commit({b"code.py": b"two"})
    history.commit({b"moved.csv": BAD}, merge=[side])
    history.commit({b"moved.csv": b"fine"})
    server = history.build(tmp_path / "s.git")

    result = rewrite_server(server, [blob_oid(server, BAD)], tmp_path)

    check_all(result)
    main = [oid(server, f"refs/heads/main~{back}") for back in range(7)]
    assert set(result.plan.retreed) == {
        *(main[back] for back in (1, 4, 5)),
        oid(server, "refs/heads/side"),
    }
    assert set(result.plan.rewritten) - set(result.plan.retreed) == {main[0], main[2], main[3]}


def test_commits_that_hold_nothing_bad_keep_trees_that_git_would_write_in_another_way(
    tmp_path: Path,
):
    history = History()
    history.commit({b"out/a.csv": BAD})
    server = history.build(tmp_path / "s.git")
    code = raw(server, oid(server, "refs/heads/main"))
    blob = bytes.fromhex(_write(server, b"print()").decode())
    write = ("hash-object", "-w", "-t", "tree", "--literally", "--stdin")
    tree = git(server, *write, stdin=b"100664 code.py\0" + blob).decode().strip()
    head = b"tree %b\nparent %b\n" % (tree.encode(), oid(server, "refs/heads/main").encode())
    commit_raw(server, head + code.split(b"\n", 1)[1], "refs/heads/main")

    result = rewrite_server(server, [blob_oid(server, BAD)], tmp_path)

    check_all(result)
    assert oid(result.target, "refs/heads/main^{tree}") == tree


def test_only_what_descends_from_the_blob_gets_a_new_id(tmp_path: Path):
    history = History()
    root = history.commit({b"code.py": b"one"})
    before = history.commit({b"code.py": b"two"})
    history.commit({b"out/a.csv": BAD})
    history.commit({b"side.py": b"s"}, ref=b"refs/heads/side", parents=[before])
    history.tag("old", root)
    server = history.build(tmp_path / "s.git")

    result = rewrite_server(server, [blob_oid(server, BAD)], tmp_path)

    assert [ref.name for ref in result.done.changes] == [MAIN]
    assert len(result.done.commits) == 1
    assert result.plan.retreed == result.plan.rewritten == (oid(server, "refs/heads/main"),)


def test_the_mirror_is_not_touched(tmp_path: Path):
    history = History()
    planted(history)
    server = history.build(tmp_path / "s.git")

    result = rewrite_server(server, [blob_oid(server, BAD)], tmp_path)

    assert refs(result.mirror.path) == refs(server)
    assert objects(result.mirror.path) == objects(server)


def test_a_second_rewrite_finds_nothing_to_do(tmp_path: Path):
    history = History()
    planted(history)
    server = history.build(tmp_path / "s.git")
    bad = [blob_oid(server, BAD)]
    result = rewrite_server(server, bad, tmp_path)

    again = plan_rewrite(gather_facts(result.target, bad))

    assert again.is_empty
    with pytest.raises(RefusedError, match="nothing to rewrite"):
        require_work(again)


def test_a_finished_rewrite_is_found_done_and_that_of_another_plan_is_not_taken_for_it(
    tmp_path: Path,
):
    history = History()
    planted(history)
    history.commit({b"other.csv": b"n\n2\n"})
    server = history.build(tmp_path / "s.git")
    result = rewrite_server(server, [blob_oid(server, BAD)], tmp_path)
    other = plan_rewrite(gather_facts(result.mirror.path, [blob_oid(server, b"n\n2\n")]))

    assert rewrite(result.mirror.path, result.plan, result.target) == result.done
    assert Rewritten.from_json(json.loads(json.dumps(result.done.to_json()))) == result.done
    with pytest.raises(RefusedError, match="another plan"):
        rewrite(result.mirror.path, other, result.target)
    discard_rewritten(result.target)
    assert rewrite(result.mirror.path, other, result.target) != result.done


def test_a_folder_that_is_not_ours_is_neither_used_nor_deleted(tmp_path: Path):
    history = History()
    planted(history)
    server = history.build(tmp_path / "s.git")

    for act in (open_rewritten, discard_rewritten):
        with pytest.raises(RefusedError):
            act(server)
    assert oid(server)


def test_a_mirror_that_moved_since_the_plan_is_not_rewritten(tmp_path: Path):
    history = History()
    planted(history)
    server = history.build(tmp_path / "s.git")
    result = rewrite_server(server, [blob_oid(server, BAD)], tmp_path)
    git(result.mirror.path, "update-ref", "refs/heads/late", "refs/heads/main")

    with pytest.raises(RefusedError, match="plan again"):
        rewrite(result.mirror.path, result.plan, tmp_path / "late.git")


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        (["e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"], RefusedError),
        (["ABCDEF" + "0" * 34], UsageError),
        (["abcdef0"], UsageError),
        ([], UsageError),
    ],
    ids=["empty-file", "upper-case", "abbreviated", "none"],
)
def test_trap_32_43_ids_that_would_match_nothing_or_too_much_are_refused(
    tmp_path: Path, wrong, error
):
    history = History()
    planted(history)
    server = history.build(tmp_path / "s.git")

    with pytest.raises(error):
        gather_facts(server, wrong)


def test_trap_32_an_id_that_is_nowhere_makes_an_empty_plan_which_is_refused(tmp_path: Path):
    history = History()
    planted(history)
    server = history.build(tmp_path / "s.git")
    plan = plan_rewrite(gather_facts(server, ["1" * 40]))

    assert plan.absent == ("1" * 40,)
    with pytest.raises(RefusedError):
        require_work(plan)


def test_messages_and_notes_that_name_a_rewritten_commit_are_counted(tmp_path: Path):
    history = History()
    bad = planted(history)
    history.note(bad, b"reviewed")
    probe = history.build(tmp_path / "probe.git")
    name = oid(probe, "refs/heads/main")
    history.commit({b"out/a.csv": None}, message=f"Revert\n\nThis reverts commit {name}.")
    history.commit({b"z": b"z"}, message=f"See {name[:9]}")
    history.commit({b"z": b"zz"}, message="phone 9434765919")
    server = history.build(tmp_path / "s.git")

    plan = plan_rewrite(gather_facts(server, [blob_oid(server, BAD)]))

    assert plan.traces.messages == 2
    assert plan.traces.notes == 1


def test_a_bad_commit_without_a_readable_date_leaves_the_first_exposure_to_the_others(
    tmp_path: Path,
):
    history = History()
    planted(history)
    server = history.build(tmp_path / "s.git")
    dated = oid(server)
    data = raw(server, dated)
    undated = data.replace(b"committer Ada <ada@example.org> 1600000120 +0000", b"committer Ada <>")
    commit_raw(server, undated, "refs/heads/undated")
    bad = [blob_oid(server, BAD)]

    both = bad_set_of(gather_facts(server, bad))
    git(server, "update-ref", "refs/heads/main", "refs/heads/undated")
    one = bad_set_of(gather_facts(server, bad))

    assert both.first_exposure == datetime(2020, 9, 13, 12, 28, 40, tzinfo=UTC)
    assert both.blobs[0].introduced_by[0] == dated
    assert one.first_exposure is None


def test_a_tree_no_git_would_write_is_refused_without_a_word_of_its_content(tmp_path: Path):
    history = History()
    planted(history)
    server = history.build(tmp_path / "s.git")
    entries = raw(server, "HEAD^{tree}", "tree")
    ids = [bytes.fromhex(blob_oid(server, content)) for content in (b"one", b"two")]
    twice = b"".join(b"100644 CANARY\0" + one for one in ids)
    write = ("hash-object", "-w", "-t", "tree", "--literally", "--stdin")
    tree = git(server, *write, stdin=twice + entries).strip()
    data = raw(server, "HEAD").replace(oid(server, "HEAD^{tree}").encode(), tree)
    commit_raw(server, data, "refs/heads/main")

    with pytest.raises(UnfitHistoryError) as caught:
        rewrite_server(server, [blob_oid(server, BAD)], tmp_path)

    assert "CANARY" not in str(caught.value)
    assert not (tmp_path / "rewritten.git").exists()
    assert not list(tmp_path.glob("*.partial*"))


def test_the_new_repository_holds_nothing_that_no_ref_reaches_and_keeps_the_default_branch(
    tmp_path: Path,
):
    history = History()
    planted(history)
    history.commit({b"x": b"x"}, ref=b"refs/heads/develop", parents=[1])
    server = history.build(tmp_path / "s.git", head=b"refs/heads/develop")

    result = rewrite_server(server, [blob_oid(server, BAD)], tmp_path)

    assert git(result.target, "fsck", "--unreachable", "--no-reflogs") == b""
    assert git(result.target, "symbolic-ref", "HEAD") == b"refs/heads/develop\n"


def test_upstream_runs_in_silence_and_leaves_the_process_that_asked_as_it_was(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    before = dict(os.environ), Path.cwd(), os.getsid(0), gc.isenabled()
    history = History()
    planted(history)
    server = history.build(tmp_path / "s.git")

    result = rewrite_server(server, [blob_oid(server, BAD)], tmp_path)

    assert result.plan.retreed
    assert (dict(os.environ), Path.cwd(), os.getsid(0), gc.isenabled()) == before
    assert capfd.readouterr() == ("", "")


def test_all_refs_of_the_new_repository_are_in_one_file_whatever_their_names(tmp_path: Path):
    history = History()
    bad = planted(history)
    odd = [b"refs/heads/" + name for name in (b"b-1", b"b/1", b"b.1", b"\xc3\xa9", b"\xff")]
    for name in odd:
        history.ref(name, bad)
    server = history.build(tmp_path / "s.git")

    result = rewrite_server(server, [blob_oid(server, BAD)], tmp_path)

    check_all(result)
    assert refs(result.target).keys() == refs(server).keys() >= set(odd)
    assert not [each for each in (result.target / "refs").rglob("*") if each.is_file()]


def test_commits_that_differed_only_in_the_blob_become_one(tmp_path: Path):
    history = History()
    for number, name in enumerate((b"refs/heads/main", b"refs/heads/amended")):
        content = BAD + b"b,%d\n" % number
        history.commit({b"out/a.csv": content, b"x": b"x"}, ref=name, when=1_600_000_000)
    server = history.build(tmp_path / "s.git")
    bad = [blob_oid(server, BAD + b"b,%d\n" % number) for number in range(2)]

    result = rewrite_server(server, bad, tmp_path)

    check_all(result)
    assert len(set(refs(result.target).values())) == 1


def test_only_the_last_signature_in_a_tag_is_one(tmp_path: Path):
    begin = "-----BEGIN PGP SIGNATURE-----\nx\n-----END PGP SIGNATURE-----\n"
    history = History()
    history.tag("signed", planted(history), f"quoted:\n{begin}and signed\n{begin}")
    server = history.build(tmp_path / "s.git")

    result = rewrite_server(server, [blob_oid(server, BAD)], tmp_path)

    assert raw(result.target, "refs/tags/signed", "tag").count(b"BEGIN") == 1
    assert raw(result.target, "refs/tags/signed", "tag").endswith(b"and signed\n")


def broken(_instructions: object) -> None:
    raise LookupError("12345 patients")


def killed(_instructions: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize(
    ("run", "code", "said"),
    [(broken, 1, "please report it"), (killed, 5, "run the command again")],
)
def test_whoever_rewrites_again_is_told_to_only_where_that_can_help(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: object, code: int, said: str
) -> None:
    history = History()
    history.commit({b"a.csv": BAD})
    server = history.build(tmp_path / "r.git")
    monkeypatch.setattr(filter_repo_runner, "run_in_this_process", run)

    with pytest.raises(BreachkitError, match=said) as caught:
        rewrite_server(server, [blob_oid(server, BAD)], tmp_path)

    assert caught.value.exit_code == code
    assert "again" not in str(caught.value) or code == 5
    assert "12345" not in str(caught.value)
    assert not (tmp_path / "rewritten.git").exists()


def test_a_file_that_becomes_a_folder_and_a_file_again_keeps_what_is_in_it(tmp_path: Path):
    """`git fast-export | git fast-import` alone loses the folder: it writes its files before the old one's end."""
    history = History()
    history.commit({b"out/a.csv": BAD, b"a": b"1", b"k": b"k"})
    history.commit({b"a": None, b"a/b": b"2"})
    history.commit({b"a/b": None, b"a": b"3"})
    server = history.build(tmp_path / "s.git")

    result = rewrite_server(server, [blob_oid(server, BAD)], tmp_path)

    assert prove(result.mirror.path, result.target, result.plan, result.done).ok
    held = [set(files(result.target, after)) for after in result.new_ids.values()]
    assert held == [{b"a", b"k"}, {b"a/b", b"k"}, {b"a", b"k"}]
