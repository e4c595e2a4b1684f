"""Whatever line is named next can be pasted: it has the settings, playbooks and case that were typed."""

import ast
import re
import shlex
from pathlib import Path
from typing import Any, cast

import pytest

import breachkit
from breachkit.cli.carrying import repeated
from breachkit.cli.contents import ENTRIES
from breachkit.incident.commands import as_typed, carrying, carrying_first, placed, with_carried
from breachkit.workflows.standing import what_next
from tests.cli.test_help import LEAVES, TREE, parses
from tests.support.cases import HandClock, a_case, alert
from tests.support.gitrepo import History


SOURCE = Path(breachkit.__file__).parent
SHOWN = ("actions", "cli", "report", "workflows")
"""Rooms whose words reach a person in a case; the practice has a case and playbooks of its own."""

NAMES = "|".join([*ENTRIES, "X"])
MECHANISM = {"as_typed", "command", "command_on", "following", "on_case", "remedy"}
"""What a line to paste passes through, each of which ends in `as_typed`."""

PLAIN = {
    "actions/copies.py": "who wrote a proof",
    "workflows/copies.py": "who wrote a proof",
    "workflows/restrict.py": "who did it, in the journal",
    "workflows/verify_clone.py": "who wrote a proof",
    "workflows/verify_server.py": "who wrote a proof",
    "actions/release.py": "the version, in a trailer",
    "cli/app.py": "the version",
    "cli/manual.py": "names of the manual's pages",
    "report/incident_record.py": "a report, read elsewhere by others",
    "report/redaction.py": "given to `following` and into the JSON by cli/redact.py",
    "workflows/doctor_github.py": "repairs, which report/doctor.py lets pass",
    "workflows/doctor_playbooks.py": "repairs, which report/doctor.py lets pass",
    "workflows/doctor_settings.py": "repairs, which report/doctor.py lets pass",
    "workflows/standing.py": "beginnings of lines, to compare with",
    "workflows/ways.py": "beginnings of lines, to compare with",
}
"""Files with a command that is shown by somebody else or to nobody, and why."""


