"""`sweep`: scheduled scans of many repositories."""

import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from breachkit.cli import cases, console, hosting, options, sending, sweep_following
from breachkit.cli.command import command
from breachkit.cli.sweep_reports import Format, wanted, write_files, write_rest
from breachkit.model.errors import IncompleteError


if TYPE_CHECKING:
    from collections.abc import Sequence

    from breachkit.actions.listing import Choice
    from breachkit.actions.sweep_due import Owed
    from breachkit.actions.sweeping import Targets, Weighing
    from breachkit.workflows.sweep import Runs, SweepSettings


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command()(command(sweep))


def sweep(
    target: Annotated[
        str,
        typer.Argument(
            metavar="ORG|FILE|DIR",
            help="An account on GitHub, a file with a URL or path a line, or a folder of repositories.",
        ),
    ],
    policy: options.PolicyName = "auto",
    store: Annotated[
        Path | None,
        typer.Option(
            "--store",
            metavar="DIR",
            help="Where copies, verdicts and earlier results are kept; by default with the cases.",
        ),
    ] = None,
    workers: Annotated[
        int, typer.Option(min=0, max=64, help="Repositories looked at at once; 0: one a core.")
    ] = 0,
    dask: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Do it on a Dask cluster: its scheduler, such as tcp://HOST:8786.",
        ),
    ] = None,
    dask_store: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Where its workers keep verdicts and copies, on their machines."
        ),
    ] = None,
    budget: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="Begin no repository after it, such as 90m or 6h."),
    ] = None,
    longest: Annotated[
        str | None,
        typer.Option(
            metavar="TIME",
            help="Stop at one repository after it, such as 20m or 2h; by default 1h. Not with --dask.",
        ),
    ] = None,
    disk: Annotated[
        str | None,
        typer.Option(metavar="SIZE", help="What copies may take together, such as 500M or 20G."),
    ] = None,
    acceptances: options.Acceptances = None,
    skip_topic: Annotated[
        list[str] | None,
        typer.Option(help="Leave out repositories of an account with this topic; repeatable."),
    ] = None,
    only_topic: Annotated[
        list[str] | None,
        typer.Option(help="Leave out those with none of these topics; repeatable."),
    ] = None,
    no_forks: Annotated[
        bool, typer.Option("--no-forks", help="Leave out forks that an account has.")
    ] = False,
    no_archived: Annotated[
        bool, typer.Option("--no-archived", help="Leave out what an account has archived.")
    ] = False,
    anew: Annotated[
        bool, typer.Option("--anew", help="Look also at repositories in which nothing has changed.")
    ] = False,
    counts: Annotated[
        bool, typer.Option("--counts", help="Say numbers alone: for a log that anybody can read.")
    ] = False,
    format_: Annotated[Format, typer.Option("--format", "-f", help="How to report.")] = Format.TEXT,
    json_: options.Json = False,
    output: options.Output = None,
    report: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FORMAT=FILE",
            help="Write this as well, such as html=sweep.html; sarif=DIR/ writes a file a repository.",
        ),
    ] = None,
    notify: sweep_following.Notify = False,
    notify_from: sweep_following.NotifyFrom = options.Level.HIGH,
    contacts: sweep_following.Contacts = None,
    smtp: sending.Smtp = None,
    sender: sending.From = None,
    user: sending.User = None,
    password_file: sending.PasswordFile = None,
    ca_file: sending.CaFile = None,
    open_cases: sweep_following.OpenCases = False,
    cases_from: sweep_following.CasesFrom = options.Level.HIGH,
    no_fail: options.NoFail = False,
    api: hosting.Api = hosting.DEFAULT_API,
) -> int:
    """Scan many repositories by schedule, and report what is new.

    Each repository is asked for its refs first; where none has changed, nothing is fetched. A file that
    some repository had before is not looked at again. One that fails leaves the others alone, and a
    sweep that is killed goes on where it was.

    With --notify each contact gets one mail about what is new, once; with --open-cases a draft case is
    opened for each repository with something new, in private, and waits for a person to look.

    Changes: the store of the sweep on this machine; with --notify, mails leave.

    Exit codes: 11 to 14 for the worst new finding (low, medium, high, critical); where nothing is new,
    5 where something was not looked at or not told, else 0: known and accepted findings fail no sweep.

    \b
    Examples:
      breachkit sweep opensafely --skip-topic non-research
      breachkit sweep repositories.txt --budget 6h --counts  a list, a public log
      breachkit sweep /srv/mirrors -f jsonl -o new.jsonl     a folder
      breachkit sweep opensafely --report html=sweep.html --report sarif=sarif/
      breachkit sweep opensafely --dask tcp://10.0.0.5:8786  on a cluster
      breachkit sweep opensafely --notify --contacts opensafely-2026 \\
        --smtp mail.example.org --open-cases
    """
    from breachkit.workflows.sweep import sweep as sweep_all

    chosen = Format.JSON if json_ else format_
    reports = wanted(chosen, output, report or (), counts=counts)  # a slip in it costs no sweep
    mailing = None
    if notify:
        server = sweep_following.server(smtp, user, password_file, ca_file)
        mailing = sweep_following.mailing(notify_from, contacts, server, sender)
    following = sweep_following.following(mailing, cases_from if open_cases else None, contacts)
    settings = _settings(policy, acceptances, budget, disk, anew=anew, owed=following.owed())
    folder = store or cases.home() / "sweeps"
    choice = _choice(skip_topic, only_topic, forks=not no_forks, archived=not no_archived)
    run = _runs(workers, dask, dask_store, longest)
    with hosting.git_shows_token(api), console.sweeping() as watch:
        result = sweep_all(
            _targets(target, folder, api, choice),
            settings,
            folder=folder,
            clock=cases.clock(),
            run=run,
            watch=watch,
        )
    write_files(result, reports)  # before anything leaves: whatever ends that, they are there
    try:
        result = sweep_following.follow(following, result, settings.policies, folder, counts=counts)
    finally:
        write_rest(result, reports)
    found = 0 if no_fail else result.sweep.exit_code
    return found or (IncompleteError.exit_code if result.sweep.undone else 0)


