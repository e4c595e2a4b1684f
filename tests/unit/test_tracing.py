"""What a platform's readings mean for the register of copies, decided without a platform."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachkit.actions import archives
from breachkit.actions.archives import CONTROL, Archive, Ids, Kept, Told
from breachkit.actions.bad_set import Introduction, collect_bad_set
from breachkit.actions.copies import Proof, copy_with_id, merge, move, rule_out
from breachkit.actions.hosting import Answered, HostedRepository, Reading, Topic
from breachkit.actions.looks import Evidence, Look, day, moment
from breachkit.actions.people import Trace, people_from
from breachkit.actions.trace import BY_HAND, Sources, find_copies
from breachkit.actions.tracing import SEARCHES, look_through, unread
from breachkit.actions.tracing_people import words_by_login
from breachkit.actions.tracing_traffic import reconcile
from breachkit.actions.tracing_view import Former, View, host_of
from breachkit.model.ids import GitPath, ObjectId, RefName
from breachkit.report import copies_render, traced
from breachkit.workflows.trace import load_places


EXPOSED = datetime(2024, 4, 20, 12, tzinfo=UTC)
NOW = datetime(2024, 5, 10, 9, tzinfo=UTC)
PLACES = load_places()
OID = "a1b2c3d4e5f60718293a4b5c6d7e8f9012345678"
EARLY, LATE = "2024-04-01T00:00:00Z", "2024-05-02T00:00:00Z"
NAME = "example-org/study"


def account(number, login, **more):
    return {"id": number, "login": login, "type": "User", **more}


def fork(number, owner, parent=NAME, **more):
    made = {"created_at": LATE, "pushed_at": LATE, "forks_count": 0}
    name = f"{owner}/{parent.partition('/')[2]}"
    return {"id": number, "full_name": name, "owner": account(number + 500, owner), "parent": parent, **made, **more}  # fmt: skip


def shown(visibility="public", **more):
    return {"id": 7, "full_name": NAME, "visibility": visibility, "forks_count": 0, **more}


def snapshot(number, answers, *, days=0, visibility="public", **repository):
    """Give the readings of one snapshot: a list stands for a whole reading of it."""
    looks = []
    at = datetime(2024, 5, 1, 9, tzinfo=UTC) + timedelta(days=days)
    readings = {Topic.REPOSITORY: [shown(visibility, **repository)], **answers}
    for topic, answer in readings.items():
        made = answer if isinstance(answer, Reading) else whole(topic, answer)
        looks.append(Look(snapshot=f"{number:03}", at=at, reading=made))
    return looks


def whole(topic, items):
    return Reading(topic=topic, answered=Answered.COMPLETE, items=tuple(items))


def without(topic, answered=Answered.REFUSED, items=(), reason="this account may not"):
    return Reading(topic=topic, answered=answered, items=tuple(items), reason=reason)


def view(*snapshots, organisation=True, visibility="public", bad=None, people=(), **more):
    repository = HostedRepository(
        id=7,
        full_name=NAME,
        owner="example-org",
        is_organisation=organisation,
        visibility=visibility,
        is_admin=True,
        default_branch="main",
        forks=0,
    )
    fields = {"asked_name": NAME, "web": "https://github.com", "now": NOW, **more}
    looks = (look for each in snapshots for look in each)
    return View(repository=repository, evidence=Evidence(looks), bad=bad, people=people, **fields)


def bad_set(*refs):
    commit, blob = ObjectId("c" * 40), ObjectId("b" * 40)
    introduction = Introduction(commit=commit, when=EXPOSED, path=GitPath(b"t.csv"), blob=blob)
    return collect_bad_set([blob], [introduction], [RefName(ref) for ref in refs])


def of(seen, place):
    return {entry.key: entry for entry in look_through(seen)[place]}


def rest(seen, place):
    return of(seen, place)[f"{place}:"]


EMPTY: dict[Topic, Any] = {
    topic: [] for topic in Topic if topic not in {Topic.REPOSITORY, Topic.CLONES}
}


# --- places ------------------------------------------------------------------------------------


def test_inc058_every_place_is_found_or_ruled_out_with_a_reason_or_to_ask():
    seen = view(snapshot(1, EMPTY))
    found = find_copies(Sources(refs={}), PLACES, since=NOW, shown=look_through(seen))
    assert {each.place for each in found} == {place.code for place in PLACES}
    assert all(each.signal for each in found)
    assert {each.applies for each in found} == {"no", "unknown"}
    asked = [each for each in found if each.place in SEARCHES and each.applies == "unknown"]
    assert all(each.signal != BY_HAND or each.place in {"C30", "C43"} for each in asked)


def test_a_platform_that_was_never_read_leaves_every_place_to_a_person():
    seen = view()
    found = find_copies(Sources(refs={}), PLACES, since=NOW, shown=look_through(seen))
    assert {each.signal for each in found} == {BY_HAND}
    assert unread(seen) == {}


@pytest.mark.parametrize("answered", [Answered.PARTIAL, Answered.REFUSED, Answered.FAILED])
@pytest.mark.parametrize(
    ("place", "topic"),
    [
        ("C02", Topic.PULLS),
        ("C06", Topic.RELEASES),
        ("C07", Topic.CACHES),
        ("C08", Topic.DEPLOYMENTS),
        ("C10", Topic.FORKS),
        ("C17", Topic.STARGAZERS),
        ("C20", Topic.PACKAGES),
    ],
)
def test_what_was_not_read_in_full_is_never_ruled_out(place, topic, answered):
    whole_ = view(snapshot(1, EMPTY))
    assert rest(whole_, place).applies == "no"
    broken = view(snapshot(1, {**EMPTY, topic: without(topic, answered)}))
    entry = rest(broken, place)
    assert entry.applies == "unknown"
    assert answered.upper() in entry.signal
    assert "this account may not" in entry.signal
    assert topic in unread(broken)


def test_no_entry_holds_an_object_id_or_the_address_of_a_hook():
    secret = f"https://hooks.example.org/T0/{OID}?token=hush"
    items = {
        Topic.ACTIVITY: [{"id": 1, "before": OID, "after": OID, "activity_type": "force_push", "timestamp": LATE, "actor": account(1, "ada")}],
        Topic.HOOKS: [{"id": 2, "config": {"url": secret}}],
        Topic.HOOK_DELIVERIES: [{"id": 3, "hook_id": 2, "delivered_at": LATE}],
        Topic.RUNS: [{"id": 4, "head_sha": OID, "created_at": LATE}],
        Topic.PULLS: [{"id": 5, "number": 1, "head": {"sha": OID, "repo": None}, "user": account(2, "gil"), "created_at": LATE}],
    }  # fmt: skip
    entries = look_through(view(snapshot(1, {**EMPTY, **items}), bad=bad_set(b"refs/heads/main")))
    said = repr(entries)
    assert "webhook to hooks.example.org" in said
    assert not re.search(r"[0-9a-f]{40}|hush|/T0/", said)


# --- forks -------------------------------------------------------------------------------------


def test_t21_forks_of_forks_are_entries_of_their_own_with_their_owner():
    forks = [fork(11, "eve", forks_count=1), fork(12, "fay", "eve/study")]
    seen = view(snapshot(1, {**EMPTY, Topic.FORKS: forks}, network_count=2))
    assert of(seen, "C10")["fork:11"].holder == "eve"
    assert of(seen, "C11")["fork:12"].label == "fork fay/study of the fork eve/study"
    assert rest(seen, "C10").applies == rest(seen, "C11").applies == "no"
    assert of(seen, "C12")["C12:network"].applies == "yes"


def test_t22_a_private_repository_lists_no_fork_and_the_snapshot_knows_them():
    before = snapshot(1, {**EMPTY, Topic.FORKS: [fork(11, "eve")]}, network_count=1)
    after = snapshot(2, EMPTY, days=1, visibility="private")
    seen = view(before, after, former={11: Former(full_name="eve/renamed", is_public=True)})
    entry = of(seen, "C10")["fork:11"]
    assert entry.applies == "yes"
    assert "listed last 2024-05-01 09:00 UTC, snapshot 001" in entry.signal
    assert "still there as eve/renamed, public" in entry.signal
    assert rest(seen, "C10").applies == "no"


def test_t22_without_a_snapshot_from_while_it_was_public_nobody_knows_the_forks():
    seen = view(snapshot(1, EMPTY, visibility="private"), visibility="private")
    assert "search the platform by the repository's name" in rest(seen, "C10").signal
    assert rest(seen, "C10").applies == rest(seen, "C11").applies == "unknown"


def test_a_fork_that_is_not_there_any_more_is_still_open():
    before = snapshot(1, {**EMPTY, Topic.FORKS: [fork(11, "eve")]}, network_count=1)
    after = snapshot(2, EMPTY, days=1)
    gone = of(view(before, after, former={11: Former(full_name=None)}), "C10")["fork:11"]
    assert gone.applies == "yes"
    assert not gone.is_there
    assert "deleted, private or blocked, which its owner has to say" in gone.signal
    silent = Former(full_name=None, reason="no answer")
    unsure = of(view(before, after, former={11: silent}), "C10")["fork:11"]
    assert "whether it is still there is not known: no answer" in unsure.signal


def test_forks_of_a_network_that_was_cut_off_are_found_and_its_gaps_are_said():
    before = snapshot(1, {**EMPTY, Topic.FORKS: [fork(11, "eve")]}, network_count=1)
    after = snapshot(2, EMPTY, days=1, visibility="private")
    led = Former(full_name="eve/study", is_public=True, forks=[fork(13, "hal", "eve/study")])
    seen = view(before, after, former={11: led})
    assert of(seen, "C11")["fork:13"].holder == "hal"
    cut = Former(full_name="eve/study", is_public=True, gap="some pages are missing")
    before = snapshot(1, {**EMPTY, Topic.FORKS: [fork(11, "eve")]}, network_count=1)
    partly = view(before, former={11: cut})
    assert rest(partly, "C11").applies == "unknown"
    assert "some pages are missing" in rest(partly, "C11").signal


@pytest.mark.parametrize(("counted", "applies"), [(1, "no"), (3, "unknown")])
def test_inc_t31_forks_that_are_counted_and_not_listed_are_asked_about(counted, applies):
    answers = {**EMPTY, Topic.FORKS: [fork(11, "eve")]}
    entry = rest(view(snapshot(1, answers, network_count=counted)), "C10")
    assert entry.applies == applies
    assert ("2 forks not shown" in entry.signal) is (applies == "unknown")


def test_t21_a_fork_that_vanished_while_it_was_read_stays_in_the_register():
    answers = {**EMPTY, Topic.FORKS: [fork(11, "eve", vanished=True)]}
    assert "vanished" in of(view(snapshot(1, answers)), "C10")["fork:11"].signal


def test_a_fork_from_before_the_exposure_may_not_have_the_data():
    forks = [
        fork(11, "eve", created_at=EARLY, pushed_at=EARLY),
        fork(12, "fay", created_at=EARLY, pushed_at=LATE),
        fork(13, "hal", created_at=EARLY, pushed_at=None),
    ]
    seen = of(view(snapshot(1, {**EMPTY, Topic.FORKS: forks}), bad=bad_set()), "C10")
    assert [seen[f"fork:{number}"].applies for number in (11, 12, 13)] == ["unknown", "yes", "yes"]


def test_t47_pull_requests_from_forks_that_are_gone_keep_their_commits():
    pulls = [
        {"id": 1, "number": 4, "head": {"repo": None}, "user": account(2, "gil"), "created_at": LATE},
        {"id": 2, "number": 5, "head": {"repo": {**fork(21, "hid"), "private": True}}, "user": account(3, "hid"), "created_at": EARLY},
    ]  # fmt: skip
    answers = {**EMPTY, Topic.PULLS: pulls}
    gone = of(view(snapshot(1, answers), bad=bad_set(b"refs/pull/4/head")), "C02")["C02:forks-gone"]
    assert gone.applies == "yes"
    clean = of(view(snapshot(1, answers), bad=bad_set(b"refs/pull/5/head")), "C02")
    assert clean["C02:forks-gone"].applies == "unknown"
    seen = view(snapshot(1, answers), bad=bad_set())
    assert of(seen, "C30")["account:2"].signal.startswith("sent pull request 4")
    assert "account:3" not in of(seen, "C30")
    assert "in no list of forks" in of(seen, "C10")["fork:21"].signal


def test_an_event_names_a_fork_that_no_list_shows():
    event = {
        "id": "1",
        "type": "ForkEvent",
        "payload": {"forkee": fork(31, "ivy")},
        "created_at": LATE,
    }
    empty = {"id": "2", "type": "ForkEvent", "payload": {"forkee": {}}, "created_at": LATE}
    seen = of(view(snapshot(1, {**EMPTY, Topic.EVENTS: [event, empty]})), "C10")
    assert seen["fork:31"].holder == "ivy"
    assert set(seen) == {"fork:31", "C10:"}


# --- people ------------------------------------------------------------------------------------


def collaborator(number, login, role="write", affiliation="outside", **more):
    return account(number, login, role_name=role, affiliation=affiliation, **more)


def test_somebody_whom_commits_name_by_their_login_is_not_listed_twice():
    mention = Trace(name="Dan", email="5+dan@users.noreply.github.com", role="author", at=NOW)
    answers = {**EMPTY, Topic.COLLABORATORS: [collaborator(1, "Dan"), collaborator(2, "cat")]}
    seen = view(snapshot(1, answers), people=people_from([mention]))
    assert set(of(seen, "C16")) == {"account:2", "C16:"}
    sources = Sources(refs={}, people=seen.people, accounts=words_by_login(seen))
    found = find_copies(sources, PLACES, since=NOW, shown=look_through(seen))
    holders = [each for each in found if each.holder and each.holder.lower() == "dan"]
    assert [each.key for each in holders] == ["C30:github:dan"]
    assert "on the platform: outside collaborator (write)" in holders[0].signal


def test_t20_a_renamed_account_stays_one_and_is_known_by_its_id():
    first = snapshot(1, {**EMPTY, Topic.COLLABORATORS: [collaborator(1, "cat")]})
    second = snapshot(2, {**EMPTY, Topic.COLLABORATORS: [collaborator(1, "tiger")]}, days=1)
    keys = of(view(first, second), "C16")
    assert set(keys) == {"account:1", "C16:"}


def test_who_lost_access_stays_with_the_moment_it_was_last_seen():
    first = snapshot(1, {**EMPTY, Topic.COLLABORATORS: [collaborator(1, "cat")]})
    second = snapshot(2, EMPTY, days=1)
    assert "seen last 2024-05-01 09:00 UTC, snapshot 001" in of(view(first, second), "C16")["account:1"].signal  # fmt: skip


@pytest.mark.parametrize("role", ["read", "write"])
def test_members_who_may_read_by_the_base_permission_alone_are_asked_together(role):
    base = [collaborator(n, f"member-{n}", role, "other") for n in range(5)]
    pushes = [
        {"id": 1, "actor": account(3, "member-3"), "activity_type": "push", "timestamp": LATE}
    ]
    answers = {**EMPTY, Topic.COLLABORATORS: base, Topic.ACTIVITY: pushes}
    answers[Topic.ORGANISATION] = [{"default_repository_permission": role}]
    seen = of(view(snapshot(1, answers)), "C16")
    assert set(seen) == {"account:3", "C16:members", "C16:"}
    assert "its base permission: 4" in seen["C16:members"].label


def test_t17_an_invitation_to_an_address_has_no_invitee():
    answers = {**EMPTY, Topic.INVITATIONS: [{"id": 9, "invitee": None, "permissions": "read", "created_at": LATE}]}  # fmt: skip
    entry = of(view(snapshot(1, answers)), "C16")["invitation:9"]
    assert (entry.holder, entry.label) == (None, "invited: somebody by a mail address")


def test_only_what_was_done_since_the_exposure_is_a_sign_of_a_clone():
    lines = [
        {"id": 1, "actor": account(1, "old"), "activity_type": "push", "timestamp": EARLY},
        {"id": 2, "actor": account(2, "new"), "activity_type": "push", "timestamp": LATE},
        {"id": 3, "actor": None, "activity_type": "push", "timestamp": LATE},
        {"id": 4, "actor": {**account(4, "org"), "type": "Organization"}, "timestamp": LATE},
        {"id": 5, "actor": {"id": 5, "login": "Example-Org"}, "timestamp": LATE},
    ]
    seen = of(view(snapshot(1, {**EMPTY, Topic.ACTIVITY: lines}), bad=bad_set()), "C30")
    assert set(seen) == {"account:2"}


def test_a_bot_is_listed_with_the_machines_and_asked_for_no_clone():
    bot = collaborator(5, "helper[bot]", type="Bot")
    seen = view(snapshot(1, {**EMPTY, Topic.COLLABORATORS: [bot]}))
    assert "account:5" in of(seen, "C15")
    assert "account:5" not in of(seen, "C16")


def test_an_account_with_the_name_of_an_address_is_perhaps_the_same_person():
    mention = Trace(name="Dan Roe", email="dan@example.org", role="author", at=NOW)
    answers = {**EMPTY, Topic.COLLABORATORS: [collaborator(1, "dan")]}
    seen = view(snapshot(1, answers), people=people_from([mention]))
    assert "perhaps the same person as dan@example.org" in of(seen, "C16")["account:1"].signal


def audit(number, action, login, **more):
    return {
        "_document_id": f"d{number}",
        "action": action,
        "actor": login,
        "actor_id": number,
        **more,
    }


def test_git_events_of_the_audit_log_name_who_cloned():
    lines = [
        audit(1, "git.clone", "bea"),
        audit(2, "git.push", "cat"),
        audit(3, "git.fetch", "dan"),
    ]
    seen = view(snapshot(1, {**EMPTY, Topic.AUDIT_LOG: lines}))
    assert set(of(seen, "C30")) == {"account:1", "account:3"}
    assert "2 clones and fetches by 2 accounts" in rest(seen, "C18").signal
    assert "last 7 days" in rest(seen, "C18").signal


@pytest.mark.parametrize("plan", ["team", "free", "enterprise", None])
def test_without_the_audit_log_its_owner_is_told_exactly_what_to_export(plan):
    answers = {
        **EMPTY,
        Topic.AUDIT_LOG: without(Topic.AUDIT_LOG),
        Topic.ORGANISATION: [{"plan": {"name": plan} if plan else None}],
    }
    said = rest(view(snapshot(1, answers)), "C18").signal
    assert "https://github.com/organizations/example-org/settings/audit-log" in said
    assert f"repo:{NAME}" in said
    assert "Export Git Events, from 7 days ago" in said
    assert ("keeps no git events" in said) is (plan in {"team", "free"})


def test_a_person_who_owns_a_repository_has_no_audit_log():
    absent = without(Topic.AUDIT_LOG, Answered.ABSENT, reason="a person owns the repository")
    entry = rest(view(snapshot(1, {**EMPTY, Topic.AUDIT_LOG: absent}), organisation=False), "C18")
    assert entry.applies == "no"


# --- traffic, stars, events ----------------------------------------------------------------------


def clones(uniques, *days):
    listed = [
        {"timestamp": f"2024-{when}T00:00:00Z", "count": count, "uniques": each}
        for when, count, each in days
    ]
    return [{"count": sum(each[1] for each in days), "uniques": uniques, "clones": listed}]


def test_inc062_unique_cloners_are_compared_with_known_holders():
    mention = Trace(name="Jo", email="jo@example.org", role="author", at=NOW)
    bot = Trace(name="dependabot[bot]", email="x@example.org", role="author", at=NOW)
    traffic = clones(6, ("04-25", 20, 5), ("04-26", 10, 4))
    seen = view(
        snapshot(1, {**EMPTY, Topic.CLONES: traffic}),
        people=people_from([mention, bot]),
        bad=bad_set(),
    )
    found = reconcile(seen)
    assert (found.clones, found.at_least, found.at_most, found.holders) == (30, 6, 9, 1)
    assert found.unnamed_at_least == 5
    assert found.blind_days == 19  # 20 April to 10 May are 21 days, and two were counted
    assert "5 to 9 cloners unknown" in found.text
    for limit in ("14 days in UTC", "no fetches, zip downloads", "names nobody", "machines as well as people"):  # fmt: skip
        assert limit in found.text
    assert of(seen, "C17")["C17:cloners"].applies == "yes"


def test_windows_that_overlap_count_each_day_once_with_its_larger_number():
    first = snapshot(1, {**EMPTY, Topic.CLONES: clones(2, ("04-30", 3, 2), ("05-01", 1, 1))})
    second = snapshot(
        2, {**EMPTY, Topic.CLONES: clones(4, ("05-01", 5, 3), ("05-02", 1, 1))}, days=3
    )
    found = reconcile(view(first, second))
    assert (found.clones, found.at_least, found.at_most) == (9, 4, 6)
    assert found.blind_days is None


def test_t25_traffic_that_was_refused_is_not_taken_for_no_clones():
    seen = view(snapshot(1, {**EMPTY, Topic.CLONES: without(Topic.CLONES)}))
    entry = of(seen, "C17")["C17:cloners"]
    assert "the number of clones is not known" in entry.signal
    assert "REFUSED" in entry.signal
    assert entry.applies == "unknown"


def test_t25_the_numbers_of_before_stay_when_a_private_repository_has_none():
    first = snapshot(1, {**EMPTY, Topic.CLONES: clones(6, ("04-25", 20, 6))})
    second = snapshot(
        2, {**EMPTY, Topic.CLONES: without(Topic.CLONES)}, days=1, visibility="private"
    )
    entry = of(view(first, second), "C17")["C17:cloners"]
    assert "20 clones by 6" in entry.signal
    assert "now REFUSED" in entry.signal


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=14), st.integers(0, 60))
def test_the_unknown_cloners_never_outnumber_those_who_were_counted(days, uniques):
    listed = [(f"04-{10 + n}", count, each) for n, (count, each) in enumerate(days)]
    found = reconcile(view(snapshot(1, {**EMPTY, Topic.CLONES: clones(uniques, *listed)})))
    assert 0 <= found.unnamed_at_least <= found.at_least <= found.at_most


def test_stars_and_watchers_that_going_private_erased_are_counted_from_the_snapshot():
    stars = [{"starred_at": LATE, "user": account(n, f"p{n}")} for n in range(3)]
    watchers = [account(1, "p1")]
    first = snapshot(1, {**EMPTY, Topic.STARGAZERS: stars, Topic.SUBSCRIBERS: watchers})
    second = snapshot(2, EMPTY, days=1, visibility="private")
    seen = view(first, second, visibility="private")
    assert "3 stars, 1 watcher, read 2024-05-01 09:00 UTC, snapshot 001" in rest(seen, "C17").signal
    assert of(seen, "C22")["C22:watchers"].applies == "yes"
    late = view(snapshot(1, EMPTY, visibility="private"), visibility="private")
    assert rest(late, "C17").applies == "unknown"
    assert "going private erases them" in rest(late, "C17").signal


def test_inc_t47_no_event_does_not_mean_no_push():
    assert "older than 30 days are not shown" in rest(view(snapshot(1, EMPTY)), "C45").signal
    said = rest(view(snapshot(1, EMPTY)), "C03").signal
    assert "branches in the last year; tags and older pushes are not in it" in said


def test_t48_what_a_force_push_took_off_is_still_on_the_server():
    lines = [
        {"id": 1, "actor": None, "activity_type": "force_push", "timestamp": LATE},
        {"id": 2, "actor": None, "activity_type": "branch_deletion", "timestamp": LATE},
        {"id": 3, "actor": None, "activity_type": "force_push", "timestamp": EARLY},
        {"id": 4, "actor": None, "activity_type": "push", "timestamp": LATE},
    ]
    seen = of(view(snapshot(1, {**EMPTY, Topic.ACTIVITY: lines}), bad=bad_set()), "C03")
    assert "1 force-push and 1 deleted branch from 2024-05-02" in seen["C03:lost"].signal


# --- what else holds copies ----------------------------------------------------------------------


def test_a_release_whose_tag_holds_the_data_is_certain_and_others_are_looked_at():
    releases = [
        {"id": 1, "tag_name": "v1", "assets": [{}, {}], "created_at": LATE},
        {"id": 2, "tag_name": "v0", "assets": [], "created_at": EARLY},
    ]
    seen = of(view(snapshot(1, {**EMPTY, Topic.RELEASES: releases}), bad=bad_set(b"refs/tags/v1")), "C06")  # fmt: skip
    assert (seen["release:1"].applies, seen["release:2"].applies) == ("yes", "unknown")
    assert "2 uploaded files" in seen["release:1"].label


def test_t45_what_actions_left_since_the_exposure_is_counted_and_what_expired_is_said():
    items = {
        Topic.ARTIFACTS: [
            {"id": 1, "created_at": LATE, "expired": False},
            {"id": 2, "created_at": LATE, "expired": True},
            {"id": 3, "created_at": EARLY, "expired": False},
        ]
    }
    entry = of(view(snapshot(1, {**EMPTY, **items}), bad=bad_set()), "C07")["C07:artifacts"]
    assert entry.label == "Actions: 2 artifacts"
    assert "1 of them gone or expired" in entry.signal
    assert (entry.applies, entry.is_there) == ("yes", True)


def test_a_site_that_was_taken_down_was_published_all_the_same():
    pages = {"html_url": "https://example-org.github.io/study/", "cname": "study.example.org"}
    first = snapshot(1, {**EMPTY, Topic.PAGES: [pages]})
    second = snapshot(2, {**EMPTY, Topic.PAGES: without(Topic.PAGES, Answered.ABSENT)}, days=1)
    entry = of(view(first, second), "C08")["C08:pages"]
    assert (entry.applies, entry.is_there) == ("yes", False)
    assert "not there any more" in entry.signal
    assert "domain of its own (study.example.org)" in entry.signal


def test_codespaces_keys_hooks_and_apps_are_places_of_their_own():
    items = {
        Topic.CODESPACES: [{"id": 1, "owner": account(1, "bea"), "created_at": LATE}],
        Topic.KEYS: [
            {"id": 2, "title": "mirror", "read_only": True, "last_used": LATE},
            {"id": 3, "title": "new", "read_only": False, "last_used": None},
        ],
        Topic.HOOKS: [{"id": 4, "config": {"url": "https://zenodo.org/api/hooks/x"}}],
        Topic.INSTALLATIONS: [
            {"id": 5, "app_slug": "ci", "repository_selection": "all"},
            {"id": 6, "app_slug": "docs", "repository_selection": "selected"},
        ],
    }
    seen = view(snapshot(1, {**EMPTY, **items}))
    assert of(seen, "C09")["codespace:1"].holder == "bea"
    applies = {key: entry.applies for key, entry in of(seen, "C15").items()}
    assert applies == {"key:2": "yes", "key:3": "unknown", "hook:4": "unknown", "app:5": "yes", "app:6": "unknown", "C15:": "unknown"}  # fmt: skip
    assert of(seen, "C43")["C43:hook"].applies == "yes"
    assert "pay for themselves" in rest(seen, "C09").signal
    assert "ci, docs" in rest(seen, "C52").signal


def test_packages_of_other_repositories_are_not_ours_and_unlinked_ones_are_asked_about():
    package = {"name": "image", "package_type": "container", "visibility": "public"}
    ours = {**package, "id": 1, "repository": {"id": 7}}
    theirs = {**package, "id": 2, "repository": {"id": 8}}
    seen = view(snapshot(1, {**EMPTY, Topic.PACKAGES: [ours, theirs]}))
    assert set(of(seen, "C20")) == {"package:1", "C20:"}
    assert rest(seen, "C20").applies == "no"
    loose = view(snapshot(1, {**EMPTY, Topic.PACKAGES: [{**package, "id": 3}]}))
    assert "1 package of the organisation not linked" in rest(loose, "C20").signal


def test_an_earlier_name_and_what_it_was_forked_from_are_places():
    answers = {**EMPTY}
    parent = {"full_name": "example-up/study"}
    seen = of(view(snapshot(1, answers, parent=parent), asked_name="ada/study"), "C13")
    assert set(seen) == {"C13:name:ada/study", "C13:parent", "C13:"}


# --- merging -------------------------------------------------------------------------------------


def traced_copies(seen, register=(), now=NOW):
    found = find_copies(Sources(refs={}), PLACES, since=NOW, shown=look_through(seen))
    return merge(register, found, now=now)


def by_key(register):
    return {copy.key: copy for copy in register}


def proof(note="mail of 2 May"):
    return Proof(kind="attestation", at=NOW, by="Jo", note=note)


def test_tracing_again_with_the_same_evidence_changes_nothing():
    forks = {**EMPTY, Topic.FORKS: [fork(11, "eve")]}
    once = traced_copies(view(snapshot(1, forks)))
    assert traced_copies(view(snapshot(1, forks)), once) == once


def test_what_a_search_ruled_out_another_brings_back_and_a_persons_word_stays():
    first = traced_copies(view(snapshot(1, EMPTY)))
    assert by_key(first)["C06:"].applies == "no"
    broken = {**EMPTY, Topic.RELEASES: without(Topic.RELEASES)}
    again = traced_copies(view(snapshot(1, broken)), first)
    assert by_key(again)["C06:"].applies == "unknown"
    ruled = rule_out(again, by_key(again)["C06:"].id, proof())
    kept = by_key(traced_copies(view(snapshot(1, broken)), ruled))["C06:"]
    assert (kept.applies, kept.proof) == ("no", (proof(),))


def test_a_search_without_the_platform_unsettles_nothing():
    first = traced_copies(view(snapshot(1, EMPTY)))
    again = traced_copies(view(), first)
    assert {copy.key: copy.applies for copy in again} == {copy.key: copy.applies for copy in first}
    assert by_key(again)["C06:"].signal == by_key(first)["C06:"].signal


def test_a_place_somebody_works_on_is_not_ruled_out_behind_their_back():
    refused = {**EMPTY, Topic.RELEASES: without(Topic.RELEASES)}
    first = traced_copies(view(snapshot(1, refused)))
    asked = move(first, [by_key(first)["C06:"].id], "requested", proof())
    again = by_key(traced_copies(view(snapshot(2, EMPTY, days=1)), asked))["C06:"]
    assert (again.applies, again.state) == ("unknown", "requested")


def test_what_is_said_to_be_deleted_and_still_shown_is_open_again_with_its_notes():
    forks = {**EMPTY, Topic.FORKS: [fork(11, "eve")]}
    first = traced_copies(view(snapshot(1, forks)))
    said = move(first, [by_key(first)["fork:11"].id], "deleted", proof())
    again = traced_copies(view(snapshot(2, forks, days=1)), said)
    found = copy_with_id(again, by_key(first)["fork:11"].id)
    assert found.state == "confirmed"
    assert [each.kind for each in found.proof] == ["attestation", "still_there"]
    assert traced_copies(view(snapshot(2, forks, days=1)), again) == again
    gone = traced_copies(view(snapshot(1, forks), snapshot(2, EMPTY, days=2)), said)
    assert copy_with_id(gone, found.id).state == "deleted"


# --- archives ------------------------------------------------------------------------------------

RAW = "https://raw.githubusercontent.com"


def asked_about(seen, archive):
    return [each.about for each in archives.questions(seen, RAW) if each.archive is archive]


def told(question, found, **more):
    return Told(question=question, at=NOW, found=found, **more)


def answers(seen, archive, found, *, ids=None, **more):
    own = [each for each in archives.questions(seen, RAW) if each.archive is archive]
    return Kept(told={each: told(each, found, **more) for each in own}, ids=ids)


def meaning(seen, kept, archive):
    allowed = frozenset({archive})
    (entry,) = archives.entries(seen, archives.questions(seen, RAW), kept, allowed)[archives.PLACES[archive]]  # fmt: skip
    return entry


def test_inc063_every_spelling_of_the_address_is_asked_for_and_every_fork():
    seen = view(
        snapshot(1, {**EMPTY, Topic.FORKS: [fork(11, "Eve")]}, full_name="Example-Org/Study"),
        asked_name="ada/Study",
    )
    asked = asked_about(seen, Archive.HERITAGE)
    for address in (
        "https://github.com/example-org/study",
        "http://github.com/example-org/study.git",
        "https://github.com/Example-Org/Study/",
        "https://github.com/ada/Study",
        "https://github.com/ada/study.git",
        "https://github.com/Eve/study",
    ):
        assert address in asked
    assert len(asked) == len(set(asked))


def test_captures_are_looked_up_for_pages_raw_files_downloads_and_the_site():
    pages = {"html_url": "https://example-org.github.io/study/", "cname": "study.example.org"}
    asked = asked_about(view(snapshot(1, {**EMPTY, Topic.PAGES: [pages]})), Archive.WAYBACK)
    for address in (
        f"github.com/{NAME}",
        f"raw.githubusercontent.com/{NAME}",
        f"codeload.github.com/{NAME}",
        f"api.github.com/repos/{NAME}",
        "example-org.github.io/study",
        "study.example.org",
    ):
        assert address in asked


def test_nothing_is_asked_of_an_archive_that_is_not_allowed():
    questions = archives.questions(view(snapshot(1, EMPTY)), RAW)
    assert archives.due(questions, Kept(), ()) == ()
    only = archives.due(questions, Kept(), {Archive.ZENODO})
    assert {each.archive for each in only} == {Archive.ZENODO}


def test_what_was_never_answered_is_asked_first_and_the_rest_in_another_run():
    forks = {**EMPTY, Topic.FORKS: [fork(n, f"person-{n}") for n in range(100, 160)]}
    questions = archives.questions(view(snapshot(1, forks)), RAW)
    allowed = {Archive.HERITAGE}
    kept, runs = Kept(), 0
    while archives.unanswered(questions, kept, allowed):
        now = archives.due(questions, kept, allowed)
        assert len(now) <= archives.MOST_IN_A_RUN[Archive.HERITAGE]
        kept = Kept(told={**kept.told, **{each: told(each, 0) for each in now}})
        runs += 1
    assert runs == 3
    failed = Kept(told={each: told(each, None) for each in questions})
    assert archives.unanswered(questions, failed, allowed) > 100


def test_ids_are_those_of_bad_files_and_commits_by_sha1_alone():
    assert archives.software_ids(bad_set()) == (f"swh:1:cnt:{'b' * 40}", f"swh:1:rev:{'c' * 40}")
    assert archives.software_ids(None) == ()
    blob, commit = ObjectId("b" * 64), ObjectId("c" * 64)
    made = Introduction(commit=commit, when=EXPOSED, path=GitPath(b"t"), blob=blob)
    assert archives.software_ids(collect_bad_set([blob], [made], [])) == ()


def test_ids_go_out_only_once_an_address_is_known_and_that_is_said_before():
    seen = view(snapshot(1, EMPTY), bad=bad_set())
    assert not archives.knows_an_address(answers(seen, Archive.HERITAGE, 0))
    assert not archives.knows_an_address(answers(seen, Archive.WAYBACK, 5))
    assert archives.knows_an_address(answers(seen, Archive.HERITAGE, 1))
    hosts = dict.fromkeys(Archive, "archive.example.org")
    asking = archives.due(archives.questions(seen, RAW), Kept(), set(Archive))
    lines = archives.announcement(asking, archives.software_ids(seen.bad), hosts)
    said = " ".join(lines)
    assert "ids of 2 old objects" in said
    assert "can confirm a guess" in said
    assert not re.search("[0-9a-f]{40}", said)
    assert "ids of" not in " ".join(archives.announcement(asking, (), hosts))


@pytest.mark.parametrize(
    ("found", "ids", "applies", "says"),
    [
        (1, Ids(at=NOW, asked=4, known=2), "yes", "2 of 4 old ids known to it"),
        (1, Ids(at=NOW, asked=4, known=0), "no", "0 of 4 old ids known to it"),
        (1, Ids(at=NOW, asked=4, known=None, reason="no answer"), "yes", "no answer"),
        (1, None, "yes", "no old id was asked for"),
        (0, None, "no", "none of"),
        (None, None, "unknown", "run again"),
    ],
)
def test_what_software_heritage_says_means(found, ids, applies, says):
    seen = view(snapshot(1, EMPTY), bad=bad_set())
    entry = meaning(seen, answers(seen, Archive.HERITAGE, found, ids=ids), Archive.HERITAGE)
    assert entry.applies == applies
    assert says in entry.signal


def test_no_archived_address_means_little_while_the_forks_are_not_known():
    answers_ = {**EMPTY, Topic.FORKS: without(Topic.FORKS)}
    seen = view(snapshot(1, answers_))
    entry = meaning(seen, answers(seen, Archive.HERITAGE, 0), Archive.HERITAGE)
    assert (entry.applies, "not all forks are known" in entry.signal) == ("unknown", True)


@pytest.mark.parametrize(
    ("found", "reason", "applies"),
    [
        (3, "", "yes"),
        (0, "", "no"),
        (0, "the archive excludes the address", "unknown"),
        (None, "x", "unknown"),
    ],
)
def test_inc_t111_an_index_that_excludes_or_does_not_answer_is_not_empty(found, reason, applies):
    seen = view(snapshot(1, EMPTY))
    kept = answers(seen, Archive.WAYBACK, found, reason=reason, latest="2024-05-03")
    assert meaning(seen, kept, Archive.WAYBACK).applies == applies


def test_no_record_by_its_address_leaves_uploads_by_hand_to_ask():
    seen = view(snapshot(1, EMPTY))
    assert meaning(seen, answers(seen, Archive.ZENODO, 2), Archive.ZENODO).applies == "yes"
    nothing = meaning(seen, answers(seen, Archive.ZENODO, 0), Archive.ZENODO)
    assert (nothing.applies, "by hand" in nothing.signal) == ("unknown", True)


def test_an_archive_that_was_asked_once_keeps_its_answer_without_consent():
    seen = view(snapshot(1, EMPTY))
    questions, kept = archives.questions(seen, RAW), answers(seen, Archive.WAYBACK, 3)
    assert set(archives.entries(seen, questions, kept, frozenset())) == {"C41"}


def test_answers_survive_their_file():
    seen = view(snapshot(1, EMPTY))
    kept = answers(seen, Archive.HERITAGE, 1, ids=Ids(at=NOW, asked=3, known=None, reason="x"))
    assert Kept.from_json(json.loads(json.dumps(kept.to_json()))) == kept
    data = kept.to_json()
    with pytest.raises((KeyError, ValueError, TypeError)):
        Kept.from_json({**data, "schema": "breachkit.archives/9"})
    with pytest.raises(TypeError):
        Kept.from_json({**data, "told": [{**data["told"][0], "found": "many"}]})


def test_the_control_is_the_file_without_content():
    assert CONTROL == "swh:1:cnt:e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"


# --- words ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("https://user:pw@Hooks.example.org:8443/x", "hooks.example.org"),
        ("http://example.org", "example.org"),
        ("no address", ""),
        ("", ""),
    ],
)
def test_of_an_address_only_the_host_is_shown(address, host):
    assert host_of(address) == host


def test_dates_that_are_none_are_said_to_be_unknown():
    assert day(None) == day("soon") == "unknown date"
    assert moment("2024-05-01T00:00:00") is None


def test_what_was_not_read_and_what_is_open_again_stands_under_the_register():
    seen = view(snapshot(1, {**EMPTY, Topic.FORKS: without(Topic.FORKS), Topic.CLONES: clones(2, ("04-25", 3, 2))}))  # fmt: skip
    (reopened, *_) = traced_copies(seen)
    shown_ = traced.as_text(unread(seen), 3, reconcile(seen), [reopened])
    assert "forks: REFUSED" in shown_
    assert "3 questions without" in shown_
    assert f"{reopened.id} {reopened.label}" in shown_
    assert max(map(len, shown_.splitlines())) <= 80
    data = traced.to_json(unread(seen), 3, reconcile(seen), [reopened])
    assert (data["clones"]["clones"], data["reopened"], data["unanswered"]) == (3, [reopened.id], 3)
    assert traced.as_text({}, 0, None, ()) == ""


def test_the_text_tells_what_is_to_be_asked_from_what_nobody_looked_at():
    shown_ = copies_render.export(traced_copies(view(snapshot(1, EMPTY))), "text")
    told_, by_hand = shown_.partition("To ask, or to look at")[2].split("Not looked at yet")
    assert "C18" in told_
    assert "C25" in by_hand
    html = copies_render.export(traced_copies(view(snapshot(1, EMPTY))), "html", PLACES)
    assert "every release is an entry of its own" in html


@given(st.lists(st.sampled_from(["eve", "fay", "hal"]), max_size=3), st.text(max_size=12))
def test_hostile_names_reach_no_export_raw(owners, text):
    forks = [fork(n + 11, owner, full_name=f"{owner}/{text}") for n, owner in enumerate(owners)]
    made = traced_copies(view(snapshot(1, {**EMPTY, Topic.FORKS: forks})))
    for form in ("text", "md", "csv"):
        lines = copies_render.export(made, form).replace("\r\n", "\n").splitlines()
        assert all(line.isprintable() for line in lines)
