"""Looks whether bad objects are gone from a repository here, from a server's clone, from a server.

Nothing is believed that was recorded: objects are looked for one by one, in everything a
repository has, and a server is asked for each by its id.
"""

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from breachkit.actions.push import is_platform_ref
from breachkit.actions.rewrite import bad_set_of, descendants
from breachkit.actions.rewritten import Rewritten
from breachkit.actions.verify import (
    Answer,
    ObjectCheck,
    Place,
    PlaceCheck,
    Verdict,
    judge_answer,
    wrong_refs,
)
from breachkit.git.clone import mirror_url
from breachkit.git.digests import history_digest
from breachkit.git.facts import gather_facts
from breachkit.git.mirror import local_refs
from breachkit.git.process import run_git
from breachkit.git.rawobjects import all_objects, kinds_of, present_objects
from breachkit.git.remote import ask_for_object, protocol_version
from breachkit.git.scratch import scratch_folder
from breachkit.git.treemaker import EMPTY_TREE
from breachkit.model.doing import counted, doing
from breachkit.model.ids import ObjectId, RefName


_PLACES = {"mirror": "the rewritten mirror", "clone": "the fresh clone"}


def check_repository(
    git_dir: Path,
    bad: Collection[ObjectId],
    *,
    done: Rewritten | None = None,
    gone: Iterable[ObjectId] = (),
    place: Place = "mirror",
) -> PlaceCheck:
    """Look for bad objects in everything a repository has.

    Args:
        git_dir: A bare repository.
        bad: Ids of the bad blobs.
        done: The rewrite that should have reached it, to compare refs and history with.
        gone: Ids of other objects that should not be there: old commits.
        place: What the result calls it.
    """
    wanted = frozenset(bad) | frozenset(gone)
    found: set[ObjectId] = set()
    examined = 0
    with doing(f"Looking through {_PLACES.get(place, 'the repository')}") as step:
        for one in counted(all_objects(git_dir), step):
            examined += 1
            if one in wanted:
                found.add(one)
        problems = tuple(_problems(git_dir))
    absent: Verdict = "unknown" if problems else "gone"
    still_bad = found & frozenset(bad)
    refs = local_refs(git_dir)
    return PlaceCheck(
        place=place,
        objects=tuple(
            ObjectCheck(id=one, verdict="present" if one in found else absent)
            for one in sorted(wanted)
        ),
        leftover_refs=_leading_to(git_dir, still_bad, found) if found else (),
        wrong_refs=wrong_refs(done.expected_refs, refs) if done else (),
        history_intact=_is_intact(git_dir, done) if done else None,
        problems=problems,
        examined=examined,
    )


def _leading_to(
    git_dir: Path, still_bad: Collection[ObjectId], found: Collection[ObjectId]
) -> tuple[RefName, ...]:
    """Give the refs that lead to a bad blob, or to a commit or tag that should not be there."""
    facts = gather_facts(git_dir, still_bad, may_be_none=True)
    inside = frozenset(descendants(facts.parents, facts.parents.keys() & set(found)))
    old = {
        ref.name
        for ref in facts.refs
        if ref.target in inside or not {ref.value, *ref.tags}.isdisjoint(found)
    }
    return tuple(sorted({*bad_set_of(facts).refs, *old}))


def check_fresh_clone(
    url: str,
    bad: Collection[ObjectId],
    *,
    done: Rewritten | None = None,
    gone: Iterable[ObjectId] = (),
    scratch: Path | None = None,
) -> PlaceCheck:
    """Mirror a server anew and look for bad objects in what came.

    Args:
        url: The server.
        bad: Ids of the bad blobs.
        done: The rewrite that should have reached it, to compare refs and history with.
        gone: Ids of other objects that should not be there: old commits. The platform's own refs
            may still hold them; `leftover_refs` names these too.
        scratch: A private directory for the clone; by default one of the system's. The clone is
            deleted in the end.

    Raises:
        AccessError, ConfigurationError, IncompleteError: as `clone.transfer_error` says.
    """
    with scratch_folder(scratch) as folder:
        clone = mirror_url(url, folder / "clone.git")
        return check_repository(clone, bad, done=done, gone=gone, place="clone")


