"""Which hosts a case's playbook lets be asked without being named each time."""

from pathlib import Path

from breachkit.actions.playbook_hosts import FILE, Host, read_hosts
from breachkit.actions.playbook_text import PlaybookTextError
from breachkit.actions.playbook_toml import read_toml
from breachkit.workflows.playbooks import BrokenPlaybookError, read_text


def load_hosts(organisation: str | None = None, *, folder: Path | None = None) -> tuple[Host, ...]:
    """Read the hosts of a playbook.

    Raises:
        BrokenPlaybookError: something in the file is wrong, so nobody is asked by it.
    """
    text = read_text(FILE, organisation, folder=folder)
    try:
        hosts, problems = read_hosts(read_toml(text))
    except PlaybookTextError as cause:
        raise BrokenPlaybookError(FILE, cause.problem, line=cause.line) from None
    if problems:
        raise BrokenPlaybookError("; ".join(map(str, problems)))
    return hosts
