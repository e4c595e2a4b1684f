"""How a person's own shell is started inside a practice: with its settings, and a mark in its prompt."""

import contextlib
import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from breachkit.drill.practice import ENVIRONMENT, Practice
from breachkit.drill.practice_look import FISH_HISTORY, FISH_SESSION, HISTORY
from breachkit.incident.disk import make_folder, write_atomic


MARK = "(drill) "
_FILES = "shell"


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """A program to start."""

    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    """On top of what the practice sets."""


def start_shell(
    practice: Practice, shell: str, tools: Path | None, environment: Mapping[str, str]
) -> Start:
    """Prepare a shell, which reads the person's own settings first and the practice's after them.

    Args:
        practice: Which.
        shell: The path of the person's shell.
        tools: The folder in which `breachkit` is, where no shell would find it; else None.
        environment: What the person has set.
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
            own = f'[ -r "$own_settings/.zshrc" ] && . "$own_settings/.zshrc"\n{after}HISTFILE={shlex.quote(history)}\n{_ZSH_SAVES}PROMPT="{MARK}$PROMPT"\n'
            _write(folder / ".zshrc", own)
            return Start(command=(shell, "-i"), environment={"ZDOTDIR": str(folder)})
        case "fish":
            path = "" if tools is None else f"set -gx PATH {shlex.quote(str(tools))} $PATH\n"
            settings = f"source {shlex.quote(str(practice.world / ENVIRONMENT))}\n"
            data, own_data = _fish_data(practice, environment)
            file = _write(folder / "config.fish", path + settings + own_data + _FISH)
            return Start(
                command=(shell, "--init-command", f"source {shlex.quote(str(file))}"),
                environment={_DATA: str(data)},
            )
        case _:
            file = _write(folder / "rc", f"{after}PS1='{MARK}$ '\n")
            return Start(command=(shell, "-i"), environment={"ENV": str(file), "HISTFILE": history})


_ZSHENV = """[ -r ~/.zshenv ] && . ~/.zshenv
own_settings=$ZDOTDIR
[ "$own_settings" = {folder} ] && own_settings=~
ZDOTDIR={folder}
"""
"""The person's own settings may say that the others of theirs lie elsewhere."""

_ZSH_SAVES = "[ $SAVEHIST -gt 0 ] || SAVEHIST=$HISTSIZE\n"
"""By itself zsh keeps nothing of what was typed."""

_DATA = "XDG_DATA_HOME"

_FISH = f"""set -g fish_history {FISH_SESSION}
functions -c fish_prompt own_fish_prompt
function fish_prompt
    echo -n '{MARK}'
    own_fish_prompt
end
"""


def _fish_data(practice: Practice, environment: Mapping[str, str]) -> tuple[Path, str]:
    """Give a folder for fish to keep what is typed in, and lines that let programs find their own again.

    fish takes no file for it, only the name of one in the folder for data that it was started with
    (fish's documentation, "history": Customizing the name of the history file). Everything else
    there is the person's own.
    """
    named = environment.get(_DATA)
    own = Path(named or Path(environment.get("HOME", "/"), ".local", "share"))
    history = practice.world / FISH_HISTORY
    data = history.parent.parent
    _link_all(own, data, but="fish")
    _link_all(own / "fish", data / "fish", but=history.name)
    with contextlib.suppress(FileExistsError):  # or fish would make all of them anew
        (data / "fish" / "generated_completions").mkdir()
    back = f"set -gx {_DATA} {shlex.quote(str(own))}" if named else f"set -e {_DATA}"
    return data, f'test "${_DATA}" = {shlex.quote(str(data))}; and {back}\n'


def _link_all(theirs: Path, ours: Path, *, but: str) -> None:
    """Let a folder show what is in another one now, with one name left out."""
    make_folder(ours)
    for link in filter(Path.is_symlink, ours.iterdir()):
        link.unlink()
    for one in theirs.iterdir() if theirs.is_dir() else ():
        if one.name != but and not os.path.lexists(ours / one.name):
            (ours / one.name).symlink_to(one.absolute())


def _after(practice: Practice, tools: Path | None) -> str:
    """Give the lines that hold whatever the person's own settings said."""
    path = "" if tools is None else f"PATH={shlex.quote(str(tools))}:$PATH\n"
    return f"{path}. {shlex.quote(str(practice.world / ENVIRONMENT))}\n"


def _write(file: Path, text: str) -> Path:
    write_atomic(file, text.encode(), durable=False)
    return file
