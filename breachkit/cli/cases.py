"""What every command on a case needs: where cases live, which case, who is at the keyboard."""

import contextlib
import getpass
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from breachkit.model.errors import BreachkitError, RefusedError, UsageError
from breachkit.model.ids import display
from breachkit.model.time import Clock, SystemClock
from breachkit.report.escape import shown


if TYPE_CHECKING:
    from breachkit.incident.events import Actor
    from breachkit.incident.folder import CaseFolder
    from breachkit.incident.store import CaseStore


def clock() -> Clock:
    """Give the machine's clock."""
    return SystemClock()


def home() -> Path:
    """Give the folder that holds all cases: `$BREACHKIT_HOME`, else the user's data folder."""
    named = os.environ.get("BREACHKIT_HOME")
    if named:
        return Path(named).expanduser().absolute()
    from platformdirs import user_data_path

    return user_data_path("breachkit", appauthor=False)


def store() -> "CaseStore":
    """Give all cases of this user."""
    from breachkit.incident.store import CaseStore

    return CaseStore(home(), clock(), actor=actor())


def find(selector: str | None) -> "CaseFolder":
    """Give the case that `--case` names, or the only open one, and warn where nobody was alerted."""
    found = store().find(selector)
    with contextlib.suppress(BreachkitError):  # the command itself says that a journal is damaged
        _place(found)
        _warn(found)
    return found


def is_elsewhere(case: "CaseFolder") -> bool:
    """Say whether a case's folder lies where no command looks by itself."""
    return case.path.parent.resolve() != home().resolve()


def _place(case: "CaseFolder") -> None:
    """Let lines to paste name the case so that they find it."""
    from breachkit.incident.commands import place

    if is_elsewhere(case):
        place(case.incident.id, str(case.path))


def _warn(case: "CaseFolder") -> None:
    """Say at every command that the contacts do not know, once anything else was reached."""
    from breachkit.cli import console
    from breachkit.incident.case import Milestone
    from breachkit.incident.commands import remedy

    reached = case.incident.milestones.keys() - {Milestone.OPENED}
    if reached and case.incident.is_open and Milestone.ALERTED not in reached:
        way = remedy(case.incident.id, "breachkit notify render alert --case {case}")
        console.note(f"warning: no alert to the contacts is marked as sent: {way}")


def actor(name: str | None = None) -> "Actor":
    """Say who is at the keyboard, and how that is known; a name is never made up."""
    from breachkit.incident.events import Actor

    if name:
        return Actor(name=name, how="option")
    try:
        return Actor(name=getpass.getuser(), how="operating system")
    except (KeyError, OSError):  # a container without an entry for the user
        return Actor()


def who(by: str | None) -> str:
    """Give the name of whoever did something: as given, else of the user who is logged in."""
    name = by or actor().name
    if not name:
        raise UsageError("say who: add --by NAME")
    return name


def require_confirmation(confirm: str | None, name: str, what: str) -> None:
    """Let a change that matters pass only when the target's name is typed in full.

    Args:
        confirm: What `--confirm` was given.
        name: What it has to be, to the letter.
        what: Such as `replaces the server's history and cannot be undone`.

    Raises:
        RefusedError: it is missing or another.
    """
    if confirm == name:
        return
    shown = display(name)
    if confirm is None:
        raise RefusedError(f"this {what}: add --confirm {shown}")
    raise RefusedError(
        f"--confirm {display(confirm)} is not the target's name: if {shown} is what you mean, "
        f"add --confirm {shown}"
    )


def show(
    case: "CaseFolder",
    data: Mapping[str, Any],
    text: str,
    *,
    as_json: bool,
    planned: bool = False,
) -> None:
    """Write what a command on a case did, and name the next one.

    Args:
        case: Which.
        data: For machines, with a `schema`; the next action is added as `next`.
        text: For people.
        as_json: For whom.
        planned: As for `follow`.
    """
    from breachkit.cli import console
    from breachkit.report.case_status import next_to_json
    from breachkit.workflows.next_action import next_action

    following = next_to_json(next_action(case.incident))
    console.show({**data, "next": following}, text, as_json=as_json)
    follow(case, planned=planned)


def show_done(case: "CaseFolder", thing: str, what: str, *, as_json: bool) -> None:
    """Say that one thing is now so; schema `breachkit.done/1`, with `id` and `is`."""
    data = {"schema": "breachkit.done/1", "id": thing, "is": what}
    show(case, data, shown(f"{thing} {what}."), as_json=as_json)


def follow(case: "CaseFolder", *, planned: bool = False) -> None:
    """Name the next command of a case.

    Args:
        case: Which.
        planned: A plan was shown just now, so the command that carries it out stands in full.
    """
    from breachkit.cli import console
    from breachkit.report.case_status import following_lines
    from breachkit.workflows.next_action import next_action

    command, *why = following_lines(next_action(case.incident), in_full=planned)
    console.following(command, "\n      ".join(why))
