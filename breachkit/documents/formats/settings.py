"""YAML, TOML and INI among outputs: the tables and numbers that somebody saved in them.

YAML is composed, never constructed: no tag makes an object, and what an alias stands for is counted
each time it stands there.
"""

import configparser
import tomllib
from collections.abc import Iterator
from typing import Any

from breachkit.documents.encoding import decode
from breachkit.documents.reader import Budget, Member, NotReadError
from breachkit.documents.records import Finder
from breachkit.documents.table import Document, Text


MOST_BYTES = 16 * 1024 * 1024
_DEEPEST = 60
_NUMBERS = {"tag:yaml.org,2002:int": int, "tag:yaml.org,2002:float": float}


def read(content: bytes, part: str | None, budget: Budget) -> Iterator[Document | Member]:
    """Give the text of a file of settings, and the tables in it."""
    if len(content) > MOST_BYTES:
        raise NotReadError(f"more than {MOST_BYTES} bytes")
    text = decode(content)
    if text is None:
        raise NotReadError("no text, though its name says it is")
    yield Text(text, part)
    finder = Finder(part, budget)
    for value in _values(text, budget):
        finder.look(value)
    yield from (found for found in finder.result() if not isinstance(found, Text))


def _values(text: str, budget: Budget) -> Iterator[Any]:
    for parse in (_toml, _ini):
        value = parse(text)
        if value:
            yield value
            return
    yield from _yaml(text, budget)


def _toml(text: str) -> Any:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return None


def _ini(text: str) -> Any:
    if not text.lstrip().startswith(("[", ";")):
        return None
    parser = configparser.RawConfigParser(strict=False, allow_no_value=True)
    try:
        parser.read_string(text)
    except configparser.Error:
        return None
    return {
        name: {key: _plain(value) for key, value in parser.items(name)}
        for name in parser.sections()
    }


def _plain(value: str | None) -> Any:
    return int(value) if value and value.isdecimal() and len(value) < 10 else value


def _yaml(text: str, budget: Budget) -> Iterator[Any]:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        for node in yaml.compose_all(text, Loader=loader):
            yield _value(node, budget, 0)
    except yaml.YAMLError:
        raise NotReadError("not valid") from None


def _value(node: Any, budget: Budget, depth: int) -> Any:
    """Give what a node stands for: lists, objects, numbers and text."""
    import yaml

    budget.take_cells(1)
    if depth > _DEEPEST:
        raise NotReadError("nested too deep")
    if isinstance(node, yaml.SequenceNode):
        return [_value(inner, budget, depth + 1) for inner in node.value]
    if isinstance(node, yaml.MappingNode):
        return {_key(key): _value(inner, budget, depth + 1) for key, inner in node.value}
    return _scalar(node)


def _key(node: Any) -> str:
    return node.value if isinstance(node.value, str) else ""


def _scalar(node: Any) -> Any:
    if node is None:
        return None
    number = _NUMBERS.get(node.tag)
    if node.tag == "tag:yaml.org,2002:null":
        return None
    if node.tag == "tag:yaml.org,2002:bool":
        return node.value.lower() in {"true", "yes", "on"}
    try:
        return number(node.value) if number else node.value
    except ValueError:
        return node.value
