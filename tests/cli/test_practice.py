"""A practice between its first and its last command: kept, refused, scored, and put back."""

import json
import os
import pty
import shlex
import shutil
import signal
import smtplib
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from breachkit.cli.app import main
from breachkit.drill.folder import own_folder
from breachkit.drill.plaingit import Repository, create_bare
from breachkit.drill.practice import Practice, open_practice
from breachkit.drill.practice_messenger import Messenger
from breachkit.drill.practice_people import People
from breachkit.drill.practice_post import Post
from breachkit.drill.practice_session import leave
from breachkit.drill.practice_shell import start_shell
from breachkit.drill.practice_witness import Seen, signs_of
from breachkit.drill.world import STUDY_NAME
from breachkit.incident.folder import CaseFolder
from tests.support.by_hand import CLOCK, ByHand


PLACE = "practice"


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> ByHand:
    """Somebody who does everything wrong, one after the other."""
    ada = ByHand(tmp_path_factory.mktemp("wrong") / PLACE)
    clone = ada.practice.world / "you" / STUDY_NAME
    with ada.sitting():
        take_back(clone)
        push_over_others(clone)
        in_clone(ada.practice.world / "colleague" / STUDY_NAME, "push", "origin", "HEAD")
        api(ada.practice, "PATCH", {"visibility": "private"})
        api(ada.practice, "DELETE", None, "/pages")
        (invited,) = api(ada.practice, "GET", None, "/invitations")
        api(ada.practice, "DELETE", None, f"/invitations/{invited['id']}")
        (hook,) = api(ada.practice, "GET", None, "/hooks")
        api(ada.practice, "PATCH", {"active": False}, f"/hooks/{hook['id']}")
        api(ada.practice, "PATCH", {"visibility": "public"})
        ada.types(f"open {ada.practice.target} --contacts {ada.practice.world}/contacts.toml")
        mail(ada.practice, ada.practice.facts.telltales[0])
    return ada


def in_clone(clone: Path, *words: str) -> None:
    """Type a git command in a clone, as the person whose clone it is."""
    subprocess.run(["git", *words], cwd=clone, check=True, capture_output=True)


def take_back(clone: Path) -> None:
    """Take a table back as people do who do not know better."""
    in_clone(clone, "switch", "--quiet", "paper-draft")
    in_clone(clone, "rm", "--quiet", "released_outputs/tables/table_2.csv")
    in_clone(clone, "commit", "--quiet", "--message=Take it back")
    in_clone(clone, "push", "--quiet", "origin", "paper-draft")


def push_over_others(clone: Path) -> None:
    """Push with force to what somebody else has pushed to meanwhile."""
    in_clone(clone, "switch", "--quiet", "palette")
    in_clone(clone, "commit", "--quiet", "--allow-empty", "--message=By somebody else")
    in_clone(clone, "push", "--quiet", "origin", "palette")
    in_clone(clone, "reset", "--quiet", "--hard", "HEAD~1")
    in_clone(clone, "push", "--quiet", "--force", "origin", "palette")


def api(practice: Practice, method: str, body: object, path: str = ""):
    """Ask the practice's platform."""
    place = practice.environment["BREACHKIT_GITHUB_API"]
    request = urllib.request.Request(
        f"{place}/repos/{practice.facts.name}{path}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {practice.facts.token}"},
    )
    with urllib.request.urlopen(request) as answer:
        return json.loads(answer.read() or b"null")


def mail(practice: Practice, text: str) -> None:
    """Send a mail with any mail program."""
    inbox = practice.environment
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = (
        "ada.hartley@example.org",
        "dpo@example.org",
        "Look",
    )
    message.set_content(f"This is what one sees:\n{text}\n")
    host, port = inbox["BREACHKIT_SMTP"].split(":")
    with smtplib.SMTP(host, int(port)) as server:
        server.starttls(context=ssl.create_default_context(cafile=inbox["BREACHKIT_SMTP_CA_FILE"]))
        server.login(inbox["BREACHKIT_SMTP_USER"], inbox["BREACHKIT_SMTP_PASSWORD"])
        server.send_message(message)


def test_slips_are_on_the_record_and_cost_points(played: ByHand) -> None:
    score = played.score()

    slips = {"reverted", "lost-work", "came-back", "reopened", "data-in-a-mail"}
    assert {one["id"] for one in score["mistakes"]} == slips
    done = sum(one["points"] for one in score["lessons"])
    assert score["points"] == max(0, done - 5 * len(slips))


