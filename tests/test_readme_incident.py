"""The incident that the README tells is the one that really happens: every line of it is printed."""

import re
import shlex
from pathlib import Path

import pytest

from breachkit.cli.drill import _run
from breachkit.drill.session import run_drill
from breachkit.drill.world import practice_home
from breachkit.model.time import SystemClock


README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
INCIDENT = README.split("### A worked incident")[1].split("\n### ")[0]
OMISSION = "..."


def told():
    """Give the README's commands, each with the lines that it shows of what was printed."""
    for block in re.findall(r"```console\n(.*?)```", INCIDENT, re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, *lines = part.splitlines()
            yield command, [line for line in lines if line and line != OMISSION]


def plain(line):
    """Take out of a line what differs from one run to the next: names, moments, spans of time."""
    line = re.sub(r"BK-\d{4}-\d{4}([ -])[a-z]+-[a-z]+", r"BK\1CODENAME", line)
    line = re.sub(r"BK-\d{4}-\d{4}", "BK", line)
    line = re.sub(r"\bK-\d{3}\b", "K", line)
    line = re.sub(r"[A-Z][a-z]{2} \d+ [A-Z][a-z]+ \d{4}, \d\d:\d\d \S+?(?= \(|\.)", "MOMENT", line)
    line = re.sub(r"[A-Z][a-z]{2} \d+ [A-Z][a-z]{2} \d\d:\d\d \S+", "MOMENT", line)
    line = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", "MOMENT", line)
    line = re.sub(r" {2,}TLP:", "  TLP:", line)  # how far to the right depends on the codename
    return re.sub(r" \(MOMENT\)|71 h 5\d min", "", line)


@pytest.fixture(scope="module")
def printed(tmp_path_factory):
    """Give what each command of a real drill printed; a command may run more than once."""
    folder = tmp_path_factory.mktemp("world")
    runs: dict[str, list[list[str]]] = {}

    def run(arguments, environment):
        result = _run(arguments, practice_home(folder), environment)
        shown = {
            str(folder): "$DRILL",
            environment["BREACHKIT_GITHUB_API"].removesuffix("/api/v3"): "$PLATFORM",
            environment["BREACHKIT_ZENODO"].split("/")[2]: "$ARCHIVES",
        }
        command, text = shlex.join(arguments), result.stdout + result.stderr
        for place, name in shown.items():
            command, text = command.replace(place, name), text.replace(place, name)
        typed = plain(f"breachkit {command}")
        runs.setdefault(typed, []).append([plain(x) for x in text.splitlines()])
        return result

    assert run_drill(run=run, tell=lambda _: None, folder=folder, clock=SystemClock()).ok
    return runs


def stands_in_order(lines, output):
    rest = iter(output)
    return all(plain(line) in rest for line in lines)


@pytest.mark.parametrize(("command", "lines"), list(told()), ids=lambda value: str(value)[:40])
def test_every_line_of_the_worked_incident_is_printed_in_that_order(printed, command, lines):
    typed = plain(command)
    assert typed in printed, sorted(printed)
    assert any(stands_in_order(lines, output) for output in printed[typed]), printed[typed]


def test_the_worked_incident_goes_from_the_case_to_the_proof():
    commands = [command.split()[1] for command, _ in told()]

    order = [
        *("open", "notify", "snapshot", "restrict", "scope", "rewrite", "push", "verify"),
        *("trace", "checklist", "restore"),
    ]
    assert list(dict.fromkeys(commands)) == order
    assert len(list(told())) >= 10
