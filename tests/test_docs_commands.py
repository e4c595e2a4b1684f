"""What the guides show besides an incident runs as shown: scans, releases, sweeps, playbooks."""

import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from breachkit.workflows.checklist import load_template
from breachkit.workflows.playbooks import organisations
from tests.cli.test_playbook import fill_in
from tests.support.cues import Cues
from tests.support.documented import BLOCK, ROOT
from tests.support.incidents import Incident, copies_are_chosen, incident


GUIDES = ROOT / "playbooks" / "guides"
UNSAFE = "region,patients\nLondon,364\nNorth East,3\nSouth West,225\nEast,128\n"
EARLIER = "region,patients\nLondon,360\nNorth East,230\nSouth West,225\nEast,130\n"
WRONG = {1, 2}
"""Exit codes of a command that cannot be right at any moment: a failure, and a wrong call."""
LONG = ("breachkit drill", "breachkit verify --server")
"""Which take long, and are run elsewhere."""
WORDS = "# The release\n\n`by_region.csv`: patients by region, at the end of March.\n"


@pytest.fixture(scope="module")
def practice(tmp_path_factory):
    with incident(tmp_path_factory.mktemp("world")) as practice:
        yield practice


def follow(
    practice: Incident,
    page: Path,
    codes: Mapping[str, Sequence[int]],
    beside: Cues | None = None,
    begin: Sequence[str] = (),
) -> None:
    """Follow a page with a home of its own, in which something was done already."""
    practice.desk.home = practice.world.folder / f"home-{page.parent.name}-{page.stem}"
    practice.problems.clear()
    for line in begin:
        practice.types(line)
    practice.follow(page, codes, beside or {})
    assert not practice.problems, "\n\n".join(practice.problems)


def at(practice: Incident, folder: Path) -> Path:
    """Sit down in a folder."""
    folder.mkdir(exist_ok=True)
    practice.desk.folder = folder
    practice.desk.exported.clear()
    return folder


def files_of(page: Path, folder: Path) -> None:
    """Write the files that a page shows, whose first line names them."""
    for language, block in BLOCK.findall(page.read_text(encoding="utf-8")):
        named = re.match(r"# ([\w-]+\.\w+)\n", block)
        if language == "toml" and named:
            (folder / named[1]).write_text(block)


def the_acceptance_is_known(practice: Incident) -> None:
    """Let the id of an acceptance stand for the one that the page shows."""
    text = (practice.desk.folder / "breachkit-acceptances.toml").read_text()
    [mark, *_] = re.findall(r'^mark = "([0-9a-f]{8})', text, re.MULTILINE)
    practice.desk.names["A-12ab34cd"] = f"A-{mark}"


def test_scans_are_as_the_guide_shows(practice):
    study = at(practice, practice.world.yours)
    bundle = ["git", "-C", str(study), "bundle", "create", "-q", "study.bundle", "--all"]
    subprocess.run(bundle, check=True)
    practice.desk.names["lookups/*"] = "released_outputs/tables/*"
    codes = {
        "breachkit scan .": [14],
        "breachkit scan https://github.com/owner/name": [14],
        "breachkit scan study.bundle --format json --output scan.json": [14],
        "breachkit scan . --unreachable": [14],
        "breachkit scan . --acceptances breachkit-acceptances.toml": [14],
        "breachkit scan . --format json --output last.json": [14],
        "breachkit scan . --since v1.0": [13],
        "breachkit scan . --min-severity high --rule CNT-01 --rule PAT-01": [14],
    }
    follow(
        practice,
        GUIDES / "scan.md",
        codes,
        {"breachkit accept --check --strict": [the_acceptance_is_known]},
    )


def test_machine_formats_are_as_the_guide_shows(practice):
    at(practice, practice.world.yours)
    codes = {"breachkit scan . --format json --output scan.json": [14]}
    follow(practice, GUIDES / "machine-formats.md", codes, begin=["breachkit open owner/name"])


