"""What becomes of an organisation's repositories between two nights, and the line that a sweep has for it."""

import itertools

import pytest

from breachkit.drill.hub import networks
from breachkit.drill.hub.faults import Effect, Fault, bad_gateway
from breachkit.drill.hub.networks import set_visibility
from tests.support.command_line import SAFE_COUNTS
from tests.support.sweep_fates import ORG, TABLE, nights


@pytest.fixture
def night(tmp_path, breachkit, monkeypatch):
    with nights(tmp_path, breachkit, monkeypatch) as made:
        yield made


def test_what_is_found_is_new_once_and_known_the_next_night(night):
    night.study("study")
    night.safe("other")
    first = night()
    assert first.code == 13
    assert (first.standing("study"), first.lives("study")) == ("scanned", {"new": 1})
    assert first.says("Repositories: 2 scanned")

    second = night()
    assert second.code == 0
    assert (second.standing("study"), second.lives("study")) == ("unchanged", {"known": 1})
    assert second.says("Findings: 0 new, 1 known, 0 accepted, 0 gone")


@pytest.mark.parametrize("fate", ["deleted", "private"])
def test_what_is_not_public_any_more_stays_known_and_is_told_every_night(night, fate):
    one, _ = night.study("study"), night.safe("other")
    night()
    if fate == "deleted":
        night.world.delete(one)
    else:
        networks.set_visibility(night.world.hub, one, "private")

    for _ in range(2):
        later = night()
        assert later.code == 0
        assert (later.standing("study"), later.lives("study")) == ("gone", {"known": 1})
        assert later.says(
            "Gone: example-org/study: private, deleted, or transferred to where it is private:",
            "which of them cannot be told; findings known in it: 1",
        )


def test_what_is_gone_without_findings_is_told_once_and_its_copy_deleted(night, breachkit):
    one, _ = night.safe("study"), night.safe("other")
    night()
    mirrors = breachkit.home / "sweeps" / "mirrors"
    assert len(list(mirrors.glob("*.git"))) == 2
    night.world.delete(one)

    assert night().standing("study") == "gone"
    assert len(list(mirrors.glob("*.git"))) == 1
    assert f"{ORG}/study" not in night().repositories


def test_what_becomes_public_again_is_known_still_and_said_to_be_back(night):
    one, _ = night.study("study"), night.safe("other")
    night()
    networks.set_visibility(night.world.hub, one, "private")
    night()
    networks.set_visibility(night.world.hub, one, "public")

    back = night()
    assert (back.standing("study"), back.lives("study")) == ("unchanged", {"known": 1})
    assert back.reason("study") == "it was gone, and is back"
    assert back.says("example-org/study: it was gone, and is back")


def test_what_becomes_public_is_looked_at_however_old_its_last_push_is(night):
    one = night.study("study", visibility="private")
    night.safe("other")
    assert f"{ORG}/study" not in night().repositories
    networks.set_visibility(night.world.hub, one, "public")

    later = night()
    assert later.code == 13
    assert later.lives("study") == {"new": 1}
    assert later.says("example-org/study: 1 new finding")


def test_a_renamed_repository_keeps_its_findings(night):
    one = night.study("study")
    night()
    night.world.rename(one, "paper")

    later = night()
    assert later.code == 0
    assert set(later.repositories) == {f"{ORG}/paper"}
    assert later.lives("paper") == {"known": 1}
    assert later.says("example-org/paper: its name was example-org/study")


def test_whoever_takes_a_name_over_is_another_repository(night):
    one = night.study("study")
    night()
    night.world.rename(one, "paper")
    one.former_names.clear()
    night.safe("study")

    later = night()
    assert later.lives("paper") == {"known": 1}
    assert later.lives("study") == {}


def test_a_repository_that_was_transferred_is_gone_and_where_it_is_is_told(night):
    one, _ = night.study("study"), night.safe("other")
    night()
    night.world.transfer(one, night.owner)

    later = night()
    assert (later.standing("study"), later.lives("study")) == ("gone", {"known": 1})
    assert later.says(
        "example-org/study: transferred to another account, where it is public as ada/study;"
    )


