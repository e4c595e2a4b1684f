"""Closing and giving back survive being killed before and after every single change, and a bad network.

Each test runs to the end what was cut short, and compares with a run that nothing disturbed: the same
state, every change carried out once, and each journalled before it was sent.
"""

import contextlib
import copy
import shutil
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breachkit.actions.containment import Wanted
from breachkit.drill.hub import faults
from breachkit.drill.hub.answers import Answer
from breachkit.drill.hub.faults import Effect, Fault
from breachkit.git.remote import RemoteRefs
from breachkit.github.client import Client
from breachkit.github.hosting import GitHubHosting
from breachkit.incident.case import Milestone
from breachkit.model.errors import IncompleteError
from breachkit.model.sensitive import Sensitive
from breachkit.workflows import restore, restrict, snapshot
from tests.support.cases import a_case, reopened
from tests.support.containing import NAME, Naps
from tests.support.hubs import small_hub


WANTED = Wanted(authorised=frozenset({"dan"}))
STUDY = f"/api/v3/repos/{NAME}"


class Killed(BaseException):
    """The process is gone."""


class Scene:
    """A hub of one's own, and a case on it."""

    def __init__(self, folder):
        (folder / "hub").mkdir(parents=True)
        self.small = small_hub(folder / "hub")
        self.case = a_case(folder)
        self.server = self.small.world.serve()

    @contextlib.contextmanager
    def platform(self):
        clock = self.small.world.hub.clock
        secret = Sensitive(self.small.token)
        with Client(self.server.api, secret, clock, sleep=Naps()) as client:
            ask = lambda _url: self.small.study.visibility == "public"  # noqa: E731
            yield GitHubHosting(client, ask_git=ask, sleep=Naps())

    def close(self):
        with self.platform() as platform:
            case = reopened(self.case)
            clock = self.small.world.hub.clock
            work = restrict.Restricting(case=case, hosting=platform, clock=clock, sleep=Naps())
            return work.execute(NAME, WANTED)

    def open(self):
        if self.case.incident.is_open:
            self.case.record("case.stood_down", {"reason": "none", "decider": "Jo"})
        with self.platform() as platform:
            case = reopened(self.case)
            clock = self.small.world.hub.clock
            work = restore.Restoring(case=case, hosting=platform, clock=clock, sleep=Naps())
            return work.execute()

    def state(self):
        study = self.small.study
        return copy.deepcopy(
            {
                "visibility": study.visibility,
                "pages": study.pages,
                "collaborators": study.collaborators,
                "invited": sorted((i.invitee or 0, i.role) for i in study.invitations.values()),
                "keys": sorted((k["title"], k["read_only"]) for k in study.keys.values()),
                "hooks": {n: h["active"] for n, h in study.hooks.items()},
                "actions": study.actions,
                "forking": study.allow_forking,
            }
        )

    def writes(self):
        """Give what was carried out, each with how often; a key by its title, not its number."""
        return Counter(
            (each.method, each.template, each.path.rpartition("/")[2], each.body)
            for each in self.server.writes
            if each.template and 200 <= each.status < 300
        )

    def journal_holds(self):
        open_step = None
        for event in self.case.events():
            if event.kind.endswith(".sending"):
                assert open_step is None
                open_step = event.number("step")
            elif event.kind.endswith(".sent"):
                assert event.number("step") == open_step
                open_step = None
        assert open_step is None
        assert reopened(self.case).verify().ok


NO_REFS = RemoteRefs(refs={}, head=None, head_value=None)


def without_git(patch):
    """What git shows is no matter here, and costs a process each time."""
    refs = snapshot._refs
    patch.setattr(
        snapshot, "_refs", lambda case, n, repo, _, clock: refs(case, n, repo, lambda _: NO_REFS, clock)
    )  # fmt: skip
    patch.setattr("breachkit.github.anyone.raw_file", lambda *_: None)


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    without_git(monkeypatch)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """What a run to the end does, in two halves."""
    with pytest.MonkeyPatch.context() as patch:
        without_git(patch)
        scene = Scene(tmp_path_factory.mktemp("whole"))
        with scene.server:
            scene.close()
            closed, writes = scene.state(), scene.writes()
            scene.open()
            return closed, writes, scene.state(), scene.writes()


