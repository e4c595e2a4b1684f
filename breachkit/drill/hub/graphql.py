"""GraphQL: branch protections by their patterns, and where everybody's access comes from.

Documents are held against the part of GitHub's own schema in `github.graphql`, so that one that GitHub
would not take is refused. GitHub answers errors with 200; their `type` tells them apart.
"""

import functools
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from graphql import (
    ExecutionResult,
    GraphQLError,
    GraphQLSchema,
    build_schema,
    graphql_sync,
)

from breachkit.drill.hub import access, branchrules, shapes
from breachkit.drill.hub.answers import Answer, Problem, cursor
from breachkit.drill.hub.branchrules import JSON
from breachkit.drill.hub.routing import Router
from breachkit.drill.hub.server import Call
from breachkit.drill.hub.state import ROLES, Account, Repository


router = Router()

SCHEMA = Path(__file__).with_name("github.graphql")
_MOST = 100
_AFFILIATIONS = {"ALL": "all", "DIRECT": "direct", "OUTSIDE": "outside"}


@router.on("POST", "/graphql")
def graphql(call: Call) -> Answer:
    """Answer a query, or carry out a mutation."""
    access.known(call)
    asked = call.request.json()
    roots = _Roots(call)
    done = graphql_sync(
        _schema(),
        asked.get("query", ""),
        {"repository": roots.repository, "node": roots.node}
        | {"updateBranchProtectionRule": roots.update_rule},
        variable_values=asked.get("variables") or {},
    )
    return Answer(json=_body(done))


@functools.cache
def _schema() -> GraphQLSchema:
    return build_schema(SCHEMA.read_text("utf-8"))


def _body(done: ExecutionResult) -> JSON:
    shown: JSON = {} if done.data is None and done.errors else {"data": done.data}
    if done.errors:
        shown["errors"] = [_error(one) for one in done.errors]
    return shown


def _error(error: GraphQLError) -> JSON:
    """Give an error as GitHub does: its type stands beside the message."""
    extensions = dict(error.extensions or {})
    kind = {"type": extensions.pop("type")} if "type" in extensions else {}
    return {**kind, **error.formatted} | ({"extensions": extensions} if extensions else {})


def refusal(kind: str, message: str) -> GraphQLError:
    """Give an error with GitHub's word for its kind, such as NOT_FOUND."""
    return GraphQLError(message, extensions={"type": kind})


def connect(items: Iterable[Any]) -> Callable[..., JSON]:
    """Give the function that GraphQL asks for the pages of a list, by an opaque cursor."""
    everything = list(items)

    def page(_info: Any, first: int | None = None, after: str | None = None, **_more: Any) -> JSON:
        if first is None:
            raise refusal(
                "MISSING_PAGINATION_BOUNDARIES", "You must provide a `first` or `last` value."
            )
        if first > _MOST:
            raise refusal(
                "EXCESSIVE_PAGINATION", f"Requesting {first} records exceeds the `first` limit."
            )
        start = cursor(after or "c0")
        if start is None:
            raise refusal(
                "INVALID_CURSOR_ARGUMENTS", f"`{after}` does not appear to be a valid cursor."
            )
        shown = everything[start : start + first]
        end = start + len(shown)
        return {
            "nodes": shown,
            "edges": shown,
            "totalCount": len(everything),
            "pageInfo": {"endCursor": f"c{end}", "hasNextPage": end < len(everything)},
        }

    return page


