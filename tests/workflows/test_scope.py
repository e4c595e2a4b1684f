"""What is chosen to go, what is kept with the case, and what every further round adds to it."""

import json
import os

import pytest

from breachkit.actions.choice import NothingToRemoveError
from breachkit.incident.case import Milestone
from breachkit.model.errors import ConfigurationError, RefusedError, UsageError
from breachkit.model.findings import Severity
from breachkit.workflows import case_files
from breachkit.workflows.scope import findings_of
from breachkit.workflows.trace import trace
from tests.support.cases import said
from tests.support.command_line import OUTPUT, SAFE_COUNTS, SMALL_COUNTS
from tests.support.gitrepo import History, blob_oid, git, oid, refs
from tests.support.responding import (
    OTHER,
    OTHER_COUNTS,
    breached,
    colleagues_clone,
    on_target,
    pushed_by_somebody,
    responding,
)


LATIN = b"out/r\xe9gion.csv"
PATIENTS = b"patient_id,sex,age\n" + b"".join(b"%d,F,5%d\n" % (48000000 + 7 * n, n % 10) for n in range(40))  # fmt: skip


@pytest.fixture
def two_tables():
    history = breached()
    history.commit({OTHER: OTHER_COUNTS}, message="Add a second table")
    return history


def ids(response, *contents):
    return {blob_oid(response.server, content) for content in contents}


def finding_in(found, path):
    return next(each for each in found.result.findings if path in each.attribution.paths)


# --- what is chosen -------------------------------------------------------------------------


def test_a_file_with_a_finding_that_is_bad_enough_is_chosen_and_no_other(tmp_path):
    response = responding(tmp_path)

    found = response.scope()

    assert found.bad.ids == ids(response, SMALL_COUNTS)
    assert found.bad.paths == (OUTPUT,)
    assert found.bad.refs == (b"refs/heads/main",)
    assert {each.object_id for each in found.chosen} == found.bad.ids
    assert found.unmatched == ()


def test_the_scope_is_in_the_journal_in_numbers_and_with_the_case_in_full(tmp_path):
    response = responding(tmp_path)

    found = response.scope()

    (event,) = response.events("scope.recorded")
    assert said(event) == {
        "files": ["private/scan.json", "private/scope.json", "private/bad-set.json"],
        "blobs": 1,
        "paths": 1,
        "commits": 1,
        "refs": 1,
        "pull_requests": 0,
        "not_files": 0,
        "not_examined": 0,
        "complete": True,
        "no_files": False,
    }
    assert response.case.incident.has(Milestone.SCOPED)
    assert case_files.load_bad_set(response.case) == found.bad
    scan = json.loads(response.private("scan.json").read_text())
    assert scan["schema"] == "breachkit.scan/1"
    assert findings_of(response.case).bad == found.bad
    rules = [each.hit.rule for each in found.chosen]
    by_rule = findings_of(response.case).by_rule
    assert by_rule == tuple(sorted((rule, rules.count(rule)) for rule in set(rules)))


def test_before_a_scope_messages_know_of_nothing(tmp_path):
    known = findings_of(responding(tmp_path).case)

    assert known.bad is None
    assert known.by_rule is None


def test_a_finding_judged_harmless_is_left_and_the_reason_is_journalled(tmp_path, two_tables):
    response = responding(tmp_path, two_tables)
    harmless = {each.id for each in response.scope().chosen if OTHER in each.attribution.paths}

    found = response.scope(exclude=tuple(sorted(harmless)), reason="rounded by hand")

    assert found.bad.paths == (OUTPUT,)
    assert {each.id for each in found.left} >= harmless
    (decision,) = response.events("decision")
    assert decision.detail["reason"] == "rounded by hand"
    assert set(decision.refs) == harmless


def test_what_makes_no_sense_is_refused_and_nothing_is_kept(tmp_path):
    response = responding(tmp_path)

    with pytest.raises(UsageError):
        response.scope(b"none.csv")

    assert response.events("scope.recorded") == []
    assert not response.private("bad-set.json").exists()


@pytest.mark.parametrize(
    ("reported", "matched"),
    [
        (os.fsdecode(LATIN), True),
        ("out/missing.csv", False),
    ],
)
def test_a_file_reported_at_the_opening_is_chosen_or_said_to_be_unknown(
    tmp_path, reported, matched
):
    history = breached()
    history.commit({LATIN: b"a\n"})
    response = responding(tmp_path, history, paths=(reported,))

    found = response.scope()

    assert (os.fsencode(reported) in found.bad.paths) is matched
    assert bool(found.unmatched) is not matched


