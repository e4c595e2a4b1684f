"""The wheel and the source archive hold what is needed and nothing else, and anybody can build them again."""

import contextlib
import email
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

import breachkit


ROOT = Path(__file__).parents[2]
NAME = f"breachkit-{breachkit.__version__}"
ABOUT = f"{NAME}.dist-info"
EXTRAS = {"formats", "stamp", "dask", "tauargus", "forms", "dev"}


def build(target, source, folder, *, zone="UTC"):
    """Build one distribution as `python -m build` does, from whatever folder, in whatever zone."""
    told = ("PATH", "SOURCE_DATE_EPOCH", "TMPDIR")
    env = {name: os.environ[name] for name in told if name in os.environ}
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(folder)],
        cwd=source, check=True, capture_output=True, env={**env, "TZ": zone},
    )  # fmt: skip
    [made] = [each for each in folder.iterdir() if each.name.startswith(NAME)]
    return made


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    return build("wheel", ROOT, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    return build("sdist", ROOT, tmp_path_factory.mktemp("archive"))


@pytest.fixture(scope="module")
def unpacked(archive, tmp_path_factory):
    """Give the folder of the source archive with other times and modes, as somebody else would have it."""
    folder = tmp_path_factory.mktemp("elsewhere")
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    for path in folder.rglob("*"):
        path.chmod(path.stat().st_mode & 0o700)
        os.utime(path, (1_000_000_000, 1_000_000_000))
    return folder / NAME


@pytest.fixture(scope="module")
def names(wheel):
    with zipfile.ZipFile(wheel) as packed:
        return set(packed.namelist())


@pytest.fixture(scope="module")
def about(wheel):
    with zipfile.ZipFile(wheel) as packed:
        return email.message_from_bytes(packed.read(f"{ABOUT}/METADATA"))


def tree(folder):
    """Give what is in a folder of the source tree, by its names from there."""
    found = (path for path in (ROOT / folder).rglob("*") if path.is_file())
    return {path.relative_to(ROOT / folder).as_posix() for path in found if path.suffix != ".pyc"}


def test_the_wheel_holds_the_program_its_playbooks_and_nothing_else(names):
    program = {f"breachkit/{name}" for name in tree("breachkit")}
    playbooks = {f"breachkit/_playbooks/{name}" for name in tree("playbooks")}
    said = {f"{ABOUT}/{name}" for name in ("METADATA", "WHEEL", "entry_points.txt", "RECORD", "licenses/LICENSE")}  # fmt: skip

    assert names == program | playbooks | said
    assert len(playbooks) > 20
    assert {"breachkit/py.typed", "breachkit/git/guard_hook.sh", "breachkit/report/verifier.sh"} <= program  # fmt: skip
    assert {f"breachkit/report/incident_page.{kind}" for kind in ("css", "html.j2")} <= program
    assert len([name for name in program if name.endswith(".schema.json")]) > 5


def test_the_source_archive_holds_the_program_its_tests_and_what_they_read(archive):
    with tarfile.open(archive) as packed:
        held = {name.partition("/")[2] for name in packed.getnames()}

    for folder in ("breachkit", "playbooks", "tests", ".github", ".ci"):
        assert {f"{folder}/{name}" for name in tree(folder)} <= held, folder
    top = {name for name in held if "/" not in name}
    assert top == {
        ".gitignore", ".pre-commit-hooks.yaml", "CHANGELOG.md", "LICENSE", "PKG-INFO", "README.md", "pyproject.toml",
    }  # fmt: skip


def test_whoever_builds_the_wheel_again_gets_the_same_bytes(wheel, unpacked, tmp_path):
    again = build("wheel", unpacked, tmp_path, zone="Pacific/Auckland")

    assert again.name == wheel.name
    assert again.read_bytes() == wheel.read_bytes()


def test_whoever_builds_the_source_archive_again_gets_the_same_bytes(archive, unpacked, tmp_path):
    again = build("sdist", unpacked, tmp_path, zone="Pacific/Auckland")

    assert again.name == archive.name
    assert again.read_bytes() == archive.read_bytes()


def test_the_version_stands_in_one_place_and_comes_from_there(about, unpacked, tmp_path):
    changed = tmp_path / "source"
    shutil.copytree(unpacked, changed)
    place = changed / "breachkit/__init__.py"
    place.write_text(place.read_text().replace(breachkit.__version__, "7.8.9"))
    said = subprocess.run(
        [sys.executable, "-m", "hatchling", "version"], cwd=changed, check=True, capture_output=True
    )

    assert about["Version"] == breachkit.__version__
    assert said.stdout.decode().strip() == "7.8.9"


def test_what_the_wheel_says_of_itself_is_what_the_project_says(about):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    assert about["Name"] == "breachkit"
    assert about["Summary"] == project["description"]
    assert about["Requires-Python"] == project["requires-python"]
    assert about["License-Expression"] == "MIT"
    assert about.get_all("License-File") == ["LICENSE"]
    assert set(about.get_all("Provides-Extra")) == EXTRAS
    assert about["Description-Content-Type"] == "text/markdown"


def test_a_package_index_shows_the_readme_without_what_it_does_not_have(about):
    shown, readme = about.get_payload(), (ROOT / "README.md").read_text()
    leads = [*re.findall(r"\]\(([^)]*)\)", shown), *re.findall(r'(?:src|srcset)="([^"]*)"', shown)]

    assert [each for each in leads if not each.startswith(("https://", "#"))] == []
    assert re.findall(r"^#+ .*$", shown, re.MULTILINE) == re.findall(
        r"^#+ .*$", readme, re.MULTILINE
    )
    assert re.findall(r"```.*?```", shown, re.DOTALL) == re.findall(r"```.*?```", readme, re.DOTALL)
    assert all(alt in shown for alt in re.findall(r'alt="([^"]*)"', readme))


def test_nothing_says_from_where_packages_are_fetched():
    told = [
        ROOT / "pyproject.toml",
        *(path for path in (ROOT / ".github").rglob("*") if path.is_file()),
    ]
    told += [path for path in (ROOT / ".ci").rglob("*") if path.is_file()]

    for path in told:
        with contextlib.suppress(UnicodeDecodeError):
            text = path.read_text()
            assert "index-url" not in text, path
            assert "/simple" not in text, path


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
