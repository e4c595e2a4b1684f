"""Paths of GitHub's REST API, with every part quoted."""

from urllib.parse import quote

from breachkit.actions.hosting import HostedRepository


def path_of(*parts: str | int) -> str:
    """Give the path made of `parts`, each quoted whole: a branch `a/b` is one part."""
    return "".join(f"/{quote(str(part), safe='')}" for part in parts)


def repository_path(repository: HostedRepository, *parts: str | int) -> str:
    """Give a path within a repository, such as `/repos/owner/name/keys`."""
    owner, _, name = repository.full_name.partition("/")
    return path_of("repos", owner, name, *parts)
