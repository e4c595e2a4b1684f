"""A clone holder's way from the message to the proof in the register, and what is refused on it."""

import json
import shutil
import stat
from pathlib import Path

import pytest

from breachkit.actions.clone_list import CloneList
from breachkit.git.backup import make_key
from breachkit.incident.store import CaseStore
from breachkit.model.time import SystemClock
from breachkit.workflows.trace import load_register
from tests.support.clones import run_verifier
from tests.support.command_line import OUTPUT, SMALL_COUNTS, study
from tests.support.gitrepo import git, oid
from tests.support.rewriting import objects


CONTACTS = Path(__file__).parents[1] / "support" / "contacts.toml"


@pytest.fixture
def server(tmp_path):
    return study(tmp_path / "server" / "study.git")


@pytest.fixture
def stale(server, tmp_path):
    """A clone from before anything was done."""
    return cloned(server, tmp_path / "stale")


def cloned(server, folder):
    git(folder.parent, "clone", "-q", f"file://{server}", str(folder))
    return folder


def found(breachkit, server):
    breachkit.expect(0, "open", server, "--contacts", CONTACTS)
    breachkit.expect(0, "notify", "render", "alert", "--engineer", "Sam Engineer")
    breachkit.expect(0, "notify", "mark-sent", "N-001", "--by", "Jo")
    breachkit.expect(0, "notify", "render", "freeze")
    breachkit.expect(0, "notify", "mark-sent", "N-003", "--by", "Jo")
    breachkit.expect(0, "scope")


def cleaned(breachkit, server):
    found(breachkit, server)
    for step in ("rewrite", "push"):
        breachkit.expect(0, step)
        breachkit.expect(0, step, "--execute", "--confirm", "study")
    breachkit.expect(0, "trace")


def case_of(breachkit):
    return CaseStore(breachkit.home, SystemClock()).find(None)


def copy_with(breachkit, copy_id):
    return next(copy for copy in load_register(case_of(breachkit)) if copy.id == copy_id)


def written(breachkit, tmp_path):
    """Write the verifier and give it."""
    breachkit.expect(0, "verifier", "--output", tmp_path / "verifier.txt")
    return tmp_path / "verifier.txt"


def test_a_holder_runs_the_script_and_its_answer_proves_the_copy(
    breachkit, server, stale, tmp_path
):
    cleaned(breachkit, server)
    script = written(breachkit, tmp_path)
    answer = tmp_path / "reply.txt"

    tainted = run_verifier(script, stale, bins=tmp_path / "bins")
    answer.write_text(tainted.stdout)
    said = breachkit.expect(7, "copies", "prove", "K-001", "--from", answer)
    assert "still holds the data (objects, names)" in said.err
    assert copy_with(breachkit, "K-001").state == "confirmed"

    clean = run_verifier(script, cloned(server, tmp_path / "anew"), bins=tmp_path / "bins")
    answer.write_text(f"Dear Jo,\n{clean.stdout}\nAda\n")
    said = breachkit.expect(0, "copies", "prove", "K-001", "--from", answer)

    assert said.out == "K-001 is proven clean by its holder's verifier.\n"
    proven = copy_with(breachkit, "K-001")
    assert proven.state == "proven_clean"
    assert proven.proof[-1].kind == "verify_clone_json"
    assert proven.proof[-1].note.startswith("looked through by its holder with the verifier: ")


def test_our_own_look_is_a_proof_of_another_kind(breachkit, server, tmp_path):
    cleaned(breachkit, server)
    clone = cloned(server, tmp_path / "anew")
    result = tmp_path / "result.json"

    result.write_text(breachkit.expect(0, "verify-clone", clone, "--json").out)
    data = json.loads(breachkit.expect(0, "copies", "prove", "K-001", "--from", result, "--json").out)  # fmt: skip

    assert data["is"] == "is proven clean by our own look"
    assert copy_with(breachkit, "K-001").proof[-1].kind == "verify_clone"


