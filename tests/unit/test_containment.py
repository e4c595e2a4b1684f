"""Plans of containment, their way back and what differs afterwards: decided without any platform."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachkit.actions.asking import ask_administrator, ask_for_token
from breachkit.actions.comparison import differences
from breachkit.actions.containment import Area, Situation, Wanted, plan
from breachkit.actions.containment_file import Containment, Round
from breachkit.actions.hosting import (
    Account,
    Answered,
    HostedRepository,
    Reading,
    Topic,
    WriteKind,
)
from breachkit.actions.way_back import way_back
from breachkit.github.agreement import agrees, same_key
from breachkit.model.errors import ConfigurationError
from breachkit.report.containment import WIDTH, item
from breachkit.workflows.platform import NotOnPlatformError, platform_name
from tests.support.cases import NOON


STUDY = HostedRepository(
    id=7,
    full_name="org/study",
    owner="org",
    is_organisation=True,
    visibility="public",
    is_admin=True,
    default_branch="main",
    forks=0,
)
ADA = Account(login="ada", id=1)


def person(number, login, role="write", affiliation="outside"):
    return {"id": number, "login": login, "role_name": role, "affiliation": affiliation}


def reading(topic, *items, answered=Answered.COMPLETE):
    return Reading(topic=topic, answered=answered, items=items)


def situation(people=(), *, repository=STUDY, wanted=None, **more):
    readings = {
        Topic.COLLABORATORS: reading(Topic.COLLABORATORS, *people),
        **{Topic[name]: reading(Topic[name], *items) for name, items in more.items()},
    }
    return Situation(
        repository=repository, account=ADA, readings=readings, wanted=wanted or Wanted()
    )


def removed(made):
    return [s.write.detail["login"] for s in made.steps if s.area is Area.COLLABORATORS]


OWNER = person(9, "boss", "admin", "other")


def test_t19_the_last_administrator_is_never_removed():
    people = [person(2, "bo", "admin"), person(3, "cy", "admin"), person(4, "di")]

    alone = plan(situation(people))

    assert removed(alone) == ["di"]
    assert "bo (admin): the last administrator" in alone.spared
    assert removed(plan(situation([*people, OWNER]))) == ["bo", "cy", "di"]


@given(
    people=st.lists(
        st.tuples(
            st.integers(1, 9),
            st.sampled_from(["read", "triage", "write", "maintain", "admin", "custom"]),
            st.sampled_from(["outside", "direct", "other"]),
        ),
        unique_by=lambda one: one[0],
    ),
    authorised=st.sets(st.integers(1, 9)),
)
def test_t14_whoever_is_removed_gets_exactly_their_role_back_and_nobody_else_is(people, authorised):
    given_ = [person(number, f"Person{number}", role, how) for number, role, how in people]
    wanted = Wanted(authorised=frozenset(f"person{number}" for number in authorised))

    made = plan(situation(given_, wanted=wanted))

    gone = {step.write.detail["id"] for step in made.steps if step.area is Area.COLLABORATORS}
    by_id = {number: (role, how) for number, role, how in people}
    assert all(by_id[number][1] == "outside" for number in gone)
    assert not gone & (authorised | {ADA.id})
    admins = {number for number, (role, _) in by_id.items() if role == "admin"}
    assert not admins or admins - gone
    back = {
        r.write.detail["login"]: r.write.detail["role"]
        for r in way_back(made.steps).returns
        if r.write.kind is WriteKind.INVITE
    }
    assert back == {f"Person{number}": by_id[number][0] for number in gone}


def test_t17_an_invitation_by_mail_is_cancelled_and_cannot_be_undone_and_an_expired_one_is_left():
    invitations = [
        {"id": 1, "invitee": None, "permissions": "read"},
        {"id": 2, "invitee": {"login": "Eve", "id": 5}, "permissions": "write", "expired": False},
        {"id": 3, "invitee": {"login": "Old", "id": 6}, "permissions": "write", "expired": True},
    ]

    made = plan(situation(INVITATIONS=invitations))

    steps = [step for step in made.steps if step.area is Area.INVITATIONS]
    assert [step.write.detail["id"] for step in steps] == [1, 2]
    assert steps[0].inverse is None
    assert "an invitation by e-mail: GitHub does not tell the address" in made.lost
    kept = Wanted(authorised=frozenset({"eve"}))
    again = plan(situation(INVITATIONS=invitations, wanted=kept))
    assert [s.write.detail["id"] for s in again.steps if s.area is Area.INVITATIONS] == [1]


def test_a_private_repository_of_a_person_needs_no_visibility_and_no_forking():
    own = replace(STUDY, visibility="private", is_organisation=False)

    made = plan(situation(repository=own, REPOSITORY=[{"allow_forking": True}]))

    assert made.steps == ()
    assert made.readers == ("org, who owns it",)


def test_what_was_not_read_is_said():
    refused = reading(Topic.KEYS, answered=Answered.REFUSED)
    made = plan(replace(situation(), readings={Topic.KEYS: replace(refused, reason="may not")}))

    assert "deploy-keys: refused (may not)" in made.unread
    assert "hooks: not read" in made.unread
    assert any("not told" in each for each in made.readers)


def test_the_file_of_what_was_closed_reads_as_it_was_written():
    keys = [{"id": 4, "title": "t", "key": "ssh-ed25519 AAAA c", "read_only": True}]
    invitations = [{"id": 1, "invitee": None, "permissions": "read"}]
    made = plan(situation([OWNER, person(2, "bo")], KEYS=keys, INVITATIONS=invitations))
    wanted = Wanted(authorised=frozenset({"x"}), keep=frozenset({Area.PAGES}))
    one = Round(number=1, snapshot="001", made_at=NOON, wanted=wanted, steps=made.steps)
    kept = Containment(repository=7, full_name="org/study", rounds=(one,))

    assert Containment.from_json(kept.to_json()) == kept
    with pytest.raises(ConfigurationError):
        Containment.from_json({**kept.to_json(), "schema": "breachkit.containment/2"})


def test_the_way_back_opens_last_and_only_then_what_needs_it_open():
    site = [{"build_type": "legacy", "source": {"branch": "main", "path": "/"}}]
    rules = [
        {"id": 1, "name": "p", "target": "push", "source_type": "Repository", "enforcement": "active", "bypass_actors": []},
        {"id": 2, "name": "blind", "target": "push", "source_type": "Repository", "enforcement": "active"},
        {"id": 3, "name": "off", "target": "push", "source_type": "Repository", "enforcement": "disabled", "bypass_actors": []},
        {"id": 4, "name": "theirs", "target": "push", "source_type": "Organization", "enforcement": "active", "bypass_actors": []},
    ]  # fmt: skip
    made = plan(situation([OWNER, person(2, "bo")], PAGES=site))

    way = way_back(made.steps, reading(Topic.RULESETS, *rules))

    kinds = [each.write.kind for each in way.returns]
    assert kinds == [
        WriteKind.INVITE,
        WriteKind.SET_VISIBILITY,
        WriteKind.PUBLISH_PAGES,
        WriteKind.SET_RULESET,
    ]
    assert way.writes[-1].detail["id"] == 1
    assert any("'blind'" in each and "by hand" in each for each in way.lost)


def test_t29_differences_are_bound_to_happen_or_not():
    before = {
        Topic.STARGAZERS: reading(Topic.STARGAZERS, {"user": {"login": "a"}}),
        Topic.COLLABORATORS: reading(Topic.COLLABORATORS, person(2, "bo"), person(3, "cy")),
        Topic.KEYS: reading(Topic.KEYS, {"title": "k", "key": "ssh AAAA", "read_only": True, "id": 1}),
        Topic.RULESETS: reading(Topic.RULESETS, {"id": 1, "name": "r", "rules": [], "updated_at": "1"}),
    }  # fmt: skip
    after = {
        Topic.STARGAZERS: reading(Topic.STARGAZERS),
        Topic.COLLABORATORS: reading(Topic.COLLABORATORS),
        Topic.KEYS: reading(Topic.KEYS, {"title": "k", "key": "ssh AAAA", "read_only": False, "id": 2}),
        Topic.RULESETS: reading(Topic.RULESETS, {"id": 1, "name": "r", "rules": [], "updated_at": "2"}),
    }  # fmt: skip

    found = differences(before, after, was_private=True, invited=frozenset({"bo"}))

    told = {(each.topic, each.name.split()[0], each.kind): bool(each.documented) for each in found}
    assert told == {
        (Topic.STARGAZERS, "a", "missing"): True,
        (Topic.COLLABORATORS, "bo", "missing"): True,
        (Topic.COLLABORATORS, "cy", "missing"): False,
        (Topic.KEYS, "k", "changed"): False,
    }
    public = differences(before, after, was_private=False)
    assert not any(each.documented for each in public)


def test_what_could_not_be_read_before_or_after_differs():
    failed = Reading(topic=Topic.KEYS, answered=Answered.FAILED, reason="no answer")
    good = reading(Topic.KEYS)

    (found,) = differences({Topic.KEYS: failed}, {Topic.KEYS: good}, was_private=True)

    assert (found.kind, found.documented) == ("not read", "")


@pytest.mark.parametrize(
    ("wanted", "shown", "same"),
    [
        (True, {"enabled": True, "url": "x"}, True),
        (True, {"enabled": False}, False),
        (False, None, True),
        (None, None, True),
        (None, {"url": "x"}, False),
        ({"a": 1}, {"a": 1, "url": "x"}, True),
        ({"a": 1}, {"a": 2}, False),
        ({"a": 1}, None, False),
        (["bo"], [{"login": "Bo", "id": 2}], True),
        (["bo"], [{"login": "cy", "id": 3}], False),
        (["bo"], [], False),
        ([], None, True),
        (["b", "a"], ["a", "b"], True),
        ([{"context": "t", "app_id": 1}], [{"app_id": 1, "context": "t"}], True),
        ([{"context": "t", "app_id": 1}], [{"app_id": 2, "context": "t"}], False),
    ],
)
def test_a_setting_that_reads_in_another_shape_is_known_again(wanted, shown, same):
    assert agrees(wanted, shown) is same


def test_a_key_is_the_same_whatever_comment_stands_behind_it():
    assert same_key("ssh-ed25519 AAAA me@here", "ssh-ed25519 AAAA")
    assert not same_key("ssh-ed25519 AAAA", "ssh-ed25519 AAAB")


@pytest.mark.parametrize(
    ("target", "api", "name"),
    [
        ("org/study", "https://api.github.com", "org/study"),
        ("https://github.com/org/study", "https://api.github.com", "org/study"),
        ("https://me:pw@github.com/org/study.git", "https://api.github.com", "org/study"),
        ("git@github.com:org/study.git", "https://api.github.com", "org/study"),
        ("ssh://git@github.com/org/study.git", "https://api.github.com", "org/study"),
        ("https://ghe.example/org/study", "https://ghe.example/api/v3", "org/study"),
        ("http://127.0.0.1:8/org/study.git", "http://127.0.0.1:8/api/v3", "org/study"),
    ],
)
def test_a_target_is_found_on_its_platform(target, api, name):
    assert platform_name(target, api) == name


@pytest.mark.parametrize(
    ("target", "api"),
    [
        ("https://gitlab.com/org/study", "https://api.github.com"),
        ("https://github.com/org/study", "https://ghe.example/api/v3"),
        ("https://github.com.evil.example/org/study", "https://api.github.com"),
        ("https://github.com/org", "https://api.github.com"),
        ("http://127.0.0.1:9/org/study.git", "http://127.0.0.1:8/api/v3"),
        ("/srv/git/study.git", "https://api.github.com"),
    ],
)
def test_a_target_elsewhere_is_told_so(target, api):
    with pytest.raises(NotOnPlatformError, match="tick A07"):
        platform_name(target, api)


def test_the_words_to_send_stand_alone():
    for text in (
        ask_for_token("org/study", "https://github.com"),
        ask_administrator(STUDY, "https://github.com"),
        ask_administrator(replace(STUDY, is_organisation=False), "https://github.com"),
    ):
        assert "Please close org/study now" in text
        assert "Do not delete" in text
        assert "https://github.com/org/study/settings/access" in text


@pytest.mark.parametrize("whole", ["released-outputs/by-region-and-age.csv", "x" * 100])
def test_a_line_of_a_list_is_folded_without_breaking_a_name(whole):
    for lead in range(40, 75):
        text = item("a" * lead + f" {whole} and more")
        assert whole in text
        assert all(len(line) <= WIDTH or whole in line for line in text.split("\n"))
