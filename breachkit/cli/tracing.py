"""How `trace` is put together: the case's mirror, the platform if there is one, archives if allowed."""

import contextlib
import json
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from breachkit.cli import cases, console, hosting


if TYPE_CHECKING:
    from pathlib import Path

    from breachkit.actions.archives import Archive
    from breachkit.github.archives import Archives
    from breachkit.incident.folder import CaseFolder
    from breachkit.workflows.trace import LookAround, TraceResult


BASES = {
    "software-heritage": "BREACHKIT_SOFTWARE_HERITAGE",
    "wayback": "BREACHKIT_WAYBACK",
    "zenodo": "BREACHKIT_ZENODO",
}
"""Where each archive is reached, if not at its own address."""


def run(case: "CaseFolder", allow: Sequence[str], api: str, *, as_json: bool) -> int:
    """Trace copies, show the register, and give the exit code.

    Args:
        case: The case.
        allow: Hosts of the archives that may be asked.
        api: Address of the platform's API.
        as_json: For whom it is shown.
    """
    from breachkit.incident.case import Milestone
    from breachkit.workflows.scope import findings_of
    from breachkit.workflows.trace import settle_refs
    from breachkit.workflows.trace import trace as find_copies

    agreed = _agreed(case)
    with contextlib.ExitStack() as stack:
        look = _look(stack, case, allow, api, agreed)
        mirror = _mirror(case, needed=look is None)
        result = find_copies(case, mirror, findings_of(case).bad, look=look)
    if case.incident.has(Milestone.SERVER_PURGED):
        settle_refs(case, cases.clock(), gone=True)
    _show(case, result, as_json=as_json)
    if mirror is None:
        console.note("git itself was not searched: run `breachkit scope`, then this command again")
    if result.unreachable:
        from breachkit.report.words import counted

        people = counted(len(result.unreachable), "person", "people")
        console.note(f"no address that takes mail is known of {people}: reach them another way")
    if result.around.problem is not None:
        console.note(f"GitHub was not asked: {result.around.problem}")
    if look is not None and not (allow or agreed):
        console.note(f"No archive was asked: add --allow HOST for {', '.join(_hosts())}")
    if _forks_come_first(case):
        cases.follow(case)
    else:
        console.following(
            "breachkit notify render holders", "one message to each holder of a clone"
        )
    return result.around.exit_code


def _forks_come_first(case: "CaseFolder") -> bool:
    """Say whether owners of forks are to be written to now: the platform's support waits for them."""
    from breachkit.workflows.next_action import next_action

    return next_action(case.incident).typed.words[:3] == ("notify", "render", "forks")


def _show(case: "CaseFolder", result: "TraceResult", *, as_json: bool) -> None:
    from breachkit.report import copies_render, traced
    from breachkit.workflows.trace import load_register

    register, around = load_register(case), result.around
    said = (around.unread, around.unanswered, around.reconciliation, result.reopened)
    if as_json:
        data = json.loads(copies_render.export(register, "json"))
        console.emit_json({**data, "trace": traced.to_json(*said)})
        return
    text = copies_render.export(register, "text")
    console.say("\n".join(filter(None, (text, traced.as_text(*said)))))


def _mirror(case: "CaseFolder", *, needed: bool) -> "Path | None":
    """Give the case's mirror; None where there is none yet and something else can be searched."""
    from breachkit.workflows.case_files import NotYetError, mirror_of

    try:
        return mirror_of(case).path
    except NotYetError:
        if needed:
            raise
        return None


def _look(
    stack: contextlib.ExitStack,
    case: "CaseFolder",
    allow: Sequence[str],
    api: str,
    agreed: "frozenset[Archive]",
) -> "LookAround | None":
    """Give what looks around the repository; None where it is on no platform that is known."""
    from breachkit.github.anyone import raw_of, web_of
    from breachkit.model.errors import AccessError
    from breachkit.workflows.platform import NotOnPlatformError
    from breachkit.workflows.tracing import Looking

    archives = _archives(allow, agreed)
    try:
        name = hosting.name_of(case, api)
    except NotOnPlatformError:
        if allow:
            raise
        return None
    token = hosting.token()
    platform = None if token is None else stack.enter_context(hosting.connected(token, api))
    return Looking(
        case=case,
        clock=cases.clock(),
        name=name,
        web=web_of(api),
        raw=raw_of(api),
        hosting=platform,
        missing=None if platform else AccessError(_NO_TOKEN),
        archives=archives,
        tell=console.note,
        list_refs=hosting.list_refs(api),
    )


def _agreed(case: "CaseFolder") -> "frozenset[Archive]":
    """Give the archives that the case's playbook lets be asked each time, and say whose word that is."""
    from breachkit.actions.playbook_hosts import agreed_archives
    from breachkit.workflows.playbook_hosts import load_hosts
    from breachkit.workflows.playbooks import playbook_of

    name = playbook_of(case.incident.profile)
    agreed = agreed_archives(load_hosts(name))
    for archive, consent in agreed.items():
        console.note(f"{archive.value} is asked as {name} lays down: {consent}")
    return frozenset(agreed)


_NO_TOKEN = (
    "there is no token: put one into BREACHKIT_GITHUB_TOKEN (`breachkit restrict` says which), "  # noqa: S105 - words
    "or look at every place by hand"
)


def _archives(allow: Sequence[str], agreed: "frozenset[Archive]") -> "Archives | None":
    from breachkit.github.archives import PAUSE_S, Archives, consented

    if not (allow or agreed):
        return None
    bases = _bases()
    own = all(host.rpartition(":")[0] in _THIS_MACHINE for host in _hosts())
    return Archives(
        bases,
        consented(bases, allow) | agreed,
        cases.clock(),
        sleep=hosting.sleep,
        pause_s=0 if own else PAUSE_S,
    )


_THIS_MACHINE = frozenset({"127.0.0.1", "localhost"})


def _hosts() -> list[str]:
    from breachkit.github.archives import hosts

    return sorted(set(hosts(_bases()).values()))


def _bases() -> "dict[Archive, str]":
    from breachkit.actions.archives import DEFAULT_BASES

    return {
        archive: os.environ.get(BASES[archive], "").strip() or base
        for archive, base in DEFAULT_BASES.items()
    }