# --- where nothing can be removed -----------------------------------------------------------


def in_messages_only():
    history = History()
    history.commit({b"README.md": b"# A study\n"}, message="For NHS number 943 476 5919\n")
    return history


def test_findings_that_are_only_in_messages_are_told_from_none(tmp_path):
    response = responding(tmp_path, in_messages_only())

    with pytest.raises(NothingToRemoveError, match="1 in messages or names"):
        response.scope(severity=Severity.MEDIUM)


# --- what only an odd ref holds -------------------------------------------------------------


def only_a_tag(history):
    history.tag("data", history.blob(SMALL_COUNTS))


def only_a_tree(history):
    history.commit({OUTPUT: SMALL_COUNTS}, ref=b"refs/heads/gone", parents=[])
    history.tag("tree", "refs/heads/gone^{tree}")
    history.forget(b"refs/heads/gone")


def only_a_note(history):
    history.note(1, SMALL_COUNTS)


def only_a_stash(history):
    history.stash({OUTPUT: SMALL_COUNTS}, base=1)


def only_a_pull_request(history):
    history.commit({OUTPUT: SMALL_COUNTS}, ref=b"refs/pull/7/head", parents=[1])


@pytest.mark.parametrize(
    ("hide", "ref"),
    [
        (only_a_tag, b"refs/tags/data"),
        (only_a_tree, b"refs/tags/tree"),
        (only_a_note, b"refs/notes/commits"),
        (only_a_stash, b"refs/stash"),
        (only_a_pull_request, b"refs/pull/7/head"),
    ],
)
def test_what_only_an_odd_ref_holds_is_found_and_goes(tmp_path, hide, ref):
    history = History()
    history.commit({b"README.md": b"# A study\n", b"out/a.csv": SAFE_COUNTS})
    hide(history)
    response = responding(tmp_path, history)

    found = response.scope(severity=Severity.MEDIUM)
    result = response.rewrite()

    assert found.bad.ids == ids(response, SMALL_COUNTS)
    assert found.bad.refs == (ref,)
    assert found.not_files == ()
    assert result.proof.ok


def test_a_file_in_a_tree_that_only_a_tag_holds_can_be_named(tmp_path):
    history = History()
    history.commit({b"README.md": b"# A study\n"})
    history.commit({b"out/x.bin": b"\0\1\2"}, ref=b"refs/heads/gone", parents=[])
    history.tag("tree", "refs/heads/gone^{tree}")
    history.forget(b"refs/heads/gone")
    response = responding(tmp_path, history)

    assert response.scope(b"out/x.bin").bad.ids == ids(response, b"\0\1\2")


def test_a_head_on_a_branch_that_does_not_exist_yet_changes_nothing(tmp_path):
    response = responding(tmp_path)
    git(response.server, "symbolic-ref", "HEAD", "refs/heads/unborn")

    assert response.all_of_it().outcome == "gone"


# --- rounds ---------------------------------------------------------------------------------


def test_another_scope_before_a_push_forgets_what_the_first_chose(tmp_path, two_tables):
    response = responding(tmp_path, two_tables)
    response.scope(b"out/safe.csv")

    assert set(response.scope().bad.paths) == {OUTPUT, OTHER}


def test_another_scope_keeps_what_the_one_before_it_left(tmp_path):
    response = responding(tmp_path)
    response.scope()
    response.rewrite()
    backup = response.private("backup.age").read_bytes()

    response.scope()
    response.scope()

    assert response.private("round-1/backup.age").read_bytes() == backup
    assert response.private("round-1/rewritten.git").is_dir()
    assert response.private("round-2/scan.json").exists()
    assert not response.private("rewritten.git").exists()
    assert not response.private("rewrite-plan.json").exists()
    assert response.private("round-1").stat().st_mode & 0o777 == 0o700


def test_a_round_never_overwrites_one_that_is_kept(tmp_path):
    response = responding(tmp_path)
    response.scope()
    response.private("round-9").mkdir()

    response.scope()

    assert response.private("round-10/scan.json").exists()


def test_after_a_push_a_scope_needs_to_be_asked_for(tmp_path):
    response = responding(tmp_path)
    response.all_of_it()

    with pytest.raises(RefusedError, match="--again"):
        response.scope()


