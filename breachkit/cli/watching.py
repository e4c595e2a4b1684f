"""How `watch` is put together: git's server once the rewrite was pushed, and the platform if there is one."""

import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from breachkit.cli import cases, console, hosting
from breachkit.model.errors import AccessError, BreachkitError, IncompleteError, VerificationError


if TYPE_CHECKING:
    from breachkit.github.hosting import GitHubHosting
    from breachkit.incident.folder import CaseFolder
    from breachkit.workflows.watch_refs import RefsWatched


def run(case: "CaseFolder", api: str, *, as_json: bool) -> int:
    """Look at both, show what was seen, and give the exit code.

    Args:
        case: The case.
        api: Address of the platform's API.
        as_json: For whom it is shown.
    """
    from breachkit.workflows.watch_refs import is_pushed, watch_refs

    if not is_pushed(case):
        return _look(case, api, None, as_json=as_json)
    closed = _is_closed(case, api)
    try:
        with hosting.git_shows_token():
            refs = watch_refs(case)
    except (AccessError, IncompleteError) as problem:
        if closed and _look(case, api, None, as_json=as_json) == VerificationError.exit_code:
            console.note(f"refs were not looked at: {problem}")
            return VerificationError.exit_code
        raise
    if not closed:
        return _show(case, refs, as_json=as_json)
    return _look(case, api, refs, as_json=as_json)


def _look(case: "CaseFolder", api: str, refs: "RefsWatched | None", *, as_json: bool) -> int:
    """Look at the platform, and tell of the refs with it."""

    def work(platform: "GitHubHosting", _name: str) -> int:
        return _both(case, platform, refs, as_json=as_json)

    if refs is not None and refs.returned:
        return _came_back(case, api, refs, work, as_json=as_json)
    return hosting.run(case, api, work, as_json=as_json)


def _is_closed(case: "CaseFolder", api: str) -> bool:
    """Say whether there is something to look at on the platform: it was closed there, and still is."""
    from breachkit.workflows.platform import NotOnPlatformError
    from breachkit.workflows.watch import NothingToWatchError, require_closed

    try:
        hosting.name_of(case, api)
        require_closed(case)
    except (NotOnPlatformError, NothingToWatchError):
        return False
    return True


def _came_back(
    case: "CaseFolder",
    api: str,
    refs: "RefsWatched",
    work: "Callable[[GitHubHosting, str], int]",
    *,
    as_json: bool,
) -> int:
    """Say that it came back, whether or not the platform answers beside it."""
    token = hosting.token()
    if token is not None:
        with contextlib.suppress(BreachkitError), hosting.connected(token, api) as platform:
            return work(platform, "")
    return _show(case, refs, as_json=as_json)


def _both(
    case: "CaseFolder", platform: "GitHubHosting", refs: "RefsWatched | None", *, as_json: bool
) -> int:
    from breachkit.report import containment as report
    from breachkit.workflows.watch import watch as look

    seen = look(case, platform)
    shown = (seen.repository.full_name, seen.drift, seen.untold)
    data, text = report.watched_to_json(*shown), report.watched_text(*shown)
    if refs is None:
        cases.show(case, data, text, as_json=as_json)
        return seen.exit_code
    more, words = _rendered(case, refs)
    data = {**data, "ok": data["ok"] and refs.exit_code == 0, "refs": more}
    cases.show(case, data, f"{text}\n{words}", as_json=as_json)
    codes = {seen.exit_code, refs.exit_code}
    return next(code for code in (7, 5, 0) if code in codes)


def _show(case: "CaseFolder", refs: "RefsWatched", *, as_json: bool) -> int:
    from breachkit.model.ids import display
    from breachkit.workflows.case_files import confirmation_name

    more, words = _rendered(case, refs)
    data = {
        "schema": "breachkit.watch/1",
        "repository": display(confirmation_name(case.incident.target)),
        "ok": refs.exit_code == 0,
        "drift": [],
        "not_told": [],
        "refs": more,
    }
    cases.show(case, data, words, as_json=as_json)
    return refs.exit_code


def _rendered(case: "CaseFolder", refs: "RefsWatched") -> tuple[dict[str, Any], str]:
    from breachkit.report import watching as report
    from breachkit.report.masking import Masking
    from breachkit.workflows.case_files import telling_names

    masking = Masking.of_names(telling_names(case))
    shown = (refs.returned, refs.untold, refs.refs, refs.platform, masking)
    return report.returned_to_json(*shown), report.returned_text(*shown)
