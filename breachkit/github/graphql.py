"""What GitHub tells and takes by GraphQL alone: branch protections by their patterns.

REST shows a protection by branch and replaces all of it; here what is not named stays as it is. Errors
come with status 200. Source: GitHub's "Forming calls with GraphQL".
"""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from breachkit.github.client import LONGEST_WAIT_S, Client
from breachkit.github.errors import (
    HiddenError,
    LimitedError,
    UnreachableError,
    message_of,
    refusal,
)
from breachkit.model.errors import BreachkitError


Variables = Mapping[str, Any]


def ask(client: Client, document: str, variables: Variables, what: str) -> Mapping[str, Any]:
    """Give the data of a query.

    Raises:
        AccessError, RefusedError, IncompleteError: as `errors.refusal` says.
    """
    return _data(client.ask(_address(client), what, _body(document, variables)).json, what)


def change(client: Client, document: str, variables: Variables, what: str) -> None:
    """Send a mutation.

    Raises:
        AccessError, RefusedError: nothing was changed.
        IncompleteError: as for `Client.write`.
    """
    _data(client.write("POST", _address(client), what, _body(document, variables)).json, what)


def listed(
    client: Client,
    document: str,
    variables: Variables,
    what: str,
    *names: str,
    part: Literal["nodes", "edges"] = "nodes",
) -> Iterator[Mapping[str, Any]]:
    """Give every node, or edge, of a list, whose pages are walked by `$after`.

    Args:
        client: GitHub.
        document: A query with a variable `$after`.
        variables: The others.
        what: What is read, in words for errors.
        names: Where the list stands in the data.
        part: Which of the two is asked for.
    """
    after: str | None = None
    while True:
        found: Any = ask(client, document, {**variables, "after": after}, what)
        for name in names:
            found = (found or {}).get(name)
        if found is None:
            raise UnreachableError(f"{what}: GitHub's answer lacks it: run the command again")
        yield from filter(None, found[part])
        page = found["pageInfo"]
        if not page["hasNextPage"]:
            return
        if page["endCursor"] == after:
            raise UnreachableError(f"{what}: the pages lead in a circle")
        after = page["endCursor"]


def _address(client: Client) -> str:
    """Give where GraphQL is: on GitHub Enterprise Server beside REST, not below it."""
    return f"{client.api.removesuffix('/v3')}/graphql"


def _body(document: str, variables: Variables) -> dict[str, Any]:
    return {"query": document, "variables": dict(variables)}


def _data(json: Any, what: str) -> Mapping[str, Any]:
    errors = json.get("errors") if isinstance(json, Mapping) else None
    if errors:
        raise _meaning(errors[0], what)
    data = json.get("data") if isinstance(json, Mapping) else None
    if not isinstance(data, Mapping):
        raise UnreachableError(f"{what}: GitHub's answer holds nothing: run the command again")
    return data


def _meaning(error: Mapping[str, Any], what: str) -> BreachkitError:
    """Say what an error means; GitHub gives those that come and go no type."""
    kind = error.get("type")
    saml = bool((error.get("extensions") or {}).get("saml_failure"))
    said = {"message": "SAML enforcement" if saml else message_of(error)}
    match kind:
        case "NOT_FOUND":
            return HiddenError(f"{what}: not there for this account")
        case "FORBIDDEN" | "INSUFFICIENT_SCOPES":
            return refusal(403, {}, said, what)
        case "RATE_LIMITED":
            text = f"{what}: GitHub takes no more requests for now; run the command again later"
            return LimitedError(text, LONGEST_WAIT_S)
        case None if "extensions" not in error and "went wrong" in said["message"]:
            return UnreachableError(f"{what}: GitHub failed; run the command again")
        case _:
            return refusal(422, {}, said, what)
