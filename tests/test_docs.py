"""The documents keep their word: commands parse, links lead somewhere, rules are named, the README stays short."""

import re

import pytest

from breachkit.detect.registry import ALL_RULES
from breachkit.workflows.playbooks import load_policies
from tests.bench.bench_detection import choose
from tests.cli.test_help import COMMANDS, examples, parses
from tests.pictures import why_revert
from tests.support.cues import FOLLOWED, neither_run_nor_excused
from tests.support.documented import NOT_RUN, PAGES, ROOT, commands_of, name_of


README = (ROOT / "README.md").read_text(encoding="utf-8")
SCAN = (ROOT / "playbooks" / "guides" / "scan.md").read_text(encoding="utf-8")
MEASURED = (ROOT / "playbooks" / "guides" / "measured.md").read_text(encoding="utf-8")
MOST_WORDS = 1300
"""What somebody reads in five minutes."""


def shown_commands(text):
    """Give every breachkit command that stands in a code block or between backticks."""
    blocks = re.findall(r"```[a-z]*\n(.*?)```", text, re.DOTALL)
    inline = re.findall(r"`(breachkit [^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    lines = [re.sub(r"^\s*\$ ", "", line) for block in blocks for line in block.splitlines()]
    return examples("\n".join([*lines, *inline]))


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_command_that_a_page_shows_parses(page):
    for line in shown_commands(page.read_text(encoding="utf-8")):
        assert parses(line), line


def test_every_command_in_a_block_is_run_or_excused_with_a_reason():
    assert list(map(str, neither_run_nor_excused())) == []


def test_nothing_is_excused_that_no_page_shows():
    shown = {typed.line for page in PAGES for typed in commands_of(page)}

    assert [p for p in NOT_RUN if not any(re.fullmatch(p, line) for line in shown)] == []
    assert set(FOLLOWED) <= set(map(name_of, PAGES))


def test_programs_that_measure_are_where_the_pages_say():
    shown = {typed.line for page in PAGES for typed in commands_of(page)}
    programs = {found[0] for line in shown if (found := re.search(r"tests/bench/\S+", line))}

    assert programs
    assert [each for each in programs if not (ROOT / each).is_file()] == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_within_the_project_leads_to_a_file(page):
    text = page.read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", text)
    links += re.findall(r"(?:src|srcset)=\"([^\":]+)\"", text)

    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_readme_shows_every_command():
    shown = {tuple(line.split()[1:3]) for line in shown_commands(README)}
    named = {name[:1] for name in shown} | shown

    assert [name for name in COMMANDS if name not in named and name[:1] not in named] == []


def test_the_guide_names_every_rule():
    section = SCAN.split("## What the rules find")[1].split("\n##")[0]
    named = set(re.findall(r"\b[A-Z]{3,4}-\d\d\b", section))
    for first, rest in re.findall(r"\b([A-Z]{3,4})-\d\d((?:, \d\d)+)", section):
        named |= {f"{first}-{number}" for number in re.findall(r"\d\d", rest)}

    assert named == {rule.about.id for rule in ALL_RULES}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_to_a_heading_leads_to_one(page):
    text = page.read_text(encoding="utf-8")
    for target, anchor in re.findall(r"\]\(([^)#:\s]*)#([^)\s]+)\)", text):
        other = (page.parent / target).read_text(encoding="utf-8") if target else text
        headings = re.findall(r"^#+ (.+)$", other, re.MULTILINE)
        slugs = {re.sub(r"[^\w -]", "", each).lower().replace(" ", "-") for each in headings}
        assert anchor in slugs, anchor


def test_the_readme_is_read_in_five_minutes():
    text = re.sub(
        r"```.*?```|<details>.*?</details>|<[^>]*>|\]\([^)]*\)", " ", README, flags=re.DOTALL
    )
    words = [word for word in text.split() if re.search(r"\w", word)]

    assert len(words) <= MOST_WORDS


@pytest.mark.parametrize("scheme", why_revert.SCHEMES)
def test_the_picture_is_what_the_reports_draw_today(scheme):
    assert why_revert.file_of(scheme).read_text(encoding="utf-8") == why_revert.drawn(scheme)
    assert why_revert.file_of(scheme).name in README


def test_the_two_commands_of_the_readme_are_those_that_ci_runs():
    commands = re.findall(r"^python3 -m venv .*$", README, re.MULTILINE)
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")

    assert [line.rsplit("/", 1)[1] for line in commands] == ["breachkit drill", "pytest"]
    assert ".venv/bin/pytest" in ci
    assert '-e ".[dev]"' in commands[1]
    assert '-e ".[dev]"' in ci


def test_what_the_readme_says_was_measured_is_what_the_page_about_it_says():
    [limit] = re.findall(r"^- It finds .*?(?=^- )", README, re.MULTILINE | re.DOTALL)
    figures = re.findall(r"\d[\d.,]*(?: to \d+)?(?: %| planted)", limit)

    assert len(figures) == 4
    said = {each: rf"\| {each}|\b{each.split()[0]} breaches" for each in figures}
    assert [each for each, line in said.items() if not re.search(line, MEASURED)] == []


def test_as_much_is_planted_as_the_page_about_it_says():
    plants, _ = choose(1)
    numbers = re.search(r"of ([\d,]+) breaches of (\d+) kinds planted in (\d+) formats and (\d+) hiding places", MEASURED)  # fmt: skip

    assert numbers
    assert [int(each.replace(",", "")) for each in numbers.groups()] == [
        len(plants),
        len({each.kind for each in plants}),
        len({each.format for each in plants}),
        len({each.place for each in plants}),
    ]


def test_the_profiles_that_the_documents_promise_exist():
    names = {profile.name for profile in load_policies().profiles}

    assert {"2020-12", "2022-08", "2023-07"} <= names
    assert load_policies().strict.name == "strict"
