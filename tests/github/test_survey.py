"""What a survey lifts lets the push through, each thing it names stood in the way, and all comes back."""

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breachkit.actions.protection_body import SWITCHES
from breachkit.actions.protections import NEEDED, survey
from breachkit.actions.rewritten import RefChange
from breachkit.drill.hub import furnish
from breachkit.drill.hub.pushrules import Change, refuses
from breachkit.model.ids import ObjectId, RefName
from tests.support.containing import NAME, a_platform
from tests.support.hubs import Served, small_hub


OLD, NEW = ObjectId("1" * 40), ObjectId("2" * 40)
BRANCHES = ("main", "release/1", "release/old/2", "gr\u00fcn")
REFS = (*(f"refs/heads/{name}" for name in BRANCHES), "refs/tags/v1")
PATTERNS = ("main", "release/1", "release/*", "release/**/*", "*", "gr\u00fcn", "none")
RULES = (
    "update",
    "deletion",
    "non_fast_forward",
    "creation",
    "pull_request",
    "required_signatures",
)

PROTECTIONS: st.SearchStrategy[dict[str, Any]] = st.dictionaries(
    st.sampled_from(PATTERNS),
    st.fixed_dictionaries(
        {
            "enforce_admins": st.booleans(),
            "required_pull_request_reviews": st.sampled_from([None, {}]),
            "restrictions": st.sampled_from([None, {"users": [], "teams": [], "apps": []}]),
            "force_pushers": st.sampled_from([[], ["dan"], ["ada"], ["ada", "dan"]]),
            "required_signatures": st.booleans(),
            **{name: st.booleans() for name in SWITCHES},
        }
    ),
    max_size=4,
)
BYPASS = {
    "nobody": [],
    "ada": [{"actor_id": 1, "actor_type": "OrganizationAdmin", "bypass_mode": "always"}],
    "pulls": [{"actor_id": 1, "actor_type": "OrganizationAdmin", "bypass_mode": "pull_request"}],
}
RULESETS = st.lists(
    st.fixed_dictionaries(
        {
            "rules": st.lists(st.sampled_from(RULES), unique=True, min_size=1, max_size=3),
            "target": st.sampled_from(["branch", "tag"]),
            "include": st.lists(
                st.sampled_from(
                    [
                        "~ALL",
                        "~DEFAULT_BRANCH",
                        "refs/heads/*",
                        "refs/heads/release/**/*",
                        "refs/tags/v*",
                    ]
                ),
                unique=True,
                max_size=2,
            ),
            "enforcement": st.sampled_from(["active", "active", "evaluate", "disabled"]),
            "bypass": st.sampled_from(sorted(BYPASS)).map(BYPASS.get),
        }
    ),
    max_size=4,
)
DELETED = st.lists(st.sampled_from(REFS), unique=True, max_size=2)


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hub")
    small = small_hub(folder)
    for name in BRANCHES[1:]:
        small.world.branch(small.study, name)
    with small.world.serve() as server:
        yield Served(small, server, folder)


@settings(max_examples=60)
@given(protections=PROTECTIONS, own=RULESETS, theirs=RULESETS, deleted=DELETED)
def test_what_is_lifted_is_needed_and_enough_and_comes_back(hub, protections, own, theirs, deleted):
    study = furnished(hub, protections, own, theirs)
    before = state(study)
    changes = [
        RefChange(name=RefName(ref.encode()), old=OLD, new=None if ref in deleted else NEW)
        for ref in REFS
    ]
    refused = {ref for ref in REFS if said(hub, ref, deleted)}
    with a_platform(hub) as platform:
        repository = platform.repository(NAME)
        readings = {topic: platform.read(topic, repository) for topic in NEEDED}
        found = survey(changes, readings, repository, "ada")
        named = {ref.decode() for hurdle in found.hurdles for ref in hurdle.refs}
        assert refused <= named
        for hurdle in found.liftable:
            assert hurdle.lift is not None
            platform.send(hurdle.lift, repository)
        kept = {ref.decode() for hurdle in found.firm for ref in hurdle.refs}
        assert {ref for ref in REFS if said(hub, ref, deleted)} <= kept
        assert all(hurdle.whom == "organisation owner" for hurdle in found.firm)
        for hurdle in reversed(found.liftable):
            assert hurdle.back is not None
            platform.send(hurdle.back, repository)
    assert state(study) == before
    assert set(found.unread) == set()
    # whatever is named refuses something, but for what the platform spares an administrator of
    assert {ref for ref in named - refused if not may_spare(study, ref)} == set()


def furnished(hub, protections, own, theirs):
    study, organisation = hub.small.study, hub.small.organisation
    study.protections.clear()
    study.rulesets.clear()
    organisation.rulesets.clear()
    for pattern, fields in protections.items():
        signed = fields["required_signatures"]
        rest = {name: value for name, value in fields.items() if name != "required_signatures"}
        furnish.protect(study, pattern, signed=signed, **copy.deepcopy(rest))
    for holder, rulesets in ((study, own), (organisation, theirs)):
        for number, fields in enumerate(rulesets):
            furnish.ruleset(hub.small.world.hub, holder, f"rules {number}", **fields)
    return study


def state(study):
    undated = {
        number: {name: value for name, value in one.items() if name != "updated_at"}
        for number, one in study.rulesets.items()
    }
    return copy.deepcopy((study.protections, undated, study.owner.rulesets))


def said(hub, ref, deleted):
    change = Change.DELETE if ref in deleted else Change.FORCE
    world = hub.small.world.hub
    return refuses(world, hub.login("ada"), hub.small.study, ref, change)


def may_spare(study, ref):
    """A locked branch is unlocked though an administrator may pass the lock: nothing documents that."""
    return ref.startswith("refs/heads/") and any(
        kept.get("lock_branch") or kept["enforce_admins"] for kept in study.protections.values()
    )


def test_a_ruleset_is_left_alone_by_what_it_leaves_out(hub):
    furnished(hub, {}, [], [])
    world, study = hub.small.world.hub, hub.small.study
    made = furnish.ruleset(world, study, "all but releases", rules=["update"], include=["~ALL"])
    made["conditions"]["ref_name"]["exclude"] = ["refs/heads/release/**/*", "~DEFAULT_BRANCH"]
    changes = [RefChange(name=RefName(ref.encode()), old=OLD, new=NEW) for ref in REFS]
    with a_platform(hub) as platform:
        repository = platform.repository(NAME)
        readings = {topic: platform.read(topic, repository) for topic in NEEDED}
        (hurdle,) = survey(changes, readings, repository, "ada").hurdles
    assert hurdle.refs == ("refs/heads/gr\u00fcn".encode(),)
    assert {ref for ref in REFS if said(hub, ref, [])} == {"refs/heads/gr\u00fcn"}
