"""Is the program whole: Python, its libraries, what it cannot read for want of one, and its rewriter."""

import importlib.util
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib import metadata

from breachkit.actions.health import Diagnosis, broken, doubtful, fine
from breachkit.model.records import dataclass


OLDEST_PYTHON = (3, 11)
REWRITER = "git-filter-repo"
PINNED = "2.47.0"
"""Its Python interface makes no promise of stability, so that one version is known to work."""

EXTRAS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "formats": (
        (
            *("highspy", "lxml", "numpy", "olefile", "orjson", "pyarrow"),
            *("pypdf", "pypdfium2", "pyreadstat", "xlrd", "zstandard"),
        ),
        "some of HTML, Excel, PDF, Stata, SPSS, SAS, Parquet, images and zstd stay unread and are said so",
    ),
    "stamp": (
        ("rfc3161_client",),
        "no time stamp of an outside authority can be put on the journal (log stamp)",
    ),
    "dask": (("distributed",), "a sweep runs on this machine alone (sweep --dask)"),
    "tauargus": (("pytauargus",), "redact cannot ask Tau-Argus; its own way works without"),
    "forms": (("docx",), "a release request is written as Markdown, not for Word"),
}
"""By extra: the modules that it brings, and what cannot be done without them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What is installed."""

    python: tuple[int, ...]
    executable: str
    rewriter: str | None
    """Its version; None where it is not installed."""
    rewriter_loads: bool
    missing: Mapping[str, Sequence[str]]
    """By extra, the modules that are not there."""


def gather() -> Program:
    """Look at what is installed beside this program."""
    try:
        version = metadata.version(REWRITER)
    except metadata.PackageNotFoundError:
        version = None
    return Program(
        python=tuple(sys.version_info[:3]),
        executable=sys.executable,
        rewriter=version,
        rewriter_loads=_is_there("git_filter_repo"),
        missing={
            extra: tuple(name for name in modules if not _is_there(name))
            for extra, (modules, _) in EXTRAS.items()
        },
    )


def judge(program: Program) -> Iterator[Diagnosis]:
    """Say whether it is whole."""
    yield _python(program)
    yield _rewriter(program)
    for extra in EXTRAS:
        yield _extra(extra, program)


def _is_there(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):
        return False


def _python(program: Program) -> Diagnosis:
    version = ".".join(map(str, program.python))
    if program.python[:2] >= OLDEST_PYTHON:
        return fine("program.python", f"Python {version}")
    need = ".".join(map(str, OLDEST_PYTHON))
    return broken(
        "program.python",
        f"Python {version} is older than {need}",
        "parts of the program do not load",
        "uv tool install --python 3.12 'breachkit[formats]'",
    )


def _rewriter(program: Program) -> Diagnosis:
    repair = f"{_pip(program)} install '{REWRITER}=={PINNED}'"
    means = "rewrite cannot take data out of a history, or not in the way that was proven"
    if program.rewriter is None or not program.rewriter_loads:
        return broken("program.filter-repo", f"{REWRITER} {PINNED} is not installed", means, repair)
    if program.rewriter != PINNED:
        says = f"{REWRITER} {program.rewriter} is installed, and {PINNED} is the one that fits"
        return broken("program.filter-repo", says, means, repair)
    return fine("program.filter-repo", f"{REWRITER} {PINNED}")


def _extra(extra: str, program: Program) -> Diagnosis:
    missing = program.missing[extra]
    if not missing:
        return fine(f"program.{extra}", f"breachkit[{extra}] is whole")
    what = "is not installed" if len(missing) == len(EXTRAS[extra][0]) else "is not whole"
    return doubtful(
        f"program.{extra}",
        f"breachkit[{extra}] {what}: {', '.join(missing)}",
        EXTRAS[extra][1],
        f"{_pip(program)} install 'breachkit[{extra}]'",
    )


def _pip(program: Program) -> str:
    import shlex

    return f"{shlex.quote(program.executable)} -m pip"
