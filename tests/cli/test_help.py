"""Every command explains itself, with examples that parse."""

import re
import shlex

import pytest
from typer.main import get_command

from breachkit import __version__
from breachkit.cli.app import program
from breachkit.cli.contents import ENTRIES
from breachkit.cli.groups import load


def _leaves(command, name=()):
    children = getattr(command, "commands", None)
    if children is None:
        yield name, command
        return
    for child, inner in children.items():
        yield from _leaves(inner, (*name, child))


LEAVES = dict(_leaves(get_command(program())))
COMMANDS = sorted(LEAVES)


def parses(line):
    """Let Typer parse a command line as shown, without running it."""
    words = shlex.split(line, comments=True)
    assert words[0] == "breachkit", line
    depth = 2 if (words[1], *words[2:3]) in LEAVES else 1
    name = tuple(words[1 : 1 + depth])
    assert name in LEAVES, line
    LEAVES[name].make_context(" ".join(name), words[1 + depth :])
    return True


def examples(text):
    lines = [re.split(r" {2,}| \|\| | && | > ", line.strip())[0] for line in text.splitlines()]
    return [line for line in lines if line.startswith("breachkit ")]


@pytest.mark.parametrize("name", COMMANDS, ids=" ".join)
def test_every_command_has_help_with_three_examples_that_parse(breachkit, name):
    ran = breachkit.expect(0, *name, "--help")
    shown = examples(ran.out.split("Examples:")[1].split("Options:")[0])

    assert len(shown) >= 3
    assert all(line.split()[1 : 1 + len(name)] == list(name) for line in shown)
    assert all(map(parses, shown))


@pytest.mark.parametrize("name", COMMANDS, ids=" ".join)
def test_every_command_can_say_more_and_less(name):
    options = {option for param in LEAVES[name].params for option in param.opts}

    assert {"-v", "--verbose", "-q", "--quiet"} <= options


def test_nothing_prompts(breachkit):
    prompts = [param.name for command in LEAVES.values() for param in command.params if getattr(param, "prompt", None)]  # fmt: skip

    assert prompts == []


def test_help_of_the_program_names_every_command(breachkit):
    shown = breachkit.expect(0, "--help").out

    assert all(f"  {name[0]} " in shown for name in COMMANDS)


def test_every_room_has_the_commands_that_the_list_says_and_no_other():
    listed: dict[str, set[str]] = {}
    for entry in ENTRIES.values():
        listed.setdefault(entry.room, set()).add(entry.name)

    assert {room: set(load(room)) for room in listed} == listed


def test_a_program_that_is_made_again_has_every_command_once():
    assert dict(_leaves(get_command(program()))).keys() == LEAVES.keys()


def test_the_version_is_told(breachkit):
    assert breachkit.expect(0, "--version").out == f"breachkit {__version__}\n"
