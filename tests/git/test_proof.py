"""Whatever a rewrite does beside its plan, the proof notices."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from breachkit.actions.rewritten import RefChange
from breachkit.actions.verify import Proof
from breachkit.git.proof import prove
from breachkit.model.ids import ObjectId
from tests.support.gitrepo import History, blob_oid, git, oid
from tests.support.rewriting import BAD, Rewrite, commit_raw, copy_of, raw, rewrite_server


MAIN = "refs/heads/main"


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Rewrite:
    folder = tmp_path_factory.mktemp("original")
    history = History()
    history.commit({b"code.py": b"one", b"out/b.csv": b"fine"})
    bad = history.commit({b"out/a.csv": BAD, b"code.py": b"two"})
    history.commit({b"code.py": b"three"}, message="Tidy up\n")
    history.tag("v1", bad, "first release")
    history.ref(b"refs/odd/tree", f"{{{bad}}}^{{tree}}")
    history.ref(b"refs/odd/blob", f"{{{bad}}}:out/a.csv")
    server = history.build(folder / "s.git")
    return rewrite_server(server, [blob_oid(server, BAD)], folder)


@pytest.fixture
def rewritten(original: Rewrite, tmp_path: Path) -> Rewrite:
    return copy_of(original, tmp_path)


def proof_of(result: Rewrite) -> Proof:
    return prove(result.mirror.path, result.target, result.plan, result.done)


def pretend(result: Rewrite, name_of_new: str, ref: str = MAIN) -> Rewrite:
    """Let the record say that all this was intended: a rewrite that lies consistently."""
    name, new = ref.encode(), ObjectId(name_of_new)
    before = result.new_ref(name)
    refs = tuple(
        RefChange(name=each.name, old=each.old, new=new) if each.name == name else each
        for each in result.done.refs
    )
    commits = tuple((old, new if made == before else made) for old, made in result.done.commits)
    return replace(result, done=replace(result.done, refs=refs, commits=commits))


def recommit(result: Rewrite, old: bytes, new: bytes) -> Rewrite:
    """Change bytes of the newest rewritten commit."""
    data = raw(result.target, MAIN)
    assert old in data
    return pretend(result, commit_raw(result.target, data.replace(old, new), MAIN))


def retree(result: Rewrite, change: Callable[[bytes], bytes]) -> Rewrite:
    """Change the listing of the newest rewritten commit's top directory."""
    listing = git(result.target, "ls-tree", MAIN)
    changed = git(result.target, "mktree", stdin=change(listing)).strip()
    return recommit(result, oid(result.target, f"{MAIN}^{{tree}}").encode(), changed)


def reasons(proof: Proof) -> set[str]:
    assert proof.failed == len(proof.failures)
    assert Proof.from_json(json.loads(json.dumps(proof.to_json()))) == proof
    return {failure.what for failure in proof.failures}


def test_an_honest_rewrite_is_proven_and_counted(rewritten: Rewrite):
    proof = proof_of(rewritten)

    assert proof.ok
    assert reasons(proof) == set()
    assert (proof.counts.commits, proof.counts.refs) == (2, 3)
    assert (proof.counts.trees, proof.counts.removed) == (2, 2)
    assert proof.counts.objects > 5


def test_a_proof_can_be_repeated(rewritten: Rewrite):
    assert proof_of(rewritten) == proof_of(rewritten)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b"author Ada", b"author Eve", "author changed"),
        (b"committer Ada", b"committer Eve", "committer changed"),
        (b"1600000180 +0000\n\n", b"1600000180 +0100\n\n", "committer changed"),
        (b"Tidy up\n", b"Tidy up", "message changed"),
        (b"\n\nTidy", b"\nencoding ISO-8859-1\n\nTidy", "encoding changed"),
        (b"\n\nTidy", b"\nHG:extra x\n\nTidy", "extra headers changed"),
        (b"\n\nTidy", b"\ngpgsig fake\n\nTidy", "a signature that is no longer true was left"),
    ],
)
def test_a_changed_byte_of_a_commit_is_noticed(rewritten: Rewrite, old, new, reason):
    assert reason in reasons(proof_of(recommit(rewritten, old, new)))


def test_a_changed_parent_is_noticed(rewritten: Rewrite):
    parent = oid(rewritten.target, f"{MAIN}~1").encode()
    other = oid(rewritten.target, f"{MAIN}~2").encode()

    assert "parents changed" in reasons(proof_of(recommit(rewritten, parent, other)))