def test_one_answer_proves_one_copy(breachkit, server, tmp_path):
    cleaned(breachkit, server)
    breachkit.expect(0, "copies", "add", "C30", "a laptop", "--holder", "Chen Li")
    result = tmp_path / "result.json"
    clone = cloned(server, tmp_path / "anew")
    result.write_text(breachkit.expect(0, "verify-clone", clone, "--json").out)
    breachkit.expect(0, "copies", "prove", "K-001", "--from", result)

    again = breachkit.expect(6, "copies", "prove", "K-002", "--from", result)

    assert "proves K-001 already" in again.err
    breachkit.expect(0, "copies", "prove", "K-001", "--from", result)


def test_an_answer_with_the_list_of_before_the_rewrite_is_refused(breachkit, server, tmp_path):
    found(breachkit, server)
    git(tmp_path, "init", "-q", "harmless")
    git(tmp_path / "harmless", "commit", "-q", "--allow-empty", "-m", "Start")
    result = tmp_path / "result.json"
    result.write_text(breachkit.expect(0, "verify-clone", tmp_path / "harmless", "--json").out)
    for step in (
        ["rewrite"],
        ["rewrite", "--execute", "--confirm", "study", "--override", "nobody else pushes"],
        ["trace"],
    ):
        breachkit.expect(0, *step)

    said = breachkit.expect(6, "copies", "prove", "K-001", "--from", result)

    assert "made before the list changed" in said.err


def test_an_answer_that_was_changed_or_is_none_is_refused(breachkit, server, tmp_path):
    cleaned(breachkit, server)
    result = tmp_path / "result.json"
    clone = cloned(server, tmp_path / "anew")
    data = json.loads(breachkit.expect(0, "verify-clone", clone, "--json").out)

    for text in (json.dumps({**data, "objects": 1}), "all is well", "{}", ""):
        result.write_text(text)
        breachkit.expect(6, "copies", "prove", "K-001", "--from", result)
    breachkit.expect(6, "copies", "prove", "K-001", "--from", tmp_path / "absent")
    result.write_text("{" + " " * (2 << 20))
    breachkit.expect(6, "copies", "prove", "K-001", "--from", result)
    result.write_text("{}")
    breachkit.expect(2, "copies", "prove", "K-999", "--from", result)
    assert copy_with(breachkit, "K-001").state == "confirmed"


@pytest.mark.parametrize(
    ("spoil", "code", "verdict"),
    [
        (lambda clone: None, 0, "clean"),
        (lambda clone: (clone / "copy.csv").write_bytes(SMALL_COUNTS), 7, "tainted"),
        (lambda clone: (clone / ".git/objects/pack/pack-1.pack").write_bytes(b"x"), 5, "unknown"),
    ],
    ids=["clean", "tainted", "unknown"],
)
def test_the_exit_code_is_the_verdict(breachkit, server, tmp_path, spoil, code, verdict):
    cleaned(breachkit, server)
    script = written(breachkit, tmp_path)
    clone = cloned(server, tmp_path / "anew")
    spoil(clone)

    assert json.loads(breachkit.expect(code, "verify-clone", clone, "--json").out)["verdict"] == verdict  # fmt: skip
    assert breachkit.expect(code, "verify-clone", clone).out.startswith(f"{verdict.upper()}: ")
    ran = breachkit.expect(code, "verify-clone", clone, "--list", script, "--json")
    listed = json.loads(ran.out)
    more = "--json" if verdict == "clean" else "--advice"
    assert f"Next: breachkit verify-clone {clone} --list {script} {more}\n" in ran.err
    assert (listed["verdict"], listed["by"]) == (verdict, "verifier")


def test_advice_is_given_where_it_is_asked_for_and_there_is_need(
    breachkit, server, stale, tmp_path
):
    cleaned(breachkit, server)

    told = breachkit.expect(7, "verify-clone", stale, "--advice")
    assert "HOW TO CLEAN THIS COPY" in told.out
    assert "git reset --quiet --keep 'origin/main'" in told.out
    assert "HOW TO" not in breachkit.expect(7, "verify-clone", stale).out
    data = json.loads(breachkit.expect(7, "verify-clone", stale, "--advice", "--json").out)
    assert data["advice"].startswith("HOW TO CLEAN THIS COPY")
    clean = breachkit.expect(0, "verify-clone", cloned(server, tmp_path / "anew"), "--advice")
    assert "HOW TO" not in clean.all


