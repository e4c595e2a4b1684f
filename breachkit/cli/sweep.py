"""`sweep`: scheduled scans of many repositories."""

import enum
import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from breachkit import __version__
from breachkit.cli import cases, console, hosting, options
from breachkit.cli.command import command


if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from breachkit.actions.sweeping import Targets, Weighing
    from breachkit.detect.rule import About
    from breachkit.workflows.sweep import Runs, SweepResult, SweepSettings


class Format(enum.StrEnum):
    """How a sweep is reported."""

    TEXT = "text"
    JSON = "json"
    JSONL = "jsonl"
    SARIF = "sarif"
    HTML = "html"
    METRICS = "metrics"
    """For Prometheus."""


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
    disk: Annotated[
        str | None,
        typer.Option(metavar="SIZE", help="What copies may take together, such as 500M or 20G."),
    ] = None,
    acceptances: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Findings accepted in it do not count; see `breachkit accept`."
        ),
    ] = None,
    skip_topic: Annotated[
        list[str] | None,
        typer.Option(help="Leave out repositories of an account with this topic; repeatable."),
    ] = None,
    anew: Annotated[
        bool, typer.Option("--anew", help="Look also at repositories in which nothing has changed.")
    ] = False,
    counts: Annotated[
        bool, typer.Option("--counts", help="Numbers alone: for a log that anybody can read.")
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
    no_fail: Annotated[
        bool, typer.Option("--no-fail", help="Exit with 0 whatever is found.")
    ] = False,
    api: hosting.Api = hosting.DEFAULT_API,
) -> int:
    """Scan many repositories by schedule, and report what is new since the last time.

    Each repository is asked for its refs first; where none has changed, nothing is fetched. A file that
    some repository had before is not looked at again. One that fails leaves the others alone, and a sweep
    that is killed goes on where it was.

    \b
    Examples:
      breachkit sweep opensafely --skip-topic non-research     an organisation's public repositories
      breachkit sweep repositories.txt --budget 6h --counts    what a file lists, in a public log
      breachkit sweep /srv/mirrors -f jsonl -o new.jsonl       repositories in a folder
      breachkit sweep opensafely --counts --report html=sweep.html --report sarif=sarif/
      breachkit sweep opensafely --dask tcp://10.0.0.5:8786    on a cluster
    """
    from breachkit.workflows.sweep import sweep as sweep_all

    more = [_wanted(each) for each in report or ()]  # a slip in it costs no sweep
    settings = _settings(policy, acceptances, budget, disk, anew=anew)
    folder = store or cases.home() / "sweeps"
    with hosting.git_shows_token(), console.sweeping() as watch:
        result = sweep_all(
            _targets(target, folder, api, skip_topic or ()),
            settings,
            folder=folder,
            clock=cases.clock(),
            run=_runs(workers, dask, dask_store),
            watch=watch,
        )
    for kind, place in more:
        _write(result, kind, place)
    _report(result, Format.JSON if json_ else format_, output, counts=counts)
    return 0 if no_fail else result.sweep.exit_code


def _runs(workers: int, dask: str | None, dask_store: Path | None) -> "Runs":
    """Say who does the errands: processes here, or a cluster."""
    from breachkit.workflows.sweep_one import do_errand, get_ready

    if dask is not None:
        from breachkit.workflows.sweep_dask import on_cluster

        return on_cluster(dask, do_errand, store=dask_store)
    from breachkit.cli.scan import workers_or_default
    from breachkit.workflows.sweep import in_processes

    return in_processes(workers_or_default(workers), do_errand, get_ready=get_ready)


