"""A list that is kept from night to night costs nothing while it stays the same, and hides nothing."""

import contextlib
import json
import re
import sqlite3
from datetime import timedelta

import pytest

from breachkit.actions.listing import KeptPage, Whereabouts
from breachkit.drill.hub.answers import Answer
from breachkit.drill.hub.faults import Effect, Fault
from breachkit.github.listing import GitHubCatalogue
from breachkit.model.sensitive import Sensitive
from breachkit.store import pages, sweeps
from breachkit.store.database import Schema, connect
from breachkit.store.pages import PageStore
from breachkit.store.sweeps import FILE, SweepStore
from breachkit.workflows.listing import look
from tests.support.cases import HandClock
from tests.support.containing import Naps, a_client


ORG = "example-org"
LIST = f"/api/v3/orgs/{ORG}/repos"
PAGE = KeptPage(etag='W/"1"', more=True, content="[]")


class Nights:
    """An organisation whose repositories are listed night after night."""

    def __init__(self, hub, folder):
        self.hub, self.folder = hub, folder
        self.world, self.clock = hub.small.world, HandClock()
        self.last = None

    def __call__(self, token=None):
        """List once; give the listing and what answers it took."""
        self.world.hub.clock._next += timedelta(days=1)
        self.hub.server.log.clear()
        with (
            a_client(self.hub, token, sleep=Naps()) as client,
            contextlib.closing(self.store(token)) as memory,
        ):
            seen = look(GitHubCatalogue(client, memory), ORG, self.clock, before=self.last)
        self.last = seen.listing
        return seen

    def store(self, token=None):
        given = self.hub.small.token if token is None else token
        secret = Sensitive(given) if given else None
        return PageStore(self.folder, self.hub.server.api, secret, self.clock)

    @property
    def answers(self):
        return [each.status for each in self.hub.server.log]

    def add(self, name, **more):
        return self.world.repository(self.hub.small.organisation, name, files=None, **more)

    def rows(self, change="SELECT address, etag, content FROM page ORDER BY address"):
        with contextlib.closing(sqlite3.connect(self.folder / FILE)) as database:
            found = database.execute(change).fetchall()
            database.commit()
        return found


@pytest.fixture
def night(hub, tmp_path):
    return Nights(hub, tmp_path / "sweeps")


def names(seen):
    return [one.full_name.partition("/")[2] for one in seen.listing.repositories]


def test_t53_a_list_that_has_not_changed_is_asked_for_by_its_tags_alone(night):
    for number in range(120):
        night.add(f"study-{number:03}").topics = ["research"]
    first = night()
    assert night.answers == [200, 200, 200, 304, 304]

    second = night()

    assert night.answers == [304] * 5
    assert second.listing.repositories == first.listing.repositories
    assert (second.listing.owner, second.listing.problem) == (first.listing.owner, "")
    assert len(second.listing.repositories) == 121


def test_t53_a_page_that_has_changed_is_read_anew_and_the_others_are_not(night):
    made = [night.add(f"study-{number:03}") for number in range(120)]
    night()
    night.add("late")
    made[110].topics = ["moved"]

    seen = night()

    assert night.answers == [200, 304, 200, 304, 304]  # the account counts one more
    assert "late" in names(seen)
    assert {one.topics for one in seen.listing.repositories if one.id == made[110].id} == {
        ("moved",)
    }
    assert night.last is not None
    night()
    assert night.answers == [304] * 5


@pytest.mark.parametrize(("token", "what"), [(None, Whereabouts.PRIVATE), ("", Whereabouts.UNSEEN)])
def test_no_kept_page_hides_that_a_repository_turned_private_or_vanished(night, token, what):
    one, other = night.add("turns"), night.add("goes")
    assert {"turns", "goes"} <= set(names(night(token)))
    one.visibility = "private"
    night.world.delete(other)

    seen = night(token)

    assert names(seen) == ["study"]
    found = {each.repository.full_name: each.whereabouts for each in seen.missing}
    assert found == {f"{ORG}/turns": what, f"{ORG}/goes": Whereabouts.UNSEEN}


def test_what_one_token_saw_is_given_to_no_other_nor_to_a_stranger(night):
    night()
    other = night.world.token(night.world.person("zoe"))

    for token in (other, ""):
        night(token)
        assert night.answers == [200, 200]
    night()
    assert night.answers == [304, 304]
    with contextlib.closing(night.store()) as mine, contextlib.closing(night.store("x")) as theirs:
        mine.keep("a", PAGE)
        assert (mine.recall("a"), theirs.recall("a")) == (PAGE, None)
        theirs.keep("b", PAGE)
        [(foreign,)] = night.rows("SELECT viewer FROM page WHERE address = 'b'")
        with contextlib.closing(sqlite3.connect(night.folder / FILE)) as database:
            database.execute("UPDATE page SET viewer = ? WHERE address = 'a'", (foreign,))
            database.commit()
        assert theirs.recall("a") is None


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE page SET content = replace(content, ':', ': ')",
        "UPDATE page SET etag = etag || ' '",
        "UPDATE page SET etag = 5, content = x'00'",
        "UPDATE page SET more = 1 - more",
        "UPDATE page SET seal = 'text'",
        "UPDATE page SET address = address || 'x'",
        "UPDATE page SET kept_on = kept_on + 1",
        "DROP TABLE page",
    ],
)
def test_a_page_that_is_not_as_it_was_kept_is_forgotten_and_read_anew(night, change):
    whole = night().listing.repositories
    night.rows(change)

    seen = night()

    assert seen.listing.repositories == whole
    assert night.answers == [200, 200]