def test_nobody_is_led_to_a_new_history_before_the_server_has_it(
    breachkit, server, stale, tmp_path
):
    found(breachkit, server)
    for steps in ([], [["rewrite"], ["rewrite", "--execute", "--confirm", "study"]]):
        for step in steps:
            breachkit.expect(0, *step)
        told = breachkit.expect(7, "verify-clone", stale, "--advice")
        assert "HOW TO" not in told.all
        assert "no advice yet: the server has the old history still" in told.err
        assert "Next: breachkit next" in told.err
        assert "advice" not in json.loads(
            breachkit.expect(7, "verify-clone", stale, "--advice", "--json").out
        )
        early = breachkit.expect(0, "verifier", "--output", tmp_path / "verifier.txt")
        assert "send it to nobody yet" in early.err

    breachkit.expect(0, "push", "--execute", "--confirm", "study")
    assert "HOW TO" in breachkit.expect(7, "verify-clone", stale, "--advice").out
    assert "yet" not in breachkit.expect(0, "verifier", "--output", tmp_path / "verifier.txt").all


def test_nothing_that_is_printed_or_kept_outside_the_private_part_names_an_old_object(
    breachkit, server, stale, tmp_path
):
    old = objects(server)
    cleaned(breachkit, server)
    went = old - objects(case_of(breachkit).private / "rewritten.git")
    written(breachkit, tmp_path)
    breachkit("verify-clone", stale, "--advice", "-vv")
    breachkit("verify-clone", stale, "--json", "--advice")
    breachkit("notify", "render", "holders")
    breachkit("verifier", "--json", "-vv")

    folder = case_of(breachkit).path
    files = [path for path in folder.rglob("*") if path.is_file() and "private" not in path.parts]
    text = "\n".join([*breachkit.printed, *(path.read_text(errors="replace") for path in files)])
    assert went
    assert [one for one in went if one[:7] in text] == []
    assert len(files) > 3


def test_the_script_is_private_wherever_it_is_written(breachkit, server, tmp_path):
    cleaned(breachkit, server)
    script = written(breachkit, tmp_path)
    kept = case_of(breachkit).private / "verifier.txt"

    assert {stat.S_IMODE(path.stat().st_mode) for path in (script, kept)} == {0o600}
    assert script.read_bytes() == kept.read_bytes()
    breachkit.expect(0, "verifier", "--output", script)
    (tmp_path / "other.txt").write_text("somebody's notes")
    breachkit.expect(6, "verifier", "--output", tmp_path / "other.txt")
    assert (tmp_path / "other.txt").read_text() == "somebody's notes"


def test_the_list_names_the_files_alone_until_the_rewrite_and_then_all_that_went(
    breachkit, server, tmp_path
):
    found(breachkit, server)
    early = CloneList.from_script(written(breachkit, tmp_path).read_text())
    for step in (
        ["rewrite"],
        ["rewrite", "--execute", "--confirm", "study", "--override", "nobody else pushes"],
    ):
        breachkit.expect(0, *step)
    late = CloneList.from_script(written(breachkit, tmp_path).read_text())

    tip = oid(server, "main")
    bad = oid(server, f"main~1:{OUTPUT.decode()}")
    assert bad in early.objects
    assert tip not in early.objects
    assert {bad, tip} <= late.objects.keys()
    assert early.token != late.token
    assert early.objects[bad].number == late.objects[bad].number == 1


def test_there_is_no_verifier_before_the_scope(breachkit, server):
    breachkit.expect(0, "open", server)

    assert "run `breachkit scope` first" in breachkit.expect(3, "verifier").err
    breachkit.expect(3, "verify-clone", server)


