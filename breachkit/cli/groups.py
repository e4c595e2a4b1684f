"""How commands are grouped: the program, whose commands load when they are wanted, and its groups."""

import importlib
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_group

from breachkit.cli import completing
from breachkit.cli.contents import ENTRIES, SECTIONS, Entry


if TYPE_CHECKING:
    from typer._click.core import Command as AnyCommand
    from typer._click.core import Context
    from typer._click.formatting import HelpFormatter
    from typer._click.shell_completion import CompletionItem


class Command(TyperCommand):
    """A command that says how it is called as people know it: TARGET, and [TARGET] if it may be left out."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: "Context | None" = None, **extra: Any
    ) -> "Context":
        """Begin to run the command, with the user's own defaults where there are any."""
        if parent is not None and not parent.resilient_parsing:
            from breachkit.cli import settings

            if not settings.wants_help(args):
                own = settings.defaults(self, parent.find_root(), _words(parent, info_name))
                extra = {"default_map": own, **extra}
        return super().make_context(info_name, args, parent, **extra)

    def collect_usage_pieces(self, ctx: "Context") -> list[str]:
        """Give the parts of the line of usage, without typer's braces around what is needed."""
        return [each.strip("{}") for each in super().collect_usage_pieces(ctx)]

    def shell_complete(self, ctx: "Context", incomplete: str) -> "list[CompletionItem]":
        """Give the options that begin like this, in words that no shell takes for more."""
        return _made_plain(super().shell_complete(ctx, incomplete))


class Room(typer.Typer):
    """What the commands of a room are added to."""

    def command(self, *args: Any, **options: Any) -> Any:
        """Add a command, as typer does."""
        return super().command(*args, cls=Command, **options)


class Group(TyperGroup):
    """A command that has commands of its own, each on a line that is never cut."""

    def format_options(self, ctx: "Context", formatter: "HelpFormatter") -> None:
        """List the commands, each with the first sentence of its help, and then the options."""
        rows = [(name, summary(each)) for name, each in self.commands.items() if not each.hidden]
        with formatter.section("Commands"):
            formatter.write_dl(rows)
        super().format_options(ctx, formatter)

    def format_commands(self, ctx: "Context", formatter: "HelpFormatter") -> None:
        """List nothing: the commands came before the options."""

    def shell_complete(self, ctx: "Context", incomplete: str) -> "list[CompletionItem]":
        """Give the commands that begin like this, and what each does."""
        named = {name: summary(each) for name, each in self.commands.items() if not each.hidden}
        return _beginning(named, incomplete) + _options_of(self, ctx, incomplete)


class Rooms(MutableMapping[str, "AnyCommand"]):
    """Every command of the program by its name, loaded when it is asked for."""

    def __init__(self) -> None:
        """Load nothing yet."""
        self._loaded: dict[str, AnyCommand] = {}

    def __getitem__(self, name: str) -> "AnyCommand":
        """Give a command, which loads its room and no other."""
        if name not in self._loaded:
            self._loaded |= load(ENTRIES[name].room)
        return self._loaded[name]

    def __setitem__(self, name: str, command: "AnyCommand") -> None:
        """Put a command in the place of one that is listed."""
        self._loaded[name] = command

    def __delitem__(self, name: str) -> None:
        """Forget that a command was loaded."""
        del self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        """Give the names, in the order of the list."""
        return iter(ENTRIES)

    def __len__(self) -> int:
        """Give how many commands there are."""
        return len(ENTRIES)

    def __contains__(self, name: object) -> bool:
        """Say whether there is such a command; nothing is loaded."""
        return name in ENTRIES


class Program(TyperGroup):
    """The program itself: its list of commands is known without loading one of them."""

    def __init__(self, **attrs: Any) -> None:
        """Take what typer gives to a group, but no commands."""
        super().__init__(**{**attrs, "commands": None})
        self.commands = Rooms()

    def list_commands(self, _ctx: "Context") -> list[str]:
        """Give the names, in the order of the list."""
        return list(ENTRIES)

    def format_options(self, ctx: "Context", formatter: "HelpFormatter") -> None:
        """List the commands under what a person is doing, and then the options."""
        for section in SECTIONS:
            with formatter.section(section.title):
                formatter.write_dl(rows_of(section.entries))
        super().format_options(ctx, formatter)

    def format_commands(self, ctx: "Context", formatter: "HelpFormatter") -> None:
        """List nothing: the commands came before the options."""

    def shell_complete(self, ctx: "Context", incomplete: str) -> "list[CompletionItem]":
        """Give the commands that begin like this, and what each is for; none is loaded."""
        named = {name: entry.line for name, entry in ENTRIES.items()}
        return _beginning(named, incomplete) + _options_of(self, ctx, incomplete)


def _beginning(named: Mapping[str, str], incomplete: str) -> "list[CompletionItem]":
    from typer._click.shell_completion import CompletionItem

    found = {name: line for name, line in named.items() if name.startswith(incomplete)}
    return _made_plain([CompletionItem(name, help=line) for name, line in found.items()])


def _options_of(group: TyperGroup, ctx: "Context", incomplete: str) -> "list[CompletionItem]":
    """Give a group's options, as of any command: what typer gives for a group loads its commands."""
    return _made_plain(super(TyperGroup, group).shell_complete(ctx, incomplete))


def _made_plain(items: "list[CompletionItem]") -> "list[CompletionItem]":
    for item in items:
        item.help = completing.plain(item.help or "") or None
    return items


def load(room: str) -> "MutableMapping[str, AnyCommand]":
    """Give the commands that a room registers, by their names."""
    made = Room(rich_markup_mode=None, suggest_commands=False)
    importlib.import_module(f"breachkit.cli.{room}").register(made)
    commands = get_group(made).commands
    for command in commands.values():
        _name_values(command)
    return commands


_VALUES = {
    "str": "TEXT",
    "int": "N",
    "int range": "N",
    "float": "N",
    "Path": "PATH",
    "path": "PATH",
}


def _name_values(command: Any) -> None:
    """Show what an option takes as people name it, where it says nothing itself; flags take nothing."""
    for param in command.params:
        if param.param_type_name == "option" and param.metavar is None:
            param.metavar = _VALUES.get(param.type.name)
        if getattr(param, "count", False):
            param.show_default = False
    for inner in getattr(command, "commands", {}).values():
        _name_values(inner)


def _words(parent: "Context", name: str | None) -> tuple[str, ...]:
    """Give how a command is called, without the program's name."""
    groups: list[str] = []
    around: Context | None = parent
    while around is not None and around.parent is not None:
        groups.insert(0, around.info_name or "")
        around = around.parent
    return (*groups, name or "")


def summary(command: "AnyCommand") -> str:
    """Give the first line of a command's help: what it does."""
    return (command.help or "").partition("\n")[0].rstrip(".")


def rows_of(entries: Iterable[Entry]) -> list[tuple[str, str]]:
    """Give names and lines, all names as wide as the longest there is: the sections line up."""
    return [(entry.name.ljust(_WIDEST), entry.line) for entry in entries]


_WIDEST = max(map(len, ENTRIES))
