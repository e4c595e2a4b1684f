"""Accept findings of a scan by name, with a reason and an end."""

import fnmatch
import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from breachkit.actions.acceptance import Book, Entry, Key, check_dates, is_patient_level
from breachkit.actions.earlier import every_finding
from breachkit.model.errors import RefusedError, UsageError
from breachkit.model.findings import Severity
from breachkit.model.ids import display
from breachkit.model.meant import meant
from breachkit.report import lint
from breachkit.workflows import acceptance_file
from breachkit.workflows.acceptance_file import Keys, read_acceptances


Report = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which findings of a scan are meant."""

    findings: tuple[str, ...] = ()
    """Ids such as F-0003."""
    blob: str | None = None
    rule: str | None = None
    path: str | None = None
    """A path, or a pattern in which `*` also stands for `/`, as reports show paths."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What somebody says of them."""

    by: str
    reason: str
    until: date
    really: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepting:
    """What came of it."""

    book: Book
    entries: tuple[Entry, ...]
    """Those written now."""
    has_new_key: bool
    covers: Mapping[str, int]
    """How many findings each of them stands for, by its id."""
    beside: tuple[Mapping[str, Any], ...]
    """What else was found in the same blobs, worse than information, and is not accepted."""


def accept(
    report: Report, choice: Choice, word: Word, *, file: Path, keys: Keys, today: date
) -> Accepting:
    """Write down that findings were accepted; doing it again changes nothing but the words.

    Args:
        report: What `scan --format json` says, findings and all.
        choice: Which findings; every finding of the same rule in the same blob goes with one.
        word: Who accepts them, why, and until when.
        file: The file of acceptances; made where it is not there.
        keys: Where the key is.
        today: In UTC.

    Raises:
        UsageError: no such finding, or a date that does not do.
        RefusedError: the reason could disclose something, or rows of patients were not meant.
    """
    _check(word, today)
    chosen = chosen_findings(report, choice)
    for each in chosen:
        if is_patient_level(each["rule"], _severity(each)) and not word.really:
            raise RefusedError(
                f"{each['id']} says that rows of patients can be read: if you are sure that it may "
                "stay, add --really"
            )
    with acceptance_file.held(keys, file):
        fresh = keys.find() is None and not file.exists()
        key = keys.make() if fresh else keys.require(display(os.fsencode(file)))
        book = read_acceptances(file, today=today) if file.exists() else Book(key_name=key.name)
        book.require(key, display(os.fsencode(file)))
        entries = _entries(chosen, report, word, key, today)
        book = _with(book, entries)
        acceptance_file.add(file, entries, key)
    number = Counter(key.mark(each["rule"], each["blob"]) for each in chosen)
    return Accepting(
        book=book,
        entries=entries,
        has_new_key=fresh,
        covers={each.id: number[each.mark] for each in entries},
        beside=tuple(_beside(report, chosen, book, key)),
    )


def remove(ids: Sequence[str], *, file: Path, keys: Keys, today: date) -> Book:
    """Take acceptances out of a file, and give what is left.

    Raises:
        UsageError: one of them is not in it.
    """
    with acceptance_file.held(keys, file):
        book = read_acceptances(file, today=today)
        if unknown := sorted(set(ids) - {entry.id for entry in book.entries}):
            raise UsageError(
                f"no acceptance {display(unknown[0])} in {display(os.fsencode(file))}: "
                "`breachkit accept --list` shows them"
            )
        acceptance_file.drop(file, set(ids))
        return replace(book, entries=tuple(each for each in book.entries if each.id not in ids))


