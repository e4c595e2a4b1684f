"""What the platform may answer, and what the adapter makes of it: one test for each row of the table."""

import contextlib
import logging
import re
import traceback
from datetime import timedelta

import pytest

from breachkit.actions.hosting import Answered, ReadBack, Topic, Write, WriteKind
from breachkit.drill.hub import faults, furnish
from breachkit.drill.hub.answers import Answer
from breachkit.drill.hub.faults import Effect, Fault
from breachkit.drill.hub.state import TokenLimits
from breachkit.github import client as clients
from breachkit.github import errors
from breachkit.github.client import Client
from breachkit.github.transport import checked_address
from breachkit.github.writing import WRITES
from breachkit.model.errors import AccessError, IncompleteError
from breachkit.model.sensitive import Sensitive
from tests.support.cases import HandClock
from tests.support.containing import NAME, Naps, a_client, a_platform


STUDY = f"/api/v3/repos/{NAME}"
PRIVATE = Write(kind=WriteKind.SET_VISIBILITY, detail={"visibility": "private"})


def wrong(hub, effect=Effect.ANSWER_INSTEAD, method="GET", path=STUDY, **more):
    hub.server.faults.add(Fault(effect=effect, method=method, path=path, **more))


def read(hub, **more):
    with a_client(hub, **more) as client:
        return client.get(f"/repos/{NAME}", "the repository").json["full_name"]


def close(hub, **more):
    with a_platform(hub, **more) as platform:
        repository = platform.repository(NAME)
        platform.send(PRIVATE, repository)
        return platform.read_back(PRIVATE, repository)


def patches(hub):
    return [each.status for each in hub.server.log if each.method == "PATCH"]


def test_the_version_of_the_api_is_pinned_and_the_agent_named(hub, monkeypatch):
    seen = []
    answer = hub.server.answer

    def watched(request):
        seen.append(request.headers)
        return answer(request)

    monkeypatch.setattr(hub.server, "answer", watched)
    read(hub)

    assert seen[0]["x-github-api-version"] == "2022-11-28"
    assert seen[0]["user-agent"] == "breachkit"


@pytest.mark.parametrize(
    "answer",
    [faults.bad_gateway(), faults.unavailable_page(), faults.accepted()],
    ids=["502", "a page of HTML", "202"],
)
def test_a_read_that_fails_is_tried_again_and_ends(hub, answer):
    wrong(hub, answer=answer, times=2)
    naps = Naps()

    assert read(hub, sleep=naps) == NAME
    assert naps.seconds == [1.0, 3.0]

    wrong(hub, answer=answer, times=99)
    with pytest.raises(errors.UnreachableError, match="run"):
        read(hub)


def test_t10_a_connection_that_ends_or_cuts_an_answer_is_tried_again(hub):
    for effect in (Effect.RESET, Effect.RESET_AFTER, Effect.TRUNCATE):
        wrong(hub, effect)
        assert read(hub) == NAME

    wrong(hub, Effect.RESET, times=99)
    with pytest.raises(errors.UnreachableError, match="could not be reached"):
        read(hub)


def test_nothing_listens_at_the_address():
    client = Client("http://127.0.0.1:9/api/v3", None, HandClock(), sleep=Naps())
    with client, pytest.raises(errors.UnreachableError):
        client.get("/user", "the account")


def test_t07_a_secondary_limit_on_a_change_is_waited_for_and_the_change_sent_again(hub):
    naps = Naps()
    wrong(hub, method="PATCH", answer=faults.secondary_limit(7))

    assert close(hub, sleep=naps) is ReadBack.DONE
    assert naps.seconds == [7.0]
    assert patches(hub) == [403, 200]


def test_t08_a_bare_429_is_waited_for_a_minute_as_github_asks(hub):
    naps = Naps()
    wrong(hub, method="PATCH", answer=faults.too_many_requests())

    assert close(hub, sleep=naps) is ReadBack.DONE
    assert naps.seconds == [60.0]


