"""All of the stand-in's operations in one server."""

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


def serve(hub: Hub) -> HubServer:
    """Give the server of a hub, to be entered."""
    return HubServer(hub, ROUTERS, web.beside)
