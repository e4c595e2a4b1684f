"""What of a call every line to paste has to repeat: the settings, playbooks and case that were named in it.

Without them a copy of the line would find nothing, or another case, or go by other settings.
"""

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from breachkit.cli.contents import ENTRIES
from breachkit.cli.groups import load
from breachkit.incident.commands import Takes, carrying, carrying_first, placing


if TYPE_CHECKING:
    from typer._click.core import Context


@contextlib.contextmanager
def repeated(
    context: "Context | None", *, playbooks: Path | None, case: str | None
) -> Iterator[None]:
    """Let lines to paste have what the line that is running was given; not what settings say.

    Args:
        context: The call, which knows where each value is from.
        playbooks: A folder, where one is in force.
        case: What `--case` names.
    """
    with contextlib.ExitStack() as stack:
        stack.enter_context(placing())
        if first := _settings(context):
            stack.enter_context(carrying_first(*first))
        if playbooks is not None and _was_typed(context, "playbooks"):
            stack.enter_context(
                carrying("--playbooks", str(playbooks.absolute()), _has("--playbooks"))
            )
        if case is not None and _was_typed(context, "case"):
            stack.enter_context(carrying("--case", _from_anywhere(case), _has("--case")))
        yield


def _settings(context: "Context | None") -> tuple[str, ...]:
    """Give the program's own options that say which settings are in force; empty where none was typed.

    A command that another one runs has none of its own, and keeps to those of that one.
    """
    typed = context.find_root().params if context else {}
    if typed.get("no_config"):
        return ("--no-config",)
    file = typed.get("config")
    return () if file is None else ("--config", str(Path(file).absolute()))


def _was_typed(context: "Context | None", name: str) -> bool:
    source = context.get_parameter_source(name) if context else None
    return source is not None and source.name == "COMMANDLINE"


def _from_anywhere(case: str) -> str:
    """Give what finds a case from any folder: an id or a codename does, a relative path does not."""
    is_path = Path(case).name != case or Path(case).exists()
    return str(Path(case).absolute()) if is_path else case


def _has(option: str) -> Takes:
    """Give what says whether a command takes an option; only commands that are named are loaded."""
    return lambda words: option in _options(words[1:3])


def _options(path: Sequence[str]) -> Iterator[str]:
    """Give the options of a command, or of a group that is called by itself; none of a stranger's."""
    if not path or path[0] not in ENTRIES:
        return
    named = load(ENTRIES[path[0]].room)[path[0]]
    found = getattr(named, "commands", {}).get(path[-1], named)
    for param in found.params:
        yield from (*param.opts, *param.secondary_opts)