def _settings(
    policy: str,
    acceptances: Path | None,
    budget: str | None,
    disk: str | None,
    *,
    anew: bool,
) -> "SweepSettings":
    from breachkit.workflows.playbooks import choose_policies
    from breachkit.workflows.sweep import SweepSettings

    return SweepSettings(
        policies=choose_policies(policy),
        weighing=_weighing(acceptances),
        budget=None if budget is None else duration(budget),
        disk_bytes=None if disk is None else size(disk),
        anew=anew,
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


def _targets(target: str, folder: Path, api: str, skip_topics: "Sequence[str]") -> "Targets":
    from breachkit.workflows import sweep_targets

    place = Path(target)
    if place.is_dir():
        return sweep_targets.in_folder(place)
    if place.exists():
        return sweep_targets.in_file(place)
    sweep_targets.require_login(target)
    from breachkit.actions.listing import Choice

    with hosting.catalogue(api) as catalogue:
        return sweep_targets.of_account(
            target,
            catalogue,
            cases.clock(),
            folder=folder,
            choice=Choice(skip_topics=frozenset(skip_topics)),
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


def _report(result: "SweepResult", chosen: Format, output: Path | None, *, counts: bool) -> None:
    """Write the result where it was asked for; where that is a file, say what it came to in numbers."""
    from breachkit.report import sweep_text

    if output is not None or chosen is not Format.TEXT:
        console.put(_rendered(result, chosen), output)
    if output is not None or chosen is Format.TEXT:
        counts_only = counts or output is not None
        console.emit(sweep_text.to_text(result.sweep, result.notes, counts_only=counts_only))
    console.following("breachkit open OWNER/NAME", "where something new is a breach")


def _wanted(text: str) -> "tuple[Format, str]":
    """Read `html=sweep.html`."""
    from breachkit.model.errors import UsageError

    kind, _, place = text.partition("=")
    if kind not in {each.value for each in Format} or not place:
        known = ", ".join(each.value for each in Format)
        raise UsageError(f"--report {text}: write FORMAT=FILE, where FORMAT is one of {known}")
    return Format(kind), place


def _write(result: "SweepResult", kind: Format, place: str) -> None:
    """Write a report to a file that its owner alone can read; metrics, which name nothing, for everybody."""
    from breachkit.report.output import write_report

    if kind is Format.SARIF and place.endswith("/"):
        Path(place).mkdir(mode=0o700, parents=True, exist_ok=True)
        for name, log in _sarif_of_each(result):
            write_report(Path(place) / name, log)
        console.note(f"Wrote {len(result.sweep.repositories)} files to {place}")
        return
    console.put(_rendered(result, kind), Path(place))
    if kind is Format.METRICS:
        Path(place).chmod(0o644)


def _sarif_of_each(result: "SweepResult") -> "Iterator[tuple[str, bytes]]":
    from breachkit.report import sweep_sarif

    taken: set[str] = set()
    for one in result.sweep.repositories:
        name = re.sub(r"[^A-Za-z0-9_.-]+", "-", one.outcome.name).strip("-.")
        name = name if name and name not in taken else f"{name}-{len(taken) + 1}"
        taken.add(name)
        log = sweep_sarif.to_bytes(result.sweep, _about(), tool_version=__version__, only=one)
        yield f"{name}.sarif", log


def _rendered(result: "SweepResult", chosen: Format) -> str:
    import json

    from breachkit.report import sweep_html, sweep_json, sweep_metrics, sweep_sarif, sweep_text

    made = result.sweep
    match chosen:
        case Format.TEXT:
            return sweep_text.to_text(made, result.notes)
        case Format.JSON:
            return json.dumps(sweep_json.to_json(made, tool_version=__version__), indent=1)
        case Format.JSONL:
            return "\n".join(sweep_json.lines(made, tool_version=__version__))
        case Format.SARIF:
            return sweep_sarif.to_bytes(made, _about(), tool_version=__version__).decode("ascii")
        case Format.HTML:
            return sweep_html.to_html(
                made, result.earlier, notes=result.notes, tool_version=__version__
            )
        case Format.METRICS:
            return sweep_metrics.to_text(made)


def _about() -> "tuple[About, ...]":
    from breachkit.detect.registry import ALL_RULES

    return tuple(rule.about for rule in ALL_RULES)