def test_a_repository_that_comes_in_is_new(night):
    night.safe("other")
    one = night.world.repository(night.owner, "study", files={TABLE: b"region,patients\nA,3\n"})
    night()
    night.world.transfer(one, night.organisation)

    assert night().standing("study") == "scanned"


def test_of_a_repository_that_was_emptied_the_findings_are_gone_and_so_is_the_copy(
    night, breachkit
):
    one = night.study("study")
    night()
    night.refs(one, {})

    later = night()
    assert later.code == 0
    assert (later.standing("study"), later.lives("study")) == ("empty", {"gone": 1})
    assert later.says("example-org/study: every ref of it was deleted")
    assert not list((breachkit.home / "sweeps" / "mirrors").glob("*.git"))
    assert night().reason("study") == "every ref of it was deleted"


def test_a_repository_that_never_held_anything_says_so(night):
    night.world.repository(night.organisation, "study")
    first = night()
    assert (first.code, first.standing("study")) == (0, "empty")
    assert first.reason("study") == "nothing was ever pushed to it"


def test_an_archived_repository_is_looked_at_all_the_same_unless_it_is_left_out(night):
    one = night.study("study")
    one.archived = True
    night.safe("other")
    left_out = night("--no-archived")
    assert left_out.standing("study") == "skipped"
    assert left_out.says("Not looked at: example-org/study: is archived")
    assert left_out.code == 0

    assert night().lives("study") == {"new": 1}


def test_a_blocked_repository_is_gone_with_what_is_known_of_it(night):
    one, _ = night.study("study"), night.safe("other")
    night()
    one.disabled = True

    later = night()
    assert (later.standing("study"), later.lives("study")) == ("gone", {"known": 1})
    assert later.says("example-org/study: blocked by the platform; findings known in it: 1")


def test_a_fork_of_the_organisation_costs_nothing_twice_and_can_be_left_out(night):
    one = night.study("study")
    night()
    night.world.fork(one, night.organisation, name="copy")
    assert night("--no-forks").reason("copy") == "is a fork"

    later = night()
    took = later.of("copy")["took"]
    assert later.lives("copy") == {"new": 1}
    assert took["recalled"] == took["objects"] - 2  # trees are walked, and not judged


def test_topics_leave_out_with_a_reason_and_what_was_known_stays_known(night):
    one = night.study("study")
    one.topics = ["non-research"]
    two = night.safe("other")
    two.topics = ["research"]
    assert night().lives("study") == {"new": 1}

    skipped = night("--skip-topic", "non-research")
    assert skipped.lives("study") == {"known": 1}
    assert skipped.says("example-org/study: has the topic non-research")
    only = night("--only-topic", "research")
    assert only.reason("study") == "has none of the topics asked for"
    assert only.standing("other") == "unchanged"


def test_those_that_hold_outputs_come_first_of_those_never_looked_at(night):
    for number in range(6):
        night.safe(f"study-{number}").topics = ["github-releases"] if number in {2, 5} else []
    night(workers=1)
    order = list(dict.fromkeys(name.partition("/")[2] for name, _ in night.git_requests))

    assert set(order[:2]) == {"study-2", "study-5"}
    assert len(order) == 6


def test_a_rewritten_history_is_fetched_and_what_went_from_it_is_gone(night):
    one = night.study("study")
    night()
    night.world.commit(one, {TABLE: SAFE_COUNTS})
    assert night().lives("study") == {"known": 1}  # its history holds it still
    tree = night.world.repository(night.owner, "clean", files={TABLE: SAFE_COUNTS})
    borrowed(night, one, tree)

    assert night().lives("study") == {"gone": 1}


def borrowed(night, one, other):
    """Let a repository have what another has, as after a force-push."""
    from breachkit.drill.hub import gitstore

    gitstore.add_objects(
        night.world.hub.folder,
        one.network,
        gitstore.objects_of(night.world.hub.folder, other.network).parent,
    )
    night.refs(one, gitstore.refs(other))


def while_copied(night, change, times=1):
    """Do something each time that git asks for refs, but for the first: after that it copies."""
    answer = night.server.answer
    asked = itertools.count()

    def watched(request):
        if b"command=ls-refs" in request.body and 0 < (number := next(asked)) <= times:
            change(number)
        return answer(request)

    night.server.answer = watched


