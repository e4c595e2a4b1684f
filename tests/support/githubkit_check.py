"""Checks what the stand-in says and is told against GitHub's own description, through githubkit's models.

githubkit is generated from that description: each method of its REST clients names the template of
the URL, the names of the query, the model of the body and those of the answers. They are read from
its source once, and every exchange in the stand-in's log is held against them.

    check = violations(server.log)      # one line for each
"""

import ast
import functools
import re
import typing
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import githubkit_schemas.v2026_03_10 as described
import pydantic
from githubkit_schemas.v2026_03_10 import models

from breachkit.drill.hub.server import Exchange


CLIENTS = Path(described.__file__).parent / "rest"

UNDESCRIBED = {
    "/repositories/{repository_id}": "GitHub sends old names there, and describes it nowhere",
    "/organizations/{org_id}/team/{team_id}/members": "a team's own address",
    "/organizations/{org_id}/team/{team_id}/repos/{owner}/{repo}": "a team's own address",
    "/graphql": "described by a schema of its own, which the stand-in holds every document against",
    "/orgs/{org}/audit-log": "in the description of Enterprise Cloud alone",
    "/repos/{owner}/{repo}/git/matching-refs/": "matching-refs with an empty name, as its text allows",
}
"""Template to why it may be missing from the description."""

ANYWHERE = {401, 403, 404, 429, 451, 500, 502, 503}
"""What GitHub answers to anything, without saying so for each operation."""

PAGING = {"page", "per_page"}
"""What PyGithub sends to lists without pages too, and GitHub does not mind."""

EMPTY = (b"", b"{}")
"""No body; PyGithub sends an empty object where none is asked for."""

DEVIATIONS = {
    ("GET", "/repos/{owner}/{repo}", 451): "what a blocked repository answers",
    ("GET", "/repos/{owner}/{repo}/commits/{commit_sha}/pulls", 422): "no such commit",
    ("GET", "/repos/{owner}/{repo}/stargazers", 304): "an ETag that still holds",
}
"""(method, template, status) to why GitHub says it without describing it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """What the description says of one operation."""

    name: str
    answer: str
    """An expression over `models`; empty where there is no content."""
    errors: dict[str, str] = field(default_factory=dict)
    body: str = ""
    query: frozenset[str] = frozenset()


@functools.cache
def described_operations() -> dict[tuple[str, str], Operation]:
    """Give every operation by method and template, the names of its parameters left out."""
    found: dict[tuple[str, str], Operation] = {}
    for file in sorted(CLIENTS.glob("*.py")):
        for function in _functions(file):
            found.update(_operation(file.stem, function))
    return found


def violations(log: Iterable[Exchange]) -> list[str]:
    """Give a line for everything in a log that GitHub's description does not allow."""
    return [
        f"{one.method} {one.path} {one.status}: {said}"
        for one in log
        if one.template and one.status
        for said in _wrong(one)
    ]


def template_of(template: str) -> str:
    """Bring a template into one form: parameters without names."""
    return re.sub(r"\{[^}]*\}", "{}", template)


def _functions(file: Path) -> Iterator[str]:
    """Give the source of every method that sends something, without async twins and overloads.

    The files have tens of thousands of lines, so they are cut by their layout and only pieces that
    matter are parsed.
    """
    for piece in re.split(r"\n    (?=def |async def |@overload)", file.read_text("utf-8")):
        if piece.startswith("def ") and "self._github.request(" in piece:
            yield piece


def _operation(client: str, source: str) -> dict[tuple[str, str], Operation]:
    url = re.search(r'\n        url = f?"([^"]*)"', source)
    method = re.search(r'self\._github\.request\(\s*"(\w+)"', source)
    if url is None or method is None:
        return {}
    body = re.search(r"type_validate_python\(\s*(.*?),\s*json\s*,?\s*\)", source, re.DOTALL)
    call = ast.parse(_call(source)).body[0]
    keywords = {word.arg: word.value for word in typing.cast("Any", call).value.keywords}
    errors = keywords.get("error_models")
    pairs = zip(errors.keys, errors.values, strict=True) if isinstance(errors, ast.Dict) else ()
    operation = Operation(
        name=f"{client}.{source[4 : source.index('(')]}",
        answer=ast.unparse(keywords["response_model"]) if "response_model" in keywords else "",
        errors={ast.literal_eval(key): ast.unparse(value) for key, value in pairs if key},
        body=body[1] if body else "",
        query=_query(source),
    )
    return {(method[1], template_of(url[1])): operation}


