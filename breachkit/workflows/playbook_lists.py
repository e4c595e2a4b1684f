"""Judges the lists of a playbook that are put together by id: the checklist and the places."""

import copy
from collections.abc import Mapping
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any, get_args

from breachkit.actions.checklist_template import Template, TemplateError, template_from_mapping
from breachkit.actions.copies import Risk
from breachkit.actions.playbook_reader import Problem, Reader, TableReader, named
from breachkit.actions.playbook_text import Located, Place
from breachkit.actions.trace import Place as CatalogueEntry
from breachkit.actions.trace import places_from_mapping
from breachkit.model.errors import ConfigurationError
from breachkit.model.ids import display
from breachkit.workflows.checklist import load_template
from breachkit.workflows.playbooks import lineage
from breachkit.workflows.trace import load_places


CHECKLIST, PLACES = "checklist.yaml", "places.toml"
MOST = 200
"""Problems of one checklist; who has more begins with these."""

_SOUND = {"id": "", "text": "-", "role": "handler", "evidence": "event"}
"""What stands in for a wrong value, so that what comes after it is judged too."""


def checklist_problems(located: Located, playbook: str, folder: Path | None) -> list[Problem]:
    """Give everything that is wrong with a checklist, on top of that of what the playbook extends."""
    try:
        base = _parent_template(playbook, folder)
    except ConfigurationError as cause:
        return [_problem(CHECKLIST, located, (), f"what it extends is wrong: {cause}")]
    data = copy.deepcopy(located.value)
    problems: list[Problem] = []
    mended: set[Place] = set()
    while len(problems) < MOST:
        try:
            template_from_mapping(data, base)
        except TemplateError as cause:
            if cause.place in mended and not _left_out(data, cause.place):
                return problems
            if cause.place not in mended:
                problems.append(_problem(CHECKLIST, located, cause.place, _said(cause)))
                mended.add(cause.place)
                if not _mend(data, cause.place):
                    return problems
        else:
            break
    return problems


def place_problems(located: Located, playbook: str, folder: Path | None) -> list[Problem]:
    """Give everything that is wrong with a catalogue of places; see `checklist_problems`."""
    reader = Reader(PLACES, located)
    top = reader.top()
    top.only({"place", "remove"})
    seen: set[str] = set()
    for table in top.tables("place"):
        code = _entry(table)
        if code and code in seen:
            table.wrong("code", "stands twice: give each place its own")
        seen.add(code)
    if reader.problems:
        return reader.problems
    try:
        parents = lineage(playbook, folder=folder)[1:]
        base = load_places(parents[0], folder=folder) if parents else ()
        places_from_mapping(located.value, base)
    except ConfigurationError as cause:
        said = str(cause).removeprefix(f"{PLACES}: ")
        return [_problem(PLACES, located, (), said)]
    return []


def _parent_template(playbook: str, folder: Path | None) -> Template | None:
    parents = lineage(playbook, folder=folder)[1:]
    return load_template(parents[0], folder=folder) if parents else None


def _said(cause: TemplateError) -> str:
    """Give an error without the key at its end, which is named beside the line."""
    last = cause.place[-1] if cause.place else ""
    return cause.message.replace(f": {last}: ", ": ", 1) if isinstance(last, str) else cause.message


def _mend(data: Any, place: Place) -> bool:
    """Put something sound where something is wrong; say whether that was possible."""
    match place:
        case ("items", int(number)):
            del data["items"][number]
            data["items"].insert(number, _sound_item(data, number))
        case ("items", int(number), str(key)):
            sound = _sound_item(data, number)
            item = data["items"][number]
            item.pop(key, None)
            item |= {key: sound[key]} if key in sound else {}
        case ("remove", int(number)):
            data["remove"][number] = None
            data["remove"] = [each for each in data["remove"] if each is not None]
        case (str(key),):
            data.pop(key, None)
        case _:
            return False
    return True


def _left_out(data: Any, place: Place) -> bool:
    """Replace a whole item that is wrong even with something sound in it; say whether it is one."""
    match place:
        case ("items", int(number), str()) if data["items"][number] != _sound_item(data, number):
            data["items"][number] = _sound_item(data, number)
            return True
        case _:
            return False


def _sound_item(data: Any, number: int) -> dict[str, Any]:
    groups = data.get("groups")
    group = next(iter(groups)) if isinstance(groups, Mapping) and groups else "A"
    return {**_SOUND, "id": f"sound-{number}", "group": group}


def _entry(table: TableReader) -> str:
    known = {field.name: field for field in fields(CatalogueEntry)}
    table.only(known)
    for name, field in known.items():
        optional = field.default is not MISSING or field.default_factory is not MISSING
        if name == "risk":
            table.choice(name, get_args(Risk))
        elif name == "due_hours":
            if table.whole(name, 1, 24 * 365) is None and name not in table.values:
                table.wrong("", "due_hours: a whole number is needed")
        elif not optional:
            table.text(name)
        elif not isinstance(table.values.get(name, []), list):
            table.wrong(name, "a list is needed")
    code = table.values.get("code")
    return code if isinstance(code, str) else ""


def _problem(file: str, located: Located, place: Place, problem: str) -> Problem:
    return Problem(file=file, line=located.line(place), key=named(place), problem=display(problem))
