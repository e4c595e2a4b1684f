"""Is it gone? The rewritten mirror, a fresh clone from the server, and the server by object id."""

from dataclasses import dataclass
from typing import Literal

from breachkit.actions.bad_set import BadSet
from breachkit.actions.rewritten import Rewritten
from breachkit.actions.verify import PlaceCheck
from breachkit.git.verify import (
    check_fresh_clone,
    check_repository,
    check_server,
    choose_controls,
)
from breachkit.incident.events import EventKind
from breachkit.incident.folder import CaseFolder
from breachkit.model.ids import ObjectId, RefName
from breachkit.workflows import case_files


Outcome = Literal["gone", "present", "changed", "unknown"]
"""Gone from every place; still in one; in none, but refs or history are not as the rewrite made them;
or a place could not be judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What each place was found to hold."""

    mirror: PlaceCheck
    clone: PlaceCheck
    server: PlaceCheck

    @property
    def places(self) -> tuple[PlaceCheck, ...]:
        """All of them, in the order in which they were looked at."""
        return (self.mirror, self.clone, self.server)

    @property
    def leftover_branches(self) -> tuple[RefName, ...]:
        """Refs of the server that still hold the data and that a push could have moved."""
        hidden = set(self.clone.platform_refs)
        return tuple(name for name in self.clone.leftover_refs if name not in hidden)

    @property
    def history_holds(self) -> bool:
        """Whether refs and history are what the rewrite made, here and in the fresh clone."""
        return all(
            not place.wrong_refs and place.history_intact for place in (self.mirror, self.clone)
        )

    @property
    def clone_is_clean(self) -> bool:
        """Whether nothing but the platform's own refs still holds the data in a fresh clone."""
        return (
            self.history_holds
            and self.mirror.ok
            and not self.leftover_branches
            and not self.clone.problems
            and (self.clone.verdict == "gone" or bool(self.clone.platform_refs))
        )

    @property
    def outcome(self) -> Outcome:
        """`gone` only if it is gone from every place, and everything else is as it was made."""
        verdicts = {place.verdict for place in self.places}
        if "present" in verdicts:
            return "present"
        if not self.history_holds:
            return "changed"
        return "unknown" if "unknown" in verdicts else "gone"

    @property
    def exit_code(self) -> int:
        """0 gone, 7 still present or not as it was made, 5 unknown."""
        return {"gone": 0, "present": 7, "changed": 7, "unknown": 5}[self.outcome]


def verify(case: CaseFolder) -> Verification:
    """Look in every place, and keep the answers with the case.

    Raises:
        NotYetError: nothing was rewritten yet.
        AccessError, IncompleteError: the server refused, or could not be reached.
    """
    with case.lock("verify"):
        bad, done = case_files.load_bad_set(case), case_files.rewritten_of(case)
        url = case_files.server_url(case.incident.target)
        rewritten = case.private / case_files.REWRITTEN
        old = old_objects(done)
        found = Verification(
            mirror=check_repository(rewritten, bad.ids, done=done, gone=old),
            clone=check_fresh_clone(url, bad.ids, done=done, gone=old, scratch=case.scratch),
            server=check_server(
                url, asked_for(bad, done), choose_controls(rewritten), scratch=case.scratch
            ),
        )
        _keep(case, found)
    return found


def old_objects(done: Rewritten) -> tuple[ObjectId, ...]:
    """Give the commits and tags that were replaced: each still leads to what had to go."""
    commits = (old for old, new in done.commits if new != old)
    tips = (change.old for change in done.changes)
    return tuple(dict.fromkeys((*commits, *tips)))


def asked_for(bad: BadSet, done: Rewritten) -> frozenset[ObjectId]:
    """Choose what to ask a server for: the bad blobs, who brought them, and the old tips.

    Every commit in between is reached from an old tip, so a server that has none of these has
    let go of the rest, or will with its next garbage collection.
    """
    tips = {change.old for change in done.changes}
    return bad.ids | frozenset(bad.introducers) | frozenset(tips)


def _keep(case: CaseFolder, found: Verification) -> None:
    places = {str(place.place): place.to_json() for place in found.places}
    file = case_files.save(case, case_files.VERIFY, {"schema": "breachkit.verify/1", **places})
    served = sum(check.verdict == "present" for check in found.server.objects)
    case.record(
        EventKind.VERIFY_RECORDED,
        {
            "ok": found.clone_is_clean,
            "held": bool(found.leftover_branches),
            "outcome": found.outcome,
            "file": file,
            "hidden_refs": len(found.clone.platform_refs),
            "served_by_id": served,
            "server_gone": found.server.verdict == "gone",
            "objects": found.clone.examined,
        },
    )
