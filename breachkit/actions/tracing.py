"""From what a platform showed to the places where copies may be: each found, ruled out, or to be asked about.

A list that was read in full rules a place out; a list that was refused, cut off or never read makes
a question for a person. Nothing here says what a file holds, and no object id leaves it.
"""

from collections.abc import Callable, Iterator, Mapping

from breachkit.actions import (
    tracing_forks,
    tracing_holdings,
    tracing_people,
    tracing_services,
    tracing_traffic,
)
from breachkit.actions.hosting import Topic
from breachkit.actions.trace import Entry
from breachkit.actions.tracing_view import View


Search = Callable[[View], Iterator[Entry]]

SEARCHES: Mapping[str, Search] = {
    "C02": tracing_forks.pull_requests,
    "C03": tracing_holdings.unreached,
    "C04": tracing_holdings.cached,
    "C05": tracing_holdings.texts,
    "C06": tracing_holdings.releases,
    "C07": tracing_holdings.actions,
    "C08": tracing_holdings.sites,
    "C09": tracing_services.codespaces,
    "C10": tracing_forks.direct,
    "C11": tracing_forks.further,
    "C12": tracing_forks.network,
    "C13": tracing_services.earlier_names,
    "C15": tracing_services.automatic,
    "C16": tracing_people.with_access,
    "C17": tracing_traffic.unnamed,
    "C18": tracing_people.audited,
    "C20": tracing_services.packages,
    "C22": tracing_traffic.notified,
    "C30": tracing_people.without_access,
    "C43": tracing_services.depositing,
    "C45": tracing_traffic.recorded,
    "C52": tracing_services.analysing,
}
"""Every place about which the platform says something."""


def look_through(view: View) -> dict[str, tuple[Entry, ...]]:
    """Give what the platform says of each place, by its code; nothing where it was never read."""
    if not view.evidence:
        return {}
    return {code: tuple(search(view)) for code, search in SEARCHES.items()}


def unread(view: View) -> dict[Topic, str]:
    """Say of each topic that was not read in full when it was read last, why that is."""
    if not view.evidence:
        return {}
    return {topic: gap for topic in Topic if (gap := view.evidence.gap(topic))}
