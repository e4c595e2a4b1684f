"""Places beside the history where the data may be, by the numbers of the traps: each is told, none is read aloud."""

import json

import pytest

from breachkit.drill.hub import furnish
from tests.support.command_line import OUTPUT, SMALL_COUNTS
from tests.support.containing import NAME, Responder, files


TABLE = OUTPUT.decode()
PASTED = "quokka7731 in the North East: 3 patients"


@pytest.fixture
def jo(hub, breachkit, monkeypatch):
    world, study = hub.small.world, hub.small.study
    world.commit(study, {TABLE: SMALL_COUNTS}, author=hub.login("ada"))
    return Responder(hub, breachkit, monkeypatch)


def traced(jo):
    """Give the register of copies by key, once it is known what is bad."""
    jo.run.expect(0, "scope", "--path", TABLE)
    said = json.loads(jo.run.expect(0, "trace", "--json").out)
    return {copy["key"]: copy for copy in said["copies"]}


def test_t23_a_fork_with_commits_of_its_own_is_a_copy_with_a_holder_who_loses_work(jo):
    world, people = jo.hub.small.world, jo.hub.small.people
    ahead = world.fork(jo.hub.small.study, people["bea"], name="ahead")
    world.commit(ahead, {"notes.md": b"my own work\n"}, author=people["bea"])
    copy = traced(jo)[f"fork:{ahead.id}"]

    assert copy["holder"] == "bea"
    assert copy["applies"] == "yes"
    assert f"last pushed to {ahead.pushed_at:%Y-%m-%d}" in copy["signal"]
    assert copy["state"] not in {"deleted", "verified"}


def test_t44_a_wiki_is_told_and_its_own_history_is_scanned_by_its_url(jo, tmp_path):
    study, world = jo.hub.small.study, jo.hub.small.world
    pages = world.repository(jo.hub.login("ada"), "pages", files={"Home.md": b"# Home\n"})
    world.commit(pages, {TABLE: SMALL_COUNTS}, author=jo.hub.login("cat"))
    world.commit(pages, {}, delete=[TABLE], author=jo.hub.login("cat"))
    study.has_wiki, study.wiki = True, pages.git_dir
    register = traced(jo)

    assert "a wiki switched on" in register["C05:text"]["signal"]
    wiki = jo.hub.url(name=f"{NAME}.wiki")
    ran = jo.run("scan", wiki, "--format", "json")
    said = json.loads(ran.out)
    assert ran.code > 10
    assert TABLE in {each["path"] for each in said["findings"]}


def test_t45_what_actions_releases_and_pages_hold_are_entries_of_their_own(jo):
    small = jo.hub.small
    hub, study = small.world.hub, small.study
    furnish.run(hub, study, artifacts=["tables"])
    furnish.cache(hub, study, "packages")
    furnish.release(hub, study, "v2.0", small.people["ada"], assets={"tables.zip": 4096})
    register = traced(jo)

    signals = {key: copy["signal"] for key, copy in register.items()}
    told = " ".join([*signals, *signals.values(), *(copy["label"] for copy in register.values())])
    for place in ("artifact", "cache", "release v2.0", "uploaded file", "Pages"):
        assert place.lower() in told.lower(), place
    assert {copy["applies"] for key, copy in register.items() if key.startswith("release:")} <= {
        "yes", "unknown",
    }  # fmt: skip


def test_t46_that_numbers_may_be_pasted_in_text_is_told_and_none_is_kept_or_shown(jo):
    small = jo.hub.small
    hub, study, people = small.world.hub, small.study, small.people
    furnish.comment(hub, study, "issue", people["cat"], PASTED, number=1)
    pull = small.world.pull(
        study, small.fork, "main", title=PASTED, body=PASTED, author=people["eve"]
    )
    small.world.commit(study, {"notes.md": b"more\n"}, message=PASTED, author=people["ada"])
    furnish.release(hub, study, "v3.0", people["ada"], assets={})["body"] = PASTED
    for run in study.runs.values():
        run["display_title"] = PASTED
    study.events[-1]["payload"]["commits"] = [{"sha": small.tip, "message": PASTED}]
    jo.run("snapshot")
    register = traced(jo)

    assert "2 comments on issues and pull requests" in register["C05:text"]["signal"]
    assert "numbers that somebody pasted" in register["C05:text"]["signal"]
    assert register["C05:text"]["applies"] == "unknown"
    assert PASTED not in "".join(jo.run.printed)
    kept = [path for path in files(jo.case.path) if "mirror.git" not in path.parts]
    assert [path.name for path in kept if PASTED.encode() in path.read_bytes()] == []
    pulls = json.loads(jo.case.read_private("snapshots/001/pulls.json"))["items"]
    assert {each["number"]: each["user"]["login"] for each in pulls}[pull.number] == "eve"
