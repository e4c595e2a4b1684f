"""What a command loads before it does anything: little, and no more when there are more commands."""

import subprocess
import sys

import pytest

from breachkit.cli.contents import ENTRIES


OURS = frozenset(
    f"breachkit.{name}"
    for name in ("cli", "cli.app", "cli.completing", "cli.contents", "cli.groups", "model", "model.errors", "model.ids", "model.records")
) | {"breachkit"}  # fmt: skip
ROOMS = ("breachkit.cli", "breachkit.model", "breachkit.report")
"""What the rooms of commands are made of; `report` for how names are shown."""
TYPERS = frozenset({"typer", "shellingham", "annotated_doc", "typing_extensions"})
SLOW = frozenset(
    {"asyncio", "concurrent", "email", "http", "multiprocessing", "socket", "sqlite3", "ssl", "unittest", "xml"}
)  # fmt: skip
"""Parts of Python's own library that take longer to load than the help to be written."""
WORKS_ON_HISTORIES = frozenset(
    f"breachkit.{name}"
    for name in (
        *("git.backup", "git.sealing", "git.clone_check", "git.filter_repo", "git.children"),
        *("workflows.trace", "workflows.verify_clone"),
    )
) | {"pyrage", "multiprocessing"}  # fmt: skip
"""What encrypts, rewrites, looks through clones or searches for copies; people ask `next` at every step."""


def loaded(code):
    """Give the modules that a fresh interpreter has after some code, beside those it starts with."""
    before = "import sys; before = set(sys.modules)"
    after = "print('\\n', *sorted(set(sys.modules) - before), file=sys.stderr)"
    ran = subprocess.run(
        [sys.executable, "-c", f"{before}\n{code}\n{after}"],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
    )
    return set(ran.stderr.splitlines()[-1].split())


def foreign(modules):
    """Give what belongs neither to Python nor to typer nor to breachkit."""
    tops = {name.partition(".")[0] for name in modules}
    return {name for name in tops - TYPERS - {"breachkit"} if name not in sys.stdlib_module_names}


@pytest.mark.parametrize("words", [["--help"], ["--version"]], ids=" ".join)
def test_the_help_of_the_program_loads_no_command(words):
    modules = loaded(f"from breachkit.cli.app import main; main({words!r})")

    assert {name for name in modules if name.startswith("breachkit")} <= OURS
    assert foreign(modules) == set()
    assert {name.partition(".")[0] for name in modules} & SLOW == set()


def test_the_help_of_no_command_loads_what_does_the_work():
    code = "from breachkit.cli.groups import load\n" + "\n".join(
        f"load({room!r})" for room in sorted({entry.room for entry in ENTRIES.values()})
    )

    modules = loaded(code)

    assert [name for name in modules if name.startswith("breachkit.") and not name.startswith(ROOMS)] == []  # fmt: skip
    assert foreign(modules) == set()
    assert {name.partition(".")[0] for name in modules} & SLOW == set()


def test_the_help_of_a_command_loads_its_own_room_and_no_other():
    modules = loaded("from breachkit.cli.app import main; main(['next', '--help'])")

    rooms = {f"breachkit.cli.{entry.room}" for entry in ENTRIES.values()}
    assert modules & rooms == {"breachkit.cli.standing"}


@pytest.mark.parametrize("words", [["status"], ["next"], ["status", "--all"]], ids=" ".join)
def test_saying_where_a_case_stands_loads_nothing_that_works_on_histories(breachkit, words):
    breachkit.expect(0, "open", "example/study", "--kind", "suspected")

    modules = loaded(f"from breachkit.cli.app import main; assert main({words!r}) == 0")

    assert "breachkit.workflows.standing" in modules
    assert modules & WORKS_ON_HISTORIES == set()
