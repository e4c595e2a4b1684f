"""All of the stand-in's operations in one server."""

from breachkit.drill.hub import (
    history,
    networks,
    objects,
    people,
    protections,
    pulls,
    repositories,
    web,
)
from breachkit.drill.hub.server import HubServer
from breachkit.drill.hub.state import Hub


ROUTERS = (
    repositories.router,
    networks.router,
    history.router,
    people.router,
    protections.router,
    objects.router,
    pulls.router,
)


def serve(hub: Hub) -> HubServer:
    """Give the server of a hub, to be entered."""
    return HubServer(hub, ROUTERS, web.beside)
