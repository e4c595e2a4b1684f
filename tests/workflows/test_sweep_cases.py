"""Draft cases over the lives of repositories, and of other cases on them."""

import pytest

from breachkit.actions.sweep_due import Purpose
from breachkit.actions.sweeping import Target, Targets
from breachkit.incident.case import OpenRequest
from breachkit.model.findings import Severity
from breachkit.workflows.playbooks import load_policies
from breachkit.workflows.sweep_cases import open_drafts
from breachkit.workflows.told import timeline
from tests.support.cases import a_store
from tests.support.command_line import SAFE_COUNTS, SMALL_COUNTS
from tests.support.sweeping import Sweeper


OWED = {Purpose.CASE: Severity.HIGH}


@pytest.fixture
def sweeper(tmp_path):
    return Sweeper(tmp_path)


@pytest.fixture
def store(sweeper, tmp_path):
    return a_store(tmp_path, sweeper.clock)


def drafts(sweeper, store, targets=None):
    result = sweeper(owed=OWED, targets=targets)
    return open_drafts(
        result.sweep,
        load_policies(),
        folder=sweeper.folder,
        cases=store,
        clock=sweeper.clock,
        contacts=None,
    )


def named(path, name):
    """A repository that keeps its key on the platform, whatever it is called."""
    target = Target(key="1042", name=name, url=str(path), is_remote=False)
    return Targets(name="tests", repositories=(target,))


def test_a_repository_that_was_renamed_gets_no_second_draft(sweeper, store):
    first = sweeper.repository("before")
    made = drafts(sweeper, store, named(first, "o/before"))
    second = sweeper.repository("after", {b"released_outputs/u.csv": SMALL_COUNTS})
    later = drafts(sweeper, store, named(second, "o/after"))

    assert len(made.opened) == 1
    assert (later.opened, later.added_to) == ((), made.opened)


def test_a_case_that_was_closed_under_another_name_is_left_alone(sweeper, store):
    first = sweeper.repository("before")
    drafts(sweeper, store, named(first, "o/before"))
    (case,) = store.list()
    store.find(case.id).record("case.stood_down", {"reason": "rounded", "decider": "Jo"})
    second = sweeper.repository("after", {b"released_outputs/u.csv": SMALL_COUNTS})

    assert len(drafts(sweeper, store, named(second, "o/after")).opened) == 1


def test_a_draft_is_about_the_server_that_a_clone_came_from(sweeper, store, tmp_path):
    import subprocess

    path = sweeper.repository("server")
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", path, clone], check=True)
    drafts(sweeper, store, named(clone, "clone"))

    (case,) = store.list()
    assert case.target == str(path)


def test_a_user_name_and_password_in_a_url_stay_out_of_the_case(sweeper, store):
    path = sweeper.repository("a")
    target = Target(key="a", name="a", url=f"file://jo:geheim@localhost{path}", is_remote=True)
    result = drafts(sweeper, store, Targets(name="tests", repositories=(target,)))

    everything = b"".join(each.read_bytes() for each in sweeper.folder.parent.rglob("*.jsonl"))
    assert len(result.opened) == 1
    assert b"geheim" not in everything


def test_what_was_accepted_before_it_could_be_opened_opens_nothing(sweeper, store):
    """A person has looked at it meanwhile."""
    from dataclasses import replace

    from breachkit.actions.sweeping import Life

    sweeper.repository("a")
    result = sweeper(owed=OWED)
    (one,) = result.sweep.repositories
    records = tuple(replace(record, life=Life.ACCEPTED) for record in one.records)
    made = replace(result.sweep, repositories=(replace(one, records=records),))
    opening = {"folder": sweeper.folder, "cases": store, "clock": sweeper.clock, "contacts": None}

    assert open_drafts(made, load_policies(), **opening).opened == ()
    assert open_drafts(result.sweep, load_policies(), **opening).opened == ()


def test_a_damaged_case_keeps_no_draft_back(sweeper, store):
    path = sweeper.repository("a")
    damaged = store.create(OpenRequest(target=str(path)))
    (damaged.path / "events.jsonl").write_bytes(b"no journal\n")

    assert len(drafts(sweeper, store).opened) == 1


def test_nothing_new_opens_nothing(sweeper, store):
    sweeper.repository("clean", {b"released_outputs/t.csv": SAFE_COUNTS})

    assert drafts(sweeper, store).by_key == {}
    assert store.list() == ()


def test_no_timeline_claims_that_anybody_is_aware_of_a_draft(sweeper, store):
    sweeper.repository("a")
    drafts(sweeper, store)
    incident = store.find(None).incident
    said = [each.what for each in timeline(incident, None, None)]

    assert any("nobody is aware yet" in each for each in said)
    assert not any(each.startswith("awareness") for each in said)
