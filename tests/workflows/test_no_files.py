"""A case in which no file holds the data: words of messages do, or names of files."""

from pathlib import Path

import pytest

from breachkit.actions.choice import NothingToRemoveError
from breachkit.incident.case import Milestone
from breachkit.model.errors import UsageError
from breachkit.model.findings import Severity
from breachkit.workflows import rewrite
from breachkit.workflows.replacing import WantedEdits
from tests.support.command_line import SAFE_COUNTS
from tests.support.gitrepo import History, git, oid, refs
from tests.support.responding import breached, responding


TOLD = "For NHS number 943 476 5919\n"


def only_words() -> History:
    history = History()
    history.commit({b"README.md": b"# A study\n", b"out/safe.csv": SAFE_COUNTS})
    mark = history.commit({b"out/p Smithers.csv": SAFE_COUNTS}, message=TOLD)
    history.tag("v1", mark, TOLD)
    history.commit({b"README.md": b"# The study\n"}, ref=b"refs/heads/side", parents=[1])
    return history


@pytest.fixture
def response(tmp_path: Path):
    return responding(tmp_path, only_words())


def planned(response, **lines: bytes):
    given = {}
    for name, text in lines.items():
        given[name] = response.keys.parent / name
        given[name].write_bytes(text)
    return rewrite.plan(response.case, WantedEdits(**given))


def pushed(response, **lines: bytes):
    planned(response, **lines)
    done = rewrite.execute(response.case, response.clock, response.keys)
    response.push()
    response.purge()
    return done


def test_words_go_from_the_server_and_nothing_else_does(response):
    side = oid(response.server, "refs/heads/side")
    response.scope(no_files=True)

    done = pushed(response, words=b"943 476 5919\n")

    found = response.verify()
    assert (found.outcome, found.exit_code) == ("gone", 0)
    assert response.case.incident.has(Milestone.VERIFIED)
    log = git(response.server, "log", "--all", "--format=%B")
    assert b"5919" not in log
    assert b"For NHS number [REDACTED]" in log
    assert b"5919" not in git(response.server, "cat-file", "tag", "v1")
    assert oid(response.server, "refs/heads/side") == side
    assert done.proof.counts.removed == 0
    assert all("5919" not in str(event.detail) for event in response.case.events())


def test_names_go_from_the_server_too(response):
    response.scope(no_files=True)

    pushed(response, names=b"out/p Smithers.csv==>out/p.csv\n")

    assert response.verify().outcome == "gone"
    assert b"Smithers" not in git(response.server, "log", "--all", "--name-only", "--format=")


def test_words_in_a_tag_alone_can_be_verified(tmp_path: Path):
    history = History()
    history.tag("v1", history.commit({b"README.md": b"# A study\n"}), TOLD)
    response = responding(tmp_path, history)
    response.scope(no_files=True)

    done = pushed(response, words=b"943 476 5919\n")

    assert done.done.commits == ()
    assert response.verify().outcome == "gone"


def test_until_it_is_pushed_the_server_still_has_the_words(response):
    response.scope(no_files=True)
    planned(response, words=b"943 476 5919\n")
    rewrite.execute(response.case, response.clock, response.keys)

    found = response.verify()

    assert found.outcome == "present"
    assert set(found.leftover_branches) == {b"refs/heads/main", b"refs/tags/v1"}


def test_a_pull_request_that_still_has_the_words_is_the_platforms(response):
    git(response.server, "update-ref", "refs/pull/1/head", "refs/heads/main")
    git(response.server, "config", "receive.hideRefs", "refs/pull")
    response.scope(no_files=True)
    pushed(response, words=b"943 476 5919\n")

    found = response.verify()

    assert found.outcome == "present"
    assert found.clone.platform_refs == (b"refs/pull/1/head",)
    assert found.clone_is_clean


def test_commits_that_a_whole_rewrite_left_as_they_were_are_not_looked_for(tmp_path: Path):
    response = responding(tmp_path)
    response.scope()
    rewrite.plan(response.case, WantedEdits(whole_history=True))
    rewrite.execute(response.case, response.clock, response.keys)
    response.push()
    response.purge()

    assert response.verify().outcome == "gone"


def test_a_rewrite_of_no_files_needs_to_know_what_goes(response):
    response.scope(no_files=True)

    with pytest.raises(UsageError, match="--words FILE or --names FILE"):
        rewrite.plan(response.case)


def test_running_again_after_a_push_finds_nothing(response):
    response.scope(no_files=True)
    pushed(response, words=b"943 476 5919\n")
    before = refs(response.server)
    response.scope(no_files=True, again=True)

    with pytest.raises(Exception, match="nothing to rewrite"):
        planned(response, words=b"943 476 5919\n")

    assert refs(response.server) == before
    assert not response.case.incident.has(Milestone.REWRITTEN)


def test_without_a_file_to_remove_the_option_is_named(response):
    with pytest.raises(NothingToRemoveError, match="--no-files"):
        response.scope(severity=Severity.MEDIUM)


def test_no_files_is_not_believed_where_a_file_has_a_finding(tmp_path: Path):
    response = responding(tmp_path, breached())

    with pytest.raises(UsageError, match="--exclude"):
        response.scope(no_files=True)
    with pytest.raises(UsageError, match="leave --path"):
        response.scope(b"README.md", no_files=True)

    assert response.events("scope.recorded") == []


def test_a_reported_file_stays_only_for_a_reason_that_is_journalled(tmp_path: Path):
    response = responding(tmp_path, only_words(), paths=("out/safe.csv",))

    with pytest.raises(UsageError, match="--reason"):
        response.scope(no_files=True)
    found = response.scope(no_files=True, reason="its name was meant")

    assert found.bad.blobs == ()
    (event,) = response.events("decision")
    assert event.detail["reason"] == "its name was meant"
