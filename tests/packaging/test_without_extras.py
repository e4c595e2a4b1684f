"""Installed without any extra, breachkit works, and says of every file and command what it lacks."""

import io
import json
import os
import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet
import pyreadstat
import pytest
import zstandard

from tests.support import office
from tests.support.command_line import SAFE_COUNTS, SMALL_COUNTS, clean_study
from tests.support.gitrepo import History


ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = {name: needs for name, needs in PROJECT["optional-dependencies"].items() if name != "dev"}
LIBRARIES = {re.split(r"[<>=]", need)[0].lower() for needs in EXTRAS.values() for need in needs}
MODULES = sorted(
    module
    for module, libraries in metadata.packages_distributions().items()
    if LIBRARIES & {library.lower() for library in libraries}
)

WITHOUT = f"""
import sys

class Without:
    def __init__(self, finder):
        self.finder = finder

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {MODULES!r}:
            return None
        return self.finder.find_spec(name, path, target)

    def __getattr__(self, name):
        return getattr(self.finder, name)

sys.meta_path[:] = map(Without, sys.meta_path)
"""

EVERY_COMMAND = """
import contextlib, io, json, sys
from breachkit.cli.app import main, program
from typer.main import get_command

def paths(command, path=()):
    yield path
    for name, inner in getattr(command, "commands", {}).items():
        yield from paths(inner, (*path, name))

said = {}
for path in paths(get_command(program())):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main([*path, "--help"])
    said[" ".join(path)] = (code, out.getvalue(), err.getvalue())
json.dump(said, sys.stdout)
"""


@pytest.fixture(scope="module")
def without(tmp_path_factory):
    """Give what runs Python where no module of an extra can be imported, in child processes neither."""
    folder = tmp_path_factory.mktemp("without")
    (folder / "site").mkdir()
    (folder / "site/sitecustomize.py").write_text(WITHOUT)
    env = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join((str(folder / "site"), str(ROOT))),
        "BREACHKIT_HOME": str(folder / "home"),
        "COLUMNS": "200",
    }

    def run(*args, text=None):
        return subprocess.run(
            [sys.executable, *args], env=env, cwd=folder, capture_output=True, check=False,
            input=text or "", encoding="utf-8", timeout=120,
        )  # fmt: skip

    return run


def written(write):
    held = io.BytesIO()
    write(held)
    return held.getvalue()


def from_pyreadstat(write, suffix, folder):
    path = folder / f"made.{suffix}"
    write(pd.DataFrame({"patients": [3, 364]}), str(path))
    return path.read_bytes()


@pytest.fixture(scope="module")
def unread(tmp_path_factory):
    """Give one file of each format that a library of an extra reads."""
    folder = tmp_path_factory.mktemp("unread")
    table = pa.table({"patients": [3, 364]})
    stata = folder / "counts.dta"
    pyreadstat.write_dta(pd.DataFrame({"patients": [3, 364]}), str(stata))
    return {
        "counts.parquet": written(lambda file: pyarrow.parquet.write_table(table, file)),
        "counts.feather": written(lambda file: pyarrow.feather.write_feather(table, file)),
        "counts.xls": office.old_workbook(),
        "counts.pdf": office.pdf([(72, 700, "patients 3")]),
        "counts.html": b"<html><table><tr><td>patients</td></tr><tr><td>3</td></tr></table></html>",
        "counts.xml": b"<?xml version='1.0'?><rows><patients>3</patients></rows>",
        "counts.svg": b"<svg xmlns='http://www.w3.org/2000/svg'><text>patients 3</text></svg>",
        "counts.npy": written(lambda file: np.save(file, np.array([3, 364]))),
        "counts.dta": stata.read_bytes(),
        "counts.csv.zst": zstandard.ZstdCompressor().compress(SMALL_COUNTS),
    }


READ = {
    "counts.csv": SMALL_COUNTS,
    "counts.xlsx": office.workbook(),
    "counts.docx": office.document(),
    "counts.ods": office.open_spreadsheet(),
}
"""What Python's own library is enough for."""


@pytest.fixture(scope="module")
def scanned(without, unread, tmp_path_factory):
    """Give a scan of a repository with all of them."""
    history = History()
    files = {**unread, **READ, "safe.csv": SAFE_COUNTS}
    history.commit({f"output/{name}".encode(): content for name, content in files.items()})
    study = history.build(tmp_path_factory.mktemp("study") / "study.git")
    return without("-m", "breachkit", "scan", str(study), "--json")


def test_every_command_has_its_help(without):
    ran = without("-c", EVERY_COMMAND)

    assert ran.stderr == ""
    said = json.loads(ran.stdout)
    assert len(said) > 60
    assert {path: (code, err) for path, (code, _, err) in said.items() if code or err} == {}


def test_a_scan_names_every_file_that_it_could_not_read_and_what_brings_its_reader(scanned, unread):
    skipped = {each["path"]: each["reason"] for each in json.loads(scanned.stdout)["skipped"]}

    assert set(skipped) == {f"output/{name}" for name in unread}
    assert [why for why in skipped.values() if "needs breachkit[formats]" not in why] == []


def test_a_scan_finds_what_can_be_read_without(scanned):
    found = {each["path"] for each in json.loads(scanned.stdout)["findings"]}

    assert "output/counts.csv" in found
    assert scanned.returncode >= 11
    assert "Traceback" not in scanned.stderr


def test_what_could_not_be_read_is_never_clean(without, unread, tmp_path):
    history = History()
    history.commit({b"output/safe.csv": SAFE_COUNTS})
    clean = without("-m", "breachkit", "scan", str(history.build(tmp_path / "clean.git")))
    history.commit({b"output/counts.html": unread["counts.html"]})
    partly = without("-m", "breachkit", "scan", str(history.build(tmp_path / "partly.git")))

    assert clean.returncode == 0
    assert partly.returncode == 5
    assert "needs breachkit[formats]" in partly.stdout


def test_a_folder_that_cannot_be_read_whole_is_not_released(without, unread, tmp_path):
    (tmp_path / "counts.svg").write_bytes(unread["counts.svg"])
    ran = without("-m", "breachkit", "check", str(tmp_path))

    assert ran.returncode != 0
    assert ran.stdout.startswith("NOT READY")
    assert "not examined: SVG figure: not read, because this needs breachkit[formats]" in ran.stdout
    assert "Traceback" not in ran.stderr


LACKING = {
    "request": (2, "forms", ("request", "{folder}", "--output", "request.docx")),
    "sweep": (3, "dask", ("sweep", "{studies}", "--dask", "tcp://127.0.0.1:9")),
    "redact": (3, "tauargus", ("redact", "{folder}", "--engine", "tau-argus", "--output", "redacted")),
    "stamp": (3, "stamp", ("log", "stamp")),
}  # fmt: skip


@pytest.mark.parametrize("name", LACKING)
def test_a_command_that_needs_an_extra_names_it(without, tmp_path, name):
    code, extra, args = LACKING[name]
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "safe.csv").write_bytes(SAFE_COUNTS)
    study = clean_study(tmp_path / "studies/study.git")
    if name == "stamp":
        assert without("-m", "breachkit", "open", str(study)).returncode == 0
    ran = without(
        "-m", "breachkit", *(arg.format(folder=folder, studies=study.parent) for arg in args)
    )

    assert f"breachkit[{extra}]" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert ran.returncode == code
