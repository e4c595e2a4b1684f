"""The action for scheduled sweeps, run as GitHub's runner would run it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.support.command_line import SAFE_COUNTS, SMALL_COUNTS
from tests.support.gitrepo import History
from tests.support.mailserver import Mailbox, mail_server


ROOT = Path(__file__).parents[2]
ACTION = ROOT / ".github" / "actions" / "sweep"
OUTPUT = b"released_outputs/t.csv"


class Runner:
    """Does what the runner does with a composite action: inputs, expressions, files for its output."""

    def __init__(self, place: Path) -> None:
        self.action = yaml.safe_load((ACTION / "action.yml").read_text())
        self.place = place
        for name in ("temp", "workspace"):
            (place / name).mkdir()
        self.files = {
            name: place / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_PATH")
        }
        for file in self.files.values():
            file.touch()

    def step(self, name: str, **inputs: str) -> "subprocess.CompletedProcess[str]":
        (step,) = (each for each in self.action["runs"]["steps"] if each["name"] == name)
        given = {
            key: self._value(each.get("default", "")) for key, each in self.action["inputs"].items()
        }
        given |= {key.replace("_", "-"): value for key, value in inputs.items()}
        path = [*self.files["GITHUB_PATH"].read_text().split(), str(Path(sys.executable).parent)]
        env = {
            "PATH": ":".join([*path, os.environ["PATH"]]),
            "HOME": str(self.place),
            "RUNNER_TEMP": str(self.place / "temp"),
            "GITHUB_ACTION_PATH": str(ACTION),
            **{key: str(value) for key, value in self.files.items()},
            **{key: self._value(value, given) for key, value in step["env"].items()},
        }
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
        return subprocess.run(
            command,
            env=env,
            cwd=self.place / "workspace",
            capture_output=True,
            text=True,
            check=False,
        )

    def _value(self, text: str, inputs: "dict[str, str] | None" = None) -> str:
        known = {
            "github.workspace": str(self.place / "workspace"),
            "github.action_path": str(ACTION),
            **{f"inputs.{key}": value for key, value in (inputs or {}).items()},
        }
        for name, value in known.items():
            text = text.replace(f"${{{{ {name} }}}}", value)
        assert "${{" not in text
        return text


@pytest.fixture
def runner(tmp_path):
    return Runner(tmp_path)


@pytest.fixture
def repositories(tmp_path):
    place = tmp_path / "repositories"
    place.mkdir()
    for name, content in (("clean", SAFE_COUNTS), ("telling-name", SMALL_COUNTS)):
        history = History()
        history.commit({OUTPUT: content})
        history.build(place / name)
    return place


def test_it_says_how_much_is_new_and_nothing_else_and_fails(runner, repositories):
    done = runner.step("Sweep", target=str(repositories))

    assert done.returncode == 13, done.stderr
    assert "1 new finding, the worst high" in done.stdout
    everything = done.stdout + done.stderr + runner.files["GITHUB_STEP_SUMMARY"].read_text()
    assert "telling-name" not in everything
    assert "released_outputs" not in everything
    assert "exit-code=13" in runner.files["GITHUB_OUTPUT"].read_text()


def test_the_second_run_finds_nothing_new(runner, repositories):
    runner.step("Sweep", target=str(repositories))
    done = runner.step("Sweep", target=str(repositories))

    assert done.returncode == 0
    assert "nothing new" in done.stdout


def test_its_reports_are_there_and_for_their_owner_alone(runner, repositories):
    runner.step("Sweep", target=str(repositories))
    reports = runner.place / "workspace" / "sweep-reports"
    written = {str(each.relative_to(reports)) for each in reports.rglob("*") if each.is_file()}

    assert written == {
        "sweep.html",
        "sweep.jsonl",
        "breachkit.prom",
        "sarif/clean.sarif",
        "sarif/telling-name.sarif",
    }
    assert (reports / "sweep.html").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("least", "code"), [("critical", 0), ("high", 13), ("low", 13), ("never", 0), ("some", 2)]
)
def test_from_which_severity_on_it_fails_is_up_to_whoever_runs_it(
    runner, repositories, least, code
):
    assert runner.step("Sweep", target=str(repositories), fail_on=least).returncode == code


@pytest.mark.parametrize("target", ["$(touch hacked)", "--store=/x", "a; touch hacked", "-rf"])
def test_no_input_becomes_a_command_or_an_option(runner, target):
    done = runner.step("Sweep", target=target)

    assert done.returncode == 2
    assert not (runner.place / "workspace" / "hacked").exists()


CONTACTS = ROOT / "tests" / "support" / "contacts.toml"


def test_it_mails_the_contacts_and_opens_drafts_where_it_is_asked_to(runner, repositories):
    mailbox = Mailbox()
    inputs = {
        "target": str(repositories),
        "notify_from": "high",
        "contacts": str(CONTACTS),
        "smtp_from": "Sweeps <sweeps@example.org>",
        "cases": str(runner.place / "cases"),
    }
    with mail_server(mailbox) as address:
        first = runner.step("Sweep", smtp=address, **inputs)
        second = runner.step("Sweep", smtp=address, **inputs)

    assert (first.returncode, second.returncode) == (13, 0), first.stderr
    assert [mail.recipients for mail in mailbox.mails] == [
        ("incidents@example.org",),
        ("jo.bloggs@example.org",),
    ]
    assert b"telling-name" in mailbox.mails[0].data
    (case,) = (runner.place / "cases").glob("BK-*")
    said = first.stdout + first.stderr
    assert "2 mails sent to the contacts" in said
    assert "1 draft case opened" in said
    for told in ("telling-name", "example.org", "released_outputs", case.name.split("-", 3)[3]):
        assert told not in said


def test_without_being_asked_to_it_mails_nobody_and_opens_nothing(runner, repositories):
    done = runner.step("Sweep", target=str(repositories), contacts=str(CONTACTS))

    assert "mail" not in done.stdout + done.stderr
    assert not list(runner.place.rglob("BK-*"))


def test_it_installs_the_breachkit_that_it_came_with(runner):
    site = next(each for each in map(Path, sys.path) if each.name == "site-packages")
    (step,) = (
        each for each in runner.action["runs"]["steps"] if each["name"].startswith("Install")
    )
    step["env"] |= {
        "PIP_NO_DEPS": "1",
        "PIP_NO_BUILD_ISOLATION": "0",  # pip reads this one the other way round
        "PIP_NO_INDEX": "1",
        "PYTHONPATH": str(site),
    }
    done = runner.step("Install breachkit")

    assert done.returncode == 0, done.stderr
    (folder,) = runner.files["GITHUB_PATH"].read_text().split()
    assert (Path(folder) / "breachkit").exists()


def test_in_a_public_repository_whose_reports_everybody_could_read_nothing_is_swept():
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "sweep.yml").read_text())
    (job,) = workflow["jobs"].values()
    first = job["steps"][0]
    done = subprocess.run(
        ["bash", "-e", "-c", first["run"]], capture_output=True, text=True, check=False
    )

    assert first["if"] == "github.event.repository.visibility == 'public'"
    assert done.returncode == 6
    assert done.stdout.startswith("::error::")


def test_the_reusable_workflow_uses_the_action_with_its_own_inputs():
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "sweep.yml").read_text())
    action = yaml.safe_load((ACTION / "action.yml").read_text())
    called = workflow[True]["workflow_call"]  # YAML reads `on` as true
    (job,) = workflow["jobs"].values()
    (step,) = (each for each in job["steps"] if each.get("uses", "").endswith("actions/sweep"))

    assert set(step["with"]) <= set(action["inputs"])
    for value in step["with"].values():
        kind, _, name = value.removeprefix("${{ ").removesuffix(" }}").partition(".")
        assert name in called[kind]
    assert workflow["permissions"] == {"contents": "read"}
    saves = next(each for each in job["steps"] if "cache/save" in each.get("uses", ""))
    assert saves["if"] == "always()"  # what is new fails the job, and has to be known the next time