def test_after_a_limit_changes_are_a_second_apart_and_before_it_nothing_is_held_up(hub):
    naps = Naps()
    with a_platform(hub, sleep=naps) as platform:
        repository = platform.repository(NAME)
        platform.send(PRIVATE, repository)
        assert naps.seconds == []
        wrong(hub, answer=faults.secondary_limit(2))
        platform.repository(NAME)
        platform.send(PRIVATE, repository)

    assert naps.seconds == [2.0, 1.0]


def test_t11_a_limit_that_lasts_longer_than_a_minute_ends_at_once_and_says_until_when(hub):
    now = hub.small.world.hub.clock.now()
    reset = int((now + timedelta(minutes=50)).timestamp())
    naps = Naps()
    wrong(hub, answer=faults.primary_limit(reset), times=99)

    with pytest.raises(errors.LimitedError, match=r"at 2024-05-02T10:2\d:\d\dZ") as caught:
        read(hub, sleep=naps)

    assert isinstance(caught.value, IncompleteError)
    assert naps.seconds == []


def test_all_waits_of_a_command_together_are_bounded(hub):
    wrong(hub, answer=faults.too_many_requests(50), times=99)
    naps = Naps()
    with a_client(hub, sleep=naps) as client:
        for _ in range(10):
            with pytest.raises(errors.LimitedError):
                client.get(f"/repos/{NAME}", "the repository")

    assert sum(naps.seconds) <= clients.PATIENCE_S


def test_t06_no_token_no_sign_on_no_rights_and_no_sight_are_told_apart(hub):
    world, bea = hub.small.world, hub.login("bea")
    hub.small.study.visibility = "private"
    with pytest.raises(errors.TokenError, match="BREACHKIT_GITHUB_TOKEN"):
        read(hub, token="ghp_of-nobody")
    with pytest.raises(errors.SignOnError, match="single sign-on"):
        read(hub, token=world.token(hub.login("ada"), limits=TokenLimits(needs_sso=True)))
    with pytest.raises(errors.HiddenError, match="may only mean that it is hidden"):
        read(hub, token=hub.token("gil"))
    hub.small.study.collaborators[bea.id] = "write"
    with pytest.raises(errors.NotAllowedError, match="may not"):
        close(hub, token=hub.token("bea"))
    with pytest.raises(errors.NotAllowedError, match="token lacks the permission"):
        close(hub, token=world.token(hub.login("ada"), limits=TokenLimits(read_only=True)))
    assert all(issubclass(kind, AccessError) for kind in (errors.TokenError, errors.HiddenError))


def test_what_a_plan_does_not_have_is_told_from_what_may_not_be_seen(hub):
    hub.small.organisation.plan = "free"
    hub.small.study.visibility = "private"
    with a_platform(hub) as platform:
        reading = platform.read(Topic.RULESETS, platform.repository(NAME))

    assert reading.answered is Answered.REFUSED
    assert "plan does not have this" in reading.reason


def test_a_blocked_repository_says_so(hub):
    hub.small.study.disabled = True
    with pytest.raises(errors.BlockedError, match="legal"):
        read(hub)


def test_t01_a_read_at_an_old_name_follows_and_a_change_there_is_refused(hub):
    world, study = hub.small.world, hub.small.study
    with a_platform(hub) as platform:
        before = platform.repository(NAME)
        world.rename(study, "study-renamed")
        now = platform.repository(NAME)
        with pytest.raises(errors.MovedError):
            platform.send(PRIVATE, before)
        assert platform.read_back(PRIVATE, before) is ReadBack.NOT_DONE

    assert now.full_name == "example-org/study-renamed"
    assert now.id == before.id
    assert study.visibility == "public"


