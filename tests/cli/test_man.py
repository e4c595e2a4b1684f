"""The manual: one page for each command, valid, the same each time, and found by its name."""

import json
import re
import shutil
import subprocess

import pytest

from breachkit.report.man import Page, Part, to_roff, to_text
from tests.cli.test_help import TREE
from tests.support.terminals import at_a_terminal


SECTIONS = [
    *("NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXAMPLES", "EXIT STATUS", "ENVIRONMENT"),
    *("FILES", "SEE ALSO"),
]


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    from breachkit.cli.app import main

    folder = tmp_path_factory.mktemp("pages") / "man" / "man1"
    assert main(["man", "--write", str(folder)]) == 0
    return folder


def headings(text):
    return re.findall(r"^(?:\.SH )?([A-Z][A-Z ,]+)$", text, re.MULTILINE)


def test_every_command_has_a_page_with_all_that_a_page_has(written):
    pages = {path.name: path.read_text(encoding="ascii") for path in written.iterdir()}

    assert pages.keys() == {
        "breachkit.1",
        *("-".join(("breachkit", *name)) + ".1" for name in TREE),
    }
    for name, text in pages.items():
        found = headings(text)
        assert [each for each in SECTIONS if each not in found] == [], name
        assert [each for each in found if each in SECTIONS] == SECTIONS, name


def test_a_page_names_every_option_of_its_command(written):
    for name, command in TREE.items():
        text = (written / f"breachkit-{'-'.join(name)}.1").read_text(encoding="ascii")
        terms = " ".join(re.findall(r"^\.B (.*)$", text, re.MULTILINE)).replace("\\-", "-")
        missing = [opt for param in command.params for opt in param.opts if opt.startswith("--") and opt not in terms]  # fmt: skip
        assert missing == [], name


@pytest.mark.skipif(shutil.which("mandoc") is None, reason="needs mandoc")
def test_mandoc_has_nothing_to_say_about_any_page(written):
    command = ["mandoc", "-T", "lint", *sorted(written.iterdir())]

    said = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)

    assert said.stdout + said.stderr == ""


@pytest.mark.skipif(shutil.which("groff") is None, reason="needs groff")
def test_groff_warns_of_nothing(written):
    command = ["groff", "-ww", "-man", "-z", "-Tutf8", *sorted(written.iterdir())]

    said = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)

    assert (said.returncode, said.stderr) == (0, "")


def test_pages_are_the_same_each_time(breachkit, written, tmp_path):
    breachkit.expect(0, "man", "--write", tmp_path / "again")

    assert {path.name: path.read_bytes() for path in (tmp_path / "again").iterdir()} == {
        path.name: path.read_bytes() for path in written.iterdir()
    }


def test_without_a_terminal_a_page_is_plain_text(breachkit):
    ran = breachkit.expect(0, "man", "notify", "send")

    assert ran.out.startswith("NAME\n    breachkit-notify-send - send messages")
    assert headings(ran.out) == SECTIONS
    assert max(map(len, ran.out.splitlines())) <= 82
    assert json.loads(breachkit.expect(0, "man", "notify", "send", "--json").out)["text"] == ran.out
    assert breachkit.expect(0, "man", "breachkit", "notify", "send").out == ran.out


@pytest.mark.skipif(shutil.which("man") is None, reason="needs man")
def test_on_a_terminal_a_page_is_opened_in_man(tmp_path):
    code, shown = at_a_terminal(
        ["man", "scan"], {"MANPAGER": "cat", "HOME": str(tmp_path), "NO_COLOR": "1"}
    )

    assert code == 0
    assert "BREACHKIT-SCAN(1)" in shown


@pytest.mark.skipif(shutil.which("man") is None, reason="needs man")
def test_a_page_that_was_written_is_found_by_its_name(written, tmp_path):
    env = {"MANPATH": str(written.parent), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}

    shown = subprocess.run(["man", "breachkit-guard-install"], check=False, capture_output=True, text=True, env=env, timeout=60)  # fmt: skip

    assert "Put hooks into a repository" in shown.stdout


def test_whom_man_is_missing_reads_plain_text(tmp_path):
    code, shown = at_a_terminal(["man", "scan"], {"PATH": str(tmp_path), "HOME": str(tmp_path)})

    assert code == 0
    assert "    breachkit-scan - is this" in shown


def test_a_mistyped_command_leads_to_the_page_that_may_be_meant(breachkit):
    assert "Did you mean notify send?" in breachkit.expect(2, "man", "notify", "sned").err
    assert "leave the command out" in breachkit.expect(2, "man", "scan", "--write", "x").err


def test_a_place_that_is_no_folder_is_named(breachkit, tmp_path):
    (tmp_path / "file").touch()

    assert "cannot be written" in breachkit.expect(2, "man", "--write", tmp_path / "file").err


def test_no_text_is_taken_for_a_request():
    text = 'A line\n\n\b\n.so /etc/passwd\n\'br\n\\fBbold\\fP -x "quoted" ~ ^ `code` \N{EM DASH}'
    page = Page(
        command="breachkit x", line=".so it is", usage="", parts=[Part(title="Ex", text=text)]
    )

    made = to_roff(page, tool_version="1").decode("ascii").splitlines()

    assert [line for line in made if line.startswith((".", "'")) and not re.match(r"\.(TH|SH|PP|EX|EE|nh|ad)", line)] == []  # fmt: skip
    assert "\\&.so /etc/passwd" in made
    assert "\\eb" not in "".join(made)
    assert any("\\efBbold" in line and "\\[u2014]" in line for line in made)
    assert "    .so /etc/passwd\n    'br\n" in to_text(page)
