"""The entry point: every error becomes one line and an exit code; nothing else decides one."""

import atexit
import contextlib
import errno
import gc
import io
import logging
import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer
from typer.exceptions import Abort, TyperException

from breachkit import __version__
from breachkit.cli import completing
from breachkit.cli.groups import Program
from breachkit.model.errors import BreachkitError, ConfigurationError, IncompleteError
from breachkit.model.ids import display


INTERRUPTED = 130
UNEXPECTED = 1

HELP = """
Find insufficiently redacted research outputs in git histories, and take them out properly.

In an incident, begin with `breachkit respond`: it says what comes next and why, asks, acts, proves,
and can be left at any time. It runs the single commands below, which do the same by hand; `breachkit
next` names the one that is due. Nothing on a server is changed before you have seen a plan and typed
a name in full.

\b
Examples:
  breachkit drill                   practise all of it, in two minutes
  breachkit scan .                  is this repository's whole history safe?
  breachkit respond owner/name      it is not: be led through the response
"""

CODES = """
\b
Exit codes: 0 done, or nothing found; 1 unexpected error; 2 wrong call;
3 nothing to work on, or bad configuration; 4 permission; 5 incomplete: run it
again; 6 refused; 7 still there, or a proof is broken; 8 overdue; the worst
finding: 11 low, 12 medium, 13 high, 14 critical; 130 interrupted.

`breachkit COMMAND --help` shows examples of each command, and `breachkit man` the manual.
"""


def _say_version(ctx: typer.Context, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        sys.stdout.write(f"breachkit {__version__}\n")
        raise typer.Exit


Version = Annotated[
    bool,
    typer.Option(
        "--version", callback=_say_version, is_eager=True, help="Say which version this is."
    ),
]


Config = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="FILE",
        help="Your own defaults; else $BREACHKIT_CONFIG, else your file.",
    ),
]
NoConfig = Annotated[
    bool, typer.Option("--no-config", help="Leave your own defaults out, this once.")
]


def program() -> typer.Typer:
    """Give the program; each of its commands is loaded when it is wanted."""
    made = typer.Typer(
        name="breachkit",
        cls=Program,
        help=HELP,
        epilog=CODES,
        no_args_is_help=True,
        suggest_commands=False,  # breachkit.cli.suggesting knows more of what may be meant
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        pretty_exceptions_show_locals=False,  # locals hold content of scanned files
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )
    made.callback()(_everything)
    return made


def _everything(
    version: Version = False, config: Config = None, no_config: NoConfig = False
) -> None:
    """Do nothing: what is asked of the program itself is answered by its options, or by `settings`."""