def chosen_findings(report: Report, choice: Choice) -> list[Mapping[str, Any]]:
    """Give the findings that are meant, each as JSON has it.

    Raises:
        UsageError: there are none, or the choice makes no sense.
    """
    listed = every_finding(report)
    if choice.findings:
        return _named(listed, choice.findings)
    if choice.rule is None or (choice.blob is None and choice.path is None):
        raise UsageError(
            "say which finding: its id, such as F-0003, or --rule with --blob or --path; "
            "`breachkit scan` lists them"
        )
    fits = _matcher(choice)
    found = [each for each in listed if fits(each)]
    if not found:
        raise UsageError(
            f"nothing was found by {display(choice.rule)} there: `breachkit scan` lists findings"
        )
    return found


def _named(listed: Sequence[Mapping[str, Any]], ids: Sequence[str]) -> list[Mapping[str, Any]]:
    by_id = {each["id"]: each for each in listed}
    wanted = [each.strip().upper() for each in ids]
    if unknown := [each for each in wanted if each not in by_id]:
        raise UsageError(
            f"no finding {display(unknown[0])}: `breachkit scan` on the target lists them."
            f"{meant(unknown[0], by_id)}"
        )
    return [by_id[each] for each in dict.fromkeys(wanted)]


def _matcher(choice: Choice) -> Callable[[Mapping[str, Any]], bool]:
    rule, blob, path = (choice.rule or "").upper(), choice.blob, choice.path

    def fits(each: Mapping[str, Any]) -> bool:
        if each["rule"] != rule or (blob is not None and each["blob"] != blob.lower()):
            return False
        return path is None or any(
            name == path or fnmatch.fnmatchcase(name, path) for name in each["paths"]
        )

    return fits


def _check(word: Word, today: date) -> None:
    for name, text in (("--by", word.by), ("--reason", word.reason)):
        if not text.strip() or not text.isprintable():
            raise UsageError(f"{name} needs words, on one line")
    try:
        check_dates(today, word.until, today)
    except ValueError as cause:
        raise UsageError(f"--until {word.until}: {cause}") from None
    licence = lint.Licence(paths="full", tlp=None)
    if found := lint.problems(word.reason, licence):
        rules = ", ".join(sorted({each.rule for each in found}))
        raise RefusedError(
            f"the reason could disclose something ({rules}): say why it may stay without a number "
            "of people, a cell or an id"
        )


def _severity(each: Mapping[str, Any]) -> Severity:
    return Severity[each["severity"].upper()]


def _entries(
    chosen: Sequence[Mapping[str, Any]], report: Report, word: Word, key: Key, today: date
) -> tuple[Entry, ...]:
    """Make one acceptance for each blob and rule; as bad as the worst finding of that rule there."""
    same = defaultdict(list)
    for each in every_finding(report):
        same[each["rule"], each["blob"]].append(each)
    made = []
    for rule, blob in dict.fromkeys((each["rule"], each["blob"]) for each in chosen):
        worst = max(same[rule, blob], key=_severity)
        if is_patient_level(rule, _severity(worst)) and not word.really:
            raise RefusedError(
                f"{worst['id']}, of the same rule in the same file, says that rows of patients can "
                "be read: if you are sure that they may stay, add --really"
            )
        made.append(
            Entry(
                mark=key.mark(rule, blob),
                rule=rule,
                severity=_severity(worst),
                path=worst["path"],
                by=word.by.strip(),
                reason=word.reason.strip(),
                on=today,
                until=word.until,
                really=word.really,
            )
        )
    return tuple(made)


def _beside(
    report: Report, chosen: Sequence[Mapping[str, Any]], book: Book, key: Key
) -> Iterator[Mapping[str, Any]]:
    blobs = {each["blob"] for each in chosen}
    accepted = {entry.mark for entry in book.entries}
    for each in every_finding(report):
        if each["blob"] not in blobs or not _severity(each):
            continue
        if key.mark(each["rule"], each["blob"]) not in accepted:
            yield each


def _with(book: Book, entries: Sequence[Entry]) -> Book:
    marks = {entry.mark for entry in entries}
    kept = (entry for entry in book.entries if entry.mark not in marks)
    return replace(book, entries=(*kept, *entries))
