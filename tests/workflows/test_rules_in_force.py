"""Whatever a verdict follows from is part of the identity that it is kept under."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import breachkit


ASK = "from breachkit.workflows.rules_in_force import rules_in_force as r; print(r().hex())"


@pytest.fixture
def copy(tmp_path):
    shutil.copytree(
        Path(breachkit.__file__).parent,
        tmp_path / "breachkit",
        ignore=shutil.ignore_patterns("__pycache__", "drill", "cli"),
    )
    return tmp_path


def identity(folder, ask=ASK):
    done = subprocess.run(
        [sys.executable, "-c", ask], cwd=folder, capture_output=True, check=True, text=True
    )
    return done.stdout.strip()


def test_the_same_code_is_the_same_rules_wherever_it_lies(copy, tmp_path):
    assert identity(copy) == identity(copy)
    assert len(identity(copy)) == 32


@pytest.mark.parametrize("file", ["detect/rules/cnt_01.py", "sdc/counts.py", "documents/table.py"])
def test_a_change_of_any_rule_or_reader_makes_other_rules(copy, file):
    before = identity(copy)
    with (copy / "breachkit" / file).open("a") as code:
        code.write("# another threshold\n")

    assert identity(copy) != before


def test_a_reader_that_is_not_installed_makes_other_rules(copy):
    hidden = (
        "from importlib import metadata as m; real = m.version\n"
        "def version(name):\n"
        "    if name == 'pyarrow': raise m.PackageNotFoundError(name)\n"
        "    return real(name)\n"
        f"m.version = version\n{ASK}"
    )
    assert identity(copy, hidden) != identity(copy)
