"""Protections read in one shape and are written in another; rules are changed switch by switch."""

import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breachkit.actions.hosting import Answered, ReadBack, Topic, Write, WriteKind
from breachkit.actions.protection_body import SWITCHES, put_body
from breachkit.drill.hub import faults, furnish
from breachkit.drill.hub.answers import Answer
from breachkit.drill.hub.faults import Effect, Fault
from breachkit.model.errors import AccessError, IncompleteError, RefusedError
from tests.support.containing import NAME, a_platform
from tests.support.hubs import Served, small_hub


STUDY = f"/api/v3/repos/{NAME}"
GRAPHQL = "/api/v3/graphql"


def some_people(*, required: bool):
    kinds = {
        "users": st.lists(st.sampled_from(["cat", "dan", "eve"]), unique=True),
        "teams": st.lists(st.sampled_from(["analysts"]), unique=True),
        "apps": st.lists(st.sampled_from(["example-app"]), unique=True),
    }
    return st.fixed_dictionaries(kinds) if required else st.none() | st.fixed_dictionaries(kinds)


CHECKS = st.none() | st.builds(
    lambda strict, names: {
        "strict": strict,
        "contexts": [],
        "checks": [{"context": name, "app_id": app} for name, app in names.items()],
    },
    st.booleans(),
    st.dictionaries(st.text(min_size=1, max_size=9), st.sampled_from([-1, 15368])),
)
REVIEWS = st.none() | st.fixed_dictionaries(
    {
        "dismiss_stale_reviews": st.booleans(),
        "require_code_owner_reviews": st.booleans(),
        "required_approving_review_count": st.integers(0, 6),
        "require_last_push_approval": st.booleans(),
        "dismissal_restrictions": st.just({}) | some_people(required=True),
    },
    optional={"bypass_pull_request_allowances": some_people(required=True)},
)
BODIES = st.fixed_dictionaries(
    {
        "required_status_checks": CHECKS,
        "enforce_admins": st.booleans(),
        "required_pull_request_reviews": REVIEWS,
        "restrictions": some_people(required=False),
        **{name: st.booleans() for name in SWITCHES},
    }
)


