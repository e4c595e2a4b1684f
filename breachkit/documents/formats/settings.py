"""YAML, TOML and INI among outputs: the tables and numbers that somebody saved in them."""

import configparser
import tomllib
from collections.abc import Iterator
from typing import Any

from breachkit.documents.encoding import decode
from breachkit.documents.reader import Budget, Member, NotReadError
from breachkit.documents.records import Finder
from breachkit.documents.table import Document, Text
from breachkit.documents.yaml_text import documents_in


MOST_BYTES = 4 * 1024 * 1024


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
    yield from documents_in(text, budget)


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
