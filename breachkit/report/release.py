"""What a release would do and did, for people and machines: files by their names, never by content."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from breachkit.actions.release import BRANCH, FOLDER, Arrived, FileState, Released, ReleasePlan
from breachkit.actions.wire import name_to_json
from breachkit.model.ids import RefName, display
from breachkit.report.escape import terminal
from breachkit.report.words import counted


SCHEMA = "breachkit.release/1"
JSON = dict[str, Any]

_MOST = 20
"""Files that a plan names; the rest is counted."""
_MARKS: dict[FileState, str] = {"new": "+", "changed": "~", "same": "="}
_SEEN = {
    "public": "The repository is PUBLIC: what is pushed can be read and copied by anybody at once.",
    "private": "The repository is private: who has access to it can read what is pushed.",
    "internal": "The repository is internal: everybody of the enterprise can read what is pushed.",
    "local": "The repository is on this machine.",
    "unknown": "Whether the repository is public is not known: if it is, what is pushed is published at once.",
}


def plan_text(plan: ReleasePlan) -> str:
    """Say what a release would do."""
    return "\n".join(_plan_lines(plan))


def released_text(done: Released) -> str:
    """Say what was released, and what the server shows of it."""
    return "\n".join(_released_lines(done))


def nothing_text(plan: ReleasePlan) -> str:
    """Say that everything is there."""
    files = counted(len(plan.files), "file")
    there = f"{_branch(plan.stand.on)} of {terminal(plan.name)} has all {files} as checked"
    lines = [f"Nothing to do: {there}."]
    return "\n".join([*lines, *_pull_request(plan)])


def plan_to_json(plan: ReleasePlan) -> JSON:
    """Give what a release would do; schema `breachkit.release/1` with `state` `planned` or `nothing to do`."""
    return {
        "schema": SCHEMA,
        "state": "nothing to do" if plan.is_there else "planned",
        **_told(plan),
        "confirm": plan.name,
    }


def released_to_json(done: Released) -> JSON:
    """Give what was released; schema `breachkit.release/1` with `state` `released`."""
    return {
        "schema": SCHEMA,
        "state": "released",
        **_told(done.plan),
        "number": done.number,
        "commit": done.commit,
        "found": done.found,
        "new_on_server": {
            "commits": done.arrived.commits,
            "trees": done.arrived.trees,
            "files": done.arrived.files,
            "files_read_back": done.arrived.read,
        },
    }


def _told(plan: ReleasePlan) -> JSON:
    return {
        "repository": plan.url,
        "branch": BRANCH.decode(),
        "stands_on": name_to_json(plan.stand.on),
        "files": [
            {"path": name_to_json(each.target), "state": each.state, "size": each.size}
            for each in plan.files
        ],
        "kept": plan.kept,
        "index": plan.index,
        "message": plan.message,
        "policy": plan.policy,
        "accepted": [
            {"id": each.id, "by": each.by, "until": each.until.isoformat()}
            for each in plan.acceptances
        ],
        "left_to_person": [each.item.id for each in plan.check.waits_for_person],
        "left_out": [name_to_json(each) for each in plan.left_out],
        "warnings": list(plan.warnings),
        "visibility": plan.visibility,
        "pull_request": plan.pull_request,
    }


def _plan_lines(plan: ReleasePlan) -> Iterator[str]:
    states = Counter(each.state for each in plan.files)
    numbers = ", ".join(f"{states[state]} {state}" for state in _MARKS if states[state])
    yield f"{counted(len(plan.files), 'file')} to release to {terminal(plan.name)}: {numbers}; the check passes ({terminal(plan.policy)})."
    accepted = plan.acceptances
    if accepted:
        names = ", ".join(sorted({terminal(each.by) for each in accepted}))
        yield f"{counted(len(accepted), 'finding')} accepted by name: {names}."
    waiting = len(plan.check.waits_for_person)
    if waiting and plan.word.checked_by:
        questions = counted(waiting, "question")
        yield f"{terminal(plan.word.checked_by)} answers for {questions} that only a person can settle."
    yield f"One commit on {_branch(BRANCH)}, on top of {_stands(plan)}:"
    yield from _files(plan)
    yield f"  {_MARKS[plan.index]} {display(FOLDER)}/README.md (the table of contents)"
    if plan.kept:
        yield f"  {counted(plan.kept, 'file')} of earlier releases stay as they are."
    yield "Its message:"
    yield from (f"  {terminal(line)}".rstrip() for line in plan.message.splitlines())
    yield from _notes(plan)
    yield _SEEN[plan.visibility]


def _released_lines(done: Released) -> Iterator[str]:
    plan, arrived = done.plan, done.arrived
    was = "An earlier run had pushed it already. " if done.found else ""
    yield f"{was}Released {counted(len(plan.files), 'file')} to {_branch(BRANCH)} of {terminal(plan.name)} as {done.number}."
    yield _proof(arrived)
    yield from _notes(plan)
    yield from _pull_request(plan)


def _proof(arrived: Arrived) -> str:
    return (
        f"Fetched again and counted: new on the server are {counted(arrived.commits, 'commit')}, "
        f"{counted(arrived.trees, 'folder')} and {counted(arrived.files, 'file')}, the table of contents "
        f"included; {counted(arrived.read, 'file')} read back with the checked bytes. No history came along."
    )


def _files(plan: ReleasePlan) -> Iterator[str]:
    changing = plan.changing
    for each in changing[:_MOST]:
        yield f"  {_MARKS[each.state]} {terminal(each.target)}"
    if len(changing) > _MOST:
        yield f"  and {len(changing) - _MOST} more"


def _notes(plan: ReleasePlan) -> Iterator[str]:
    if plan.left_out:
        what = counted(len(plan.left_out), "hidden file or folder", "hidden files or folders")
        yield f"Not released: {what}, such as {terminal(plan.left_out[0])}."
    yield from (f"Note: {terminal(each)}." for each in plan.warnings)


def _pull_request(plan: ReleasePlan) -> Iterator[str]:
    if plan.pull_request:
        yield f"Pull request: {plan.pull_request}"


def _stands(plan: ReleasePlan) -> str:
    return (
        "what is there"
        if plan.stand.on == BRANCH
        else f"{_branch(plan.stand.on)}, the default branch"
    )


def _branch(name: RefName) -> str:
    return terminal(name.removeprefix(b"refs/heads/"))


def list_text(manifests: Sequence[JSON]) -> str:
    """Say which releases are kept, the oldest first; each as `list_to_json` has it."""
    if not manifests:
        return "No release is kept here."
    return "\n".join(
        f"{each['number']}  {each['time']}  {terminal(each['repository'])}  "
        f"{counted(each['files'], 'file')}  {each['state']}"
        for each in manifests
    )


def listed_to_json(manifests: Sequence[JSON]) -> JSON:
    """Give the releases that are kept; schema `breachkit.releases/1`."""
    return {"schema": "breachkit.releases/1", "releases": list(manifests)}
