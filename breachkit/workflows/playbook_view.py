"""Shows what applies under a playbook, and which playbook each part is from."""

from pathlib import Path

from breachkit.actions.contacts import ContactsProfile
from breachkit.actions.playbook_views import Listed, View
from breachkit.model.errors import ConfigurationError
from breachkit.workflows.checklist import load_template
from breachkit.workflows.playbook_contacts import contacts_from_text
from breachkit.workflows.playbook_hosts import load_hosts
from breachkit.workflows.playbooks import (
    CONTACTS,
    holder_of,
    home_in_use,
    lineage,
    load_about,
    load_policies,
    load_settings,
    organisations,
    read_text,
)
from breachkit.workflows.trace import load_places


TOGETHER = frozenset(
    {"checklist.yaml", "places.toml", "playbook.toml", "release-checks.toml", "request.toml"}
)
"""Files whose entries are put together; of any other the nearest is taken whole."""


def list_playbooks(*, folder: Path | None = None) -> tuple[Listed, ...]:
    """Give every playbook there is, sorted by name; those that cannot be read say why."""
    return tuple(_listed(name, folder) for name in organisations(folder=folder))


def view_playbook(name: str, *, folder: Path | None = None) -> View:
    """Bring together what applies under a playbook.

    Raises:
        ConfigurationError: there is none of that name, or something in it is wrong.
    """
    return View(
        about=load_about(name, folder=folder),
        lineage=lineage(name, folder=folder),
        settings=load_settings(name, folder=folder),
        contacts=_contacts(name, folder),
        policies=load_policies(name, folder=folder),
        template=load_template(name, folder=folder),
        places=load_places(name, folder=folder),
        hosts=load_hosts(name, folder=folder),
        origins=tuple(_origins(name, folder)),
    )


def _listed(name: str, folder: Path | None) -> Listed:
    home = home_in_use(name, folder=folder)
    try:
        about = load_about(name, folder=folder)
    except ConfigurationError as cause:
        return Listed(name=name, shipped=home.shipped, about=None, problem=str(cause))
    return Listed(name=name, shipped=home.shipped, about=about, problem=None)


def _contacts(name: str, folder: Path | None) -> ContactsProfile | None:
    if holder_of(CONTACTS, name, folder=folder) is None:
        return None
    return contacts_from_text(read_text(CONTACTS, name, folder=folder), name)


def _origins(name: str, folder: Path | None) -> list[tuple[str, tuple[str, ...]]]:
    line = lineage(name, folder=folder)
    own = {each: set(home_in_use(each, folder=folder).files()) for each in line}
    found: list[tuple[str, tuple[str, ...]]] = []
    for file in sorted(set().union(*own.values())):
        holders = tuple(each for each in line if file in own[each])
        if file not in TOGETHER:
            holder = holder_of(file, name, folder=folder)
            holders = (holder,) if holder else ()
        if holders:
            found.append((file, holders))
    return found