@contextlib.contextmanager
def killed(number, *, after):
    """Let the process die at the change with this number, counted from 1."""
    write = Client.write
    left = [number]

    def dying(self, *args):
        left[0] -= 1
        if left[0] == 0 and not after:
            raise Killed
        reply = write(self, *args)
        if left[0] == 0:
            raise Killed
        return reply

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Client, "write", dying)
        with pytest.raises(Killed):
            yield


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("number", range(1, 11))
def test_closing_that_is_killed_at_any_change_goes_on(tmp_path, undisturbed, number, after):
    scene = Scene(tmp_path)
    with scene.server:
        with killed(number, after=after):
            scene.close()
        assert [each.what for each in scene.case.incident.open_intents] == ["restrict"]

        assert scene.close().exit_code == 0

        assert scene.state() == undisturbed[0]
        assert scene.writes() == undisturbed[1]
        assert scene.case.incident.has(Milestone.CONTAINED)
        scene.journal_holds()


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("number", range(1, 11))
def test_t57_giving_back_that_is_killed_at_any_change_goes_on(tmp_path, undisturbed, number, after):
    scene = Scene(tmp_path)
    with scene.server:
        scene.close()
        with killed(number, after=after):
            scene.open()

        assert scene.open().open == ()

        assert scene.state() == undisturbed[2]
        assert scene.writes() <= undisturbed[3]  # the site may be as it was before all was sent
        scene.journal_holds()
        with pytest.raises(restore.NothingToRestoreError):
            scene.open()


@pytest.mark.parametrize("kind", ["snapshot.recorded", "restrict.intent", "restrict.done"])
def test_closing_that_is_killed_between_its_parts_goes_on(tmp_path, monkeypatch, undisturbed, kind):
    scene = Scene(tmp_path)
    record = type(scene.case).record

    def dying(self, what, *args, **more):
        if what == kind:
            raise Killed
        return record(self, what, *args, **more)

    with scene.server:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(type(scene.case), "record", dying)
            with pytest.raises(Killed):
                scene.close()

        assert scene.close().exit_code == 0

        assert scene.state() == undisturbed[0]
        assert scene.writes() == undisturbed[1]
        assert scene.open().open == ()
        assert scene.state() == undisturbed[2]


BAD = {
    "lost before": (Effect.RESET, None),
    "lost after": (Effect.RESET_AFTER, None),
    "502 before": (Effect.ANSWER_INSTEAD, faults.bad_gateway()),
    "502 after": (Effect.ANSWER_AFTER, faults.bad_gateway()),
    "limit": (Effect.ANSWER_INSTEAD, faults.secondary_limit(3)),
    "hour": (Effect.ANSWER_INSTEAD, faults.too_many_requests(3000)),
    "cut": (Effect.TRUNCATE, None),
}

SOME = st.lists(
    st.tuples(
        st.sampled_from(sorted(BAD)),
        st.sampled_from(["GET", "PATCH", "PUT", "POST", "DELETE"]),
        st.integers(0, 6),
        st.integers(1, 5),
    ),
    max_size=4,
)


@settings(max_examples=8)
@given(trouble=SOME)
def test_over_a_bad_network_it_ends_the_same_however_often_it_is_run(
    tmp_path_factory, undisturbed, trouble
):
    folder = tmp_path_factory.mktemp("flaky")
    scene = Scene(folder)
    for name, method, skip, times in trouble:
        effect, answer = BAD[name]
        scene.server.faults.add(
            Fault(
                effect=effect,
                method=method,
                path=f"{STUDY}.*",
                skip=skip,
                times=times,
                answer=answer or Answer(),
            )
        )
    with scene.server:
        to_the_end(scene.close)
        closed = scene.state()
        to_the_end(scene.open)

        assert closed == undisturbed[0]
        assert scene.state() == undisturbed[2]
        scene.journal_holds()
    shutil.rmtree(folder)


def to_the_end(work):
    """Run something again until it says that nothing is left to do."""
    for _ in range(30):
        try:
            result = work()
        except restore.NothingToRestoreError:
            return
        except IncompleteError:
            continue
        if not result.open and result.exit_code in {0, 7}:
            return
    raise AssertionError("it never ends")
