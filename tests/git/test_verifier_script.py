"""The one-file verifier: plain shell, honest about itself, and nothing sensitive in what it says."""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from breachkit.actions.clone_check import (
    CloneResult,
    NotAResultError,
    NotCleanError,
    OtherListError,
    believe,
    require_clean,
)
from breachkit.actions.clone_list import CloneList, NoListError
from breachkit.report.verifier_script import verifier_script
from tests.support.clones import SHELLS, looked, result_in, run_verifier, world
from tests.support.gitrepo import git


@pytest.fixture(scope="module")
def stale(tmp_path_factory):
    made = world(tmp_path_factory.mktemp("world"))
    return made, made.clone(made.script.parent / "clone")


@pytest.fixture(scope="module")
def said(stale):
    made, clone = stale
    return run_verifier(made.script, clone, bins=made.script.parent / "bins")


def test_shellcheck_has_nothing_to_say(stale):
    made, _ = stale
    checker = shutil.which("shellcheck", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    if checker is None:
        pytest.skip("shellcheck is not installed; it comes with the extra dev")
    # SC2329: functions that are called by name; SC2013: names of refs hold no spaces.
    command = [checker, "--shell=sh", "--exclude=SC2329,SC2013", made.script]

    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("shell", SHELLS)
def test_every_shell_can_read_it(stale, shell):
    made, _ = stale
    name = [shell, "sh"] if shell == "busybox" else [shell]

    assert subprocess.run([*name, "-n", made.script], check=False).returncode == 0


def test_it_uses_nothing_that_only_some_tools_know(stale):
    made, _ = stale
    text = made.script.read_text()
    code = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))

    unknown = (
        *(r"\[\[", r"\blocal\b", r"<\(", r"\bmktemp\b", r"\breadlink\b", r"\bxargs\b", r"\bseq\b"),
        *(
            r"sed -[iE]",
            r"grep -[a-zA-Z]*[oPE]",
            r"\\\|",
            r"echo -",
            r"\bfunction\b",
            r"\bsource\b",
        ),
    )
    assert [word for word in unknown if re.search(word, code)] == []
    assert text.isascii()
    assert "\r" not in text


def test_it_says_at_its_top_that_it_is_confidential_and_is_to_be_deleted(stale):
    made, _ = stale
    top = made.script.read_text().split("\n\n")[0]

    assert top.startswith("#!/bin/sh\n# CONFIDENTIAL")
    assert "delete it" in top
    assert "only reads" in top


def test_three_lines_tell_a_person_the_result(said):
    first, second, third, empty = said.stdout.split("\n")[:4]

    assert first.startswith("TAINTED: this copy still holds what was taken back.")
    assert second.startswith("Looked at 22 objects, 28 files and 1 stores of git; found in: ")
    assert third.startswith("Send us the lines between the marks.")
    assert empty == ""


def test_nothing_in_the_result_could_be_taken_for_an_id(stale, said):
    block = said.stdout.split("----- send from here -----")[1].split("----- to here -----")[0]
    _, clone = stale

    assert re.findall(r"[0-9a-f]{7,}", block.replace("verifier", "")) == []
    assert str(clone) not in block
    assert "table" not in block
    assert json.loads(block)["hits"][0] == {"place": "objects", "files": [1], "history": 8}


def test_no_old_id_is_in_anything_it_says(stale, said):
    made, _ = stale
    words = set(re.findall(r"[0-9a-f]{7,}", said.stdout + said.stderr))

    assert not [word for word in words for one in made.wanted.objects if one.startswith(word)]


def test_it_runs_from_the_folder_it_is_in_and_on_the_folder_one_is_in(stale, tmp_path):
    made, clone = stale
    (tmp_path / "-v e'r.sh").write_bytes(made.script.read_bytes())
    shutil.copytree(clone, tmp_path / "clone")

    inside = run_verifier(made.script, bins=tmp_path / "bins", cwd=tmp_path / "clone")
    beside = run_verifier("./-v e'r.sh", "clone", bins=tmp_path / "bins", cwd=tmp_path)

    for ran in (inside, beside):
        assert result_in(ran.stdout, made.wanted).verdict == "tainted"


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text.replace("\nh ", "\nd ", 1),
        lambda text: re.sub(r"\nd [0-9a-f]{40} 1 0", "", text, count=1),
    ],
    ids=["changed", "shortened"],
)
def test_a_damaged_list_stops_it(stale, tmp_path, damage):
    made, clone = stale
    (tmp_path / "v.sh").write_text(damage(made.script.read_text()))

    ran = run_verifier(tmp_path / "v.sh", clone, bins=tmp_path)

    assert (ran.returncode, ran.stdout) == (5, "UNKNOWN: this script is damaged: ask us for another one\n")  # fmt: skip
    with pytest.raises(NoListError):
        CloneList.from_script((tmp_path / "v.sh").read_text())


@pytest.mark.parametrize("shell", SHELLS)
def test_a_script_that_did_not_come_whole_never_ends_as_if_all_were_well(stale, tmp_path, shell):
    made, clone = stale
    lines = made.script.read_text().splitlines(keepends=True)
    first = next(number for number, line in enumerate(lines) if line.startswith("whole="))

    for number in range(first + 2, len(lines), 37):
        (tmp_path / "v.sh").write_text("".join(lines[:number]))
        ran = run_verifier(tmp_path / "v.sh", clone, shell=shell, bins=tmp_path)
        assert ran.returncode not in {0, 7}, number
        assert "CLEAN" not in ran.stdout


