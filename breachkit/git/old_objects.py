"""What a rewrite left behind, to ask a platform for, and what is harmless, to compare its answers with."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from breachkit.actions.bad_set import BadSet
from breachkit.actions.push import is_platform_ref
from breachkit.actions.rewritten import Rewritten
from breachkit.actions.served import Kind, Subject
from breachkit.actions.served_plan import Subjects
from breachkit.git.mirror import local_refs
from breachkit.git.process import run_git
from breachkit.git.rawobjects import present_objects
from breachkit.git.tag_chains import follow_tags
from breachkit.model.ids import GitPath, ObjectId


Found = tuple[ObjectId, str]
"""Id and type of an object."""

_LARGEST_CONTROL = 1_000_000
"""In bytes: a control is fetched again and again."""


def old_objects(
    mirror: Path, rewritten: Path, rounds: Sequence[Rewritten], bad: BadSet
) -> Subjects:
    """Give everything that should be gone.

    Args:
        mirror: The server as it was: tells which paths lead to a bad blob.
        rewritten: The history that replaced it. What it holds is meant to be there.
        rounds: The records of all rewrites of the case, oldest first.
        bad: What had to go.
    """
    commits = tuple(dict.fromkeys(old for done in rounds for old, _ in done.commits))
    ends = [change.old for done in rounds for change in done.changes]
    tags, tips, others = _ends_of_refs(mirror, ends)
    wanted = {*bad.introducers, *tips}
    telling = [one for one in commits if one in wanted]
    trees = [one for one, _ in _looked_up(mirror, [f"{one}^{{tree}}" for one in telling])]
    kept = present_objects(rewritten, [*trees, *others])
    files = tuple(_files(mirror, bad))
    placed = {each.id for each in files}
    return Subjects(
        commits=_subjects(Kind.COMMIT, commits),
        telling=_subjects(Kind.COMMIT, telling),
        trees=_subjects(Kind.TREE, [one for one in (*others, *trees) if one not in kept]),
        blobs=_subjects(Kind.BLOB, [blob.id for blob in bad.blobs]),
        files=files,
        tags=_subjects(Kind.TAG, tags),
        not_placed=sum(blob.id not in placed for blob in bad.blobs),
    )


def harmless(rewritten: Path, done: Rewritten, bad: BadSet) -> tuple[Mapping[Kind, Subject], ...]:
    """Give objects of each kind that are meant to be on the server.

    First those that were there before the rewrite as well, which forks have too; then those that the
    rewrite made. Either may be missing: where nothing came before the data, or nothing after it.
    """
    refs = local_refs(rewritten)
    own = {name: value for name, value in refs.items() if not is_platform_ref(name)}
    made = frozenset(new for _, new in done.commits)
    changed = frozenset(change.new for change in done.changes)
    commits = _commits(rewritten, own.values())
    kept = next((one for one in commits if one not in made), None)
    new = next(iter(commits), None)
    tags = [one for one, kind in _looked_up(rewritten, sorted(own.values())) if kind == "tag"]
    old_tag = next((one for one in tags if one not in changed), None)
    candidates = ((kept, old_tag), (new, next(iter(tags), None)))
    found = (dict(_around(rewritten, *each, bad.ids)) for each in candidates)
    return tuple(each for each in found if each)


def _around(
    git_dir: Path, commit: ObjectId | None, tag: ObjectId | None, bad: Collection[ObjectId]
) -> Iterator[tuple[Kind, Subject]]:
    if tag is not None:
        yield Kind.TAG, Subject(kind=Kind.TAG, id=tag)
    if commit is None:
        return
    yield Kind.COMMIT, Subject(kind=Kind.COMMIT, id=commit)
    [(tree, _)] = _looked_up(git_dir, [f"{commit}^{{tree}}"])
    yield Kind.TREE, Subject(kind=Kind.TREE, id=tree)
    file = _small_file(git_dir, commit, bad)
    if file is not None:
        path, blob = file
        yield Kind.BLOB, Subject(kind=Kind.BLOB, id=blob)
        yield Kind.FILE, Subject(kind=Kind.FILE, id=blob, commit=commit, path=path)


def _small_file(
    git_dir: Path, commit: ObjectId, bad: Collection[ObjectId]
) -> tuple[GitPath, ObjectId] | None:
    """Choose the smallest file with something in it, under a name that any address can hold."""
    listed = run_git(["ls-tree", "-r", "-z", "--long", "--full-tree", commit], git_dir=git_dir)
    files: list[tuple[int, bytes, ObjectId]] = []
    for line in filter(None, listed.stdout.split(b"\0")):
        about, _, path = line.partition(b"\t")
        mode, kind, one, size = about.split()
        plain = path.isascii() and path.decode("latin-1").isprintable() and mode != b"120000"
        if kind == b"blob" and plain and 0 < int(size) < _LARGEST_CONTROL:
            files.append((int(size), path, ObjectId(one.decode())))
    smallest = min((each for each in files if each[2] not in bad), default=None)
    return None if smallest is None else (GitPath(smallest[1]), smallest[2])


def _commits(git_dir: Path, tips: Iterable[ObjectId]) -> tuple[ObjectId, ...]:
    feed = "".join(f"{tip}\n" for tip in sorted(set(tips))).encode()
    listed = run_git(["rev-list", "--topo-order", "--stdin"], git_dir=git_dir, stdin=feed).stdout
    return tuple(ObjectId(line) for line in listed.decode().splitlines())


def _files(mirror: Path, bad: BadSet) -> Iterator[Subject]:
    """Give every bad blob at each path of each commit that brought it there."""
    asked = [
        (blob.id, commit, path)
        for blob in bad.blobs
        for commit in blob.introduced_by
        for path in blob.paths
        if not path.count(b"\n")
    ]
    feed = b"".join(b"%s:%s\n" % (commit.encode(), path) for _, commit, path in asked)
    for (blob, commit, path), found in zip(asked, _checked(mirror, feed), strict=True):
        if found is not None and found[0] == blob:
            yield Subject(kind=Kind.FILE, id=blob, commit=commit, path=path)


def _ends_of_refs(
    mirror: Path, ends: Iterable[ObjectId]
) -> tuple[list[ObjectId], list[ObjectId], list[ObjectId]]:
    """Tell what refs ended in: annotated tags (nested ones too), commits, and trees."""
    kinds = follow_tags(mirror, ends).kinds
    tags, commits, trees = (
        [one for one, kind in kinds.items() if kind == wanted]
        for wanted in ("tag", "commit", "tree")
    )
    return tags, commits, trees


def _looked_up(git_dir: Path, names: Iterable[str]) -> Iterator[Found]:
    """Give id and type of whatever of these is there."""
    found = _checked(git_dir, "".join(f"{name}\n" for name in names).encode())
    return (each for each in found if each is not None)


def _checked(git_dir: Path, feed: bytes) -> Iterator[Found | None]:
    command = ["cat-file", "--batch-check=%(objectname) %(objecttype)", "--buffer"]
    said = run_git(command, git_dir=git_dir, stdin=feed).stdout
    for line in said.split(b"\n")[:-1]:  # a path may hold every other line end
        one, _, kind = line.decode("utf-8", "replace").rpartition(" ")
        yield None if kind in {"missing", "ambiguous"} else (ObjectId(one), kind)


def _subjects(kind: Kind, ids: Iterable[ObjectId]) -> tuple[Subject, ...]:
    return tuple(Subject(kind=kind, id=one) for one in dict.fromkeys(ids))
