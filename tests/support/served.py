"""A case whose rewritten history was pushed to the stand-in, which still keeps what it had."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from breachkit.actions.served import Place
from breachkit.actions.served_plan import Extent
from breachkit.actions.served_results import ServerVerification
from breachkit.drill.hub import gitstore, networks, support
from breachkit.drill.hub.server import HubServer
from breachkit.drill.hub.state import PullRequest, Repository
from breachkit.drill.hub.world import HubWorld
from breachkit.git.by_id import GitAsker
from breachkit.git.push import push
from breachkit.github.client import Client
from breachkit.github.hosting import GitHubHosting
from breachkit.github.served import GitHubAsker
from breachkit.incident.folder import CaseFolder
from breachkit.model.sensitive import Sensitive
from breachkit.workflows import case_files
from breachkit.workflows.verify_server import Options, verify_server
from tests.support.cases import HandClock
from tests.support.command_line import OUTPUT, SAFE_COUNTS, SMALL_COUNTS
from tests.support.containing import NAME, Naps
from tests.support.gitrepo import git
from tests.support.hubs import START, SteppingClock, served
from tests.support.responding import Recorded, Response, on_target


PATH = OUTPUT.decode()


@dataclass
class Breach:
    """The study, its fork with a pull request, a fork of that, and the case about it."""

    world: HubWorld
    server: HubServer
    study: Repository
    fork: Repository
    grandfork: Repository
    pull: PullRequest
    token: str
    bad_commit: str
    """That brought the table in."""
    bad_blob: str
    response: Response
    clock: HandClock
    naps: Naps = field(default_factory=Naps)

    @property
    def case(self) -> CaseFolder:
        return self.response.case

    def verify(
        self, token: str | None = None, extent: Extent | None = None, **options: Any
    ) -> ServerVerification:
        """Ask the stand-in, as the command does."""
        secret = Sensitive(token or self.token)
        chosen = Options(extent=extent or Extent(), **options)
        with Client(self.server.api, secret, self.world.hub.clock, sleep=self.naps) as client:
            hosting = GitHubHosting(client, sleep=self.naps)
            return verify_server(
                self.case,
                hosting,
                NAME,
                lambda wanted: GitHubAsker(
                    client, secret, wanted, GitAsker(secret, wanted, self.case.scratch),
                    sleep=self.naps,
                ),
                self.clock,
                options=chosen,
                progress=Recorded(),
                announce=lambda plan, kept: None,
            )  # fmt: skip

    def support_acts(self) -> support.Done:
        """Let support do what it is asked for."""
        return support.act(self.world.hub, self.study, [self.bad_commit, self.bad_blob])

    def delete_forks(self) -> None:
        """Let the owners of the forks delete them."""
        for each in (self.grandfork, self.fork):
            networks.delete_repository(self.world.hub, each)


def served_by(found: ServerVerification, place: Place | None = None) -> set[tuple[str, str]]:
    """Give the pairs of identity and way by which something still came, of one place or all."""
    return {
        (result.question.identity.value, result.question.way.value)
        for result in found.results
        if result.verdict == "served" and (place is None or result.question.place == place.id)
    }


@contextmanager
def breach(folder: Path, *, forks: bool = True) -> Iterator[Breach]:
    """Give a breached study whose history was rewritten and pushed."""
    hub = folder / "hub"
    hub.mkdir()
    world = HubWorld(hub, SteppingClock())
    ada, eve, fay = (world.person(login) for login in ("ada", "eve", "fay"))
    organisation = world.organisation("example-org", admins=[ada])
    study = world.repository(
        organisation, "study", files={"README.md": b"# Study\n", "out/safe.csv": SAFE_COUNTS}
    )
    bad = world.commit(study, {PATH: SMALL_COUNTS}, author=ada, message="Add results")
    _tag(world, study, "v1", bad)
    world.commit(study, {}, delete=[PATH], author=ada, message="Remove results")
    fork = world.fork(study, eve, files={"notes.md": b"of my own\n"})
    grandfork = world.fork(fork, fay, name="study-again")
    pull = world.pull(study, fork, "main", title="Take my notes")
    if not forks:
        for each in (grandfork, fork):
            networks.delete_repository(world.hub, each)
    blob = gitstore.resolve(study, f"{bad}:{PATH}")
    assert blob
    with served(world) as server:
        token = world.token(ada)
        response = on_target(folder, server.git_url(NAME))
        made = Breach(
            world, server, study, fork, grandfork, pull, token, bad, blob, response,
            response.clock,
        )  # fmt: skip
        _replace_history(made)
        yield made


def _tag(world: HubWorld, found: Repository, name: str, commit: str) -> None:
    who = {f"GIT_{one}_{two}": value for one in ("COMMITTER",) for two, value in _WHO.items()}
    env = {**gitstore.writing_to(world.hub, found), **who}
    git(found.git_dir, "tag", "-a", "-m", "first", name, commit, env=env)


_WHO = {"NAME": "Ada", "EMAIL": "ada@example.org", "DATE": f"{int(START.timestamp())} +0000"}


def _replace_history(made: Breach) -> None:
    """Scope, rewrite and push as the commands do; the push with a token, as its owner's."""
    response = made.response
    response.scope()
    done = response.rewrite().done
    url = made.server.git_url(NAME).replace("://", f"://x:{made.token}@")
    rewritten = response.case.private / case_files.REWRITTEN
    push(url, rewritten, done, {ref.name: ref.old for ref in done.refs})
    for kind, detail in (
        ("push.planned", {"refs": 2}),
        ("push.intent", {"refs": 2}),
        ("push.done", {"pushed": 2, "hidden_refs": 2}),
    ):
        response.case.record(kind, detail)
    response.case.record("verify.recorded", {"ok": True, "held": False, "hidden_refs": 2})
