"""Which hosts an organisation lets `trace` ask, and what each is told by that."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from breachkit.actions.archives import DEFAULT_BASES, Archive
from breachkit.actions.playbook_reader import Problem, Reader, TableReader
from breachkit.actions.playbook_text import Located


FILE = "hosts.toml"

TOLD_IDS = frozenset({Archive.HERITAGE})
"""Is told old object ids, which let somebody confirm a guess of a redacted value: the consent
to that is given for each case with `--allow`, and by no playbook."""

_HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
_KEYS = frozenset({"name", "label", "told", "allow", "consent"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """A host outside that can be asked about copies."""

    name: str
    label: str
    told: str
    """What it learns by being asked."""
    allow: bool
    """Whether it is asked without `--allow`."""
    consent: str | None
    """Who agreed to that, and when."""


def read_hosts(located: Located) -> tuple[tuple[Host, ...], list[Problem]]:
    """Read a `hosts.toml`; where problems are given, stand-ins are among the hosts."""
    reader = Reader(FILE, located)
    top = reader.top()
    top.only({"host"})
    hosts: list[Host] = []
    for table in top.tables("host"):
        host = _host(table)
        if host.name and host.name in {each.name for each in hosts}:
            table.wrong("name", "stands twice; keep one")
        hosts.append(host)
    return tuple(hosts), reader.problems


def agreed_archives(hosts: Sequence[Host]) -> dict[Archive, str]:
    """Give the archives that every `trace` may ask, each with whose word that is."""
    return {
        _BY_HOST[host.name]: host.consent or ""
        for host in hosts
        if host.allow and host.name in _BY_HOST
    }


def _host(table: TableReader) -> Host:
    table.only(_KEYS)
    host = Host(
        name=table.text("name"),
        label=table.text("label"),
        told=table.text("told"),
        allow=table.flag("allow"),
        consent=table.optional_text("consent"),
    )
    if host.name and not _HOST.fullmatch(host.name):
        table.wrong("name", "a host is needed, in lower case and without https://")
    elif host.name and host.name not in _BY_HOST:
        table.wrong("name", f"nothing asks that host; known are {', '.join(sorted(_BY_HOST))}")
    if host.allow and host.consent is None:
        table.wrong("allow", "true needs `consent`: who agreed to it, and when")
    if host.allow and _BY_HOST.get(host.name) in TOLD_IDS:
        table.wrong("allow", "it is told old ids: agree to that for each case, with --allow")
    return host


_BY_HOST = {base.removeprefix("https://"): archive for archive, base in DEFAULT_BASES.items()}
