"""What every command has in common: `-v`, `-q` and `--playbooks`; and what every group is made of."""

import contextlib
import functools
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from breachkit.cli import console
from breachkit.cli.groups import Group, Room


Verbose = Annotated[
    int, typer.Option("-v", "--verbose", count=True, help="Say more on stderr; -vv: everything.")
]
Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="Say only results and what went wrong.")]
Playbooks = Annotated[
    Path | None,
    typer.Option(
        "--playbooks",
        metavar="DIR",
        envvar="BREACHKIT_PLAYBOOKS",
        help="Folder with playbooks of your own; or one of them, to use it unless another is named.",
    ),
]


def group(help_text: str) -> typer.Typer:
    """Give a group of commands, which says what it is for where it is called alone."""
    return Room(cls=Group, no_args_is_help=True, rich_markup_mode=None, help=help_text)


def _repeated(playbooks: Path | None, case: object) -> contextlib.AbstractContextManager[None]:
    """Let lines to paste name the playbooks and the case, too, where the line that is running does."""
    from typer._click.globals import get_current_context

    from breachkit.cli.carrying import repeated

    context = get_current_context(silent=True)
    named = case if isinstance(case, str) else None
    return repeated(context, playbooks=playbooks, case=named)


def command(function: Callable[..., int]) -> Callable[..., int]:
    """Give a command the options that every command has.

    Typer reads options from the signature, so the wrapper's signature is that of the function
    with those behind it.
    """

    @functools.wraps(function)
    def run(
        *args: Any,
        verbose: int = 0,
        quiet: bool = False,
        playbooks: Path | None = None,
        **options: Any,
    ) -> int:
        console.set_up(verbose=verbose, quiet=quiet)
        if options.get("confirm") is not None and options.get("execute") is False:
            console.note("--confirm alone changes nothing: with --execute, what follows is done")
        with console.showing_progress(), _repeated(playbooks, options.get("case")):
            if playbooks is None:
                return function(*args, **options)
            from breachkit.workflows.playbooks import using

            with using(playbooks):
                return function(*args, **options)

    own = inspect.signature(function)
    common: dict[str, tuple[Any, Any]] = {
        "verbose": (Verbose, 0),
        "quiet": (Quiet, False),
        "playbooks": (Playbooks, None),
    }
    added = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)
        for name, (kind, default) in common.items()
    ]
    signature = own.replace(parameters=[*own.parameters.values(), *added])
    run.__signature__ = signature  # type: ignore[attr-defined] # what inspect.signature looks for first
    run.__annotations__ = {
        **function.__annotations__,
        **{name: kind for name, (kind, _) in common.items()},
    }
    return run
