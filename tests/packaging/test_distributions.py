"""The wheel holds what the program needs, and works without the source tree."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest


ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    [made] = folder.glob("*.whl")
    return made


def test_the_wheel_carries_every_playbook(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    playbooks = [p.relative_to(ROOT / "playbooks") for p in (ROOT / "playbooks").rglob("*")]

    wanted = {f"breachkit/_playbooks/{p.as_posix()}" for p in playbooks if (ROOT / "playbooks" / p).is_file()}  # fmt: skip
    assert wanted <= names
    assert len(wanted) > 5
    assert {"breachkit/git/guard_hook.sh", "breachkit/report/guard_workflow.yml"} <= names
    assert {f"breachkit/report/incident_page.{kind}" for kind in ("css", "html.j2")} <= names
    assert {"breachkit/py.typed", "breachkit/report/verifier.sh"} <= names
    assert not [name for name in names if name.startswith("tests/")]


def test_an_installed_wheel_finds_its_playbooks(wheel, tmp_path):
    installed = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(installed)
    code = (
        "import breachkit; from breachkit.workflows.playbooks import load_policies;"
        "print(breachkit.__file__); print(load_policies().choose('2023-07').label)"
    )

    answer = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        check=True,
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(installed)},
    )

    assert answer.stdout.decode().splitlines() == [str(installed / "breachkit/__init__.py"), "2023-07"]  # fmt: skip
