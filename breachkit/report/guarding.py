"""What a guard says, for people and machines: where, never what; no object id, no telling name."""

import importlib.resources
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import breachkit
from breachkit.actions.guarding import GuardCheck, GuardStatus, HookStatus, Judged
from breachkit.model.findings import Hit
from breachkit.report.escape import terminal
from breachkit.report.masking import Masking
from breachkit.report.words import counted


MOST = 12
"""Lines of findings; the rest is counted."""

_STATES = {
    "installed": "on guard",
    "absent": "not installed",
    "foreign": "there is one of somebody else's, and no guard",
    "not called": "installed where git no longer looks for hooks (core.hooksPath)",
}

_OUTPUTS = (
    "On guard against outputs that nobody has checked: they are neither committed nor pushed."
)

JSON = dict[str, Any]


def installed_text(hooks: Sequence[HookStatus], ids: int, *, outputs: bool = False) -> str:
    """Say what was put in."""
    lines = [_OUTPUTS] if outputs else []
    if ids:
        also = "Also on" if outputs else "On"
        lines.append(
            f"{also} guard against {counted(ids, 'id')}, which lie in the git directory alone:"
        )
    return "\n".join([*lines, *_hook_lines(hooks)])


def installed_to_json(hooks: Sequence[HookStatus], ids: int, *, outputs: bool = False) -> JSON:
    """Give what was put in; schema `breachkit.guard/1`."""
    return {"schema": "breachkit.guard/1", "hooks": _hooks(hooks), "ids": ids, "outputs": outputs}


def allowed_text(files: int, known: int) -> str:
    """Say that checked files may be committed."""
    ids = counted(known, "version of files", "versions of files")
    return (
        f"{counted(files, 'checked file')} may be committed here as they are; {ids} known in all."
    )


def allowed_to_json(files: int, known: int) -> JSON:
    """Give how many checked files may be committed; schema `breachkit.guard-allowed/1`."""
    return {"schema": "breachkit.guard-allowed/1", "files": files, "known": known}


def removed_text(hooks: Sequence[str]) -> str:
    """Say what was taken out."""
    if not hooks:
        return "There was no guard here."
    return f"Taken out: {', '.join(hooks)}. What was there before is back."


def removed_to_json(hooks: Sequence[str]) -> JSON:
    """Give what was taken out; schema `breachkit.guard-removed/1`."""
    return {"schema": "breachkit.guard-removed/1", "removed": list(hooks)}


def status_text(status: GuardStatus) -> str:
    """Say how a repository is guarded."""
    head = "NOT on guard."
    if status.works:
        head = f"On guard against {' and '.join(_against(status))}."
    problem = [f"The list: {status.problem}"] if status.problem else []
    return "\n".join([head, *problem, *_hook_lines(status.hooks)])


def _against(status: GuardStatus) -> Iterator[str]:
    if status.ids:
        yield counted(status.ids, "id")
    if status.outputs is not None:
        known = counted(status.outputs, "version of files", "versions of files")
        yield f"outputs that nobody has checked ({known} known as checked)"


def status_to_json(status: GuardStatus) -> JSON:
    """Give how a repository is guarded; schema `breachkit.guard-status/1`."""
    return {
        "schema": "breachkit.guard-status/1",
        "works": status.works,
        "hooks": _hooks(status.hooks),
        "ids": status.ids,
        "outputs": status.outputs,
        "problem": status.problem,
    }


def _hook_lines(hooks: Sequence[HookStatus]) -> Iterator[str]:
    for each in hooks:
        more = "; the one that was there is called after it" if each.keeps else ""
        more += "" if each.runs else "; it may not be executed, so git passes over it"
        yield f"  {each.hook:<12} {_STATES[each.state]}{more}"


def _hooks(hooks: Sequence[HookStatus]) -> list[JSON]:
    return [
        {"hook": each.hook, "state": each.state, "keeps": each.keeps, "runs": each.runs}
        for each in hooks
    ]


