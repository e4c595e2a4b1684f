"""What is shown of playbooks: a list, what applies under one, what is wrong with it."""

from dataclasses import dataclass

from breachkit.actions.checklist_template import Template
from breachkit.actions.contacts import ContactsProfile
from breachkit.actions.playbook import About, Settings
from breachkit.actions.playbook_hosts import Host
from breachkit.actions.playbook_reader import Problem
from breachkit.actions.trace import Place
from breachkit.model.policy import Policies


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One line of the list of playbooks."""

    name: str
    shipped: bool
    about: About | None
    """None where it cannot be read."""
    problem: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What applies under a playbook."""

    about: About
    lineage: tuple[str, ...]
    """Itself first, then what it extends."""
    settings: Settings
    contacts: ContactsProfile | None
    """None where it has none, and may take nobody else's."""
    policies: Policies
    template: Template
    places: tuple[Place, ...]
    hosts: tuple[Host, ...]
    origins: tuple[tuple[str, tuple[str, ...]], ...]
    """Each file, and the playbooks it is from: one, or all whose entries are put together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What was found in a playbook."""

    playbook: str
    files: tuple[str, ...]
    """Its own, all of which were looked at."""
    problems: tuple[Problem, ...]
    """In the order of files and lines."""
    warnings: tuple[str, ...]
    """What does not stop it, such as contacts that nobody verified for long."""