@pytest.mark.parametrize("tool", ["awk", "git"])
def test_tools_that_do_not_work_stop_it(stale, tmp_path, tool):
    made, clone = stale
    broken = tmp_path / "dash" / tool
    broken.parent.mkdir()
    broken.write_text("#!/bin/sh\nexit 0\n")
    broken.chmod(0o755)
    (tmp_path / "dash" / "sh").symlink_to("/bin/sh")

    ran = run_verifier(made.script, clone, bins=tmp_path)

    assert ran.returncode == 5
    assert ran.stdout.startswith("UNKNOWN: ")


def test_a_git_that_is_too_old_stops_it(stale, tmp_path):
    made, clone = stale
    old = tmp_path / "dash" / "git"
    old.parent.mkdir()
    real = shutil.which("git")
    old.write_text(
        f'#!/bin/sh\n[ "$1" = version ] && echo git version 2.19.6 && exit\nexec {real} "$@"\n'
    )
    old.chmod(0o755)
    (tmp_path / "dash" / "sh").symlink_to("/bin/sh")

    ran = run_verifier(made.script, clone, bins=tmp_path)

    assert (ran.returncode, ran.stdout) == (
        5,
        "UNKNOWN: git is older than 2.20 here: install a newer one\n",
    )


def test_the_list_comes_back_out_of_the_script(stale):
    made, _ = stale
    text = verifier_script(made.wanted).decode()

    assert CloneList.from_script(text) == made.wanted
    assert CloneList.from_script(text.replace("\n", "\r\n")) == made.wanted


def test_what_is_no_verifier_gives_no_list():
    for text in ("", "#!/bin/sh\necho CLEAN\n", "token='g'\nround='1'\nseed='g'\ncheck='1'\n"):
        with pytest.raises(NoListError):
            CloneList.from_script(text)


@pytest.fixture(scope="module")
def result(stale, tmp_path_factory):
    """What the script says of a copy that is clean."""
    made, _ = stale
    folder = tmp_path_factory.mktemp("clean")
    own = made.copied_to(folder)
    own.clean_up()
    clone = own.clone(folder / "clone")
    return run_verifier(made.script, clone, bins=folder / "bins").stdout


def test_a_clean_result_is_believed_also_with_a_mail_around_it(stale, result):
    made, _ = stale
    mail = f"Dear all,\n\nhere it is:\n\n{result}\nBest wishes\nAda\n".replace("\n", "\r\n")

    for text in (result, mail):
        require_clean(believe(text, [made.wanted]))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (r'"objects": \d+', '"objects": 12345'),
        (r'"files": \d+', '"files": 12345'),
        (r'"at": "2\d', '"at": "29'),
        (r'"hits": \[\]', '"hits": [{"place": "files", "files": [1], "history": 0}]'),
        (r'"unread": \[\]', '"unread": ["objects:pack"]'),
        (r'"verdict": "clean"', '"verdict": "tainted"'),
        (r'"copy": "\w', '"copy": "a'),
        (r'"seal": "\w', '"seal": "a'),
        (r'"stores": 1', '"stores": true'),
        (r'"stores": 1', '"stores": -1'),
        (r'"schema": "breachkit.clone-result/1"', '"schema": "breachkit.clone-result/2"'),
        (r'"seal"', '"stamp"'),
        (r'"git": "', '"git": "\u0661'),
        (r"\{", "["),
    ],
    ids=range(14),
)
def test_a_result_that_was_changed_is_refused(stale, result, before, after):
    made, _ = stale
    changed = re.sub(before, after, result, count=1)
    assert changed != result

    with pytest.raises(NotAResultError):
        believe(changed, [made.wanted])
    with pytest.raises(NotAResultError):
        believe('{"schema":' + "[" * 100_000 + "]" * 100_000 + "}", [made.wanted])


def test_a_tainted_result_made_clean_by_hand_is_refused(stale, said):
    made, _ = stale
    text = said.stdout.split("HOW TO CLEAN")[0]
    data = json.loads(text[text.index("{") : text.rindex("}") + 1])

    with pytest.raises(NotAResultError):
        believe(json.dumps({**data, "hits": [], "verdict": "clean"}), [made.wanted])


def test_a_result_about_another_case_or_round_is_refused(stale, result):
    made, _ = stale

    for other in (replace(made.wanted, token="q" * 30), replace(made.wanted, round=2)):
        with pytest.raises(OtherListError):
            believe(result, [other])
    with pytest.raises(OtherListError):
        believe(result, [replace(made.wanted, by="breachkit")])


def test_only_a_clean_result_proves(stale, said):
    made, _ = stale
    tainted = result_in(said.stdout, made.wanted)
    unknown = replace(tainted, hits=(), unread=("objects:pack",))

    for one, why in ((tainted, "objects, names"), (unknown, "objects:pack")):
        with pytest.raises(NotCleanError, match=why):
            require_clean(one)


def test_our_own_result_reads_back_as_it_was(stale, tmp_path):
    made, clone = stale
    own = looked(clone, made.wanted, tmp_path)

    assert CloneResult.from_json(own.to_json("seed")) == own
    assert believe(json.dumps(own.to_json(made.wanted.seed)), [made.wanted]) == own


def test_advice_names_no_id_and_is_the_same_for_us(stale, said, monkeypatch):
    from breachkit.workflows.verify_clone import advise

    made, clone = stale

    assert advise(clone, made.wanted) == said.stdout.split("----- to here -----\n")[1].strip("\n")
    assert advise(clone, made.wanted).startswith("HOW TO CLEAN THIS COPY")
    assert git(clone, "status", "--porcelain") == b""
