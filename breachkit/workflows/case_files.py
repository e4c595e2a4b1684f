"""What the steps of a response leave in a case's private folder for the steps after them."""

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from breachkit.actions.bad_set import BadSet
from breachkit.actions.rewrite import RewritePlan
from breachkit.actions.rewritten import Rewritten
from breachkit.actions.wire import name_from_json
from breachkit.git.clone import hosted_url, local_path
from breachkit.git.mirror import Mirror, open_mirror
from breachkit.git.rewritten import open_rewritten
from breachkit.incident.events import EventKind
from breachkit.incident.folder import CaseFolder
from breachkit.model.errors import ConfigurationError, RefusedError
from breachkit.model.ids import display


MIRROR = "mirror.git"
"""The server as it was: every ref, with the data."""
REWRITTEN = "rewritten.git"
"""The history that is to replace it."""
SCAN = "scan.json"
BAD_SET = "bad-set.json"
SCOPE = "scope.json"
PLAN = "rewrite-plan.json"
PROOF = "proof.json"
BACKUP = "backup.json"
BACKUP_FILE = "backup.age"
PUSH = "push.json"
VERIFY = "verify.json"
REPLACEMENTS = "replacements"
"""A folder with the redacted files that a plan puts in the place of bad ones, by their ids."""

CLONE_LIST = "clone-list.txt"
"""What a round took away, kept from the push on: clones must not hold it when the mirror is destroyed, or
another round has begun, either."""
HELD_REFS = "held-refs.json"
"""The refs that the platform alone can move, as the mirror has them."""

ROUND_FILES = (
    REWRITTEN,
    SCAN,
    PLAN,
    PROOF,
    BACKUP,
    BACKUP_FILE,
    PUSH,
    VERIFY,
    REPLACEMENTS,
    CLONE_LIST,
    HELD_REFS,
)
"""What belongs to one round of scope, rewrite and push, and is kept of every round. The bad set and
what is known about it grow over all rounds, so each scope writes them over."""

_ROUND = re.compile(r"round-(\d{1,6})", re.ASCII)

_WORDS = {
    BAD_SET: "list of what has to go",
    SCOPE: "list of what has to go",
    PLAN: "plan of the rewrite",
    SCAN: "scan of its mirror",
}
"""What a person knows a file by."""

T = TypeVar("T")


class NotYetError(ConfigurationError):
    """An earlier step has not left what this one needs."""


def save(case: CaseFolder, name: str, data: Mapping[str, Any]) -> str:
    """Write a private file and give its path within the case."""
    text = json.dumps(data, indent=1, ensure_ascii=True) + "\n"
    case.write_private(name, text.encode("ascii"))
    return f"private/{name}"


def load(case: CaseFolder, name: str, read: Callable[[Mapping[str, Any]], T], step: str) -> T:
    """Read a private file back.

    Args:
        case: The case.
        name: Which file.
        read: Makes the object from the parsed JSON.
        step: The command that writes the file, for the message where it is not there.

    Raises:
        NotYetError: it is not there.
        ConfigurationError: it is not what the step writes.
    """
    if not case.has_file(f"private/{name}"):
        raise NotYetError(
            f"the case has no {_WORDS.get(name, name)} yet: run `breachkit {step}` first"
        )
    try:
        return read(json.loads(case.read_private(name)))
    except (ValueError, KeyError, TypeError, AttributeError) as cause:
        kind = type(cause).__name__
        raise ConfigurationError(
            f"private/{name} of the case does not read as what `breachkit {step}` writes "
            f"({kind}): run that command again"
        ) from None


def rounds(case: CaseFolder) -> tuple[Path, ...]:
    """Give the folders of the rounds before this one, the first first; a copy of one is none."""
    found = ((_ROUND.fullmatch(each.name), each) for each in case.private.glob("round-*"))
    numbered = [(int(match[1]), each) for match, each in found if match and each.is_dir()]
    return tuple(each for _, each in sorted(numbered))


def next_round(case: CaseFolder) -> Path:
    """Give the folder into which this round is put away when the next one begins."""
    last = rounds(case)[-1:]
    number = int(last[0].name.removeprefix("round-")) if last else 0
    return case.private / f"round-{number + 1}"


def fingerprint(case: CaseFolder, digest: str) -> str:
    """Give a name for a plan that can be journalled: keyed, so that nobody can try guesses on it.

    A plan holds old object ids, and those confirm a guess of a redacted table. The key stays in
    the case's private folder.
    """
    return case.fingerprint(digest)


def load_bad_set(case: CaseFolder) -> BadSet:
    """Give what the scope found."""
    return load(case, BAD_SET, BadSet.from_json, "scope")


def telling_names(case: CaseFolder) -> frozenset[bytes]:
    """Give the paths and refs that are themselves evidence; none before the scope is known."""
    if not case.has_file(f"private/{SCOPE}"):
        return frozenset()
    return load(case, SCOPE, _telling, "scope")


def _telling(data: Mapping[str, Any]) -> frozenset[bytes]:
    return frozenset(name_from_json(name) for name in data["telling_names"])


def load_plan(case: CaseFolder) -> RewritePlan:
    """Give the plan that was shown last."""
    return load(case, PLAN, RewritePlan.from_json, "rewrite")


def has_mirror(case: CaseFolder) -> bool:
    """Say whether the case's mirror of the server as it was is there, and not destroyed."""
    return (case.private / MIRROR).exists()


def mirror_of(case: CaseFolder) -> Mirror:
    """Give the case's mirror of the server as it was."""
    folder = case.private / MIRROR
    if not folder.exists():
        raise NotYetError(_no_mirror(case))
    return open_mirror(folder)


def _no_mirror(case: CaseFolder) -> str:
    if EventKind.SCOPE_RECORDED not in case.incident.latest:
        return "the case has no mirror yet: run `breachkit scope` first"
    return (
        "the case's mirror of the server, as it was, is gone, and this has nothing to go by without it; "
        "`breachkit scope` makes another, of the server as it is now"
    )


def rewritten_of(case: CaseFolder, plan: RewritePlan | None = None) -> Rewritten:
    """Give the record of the rewrite."""
    folder = case.private / REWRITTEN
    if not folder.exists():
        raise NotYetError("nothing was rewritten yet: run `breachkit rewrite` first")
    return open_rewritten(folder, plan)


def server_url(target: str) -> str:
    """Give what git can reach a case's target by; `owner/name` means GitHub.

    Raises:
        RefusedError: the target is somebody's clone, or a bundle, and no server.
    """
    target = hosted_url(target)
    path = local_path(target)
    if path is None:
        return target
    if path.name == ".git" or (path / ".git").exists():
        raise RefusedError(
            f"{display(str(path))} is a clone that somebody works in, and history is replaced on "
            "the server it came from: open the case on the server's URL "
            "(`git remote get-url origin` in the clone shows it)"
        )
    if path.is_file():
        raise RefusedError(
            f"{display(str(path))} is a file, and history is replaced on a server: open the case "
            "on the URL that it came from"
        )
    return target


def confirmation_name(target: str) -> str:
    """Give the name that has to be typed for `--confirm`.

    `owner/name` for what is hosted, the folder's name for a path, both without `.git`.
    """
    target = hosted_url(target)
    path = local_path(target)
    if path is not None:
        return path.name.removesuffix(".git")
    parts = target.rstrip("/").removesuffix(".git").replace(":", "/").split("/")
    return "/".join(parts[-2:])