def test_what_came_too_late_is_missed_and_no_longer_open(played: ByHand) -> None:
    states = played.states()

    assert states["alert-first"] == "missed"
    assert states["snapshot"] == "missed"
    assert states["closed"] == "done"
    assert states["branches"] == "open"
    assert states["restored"] == "open"


def test_a_study_that_was_deleted_is_noticed(played: ByHand) -> None:
    assert list(signs_of(None, played.practice.facts, Seen())) == ["deleted"]


def test_no_score_and_no_hint_shows_a_value(played: ByHand) -> None:
    folder = played.practice.folder

    said = played.types(f"drill check {folder} --hints", code=8)

    assert not [word for word in played.practice.facts.telltales if word in said]
    assert max(map(len, said.splitlines())) <= 80
    assert "git show" in said


def test_a_check_changes_nothing_and_needs_nobody_to_serve_the_practice(played: ByHand) -> None:
    world = played.practice.world
    before = {file: file.read_bytes() for file in world.rglob("*") if file.is_file()}

    played.score()

    assert {file: file.read_bytes() for file in world.rglob("*") if file.is_file()} == before


def test_support_refuses_while_a_branch_still_holds_it(played: ByHand) -> None:
    ids = played.practice.before.lines("rev-list", "--max-count=1", "refs/heads/release-candidates")
    with played.sitting():
        written_by_hand(played, "github-support", "  Pull requests       7, 9\n", "\n".join(ids))
        played.waits_for("Re: N-901:")

    (answer,) = [
        one.text for one in Post(played.practice.world).letters() if "Re: N-901" in one.subject
    ]
    assert answer == "We cannot help yet: a branch or tag still holds a named commit."
    hub = open_practice(played.practice.folder).hub(CLOCK)
    assert hub is not None
    store = Repository(hub.repositories[played.practice.facts.study].git_dir)
    assert "refs/pull/7/head" in store.refs()


def written_by_hand(ada: ByHand, kind: str, text: str, ids: str) -> None:
    """Put a message into the case as if it had been written there, and say that it was handed over."""
    case = next(ada.practice.home.glob("BK-*"))
    folder = case / "notifications" / f"N-901-{kind}"
    folder.mkdir(parents=True)
    (case / "private" / "support-ids.txt").write_text(ids)
    (folder / "message.txt").write_text(text)
    meta = {"id": "N-901", "kind": kind, "name": "GitHub Support", "subject": "", "email": None}
    (folder / "meta.json").write_text(json.dumps(meta))
    CaseFolder(case, CLOCK).record(
        "notify.sent", {"message": kind, "how": "by hand", "number": "N-901"}
    )


def test_a_message_that_nobody_can_act_on_keeps_no_other_from_being_carried(
    tmp_path: Path,
) -> None:
    ada = ByHand(tmp_path / PLACE, "stale-clone")
    practice = ada.practice
    with ada.sitting():
        ada.types(f"open {practice.target} --contacts {practice.world}/contacts.toml")
        ada.types("notify render alert")
    written_by_hand(ada, "github-support", "  Pull requests       7, 9\n", "0" * 40)
    CaseFolder(next(practice.home.glob("BK-*")), CLOCK).record(
        "notify.sent", {"message": "internal-alert", "how": "by hand", "number": "N-001"}
    )
    Path(practice.target, "objects").rename(tmp_path / "broken")

    Messenger(practice.home, People(practice, None, CLOCK, lambda: None)).look()

    senders = [one.sender for one in Post(practice.world).letters() if one.is_answer]
    assert senders == ["incidents@example.org"]


def test_a_mail_that_another_program_sent_is_taken_as_arrived_once_it_is_marked(
    tmp_path: Path,
) -> None:
    ada = ByHand(tmp_path / PLACE)
    with ada.sitting():
        ada.types(f"open {ada.practice.target} --contacts {ada.practice.world}/contacts.toml")
        ada.types("notify render alert")
        ada.types("notify mark-sent N-001")
        ada.waits_for("incidents@example.org")
    with ada.sitting():  # which looks through the whole journal again
        ada.types("notify mark-sent N-002")
        ada.waits_for("dpo@example.org")

    arrived = [one.recipients[0] for one in Post(ada.practice.world).letters() if not one.is_answer]
    assert arrived == ["incidents@example.org", "dpo@example.org"]


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[tuple[Practice, subprocess.Popen[bytes]]]:
    """A practice that a process of its own serves."""
    process = start(tmp_path / PLACE)
    yield open_practice(tmp_path / PLACE), process
    process.kill()
    process.communicate()