class _Roots:
    """What a document can begin with."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._hub = call.hub

    def repository(
        self,
        _info: Any,
        owner: str,
        name: str,
        followRenames: bool | None = True,  # noqa: FBT001, FBT002, N803 - the schema's name
    ) -> JSON:
        """Give a repository, found under a former name as well."""
        found = self._hub.repository(owner, name)
        if found is None and followRenames is not False:
            found = self._hub.formerly(owner, name)
        if found is None or not self._call.may_see(found):
            raise refusal(
                "NOT_FOUND", f"Could not resolve to a Repository with the name '{owner}/{name}'."
            )
        self._signed_on(found)
        return self._shown(found)

    def node(self, _info: Any, id: str) -> JSON:  # noqa: A002 - the schema's name
        """Give a rule by its id."""
        found = self._administered(id)
        return branchrules.rule(self._hub, *found, connect)

    def update_rule(self, _info: Any, input: Mapping[str, Any]) -> JSON:  # noqa: A002 - the schema's name
        """Change what of a rule is named."""
        found, pattern = self._administered(input["branchProtectionRuleId"])
        if self._call.is_read_only:
            raise refusal("FORBIDDEN", "Resource not accessible by personal access token")
        branchrules.change(self._hub, found, pattern, input)
        return {"branchProtectionRule": branchrules.rule(self._hub, found, pattern, connect)}

    def _administered(self, node: str) -> tuple[Repository, str]:
        found = branchrules.find_rule(self._hub, node)
        if found is None or not self._is_admin(found[0]):
            raise refusal(
                "NOT_FOUND", f"Could not resolve to a node with the global id of '{node}'"
            )
        self._paid(found[0])
        return found

    def _shown(self, found: Repository) -> JSON:
        return {
            "__typename": "Repository",
            "id": shapes.node_id("R", found.id),
            "databaseId": found.id,
            "nameWithOwner": found.full_name,
            "branchProtectionRules": functools.partial(self._rules, found),
            "refs": functools.partial(self._refs, found),
            "collaborators": functools.partial(self._collaborators, found),
        }

    def _rules(self, found: Repository, info: Any, **paging: Any) -> JSON:
        self._paid(found)
        shown = found.protections if self._is_admin(found) else {}
        rules = [branchrules.rule(self._hub, found, pattern, connect) for pattern in shown]
        return connect(rules)(info, **paging)

    def _refs(self, found: Repository, info: Any, refPrefix: str, **paging: Any) -> JSON:  # noqa: N803 - the schema's name
        if refPrefix != "refs/heads/":
            raise refusal("INTERNAL", "The stand-in gives branches alone.")
        self._paid(found)
        listed = branchrules.references(self._hub, found, self._call.person, connect)
        return connect(listed)(info, **paging)

    def _collaborators(
        self, found: Repository, info: Any, affiliation: str = "ALL", **paging: Any
    ) -> JSON:
        if not self._writes(found):
            raise refusal(
                "FORBIDDEN", "You do not have permission to view repository collaborators."
            )
        wanted = _AFFILIATIONS[affiliation or "ALL"]
        people = [one for one in self._hub.accounts.values() if self._belongs(one, found, wanted)]
        return connect([self._edge(one, found) for one in people])(info, **paging)

    def _belongs(self, one: Account, found: Repository, wanted: str) -> bool:
        if wanted == "all":
            return bool(self._hub.sources(one, found))
        is_outside = one.id in found.collaborators and one.id not in found.owner.members
        return is_outside if wanted == "outside" else one.id in found.collaborators

    def _edge(self, one: Account, found: Repository) -> JSON:
        sources = self._hub.sources(one, found)
        role = self._hub.role(one, found) or "read"
        return {
            "node": branchrules.account(one),
            "permission": (role if role in ROLES else "write").upper(),
            "permissionSources": [self._source(found, *each) for each in sources.items()],
        }

    def _source(self, found: Repository, source: str, role: str) -> JSON:
        levels = {"admin": "ADMIN", "read": "READ", "triage": "READ"}
        kind, _, slug = source.partition(":")
        if kind == "team":
            number = found.owner.teams[slug].id
            from_ = {"__typename": "Team", "id": shapes.node_id("T", number), "slug": slug}
        elif kind == "repository" or not found.owner.is_organisation:
            from_ = {"__typename": "Repository", **self._shown(found)}
        else:
            from_ = branchrules.account(found.owner)
        return {"permission": levels.get(role, "WRITE"), "roleName": role, "source": from_}

    def _is_admin(self, found: Repository) -> bool:
        return self._call.may_see(found) and self._hub.role(self._call.person, found) == "admin"

    def _writes(self, found: Repository) -> bool:
        role = self._hub.role(self._call.person, found)
        return role is not None and role not in {"read", "triage"}

    def _signed_on(self, found: Repository) -> None:
        try:
            access.signed_on(self._call, found.owner)
        except Problem as problem:
            extensions = {"type": "FORBIDDEN", "saml_failure": True}
            raise GraphQLError(str(problem), extensions=extensions) from None

    def _paid(self, found: Repository) -> None:
        try:
            access.paid_or_public(found)
        except Problem as problem:
            raise refusal("FORBIDDEN", str(problem)) from None
