"""What a push leaves behind: activity, events, the day of the last push, heads of pull requests."""

from collections.abc import Mapping

from breachkit.drill.hub import gitstore, shapes
from breachkit.drill.hub.state import Account, Hub, Repository


_NOTHING = "0" * 40


def record(
    hub: Hub,
    found: Repository,
    person: Account | None,
    before: Mapping[str, str],
    after: Mapping[str, str],
) -> None:
    """Write down what a push changed.

    Args:
        hub: Where it all stands.
        found: What was pushed to.
        person: Who pushed.
        before: Every ref as it was.
        after: Every ref as it is.
    """
    changed = [ref for ref in sorted({*before, *after}) if before.get(ref) != after.get(ref)]
    if changed:
        found.pushed_at = hub.clock.now()
    for ref in changed:
        old, new = before.get(ref, _NOTHING), after.get(ref, _NOTHING)
        if ref.startswith("refs/heads/"):
            _activity(hub, found, person, ref, old, new)
            _move_pulls(hub, found, ref, new)
        _event(hub, found, person, ref, old, new)


def activity(
    hub: Hub, person: Account | None, ref: str, old: str, new: str, kind: str
) -> dict[str, object]:
    """Give a line of a repository's activity; `actor` is the id of a person."""
    number = hub.next_id()
    return {
        "id": number,
        "node_id": shapes.node_id("PSH", number),
        "before": old,
        "after": new,
        "ref": ref,
        "timestamp": shapes.time(hub.clock.now()),
        "activity_type": kind,
        "actor": person.id if person else None,
    }


def event(
    hub: Hub, person: Account | None, kind: str, payload: Mapping[str, object]
) -> dict[str, object]:
    """Give an event of a repository; `actor` is the id of a person."""
    return {
        "id": str(hub.next_id()),
        "type": kind,
        "actor": person.id if person else None,
        "payload": dict(payload),
        "public": True,
        "created_at": shapes.time(hub.clock.now()),
    }


def _activity(
    hub: Hub, found: Repository, person: Account | None, ref: str, old: str, new: str
) -> None:
    if old == _NOTHING:
        kind = "branch_creation"
    elif new == _NOTHING:
        kind = "branch_deletion"
    else:
        kind = "push" if gitstore.is_ancestor(found, old, new) else "force_push"
    found.activity.append(activity(hub, person, ref, old, new, kind))


def _event(
    hub: Hub, found: Repository, person: Account | None, ref: str, old: str, new: str
) -> None:
    short = ref.removeprefix("refs/heads/").removeprefix("refs/tags/")
    branch_or_tag = "tag" if ref.startswith("refs/tags/") else "branch"
    payload: dict[str, object]
    if new == _NOTHING:
        kind, payload = "DeleteEvent", {"ref": short, "ref_type": branch_or_tag, "full_ref": ref}
    elif old == _NOTHING:
        kind, payload = "CreateEvent", {"ref": short, "ref_type": branch_or_tag, "full_ref": ref}
        payload |= {"master_branch": found.default_branch, "description": None}
    else:
        kind, payload = "PushEvent", {"ref": ref, "head": new, "before": old}
    payload |= {"pusher_type": "user"} if kind != "PushEvent" else {
        "repository_id": found.id, "push_id": hub.next_id(),
    }  # fmt: skip
    found.events.append(event(hub, person, kind, payload))


def _move_pulls(hub: Hub, found: Repository, ref: str, new: str) -> None:
    """Let the open pull requests from a branch follow it; a deleted branch leaves them their last head."""
    if new == _NOTHING:
        return
    for base in hub.repositories.values():
        for pull in base.pulls.values():
            comes = pull.head_repository == found.id and f"refs/heads/{pull.head_branch}" == ref
            if comes and pull.state == "open":
                pull.head = new
                gitstore.set_ref(base, f"refs/pull/{pull.number}/head", new)