def start(folder: Path) -> subprocess.Popen[bytes]:
    """Serve a practice in a process of its own, and wait until it answers."""
    process = subprocess.Popen(
        [sys.executable, "-m", "breachkit", "drill", "serve", str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={"PATH": os.environ["PATH"]},
    )
    assert process.stdout is not None
    assert process.stdout.readline().startswith(b"export ")
    return process


def test_kill_9_between_two_changes_loses_none_of_them(
    serving: tuple[Practice, subprocess.Popen[bytes]],
) -> None:
    practice, process = serving
    api(practice, "PATCH", {"visibility": "private"})
    mail(practice, "It is closed.")
    os.kill(process.pid, signal.SIGKILL)
    process.wait()

    again = start(practice.folder)
    try:
        assert api(practice, "GET", None)["visibility"] == "private"
        mail(practice, "It still is.")
    finally:
        again.send_signal(signal.SIGINT)
        again.communicate()
    assert again.returncode == 0
    arrived = [
        json.loads(file.read_text())["text"] for file in (practice.world / "post").glob("*.json")
    ]
    assert [text for text in sorted(arrived) if "It " in text] == [
        "This is what one sees:\nIt is closed.\n",
        "This is what one sees:\nIt still is.\n",
    ]


def test_two_cannot_be_in_one_practice_and_nobody_resets_it_meanwhile(
    serving: tuple[Practice, subprocess.Popen[bytes]],
) -> None:
    practice, _ = serving
    before = (practice.world / "practice.json").read_bytes()

    for words in (
        ["enter", str(practice.folder), "--", "true"],
        ["reset", str(practice.folder), "--yes"],
    ):
        said = run(["drill", *words])
        assert said.returncode == 6
        assert b"is in use" in said.stderr
    assert (practice.world / "practice.json").read_bytes() == before


def run(words: list[str], **settings: str) -> subprocess.CompletedProcess[bytes]:
    """Run one command as a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "breachkit", *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        env={"PATH": os.environ["PATH"], **settings},
        timeout=60,
    )


def test_a_program_that_has_the_port_is_named_before_anything_is_served(tmp_path: Path) -> None:
    practice = ByHand(tmp_path / PLACE).practice
    with socket.create_server(("127.0.0.1", practice.facts.ports["platform"])):
        said = run(["drill", "enter", str(practice.folder), "--", "true"])

    assert said.returncode == 6
    assert b"is taken by another program" in said.stderr.replace(b"\n", b" ")


def test_what_is_set_for_real_work_does_not_reach_a_practice(tmp_path: Path) -> None:
    real = {"BREACHKIT_GITHUB_TOKEN": "real", "GH_TOKEN": "real", "BREACHKIT_CASE": "BK-2020-0001"}

    said = run(["drill", "enter", str(tmp_path / PLACE), "--", "env"], **real)

    seen = dict(line.split("=", 1) for line in said.stdout.decode().splitlines() if "=" in line)
    practice = open_practice(tmp_path / PLACE)
    assert said.returncode == 0
    assert "GH_TOKEN" not in seen
    assert "BREACHKIT_CASE" not in seen
    assert practice.environment.items() <= seen.items()
    assert "127.0.0.1" in seen["BREACHKIT_GITHUB_API"]
    assert seen["BREACHKIT_HOME"].startswith(str(tmp_path))


def test_another_terminal_takes_part_with_the_file_that_is_named(tmp_path: Path) -> None:
    practice = ByHand(tmp_path / PLACE).practice
    joined = f". {shlex.quote(str(practice.world / 'environment.sh'))}; env"
    real = {"PATH": os.environ["PATH"], "BREACHKIT_CASE": "BK-2020-0001", "BREACHKIT_HOME": "/real"}

    said = subprocess.run(
        ["sh", "-c", joined], capture_output=True, check=True, env=real, text=True
    )

    seen = dict(line.split("=", 1) for line in said.stdout.splitlines())
    assert practice.environment.items() <= seen.items()
    assert seen["BREACHKIT_CASE"] == ""


OWN_SETTINGS = {
    "bash": {".bashrc": "export BREACHKIT_HOME=/real OWN=read"},
    "zsh": {".zshrc": "export BREACHKIT_HOME=/real OWN=read"},
    "zsh, elsewhere": {
        ".zshenv": "ZDOTDIR=~/elsewhere",
        "elsewhere/.zshrc": "export BREACHKIT_HOME=/real OWN=read",
    },
    "fish": {".config/fish/config.fish": "set -gx BREACHKIT_HOME /real; set -gx OWN read"},
}


@pytest.mark.parametrize("which", OWN_SETTINGS)
def test_what_ones_own_shell_sets_is_read_and_does_not_reach_a_practice(
    tmp_path: Path, played: ByHand, which: str
) -> None:
    shell = shutil.which(which.partition(",")[0])
    if shell is None:
        pytest.skip(f"needs {which}")
    for name, text in OWN_SETTINGS[which].items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(f"{text}\n")
    own = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "TERM": "dumb"}
    start = start_shell(played.practice, shell, tmp_path / "tools of mine", own)

    said = subprocess.run(
        start.command,
        input="env\nexit\n",
        capture_output=True,
        check=False,
        env={**own, **played.practice.environment, **start.environment},
        start_new_session=True,
        text=True,
    )

    seen = dict(line.split("=", 1) for line in said.stdout.splitlines() if "=" in line)
    assert seen["OWN"] == "read"
    assert played.practice.environment.items() <= seen.items()
    assert seen["PATH"].startswith(f"{tmp_path}/tools of mine:")


def test_the_exit_code_of_a_command_in_a_practice_is_its_own(tmp_path: Path) -> None:
    assert (
        run(["drill", "enter", str(tmp_path / PLACE), "--", "sh", "-c", "exit 23"]).returncode == 23
    )
    assert run(["drill", "enter", str(tmp_path / PLACE), "--", "no-such-program"]).returncode == 2


def test_what_is_printed_of_a_practice_and_what_is_kept_of_it_name_two_formats(
    tmp_path: Path,
) -> None:
    printed = json.loads(
        run(["drill", "enter", str(tmp_path / PLACE), "--json", "--", "true"]).stdout
    )
    kept = json.loads((open_practice(tmp_path / PLACE).world / "practice.json").read_bytes())

    assert printed["schema"] == "breachkit.drill-practice/1"
    assert kept["schema"] == "breachkit.drill-facts/1"
    assert printed.keys() & kept.keys() == {"schema", "scenario", "study"}
    assert printed["study"] != kept["study"]


@pytest.mark.parametrize("shell", ["/bin/bash", "/bin/sh"])
def test_a_shell_is_marked_and_leaving_it_keeps_everything(tmp_path: Path, shell: str) -> None:
    ours, theirs = pty.openpty()
    folder = tmp_path / PLACE
    process = subprocess.Popen(
        [sys.executable, "-m", "breachkit", "drill", "enter", str(folder)],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        env={"PATH": os.environ["PATH"], "SHELL": shell, "TERM": "dumb", "HOME": str(tmp_path)},
    )
    os.close(theirs)
    seen = read_until(ours, "(drill) ")
    os.write(ours, b"echo in:$BREACHKIT_DRILL:\n")
    seen += read_until(ours, f"in:{folder}:")
    os.write(ours, b"exit\n")
    seen += read_until(ours, "goes on with it\n")

    assert process.wait(timeout=30) == 0
    os.close(ours)
    assert "You are Ada Hartley" in seen
    assert 'Next: breachkit scan "$STUDY"' in seen
    assert open_practice(folder).facts.scenario == "released-table"


def read_until(descriptor: int, wanted: str) -> str:
    """Read what a terminal shows until something stands there."""
    seen, end = "", time.monotonic() + 30
    while wanted not in seen:
        assert time.monotonic() < end, seen
        try:
            seen += os.read(descriptor, 4096).decode("utf-8", "replace").replace("\r\n", "\n")
        except OSError:
            break
    return seen


def test_without_a_terminal_no_shell_is_opened_and_nothing_is_made(tmp_path: Path) -> None:
    said = run(["drill", "enter", str(tmp_path / PLACE)])

    assert said.returncode == 6
    assert b"drill serve DIR" in said.stderr
    assert not (tmp_path / PLACE).exists()


def test_a_reset_puts_the_world_back_and_keeps_what_lies_beside_it(tmp_path: Path) -> None:
    ada = ByHand(tmp_path / PLACE)
    with ada.sitting():
        ada.types(f"open {ada.practice.target} --contacts {ada.practice.world}/contacts.toml")
        api(ada.practice, "PATCH", {"visibility": "private"})
    record = tmp_path / PLACE / "record.md"
    record.write_text("of last year")
    assert ada.states()["case"] == "done"
    asked = run(["drill", "reset", str(tmp_path / PLACE)])
    assert asked.returncode == 6
    assert b"--yes" in asked.stderr
    assert ada.states()["case"] == "done"

    ada.types(f"drill reset {tmp_path / PLACE} --yes")

    assert set(ada.states().values()) == {"open"}
    assert record.read_text() == "of last year"
    practice = open_practice(tmp_path / PLACE)
    hub = practice.hub(CLOCK)
    assert hub is not None
    assert hub.repositories[practice.facts.study].visibility == "public"
    assert list(practice.home.iterdir()) == []


@pytest.mark.parametrize("words", [["reset", "--yes"], ["enter", "--", "true"], ["serve"]])
def test_a_folder_that_the_drill_did_not_make_is_refused_and_left_alone(
    tmp_path: Path, words: list[str]
) -> None:
    (tmp_path / "thesis.txt").write_text("ten years of work")
    verb, *rest = words

    said = run(["drill", verb, str(tmp_path), *rest])

    assert said.returncode == 6
    assert b"was not made by a drill" in said.stderr.replace(b"\n", b" ")
    assert [file.name for file in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_folder_inside_a_repository_is_refused(tmp_path: Path) -> None:
    create_bare(tmp_path / "work" / ".git")

    said = run(["drill", "enter", str(tmp_path / "work" / PLACE), "--", "true"])

    assert said.returncode == 6
    assert b"inside a git repository" in said.stderr.replace(b"\n", b" ")
    assert not (tmp_path / "work" / PLACE).exists()


def test_a_folder_without_a_practice_is_told_apart_from_one_that_is_broken(
    breachkit, tmp_path: Path
) -> None:
    assert "begins one" in breachkit.expect(3, "drill", "check", tmp_path).err
    practice = ByHand(tmp_path / PLACE).practice
    (practice.world / "practice.json").write_text("{}")
    assert "builds it anew" in breachkit.expect(3, "drill", "check", tmp_path / PLACE).err
    assert "name the practice's folder" in breachkit.expect(2, "drill", "check").err


def test_a_study_that_was_private_all_along_gives_no_points_for_closing_it(tmp_path: Path) -> None:
    ada = ByHand(tmp_path / PLACE, "private-repo")
    with ada.sitting():
        assert "closed" not in ada.states()


def test_a_server_without_a_platform_can_be_practised_on_too(tmp_path: Path) -> None:
    ada = ByHand(tmp_path / PLACE, "stale-clone")
    with ada.sitting():
        ada.types(f"open {ada.practice.target} --contacts {ada.practice.world}/contacts.toml")
        ids = ada.practice.before.lines("rev-list", "--max-count=1", "refs/pull/7/head")
        written_by_hand(ada, "github-support", "  Pull requests       7, 9\n", "\n".join(ids))
        ada.waits_for("Re: N-901:")

    (answer,) = [one.text for one in Post(ada.practice.world).letters() if one.is_answer]
    assert "refs/pull/7/head" in answer
    assert (
        not {"refs/pull/7/head", "refs/pull/9/head"}
        & Repository(Path(ada.practice.target)).refs().keys()
    )
    assert "refs/pull/4/head" in Repository(Path(ada.practice.target)).refs()
    assert {"snapshot", "closed", "forks", "restored"}.isdisjoint(ada.states())


def test_a_narrated_drill_leaves_a_world_to_practise_in_and_one_that_is_there_alone(
    tmp_path: Path,
) -> None:
    own_folder(tmp_path / PLACE, CLOCK)

    told = "\n".join(leave(tmp_path / PLACE, "notebook", CLOCK))
    made = open_practice(tmp_path / PLACE).facts
    again = "\n".join(leave(tmp_path / PLACE, "log", CLOCK))

    assert made.scenario == "notebook"
    assert f"breachkit drill enter {tmp_path / PLACE}" in told
    assert "stays as it is" in again
    assert open_practice(tmp_path / PLACE).facts == made


def test_another_story_in_the_same_folder_needs_a_reset(tmp_path: Path) -> None:
    ByHand(tmp_path / PLACE)

    said = run(["drill", "enter", str(tmp_path / PLACE), "--scenario", "notebook", "--", "true"])

    assert said.returncode == 6
    assert b"drill reset" in said.stderr
    assert (
        main(["drill", "reset", str(tmp_path / PLACE), "--scenario", "notebook", "--yes", "-q"])
        == 0
    )
    assert open_practice(tmp_path / PLACE).facts.scenario == "notebook"
