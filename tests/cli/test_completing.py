"""What shells complete: asked by the shells themselves, at the cost of nothing."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from breachkit.cli.app import main
from breachkit.cli.completing import SCENARIOS, plain
from breachkit.drill.stories.shelf import STORIES
from tests.support.command_line import study


BIN = Path(sys.executable).parent
CONTACTS = Path(__file__).parents[1] / "support" / "contacts.toml"
TOKEN = "sekrit-4711"
ASK = """
complete_line() {
  COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
  _breachkit_completion breachkit
  printf '%s\\n' "${COMPREPLY[*]}"
}
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Two cases: one closed as a false alarm, one open, with messages and copies."""
    folder = tmp_path_factory.mktemp("completing")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BREACHKIT_HOME", str(folder / "home"))
        patch.delenv("BREACHKIT_CASE", raising=False)
        assert main(["open", f"https://jo:{TOKEN}@git.example.org/owner/other"]) == 0
        assert main(["close", "--false-alarm", "--reason", "rounded", "--decided-by", "Jo"]) == 0
        assert main(["open", str(study(folder / "study.git"))]) == 0
        assert main(["notify", "render", "alert", "--contacts", str(CONTACTS)]) == 0
        assert main(["notify", "mark-sent", "N-001"]) == 0
        assert main(["scope"]) == 0
        assert main(["trace"]) == 0
    return folder / "home"


def run(command, home, tmp_path, **env):
    return subprocess.run(
        command,
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
        env={
            "PATH": f"{BIN}:{os.environ['PATH']}",
            "HOME": str(tmp_path),
            "BREACHKIT_HOME": str(home),
            **env,
        },
    )


@pytest.fixture(scope="module")
def script(home):
    """The completion script that this program gives to a bash that asks for it."""
    shown = run(["bash", "-c", "breachkit --show-completion; :"], home, home)
    assert "complete -o default -F _breachkit_completion breachkit" in shown.stdout
    return shown.stdout


def complete(lines, script, home, tmp_path, **env):
    """Let bash complete lines, and give for each what it offers."""
    asked = "\n".join(f"complete_line breachkit {line}" for line in lines)
    ran = run(["bash", "--norc", "-c", f"{script}\n{ASK}\n{asked}"], home, tmp_path, **env)
    assert ran.stderr == ""
    return [set(line.split()) for line in ran.stdout.splitlines()]


def whole(folder):
    return {
        path: (path.stat().st_mtime_ns, path.is_file() and path.read_bytes())
        for path in folder.rglob("*")
    }


def test_bash_completes_ids_names_and_kinds(script, home, tmp_path):
    first, second = sorted(path.name[:12] for path in home.glob("BK-*"))
    expected = {
        "sca": {"scan"},
        "status --case ''": {first, second},
        f"status --case {first[:-1]}": {first, second},
        "notify mar": {"mark-sent"},
        "notify show ''": {f"N-00{number}" for number in (1, 2)},
        "checklist tick A0": {f"A0{number}" for number in range(1, 10)},
        "explain CNT-0": {f"CNT-0{number}" for number in range(1, 6)},
        "playbook show ''": {"generic", "opensafely-2021", "opensafely-2026"},
        "notify render all": {"all", "all-clear"},
        "decide ico": {"ico-report", "ico-told"},
        "scope --exclude F-000": {"F-0001"},
        "drill --scenario no": {"notebook"},
        "scan . --format s": {"sarif"},
        "scan . --min-s": {"--min-severity"},
        "close --duplicate-of ''": {first, second},
    }

    found = dict(zip(expected, complete(expected, script, home, tmp_path), strict=True))

    assert {line: found[line] >= wanted for line, wanted in expected.items()} == dict.fromkeys(expected, True)  # fmt: skip
    assert found["sca"] == {"scan"}
    assert found["status --case ''"] == {first, second}


def test_copies_of_another_case_are_not_offered(script, home, tmp_path):
    closed, opened = sorted(path.name[:12] for path in home.glob("BK-*"))
    lines = ["copies show ''", f"copies show --case {closed} ''", f"copies show --case {opened} ''"]

    only_open, of_closed, of_open = complete(lines, script, home, tmp_path)

    assert "K-001" in only_open
    assert only_open == of_open
    assert of_closed == set()


def test_a_playbook_of_ones_own_is_offered(script, home, tmp_path):
    assert main(["playbook", "new", "our-own", "--into", str(tmp_path / "books")]) == 0

    (found,) = complete(
        [f"playbook show --playbooks {tmp_path / 'books'} o"], script, home, tmp_path
    )

    assert found == {"our-own", "opensafely-2021", "opensafely-2026"}


def test_completing_writes_nothing_and_takes_no_lock(script, home, tmp_path):
    before = whole(home)

    complete(
        ["status --case ''", "notify show ''", "copies show ''", "checklist tick ''"],
        script,
        home,
        tmp_path,
    )
    missing = tmp_path / "nowhere"
    complete(["status --case ''"], script, missing, tmp_path)

    assert whole(home) == before
    assert not missing.exists()


@pytest.mark.parametrize(
    ("name", "line"),
    [("case.json", "status --case ''"), ("events.jsonl", "notify show ''"), ("copies.json", "copies show ''")],
)  # fmt: skip
def test_whatever_is_broken_completes_nothing_and_says_nothing(script, home, tmp_path, name, line):
    broken = tmp_path / "broken"
    shutil.copytree(home, broken)
    for path in broken.glob(f"BK-*/{name}"):
        path.write_bytes(b'{"copies": 3, \xff')

    (found,) = complete([line], script, broken, tmp_path)

    assert found == (
        {case.name[:12] for case in home.glob("BK-*")} if name == "case.json" else set()
    )


def in_process(line, home, tmp_path, shell="zsh", **env):
    ran = run(
        [BIN / "breachkit"], home, tmp_path,
        _BREACHKIT_COMPLETE=f"complete_{shell}", _TYPER_COMPLETE_ARGS=f"breachkit {line}",
        _TYPER_COMPLETE_FISH_ACTION="get-args", **env,
    )  # fmt: skip
    assert (ran.returncode, ran.stderr) == (0, "")
    return ran.stdout


def test_open_cases_come_first_with_what_they_are_about_and_never_who_or_a_token(home, tmp_path):
    closed, opened = sorted(path.name[:12] for path in home.glob("BK-*"))

    lines = in_process("status --case ", home, tmp_path, shell="fish").splitlines()

    assert [line.partition("\t")[0] for line in lines] == [opened, closed]
    assert lines[0].split("\t")[1].startswith("open, suspected, 20")
    assert lines[1].endswith("owner/other")
    assert TOKEN not in "".join(lines)
    assert "jo" not in "".join(lines)


def test_what_is_said_of_messages_and_copies_names_nobody(home, tmp_path):
    messages = in_process("notify show ", home, tmp_path, shell="fish")
    copies = in_process("copies show ", home, tmp_path, shell="fish")
    labels = [
        each["label"]
        for each in json.loads(next(home.glob("BK-*/copies.json")).read_bytes())["copies"]
    ]

    assert "internal-alert, sent" in messages
    assert "@" not in messages + copies
    assert labels
    assert not any(label in copies for label in labels)


@pytest.mark.parametrize("line", ["status --case ", "checklist tick ", "--"])
def test_completing_loads_nothing_that_draws_asks_or_parses(line, home, tmp_path):
    code = (
        "import sys, breachkit.cli.app as a\n"
        "try: a.main()\nexcept SystemExit: pass\n"
        "print(*sorted(name for name in sys.modules if sys.modules[name]), file=sys.stderr)"
    )
    ran = run(
        [sys.executable, "-c", code], home, tmp_path,
        _BREACHKIT_COMPLETE="complete_zsh", _TYPER_COMPLETE_ARGS=f"breachkit {line}",
    )  # fmt: skip
    heavy = {"rich", "github", "requests", "lxml", "numpy", "jinja2", "breachkit.detect.registry", "breachkit.workflows.scan"}  # fmt: skip

    assert ran.stdout.strip()
    assert heavy & set(ran.stderr.split()) == set()


@pytest.mark.skipif(shutil.which("zsh") is None, reason="needs zsh")
def test_zsh_takes_what_it_is_given_for_words(home, tmp_path):
    script = """
