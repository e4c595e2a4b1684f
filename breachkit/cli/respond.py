"""`respond`: the whole response, led through step by step, each asked for before it is done."""

import contextlib
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from breachkit.cli import cases, console, hosting, options
from breachkit.cli.command import command
from breachkit.model.errors import RefusedError, UsageError


if TYPE_CHECKING:
    from breachkit.incident.case import Incident
    from breachkit.incident.folder import CaseFolder
    from breachkit.report.case_screen import Line
    from breachkit.report.respond import Ran
    from breachkit.workflows.respond_sitting import Sitting
    from breachkit.workflows.respond_talk import Talk


INTERRUPTED = 130


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command()(command(respond))


def respond(
    target: Annotated[
        str | None,
        typer.Argument(
            metavar="[TARGET]", help="The repository; leave it out where a case is open."
        ),
    ] = None,
    case: options.Case = None,
    contacts: Annotated[
        str | None,
        typer.Option(metavar="PROFILE|FILE", help="Whom to tell, where the case is opened now."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Walk all of it to the end; nothing is done or asked.")
    ] = False,
    json_: options.Json = False,
) -> int:
    """Lead through a response: where it stands, what is next and why; asks, acts, proves, goes on.

    Whatever it does is a plain command, which it prints, and can be run without it. Leave at any time:
    it goes on from the same place. Without a terminal it only says what is next.

    Changes: what you agree to, step by step: files of the case, then the server; with --dry-run nothing.

    Exit codes: 6 without a terminal, where somebody has to answer.

    \b
    Examples:
      breachkit respond owner/name
      breachkit respond                       go on with the case that is open
      breachkit respond owner/name --dry-run  the whole way on paper
    """
    if dry_run:
        return _walk(target, case, contacts, as_json=json_)
    if json_:
        raise UsageError("--json goes with --dry-run: without it people are asked")
    if not sys.stdin.isatty():
        return _only_say(target, case, contacts)
    return _lead(target, case, contacts)


# --- at a terminal ------------------------------------------------------------------------------


class _AtTerminal:
    """The person at the terminal that this process was started from."""

    def __init__(self) -> None:
        from breachkit.report.terminal import make_console

        self._console = make_console(sys.stdout)
        reconfigure = getattr(sys.stdin, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="surrogateescape")

    def show(self, lines: "Iterable[Line]") -> None:
        """Show lines with the colours that the terminal has."""
        from rich.text import Text

        for line in lines:
            text = Text.assemble(*line)
            text.rstrip()
            self._console.print(text, soft_wrap=True)

    def ask(self, prompt: str) -> str:
        """Ask for one line.

        Raises:
            LeftError: the input has ended.
        """
        from breachkit.workflows.respond_talk import LeftError

        sys.stderr.flush()
        _forget_what_was_typed_before()
        sys.stdout.write(prompt)
        sys.stdout.flush()
        line = sys.stdin.readline()
        if not line.endswith("\n"):  # a line that was cut short was not meant
            raise LeftError
        return line


def _forget_what_was_typed_before() -> None:
    """Let no key answer a question that was not asked yet: somebody pressed it twice while waiting."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import termios

        with contextlib.suppress(termios.error):
            termios.tcflush(sys.stdin, termios.TCIFLUSH)


def _lead(target: str | None, selector: str | None, contacts: str | None) -> int:
    from breachkit.report import respond as screen
    from breachkit.workflows.afterwards import left_after_the_end
    from breachkit.workflows.respond import respond as lead
    from breachkit.workflows.respond_talk import LeftError, Talk

    talk = Talk(_AtTerminal())
    ran: list[Ran] = []
    code, over, case = 0, False, None
    try:
        case = _find(talk, ran, target, selector, contacts)
        if case is not None:
            with _placed(case):
                over = lead(_sitting(case, talk, ran))
        elif ran:
            code = ran[-1].code
    except LeftError:
        pass
    except KeyboardInterrupt:
        code = INTERRUPTED
    with contextlib.suppress(OSError):  # the terminal may be gone
        again = _from_here(target, contacts) if case is None else ("respond", *_named_by(case))
        left = left_after_the_end(case) if case is not None and over else ()
        talk.show(screen.farewell(again, ran, over=over, left=left))
    return code


def _from_here(target: str | None, contacts: str | None) -> tuple[str, ...]:
    """Give the words that begin as this sitting was begun, where it came to no case."""
    return ("respond", *((target,) if target else ()), *_whom(contacts))


def _whom(contacts: str | None) -> tuple[str, ...]:
    return ("--contacts", contacts) if contacts else ()


def _named_by(case: "CaseFolder") -> tuple[str, ...]:
    """Give the option that finds a case from any folder."""
    return ("--case", str(case.path) if cases.is_elsewhere(case) else case.incident.id)


def _placed(case: "CaseFolder") -> contextlib.AbstractContextManager[None]:
    """Let lines to paste name the case so that they find it."""
    from breachkit.incident.commands import placed

    if not cases.is_elsewhere(case):
        return contextlib.nullcontext()
    return placed(case.incident.id, str(case.path))


def _sitting(case: "CaseFolder", talk: "Talk", ran: "list[Ran]") -> "Sitting":
    from breachkit.cli.settings import in_force
    from breachkit.workflows.respond_sitting import Means, Sitting

    means = Means(
        has_token=hosting.token() is not None,
        mail_server=in_force("smtp", "BREACHKIT_SMTP"),
        sender=in_force("from", "BREACHKIT_SMTP_FROM"),
    )
    return Sitting(
        case=case,
        clock=cases.clock(),
        talk=talk,
        means=means,
        execute=_run,
        ran=ran,
    )


def _run(words: Sequence[str]) -> int:
    """Run one of the program's commands in this process, as it would be typed."""
    from breachkit.cli.app import main

    with console.led():
        return main(list(words))


def _find(
    talk: "Talk",
    ran: "list[Ran]",
    target: str | None,
    selector: str | None,
    contacts: str | None,
) -> "CaseFolder | None":
    """Give the case that is meant, opening it first where that is agreed to."""
    from breachkit.workflows import respond_opening as opening

    store = cases.store()
    if selector is not None:
        return _named(target, selector)
    waiting = opening.open_on(store, _server(target) if target else None)
    if not waiting and target is not None:
        earlier = opening.cases_on(store, _server(target))
        words = opening.opening(talk, _server(target), contacts, earlier)
        if words is None or not _opened(words, ran):
            return None
        waiting = opening.open_on(store, _server(target))
    if len(waiting) < 2:
        return store.look(waiting[0].id if waiting else None)
    chosen = opening.choose_case(talk, waiting)
    return store.look(chosen.id) if chosen else None


def _named(target: str | None, selector: str | None) -> "CaseFolder":
    """Give the case that `--case` names, which is on the target where one is named, too."""
    from breachkit.workflows.respond_opening import is_on

    case = cases.store().look(selector)
    if target is not None and not is_on(case.incident, _server(target)):
        raise UsageError(
            f"{case.incident.id} is about another repository than the one that is named: leave out "
            "that, or --case and BREACHKIT_CASE"
        )
    return case


def _opened(words: Sequence[str], ran: "list[Ran]") -> bool:
    """Open a case, and say whether it is open."""
    from breachkit.incident.commands import with_carried
    from breachkit.report.respond import Ran

    whole = with_carried(words)
    ran.append(Ran(words=whole, code=_run(whole)))
    if ran[-1].code == INTERRUPTED:
        raise KeyboardInterrupt
    return ran[-1].code == 0


def _server(target: str) -> str:
    from breachkit.workflows.server import server_of_clone

    return server_of_clone(target) or target


# --- without one --------------------------------------------------------------------------------


def _only_say(target: str | None, selector: str | None, contacts: str | None) -> int:
    """Say where the case stands and what is next, and refuse to ask where nobody can answer."""
    from breachkit.incident.commands import line_of
    from breachkit.report import respond as screen
    from breachkit.workflows.standing import status

    case = _known(target, selector)
    if case is None:
        first = line_of(("open", target or "", *_whom(contacts)))
        raise RefusedError(f"no terminal, so that nobody can be asked: run `{first}`")
    found = status(case, cases.clock())
    talk = _AtTerminal()
    with _placed(case):
        talk.show(screen.standing(found))
        talk.show(screen.coming(found.next_action))
        first = found.next_action.command
    raise RefusedError(f"no terminal, so that nobody can be asked: run `{first}`")


def _walk(target: str | None, selector: str | None, contacts: str | None, *, as_json: bool) -> int:
    from breachkit.incident.commands import line_of
    from breachkit.report import respond as screen
    from breachkit.workflows import respond_walk as walking
    from breachkit.workflows.contacts import read_contacts

    case, clock, can_ask = _known(target, selector), cases.clock(), hosting.token() is not None
    if case is None:
        incident = _imagined(target or "", contacts)
        profile = read_contacts(contacts)[0] if contacts else None
        steps = walking.walk_of(incident, clock, can_ask=can_ask, profile=profile)
        opens: str | None = line_of(("open", target or "", *_whom(contacts)))
    else:
        incident, opens = case.incident, None
        with _placed(case):
            steps = walking.walk(case, clock, can_ask=can_ask)
    if as_json:
        console.emit_json(screen.walk_to_json(incident, steps, opens=opens))
        return 0
    at = _AtTerminal()
    at.show(screen.walk_head(incident, opens))
    at.show(screen.walk_lines(steps))
    again = _from_here(target, contacts) if case is None else ("respond", *_named_by(case))
    console.following(line_of(again), "does it, and asks before each step")
    return 0


def _known(target: str | None, selector: str | None) -> "CaseFolder | None":
    """Give the case that there is; None where one would be opened."""
    from breachkit.workflows.respond_opening import open_on

    store = cases.store()
    if selector is not None or target is None:
        return _named(target, selector)
    waiting = open_on(store, _server(target))
    if len(waiting) > 1:
        names = ", ".join(each.id for each in waiting)
        raise UsageError(f"more than one case is open on it: choose with --case: {names}")
    return store.look(waiting[0].id) if waiting else None


def _imagined(target: str, contacts: str | None) -> "Incident":
    from breachkit.incident.case import OpenRequest
    from breachkit.incident.opening import checked
    from breachkit.workflows.platform import is_hosted
    from breachkit.workflows.respond_walk import imagined

    server = _server(target)
    api = hosting.api_in_force()
    request = OpenRequest(target=server, is_hosted=is_hosted(server, api))
    now = cases.clock()
    return imagined(checked(request, now.now()), now, contacts=contacts)