def test_a_push_while_a_repository_is_copied_is_in_what_was_looked_at(night):
    one = night.safe("study")
    while_copied(night, lambda _: night.commit(one, {"released_outputs/u.csv": SMALL + b"X,77\n"}))
    first = night()
    assert (first.standing("study"), first.lives("study")) == ("scanned", {"new": 1})

    assert night().standing("study") == "unchanged"


def test_a_force_push_back_while_a_repository_is_copied_is_not_taken_for_what_was_looked_at(night):
    from breachkit.drill.hub import gitstore

    one = night.study("study")
    bad = gitstore.refs(one)
    clean = night.world.repository(night.owner, "clean", files={TABLE: SAFE_COUNTS})
    while_copied(night, lambda _: borrowed(night, one, clean))
    first = night()
    assert (first.standing("study"), first.lives("study")) == ("scanned", {})
    night.refs(one, bad)

    assert night().lives("study") == {"new": 1}


def test_a_repository_whose_refs_never_stand_still_has_failed_and_says_why(night):
    one = night.study("study")
    while_copied(night, lambda number: night.commit(one, {"n.md": b"%d\n" % number}), times=10)
    first = night()

    assert (first.code, first.standing("study")) == (5, "failed")
    assert first.says(
        "Could not be looked at: example-org/study: its refs changed while it was being copied,"
    )


@pytest.mark.parametrize("shown", [True, False])
def test_what_vanishes_after_it_was_listed_has_failed_and_is_gone_the_next_night(
    night, monkeypatch, shown
):
    one, _ = night.study("study"), night.safe("other")
    night()
    if shown:
        monkeypatch.setenv("BREACHKIT_GITHUB_TOKEN", night.world.token(night.world.person("eve")))
    answer = night.server.answer

    def watched(request):
        if ".git/" in request.path and one.id in night.world.hub.repositories:
            night.world.delete(one)
        return answer(request)

    night.server.answer = watched
    first = night()
    assert (first.code, first.standing("study"), first.lives("study")) == (
        5,
        "failed",
        {"known": 1},
    )
    assert ("no repository there" if shown else "not allowed") in first.reason("study")
    assert first.standing("other") == "unchanged"
    assert night().standing("study") == "gone"


def test_a_list_that_breaks_off_leaves_the_sweep_unfinished_and_forgets_nobody(night, monkeypatch):
    monkeypatch.setattr("breachkit.github.listing.PER_PAGE", 2)
    for name in ("study", "other", "zebra"):
        night.study(name)
    assert night().lives("zebra") == {"new": 1}
    page = Fault(
        effect=Effect.ANSWER_INSTEAD, path=".*/repos", skip=1, times=99, answer=bad_gateway()
    )
    asked = Fault(
        effect=Effect.ANSWER_INSTEAD, path=".*/repositories/.*", times=999, answer=bad_gateway()
    )
    night.server.faults.add(page)
    night.server.faults.add(asked)
    broken = night()
    night.server.faults.waiting.clear()

    assert broken.code == 5
    assert (broken.standing("zebra"), broken.lives("zebra")) == ("failed", {"known": 1})
    assert "it could not be asked what became of it" in broken.reason("zebra")
    whole = night()
    assert (whole.code, whole.standing("zebra")) == (0, "unchanged")


def test_t53_a_night_in_which_nothing_changed_asks_the_platform_for_nothing_new(night):
    one = night.study("study")
    night.safe("other")
    assert night().lives("study") == {"new": 1}

    quiet = night()

    rest = [each.status for each in night.server.log if each.template]
    assert rest == [304, 304]
    assert (quiet.standing("study"), quiet.standing("other")) == ("unchanged", "unchanged")
    set_visibility(night.world.hub, one, "private")
    night.study("new")
    busy = night()
    assert busy.lives("new") == {"new": 1}
    assert busy.standing("study") == "gone"
    assert busy.standing("other") == "unchanged"


SMALL = b"region,patients\nLondon,364\nNorth East,3\nSouth West,2\nEast,128\n"