_arguments() { print -r -- "$@" }
eval $(env _TYPER_COMPLETE_ARGS="$1" _BREACHKIT_COMPLETE=complete_zsh breachkit)
"""
    for line in (
        "breachkit status --case ",
        "breachkit re",
        "breachkit explain ",
        "breachkit decide ",
    ):
        ran = run(["zsh", "-fc", script, "zsh", line], home, tmp_path)
        assert ran.stderr == ""
        assert ran.stdout.startswith("*: :((")


@pytest.mark.skipif(shutil.which("fish") is None, reason="needs fish")
def test_fish_completes_case_ids(home, tmp_path):
    opened = max(path.name[:12] for path in home.glob("BK-*"))
    script = (
        "fish -c 'breachkit --show-completion' | source; complete -C 'breachkit status --case '"
    )

    ran = run(["fish", "-c", script], home, tmp_path)

    assert f"{opened}\topen, suspected" in ran.stdout


def test_installing_puts_the_script_where_bash_reads_it(home, tmp_path):
    run(["bash", "-c", "breachkit --install-completion; :"], home, tmp_path)

    ran = run(
        ["bash", "--rcfile", tmp_path / ".bashrc", "-ic", "complete -p breachkit"], home, tmp_path
    )

    assert "_breachkit_completion" in ran.stdout


def test_every_story_is_offered():
    assert set(SCENARIOS) == STORIES.keys()


def test_words_that_a_shell_could_take_for_more_are_taken_out():
    told = plain('$(rm -rf ~) `id` "x" [red] it\'s; a:b \x1b[31m')

    assert not set(told) & set("$`\"'[]\\\x1b:")
    assert len(plain("x" * 500)) <= 64
