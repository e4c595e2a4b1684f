"""The checklist of a release out of playbooks, and what people said to it: in a file, or on the command line."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from breachkit.actions.playbook_text import PlaybookTextError
from breachkit.actions.playbook_toml import plain_toml
from breachkit.actions.release_checks import Answer
from breachkit.actions.release_checks_items import (
    RELEASE_CHECKS,
    Items,
    items_from_mapping,
)
from breachkit.model.errors import ConfigurationError, RefusedError, UsageError
from breachkit.model.ids import display
from breachkit.report import lint
from breachkit.workflows.acceptance_file import text_of
from breachkit.workflows.playbook_layers import Layered
from breachkit.workflows.playbooks import load_policies


SCHEMA = "breachkit.release-notes/1"
_KEYS = {"item", "by", "on", "reason", "files", "data", "until"}


ITEMS = Layered(file=RELEASE_CHECKS, read=items_from_mapping)
"""The checklist of a release."""


def items_for(policy: str) -> Items:
    """Read the checklist that goes with a choice of policies, as `playbooks.choose_policies` takes it."""
    playbook, colon, _ = policy.rpartition(":")
    if colon:
        load_policies(playbook)  # says that there is none of that name
    return ITEMS.load(playbook if colon else None)


def load_notes(file: Path, known: Sequence[str], today: date) -> tuple[Answer, ...]:
    """Read a file of answers, such as `release-notes.toml`.

    Args:
        file: Which; TOML with `schema` and a list of `[[answer]]`.
        known: The ids of the checklist's items.
        today: In UTC; nobody answers in the future.

    Raises:
        ConfigurationError: it is not there, or says something that makes no sense.
        RefusedError: a reason could disclose something.
    """
    shown = display(str(file))
    try:
        data = plain_toml(text_of(file, "make it, or leave --notes out"))
    except PlaybookTextError as cause:
        where = shown if cause.line is None else f"{shown}:{cause.line}"
        raise ConfigurationError(f"{where}: {cause.problem}") from None
    if data.get("schema") != SCHEMA:
        raise ConfigurationError(f'{shown}: schema = "{SCHEMA}" is missing: is it another file?')
    entries = data.get("answer", [])
    if not isinstance(entries, list) or set(data) - {"schema", "answer"}:
        raise ConfigurationError(f"{shown}: only a list of [[answer]] is known")
    return tuple(
        _answer(entry, f"{shown}: answer {number}", known, today)
        for number, entry in enumerate(entries, start=1)
    )


def _answer(entry: Any, where: str, known: Sequence[str], today: date) -> Answer:
    if not isinstance(entry, Mapping):
        raise ConfigurationError(f"{where}: a table is needed")
    if unknown := sorted(set(entry) - _KEYS):
        raise ConfigurationError(f"{where}: no key {display(unknown[0])}: correct its spelling")
    texts = {key: entry.get(key) for key in ("item", "by", "reason")}
    for key, text in texts.items():
        if not isinstance(text, str) or not text.strip():
            raise ConfigurationError(f"{where}: {key} is missing, or no text")
    on, until = _day(entry, "on", where), _day(entry, "until", where)
    if on is None:
        raise ConfigurationError(f"{where}: on is missing: the day on which it was said")
    if on > today:
        raise ConfigurationError(f"{where}: on is {on}, in the future")
    answer = Answer(
        item=str(texts["item"]),
        by=str(texts["by"]),
        on=on,
        reason=str(texts["reason"]),
        files=_texts(entry, "files", where),
        data=_texts(entry, "data", where),
        until=until,
    )
    _require_sane(answer, where, known)
    return answer


def _day(entry: Mapping[str, Any], key: str, where: str) -> date | None:
    day = entry.get(key)
    if day is None:
        return None
    if not isinstance(day, date) or isinstance(day, datetime):
        raise ConfigurationError(f"{where}: {key} is no date such as 2026-03-01 without quotes")
    return day


def _texts(entry: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
    found = entry.get(key, [])
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise ConfigurationError(f"{where}: {key} is no list of names in quotes")
    return tuple(found)


def answers_given(
    answers: Sequence[str],
    reasons: Sequence[str],
    by: str | None,
    known: Sequence[str],
    today: date,
) -> tuple[Answer, ...]:
    """Read answers off the command line: `ITEM=TEXT`, and `FILE=TEXT` for logs.

    Raises:
        UsageError: one is neither, nobody says whose they are, or there is no such item.
        RefusedError: a reason could disclose something.
    """
    if not (answers or reasons):
        return ()
    if not by:
        raise UsageError("an answer is somebody's word: say whose with --by NAME")
    said: list[tuple[str, str, tuple[str, ...]]] = []
    for each in answers:
        item, text = _split("--answer", each, "ITEM=TEXT")
        said.append((item, text, ()))
    for each in reasons:
        file, text = _split("--reason", each, "FILE=TEXT")
        said.append(("logs", text, (file,)))
    made = tuple(
        Answer(item=item, by=by, on=today, reason=text, files=files) for item, text, files in said
    )
    for answer in made:
        _require_sane(answer, "--reason" if answer.files else "--answer", known)
    return made


def _split(option: str, text: str, form: str) -> tuple[str, str]:
    name, equals, reason = text.partition("=")
    if not (name.strip() and equals and reason.strip()):
        raise UsageError(f"{option} needs {form}, such as {option} {_EXAMPLES[option]}")
    return name.strip(), reason.strip()


_EXAMPLES = {
    "--answer": '"minimum-outputs=all of them are in the paper"',
    "--reason": '"model.log=the error is discussed with its author"',
}


def _require_sane(answer: Answer, where: str, known: Sequence[str]) -> None:
    if answer.item not in known:
        named = ", ".join(known)
        raise UsageError(f"{where}: no item {display(answer.item)}: choose one of {named}")
    for text in (answer.by, answer.reason):
        if not text.strip() or not text.isprintable():
            raise UsageError(f"{where}: words are needed, on one line")
    licence = lint.Licence(paths="full", tlp=None)
    if found := lint.problems(answer.reason, licence):
        rules = ", ".join(sorted({each.rule for each in found}))
        raise RefusedError(
            f"{where}: the reason could disclose something ({rules}): say it without a number of "
            "people, a cell or an id"
        )