@pytest.fixture(scope="module")
def platform(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hub")
    small = small_hub(folder)
    with small.world.serve() as server:
        hub = Served(small, server, folder)
        with a_platform(hub) as adapter:
            yield hub, adapter


@settings(max_examples=60)
@given(body=BODIES, signed=st.booleans(), branch=st.sampled_from(["main", "gr\u00fcn/a&b#1%"]))
def test_t28_t31_what_is_read_of_a_protection_puts_it_back_in_all_its_fields(
    platform, body, signed, branch
):
    hub, adapter = platform
    study = hub.small.study
    if branch != "main" and branch not in study.protections:
        hub.small.world.branch(study, branch)
    furnish.protect(study, branch, signed=signed, **body)
    repository = adapter.repository(NAME)
    before = shown_of(adapter, repository, branch)
    kept = copy.deepcopy(study.protections[branch])
    write = Write(
        kind=WriteKind.PUT_PROTECTION,
        detail={
            "branch": branch,
            "protection": put_body(before["protection"]),
            "required_signatures": before["required_signatures"],
        },
    )
    del study.protections[branch]
    assert adapter.read_back(write, repository) is ReadBack.NOT_DONE

    adapter.send(write, repository)

    assert adapter.read_back(write, repository) is ReadBack.DONE
    assert shown_of(adapter, repository, branch) == before
    same = {"required_pull_request_reviews"}  # an allowance for nobody reads as none
    now = study.protections[branch]
    assert {name: now[name] for name in kept if name not in same} == {
        name: value for name, value in kept.items() if name not in same
    }


def shown_of(adapter, repository, branch):
    reading = adapter.read(Topic.PROTECTIONS, repository)
    (one,) = (each for each in reading.items if each["branch"] == branch)
    return one


@pytest.fixture
def rule(hub):
    """A rule for all releases, of which one is there, and the write that lets it take force pushes."""
    hub.small.world.branch(hub.small.study, "release/1")
    fields = {**furnish.EVERY_PROTECTION, "lock_branch": True}
    furnish.protect(hub.small.study, "release/*", signed=True, **fields)
    with a_platform(hub) as adapter:
        repository = adapter.repository(NAME)
        rules = {one["pattern"]: one for one in adapter.read(Topic.RULES, repository).items}
        values = {"allowsForcePushes": True, "lockBranch": False}
        detail = {"id": rules["release/*"]["id"], "values": values}
        yield adapter, repository, rules, Write(kind=WriteKind.SET_RULE, detail=detail)


def test_t32_every_rule_is_read_with_the_branches_it_holds_for(hub, rule):
    _, _, rules, _ = rule
    assert {pattern: one["branches"] for pattern, one in rules.items()} == {
        "main": ["main"],
        "release/*": ["release/1"],
    }
    assert rules["release/*"]["requiresCommitSignatures"] is True


def test_t32_a_rule_with_a_pattern_changes_in_what_is_named_alone(hub, rule):
    adapter, repository, _, write = rule
    before = copy.deepcopy(hub.small.study.protections)
    assert adapter.read_back(write, repository) is ReadBack.NOT_DONE

    adapter.send(write, repository)

    assert adapter.read_back(write, repository) is ReadBack.DONE
    changed = {**before["release/*"], "allow_force_pushes": True, "lock_branch": False}
    assert hub.small.study.protections == {**before, "release/*": changed}


def test_who_may_force_is_given_back_with_the_switch(hub, rule):
    adapter, repository, rules, _ = rule
    hub.small.study.protections["release/*"]["force_pushers"] = ["dan"]
    fresh = {one["pattern"]: one for one in adapter.read(Topic.RULES, repository).items}
    (dan,) = fresh["release/*"]["bypassForcePushAllowances"]["nodes"]
    both = {"allowsForcePushes": False, "bypassForcePushActorIds": [dan["actor"]["id"]]}
    back = Write(kind=WriteKind.SET_RULE, detail={"id": rules["release/*"]["id"], "values": both})
    assert adapter.read_back(back, repository) is ReadBack.DONE
    hub.small.study.protections["release/*"]["force_pushers"] = []
    assert adapter.read_back(back, repository) is ReadBack.NOT_DONE
    adapter.send(back, repository)
    assert hub.small.study.protections["release/*"]["force_pushers"] == ["dan"]


@pytest.mark.parametrize(
    ("effect", "answer"),
    [
        (Effect.RESET, None),
        (Effect.RESET_AFTER, None),
        (Effect.ANSWER_AFTER, faults.bad_gateway()),
        (Effect.ANSWER_INSTEAD, faults.secondary_limit(2)),
        (Effect.TRUNCATE, None),
    ],
)
def test_t07_t09_a_change_over_a_bad_network_is_made_once(hub, rule, effect, answer):
    adapter, repository, _, write = rule
    more = {} if answer is None else {"answer": answer}
    hub.server.faults.add(Fault(effect=effect, path=GRAPHQL, **more))

    adapter.send(write, repository)

    assert adapter.read_back(write, repository) is ReadBack.DONE
    carried = [each for each in hub.server.writes if each.status == 200]
    assert len(carried) == 1


def test_a_rule_that_is_gone_is_refused_and_reads_as_not_done(hub, rule):
    adapter, repository, _, write = rule
    del hub.small.study.protections["release/*"]
    with pytest.raises(AccessError):
        adapter.send(write, repository)
    assert adapter.read_back(write, repository) is ReadBack.NOT_DONE


def test_who_does_not_administer_reads_what_rules_mean_for_them(hub, rule):
    with a_platform(hub, hub.token("dan")) as adapter:
        reading = adapter.read(Topic.RULES, adapter.repository(NAME))
    assert reading.answered is Answered.COMPLETE
    assert not any("id" in one for one in reading.items)
    assert {one["pattern"]: one["viewer"]["viewerCanPush"] for one in reading.items} == {
        "main": False,
        "release/*": False,
    }


def test_t26_on_a_free_plan_the_rules_of_a_private_repository_are_refused(hub, rule):
    adapter, repository, _, write = rule
    hub.small.study.visibility = "private"
    hub.small.organisation.plan = "free"
    for topic in (Topic.RULES, Topic.RULESETS, Topic.PROTECTIONS):
        reading = adapter.read(topic, repository)
        assert reading.answered is Answered.REFUSED, topic
        assert "plan does not have this" in reading.reason
    with pytest.raises(AccessError):
        adapter.send(write, repository)


@pytest.mark.parametrize(
    ("errors", "expected"),
    [
        ([{"type": "FORBIDDEN", "message": "no", "extensions": {"saml_failure": True}}], "sign-on"),
        ([{"type": "INSUFFICIENT_SCOPES", "message": "Your token lacks read:org"}], "may not"),
        ([{"type": "NOT_FOUND", "message": "gone"}], "not there"),
        ([{"message": "Field 'x' doesn't exist", "extensions": {"code": "undefinedField"}}], "422"),
    ],
)
def test_an_error_with_status_200_is_no_answer(hub, rule, errors, expected):
    adapter, repository, _, write = rule
    answer = Answer(json={"data": None, "errors": errors})
    hub.server.faults.add(Fault(effect=Effect.ANSWER_INSTEAD, path=GRAPHQL, times=9, answer=answer))
    with pytest.raises((AccessError, RefusedError), match=expected):
        adapter.send(write, repository)
    assert adapter.read(Topic.RULES, repository).answered is Answered.REFUSED


@pytest.mark.parametrize(
    "body",
    [
        {"errors": [{"type": "RATE_LIMITED", "message": "API rate limit exceeded"}]},
        {"errors": [{"message": "Something went wrong while executing your query."}]},
        {"data": None},
        {"data": {"repository": None}},
        [],
    ],
)
def test_an_empty_or_passing_answer_is_not_taken_for_no_rules(hub, rule, body):
    adapter, repository, _, _ = rule
    hub.server.faults.add(
        Fault(effect=Effect.ANSWER_INSTEAD, path=GRAPHQL, times=9, answer=Answer(json=body))
    )
    assert adapter.read(Topic.RULES, repository).answered is Answered.FAILED


def test_rules_and_branches_come_page_by_page(hub, rule):
    adapter, repository, _, _ = rule
    for number in range(120):
        hub.small.world.branch(hub.small.study, f"topic/{number}")
    furnish.protect(hub.small.study, "topic/*")
    for number in range(60):
        furnish.protect(hub.small.study, f"no-branch-{number}")

    reading = adapter.read(Topic.RULES, repository)

    by_pattern = {one["pattern"]: one for one in reading.items}
    assert len(by_pattern) == 63
    assert len(by_pattern["topic/*"]["branches"]) == 120
    assert reading.requests == 2 + 2


def test_an_error_names_no_token(hub, rule):
    adapter, repository, _, write = rule
    answer = Answer(json={"errors": [{"type": "FORBIDDEN", "message": hub.small.token}]})
    hub.server.faults.add(Fault(effect=Effect.ANSWER_INSTEAD, path=GRAPHQL, times=9, answer=answer))
    with pytest.raises((AccessError, IncompleteError)) as caught:
        adapter.send(write, repository)
    assert hub.small.token not in str(caught.value)


def test_t16_grants_tell_what_the_repository_gives_from_what_teams_and_the_organisation_give(hub):
    hub.small.study.collaborators[hub.login("bea").id] = "maintain"
    with a_platform(hub) as adapter:
        reading = adapter.read(Topic.GRANTS, adapter.repository(NAME))

    found = {
        one["login"]: {(each["kind"], each["name"], each["role"]) for each in one["sources"]}
        for one in reading.items
    }
    assert found["bea"] == {
        ("Repository", "", "maintain"),
        ("Team", "analysts", "triage"),
        ("Organization", "example-org", "read"),
    }
    assert found["cat"] == {("Repository", "", "write")}
    assert found["ada"] == {("Organization", "example-org", "admin")}
    assert {one["id"] for one in reading.items} >= {hub.login("cat").id}


def test_who_may_only_read_is_refused_where_access_comes_from(hub):
    with a_platform(hub, hub.token("gil")) as adapter:
        reading = adapter.read(Topic.GRANTS, adapter.repository(NAME))
    assert reading.answered is Answered.REFUSED