def test_a_page_is_read_anew_after_a_month_whatever_its_tag(night):
    night()
    night.clock.move(hours=24 * pages.KEPT_DAYS)
    night()
    assert night.answers == [304, 304]
    night.clock.move(hours=24)
    night()
    assert night.answers == [200, 200]
    assert len(night.rows()) == 2


@pytest.mark.parametrize(("late", "left"), [(True, ["study", "late"]), (False, [])])
def test_where_kept_pages_list_more_or_less_than_is_counted_all_is_read_without_them(
    night, late, left
):
    night()
    if late:
        night.add("late")
    else:
        night.hub.small.study.visibility = "private"
    wrong = Answer(status=304, headers={})  # as a proxy may answer that kept too much
    night.hub.server.faults.add(Fault(effect=Effect.ANSWER_INSTEAD, path=LIST, answer=wrong))

    seen = night()

    assert names(seen) == left
    assert seen.listing.problem == ""
    assert night.answers[:3] == [200, 304, 200]


def test_what_is_kept_holds_no_words_about_a_repository_and_no_token(night):
    night.hub.small.study.description = "364 patients"
    night.add("hidden", visibility="private")
    night()

    kept = b"".join(each.read_bytes() for each in night.folder.iterdir())
    assert b"364" not in kept
    assert b"hidden" not in kept
    assert night.hub.small.token.encode() not in kept
    [(_, etag, account), (_, _, repositories)] = night.rows(
        "SELECT address, etag, content FROM page ORDER BY length(content)"
    )
    assert re.fullmatch(r'W/"[0-9a-f]{64}"', etag)
    assert json.loads(account).keys() == {"id", "login", "type", "public_repos"}
    assert [one["full_name"] for one in json.loads(repositories)] == [f"{ORG}/study"]


@pytest.mark.parametrize(
    "page",
    [
        KeptPage(etag='W/"1"\r\nX: y', more=False, content="[]"),
        KeptPage(etag="", more=False, content="[]"),
        KeptPage(etag='"1"', more=False, content="["),
        KeptPage(etag='"1"', more=False, content="[" * 9999),
        KeptPage(etag='"1"', more=False, content='{"id": 1}'),
        KeptPage(etag='"1"', more=False, content='[{"id": 1, "private": false}]'),
    ],
)
def test_what_does_not_fit_is_never_taken_for_an_answer(hub, page):
    class Memory:
        def recall(self, _address):
            return page

        def keep(self, _address, _page):
            return None

        def forget(self):
            return None

    with a_client(hub) as client:
        catalogue = GitHubCatalogue(client, Memory())
        owner = catalogue.owner(ORG)
        assert [one.full_name for one in catalogue.repositories(owner).repositories] == [
            f"{ORG}/study"
        ]
    assert [each.status for each in hub.server.log] == [200, 200]


def test_a_record_of_sweeps_of_an_earlier_version_gets_room_for_pages_and_keeps_the_rest(
    night, tmp_path
):
    night.folder.mkdir()
    before = connect(night.folder / FILE, Schema(name="sweeps", steps=sweeps.SCHEMA.steps[:3]))
    before.execute("INSERT INTO run (target, policy, began_at) VALUES ('here', 'auto', 'then')")
    before.close()

    night()
    night()

    assert night.answers == [304, 304]
    assert night.rows("SELECT target FROM run") == [("here",)]


def test_a_damaged_record_of_sweeps_is_left_to_the_sweep_which_says_so(night):
    night.folder.mkdir()
    (night.folder / FILE).write_bytes(b"no database " * 999)

    assert names(night()) == ["study"]
    assert night.answers == [200, 200]
    store = SweepStore(night.folder)
    assert store.rebuilt is not None
    store.close()


def test_t53_the_hub_counts_no_304_of_whoever_has_a_token_and_tells_tokens_apart(hub):
    requester = hub.pygithub().requester
    path = f"/orgs/{ORG}/repos"
    _, first, _ = requester.requestJson("GET", path)
    used = int(first["x-ratelimit-used"])

    def asked(tag):
        status, headers, _ = requester.requestJson("GET", path, headers={"If-None-Match": tag})
        return status, int(headers["x-ratelimit-used"]) - used

    assert asked(f'"other", {first["etag"]}') == (304, 0)
    assert asked(first["etag"].removeprefix("W/")) == (304, 0)
    assert asked('W/"other"') == (200, 1)
    with a_client(hub, "") as stranger:
        reply = stranger.get(path, "x")
        again = stranger.get(path, "x")
        third = stranger.answer(path, "x")
    assert reply.headers["etag"] != first["etag"]
    assert again is reply
    assert int(third.headers["x-ratelimit-used"]) == 3