def _call(source: str) -> str:
    start = source.index("self._github.request(")
    end = source.index("\n        )", start)
    return source[start:end] + "\n)"


def _query(source: str) -> frozenset[str]:
    params = re.search(r"\n        params = \{(.*?)\n        \}", source, re.DOTALL)
    return frozenset(re.findall(r'"([^"]+)":', params[1])) if params else frozenset()


@functools.cache
def _adapter(expression: str) -> pydantic.TypeAdapter[Any]:
    names = {
        name: getattr(models, name)
        for name in re.findall(r"\b[A-Z]\w*", expression)
        if hasattr(models, name)
    }
    scope = {**vars(typing), "datetime": __import__("datetime").datetime, **names}
    return pydantic.TypeAdapter(eval(expression, scope))


def _wrong(one: Exchange) -> Iterator[str]:
    template = one.template.replace("...}", "}")
    method = "GET" if one.method == "HEAD" else one.method
    operation = described_operations().get((method, template_of(template)))
    if operation is None:
        if template not in UNDESCRIBED:
            yield "no such operation"
        return
    if 200 <= one.status < 300:  # what was refused may break the rules
        yield from _wrong_request(one, operation)
    yield from _wrong_answer(one, operation, template)


def _wrong_request(one: Exchange, operation: Operation) -> Iterator[str]:
    for name in sorted(set(one.query) - operation.query - PAGING):
        yield f"the query has {name!r}, which {operation.name} has not"
    if one.body in EMPTY:
        return
    if not operation.body:
        yield f"a body, which {operation.name} has not"
        return
    yield from _validated(operation.body, one.body, "request")
    known = _field_names(_adapter(operation.body))
    sent = pydantic.TypeAdapter(Any).validate_json(one.body)
    for name in sorted(set(sent) - known if isinstance(sent, dict) and known else ()):
        yield f"the body has {name!r}, which {operation.body} has not"


def _wrong_answer(one: Exchange, operation: Operation, template: str) -> Iterator[str]:
    if 200 <= one.status < 300:
        if one.answer and not operation.answer:
            if one.answer != b"{}":
                yield f"content, which {operation.name} has not"
        elif one.answer:
            yield from _validated(operation.answer, one.answer, "answer")
        elif operation.answer and one.status not in {202, 204}:
            yield f"no content, which {operation.name} has"
    elif one.status >= 400:
        model = operation.errors.get(str(one.status))
        if model is not None:
            yield from _validated(model, one.answer, "error")
        elif one.status not in ANYWHERE and (one.method, template, one.status) not in DEVIATIONS:
            yield f"{operation.name} knows no such status"


def _validated(model: str, content: bytes, what: str) -> Iterator[str]:
    try:
        _adapter(model).validate_json(content, strict=True)
    except pydantic.ValidationError as error:
        for wrong in error.errors()[:5]:
            place = ".".join(map(str, wrong["loc"]))
            yield f"{what} is no {model}: {place}: {wrong['msg']} ({str(wrong['input'])[:60]})"


def _field_names(adapter: pydantic.TypeAdapter[Any]) -> set[str]:
    """Give the names of all fields of a model, or of all models of a union."""
    schema = adapter.json_schema()
    definitions = schema.get("$defs", {})
    found: set[str] = set()
    waiting = [schema]
    while waiting:
        part = waiting.pop()
        if "$ref" in part and "properties" not in part:
            part = definitions[part["$ref"].rpartition("/")[2]]
        found |= set(part.get("properties", ()))
        waiting += part.get("anyOf", []) + part.get("oneOf", [])
    return found