def test_a_message_to_a_holder_brings_the_script_once_the_list_is_whole(breachkit, server):
    found(breachkit, server)
    breachkit.expect(0, "trace")
    first = breachkit.expect(0, "notify", "render", "holders")
    case = case_of(breachkit)
    [message] = case.path.glob("notifications/*clone-holder/message.txt")
    assert "a small script follows" in " ".join(message.read_text().split())
    assert "verifier.txt" not in message.read_text() + first.all
    assert not case.has_file("private/verifier.txt")

    for step in (
        ["rewrite"],
        ["rewrite", "--execute", "--confirm", "study", "--override", "nobody else pushes"],
    ):
        breachkit.expect(0, *step)
    second = breachkit.expect(0, "notify", "render", "holders")

    assert "Run it with sh verifier.txt and the folder" in " ".join(message.read_text().split())
    assert "verifier.txt goes with messages to holders alone" in second.err
    assert case.has_file("private/verifier.txt")
    [mail] = case.private.glob("notifications/*clone-holder/message.eml")
    assert b'filename="verifier.txt"' in mail.read_bytes()


def test_a_clone_that_turns_up_late_is_compared_with_what_was_sealed(
    breachkit, server, stale, tmp_path
):
    cleaned(breachkit, server)
    said = breachkit.expect(0, "verifier", "--seal")
    case = case_of(breachkit)
    sealed, key = (
        case.path / "verifier.age",
        breachkit.home / "keys" / "BK-2026-0001-verifier.agekey",
    )
    assert str(sealed) in said.out
    assert str(key) in said.out
    assert stat.S_IMODE(key.stat().st_mode) == stat.S_IMODE(sealed.stat().st_mode) == 0o600
    assert f"breachkit verify-clone PATH --list {sealed} --key {key}" in said.err
    shutil.rmtree(case.private)

    missing = breachkit.expect(3, "verify-clone", stale)
    assert f"--list {sealed} --key KEY" in " ".join(missing.err.split())
    breachkit.expect(3, "verify-clone", stale, "--list", sealed)
    breachkit.expect(2, "verify-clone", stale, "--key", key)

    tainted = breachkit.expect(7, "verify-clone", stale, "--list", sealed, "--key", key)
    assert f"verify-clone {stale} --list {sealed} --key {key} --advice" in tainted.err
    anew = cloned(server, tmp_path / "anew")
    breachkit.expect(0, "verify-clone", anew, "--list", sealed, "--key", key)


def test_a_verifier_is_sealed_for_the_keys_that_are_named_and_no_key_is_made(
    breachkit, server, tmp_path
):
    cleaned(breachkit, server)
    own = make_key(tmp_path / "own.agekey")

    data = json.loads(breachkit.expect(0, "verifier", "--seal", "--recipient", own, "--json").out)

    assert (data["key"], data["recipients"]) == (None, 1)
    assert list((breachkit.home / "keys").glob("*verifier*")) == []
    breachkit.expect(2, "verifier", "--seal", "--recipient", "age1wrong")
    breachkit.expect(2, "verifier", "--recipient", own)
    breachkit.expect(2, "verifier", "--seal", "--output", tmp_path / "v.txt")


def test_a_guard_says_what_it_cannot_tell_once_the_mirror_is_destroyed(breachkit, server, stale):
    cleaned(breachkit, server)
    assert "other formats" not in breachkit.expect(0, "guard", "install", stale).err
    shutil.rmtree(case_of(breachkit).private / "mirror.git")

    assert (
        "copies in other formats are not told" in breachkit.expect(0, "guard", "install", stale).err
    )


def test_trace_names_owners_of_forks_next_where_they_come_before_holders(breachkit, server):
    cleaned(breachkit, server)
    assert "Next: breachkit notify render holders" in breachkit.expect(0, "trace").err
    case = case_of(breachkit)
    case.record("verify.recorded", {"ok": True, "hidden_refs": 1})
    case.record("verify.server", {"ok": False, "served": 9, "forks_holding": 1})
    breachkit.expect(0, "copies", "add", "C10", "a fork", "--holder", "morgan", "--by", "Jo")

    assert "Next: breachkit notify render forks" in breachkit.expect(0, "trace").err
