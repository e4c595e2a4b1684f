"""All of the stand-in's operations in one server."""

from collections.abc import Callable

from breachkit.drill.hub import (
    actions,
    graphql,
    history,
    holdings,
    limits,
    networks,
    objects,
    organisations,
    people,
    protections,
    published,
    pulls,
    repositories,
    rulesets,
    sites,
    teams,
    web,
)
from breachkit.drill.hub.server import HubServer
from breachkit.drill.hub.state import Hub


ROUTERS = (
    repositories.router,
    networks.router,
    history.router,
    people.router,
    teams.router,
    protections.router,
    rulesets.router,
    sites.router,
    objects.router,
    pulls.router,
    actions.router,
    published.router,
    organisations.router,
    holdings.router,
    limits.router,
    graphql.router,
)


def serve(hub: Hub, *, port: int = 0, kept: Callable[[], None] = lambda: None) -> HubServer:
    """Give the server of a hub, to be entered; the options are those of `HubServer`."""
    return HubServer(hub, ROUTERS, web.beside, port=port, kept=kept)