@pytest.mark.parametrize(
    "address",
    [
        "http://evil.example/api/v3/repos/a/b",
        "https://127.0.0.1/api/v3/repos/a/b",
        "http://127.0.0.1:1/api/v3/repos/a/b",
        "http://127.0.0.1/elsewhere",
    ],
)
def test_t49_neither_a_redirect_nor_a_link_leads_the_token_to_another_server(hub, address):
    wrong(hub, answer=Answer(status=301, json={}, headers={"Location": address}))
    with pytest.raises(errors.MovedError, match="another server"):
        read(hub)
    link = Answer(json=[{"id": 1}], headers={"Link": f'<{address}?page=2>; rel="next"'})
    wrong(hub, path=f"{STUDY}/keys", answer=link)
    with a_client(hub) as client:
        pages = client.pages(f"/repos/{NAME}/keys", "the keys")
        assert isinstance(pages.problem, errors.MovedError)
        assert len(pages.items) == 1


def test_redirects_and_pages_that_lead_in_a_circle_end(hub):
    here = {"Location": f"{hub.server.api}/repos/{NAME}"}
    wrong(hub, answer=Answer(status=301, json={}, headers=here), times=99)
    with pytest.raises(errors.MovedError, match="circle"):
        read(hub)
    link = {"Link": f'<{hub.server.api}/repos/{NAME}/keys?page=2>; rel="next"'}
    wrong(hub, path=f"{STUDY}/keys", answer=Answer(json=[{"id": 1}], headers=link), times=99)
    with a_client(hub) as client:
        assert "circle" in str(client.pages(f"/repos/{NAME}/keys", "the keys").problem)


@pytest.mark.parametrize("effect", [Effect.ANSWER_AFTER, Effect.RESET_AFTER])
def test_t09_a_change_that_happened_without_an_answer_is_not_sent_again(hub, effect):
    wrong(hub, effect, method="PATCH", answer=faults.bad_gateway())

    assert close(hub) is ReadBack.DONE
    assert len([each for each in hub.server.log if each.method == "PATCH"]) == 1


@pytest.mark.parametrize("effect", [Effect.ANSWER_INSTEAD, Effect.RESET])
def test_a_change_without_an_answer_that_did_not_happen_is_sent_again(hub, effect):
    wrong(hub, effect, method="PATCH", answer=faults.bad_gateway())

    assert close(hub) is ReadBack.DONE
    assert len(patches(hub)) == 2


def test_a_change_that_never_gets_an_answer_ends_as_incomplete(hub):
    wrong(hub, Effect.RESET, method="PATCH", times=99)
    with pytest.raises(IncompleteError):
        close(hub)
    assert len(patches(hub)) == 3


def test_t53_what_was_read_before_is_asked_for_by_its_tag(hub):
    with a_client(hub) as client:
        first = client.get(f"/repos/{NAME}", "the repository").json
        again = client.get(f"/repos/{NAME}", "the repository").json
        hub.small.study.description = "another"
        after = client.get(f"/repos/{NAME}", "the repository").json

    statuses = [each.status for each in hub.server.log]
    assert statuses == [200, 304, 200]
    assert again == first
    assert after["description"] == "another"


def test_t12_long_lists_are_read_to_their_end_and_requests_are_counted(hub):
    for number in range(230):
        furnish.key(hub.small.world.hub, hub.small.study, f"key {number}")
    with a_client(hub) as client:
        pages = client.pages(f"/repos/{NAME}/keys", "the keys")

        assert len(pages.items) == 232
        assert client.requests == 3
        assert len(hub.server.log) == 3


def test_a_list_that_breaks_off_is_partial_and_says_why(hub):
    for number in range(150):
        furnish.key(hub.small.world.hub, hub.small.study, f"key {number}")
    wrong(hub, path=f"{STUDY}/keys", skip=1, times=99, answer=faults.bad_gateway())
    with a_platform(hub) as platform:
        reading = platform.read(Topic.KEYS, platform.repository(NAME))

    assert reading.answered is Answered.PARTIAL
    assert len(reading.items) == 100
    assert "502" in reading.reason


