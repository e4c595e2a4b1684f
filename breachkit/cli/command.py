"""What every command has in common: `-v` and `-q`."""

import functools
import inspect
from collections.abc import Callable
from typing import Annotated, Any

import typer

from breachkit.cli import console


Verbose = Annotated[
    int, typer.Option("-v", "--verbose", count=True, help="Say more on stderr; -vv: everything.")
]
Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="Say only results and what went wrong.")]


def command(function: Callable[..., int]) -> Callable[..., int]:
    """Give a command the two options that every command has.

    Typer reads options from the signature, so the wrapper's signature is that of the function
    with the two behind it.
    """

    @functools.wraps(function)
    def run(*args: Any, verbose: int = 0, quiet: bool = False, **options: Any) -> int:
        console.set_up(verbose=verbose, quiet=quiet)
        return function(*args, **options)

    own = inspect.signature(function)
    common = {"verbose": (Verbose, 0), "quiet": (Quiet, False)}
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