def app(*, args: Sequence[str]) -> object:
    """Run one command and give what it gives, which may raise whatever it raises."""
    return program()(args=list(args), prog_name="breachkit", standalone_mode=False)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and give the exit code of the process.

    Args:
        argv: The arguments after the program's name; None takes those of the process, and ends it.
    """
    try:
        if argv is None and completing.is_asked():
            code = completing.answer(lambda: app(args=()))
        else:
            code = _run(argv)
    finally:
        gc.freeze()  # or the interpreter looks through everything once more before it ends
    if argv is None:
        _leave(code)
    return code


def _leave(code: int) -> None:
    """End the process without taking apart, piece by piece, what it holds: a tenth of a small scan.

    What was registered for the end is done. Where something is left to wait for, or output cannot
    be written, the interpreter ends the process, and says so, as ever.
    """
    if threading.active_count() > 1:
        return
    atexit._run_exitfuncs()  # noqa: SLF001 - the other way to have them run is the slow one
    streams = [stream for stream in (sys.stdout, sys.stderr) if stream and not stream.closed]
    try:
        for stream in streams:
            stream.flush()
    except OSError:
        return
    os._exit(code)


def _run(argv: Sequence[str] | None) -> int:
    words = sys.argv[1:] if argv is None else list(argv)
    try:
        with _ended_like_ctrl_c():
            code = app(args=words)
    except BreachkitError as error:
        first, *more = error.lines
        for line in (f"breachkit: {first}", *more):
            _say(line)
        return error.exit_code
    except TyperException as error:
        from breachkit.cli.suggesting import improve

        improve(error, words)
        _say_how_it_is_called(error)
        return error.exit_code
    except (Abort, KeyboardInterrupt):
        code = INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()  # the reader went away: nobody is left to be told
        return UNEXPECTED
    except (OSError, RuntimeError) as error:
        return _failed(error)
    except Exception as error:  # noqa: BLE001 - the last resort: a message may quote content, so only its place is shown
        _say(_unexpected(error))
        return UNEXPECTED
    if code == INTERRUPTED:  # which is also how Typer reports Ctrl-C within a command
        _say("breachkit: interrupted; what was done so far is kept: run the same command again")
    return code if isinstance(code, int) else 0


_ENDS = ("SIGTERM", "SIGHUP")
"""How a machine that shuts down, a job that takes too long and a terminal that closes end a command."""

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


@contextlib.contextmanager
def _ended_like_ctrl_c() -> Iterator[None]:
    """Let a command that is told to end clear away what it holds, as it does at Ctrl-C.

    Who set these signals in another way, as `nohup` does, keeps that.
    """

    def end(_number: int, _frame: FrameType | None) -> None:
        for number in before:  # it is ending: being told again must not cut the clearing short
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    numbers = [getattr(signal, name) for name in _ENDS if hasattr(signal, name)]
    before = [each for each in numbers if signal.getsignal(each) is signal.SIG_DFL]
    try:
        for number in before:
            signal.signal(number, end)
        yield
    finally:
        for number in before:
            signal.signal(number, signal.SIG_DFL)


def _failed(error: OSError | RuntimeError) -> int:
    """Say what the system refused, as far as it is known, and give the exit code."""
    if unfit := _unfit_name(error):
        _say(unfit)
        return ConfigurationError.exit_code
    full = _failed_disk(error) if isinstance(error, OSError) else None
    _say(full or _unexpected(error))
    return IncompleteError.exit_code if full else UNEXPECTED


def _failed_disk(error: OSError) -> str | None:
    """Say that the disk is full, with the place where the system names one; else None."""
    if error.errno not in _FULL:
        return None
    where = f" at {error.filename}" if error.filename else ", or that for temporary files (TMPDIR)"
    return (
        f"breachkit: the disk is full{where}; what was done so far is kept: make room, then run the "
        "same command again"
    )


def _unfit_name(error: OSError | RuntimeError) -> str | None:
    """Say that a name cannot be that of anything; None where it is something else that failed.

    The name itself is not shown: it may be as long as a screen.
    """
    if getattr(error, "errno", None) == errno.ENAMETOOLONG:
        return "breachkit: a name is longer than this system allows: check what was given"
    leads_to_itself = str(error).startswith("Symlink loop")  # so pathlib says before Python 3.13
    if leads_to_itself or getattr(error, "errno", None) == errno.ELOOP:
        return "breachkit: a symbolic link leads to itself: name the folder or file it is meant to lead to"
    return None


def _unexpected(error: Exception) -> str:
    places = traceback.extract_tb(error.__traceback__)
    where = f"{places[-1].name} ({places[-1].filename}:{places[-1].lineno})" if places else "?"
    logging.getLogger(__name__).debug("unexpected %s at %s", type(error).__name__, where)
    return (
        f"breachkit: unexpected {type(error).__name__} in {where}. Nothing is shown of its message, "
        "which could quote data. This is a bug: please report these two lines without any file."
    )


def _say_how_it_is_called(error: TyperException) -> None:
    """Show an error of the command line with the usage above it, made safe: it may quote what was typed."""
    from breachkit.cli import console
    from breachkit.report.escape import shown

    if not hasattr(error, "show"):
        _say(f"breachkit: {error.format_message()}")
        return
    said = io.StringIO()
    error.show(said)
    console.complain("\n".join(map(shown, said.getvalue().rstrip("\n").split("\n"))))


def _say(text: str) -> None:
    from breachkit.cli import console

    console.complain(display(text))