@pytest.mark.parametrize(
    "address",
    ["", "api.github.com", "ftp://a.b", "http://github.example", "https://me:pw@a.b", "http://[",
     "https://a.b/?x=1"],
)  # fmt: skip
def test_an_address_that_is_none_or_would_show_the_token_is_refused(address):
    with pytest.raises(errors.WrongAddressError, match="address of the API"):
        checked_address(address)


def test_t54_no_token_is_in_any_error_log_or_traceback(hub, caplog):
    caplog.set_level(logging.DEBUG)
    token = hub.small.token
    for effect in (Effect.RESET, Effect.TRUNCATE):
        wrong(hub, effect, times=99)
        with pytest.raises(IncompleteError) as caught:
            read(hub)
        shown = "".join(traceback.format_exception(caught.value))
        assert token not in shown
        assert caught.value.__context__ is None
        hub.server.faults.waiting.clear()
    wrong(hub, answer=Answer(status=422, json={"message": f"no {token} here"}))
    with pytest.raises(errors.PlatformRefusedError) as refused:
        read(hub)

    assert token not in str(refused.value)
    assert token not in caplog.text
    assert "Authorization" not in caplog.text
    assert token not in repr(Sensitive(token))


def test_every_topic_and_every_write_is_known(hub):
    with a_platform(hub) as platform:
        repository = platform.repository(NAME)
        answered = {topic: platform.read(topic, repository).answered for topic in Topic}

    assert answered.pop(Topic.AUDIT_LOG) is Answered.REFUSED  # no Enterprise Cloud
    assert set(answered.values()) == {Answered.COMPLETE}
    assert set(WRITES) == set(WriteKind)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(json={"message": "Back soon"}),
        Answer(json=[]),
        Answer(json=[7, None]),
        Answer(json="study"),
        Answer(status=204),
    ],
    ids=["message", "nothing", "items", "word", "204"],
)
def test_json_of_another_form_is_no_answer_and_no_mistake_of_ours(hub, answer):
    with a_platform(hub) as platform:
        repository = platform.repository(NAME)
        wrong(hub, path="/api/v3/.*", method="*", answer=answer, times=10**6)
        for ask in (platform.account, lambda: platform.repository(NAME)):
            with pytest.raises(errors.UnreachableError, match="run the command again"):
                ask()
        with contextlib.suppress(errors.UnreachableError):
            assert platform.read_back(PRIVATE, repository) is not ReadBack.DONE
        readings = [platform.read(topic, repository) for topic in Topic]
        hub.server.faults.waiting.clear()

    for each in readings:
        assert each.answered is not Answered.COMPLETE or all(
            isinstance(item, dict) for item in each.items
        )


def test_comments_are_read_without_what_they_say(hub):
    with a_platform(hub) as platform:
        reading = platform.read(Topic.COMMENTS, platform.repository(NAME))

    assert len(reading.items) == 3
    assert not re.search("Looks right|Why|Well spotted", repr(reading.items))


def test_t21_forks_are_found_at_every_level_and_one_that_vanishes_stays_in_the_list(hub):
    world = hub.small.world
    for number in range(3):
        world.fork(hub.small.grandfork, world.person(f"fan{number}"))
    wrong(hub, path="/api/v3/repos/eve/study/forks", answer=Answer(status=404, json={}))
    with a_platform(hub) as platform:
        repository = platform.repository(NAME)
        first = platform.read(Topic.FORKS, repository)
        second = platform.read(Topic.FORKS, repository)

    assert [(f["full_name"], f["parent"], f.get("vanished")) for f in first.items] == [
        ("eve/study", NAME, True)
    ]
    assert len(second.items) == 5
    assert {f["parent"] for f in second.items} == {NAME, "eve/study", "fay/study-again"}
