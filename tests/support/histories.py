"""Random histories of every shape, with a record of what is in them.

`histories()` is a Hypothesis strategy: what it draws knows, apart from git, which content was
planted at which path in which commit, and what reaches it.
"""

from dataclasses import dataclass, field

from hypothesis import strategies as st

from tests.support.gitrepo import Change, Executable, Gitlink, History, Symlink


_NAMES = st.one_of(
    st.sampled_from([b"a.csv", b"b.csv", b"out", b"released_outputs", b"x"]),
    st.binary(min_size=1, max_size=6).filter(
        lambda name: b"\0" not in name and b"/" not in name and name not in {b".", b".."}
    ),
)
PATHS = (
    st.lists(_NAMES, min_size=1, max_size=3)
    .map(b"/".join)
    .filter(lambda p: b".git" not in p.lower())
)

REFS = st.sampled_from(
    [
        b"refs/heads/main",
        b"refs/heads/side",
        b"refs/heads/f\xc3\xbcr/x",
        b"refs/remotes/origin/main",
        b"refs/pull/7/head",
        b"refs/merge-requests/3/head",
        b"refs/original/refs/heads/main",
        b"refs/odd",
    ]
)


@dataclass
class Planted:
    """A history, and what git must be found to hold."""

    history: History
    content_paths: dict[bytes, set[bytes]] = field(default_factory=dict)
    """Every content, and every path it ever had in any commit; no path for bare blobs."""
    forgotten: set[bytes] = field(default_factory=set)
    """Refs that are deleted at the end."""


@st.composite
def histories(draw: st.DrawFn, *, most_commits: int = 8) -> Planted:
    """Draw a history with merges, renames, deletes, odd paths, notes, stashes and tags."""
    planted = Planted(History())
    trees: dict[int, dict[bytes, Change]] = {}
    for number in range(draw(st.integers(1, most_commits))):
        _add_commit(draw, planted, trees, number)
    marks = sorted(trees)
    if draw(st.booleans()):
        note = b"note-%d" % draw(st.integers(0, 2))
        planted.history.note(draw(st.sampled_from(marks)), note)
        planted.content_paths.setdefault(note + b"\n", set())
    if draw(st.booleans()):
        _add_stash(draw, planted, trees)
    if draw(st.booleans()):
        planted.history.tag("t", draw(st.sampled_from(marks)))
        planted.history.tag("tree", f"{{{draw(st.sampled_from(marks))}}}^{{tree}}")
        planted.history.tag("nested", "refs/tags/t")
    if draw(st.booleans()):
        blob = planted.history.blob(b"only a tag holds this\n")
        planted.history.tag("blob", blob)
        planted.content_paths.setdefault(b"only a tag holds this\n", set())
    for ref in draw(st.lists(REFS.filter(lambda name: name != b"refs/heads/main"), max_size=2)):
        planted.history.forget(ref)
        planted.forgotten.add(ref)
    return planted


def _add_commit(
    draw: st.DrawFn, planted: Planted, trees: dict[int, dict[bytes, Change]], number: int
) -> None:
    parents = (
        draw(st.lists(st.sampled_from(sorted(trees)), max_size=3, unique=True)) if trees else []
    )
    tree = dict(trees[parents[0]]) if parents else {}
    changes: dict[bytes, Change] = {}
    for path in draw(st.lists(PATHS, max_size=4, unique=True)):
        change: Change = draw(_changes(number))
        if change is None and path not in tree:
            continue
        if _clashes(path, tree, changes):
            continue
        changes[path] = change
    if draw(st.booleans()) and tree:  # a rename: the same content under another path
        old, new = draw(st.sampled_from(sorted(tree))), draw(PATHS)
        if old not in changes and not _clashes(new, tree, changes) and new not in changes:
            changes |= {new: tree[old], old: None}
    for path, change in changes.items():
        tree[path] = change
    tree = {path: change for path, change in tree.items() if change is not None}
    ref = b"refs/heads/main" if number == 0 else draw(REFS)
    mark = planted.history.commit(changes, ref=ref, parents=parents, message=draw(_MESSAGES))
    trees[mark] = tree
    _record(planted, tree)


def _add_stash(draw: st.DrawFn, planted: Planted, trees: dict[int, dict[bytes, Change]]) -> None:
    base = draw(st.sampled_from(sorted(trees)))
    if _clashes(b"stashed", trees[base], {}):
        return
    planted.history.stash(
        {b"stashed": b"in the stash\n"}, base=base, untracked={b"u": b"untracked\n"}
    )
    planted.content_paths.setdefault(b"in the stash\n", set()).add(b"stashed")
    planted.content_paths.setdefault(b"untracked\n", set()).add(b"u")


_MESSAGES = st.one_of(
    st.just(b"Add outputs"),
    st.binary(max_size=20).filter(lambda text: b"\0" not in text),
)


def _changes(number: int) -> st.SearchStrategy[Change]:
    contents = st.integers(0, 3).map(lambda n: b"content %d of %d\n" % (n, number))
    shared = st.sampled_from([b"", b"shared\n"])
    return st.one_of(
        contents,
        shared,
        contents.map(Executable),
        contents.map(Symlink),
        st.just(Gitlink()),
        st.none(),
    )


def _clashes(path: bytes, tree: dict[bytes, Change], changes: dict[bytes, Change]) -> bool:
    """A file cannot be where a directory is, nor the other way round."""
    taken = {*tree, *changes} - {path}
    return any(other.startswith(path + b"/") or path.startswith(other + b"/") for other in taken)


def _record(planted: Planted, tree: dict[bytes, Change]) -> None:
    for path, change in tree.items():
        match change:
            case bytes():
                content = change
            case Executable(content=inner):
                content = inner
            case Symlink(target=target):
                content = target
            case _:
                continue
        planted.content_paths.setdefault(content, set()).add(path)
