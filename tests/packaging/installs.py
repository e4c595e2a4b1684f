"""Install what was built as people do, each time into an environment of its own, and let it work there.

Run by hand and before a release:

    python tests/packaging/installs.py dist

A wheel and a source archive lie in `dist`. pip, pipx and uv are those beside the Python that runs this.
Each installation scans a repository, checks a folder and goes through the whole drill; those without
`formats` say what they could not read. It ends with 1 where anything is not as it has to be.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path


TYPED = "import breachkit\nversion: int = breachkit.__version__\n"
"""What mypy has to object to: it does only where it finds the types of what is installed."""

Install = Callable[[Path, Path, str], Path]
"""Takes an empty folder, what was built, and extras as `[formats]` or nothing; gives the program."""


def run(
    *command: str | Path, env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, whatever it comes to."""
    return subprocess.run(
        list(map(str, command)), env=env, cwd=cwd, capture_output=True, check=False, encoding="utf-8",
        stdin=subprocess.DEVNULL,
    )  # fmt: skip


def insist(*command: str | Path, env: Mapping[str, str] | None = None) -> None:
    """Run a command that has to succeed."""
    done = run(*command, env=env)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")


def clean(**more: str) -> dict[str, str]:
    """Give this environment without what could lead Python to the source tree."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL_ENV", "BREACHKIT"))}  # fmt: skip
    return {**kept, "UV_PYTHON_DOWNLOADS": "never", **more}


def tool(name: str) -> Path:
    """Give a program that lies beside the Python that runs this."""
    return Path(sys.executable).parent / name


def by_pip(folder: Path, built: Path, extras: str) -> Path:
    """Install into a new virtual environment."""
    insist(sys.executable, "-m", "venv", folder)
    insist(folder / "bin/pip", "install", "--quiet", f"{built}{extras}", env=clean())
    return folder / "bin/breachkit"


def by_pipx(folder: Path, built: Path, extras: str) -> Path:
    """Install as a program of one's own, as pipx does."""
    env = clean(PIPX_HOME=str(folder / "home"), PIPX_BIN_DIR=str(folder / "bin"))
    insist(tool("pipx"), "install", "--python", sys.executable, f"{built}{extras}", env=env)
    return folder / "bin/breachkit"


def by_uv(folder: Path, built: Path, extras: str) -> Path:
    """Install as a program of one's own, as uv does."""
    env = clean(UV_TOOL_DIR=str(folder / "home"), UV_TOOL_BIN_DIR=str(folder / "bin"))
    insist(tool("uv"), "tool", "install", "--python", sys.executable, f"{built}{extras}", env=env)
    return folder / "bin/breachkit"


def study(folder: Path) -> Path:
    """Make a repository with a small count that was deleted again, and a page."""
    made = folder / "study"
    made.mkdir()
    git = ("git", "-C", made, "-c", "user.name=Sam", "-c", "user.email=sam@example.org")
    insist("git", "init", "--quiet", made)
    (made / "output").mkdir()
    (made / "output/counts.csv").write_text("region,patients\nLondon,364\nNorth East,3\n")
    (made / "output/page.svg").write_text(
        "<svg xmlns='http://www.w3.org/2000/svg'><text>3</text></svg>"
    )
    insist(*git, "add", ".")
    insist(*git, "commit", "--quiet", "--message", "Add results")
    insist(*git, "rm", "--quiet", "output/counts.csv")
    insist(*git, "commit", "--quiet", "--message", "Remove results")
    return made


def wrong(program: Path, version: str, extras: str, scratch: Path) -> Iterator[str]:
    """Let an installation work, and give whatever is not as it has to be."""
    env = clean(BREACHKIT_HOME=str(scratch / "home"), COLUMNS="100")
    repository = study(scratch)
    said = run(program, "--version", env=env, cwd=scratch)
    if version not in said.stdout or said.returncode:
        yield f"--version says {said.stdout!r}"
    scanned = run(program, "scan", repository, env=env, cwd=scratch)
    if scanned.returncode < 11 or "CNT-01" not in scanned.stdout:
        yield f"the scan ended with {scanned.returncode}"
    is_unread = "needs breachkit[formats]" in scanned.stdout
    if is_unread == ("formats" in extras):
        yield "the scan says of formats what is not so"
    checked = run(program, "check", repository / "output", env=env, cwd=scratch)
    if not checked.stdout.startswith("NOT READY"):
        yield f"check ended with {checked.returncode}"
    drilled = run(program, "drill", env=env, cwd=scratch)
    if drilled.returncode or "DRILL PASSED" not in drilled.stdout:
        yield f"the drill ended with {drilled.returncode}"
    for done in (said, scanned, checked, drilled):
        if "Traceback" in done.stderr or "unexpected" in done.stderr:
            yield done.stderr


def is_typed(program: Path, scratch: Path) -> bool:
    """Say whether a type checker believes what the installed package says of its types."""
    (scratch / "uses.py").write_text(TYPED)
    python = program.parent / "python"
    said = run(sys.executable, "-m", "mypy", "--python-executable", python, "uses.py", env=clean(), cwd=scratch)  # fmt: skip
    return 'expression has type "str", variable has type "int"' in said.stdout


def main(dist: Path) -> int:
    """Go through every way to install what was built."""
    [wheel] = dist.resolve().glob("*.whl")
    [archive] = dist.resolve().glob("*.tar.gz")
    version = wheel.name.split("-")[1]
    ways: tuple[tuple[str, Install, Path, str], ...] = (
        ("pip, wheel", by_pip, wheel, ""),
        ("pip, wheel with every extra", by_pip, wheel, "[formats,stamp,dask,tauargus,forms]"),
        ("pip, source archive", by_pip, archive, ""),
        ("pipx, wheel", by_pipx, wheel, ""),
        ("uv, wheel with formats", by_uv, wheel, "[formats]"),
    )
    bad = 0
    for name, install, built, extras in ways:
        began = time.monotonic()
        with tempfile.TemporaryDirectory() as scratch:
            program = install(Path(scratch) / "installed", built, extras)
            found = list(wrong(program, version, extras, Path(scratch)))
            if install is by_pip and not is_typed(program, Path(scratch)):
                found.append("a type checker does not find its types")
        print(
            f"{name}: {'; '.join(found) or 'works'} ({time.monotonic() - began:.0f} s)", flush=True
        )
        bad += bool(found)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
