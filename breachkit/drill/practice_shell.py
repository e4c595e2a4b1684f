"""How a person's own shell is started inside a practice: with its settings, and a mark in its prompt."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from breachkit.drill.practice import ENVIRONMENT, Practice
from breachkit.drill.practice_look import HISTORY
from breachkit.incident.disk import make_folder, write_atomic


MARK = "(drill) "
_FILES = "shell"


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """A program to start."""

    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    """On top of what the practice sets."""


def start_shell(practice: Practice, shell: str, tools: Path | None) -> Start:
    """Prepare a shell, which reads the person's own settings first and the practice's after them.

    Args:
        practice: Which.
        shell: The path of the person's shell.
        tools: The folder in which `breachkit` is, where no shell would find it; else None.
    """
    folder = practice.world / _FILES
    make_folder(folder)
    name = Path(shell).name
    history = str(practice.world / HISTORY)
    after = _after(practice, tools)
    match name:
        case "bash":
            own = f'[ -r ~/.bashrc ] && . ~/.bashrc\n{after}HISTFILE={shlex.quote(history)}\nPS1="{MARK}$PS1"\n'
            file = _write(folder / "bashrc", own)
            return Start(command=(shell, "--rcfile", str(file), "-i"))
        case "zsh":
            _write(folder / ".zshenv", _ZSHENV.format(folder=shlex.quote(str(folder))))
            own = f'[ -r "$own_settings/.zshrc" ] && . "$own_settings/.zshrc"\n{after}HISTFILE={shlex.quote(history)}\nPROMPT="{MARK}$PROMPT"\n'
            _write(folder / ".zshrc", own)
            return Start(command=(shell, "-i"), environment={"ZDOTDIR": str(folder)})
        case "fish":
            path = "" if tools is None else f"set -gx PATH {shlex.quote(str(tools))} $PATH\n"
            settings = f"source {shlex.quote(str(practice.world / ENVIRONMENT))}\n"
            file = _write(folder / "config.fish", path + settings + _FISH)
            return Start(command=(shell, "--init-command", f"source {shlex.quote(str(file))}"))
        case _:
            file = _write(folder / "rc", f"{after}PS1='{MARK}$ '\n")
            return Start(command=(shell, "-i"), environment={"ENV": str(file), "HISTFILE": history})


_ZSHENV = """[ -r ~/.zshenv ] && . ~/.zshenv
own_settings=$ZDOTDIR
[ "$own_settings" = {folder} ] && own_settings=~
ZDOTDIR={folder}
"""
"""The person's own settings may say that the others of theirs lie elsewhere."""

_FISH = f"""functions -c fish_prompt own_fish_prompt
function fish_prompt
    echo -n '{MARK}'
    own_fish_prompt
end
"""


def _after(practice: Practice, tools: Path | None) -> str:
    """Give the lines that hold whatever the person's own settings said."""
    path = "" if tools is None else f"PATH={shlex.quote(str(tools))}:$PATH\n"
    return f"{path}. {shlex.quote(str(practice.world / ENVIRONMENT))}\n"


def _write(file: Path, text: str) -> Path:
    write_atomic(file, text.encode(), durable=False)
    return file
