"""A practice from the first look to the closed case, typed command by command, over several sittings."""

import json
import shlex
import shutil
from pathlib import Path

import pytest

from breachkit.drill.plaingit import Repository
from tests.support.by_hand import ByHand


NAME = "--confirm asthma/study-practice"
ROSA = "--by 'Rosa Lindqvist' --reason practice"


@pytest.fixture(scope="module")
def ada(tmp_path_factory: pytest.TempPathFactory) -> ByHand:
    """Somebody who has practised to the end; each block of commands is a sitting of its own."""
    ada = ByHand(tmp_path_factory.mktemp("practices") / "mine")
    with ada.sitting():
        ada.types(f"open {ada.practice.target} --contacts {ada.practice.world}/contacts.toml")
        (case,) = ada.practice.home.glob("BK-*")
        send = f"notify send --all-waiting --execute --confirm {case.name[:12]}"
        ada.types("notify render alert")
        ada.types(send)
        ada.types("snapshot --fast")
        ada.types("restrict")
        ada.types(f"restrict --execute {NAME}")
        ada.types("scope")
        ada.types("amend engineer 'Ada Hartley'")
        ada.types("notify render freeze")
        hand_over(ada)
    with ada.sitting():
        ada.types("rewrite")
        ada.types(f"rewrite --execute {NAME}")
        ada.types("push")
        ada.types(f"push --execute {NAME}")
        ada.types("verify", code=7)
        ada.types("notify render support")
        hand_over(ada)
        ada.types("trace")
        ada.types("notify render forks")
        hand_over(ada)
        ada.types("notify render holders")
        ada.types(send)
        hand_over(ada)
    with ada.sitting():
        record_the_answers(ada)
        ada.types("verify")
        ada.types("verify --server")
        ada.types("notify render dpo")
        ada.types(send)
        ada.types("restore")
        ada.types(f"restore --execute {NAME}")
        for matter in ("living", "risk", "high-risk", "ico-report", "individuals"):
            ada.types(f"decide {matter} --answer no --role dpo {ROSA}")
        ada.types("notify render all-clear")
        ada.types(send)
        hand_over(ada)
        private = ada.practice.home.glob("*/private")
        held = (each / name for each in private for name in ("backup.age", "mirror.git"))
        for place in (*held, ada.practice.home / "keys"):
            shutil.rmtree(place) if place.is_dir() else place.unlink()
        ada.types(f"decide retention --answer destroyed {ROSA}")
        ada.types(f"decide review --answer 2099-12-01 {ROSA}")
        ada.types("close --reason gone --decided-by 'Rosa Lindqvist'")
    return ada


def hand_over(ada: ByHand) -> None:
    """Say that every message that goes by no mail was handed over, and wait for the answers."""
    notices = json.loads(ada.types("notify list --json"))["notices"]
    waiting = [one["id"] for one in notices if not one["email"] and not one["sent_at"]]
    for number in waiting:
        ada.types(f"notify mark-sent {number}")
    ada.waits_for(*(f"Re: {number}:" for number in waiting))


def record_the_answers(ada: ByHand) -> None:
    """Enter what people answered: by proof where they sent one, else by their word."""
    letters = json.loads(ada.types("drill inbox --json"))["messages"]
    for one in json.loads(ada.types("copies list --json"))["copies"]:
        if one["applies"] != "yes":
            continue
        if one["place"] == "C10":
            ada.types(f"copies set {one['id']} deleted --note 'says so'")
        if one["place"] == "C30":
            (said,) = [each["text"] for each in letters if each["from"] == one["email"]]
            reply = ada.practice.world / "reply.txt"
            reply.write_text(said)
            proven = '"verdict": "clean"' in said.replace("\n", " ")
            by = (
                f"prove {one['id']} --from {reply}"
                if proven
                else f"set {one['id']} deleted --note 'says so'"
            )
            ada.types(f"copies {by}")
    for words in json.loads(ada.types("drill answers --json"))["commands"]:
        ada.types(shlex.join(words[1:]))


def test_whoever_does_it_all_in_order_has_every_point_and_a_record_of_it(
    ada: ByHand, tmp_path: Path
) -> None:
    score = ada.score(code=0)

    assert [one for one in score["lessons"] if one["state"] != "done"] == []
    assert score["mistakes"] == []
    assert (score["points"], score["of"], score["open"]) == (100, 100, 0)
    record = tmp_path / "record.md"
    ada.types(f"drill check {ada.practice.folder} --record {record} --by 'Ada Hartley'")
    text = record.read_text()
    assert "100 of 100 points" in text
    assert "Ada Hartley" in text
    assert "hands" in text


def test_the_same_holds_for_plain_git(ada: ByHand) -> None:
    stores = [*ada.practice.hub_folder.glob("repositories/*.git")]
    planted = set(ada.practice.facts.planted)

    assert stores
    for store in stores:
        assert not Repository(store).object_ids() & planted


def test_holders_ran_the_real_script_on_real_clones(ada: ByHand) -> None:
    letters = json.loads(ada.types(f"drill inbox {ada.practice.folder} --json"))["messages"]
    said = {one["from"]: " ".join(one["text"].split()) for one in letters if one["from"]}

    assert "TAINTED" in said["chen.li@example.org"]
    assert '"verdict": "tainted"' in said["chen.li@example.org"]
    assert '"verdict": "clean"' in said["ben.okafor@example.org"]
    assert not (ada.practice.world / "colleague" / "study-practice").exists()


def test_what_leaves_and_what_is_kept_shows_no_value(ada: ByHand) -> None:
    letters = ada.types(f"drill inbox {ada.practice.folder} --json")

    assert not [word for word in ada.practice.facts.telltales if word in letters]


def test_the_list_of_messages_fits_80_columns_and_each_can_be_shown(ada: ByHand) -> None:
    folder = ada.practice.folder

    listed = ada.types(f"drill inbox {folder}").splitlines()

    assert max(map(len, listed)) <= 80
    assert "From: ben.okafor@example.org" in "".join(
        ada.types(f"drill inbox {folder} {number}") for number in range(1, len(listed) + 1)
    )


def test_once_done_nothing_is_left_to_answer(ada: ByHand) -> None:
    answers = json.loads(ada.types(f"drill answers {ada.practice.folder} --json"))

    assert (answers["commands"], answers["left"]) == ([], [])
