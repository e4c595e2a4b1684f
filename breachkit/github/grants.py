"""Where everybody's access comes from, which REST does not tell: it shows the highest role alone."""

from collections.abc import Iterator, Mapping
from typing import Any

from breachkit.actions.hosting import HostedRepository
from breachkit.github import graphql
from breachkit.github.client import Client, Pages


_PEOPLE = (
    "query($owner: String!, $name: String!, $after: String) { repository(owner: $owner, name: $name)"
    " { collaborators(first: 100, after: $after, affiliation: ALL) { pageInfo { endCursor hasNextPage }"
    " edges { node { login databaseId } permissionSources { permission roleName"
    " source { __typename ... on Team { slug } ... on Organization { login } } } } } } }"
)


def grants(client: Client, repository: HostedRepository) -> Pages:
    """Give everybody with access: `login`, `id`, and `sources`, each with `kind`, `name` and `role`.

    A kind is `Repository`, `Team` or `Organization`; only what the repository itself grants ends when
    somebody is removed from it.
    """
    owner, _, name = repository.full_name.partition("/")
    names = {"owner": owner, "name": name}
    where = ("repository", "collaborators")
    edges = graphql.listed(client, _PEOPLE, names, "where access comes from", *where, part="edges")
    return Pages(items=tuple(_person(edge) for edge in edges))


def _person(edge: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "login": edge["node"]["login"],
        "id": edge["node"]["databaseId"],
        "sources": list(_sources(edge.get("permissionSources") or ())),
    }


def _sources(given: Any) -> Iterator[dict[str, str]]:
    for each in given:
        source = each["source"]
        yield {
            "kind": source["__typename"],
            "name": source.get("slug") or source.get("login") or "",
            "role": str(each.get("roleName") or each["permission"]).lower(),
        }