def _runs(workers: int, dask: str | None, dask_store: Path | None, longest: str | None) -> "Runs":
    """Say who does the errands: processes here, or a cluster."""
    from breachkit.workflows.sweep_one import do_errand, get_ready

    limit = None if longest is None else _limit(longest)
    if dask is not None:
        if limit is not None:
            from breachkit.model.errors import UsageError

            raise UsageError(
                "what a cluster has begun cannot be stopped: leave out --longest or --dask"
            )
        from breachkit.workflows.sweep_dask import on_cluster

        return on_cluster(dask, do_errand, store=dask_store)
    from breachkit.cli.scan import workers_or_default
    from breachkit.workflows.sweep_processes import in_processes

    return in_processes(workers_or_default(workers), do_errand, get_ready=get_ready, longest=limit)


def _limit(text: str) -> timedelta:
    """Read how long one repository may take; no time at all is none."""
    found = duration(text)
    if not found:
        from breachkit.model.errors import UsageError

        raise UsageError(f"--longest {text}: in no time no repository can be looked at")
    return found


def _settings(
    policy: str,
    acceptances: Path | None,
    budget: str | None,
    disk: str | None,
    *,
    anew: bool,
    owed: "Owed",
) -> "SweepSettings":
    from breachkit.workflows.playbooks import choose_policies
    from breachkit.workflows.sweep import SweepSettings

    return SweepSettings(
        policies=choose_policies(policy),
        weighing=_weighing(acceptances),
        budget=None if budget is None else duration(budget),
        disk_bytes=None if disk is None else size(disk),
        anew=anew,
        owed=owed,
    )


def _weighing(acceptances: Path | None) -> "Weighing | None":
    if acceptances is None:
        return None
    from breachkit.actions.sweeping import Weighing
    from breachkit.cli.scan import acceptance_keys
    from breachkit.workflows import acceptance_file

    today = cases.clock().now().date()
    book, key = acceptance_file.load_acceptances(acceptances, acceptance_keys(), today)
    return Weighing(book=book, key=key, today=today)


def _choice(
    skip: "Sequence[str] | None", only: "Sequence[str] | None", *, forks: bool, archived: bool
) -> "Choice":
    from breachkit.actions.listing import Choice

    return Choice(
        skip_topics=frozenset(skip or ()),
        only_topics=frozenset(only or ()),
        forks=forks,
        archived=archived,
    )


def _targets(target: str, folder: Path, api: str, choice: "Choice") -> "Targets":
    from breachkit.workflows import sweep_list, sweep_targets

    place = Path(target)
    if place.exists():
        if choice.only_topics or not (choice.forks and choice.archived):
            from breachkit.model.errors import UsageError

            raise UsageError("an account's repositories alone have topics, forks and archives")
        return sweep_targets.in_folder(place) if place.is_dir() else sweep_list.in_file(place)
    sweep_targets.require_login(target)
    with hosting.catalogue(api, folder) as catalogue:
        return sweep_targets.of_account(
            target,
            catalogue,
            cases.clock(),
            folder=folder,
            choice=choice,
        )


_DURATION = re.compile(r"(\d{1,6})\s*([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def duration(text: str) -> timedelta:
    """Read `90m`, `6h`, `45s`, `1d`.

    Raises:
        UsageError: it is something else.
    """
    found = _DURATION.fullmatch(text.strip().lower())
    if found is None:
        from breachkit.model.errors import UsageError

        raise UsageError(f"no time: {text!r}; write 45s, 90m, 6h or 1d")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


_SIZE = re.compile(r"(\d{1,9})\s*([kmgt]?)b?")


def size(text: str) -> int:
    """Read `500M`, `20G`, in bytes; a unit is 1024 times the one before.

    Raises:
        UsageError: it is something else.
    """
    found = _SIZE.fullmatch(text.strip().lower())
    if found is None:
        from breachkit.model.errors import UsageError

        raise UsageError(f"no size: {text!r}; write 500M, 20G or a number of bytes")
    return int(found[1]) << (10 * " kmgt".index(found[2] or " "))
