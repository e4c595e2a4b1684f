"""What two listings of an account say about each other, and how one is kept."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachkit.actions.listing import (
    AnotherAccountError,
    Choice,
    Listed,
    Listing,
    Owner,
    vanished,
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


def test_a_repository_that_took_the_name_of_another_does_not_stand_for_it():
    taker = replace(STUDY, id=8)

    assert vanished(now(taker), listing(STUDY)) == (STUDY,)


def test_a_new_name_alone_makes_no_other_repository():
    assert vanished(now(replace(STUDY, full_name="example-org/study-2")), listing(STUDY)) == ()


def test_without_an_earlier_listing_nothing_has_vanished():
    assert vanished(now(STUDY), None) == ()


def test_listings_of_two_accounts_are_not_compared():
    other = replace(listing(STUDY), owner=replace(OWNER, id=2))

    with pytest.raises(AnotherAccountError, match="another account"):
        vanished(now(STUDY), other)


def test_what_is_left_out_is_listed_with_the_reason():
    apart = replace(STUDY, id=9, topics=("non-research",))
    choice = Choice(skip_topics=frozenset({"non-research"}))

    assert now(STUDY, apart, choice=choice).left_out() == ((apart, "has the topic non-research"),)
    assert now(STUDY, apart).left_out() == ()


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
def test_every_repository_that_was_listed_is_listed_still_or_has_vanished(later, earlier):
    gone = {one.id for one in vanished(later, earlier)}
    there = {one.id for one in later.repositories}

    assert not gone & there
    assert {one.id for one in earlier.repositories} <= gone | there
