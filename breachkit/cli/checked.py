"""The check of a folder as other commands make it that let nothing pass without."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from breachkit.cli import cases, console
from breachkit.cli.scan import acceptance_keys, workers_or_default


if TYPE_CHECKING:
    from breachkit.actions.release_checks import CheckResult


Acceptances = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Findings accepted by name; see `breachkit accept`."),
]
Notes = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Answers to open questions; see `breachkit check`."),
]
Answers = Annotated[
    list[str] | None,
    typer.Option(metavar="ITEM=TEXT", help="An answer of whoever checked; may be repeated."),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What people say to what no program can decide."""

    by: str | None
    answers: Sequence[str] = ()
    notes: Path | None = None


def checker(
    policy: str, word: Word, acceptances: Path | None, against: Sequence[str] = ()
) -> "Callable[[Path], CheckResult]":
    """Give what checks a folder as `breachkit check` does; what it is told is read at once.

    Args:
        policy: As `--policy` takes it.
        word: What people say.
        acceptances: The file of accepted findings.
        against: Earlier releases to compare with.

    Raises:
        ConfigurationError, UsageError, RefusedError: something in it makes no sense.
    """
    from breachkit.workflows import acceptance_file, checking, checking_notes
    from breachkit.workflows.playbooks import choose_policies

    today = cases.clock().now().date()
    items = checking_notes.items_for(policy)
    known = [each.id for each in items.items]
    said = checking_notes.answers_given(word.answers, (), word.by, known, today)
    if word.notes is not None:
        said = (*checking_notes.load_notes(word.notes, known, today), *said)
    keys = acceptance_keys()
    settings = checking.CheckOptions(
        policies=choose_policies(policy),
        items=items,
        today=today,
        answers=said,
        book=acceptance_file.load_acceptances(acceptances, keys, today) if acceptances else None,
        against=tuple(against),
        workers=workers_or_default(0),
    )

    def check(folder: Path) -> "CheckResult":
        with console.progress() as progress:
            return checking.check_folder(folder, settings, progress=progress)

    return check
