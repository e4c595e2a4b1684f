"""Expressions that wait do what compiled ones do, and cost nothing before."""

import importlib
import pkgutil
import re
from typing import Any

import pytest

import breachkit
from breachkit.model import patterns
from breachkit.model.patterns import regex


TEXT = "one 1, two 22; Three 333"


def test_an_expression_is_compiled_at_its_first_use_and_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    compiled: list[Any] = []
    real = re.compile

    def compiling(pattern: str, flags: int) -> "re.Pattern[str]":
        compiled.append((pattern, flags))
        return real(pattern, flags)

    monkeypatch.setattr(re, "compile", compiling)
    waiting = regex(r"t\w+", re.IGNORECASE)

    assert compiled == []
    assert waiting.findall(TEXT) == ["two", "Three"]
    assert waiting.search(TEXT)
    assert compiled == [(r"t\w+", re.IGNORECASE)]


@pytest.mark.parametrize("flags", [0, re.IGNORECASE])
def test_what_is_asked_of_it_a_compiled_one_answers(flags: int) -> None:
    waiting, compiled = (
        regex(r"(?P<word>t\w+) (\d+)", flags),
        re.compile(r"(?P<word>t\w+) (\d+)", flags),
    )

    assert waiting.findall(TEXT) == compiled.findall(TEXT)
    assert [each.span() for each in waiting.finditer(TEXT)] == [
        each.span() for each in compiled.finditer(TEXT)
    ]
    assert waiting.sub(r"\2", TEXT, count=1) == compiled.sub(r"\2", TEXT, count=1)
    assert waiting.subn("", TEXT) == compiled.subn("", TEXT)
    assert waiting.split(TEXT) == compiled.split(TEXT)
    for method in ("search", "match", "fullmatch"):
        ours, theirs = (getattr(each, method)(TEXT, 7, 13) for each in (waiting, compiled))
        assert (ours and ours.groups()) == (theirs and theirs.groups())
    for fact in ("pattern", "flags", "groups", "groupindex"):
        assert getattr(waiting, fact) == getattr(compiled, fact)


def test_bytes_are_searched_as_well() -> None:
    assert regex(rb"\d+").findall(TEXT.encode()) == [b"1", b"22", b"333"]


def test_it_has_nothing_else() -> None:
    with pytest.raises(AttributeError):
        regex("a").nonsense  # type: ignore[attr-defined] # noqa: B018 - asking for it is the test


def test_every_expression_in_breachkit_can_be_compiled() -> None:
    """A mistake would else be found by the first file that asks for it."""
    waiting = [
        value
        for module in pkgutil.walk_packages(breachkit.__path__, "breachkit.")
        if module.name.split(".")[1] in {"model", "documents", "sdc", "detect", "report"}
        for value in _all(vars(importlib.import_module(module.name)).values())
    ]

    assert waiting
    assert all(each.groups >= 0 for each in waiting)


def _all(values: Any) -> list[Any]:
    """Expressions, also those in tuples and dictionaries of a module."""
    found = []
    for value in values:
        if isinstance(value, patterns._Waiting):
            found.append(value)
        elif isinstance(value, (tuple, list)):
            found += _all(value)
        elif isinstance(value, dict):
            found += _all(value.values())
    return found