@pytest.mark.parametrize(
    "change",
    [
        lambda listing: listing.replace(b"code.py", b"code2.py"),
        lambda listing: listing.replace(b"100644", b"100755", 1),
        lambda listing: b"".join(listing.splitlines(keepends=True)[1:]),
        lambda listing: listing + listing.splitlines(keepends=True)[0].replace(b"code.py", b"new"),
    ],
    ids=["renamed", "mode", "deleted", "added"],
)
def test_a_change_of_another_file_is_noticed(rewritten: Rewrite, change):
    proof = proof_of(retree(rewritten, change))

    assert "a path changed that was not planned to" in reasons(proof)
    assert any(failure.path for failure in proof.failures)


def test_a_file_with_other_content_is_noticed(rewritten: Rewrite):
    other = git(rewritten.target, "hash-object", "-w", "--stdin", stdin=b"x").strip()
    blob = oid(rewritten.target, f"{MAIN}:code.py").encode()

    proof = proof_of(retree(rewritten, lambda listing: listing.replace(blob, other)))

    assert "a path changed that was not planned to" in reasons(proof)


def test_a_lost_ref_is_noticed(rewritten: Rewrite):
    git(rewritten.target, "update-ref", "-d", "refs/tags/v1")

    proof = proof_of(rewritten)

    assert "the ref is not what was recorded" in reasons(proof)
    assert {failure.ref for failure in proof.failures} == {b"refs/tags/v1"}


def test_a_moved_ref_is_noticed_even_if_it_was_recorded(rewritten: Rewrite):
    git(rewritten.target, "update-ref", MAIN, f"{MAIN}~1")
    refs = tuple(
        replace(ref, new=ObjectId(oid(rewritten.target, MAIN)))
        if ref.name == MAIN.encode()
        else ref
        for ref in rewritten.done.refs
    )

    lying = replace(rewritten, done=replace(rewritten.done, refs=refs))

    assert "the ref is not where the plan moves it" in reasons(proof_of(lying))


def test_a_new_ref_is_noticed(rewritten: Rewrite):
    git(rewritten.target, "update-ref", "refs/heads/extra", MAIN)

    assert "the ref was not planned, or its old value is another" in reasons(proof_of(rewritten))


def test_a_mirror_that_is_no_longer_the_one_of_the_plan_is_noticed(rewritten: Rewrite):
    git(rewritten.mirror.path, "update-ref", MAIN, f"{MAIN}~1")

    proof = proof_of(rewritten)

    assert "the ref was not planned, or its old value is another" in reasons(proof)
    assert {failure.ref for failure in proof.failures if failure.ref} == {MAIN.encode()}


def test_a_commit_in_the_place_of_its_own_tree_is_noticed(rewritten: Rewrite):
    commit = oid(rewritten.target, "refs/tags/v1^{commit}")
    assert oid(rewritten.target, f"{commit}^{{tree}}") == oid(rewritten.target, "refs/odd/tree")
    git(rewritten.target, "update-ref", "refs/odd/tree", commit)

    proof = proof_of(pretend(rewritten, commit, "refs/odd/tree"))

    assert "the ref is not where the plan moves it" in reasons(proof)


@pytest.mark.parametrize("name", ["refs/tags/v1", "refs/odd/tree"])
def test_an_old_tag_or_tree_that_no_ref_reaches_is_noticed(rewritten: Rewrite, name: str):
    old = oid(rewritten.mirror.path, name)
    kind = git(rewritten.mirror.path, "cat-file", "-t", old).decode().strip()
    data = git(rewritten.mirror.path, "cat-file", kind, old)
    git(rewritten.target, "hash-object", "-w", "-t", kind, "--literally", "--stdin", stdin=data)

    proof = proof_of(rewritten)

    assert reasons(proof) == {"an old commit, tag or tree is still there"}
    assert {failure.object_id for failure in proof.failures} == {old}


def test_a_commit_with_two_trees_is_noticed(rewritten: Rewrite):
    tree = b"tree " + oid(rewritten.target, f"{MAIN}^{{tree}}").encode() + b"\n"

    assert "tree missing" in reasons(proof_of(recommit(rewritten, tree, tree * 2)))


def test_a_new_commit_is_noticed(rewritten: Rewrite):
    more = git(
        rewritten.target, "commit-tree", f"{MAIN}^{{tree}}", "-p", MAIN, "-m", "more"
    ).decode()
    git(rewritten.target, "update-ref", MAIN, more.strip())

    assert "a commit is missing or was not planned" in reasons(proof_of(rewritten))