def test_what_came_back_is_taken_out_again_and_stays_wanted(tmp_path):
    response = responding(tmp_path)
    clone = colleagues_clone(response.server, tmp_path)
    assert response.all_of_it().exit_code == 0
    first = case_files.load_bad_set(response.case).ids
    git(clone, "push", "-q", "origin", "main:refs/heads/back")
    pushed_by_somebody(response.server, OTHER, OTHER_COUNTS)

    assert response.verify().exit_code == 7
    assert response.case.incident.has(Milestone.RECURRED)
    assert not response.case.incident.has(Milestone.SCOPED)

    assert response.all_of_it().exit_code == 0
    assert case_files.load_bad_set(response.case).ids == first | ids(response, OTHER_COUNTS)


def test_what_an_earlier_round_took_out_stays_wanted_over_all_further_scopes(tmp_path):
    response = responding(tmp_path)
    response.all_of_it()
    pushed_by_somebody(response.server, OTHER, OTHER_COUNTS)

    response.scope(again=True)
    found = response.scope()

    assert found.bad.ids == ids(response, SMALL_COUNTS, OTHER_COUNTS)
    assert found.bad.paths == (OTHER,)


def test_a_push_that_was_begun_counts_as_one(tmp_path):
    response = responding(tmp_path)
    response.scope()
    response.rewrite()
    response.case.record("push.intent", {})
    pushed_by_somebody(response.server, OTHER, OTHER_COUNTS)
    git(response.server, "update-ref", "refs/heads/main", oid(response.server, "main~3"))
    git(response.server, "update-ref", "refs/heads/x", oid(response.server, "main"))

    with pytest.raises(NothingToRemoveError):
        response.scope()
    found = response.scope(b"README.md")

    assert found.bad.ids >= ids(response, SMALL_COUNTS)


def test_a_scope_that_comes_to_nothing_leaves_the_case_as_it_was(tmp_path):
    """The clones of the old history are traced in its mirror."""
    response = responding(tmp_path)
    response.all_of_it()
    before = sorted(path.name for path in response.private("").iterdir())
    mirrored = refs(response.private("mirror.git"))

    with pytest.raises(NothingToRemoveError):
        response.scope(again=True)

    assert refs(response.private("mirror.git")) == mirrored
    after = sorted(path.name for path in response.private("").iterdir())
    assert set(after) - {"mirror-next.git"} == set(before)
    bad = case_files.load_bad_set(response.case)
    holders = trace(response.case, response.private("mirror.git"), bad).register
    assert any(copy.place == "C30" for copy in holders)


def test_the_mirror_is_made_again_only_where_the_server_changed(tmp_path):
    response = responding(tmp_path)
    response.scope()
    made = response.private("mirror.git").stat().st_ino
    response.scope()
    assert response.private("mirror.git").stat().st_ino == made

    pushed_by_somebody(response.server, b"x", b"x\n")
    response.scope()

    assert response.private("mirror.git").stat().st_ino != made
    assert refs(response.private("mirror.git")) == refs(response.server)
    assert not response.private("mirror-next.git").exists()


def test_a_mirror_left_over_from_a_scope_that_failed_is_deleted(tmp_path):
    response = responding(tmp_path)
    response.scope()
    first = refs(response.server)
    pushed_by_somebody(response.server, b"x", b"x\n")
    with pytest.raises(UsageError):
        response.scope(b"none")
    assert response.private("mirror-next.git").exists()
    git(response.server, "update-ref", "refs/heads/main", first[b"refs/heads/main"])

    response.scope()

    assert not response.private("mirror-next.git").exists()
    assert refs(response.private("mirror.git")) == first


# --- what is no server ----------------------------------------------------------------------


def test_a_clone_somebody_works_in_is_no_server(tmp_path):
    clone = breached().build(tmp_path / "clone", bare=False)
    before = refs(clone)

    targets = [str(clone), str(clone / ".git"), f"file://{clone}"]
    for number, target in enumerate(targets):
        response = on_target(tmp_path / str(number), target)
        with pytest.raises(RefusedError, match="is a clone that somebody works in"):
            response.scope()
    assert refs(clone) == before


def test_a_bundle_is_no_server(tmp_path):
    repository = breached().build(tmp_path / "r.git")
    git(repository, "bundle", "create", "-q", str(tmp_path / "r.bundle"), "--all")

    with pytest.raises(RefusedError, match="is a file, and history is replaced on a server"):
        on_target(tmp_path, tmp_path / "r.bundle").scope()


def test_a_file_of_the_case_that_was_damaged_is_no_crash(tmp_path):
    response = responding(tmp_path)
    response.scope()
    for content in (b"", b"[]", b"{}", b'{"schema": "breachkit.bad-set/1"}', b"\xff"):
        response.private("bad-set.json").write_bytes(content)
        with pytest.raises(ConfigurationError):
            findings_of(response.case)
