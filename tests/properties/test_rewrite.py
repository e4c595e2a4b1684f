"""Whatever the history, a rewrite takes the bad blobs out of it and leaves all else as it was."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from breachkit.actions.edits import Edits, Renaming, Replacement, Wording
from breachkit.actions.rewrite import plan_rewrite
from breachkit.git.facts import gather_facts
from breachkit.git.proof import prove
from breachkit.git.push import push
from breachkit.git.verify import check_fresh_clone, check_repository
from breachkit.model.ids import GitPath, ObjectId
from tests.support.gitrepo import (
    Change,
    Executable,
    History,
    Symlink,
    blob_oid,
    git,
    refs,
    write_blob,
)
from tests.support.rewriting import Rewrite, blob_at, files, objects, rewrite_server, without


PLANTED = (b"practice,n\na,3\n", b"practice,n\nb,1\n")
HARMLESS = (b"", b"fine", b"code")
PATHS = (b"a", b"out/a.csv", b"out/b.csv", b"out/deep/a.csv", b"\xff", b"new\nline", b'q" uote')
REFS = (
    *(b"refs/heads/main", b"refs/heads/side", b"refs/pull/1/head", b"refs/notes/data"),
    *(b"refs/stash", b"refs/odd/place"),
)


@dataclass(frozen=True)
class Step:
    """One commit: on which ref, onto which earlier commits, changing what."""

    ref: bytes
    parents: tuple[int, ...]
    changes: Mapping[bytes, Change]
    tag: str = ""
    """What an extra ref points at: `commit`, `tag`, `nested`, `tree`, `treetag`, `blob`."""


contents = st.sampled_from([*HARMLESS, *PLANTED])
change = st.one_of(
    contents,
    contents.filter(bool).map(Symlink),
    contents.map(Executable),
    st.none(),
)


@st.composite
def histories(draw: st.DrawFn) -> list[Step]:
    steps: list[Step] = []
    for number in range(draw(st.integers(1, 9))):
        earlier = st.integers(max(0, number - 4), number - 1) if number else st.nothing()
        parents = draw(st.lists(earlier, max_size=3, unique=True)) if number else []
        changes = draw(st.dictionaries(st.sampled_from(PATHS), change, max_size=4))
        tag = draw(st.sampled_from(["", "", "commit", "tag", "nested", "tree", "treetag", "blob"]))
        ref = draw(st.sampled_from(REFS))
        steps.append(Step(ref=ref, parents=tuple(parents), changes=changes, tag=tag))
    return steps


def build(steps: list[Step], folder: Path) -> Path:
    history = History()
    marks: list[int] = []
    for step in steps:
        parents = [marks[one] for one in step.parents]
        mark = history.commit(step.changes, ref=step.ref, parents=parents)
        marks.append(mark)
        expression = f"{{{mark}}}"
        match step.tag:
            case "commit":
                history.ref(b"refs/tags/c%d" % mark, expression)
            case "tag" | "nested":
                history.tag(f"t{mark}", expression)
                if step.tag == "nested":
                    history.tag(f"n{mark}", f"refs/tags/t{mark}")
            case "tree":
                history.ref(b"refs/tags/tree%d" % mark, expression + "^{tree}")
            case "treetag":
                history.tag(f"tree{mark}", expression + "^{tree}")
            case "blob":
                history.ref(b"refs/tags/blob%d" % mark, history.blob(PLANTED[mark % 2]))
            case _:
                pass
    return history.build(folder / "server.git")


def check_identity(result: Rewrite, originals: dict[bytes, str]) -> None:
    bad = result.plan.bad
    for old, new in result.new_ids.items():
        assert files(result.target, new) == without(files(result.server, old), bad)
        assert about(result.server, old) == about(result.target, new)
        assert parents(result.target, new) == [
            result.new_ids[parent] for parent in parents(result.server, old)
        ]
    kept = {name for name, value in originals.items() if value not in set(bad)}
    assert set(refs(result.target)) == kept


def about(repository: Path, commit: str) -> bytes:
    return git(
        repository, "log", "-1", "--format=%an%x00%ae%x00%ad%x00%cn%x00%ce%x00%cd%x00%B", commit
    )


def parents(repository: Path, commit: str) -> list[str]:
    return git(repository, "log", "-1", "--format=%P", commit).decode().split()


ONE_BAD_ROOT = [Step(ref=b"refs/heads/main", parents=(), changes={b"a": PLANTED[0]})]
TREE_OF_NOTHING_ELSE = [
    Step(ref=b"refs/heads/main", parents=(), changes={b"out/deep/a.csv": PLANTED[0]}, tag="treetag")
]


@example(ONE_BAD_ROOT)
@example([Step(ref=b"refs/stash", parents=(), changes={b"a": PLANTED[0]})])
@example([Step(ref=b"refs/pull/1/head", parents=(), changes={})])
@example(TREE_OF_NOTHING_ELSE)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories())
def test_a_planted_blob_is_gone_everywhere_and_all_else_is_identical(steps: list[Step]):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server = build(steps, folder)
        bad = [write_blob(server, content) for content in PLANTED]
        originals = refs(server)

        result = rewrite_server(server, bad, folder)

        assert not objects(result.target) & set(bad)
        check_identity(result, originals)
        proof = prove(result.mirror.path, result.target, result.plan, result.done)
        assert proof.ok, proof.failures
        assert check_repository(result.target, result.plan.bad, done=result.done).ok
        assert plan_rewrite(gather_facts(result.target, bad)).is_empty
        sent = push(str(server), result.target, result.done, result.mirror.leases)
        assert set(sent.names("platform")) <= {b"refs/stash"}
        git(server, "update-ref", "-d", "refs/stash")
        assert refs(server) == {
            name: new for name, new in result.done.expected_refs.items() if name != b"refs/stash"
        }
        assert check_fresh_clone(str(server), result.plan.bad, done=result.done).ok


CLEAN = b"practice,n\na,[REDACTED]\n"
NEW_NAMES = {b"a": b"named", b"\xff": b"out/named", b"new\nline": b"deep/er/named"}


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories(), st.sets(st.sampled_from(PATHS)), st.sets(st.sampled_from(sorted(NEW_NAMES))))
def test_what_is_put_in_the_place_of_something_is_all_that_differs(
    steps: list[Step], redacted: set[bytes], renamed: set[bytes]
):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server = build(steps, folder)
        bad = write_blob(server, PLANTED[0])
        by = blob_oid(server, CLEAN)
        new_names = {old: NEW_NAMES[old] for old in renamed & every_path(server)}
        edits = Edits(
            replacements=tuple(
                Replacement(path=GitPath(path), blob=ObjectId(bad), by=ObjectId(by))
                for path in redacted
            ),
            renamings=tuple(
                Renaming(old=GitPath(old), new=GitPath(new)) for old, new in new_names.items()
            ),
            wordings=(Wording(find=b"Ada", put=b"Somebody"),),
        )

        result = rewrite_server(server, [bad], folder, edits, {by: CLEAN})

        proof = prove(result.mirror.path, result.target, result.plan, result.done)
        assert proof.ok, proof.failures
        for old, new in result.new_ids.items():
            expected = {}
            for path, (mode, one) in files(server, old).items():
                is_put = path in redacted and mode in {b"100644", b"100755"}
                if one != bad or is_put:
                    entry = (mode, by if one == bad else one)
                    expected[new_names.get(path, path)] = entry
            assert files(result.target, new) == expected
            assert about(server, old).replace(b"Ada", b"Somebody") == about(result.target, new)


def every_path(repository: Path) -> set[bytes]:
    commits = git(repository, "rev-list", "--all").decode().split()
    return {path for commit in commits for path in files(repository, commit)}


def test_the_helper_that_names_a_planted_blob_names_the_planted_blob(tmp_path: Path):
    server = build(ONE_BAD_ROOT, tmp_path)

    assert blob_at(server, "HEAD", b"a") == write_blob(server, PLANTED[0])