def text_of(node):
    """Give a string as it is written, with `X` for what is filled in; None of anything else."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(str(getattr(part, "value", "X")) if isinstance(part, ast.Constant) else "X" for part in node.values)  # fmt: skip
    return None


def literal_lines():
    """Give every line of the program that stands in its source as one string: file, text, calls around it."""
    for room in SHOWN:
        for file in sorted((SOURCE / room).rglob("*.py")):
            tree = ast.parse(file.read_text("utf-8"))
            above = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
            for node in ast.walk(tree):
                text, parent = text_of(node), above.get(node)
                if text is None or isinstance(parent, (ast.JoinedStr, ast.Expr)):
                    continue
                if re.match(rf"breachkit (?:{NAMES})\b", text):
                    calls = []
                    while parent is not None and not isinstance(parent, ast.stmt):
                        if isinstance(parent, ast.Call):
                            calls.append(ast.unparse(parent.func).rpartition(".")[2])
                        parent = above.get(parent)
                    yield str(file.relative_to(SOURCE)), text, calls


LINES = sorted(
    {
        text
        for _, text, calls in literal_lines()
        if "following" in calls and not text.startswith("breachkit X")
    }
)


@pytest.fixture
def typed(tmp_path, monkeypatch):
    """A call in which a folder of playbooks and a case were typed."""

    class Typed:
        params = {"config": Path("own.toml"), "no_config": False}  # noqa: RUF012 - read alone

        def find_root(self):
            return self

        def get_parameter_source(self, _name):
            class Source:
                name = "COMMANDLINE"

            return Source

    monkeypatch.chdir(tmp_path)
    with repeated(cast("Any", Typed()), playbooks=tmp_path / "own", case="BK-2026-0007"):
        yield {"--playbooks": str(tmp_path / "own"), "--case": "BK-2026-0007"}


def test_there_are_lines_to_look_at():
    assert len(LINES) > 40


@pytest.mark.parametrize("line", LINES)
def test_every_line_that_is_next_names_settings_playbooks_and_case_and_can_be_pasted(line, typed):
    said = as_typed(line)

    begin = f"breachkit --config {Path.cwd() / 'own.toml'} "
    assert said.startswith(begin)
    assert parses(said.replace(begin, "breachkit "))
    for option, value in typed.items():
        assert (shlex.join((option, value)) in said) == (option in options(line)), said
    assert as_typed(said) == said


def options(line):
    """Give the options of the command that a line calls."""
    named, *rest = shlex.split(line)[1:]
    found = LEAVES.get((named, *rest[:1])) or LEAVES.get((named,)) or TREE[(named,)]
    return {name for param in found.params for name in param.opts}


def test_no_line_is_shown_that_does_not_pass_through_the_mechanism():
    templates = re.compile(r"\{case\}|\{target\}|\{\{?word")  # filled in by `command_on`
    around = [
        f"{file}: {text}"
        for file, text, calls in literal_lines()
        if not MECHANISM & set(calls) and not templates.search(text) and file not in PLAIN
    ]

    assert around == []


def test_what_is_there_stays_and_what_is_behind_two_hyphens_stays_behind(tmp_path):
    with carrying("--playbooks", "/my own"):
        assert as_typed("breachkit scan -- -x") == "breachkit scan --playbooks '/my own' -- -x"
        assert as_typed("breachkit scan . --playbooks b") == "breachkit scan . --playbooks b"
        assert as_typed("git commit") == "git commit"
        assert with_carried(["scan", "--", "-x"]) == ("scan", "--playbooks", "/my own", "--", "-x")
        with carrying("--case", "BK-2026-0001", lambda words: words[1] == "next"):
            line = "breachkit next --playbooks '/my own' --case BK-2026-0001"
            assert as_typed("breachkit next") == line
            assert as_typed("breachkit scan .") == "breachkit scan . --playbooks '/my own'"
    with placed("BK-2026-0001", "/else where"):
        assert (
            as_typed("breachkit next --case BK-2026-0001") == "breachkit next --case '/else where'"
        )
        assert as_typed("breachkit next --case BK-2026-00012").endswith("--case BK-2026-00012")
    assert as_typed("breachkit next --case BK-2026-0001") == "breachkit next --case BK-2026-0001"


def test_settings_stand_before_the_command_and_what_a_line_says_of_them_stays():
    with carrying_first("--config", "/my own.toml"):
        line = "breachkit --config '/my own.toml' next --case X"
        assert as_typed("breachkit next --case X") == line
        assert as_typed(line) == line
        assert as_typed("breachkit --no-config next") == "breachkit --no-config next"
        assert as_typed("git commit") == "git commit"
        with carrying("--playbooks", "/p"):
            both = "breachkit --config '/my own.toml' scan --playbooks /p -- -x"
            assert as_typed("breachkit scan -- -x") == both
        assert with_carried(["next"]) == ("next",)  # run here, where they are in force already


@pytest.fixture
def elsewhere(breachkit, tmp_path, monkeypatch):
    """A case that lies where no command looks, and a folder of playbooks."""
    breachkit.expect(0, "playbook", "new", "example-tre", "--into", tmp_path / "own")
    breachkit.expect(0, "open", "owner/name")
    [case] = breachkit.home.glob("BK-*")
    monkeypatch.chdir(tmp_path)
    return case.rename(tmp_path / "taken-along"), tmp_path / "own"


CALLS = [
    ("log", "show"),
    ("log", "verify"),
    ("notify", "render", "alert", "--contacts", "opensafely-2026"),
    ("notify", "list"),
    ("notify", "show", "N-001"),
    ("notify", "mark-sent", "N-001"),
    ("checklist", "show"),
    ("checklist", "tick", "A02", "--evidence", "looked"),
    ("copies", "list"),
    ("decide", "list"),
    ("decide", "review", "--answer", "2999-01-01", "--by", "Ada", "--reason", "so"),
    ("evidence", "list"),
    ("status",),
    ("next",),
]


def test_a_copy_of_what_is_next_finds_the_case_and_the_playbooks_wherever_they_are(
    breachkit, elsewhere
):
    case, own = elsewhere
    for call in CALLS:
        ran = breachkit(*call, "--case", "taken-along", "--playbooks", "own")
        lines = [line.strip() for line in ran.all.splitlines()]
        found = [line.removeprefix("Next: ") for line in lines if line.startswith("Next: ")]
        found += [line for line in lines if re.match(rf"breachkit (?:{NAMES}) ", line)]
        assert found, (call, ran.all)
        for line in found:
            words = shlex.split(line)
            assert words[words.index("--playbooks") + 1] == str(own), (call, line)
            assert words[words.index("--case") + 1] == str(case), (call, line)
            assert parses(line)


@pytest.mark.parametrize("named", [("--config", "own.toml"), ("--no-config",)])
def test_a_copy_of_what_is_next_goes_by_the_settings_that_were_named(breachkit, tmp_path, monkeypatch, named):  # fmt: skip
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.toml").write_text("[defaults]\n", "utf-8")
    (tmp_path / "own.toml").chmod(0o600)
    whole = ("--config", str(tmp_path / "own.toml")) if named[1:] else named
    begin = shlex.join(("breachkit", *whole))
    breachkit.expect(0, *named, "open", "owner/name")
    for call in (*CALLS, ("respond", "owner/name", "--dry-run")):
        ran = breachkit(*named, *call)
        lines = [line.strip().removeprefix("$ ") for line in ran.all.splitlines()]
        found = [line.removeprefix("Next: ") for line in lines if line.startswith("Next: ")]
        found += [line for line in lines if re.match(r"breachkit (?!\d)", line)]
        assert found, (call, ran.all)
        for line in found:
            assert line.startswith(f"{begin} "), (call, line)
            assert parses(line.replace(begin, "breachkit"))


def test_what_is_urgent_stays_so_where_settings_are_named(tmp_path):
    case = a_case(tmp_path)
    alert(case)
    clock = HandClock()
    clock.move(hours=100)
    plain = what_next(case, clock).typed
    with carrying_first("--no-config"):
        named = what_next(case, clock)
        assert named.typed == plain
        assert named.command.startswith("breachkit --no-config ")


def test_a_copy_of_what_is_next_names_a_place_with_a_space_in_it(breachkit, tmp_path):
    history = History()
    history.commit({b"a": b"1"})
    place = history.build(tmp_path / "my study", bare=False)
    missing = breachkit.expect(3, "guard", "status", place).err
    assert f"Next: breachkit guard install '{place}'\n" in missing


def test_nothing_is_repeated_that_was_not_typed(breachkit, elsewhere, monkeypatch):
    case, own = elsewhere
    monkeypatch.setenv("BREACHKIT_CASE", str(case))
    monkeypatch.setenv("BREACHKIT_PLAYBOOKS", str(own))

    assert breachkit.expect(0, "log", "show").err.endswith("checks that nothing was changed\n")
    assert "Next: breachkit log verify\n" in breachkit.expect(0, "log", "show").err
