"""What breachkit does in the traps that no other file of these tests is about, by their numbers."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest

from breachkit.actions.hosting import Answered, Topic
from breachkit.cli import hosting
from breachkit.drill.hub import faults, furnish, gitstore
from breachkit.drill.hub.answers import Problem
from breachkit.drill.hub.faults import Effect, Fault
from breachkit.github.anyone import raw_of, web_of
from breachkit.github.client import DEFAULT_API
from breachkit.github.errors import LimitedError, TokenError
from breachkit.workflows.platform import platform_name
from tests.support.cases import HandClock
from tests.support.command_line import OUTPUT, SMALL_COUNTS
from tests.support.containing import NAME, Naps, Responder, a_client, a_platform


CONTACTS = Path(__file__).parents[1] / "support" / "contacts.toml"
STUDY = f"/api/v3/repos/{NAME}"
MOVES = re.compile(rb"([0-9a-f]{40}) ([0-9a-f]{40}) (refs/[a-z/]+)")
"""What a push asks for: the old value of a ref, the new one, and its name."""


@pytest.fixture
def jo(hub, breachkit, monkeypatch):
    return Responder(hub, breachkit, monkeypatch)


def reading(hub, topic, **more):
    with a_platform(hub, **more) as platform:
        return platform.read(topic, platform.repository(NAME))


def test_t13_of_more_than_a_page_of_people_and_keys_none_is_skipped_while_they_are_removed(jo):
    small = jo.hub.small
    world, study = small.world, small.study
    people = [world.person(f"many-{number}") for number in range(105)]
    study.collaborators |= {one.id: "write" for one in people}
    for number in range(105):
        furnish.key(world.hub, study, f"key {number}")
        furnish.invite(world.hub, study, small.people["ada"], people[number], "read")
    jo.restrict()

    assert study.collaborators == {}
    assert study.keys == {}
    assert study.invitations == {}


def test_t21_a_fork_of_an_organisation_and_one_that_was_renamed_are_found(hub):
    world = hub.small.world
    institute = world.organisation("example-institute")
    world.fork(hub.small.grandfork, institute)
    world.rename(hub.small.fork, "notes")
    found = {each["full_name"]: each for each in reading(hub, Topic.FORKS).items}

    assert set(found) == {"eve/notes", "fay/study-again", "example-institute/study-again"}
    assert found["example-institute/study-again"]["owner"]["type"] == "Organization"
    assert found["eve/notes"]["id"] == hub.small.fork.id


def test_t24_stars_beyond_what_is_listed_are_said_to_be_missing(jo):
    people = [jo.hub.small.world.person(f"fan-{number}") for number in range(150)]
    furnish.star(jo.hub.small.world.hub, jo.hub.small.study, people)
    said = Problem(422, "In order to keep the API fast for everyone, pagination is limited.")
    jo.hub.server.faults.add(
        Fault(
            effect=Effect.ANSWER_INSTEAD, path=f"{STUDY}/stargazers", skip=1, times=9,
            answer=said.answer,
        )
    )  # fmt: skip
    ran = jo.run.expect(5, "snapshot", "--fast")

    assert "Not read, or not all of it:\n  - stargazers" in ran.out
    kept = json.loads(jo.case.read_private("snapshots/001/stargazers.json"))
    assert kept["answered"] == "partial"
    assert "pagination is limited" in kept["reason"]
    assert len(kept["items"]) == 100


def test_t25_traffic_that_may_not_be_seen_is_refused_and_not_nought(jo):
    jo.use(jo.hub.token("bea"))
    ran = jo.run.expect(4, "snapshot", "--fast")

    kept = {
        name: json.loads(jo.case.read_private(f"snapshots/001/{name}.json"))
        for name in ("traffic-clones", "traffic-views", "traffic-paths", "traffic-referrers")
    }
    assert {each["answered"] for each in kept.values()} == {"refused"}
    assert all(each["items"] == [] for each in kept.values())
    assert "traffic-clones: " in ran.out.partition("Not read, or not all of it:")[2]
    assert re.search(r"^ +forks +2$", ran.out, re.MULTILINE)


@pytest.mark.parametrize("more", ["", "/"])
def test_t50_the_path_of_an_enterprise_server_is_before_every_request_once(jo, more):
    answer, paths = jo.hub.server.answer, []

    def watched(request):
        paths.append(request.path)
        return answer(request)

    jo.monkeypatch.setattr(jo.hub.server, "answer", watched)
    jo.monkeypatch.setenv("BREACHKIT_GITHUB_API", jo.hub.server.api + more)
    jo.hub.small.world.rename(jo.hub.small.study, "renamed")  # redirects name the path as well
    for number in range(120):  # and so do links to further pages
        furnish.key(jo.hub.small.world.hub, jo.hub.small.study, f"key {number}")
    jo.run.expect(0, "snapshot", "--fast")

    asked = [path for path in paths if "git-upload-pack" not in path and "/info/refs" not in path]
    assert len(asked) > 20
    rest = [path for path in asked if path != "/api/graphql"]
    assert all(path.startswith("/api/v3/") for path in rest)
    assert not any("/api/v3/api" in path for path in asked)
    kept = json.loads(jo.case.read_private("snapshots/001/deploy-keys.json"))
    assert len(kept["items"]) == 122


@pytest.mark.parametrize(
    ("api", "web", "raw"),
    [
        (DEFAULT_API, "https://github.com", "https://raw.githubusercontent.com"),
        (
            "https://github.example.org/api/v3",
            "https://github.example.org",
            "https://github.example.org/raw",
        ),
        (
            "https://github.example.org:8443/api/v3/",
            "https://github.example.org:8443",
            "https://github.example.org:8443/raw",
        ),
    ],
)
def test_t50_pages_and_files_of_an_enterprise_server_are_beside_its_api(api, web, raw):
    assert web_of(api) == web
    assert raw_of(api) == raw
    assert platform_name(f"{web}/example-org/study.git", api) == "example-org/study"


@pytest.mark.parametrize("hours", [-3, 3])
def test_t59_a_clock_that_is_wrong_changes_nothing_about_how_long_a_limit_lasts(hub, hours):
    platform_time = hub.small.world.hub.clock
    reset = int((platform_time.now() + timedelta(seconds=30)).timestamp())
    hub.server.faults.add(
        Fault(
            effect=Effect.ANSWER_INSTEAD, method="GET", path=STUDY,
            answer=faults.primary_limit(reset),
        )
    )  # fmt: skip
    naps = Naps()
    with a_client(hub, sleep=naps) as client:
        client._clock = HandClock(platform_time.now() + timedelta(hours=hours))
        assert client.get(f"/repos/{NAME}", "the repository").json["full_name"] == NAME

    assert len(naps.seconds) == 1
    assert 0 < naps.seconds[0] <= 30


def test_t59_a_limit_that_lasts_says_until_when_by_the_platforms_clock(hub):
    reset = hub.small.world.hub.clock.now() + timedelta(minutes=40)
    hub.server.faults.add(
        Fault(
            effect=Effect.ANSWER_INSTEAD, path=STUDY,
            answer=faults.primary_limit(int(reset.timestamp())),
        )
    )  # fmt: skip
    with a_client(hub) as client:
        client._clock = HandClock(reset - timedelta(days=2))
        with pytest.raises(LimitedError) as caught:
            client.get(f"/repos/{NAME}", "the repository")

    assert reset.strftime("%Y-%m-%dT%H:%M") in str(caught.value)


def test_t59_what_is_said_of_a_token_that_is_not_valid_yet_names_the_token(hub):
    said = Problem(401, "'Issued at' claim ('iat') must be an Integer in the past")
    hub.server.faults.add(Fault(effect=Effect.ANSWER_INSTEAD, path=STUDY, answer=said.answer))
    with a_client(hub) as client, pytest.raises(TokenError, match="make a new one"):
        client.get(f"/repos/{NAME}", "the repository")


def test_a_reading_that_was_refused_is_told_from_one_that_found_nothing(hub):
    hub.small.study.traffic.clear()

    assert reading(hub, Topic.PATHS).answered is Answered.COMPLETE
    assert reading(hub, Topic.PATHS, token=hub.token("bea")).answered is Answered.REFUSED


def test_t36_the_default_branch_is_never_deleted_even_where_all_of_it_goes(
    hub, breachkit, monkeypatch
):
    world = hub.small.world
    files = {OUTPUT.decode(): SMALL_COUNTS}
    only = world.repository(hub.small.organisation, "only", files=files)
    world.commit(only, {"README.md": b"# A study\n"}, branch="other", delete=files)
    before = gitstore.refs(only)
    monkeypatch.setattr(hosting, "sleep", Naps())
    monkeypatch.setenv("BREACHKIT_GITHUB_API", hub.server.api)
    monkeypatch.setenv("BREACHKIT_GITHUB_TOKEN", hub.small.token)
    confirmed = ("--execute", "--confirm", "example-org/only")
    breachkit.expect(0, "open", hub.url(name="example-org/only"), "--contacts", CONTACTS)
    breachkit.expect(0, "notify", "render", "alert")
    breachkit.expect(0, "notify", "mark-sent", "N-001", "--by", "Jo")
    breachkit.expect(0, "scope", "--path", OUTPUT.decode())
    breachkit.expect(0, "rewrite")
    breachkit.prepare()
    breachkit.expect(0, "rewrite", *confirmed)
    breachkit.expect(0, "push", *confirmed)

    after = gitstore.refs(only)
    assert after.keys() == before.keys()
    assert set(after.values()).isdisjoint(before.values())
    pushed = [each.body for each in hub.server.log if each.path.endswith("/git-receive-pack")]
    moved = [line for body in pushed for line in MOVES.findall(body)]
    assert {name for _, _, name in moved} == {b"refs/heads/main", b"refs/heads/other"}
    assert all(set(new) != {ord("0")} for _, new, _ in moved)
