"""What runs on somebody's runners: pinned, with no more rights than it needs, and without surprises."""

import os
import re
import tomllib
from pathlib import Path

import pytest
import yaml


ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
PINNED = re.compile(r"[\w.-]+(?:/[\w.-]+)+@[0-9a-f]{40} # v\d+\.\d+\.\d+")


def read(path):
    return yaml.safe_load(path.read_text())


def steps(workflow):
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


def test_there_are_workflows_for_tests_releases_and_sweeps():
    assert [path.stem for path in WORKFLOWS] == ["release", "sweep", "tests"]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_every_action_of_others_is_pinned_by_its_commit_and_says_which_version_that_is(path):
    used = [line.partition("uses:")[2].strip() for line in path.read_text().splitlines() if "uses:" in line and not line.startswith("#")]  # fmt: skip
    others = [each for each in used if not each.startswith("$/")]

    assert len(others) > 2
    assert [each for each in others if not PINNED.fullmatch(each)] == []


def test_every_action_has_one_version_in_whatever_the_project_runs_or_writes():
    pages = [*WORKFLOWS, ROOT / "breachkit/report/guard_workflow.yml"]
    used = {pin for path in pages for pin in PINNED.findall(path.read_text())}
    names = [pin.partition("@")[0] for pin in used]

    assert len(names) > 5
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_what_is_ours_is_used_from_the_commit_that_the_workflow_is_of(path):
    ours = [step["uses"] for step in steps(read(path)) if "@" not in step.get("uses", "@")]

    assert [each for each in ours if not each.startswith("$/")] == []
    assert [each for each in ours if not (ROOT / each[2:] / "action.yml").exists()] == []
    checkouts = [step for step in steps(read(path)) if "checkout@" in step.get("uses", "")]
    assert [step for step in checkouts if "repository" in step["with"]] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_job_may_write_only_where_it_says_so_itself(path):
    workflow = read(path)

    assert workflow["permissions"] in ({}, {"contents": "read"})
    writers = {
        name: {right for right, level in job.get("permissions", {}).items() if level == "write"}
        for name, job in workflow["jobs"].items()
    }
    assert {name: rights for name, rights in writers.items() if rights} == (
        {
            "attest": {"id-token", "attestations", "artifact-metadata"},
            "attach": {"contents"},
            "publish": {"id-token"},
        }
        if path.stem == "release"
        else {}
    )


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_no_shell_is_given_words_of_whoever_starts_the_workflow(path):
    assert [step["run"] for step in steps(read(path)) if "${{" in step.get("run", "")] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_no_checkout_leaves_its_token_behind(path):
    checkouts = [step for step in steps(read(path)) if "checkout@" in step.get("uses", "")]

    assert [step for step in checkouts if step["with"]["persist-credentials"] is not False] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_every_script_that_is_run_is_there(path):
    run = {name for step in steps(read(path)) for name in re.findall(r"\.ci/\w+", step.get("run", ""))}  # fmt: skip

    assert {name for name in run if not os.access(ROOT / name, os.X_OK)} == set()


def test_the_tests_run_on_every_python_that_is_promised():
    matrix = read(ROOT / ".github/workflows/tests.yml")["jobs"]["versions"]["strategy"]["matrix"]

    with (ROOT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)["project"]
    said = "Programming Language :: Python :: 3."
    promised = [each for each in project["classifiers"] if each.startswith(said)]
    assert [f"3.{each.removeprefix(said)}" for each in promised] == matrix["python"]
    assert project["requires-python"] == f">={matrix['python'][0]}"
    for page in ("README.md", "playbooks/guides/set-up.md"):
        words = f"Python {matrix['python'][0]} or newer, tested up to {matrix['python'][-1]}"
        assert words in (ROOT / page).read_text()
    assert {each["libraries"] for each in matrix["include"]} | set(matrix["libraries"]) == {"oldest", "newest"}  # fmt: skip
