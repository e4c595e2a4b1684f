"""Reads the questions of a release request out of playbooks."""

from pathlib import Path

from breachkit.actions.playbook_reader import Problem
from breachkit.actions.playbook_text import Located, PlaybookTextError
from breachkit.actions.playbook_toml import plain_toml
from breachkit.actions.request import Form
from breachkit.actions.request_form import REQUEST, FormError, form_from_mapping
from breachkit.model.errors import ConfigurationError
from breachkit.workflows.playbooks import (
    BrokenPlaybookError,
    NoSuchPlaybookError,
    default_playbook,
    home_in_use,
    lineage,
)


def form_for(policy: str) -> Form:
    """Read the form of the playbook that a policy is named with; of the one in use without such.

    Args:
        policy: As `--policy` takes it, such as `example-tre:auto`.
    """
    playbook, _, _ = policy.rpartition(":")
    return load_form(playbook or None)


def load_form(playbook: str | None = None, *, folder: Path | None = None) -> Form:
    """Read the form of a playbook, on top of those that it extends.

    Raises:
        NoSuchPlaybookError: there is no such playbook, or none of them has a form.
        BrokenPlaybookError: something in one is missing or wrong; the message says where.
    """
    line = lineage(default_playbook() if playbook is None else playbook, folder=folder)
    found: Form | None = None
    for each in reversed(line):
        home = home_in_use(each, folder=folder)
        if home.has(REQUEST):
            found = _on_top(home.read(REQUEST), found, f"{each}/{REQUEST}")
    if found is None:
        raise NoSuchPlaybookError(
            f"the playbook of {line[0]} has no {REQUEST}: add that file, or say "
            f'extends = "generic" in it'
        )
    return found


def _on_top(text: str, base: Form | None, shown: str) -> Form:
    try:
        return form_from_mapping(plain_toml(text), base)
    except PlaybookTextError as cause:
        where = shown if cause.line is None else f"{shown}:{cause.line}"
        raise BrokenPlaybookError(where, f"{cause.problem}; correct it") from None
    except FormError as cause:
        raise BrokenPlaybookError(shown, f"{cause}") from None


def form_problems(located: Located, playbook: str, folder: Path | None) -> list[Problem]:
    """Give the first thing that is wrong with a form, on top of that of what the playbook extends."""
    try:
        parents = lineage(playbook, folder=folder)[1:]
        base = load_form(parents[0], folder=folder) if parents else None
    except NoSuchPlaybookError:
        base = None
    except ConfigurationError as cause:
        said = f"what it extends is wrong: {cause}"
        return [Problem(file=REQUEST, line=None, key="", problem=said)]
    try:
        form_from_mapping(located.value, base)
    except FormError as cause:
        line = located.line(cause.place)
        return [Problem(file=REQUEST, line=line, key="", problem=str(cause))]
    return []
