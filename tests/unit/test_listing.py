"""What two listings of an account say about each other, and how one is kept."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachkit.actions.listing import (
    SETTLES,
    AnotherAccountError,
    Choice,
    Listed,
    Listing,
    Owner,
    Refs,
    Standing,
    compare,
)
from breachkit.actions.listing_file import listing_from_json, listing_to_json
from breachkit.model.errors import ConfigurationError


THEN = datetime(2024, 5, 1, 9, 30, tzinfo=UTC)
NOW = THEN + timedelta(days=1)
OLD = THEN - timedelta(days=300)
OWNER = Owner(id=1, login="example-org", is_organisation=True, public_repositories=1)
STUDY = Listed(
    id=7,
    full_name="example-org/study",
    clone_url="https://git.example.org/example-org/study.git",
    default_branch="main",
    pushed_at=OLD,
    topics=("research",),
)


def listing(*repositories, at=THEN, **more):
    return Listing(owner=OWNER, began_at=at, repositories=repositories, **more)


def now(*repositories, **more):
    return listing(*repositories, at=NOW, **more)


def standing(one, then, **more):
    (entry,) = compare(now(one), listing(then, **more)).entries
    return entry.standing


def test_what_nothing_was_pushed_to_is_unchanged():
    assert standing(STUDY, STUDY) is Standing.UNCHANGED
    assert compare(now(STUDY), listing(STUDY)).to_examine == ()


def test_without_an_earlier_listing_all_is_new():
    (entry,) = compare(now(STUDY), None).entries

    assert entry.standing is Standing.NEW
    assert entry.reasons == ("there was no listing before",)


def test_t51_what_was_not_listed_is_new_however_long_ago_it_was_pushed_to():
    other = replace(STUDY, id=8, full_name="example-org/made-public")

    (entry,) = compare(now(STUDY, other), listing(STUDY)).those(Standing.NEW)

    assert entry.repository is other
    assert other.pushed_at is not None
    assert other.pushed_at < THEN


def test_a_repository_that_took_the_name_of_another_is_new_and_the_other_missing():
    taker = replace(STUDY, id=8)
    result = compare(now(taker), listing(STUDY))

    assert [each.standing for each in result.entries] == [Standing.NEW]
    assert result.missing == (STUDY,)


def test_a_new_name_alone_is_told_and_is_no_change():
    renamed = replace(STUDY, full_name="example-org/study-2")
    result = compare(now(renamed), listing(STUDY))

    assert [each.was_called for each in result.renamed] == ["example-org/study"]
    assert result.to_examine == ()
    assert compare(now(STUDY), listing(STUDY)).renamed == ()


@pytest.mark.parametrize(
    ("then", "changed", "says"),
    [
        ({}, {"pushed_at": THEN}, "pushed to it"),
        ({}, {"pushed_at": None}, "pushed to it"),
        ({"pushed_at": None}, {"pushed_at": None}, "not told"),
        ({}, {"archived": True}, "it was archived"),
        ({"archived": True}, {}, "out of the archive"),
        ({}, {"blocked": True}, "blocked it"),
        ({"blocked": True}, {}, "no longer blocks"),
        ({}, {"default_branch": "trunk"}, "default branch"),
    ],
)
def test_whatever_a_date_does_not_tell_may_have_changed(then, changed, says):
    result = compare(now(replace(STUDY, **changed)), listing(replace(STUDY, **then)))

    (entry,) = result.those(Standing.MAYBE_CHANGED)
    assert says in " ".join(entry.reasons)


def test_a_push_shortly_before_the_earlier_listing_may_hide_a_later_one():
    at_the_edge = replace(STUDY, pushed_at=THEN - SETTLES)
    within = replace(STUDY, pushed_at=THEN - SETTLES + timedelta(seconds=1))

    assert standing(at_the_edge, at_the_edge) is Standing.UNCHANGED
    assert standing(within, within) is Standing.MAYBE_CHANGED


def test_refs_tell_more_than_the_date_of_the_last_push():
    one, other = Refs(digest="1", count=3), Refs(digest="2", count=3)
    undated = replace(STUDY, pushed_at=None, refs=one)

    assert standing(undated, undated) is Standing.UNCHANGED
    assert standing(replace(STUDY, refs=other), replace(STUDY, refs=one)) is Standing.MAYBE_CHANGED
    # something was pushed and taken back: its objects may be there still
    again = replace(STUDY, refs=one, pushed_at=THEN)
    assert standing(again, replace(STUDY, refs=one)) is Standing.MAYBE_CHANGED


def test_refs_that_only_one_listing_has_prove_nothing():
    undated = replace(STUDY, pushed_at=None)

    assert standing(replace(undated, refs=Refs(digest="1", count=1)), undated) is (
        Standing.MAYBE_CHANGED
    )


def test_what_was_left_out_before_is_new_when_it_is_looked_at():
    apart = replace(STUDY, topics=("non-research",))
    choice = Choice(skip_topics=frozenset({"non-research"}))

    skipped = compare(now(apart, choice=choice), listing(apart, choice=choice))
    assert skipped.entries == ()
    assert skipped.left_out == ((apart, "has the topic non-research"),)
    assert skipped.missing == ()

    (entry,) = compare(now(STUDY, choice=choice), listing(apart, choice=choice)).entries
    assert entry.standing is Standing.NEW
    assert entry.reasons == ("it was left out before: it has the topic non-research",)


@pytest.mark.parametrize(
    ("choice", "reason"),
    [
        (Choice(), None),
        (Choice(forks=False), "is a fork"),
        (Choice(archived=False), "is archived"),
        (Choice(only_topics=frozenset({"research"})), None),
        (Choice(only_topics=frozenset({"trial"})), "has none of the topics asked for"),
        (Choice(skip_topics=frozenset({"research"})), "has the topic research"),
        (
            Choice(
                only_topics=frozenset({"research"}), skip_topics=frozenset({"research", "trial"})
            ),
            "has the topic research",
        ),
    ],
)
def test_what_is_left_out_says_why(choice, reason):
    assert choice.against(replace(STUDY, is_fork=True, archived=True)) == reason


def test_listings_of_two_accounts_are_not_compared():
    other = replace(listing(STUDY), owner=replace(OWNER, id=2))

    with pytest.raises(AnotherAccountError, match="another account"):
        compare(now(STUDY), other)


def test_empty_is_what_git_says_and_no_date():
    assert replace(STUDY, pushed_at=None).is_empty is None
    assert replace(STUDY, refs=Refs(digest="0", count=0)).is_empty is True
    assert replace(STUDY, pushed_at=None, refs=Refs(digest="0", count=1)).is_empty is False


moments = st.none() | st.datetimes(
    min_value=THEN.replace(year=2000, tzinfo=None),
    max_value=THEN.replace(year=2099, tzinfo=None),
    timezones=st.just(UTC),
)
repositories = st.builds(
    Listed,
    id=st.integers(1, 6),
    full_name=st.from_regex(r"example-org/[a-z]{1,3}", fullmatch=True),
    clone_url=st.just("https://git.example.org/a/b.git"),
    default_branch=st.sampled_from(["main", "trunk"]),
    pushed_at=moments,
    topics=st.lists(st.sampled_from(["research", "non-research"]), unique=True).map(tuple),
    is_fork=st.booleans(),
    archived=st.booleans(),
    blocked=st.booleans(),
    refs=st.none() | st.builds(Refs, digest=st.sampled_from("ab"), count=st.integers(0, 2)),
)
choices = st.builds(
    Choice,
    skip_topics=st.frozensets(st.sampled_from(["research", "non-research"])),
    only_topics=st.frozensets(st.sampled_from(["research"])),
    forks=st.booleans(),
    archived=st.booleans(),
)
listings = st.builds(
    Listing,
    owner=st.just(OWNER),
    began_at=moments.filter(bool),
    repositories=st.lists(repositories, unique_by=lambda one: one.id).map(tuple),
    choice=choices,
    problem=st.sampled_from(["", "a page is missing"]),
    requests=st.integers(0, 9),
)


@given(listings)
def test_a_listing_is_kept_and_read_back_as_it_was(one):
    assert listing_from_json(json.loads(json.dumps(listing_to_json(one)))) == one


def test_another_file_is_not_taken_for_a_listing():
    with pytest.raises(ConfigurationError, match=r"breachkit\.listing/1"):
        listing_from_json({"schema": "breachkit.scan/1"})


@given(listings, listings)
def test_every_repository_is_accounted_for_once(later, earlier):
    result = compare(later, earlier)

    entries = [each.repository.id for each in result.entries]
    accounted = [*entries, *(one.id for one, _ in result.left_out)]
    assert sorted(accounted) == sorted(one.id for one in later.repositories)
    assert {one.id for one in result.missing} == {one.id for one in earlier.repositories} - set(
        accounted
    )
    examined = earlier.looked_at()
    for entry in result.entries:
        assert (entry.standing is Standing.UNCHANGED) == (entry.reasons == ())
        assert (entry.standing is Standing.NEW) == (entry.repository.id not in examined)