@pytest.mark.parametrize(
    ("old", "new"),
    [(b"first release", b"last release"), (b"tag v1", b"tag v2"), (b"tagger Ada", b"tagger Eve")],
)
def test_a_changed_tag_is_noticed(rewritten: Rewrite, old, new):
    data = raw(rewritten.target, "refs/tags/v1", "tag").replace(old, new)
    made = git(rewritten.target, "hash-object", "-w", "-t", "tag", "--stdin", stdin=data)
    git(rewritten.target, "update-ref", "refs/tags/v1", made.decode().strip())

    proof = proof_of(pretend(rewritten, made.decode().strip(), "refs/tags/v1"))

    assert "the ref is not where the plan moves it" in reasons(proof)


def test_a_changed_tree_behind_a_ref_is_noticed(rewritten: Rewrite):
    listing = git(rewritten.target, "ls-tree", "refs/odd/tree").splitlines(keepends=True)
    made = git(rewritten.target, "mktree", stdin=listing[0]).decode().strip()
    git(rewritten.target, "update-ref", "refs/odd/tree", made)

    proof = proof_of(pretend(rewritten, made, "refs/odd/tree"))

    assert "a path changed that was not planned to" in reasons(proof)


def test_a_bad_blob_that_no_ref_reaches_is_noticed(rewritten: Rewrite):
    git(rewritten.target, "hash-object", "-w", "--stdin", stdin=BAD)

    assert "a bad blob is still there" in reasons(proof_of(rewritten))


def test_an_old_commit_that_no_ref_reaches_is_noticed(rewritten: Rewrite):
    data = raw(rewritten.mirror.path, MAIN)
    git(rewritten.target, "hash-object", "-w", "-t", "commit", "--literally", "--stdin", stdin=data)

    assert "an old commit, tag or tree is still there" in reasons(proof_of(rewritten))


def test_a_blob_that_should_have_gone_from_a_later_commit_is_noticed(rewritten: Rewrite):
    git(rewritten.target, "hash-object", "-w", "--stdin", stdin=BAD)
    line = f"100644 blob {rewritten.plan.bad[0]}\ta.csv\n".encode()

    proof = proof_of(retree(rewritten, lambda listing: listing + line))

    assert "a bad blob is still there" in reasons(proof)
    assert "a path changed that was not planned to" in reasons(proof)


@pytest.mark.parametrize(
    "part", ["objects/info/alternates", "lfs", "rr-cache", "worktrees", "logs", "filter-repo"]
)
def test_another_place_that_could_hold_old_objects_is_noticed(rewritten: Rewrite, part):
    place = rewritten.target / part
    if part.endswith("alternates"):
        place.write_text("")
    else:
        place.mkdir()

    assert any(part in what for what in reasons(proof_of(rewritten)))


def test_a_pack_marked_never_to_be_collected_is_noticed(rewritten: Rewrite):
    (rewritten.target / "objects" / "pack" / "pack-x.keep").touch()

    assert any("never to be collected" in what for what in reasons(proof_of(rewritten)))


def test_a_missing_object_is_noticed(rewritten: Rewrite):
    blob = oid(rewritten.target, f"{MAIN}:code.py")
    (pack,) = (rewritten.target / "objects" / "pack").glob("*.pack")
    everything = pack.read_bytes()
    for file in (rewritten.target / "objects" / "pack").iterdir():
        file.chmod(0o600)
        file.unlink()
    git(rewritten.target, "unpack-objects", "-q", stdin=everything)
    (rewritten.target / "objects" / blob[:2] / blob[2:]).unlink()

    assert "the repository is damaged or lacks objects" in reasons(proof_of(rewritten))


def test_a_map_that_lacks_a_commit_is_noticed(rewritten: Rewrite):
    lying = replace(rewritten, done=replace(rewritten.done, commits=rewritten.done.commits[1:]))

    assert any("map of commits" in what for what in reasons(proof_of(lying)))


def test_a_map_that_names_a_commit_that_is_nowhere_is_noticed(rewritten: Rewrite):
    (first, *others) = rewritten.done.commits
    lying = replace(
        rewritten, done=replace(rewritten.done, commits=((first[0], ObjectId("1" * 40)), *others))
    )

    assert "commit missing" in reasons(proof_of(lying))


def test_a_deletion_at_a_path_the_plan_does_not_name_is_noticed(rewritten: Rewrite):
    other = replace(rewritten, plan=replace(rewritten.plan, removals=()))

    assert reasons(proof_of(other)) == {
        *("the rewrite was of another plan", "a path changed that was not planned to"),
    }


def test_a_history_other_than_the_recorded_one_is_noticed(rewritten: Rewrite):
    history = replace(rewritten.done.history, sha256="0" * 64)
    other = replace(rewritten, done=replace(rewritten.done, history=history))

    assert reasons(proof_of(other)) == {"the history is not the one that was recorded"}
