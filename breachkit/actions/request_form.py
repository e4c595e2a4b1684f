"""The questions of a release request, as the `request.toml` of playbooks words them."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from breachkit.actions.playbook_text import Place, PlaybookValueError
from breachkit.actions.request import Form, Question


REQUEST = "request.toml"
_TEXTS = ("id", "title", "ask", "source")
_KEYS = {"title", "notes", "header", "output", "remove", "response", "source", "as_of"}


class FormError(PlaybookValueError):
    """A playbook's form of a release request says something that makes no sense."""


def form_from_mapping(data: Mapping[str, Any], base: Form | None = None) -> Form:
    """Read the parsed file of a playbook.

    Args:
        data: The file.
        base: The form of the playbook that this one extends: a question with the same id is
            replaced where it stands, a new one is added, one that `remove` names is left out.

    Raises:
        FormError: a key is missing, wrong or unknown.
    """
    if unknown := sorted(set(data) - _KEYS):
        raise FormError(f"no key {unknown[0]}: correct its spelling", (unknown[0],))
    removed = _removed(data, base)
    header = _questions(data, "header", base.header if base else (), removed)
    output = _questions(data, "output", base.output if base else (), removed)
    if twice := {each.id for each in header} & {each.id for each in output}:
        raise FormError(f"{min(twice)}: an id of both header and output: give each its own")
    return Form(
        title=_text(data, "title", base.title if base else None),
        notes=_texts(data, "notes", base.notes if base else ()),
        header=header,
        output=output,
        response=_texts(data, "response", base.response if base else ()),
        source=_text(data, "source", base.source if base else None),
        as_of=_day(data, (), base.as_of if base else None),
    )


def _removed(data: Mapping[str, Any], base: Form | None) -> frozenset[str]:
    known = {each.id for each in (*base.header, *base.output)} if base else set()
    ids = _texts(data, "remove", ())
    for each in ids:
        if each not in known:
            raise FormError(f"remove: there is no {each} in what it extends", ("remove",))
    return frozenset(ids)


def _questions(
    data: Mapping[str, Any], key: str, base: Sequence[Question], removed: frozenset[str]
) -> tuple[Question, ...]:
    entries = data.get(key, [])
    if not isinstance(entries, list):
        raise FormError(f"{key}: a list is needed", (key,))
    made = [_question(entry, (key, at)) for at, entry in enumerate(entries)]
    own = {each.id: each for each in made}
    if len(own) != len(made):
        raise FormError(f"{key}: an id stands twice: give each its own", (key,))
    kept = {each.id: each for each in base if each.id not in removed}
    return tuple((kept | own).values())


def _question(entry: Any, place: Place) -> Question:
    if not isinstance(entry, Mapping):
        raise FormError(f"{place[0]}: a table is needed", place)
    name = entry.get("id", "?")
    for key in _TEXTS:
        if not isinstance(entry.get(key), str) or not entry[key].strip():
            raise FormError(f"{place[0]} {name}: {key} is missing, or no text", (*place, key))
    if unknown := sorted(set(entry) - {*_TEXTS, "as_of", "kinds"}):
        raise FormError(f"{place[0]} {name}: no key {unknown[0]}: correct its spelling", place)
    return Question(
        **{key: entry[key] for key in _TEXTS},
        as_of=_day(entry, place, None),
        kinds=_texts(entry, "kinds", ()),
    )


def _text(data: Mapping[str, Any], key: str, base: str | None) -> str:
    found = data.get(key, base)
    if not isinstance(found, str) or not found.strip():
        raise FormError(f"{key} is missing, or no text", (key,))
    return found


def _texts(data: Mapping[str, Any], key: str, base: tuple[str, ...]) -> tuple[str, ...]:
    found = data.get(key, list(base))
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise FormError(f"{key}: a list of texts is needed", (key,))
    return tuple(found)


def _day(data: Mapping[str, Any], place: Place, base: date | None) -> date:
    found = data.get("as_of", base)
    if not isinstance(found, date) or isinstance(found, datetime):
        raise FormError("as_of is missing, or no date such as 2026-03-01", (*place, "as_of"))
    return found
