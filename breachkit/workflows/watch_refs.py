"""Looks whether the server has a ref again that leads to what was taken out: for cron.

One push from an old clone is enough: a new branch, a new tag, a branch that was moved back. Any git
server is asked; what did not move since it was last looked at is not fetched again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from breachkit.actions.push import is_platform_ref
from breachkit.actions.wire import name_from_json, name_to_json
from breachkit.git.mirror import local_refs
from breachkit.git.remote import list_remote
from breachkit.git.returning import Reached, look_at_refs
from breachkit.incident.case import Milestone
from breachkit.incident.events import EventKind
from breachkit.incident.folder import CaseFolder
from breachkit.model.ids import ObjectId, RefName
from breachkit.workflows import case_files
from breachkit.workflows.verify_clone import keep_list, list_of_case


SEEN = "watch-refs.json"
_SCHEMA = "breachkit.watch-refs/1"
_HELD_SCHEMA = "breachkit.held-refs/1"

Seen = Mapping[RefName, ObjectId]


@dataclass(frozen=True, slots=True, kw_only=True)
class RefsWatched:
    """What was seen."""

    returned: tuple[RefName, ...]
    """Refs that lead to what was taken out, sorted."""
    untold: tuple[RefName, ...]
    """Refs of which that could not be told."""
    refs: int
    """How many the server shows."""
    examined: int
    """How many of them were new or had moved, and were fetched."""
    platform: int
    """How many the platform alone can move and are as they were before the rewrite: the platform's
    support has to remove what they hold."""

    @property
    def exit_code(self) -> int:
        """7 it came back, 5 something could not be told, 0 neither."""
        if self.returned:
            return 7
        return 5 if self.untold else 0


def is_pushed(case: CaseFolder) -> bool:
    """Say whether a rewritten history was ever pushed: before that there is nothing to come back."""
    return EventKind.PUSH_DONE in case.incident.latest


def watch_refs(case: CaseFolder) -> RefsWatched:
    """Look at every ref that is new or has moved; nothing is changed on the server.

    Raises:
        NotYetError: nothing was rewritten yet.
        AccessError, ConfigurationError, IncompleteError: the server refused, or was not reached.
    """
    with case.lock("watch"):
        url = case_files.server_url(case.incident.target)
        wanted = frozenset(ObjectId(one) for one in list_of_case(case).objects)
        about = case_files.fingerprint(case, " ".join(sorted(wanted)))
        before = _before(case)
        now = list_remote(url).refs
        held = {name for name in now if is_platform_ref(name) and before.get(name) == now[name]}
        seen = _load(case, about)
        due = sorted(name for name in now if name not in held and seen.get(name) != now[name])
        known = case.private / case_files.REWRITTEN
        found = look_at_refs(
            url,
            due,
            wanted,
            known=known if known.exists() else None,
            scratch=case.scratch,
        )
        _save(
            case,
            about,
            {**{name: seen[name] for name in now if name in seen}, **found.clean},
            found,
        )
    watched = RefsWatched(
        returned=found.tainted,
        untold=found.untold,
        refs=len(now),
        examined=len(due),
        platform=len(held),
    )
    _record(case, watched)
    return watched


def keep_for_watching(case: CaseFolder) -> None:
    """Keep what is watched by, for when the mirror is destroyed: what went, and how the platform's refs were."""
    keep_list(case)
    refs = local_refs(case_files.mirror_of(case).path)
    held = [
        [name_to_json(name), one] for name, one in sorted(refs.items()) if is_platform_ref(name)
    ]
    case_files.save(case, case_files.HELD_REFS, {"schema": _HELD_SCHEMA, "refs": held})


def _before(case: CaseFolder) -> Seen:
    """Give the refs of the server as it was; of those that the platform alone can move, once that is destroyed."""
    is_destroyed = not case_files.has_mirror(case)
    if is_destroyed and case.has_file(f"private/{case_files.HELD_REFS}"):
        return case_files.load(case, case_files.HELD_REFS, _read_refs, "push")
    return local_refs(case_files.mirror_of(case).path)


def _record(case: CaseFolder, watched: RefsWatched) -> None:
    case.record(
        EventKind.WATCH_RECORDED,
        {
            "ok": watched.exit_code == 0,
            "drifted": 0,
            "not_told": len(watched.untold),
            "refs": watched.refs,
            "returned": len(watched.returned),
        },
    )
    if watched.returned and case.incident.has(Milestone.PUSHED):  # once, until it is pushed again
        case.record(
            EventKind.CASE_RECURRED,
            {"where": "refs of the server", "refs": len(watched.returned)},
        )


def _load(case: CaseFolder, about: str) -> Seen:
    """Give the refs that were found clean by this very list."""
    if not case.has_file(f"private/{SEEN}"):
        return {}
    known, refs = case_files.load(case, SEEN, _read, "watch")
    return refs if known == about else {}


def _read(data: Mapping[str, Any]) -> tuple[str, Seen]:
    return str(data["list"]), _read_refs(data)


def _read_refs(data: Mapping[str, Any]) -> Seen:
    return {RefName(name_from_json(name)): ObjectId(one) for name, one in data["refs"]}


def _save(case: CaseFolder, about: str, refs: Seen, found: Reached) -> None:
    clean = {name: one for name, one in refs.items() if name not in found.tainted}
    listed = [[name_to_json(name), one] for name, one in sorted(clean.items())]
    case_files.save(case, SEEN, {"schema": _SCHEMA, "list": about, "refs": listed})
