"""The documents keep their word: commands parse, links lead somewhere, rules and options are named."""

import re
from pathlib import Path

import pytest

from breachkit.detect.registry import ALL_RULES
from breachkit.workflows.playbooks import load_policies
from tests.cli.test_help import COMMANDS, examples, parses


ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = sorted([ROOT / "README.md", *ROOT.glob("playbooks/**/*.md")])


def shown_commands(text):
    """Give every breachkit command that stands in a code block or between backticks."""
    blocks = re.findall(r"```[a-z]*\n(.*?)```", text, re.DOTALL)
    inline = re.findall(r"`(breachkit [^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    lines = [re.sub(r"^\s*\$ ", "", line) for block in blocks for line in block.splitlines()]
    return examples("\n".join([*lines, *inline]))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_that_a_page_shows_parses(page):
    for line in shown_commands(page.read_text(encoding="utf-8")):
        assert parses(line), line


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_within_the_project_leads_to_a_file(page):
    links = re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))

    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_readme_shows_every_command():
    shown = {tuple(line.split()[1:3]) for line in shown_commands(README)}
    named = {name[:1] for name in shown} | shown

    assert [name for name in COMMANDS if name not in named and name[:1] not in named] == []


def test_the_readme_names_every_rule():
    section = README.split("### What the rules find")[1].split("\n###")[0]
    named = set(re.findall(r"\b[A-Z]{3,4}-\d\d\b", section))
    for first, rest in re.findall(r"\b([A-Z]{3,4})-\d\d((?:, \d\d)+)", section):
        named |= {f"{first}-{number}" for number in re.findall(r"\d\d", rest)}

    assert named == {rule.about.id for rule in ALL_RULES}


def test_the_two_commands_of_the_readme_are_those_that_ci_runs():
    commands = re.findall(r"^python3 -m venv .*$", README, re.MULTILINE)
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")

    assert [line.rsplit("/", 1)[1] for line in commands] == ["breachkit drill", "pytest"]
    assert ".venv/bin/pytest" in ci
    assert '-e ".[dev]"' in commands[1]
    assert '-e ".[dev]"' in ci


def test_the_profiles_that_the_documents_promise_exist():
    names = {profile.name for profile in load_policies().profiles}

    assert {"2020-12", "2022-08", "2023-07"} <= names
    assert load_policies().strict.name == "strict"
