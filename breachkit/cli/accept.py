"""`accept`: findings that may stay as they are, by name, with a reason and an end."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from breachkit.cli import cases, completing, console, options
from breachkit.cli.check import check_release, is_release
from breachkit.cli.command import command
from breachkit.cli.scan import acceptance_keys, run_scan
from breachkit.model.errors import UnfinishedError, UsageError
from breachkit.report.escape import shell


if TYPE_CHECKING:
    from breachkit.workflows.accept import Choice, Report, Word


_MOST_NAMED = 10
DEFAULT_FILE = Path("breachkit-acceptances.toml")


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command()(command(accept))


def accept(
    target: Annotated[
        str | None,
        typer.Argument(metavar="[TARGET]", help="What was scanned, or the JSON of that scan."),
    ] = None,
    finding: Annotated[
        list[str] | None, typer.Argument(metavar="[FINDING]...", help="Such as F-0003.")
    ] = None,
    by: Annotated[str | None, typer.Option(metavar="NAME", help="Who accepts it.")] = None,
    reason: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Why it may stay; never a value.")
    ] = None,
    until: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="The last day it holds, within a year: 2026-12-31."),
    ] = None,
    rule: Annotated[
        str | None,
        typer.Option(
            help="Accept what this rule found; with --blob or --path.",
            autocompletion=completing.rules,
        ),
    ] = None,
    blob: Annotated[
        str | None, typer.Option(metavar="OID", help="Everything that the rule found in this blob.")
    ] = None,
    path: Annotated[
        str | None,
        typer.Option(
            metavar="PATTERN", help="Everything that the rule found in files named like this."
        ),
    ] = None,
    really: Annotated[
        bool,
        typer.Option("--really", help="Needed to accept that rows about patients can be read."),
    ] = False,
    file: Annotated[
        Path, typer.Option(metavar="FILE", help="Where acceptances are kept.")
    ] = DEFAULT_FILE,
    list_: Annotated[bool, typer.Option("--list", help="Show all acceptances.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Show those that have expired.")] = False,
    remove: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Take one back, such as A-12ab34cd.")
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="With --check: exit with 8 if one has expired.")
    ] = False,
    policy: options.PolicyName = "auto",
    unreachable: options.Unreachable = False,
    since: options.Since = None,
    against: options.Against = None,
    json_: options.Json = False,
) -> int:
    """Accept findings that may stay: by name, with a reason, until a day.

    `scan --acceptances FILE` then lists them, and they do not count. An acceptance is for one rule in
    one version of a file, and covers nothing worse than what was accepted. TARGET is scanned anew (a
    folder of no repository is checked, as by `breachkit check`), so give the --policy, --unreachable,
    --since and --against with which the finding got its number, or the JSON of that scan.

    Changes: the file of acceptances; nothing in TARGET.

    Exit codes: with --check and --strict, 8 where an acceptance has expired.

    \b
    Examples:
      breachkit accept . F-0003 --by Ada --reason "practices" --until 2026-12-31
      breachkit accept scan.json --rule CNT-01 --path 'lookups/*' --by Ada \\
        --reason "published by the NHS" --until 2026-12-31
      breachkit accept --check --strict --file accepted.toml
    """
    given = [("TARGET", target), ("--list", list_), ("--check", check), ("--remove", remove)]
    if sum(bool(value) for _, value in given) != 1:
        raise UsageError(f"say one of {', '.join(name for name, _ in given)}")
    if target is None:
        return _keep(file, remove or (), check=check, strict=strict, json_=json_)
    from breachkit.workflows.accept import Choice, Word

    word = Word(
        by=by or _missing("--by NAME"),
        reason=reason or _missing("--reason TEXT"),
        until=_day(until or _missing("--until DATE")),
        really=really,
    )
    choice = Choice(findings=tuple(finding or ()), rule=rule, blob=blob, path=path)
    report = _report_of(target, policy, unreachable=unreachable, since=since, against=against or ())
    return _accept(target, report, choice, word, file, json_=json_)


def _missing(option: str) -> str:
    raise UsageError(f"accepting a finding needs {option}")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--until {text!r} is no date: write it as 2026-12-31") from None


def _today() -> date:
    return cases.clock().now().date()


def _report_of(
    target: str, policy: str, *, unreachable: bool, since: str | None, against: Sequence[str]
) -> "Report":
    from breachkit.workflows import weighing

    if weighing.is_report(target):
        return weighing.load_report(Path(target))
    if is_release(target):
        return weighing.as_report(check_release(target, policy, against).scan)
    return weighing.as_report(run_scan(target, policy, unreachable=unreachable, since=since))


def _accept(
    target: str, report: "Report", choice: "Choice", word: "Word", file: Path, *, json_: bool
) -> int:
    from breachkit.report import acceptances
    from breachkit.workflows.accept import accept as write_down

    keys = acceptance_keys()
    done = write_down(report, choice, word, file=file, keys=keys, today=_today())
    shown = acceptances.accepted_text(done.entries, done.covers, file=str(file))
    console.show(done.book.to_json(_today()), shown, as_json=json_)
    if done.beside:
        others = ", ".join(f"{each['id']} ({each['rule']})" for each in done.beside[:_MOST_NAMED])
        more = " and more" if len(done.beside) > _MOST_NAMED else ""
        console.note(f"Found in the same content, and still counted: {others}{more}")
    if done.has_new_key:
        console.note(
            f"A key was made: {keys.path}. Whoever scans or accepts with this file needs it; in CI, "
            "put it into the secret BREACHKIT_ACCEPTANCE_KEY. It never goes beside the file."
        )
    if _is_within(file, target):
        console.note(
            f"{file} lies in what was scanned: whoever can write there can accept findings. "
            "Keep it with whoever scans."
        )
    again = report["target"] if Path(target).is_file() else target
    verb = "check" if is_release(target) else "scan"
    console.following(f"breachkit {verb} {shell(again)} --acceptances {shell(str(file))}")
    return 0


def _is_within(file: Path, target: str) -> bool:
    folder = Path(target)
    return folder.is_dir() and file.resolve().is_relative_to(folder.resolve())


def _keep(file: Path, remove: Sequence[str], *, check: bool, strict: bool, json_: bool) -> int:
    """Show the acceptances, or those that have expired, or take some back."""
    from breachkit.report import acceptances
    from breachkit.workflows import accept as workflow
    from breachkit.workflows.acceptance_file import read_acceptances

    today = _today()
    if remove:
        keys = acceptance_keys()
        book = workflow.remove(tuple(remove), file=file, keys=keys, today=today)
    else:
        book = read_acceptances(file, today=today)
    expired = [entry for entry in book.entries if entry.has_expired(today)]
    told = expired if check else book.entries
    text = acceptances.list_text(told, today, file=str(file), only_expired=check)
    console.show(book.to_json(today), text, as_json=json_)
    if check and strict and expired:
        raise UnfinishedError(f"{acceptances.count(expired)} expired: look again, or --remove them")
    console.following(f"breachkit scan TARGET --acceptances {shell(str(file))}")
    return 0
