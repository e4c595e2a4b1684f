"""Which server a clone came from: history is replaced there, never in somebody's clone."""

from pathlib import Path

from breachkit.git.clone import local_path
from breachkit.git.repository import open_repository
from breachkit.model.errors import BreachkitError


def server_of_clone(target: str) -> str | None:
    """Give the address of the remote `origin` where a target is a clone with a work tree.

    None for anything else, also where the clone cannot be read: what is wrong with it is said by
    the command that needs it.
    """
    try:
        place = local_path(target)
        if place is None or not (place / ".git").exists():
            return None
        with open_repository(target) as repository:
            origin = repository.origin_url
        if not origin:
            return None
        beside = local_path(str(place / origin)) if origin.startswith(".") else local_path(origin)
    except BreachkitError:
        return None
    return origin if beside is None else str(Path(beside).resolve())
