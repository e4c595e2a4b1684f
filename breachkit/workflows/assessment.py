"""What an organisation asks about an incident, and how it grades one: out of its playbook."""

from pathlib import Path

from breachkit.actions.playbook_assessment import FILE, Assessment, read_assessment
from breachkit.actions.playbook_text import PlaybookTextError
from breachkit.actions.playbook_toml import read_toml
from breachkit.workflows.playbooks import BrokenPlaybookError, NoSuchPlaybookError, read_text


def load_assessment(organisation: str, *, folder: Path | None = None) -> Assessment | None:
    """Give what is asked; None where neither the playbook nor those that it extends lay it down.

    Raises:
        BrokenPlaybookError: it is wrong; the message names the line.
    """
    try:
        text = read_text(FILE, organisation, folder=folder)
    except NoSuchPlaybookError:
        return None
    try:
        made, problems = read_assessment(read_toml(text))
    except PlaybookTextError as cause:
        raise BrokenPlaybookError(f"{FILE}: {cause}; correct it") from cause
    if problems:
        raise BrokenPlaybookError(f"{'; '.join(map(str, problems))}; correct it")
    return made