def check_server(
    url: str,
    wanted: Iterable[ObjectId],
    controls: Collection[ObjectId],
    *,
    protocol: int = 2,
    scratch: Path | None = None,
) -> PlaceCheck:
    """Ask a server for objects by id, as somebody who noted an old id would.

    Args:
        url: The server.
        wanted: Ids that should be gone.
        controls: Ids of harmless objects that the server has and no ref points at, as
            `choose_controls` gives them.
        protocol: Version of git's protocol.
        scratch: A private directory for what the server gives, which is deleted at once; by
            default one of the system's.
    """

    def ask(one: ObjectId) -> Answer:
        return ask_for_object(url, one, protocol=protocol, scratch=scratch)

    version = protocol_version(url, protocol=protocol)
    answers = [(one, ask(one)) for one in controls]
    problems = tuple(_control_problems(version, [answer for _, answer in answers]))
    said = [] if problems else [answer for _, answer in answers]
    asked = sorted(set(wanted))
    with doing("Asking the server for old objects") as step:
        objects = tuple(
            ObjectCheck(id=one, verdict=judge_answer(ask(one), said))
            for one in counted(asked, step, len(asked))
        )
    return PlaceCheck(
        place="server",
        objects=objects,
        problems=problems,
        examined=len(asked) + len(answers),
        controls=tuple(answers),
    )


def choose_controls(repository: Path) -> tuple[ObjectId, ...]:
    """Choose harmless objects to ask a server for: a file's blob, or failing that a tree.

    It has to be something that the server's refs hold and none points at. A commit would not do:
    a server may give commits that a ref reaches and keep back all others that it has.

    Args:
        repository: The rewritten repository, once it was pushed.
    """
    refs = local_refs(repository)
    tips = sorted(value for name, value in refs.items() if not is_platform_ref(name))
    newest = _harmless(repository, tips, frozenset(refs.values()), ["--max-count=1"])
    return newest or _harmless(repository, tips, frozenset(refs.values()), [])


def _harmless(
    repository: Path, tips: Iterable[ObjectId], shown: Collection[ObjectId], limit: list[str]
) -> tuple[ObjectId, ...]:
    asked = "".join(f"{tip}\n" for tip in tips).encode()
    command = ["rev-list", "--objects", "--no-object-names", *limit, "--stdin"]
    listed = run_git(command, git_dir=repository, stdin=asked).stdout.decode().split()
    kinds = kinds_of(repository, map(ObjectId, listed))
    candidates = sorted(
        (kind, one)
        for one, kind in kinds.items()
        if kind in {"blob", "tree"} and one not in shown and one != EMPTY_TREE
    )
    return tuple(one for _, one in candidates[:1])  # blobs come first


def _problems(git_dir: Path) -> Iterator[str]:
    asked = ["rev-parse", "--is-shallow-repository"]
    if run_git(asked, git_dir=git_dir).stdout.strip() == b"true":
        yield "its history is shallow (cut off)"
    if any((git_dir / "objects" / "pack").glob("*.promisor")):
        yield "it is a partial clone: what it lacks may still be on its server"
    if run_git(["fsck", "--connectivity-only"], git_dir=git_dir, check=False).code:
        yield "git fsck finds it damaged or incomplete"


def _is_intact(git_dir: Path, done: Rewritten) -> bool:
    """Whether all commits the rewrite recorded are there, with their trees and parents."""
    tips = {value for name, value in done.expected_refs.items() if not is_platform_ref(name)}
    if present_objects(git_dir, tips) != tips:
        return False
    return history_digest(git_dir, tips) == done.history


def _control_problems(version: int | None, said: Collection[Answer]) -> Iterator[str]:
    if version is None:
        yield "the server does not answer"
    elif version < 2:
        yield "the server speaks an old protocol, in which it keeps back commits that it has"
    if not said:
        yield "there is no harmless object to try the server with"
    elif any(answer != "served" for answer in said):
        yield "the server does not give objects by id, so its silence about an id says nothing"