def test_a_release_is_as_the_guide_shows(practice):
    folder = at(practice, practice.world.folder / "outputs")
    for name, table in (("release", UNSAFE), ("release_2025", EARLIER)):
        (folder / name).mkdir()
        (folder / name / "by_region.csv").write_text(table)
    (folder / "release" / "description.md").write_text(WORDS)
    page = GUIDES / "before-a-release.md"
    files_of(page, folder)
    beside: Cues = {
        "breachkit redact --restore RD-0001": [
            "breachkit redact release/*.csv --round policy --write"
        ],
    }
    codes = {
        "breachkit check release": [13],
        "breachkit check release --against release_2025 --against ~/study": [12],
        "breachkit check release --notes release-notes.toml --strict": [8],
    }
    follow(practice, page, codes, beside, begin=["breachkit open owner/name", "breachkit scope"])


def test_sweeps_are_as_the_guide_shows(practice):
    folder = at(practice, practice.world.folder / "nights")
    mirrors = practice.world.folder / "mirrors"
    shutil.copytree(practice.world.before.git_dir, mirrors / "study-practice.git")
    (folder / "repositories.txt").write_text(f"{practice.world.target}\n")
    practice.desk.names.update(
        {
            "opensafely": "asthma",
            "/srv/mirrors": str(mirrors),
            "example-tre": str(practice.world.contacts),
        }
    )
    codes = {
        "breachkit sweep opensafely --skip-topic non-research": [14],
        "breachkit sweep repositories.txt --budget 5h --disk 20G": [14],
        "breachkit sweep /srv/mirrors --report html=sweep.html --report sarif=sarif/": [14],
    }
    follow(practice, GUIDES / "every-night.md", codes)


def test_a_playbook_of_ones_own_is_made_as_its_page_shows(practice):
    folder = at(practice, practice.world.yours)
    practice.desk.names.pop("example-tre", None)
    check = "breachkit playbook check my-playbooks/example-tre"
    beside: Cues = {check: [lambda _: fill_in(folder / "my-playbooks" / "example-tre")]}
    follow(
        practice, ROOT / "playbooks" / "README.md", {check: [3], "breachkit scan .": [14]}, beside
    )


@pytest.mark.parametrize("name", ["opensafely-2021", "opensafely-2026"])
def test_the_page_of_a_playbook_can_be_followed(practice, name):
    at(practice, practice.world.yours)
    follow(practice, ROOT / "playbooks" / name / "README.md", {})


def test_a_machine_is_set_up_as_the_guide_shows(practice):
    at(practice, practice.world.yours)
    follow(practice, GUIDES / "set-up.md", {"breachkit doctor --strict": [8]})


def test_a_practice_by_hand_is_as_the_guide_shows(practice):
    at(practice, practice.world.folder / "practising")
    codes = {"breachkit drill check ~/breach-practice": [8]}
    follow(practice, GUIDES / "practise.md", codes)


def test_what_the_checklist_says_how_to_do_is_a_command_as_it_stands_there(practice):
    at(practice, practice.world.yours)
    desk = practice.desk
    desk.home = practice.world.folder / "home-of-checklists"
    for line in ("open owner/name --contacts NAME", "scope", "trace"):
        practice.types(f"breachkit {line}")
    copies_are_chosen(practice)
    desk.names |= {"TARGET": practice.world.target, "FOLDER": str(desk.folder), "ROLE": "SIRO"}
    desk.names |= {"COPY": desk.names["K-031"], "ANSWER": "no"}
    desk.names |= {"DATE": "2099-01-01", "TIME": "2099-01-01T09:00Z"}

    helps = {
        item.help for name in organisations() for item in load_template(name).items if item.help
    }
    lines = sorted(each for each in helps if each.startswith("breachkit ") and each not in LONG)
    wrong = {line: ran.err for line in lines if (ran := desk.types(line)).code in WRONG}
    assert wrong == {}
    assert len(lines) > 30
