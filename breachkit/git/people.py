"""Everybody a history names since the data came in, its refs by namespace, and its remotes.

All of it is read from one repository; nobody and nothing is asked.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from breachkit.actions.people import Person, Trace, people_from, trailer_traces
from breachkit.git.process import mask_credentials, run_git
from breachkit.model.ids import ObjectId
from breachkit.model.time import from_epoch


_FIELDS = ("%H", "%P", "%at", "%an", "%ae", "%ct", "%cn", "%ce", "%B")
_TAG_FIELDS = ("%(taggername)", "%(taggeremail)", "%(taggerdate:unix)")


def people_since(
    git_dir: Path, *, exposed_at: datetime | None, introduced_by: Collection[ObjectId] = ()
) -> tuple[Person, ...]:
    """Give everybody who has probably had the data: the one who worked on after it came in.

    Args:
        git_dir: The repository, with every ref that is known of.
        exposed_at: When the data came in; None counts every commit.
        introduced_by: Commits that brought the data in; whoever worked on top of one of them is
            counted whatever the dates say.

    Returns:
        Authors, committers, those named in trailers, and taggers, brought together by address.
    """
    traces: list[Trace] = []
    downstream = set(introduced_by)
    for commit in _commits(git_dir):
        if downstream.intersection(commit.parents):
            downstream.add(commit.oid)
        if commit.oid in downstream or commit.is_since(exposed_at):
            traces += commit.traces()
    traces += [tag for tag in _taggers(git_dir) if _since(tag.at, exposed_at)]
    return people_from(traces)


def refs_by_namespace(git_dir: Path) -> dict[str, int]:
    """Count the refs in each namespace: heads, tags, remotes, notes, stash, pull, ..."""
    listing = run_git(["for-each-ref", "--format=%(refname)"], git_dir=git_dir).stdout
    return namespaces(listing.splitlines())


def namespaces(refs: Sequence[bytes]) -> dict[str, int]:
    """Count full ref names by their second part."""
    names = (ref.split(b"/", 2)[1] for ref in refs if ref.startswith(b"refs/"))
    return dict(sorted(Counter(name.decode("utf-8", "surrogateescape") for name in names).items()))


def remotes(git_dir: Path) -> tuple[tuple[str, str], ...]:
    """Give name and address of each configured remote, with credentials masked, sorted.

    Only the file itself is read: nothing that it includes, and none of its settings is in force.
    """
    config = git_dir / "config"
    if not config.is_file():
        return ()
    pattern = r"^remote\..*\.(url|pushurl)$"
    asked = [
        "config",
        f"--file={config.absolute()}",
        "--no-includes",
        "-z",
        "--get-regexp",
        pattern,
    ]
    answer = run_git(asked, check=False).stdout  # status 1: none is configured
    entries = answer.decode("utf-8", "surrogateescape").split("\0")
    return tuple(sorted({_remote(entry) for entry in entries if "\n" in entry}))


class _Commit:
    __slots__ = ("author", "authored_at", "committed_at", "committer", "message", "oid", "parents")

    def __init__(self, values: Sequence[bytes]) -> None:
        text = [value.decode("utf-8", "surrogateescape") for value in values]
        self.oid = ObjectId(text[0])
        self.parents = frozenset(ObjectId(parent) for parent in text[1].split())
        self.authored_at, self.committed_at = _moment(text[2]), _moment(text[5])
        self.author, self.committer = (text[3], text[4]), (text[6], text[7])
        self.message = text[8]

    def is_since(self, exposed_at: datetime | None) -> bool:
        return _since(self.committed_at, exposed_at) or _since(self.authored_at, exposed_at)

    def traces(self) -> Iterator[Trace]:
        name, email = self.author
        yield Trace(name=name, email=email, role="author", at=self.authored_at)
        name, email = self.committer
        yield Trace(name=name, email=email, role="committer", at=self.committed_at)
        yield from trailer_traces(self.message, self.committed_at)


def _commits(git_dir: Path) -> Iterator[_Commit]:
    """Give every commit of every ref, parents before children."""
    command = ["log", "--all", "--topo-order", "--reverse", "-z", "--encoding=UTF-8"]
    output = run_git([*command, f"--format={'%x00'.join(_FIELDS)}"], git_dir=git_dir).stdout
    values = output.split(b"\0")
    width = len(_FIELDS)
    for start in range(0, len(values) - width + 1, width):
        yield _Commit(values[start : start + width])


def _taggers(git_dir: Path) -> Iterator[Trace]:
    form = "%00".join(_TAG_FIELDS)
    listing = run_git(["for-each-ref", f"--format={form}", "refs/tags"], git_dir=git_dir).stdout
    for line in listing.decode("utf-8", "surrogateescape").split("\n"):
        name, _, rest = line.partition("\0")
        email, _, date = rest.partition("\0")
        if name or email:
            yield Trace(name=name, email=email.strip("<>"), role="tagger", at=_moment(date))


def _since(moment: datetime | None, exposed_at: datetime | None) -> bool:
    """Say whether something happened after the exposure; what has no readable date counts."""
    return exposed_at is None or moment is None or moment >= exposed_at


def _moment(seconds: str) -> datetime | None:
    return from_epoch(int(seconds)) if seconds.lstrip("-").isdecimal() else None


def _remote(entry: str) -> tuple[str, str]:
    key, _, url = entry.partition("\n")
    return key.removeprefix("remote.").rpartition(".")[0], mask_credentials(url)