def check_text(found: GuardCheck, *, counts_only: bool = False) -> str:
    """Say what was found.

    Args:
        found: What was looked at.
        counts_only: Name no file: for a log that anybody can read.
    """
    return "\n".join(_check_lines(found, counts_only=counts_only))


def _check_lines(found: GuardCheck, *, counts_only: bool) -> Iterator[str]:
    compared = "no list of ids" if found.compared is None else counted(found.compared, "id")
    yield f"Examined {counted(found.examined, 'file or message', 'files and messages')}; compared with {compared}."
    if found.listed:
        yield (
            f"{counted(found.listed, 'object')} of what was taken out of the history "
            f"{'is' if found.listed == 1 else 'are'} in it, or a copy that says the same. Take it out "
            "again, or begin from a fresh clone."
        )
    if found.counting:
        yield f"{counted(len(found.counting), 'finding')}: {_by_severity(found)}"
    if not counts_only:
        yield from _finding_lines(found)
    if found.unread:
        yield f"{counted(found.unread, 'place')} could not be examined: not clean, not refused."
    if not (found.listed or found.counting or found.unread):
        yield "Nothing was found."


def _by_severity(found: GuardCheck) -> str:
    numbers = Counter(hit.severity for _, hit in found.counting)
    return ", ".join(f"{numbers[each]} {each.label}" for each in sorted(numbers, reverse=True))


def _finding_lines(found: GuardCheck) -> Iterator[str]:
    masking = _masking(found)
    for one, hit in found.counting[:MOST]:
        yield f"  {hit.severity.label:<9}{hit.rule:<8} {_where(one, masking)}: {terminal(masking.text(hit.message))}"
    if len(found.counting) > MOST:
        yield f"  and {len(found.counting) - MOST} more"
    if found.counting:
        yield f"`breachkit explain {found.counting[0][1].rule}` says what it means and what to do."


def check_to_json(found: GuardCheck, *, counts_only: bool = False) -> JSON:
    """Give what was found; schema `breachkit.guard-check/1`."""
    masking = _masking(found)
    numbers = Counter(hit.severity.label for _, hit in found.counting)
    data: JSON = {
        "schema": "breachkit.guard-check/1",
        "examined": found.examined,
        "compared": found.compared,
        "listed": found.listed,
        "severities": dict(sorted(numbers.items())),
        "not_examined": found.unread,
        "ok": found.exit_code == 0,
    }
    if not counts_only:
        data["findings"] = [_finding(one, hit, masking) for one, hit in found.counting]
    return data


def _finding(one: Judged, hit: Hit, masking: Masking) -> JSON:
    return {
        "rule": hit.rule,
        "severity": hit.severity.label,
        "message": masking.text(hit.message),
        "where": _where(one, masking),
    }


def _where(one: Judged, masking: Masking) -> str:
    return "a message" if one.path is None else masking.shown(one.path)


def _masking(found: GuardCheck) -> Masking:
    return Masking.of_names(each.path for each in found.judged if each.is_telling and each.path)


_FROM_AN_INDEX = """\
breachkit from the package index that pip asks. See first that the index has it, and that
# it is this one: where a name is free, anybody can publish under it. If you have breachkit from
# elsewhere, make this file anew, and name that place and a commit:
#
#     breachkit guard workflow --from https://github.com/OWNER/breachkit@COMMIT"""
_FROM_A_COMMIT = """\
breachkit from one commit of a git repository, which nobody can change afterwards. The
# machine that runs this has to be able to read that repository without a password."""


def workflow_file(requirement: str) -> bytes:
    """Write the workflow for GitHub Actions. It holds no id: those are a secret of the repository.

    Args:
        requirement: What pip installs, by `requirement_of`.
    """
    template = importlib.resources.files("breachkit.report").joinpath("guard_workflow.yml")
    text = template.read_text(encoding="ascii")
    filled = {
        "@VERSION@": breachkit.__version__,
        "@FROM@": _FROM_A_COMMIT if " @ " in requirement else _FROM_AN_INDEX,
        "@REQUIREMENT@": requirement,
    }
    for mark, value in filled.items():
        text = text.replace(mark, value)
    return text.encode("ascii")
