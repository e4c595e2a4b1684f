"""Every command explains itself, with examples that parse."""

import re
import shlex
from pathlib import Path

import pytest
from typer.main import get_command

from breachkit import __version__
from breachkit.cli.app import program
from breachkit.cli.contents import ENTRIES
from breachkit.cli.groups import load, summary


README = Path(__file__).parents[2] / "README.md"


def _tree(command, name=()):
    if name:
        yield name, command
    for child, inner in getattr(command, "commands", {}).items():
        yield from _tree(inner, (*name, child))


TREE = dict(_tree(get_command(program())))
LEAVES = {
    name: each
    for name, each in TREE.items()
    if not hasattr(each, "commands") or each.invoke_without_command
}
EVERY = sorted(TREE)
COMMANDS = sorted(LEAVES)
GROUPS = sorted(TREE.keys() - LEAVES.keys())


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
    whole = re.sub(r" *\\\n\s*", " ", text)
    lines = [
        re.split(r" {2,}| \|\| | && | > | \| ", line.strip())[0] for line in whole.splitlines()
    ]
    return [line for line in lines if line.startswith("breachkit ")]


@pytest.fixture
def help_of(breachkit, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    return lambda *name: breachkit.expect(0, *name, "--help").out


def shown_examples(text):
    """Give the examples of a help, none of them twice, as far as breachkit reads them."""
    block = re.split(r"\n(?:Arguments|Commands|Options):", text.split("Examples:")[1])[0]
    lines = [line.strip() for line in block.splitlines() if line.strip()]
    assert len(set(lines)) == len(lines)
    return examples(block)


@pytest.mark.parametrize("name", COMMANDS, ids=" ".join)
def test_every_command_has_help_with_three_examples_that_parse(help_of, name):
    shown = shown_examples(help_of(*name))

    assert len(shown) >= 3
    assert all(line.split()[1 : 1 + len(name)] == list(name) for line in shown)
    assert all(map(parses, shown))


@pytest.mark.parametrize("name", [(), *GROUPS], ids=" ".join)
def test_every_group_has_help_with_three_examples_of_its_commands(help_of, name):
    shown = shown_examples(help_of(*name))

    assert len(shown) >= 3
    assert all(line.split()[1 : 1 + len(name)] == list(name) for line in shown)
    assert all(map(parses, shown))


@pytest.mark.parametrize("name", EVERY, ids=" ".join)
def test_every_help_says_what_the_command_changes(help_of, name):
    assert re.search(r"^  Changes: \w", help_of(*name), re.MULTILINE)


@pytest.mark.parametrize("name", [(), *EVERY], ids=" ".join)
def test_every_help_fits_a_terminal_of_80_columns(help_of, name):
    assert [line for line in help_of(*name).splitlines() if len(line) > 80] == []


@pytest.mark.parametrize("name", [(), *GROUPS], ids=" ".join)
def test_no_list_of_commands_cuts_or_wraps_what_one_does(help_of, name):
    listed = [each for each in EVERY if each[:-1] == name]
    lines = [re.sub(" +", " ", line.strip()) for line in help_of(*name).splitlines()]
    said = {each[-1]: ENTRIES[each[0]].line if not name else summary(TREE[each]) for each in listed}

    assert [f"{word} {text}" for word, text in said.items() if f"{word} {text}" not in lines] == []


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


def test_the_help_of_the_program_and_the_readme_begin_an_incident_with_the_same_command(breachkit):
    shown = breachkit.expect(0, "--help").out
    readme = README.read_text("utf-8")

    [row] = re.findall(
        r"^\| something is out: what now\? \| `breachkit (\w+)", readme, re.MULTILINE
    )
    assert re.findall(r"In an incident, begin with `breachkit (\w+)`", shown) == [row]
    assert re.findall(r"^In an incident:\n  (\w+) .*\n\nThe same by hand", shown, re.MULTILINE) == [
        row
    ]


def test_every_room_has_the_commands_that_the_list_says_and_no_other():
    listed: dict[str, set[str]] = {}
    for entry in ENTRIES.values():
        listed.setdefault(entry.room, set()).add(entry.name)

    assert {room: set(load(room)) for room in listed} == listed


def test_a_program_that_is_made_again_has_every_command_once():
    assert dict(_tree(get_command(program()))).keys() == TREE.keys()


def test_the_version_is_told(breachkit):
    assert breachkit.expect(0, "--version").out == f"breachkit {__version__}\n"
