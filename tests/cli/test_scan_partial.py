"""A partial clone is called what it is in every format: clean where it lacks nothing, else with what it lacks."""

import json
import subprocess

import pytest

from tests.support.command_line import OUTPUT, clean_study, study
from tests.support.gitrepo import ENVIRONMENT, git
from tests.support.schemas import sarif_validator, scan_validator


def partial_clone(server, place, *options):
    for key in ("allowFilter", "allowAnySHA1InWant"):
        git(server, "config", f"uploadpack.{key}", "true")
    git(server.parent, "clone", "-q", "--bare", *options, f"file://{server}", str(place))
    return place


def scan(breachkit, code, target):
    data = json.loads(breachkit.expect(code, "scan", target, "--json").out)
    scan_validator("scan-1").validate(data)
    return data


def notes(breachkit, target):
    report = json.loads(breachkit("scan", target, "--format", "sarif").out)
    sarif_validator().validate(report)
    [invocation] = report["runs"][0]["invocations"]
    return [note["message"]["text"] for note in invocation["toolExecutionNotifications"]]


def test_a_partial_clone_that_lacks_nothing_is_clean_and_said_to_be_partial(breachkit, tmp_path):
    server = clean_study(tmp_path / "study.git")
    clone = partial_clone(server, tmp_path / "clone.git", "--filter=blob:limit=1g")

    data = scan(breachkit, 0, clone)
    text = " ".join(breachkit.expect(0, "scan", clone).out.split())

    assert (data["verdict"], data["complete"], data["coverage"]["partial"]) == ("clean", True, True)
    assert "a partial clone, from which nothing is missing that was to be read" in text
    assert notes(breachkit, clone) == []
    assert "| clone | a partial clone" in breachkit("scan", clone, "--format", "markdown").out


@pytest.mark.parametrize(
    ("how", "code"), [("blob:none", 12), ("tree:0", 5)], ids=["blobs", "trees"]
)
def test_what_a_partial_clone_lacks_is_counted_named_and_fetched_by_the_command_that_is_shown(
    breachkit, tmp_path, how, code
):
    server = study(tmp_path / "study.git")
    clone = partial_clone(server, tmp_path / "clone.git", f"--filter={how}")

    before = scan(breachkit, code, clone)  # what became of a file is known without its content
    text = breachkit.expect(code, "scan", clone).out

    lacking = sum(count["missing"] for count in before["coverage"]["objects"].values())
    assert (lacking > 0, before["complete"]) == (True, False)
    assert how == "tree:0" or OUTPUT.decode() in {each["path"] for each in before["skipped"]}
    assert any("never fetched" in note for note in notes(breachkit, clone))
    assert "were never fetched" in " ".join(text.split())
    [command] = [line.strip() for line in text.splitlines() if "--missing=print" in line]
    subprocess.run(["bash", "-c", command], cwd=clone, check=True, env=ENVIRONMENT)

    after = scan(breachkit, 13, clone)
    assert (after["complete"], after["findings"] != []) == (True, True)


@pytest.mark.parametrize("form", ["text", "markdown"])
@pytest.mark.parametrize("options", [[], ["--unreachable"]], ids=["refs", "all"])
def test_the_command_that_fetches_is_said_to_leave_what_only_unreachable_objects_name(
    breachkit, tmp_path, form, options
):
    server = study(tmp_path / "study.git")
    clone = partial_clone(server, tmp_path / "clone.git", "--filter=blob:none")

    said = " ".join(breachkit("scan", clone, "--format", form, *options).out.split())

    assert "--missing=print" in said
    assert ("only unreachable objects name is not fetched by it" in said) == bool(options)
