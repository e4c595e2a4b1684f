"""A rewritten history that waits to be pushed to the stand-in, through every kind of rule."""

import contextlib
import copy
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from breachkit.drill.hub import furnish, gitstore
from breachkit.drill.hub.server import HubServer
from breachkit.git.access import token_settings
from breachkit.github.client import Client
from breachkit.github.hosting import GitHubHosting
from breachkit.incident.events import Event
from breachkit.incident.folder import CaseFolder
from breachkit.model.sensitive import Sensitive
from breachkit.workflows.platform_push import Pushed, Pushing
from tests.support.cases import reopened
from tests.support.command_line import OUTPUT, SMALL_COUNTS
from tests.support.containing import NAME, Naps
from tests.support.responding import on_target
from tests.support.worlds import Small


FORCED = ("main", "release/1", "release/gr\u00fcn", "topic")
"""Branches that are rewritten."""


@dataclass(frozen=True, repr=False)
class Stage:
    """The hub, and a case whose rewrite is proven; what a test changes is set back before the next."""

    small: Small
    server: HubServer
    case: Path
    refs: dict[str, str]
    rules: tuple[Any, ...]

    def reset(self) -> None:
        """Bring the hub back to where it was before any push."""
        study, organisation = self.small.study, self.small.organisation
        gitstore.write_refs(study.git_dir, self.refs)
        kept = copy.deepcopy(self.rules)
        study.protections, study.rulesets, study.rule_numbers, organisation.rulesets = kept
        study.visibility, organisation.plan = "public", "team"
        self.small.world.hub.rejects_whole_pushes = False
        self.server.log.clear()
        self.server.faults.waiting.clear()


def set_up(small: Small, folder: Path, server: HubServer) -> Stage:
    """Furnish the hub, and take a case on it to the proven rewrite."""
    _furnish(small)
    response = on_target(folder, server.git_url(NAME))
    response.scope()
    response.rewrite()
    study = small.study
    kept = study.protections, study.rulesets, study.rule_numbers, small.organisation.rulesets
    return Stage(
        small=small,
        server=server,
        case=response.case.path,
        refs=gitstore.refs(study),
        rules=copy.deepcopy(kept),
    )


def _furnish(small: Small) -> None:
    world, study, hub = small.world, small.study, small.world.hub
    world.branch(study, "clean")
    bad = world.commit(study, {OUTPUT.decode(): SMALL_COUNTS})
    for name in ("release/1", "release/gr\u00fcn", "topic"):
        world.branch(study, name)
    gitstore.set_ref(study, "refs/tags/v1", bad)
    table = gitstore.resolve(study, f"{bad}:{OUTPUT.decode()}")
    gitstore.set_ref(study, "refs/tags/data", table)
    world.commit(study, {"README.md": b"More.\n"})
    pattern = {**furnish.EVERY_PROTECTION, "lock_branch": True, "required_status_checks": None}
    furnish.protect(study, "release/*", **pattern)["force_pushers"] = ["dan"]
    furnish.protect(study, "clean", **furnish.EVERY_PROTECTION)
    study.rulesets.clear()
    furnish.ruleset(hub, study, "keep tags", target="tag", include=["refs/tags/*"])
    furnish.ruleset(hub, study, "no force", rules=["non_fast_forward"])
    furnish.ruleset(hub, study, "elsewhere", include=["refs/heads/none/*"])
    furnish.ruleset(hub, study, "trial", rules=["update"], enforcement="evaluate")
    bypass = {"actor_id": 1, "actor_type": "OrganizationAdmin", "bypass_mode": "always"}
    furnish.ruleset(hub, study, "passed", rules=["update"], include=["~ALL"], bypass=[bypass])


class Scene:
    """One push, of a case of its own."""

    def __init__(self, stage: Stage, folder: Path, token: str | None = None) -> None:
        stage.reset()
        self.stage = stage
        self.small, self.server = stage.small, stage.server
        self.token = token or stage.small.token
        shutil.copytree(stage.case, folder / "case", symlinks=True)
        self.case: CaseFolder = reopened(CaseFolder(folder / "case", stage.small.world.hub.clock))
        self.naps = Naps()

    @contextlib.contextmanager
    def pushing(self, **more: Any) -> Iterator[Pushing]:
        clock = self.small.world.hub.clock
        secret = Sensitive(self.token)
        url = self.server.git_url(NAME)
        with Client(self.server.api, secret, clock, sleep=self.naps) as client:
            yield Pushing(
                case=reopened(self.case),
                hosting=GitHubHosting(client, sleep=self.naps),
                name=NAME,
                clock=clock,
                settings=(token_settings(url, secret), {}),
                sleep=self.naps,
                **more,
            )

    def push(self, **more: Any) -> Pushed:
        override = more.pop("override", None)
        with self.pushing(**more) as doing:
            return doing.execute(override=override)

    @property
    def rules(self) -> tuple[Any, ...]:
        """Everything that protects anything, without when it was changed."""
        study, organisation = self.small.study, self.small.organisation
        return copy.deepcopy((study.protections, _undated(study.rulesets), organisation.rulesets))

    @property
    def rules_before(self) -> tuple[Any, ...]:
        protections, rulesets, _, theirs = self.stage.rules
        return protections, _undated(rulesets), theirs

    @property
    def refs(self) -> dict[str, str]:
        return gitstore.refs(self.small.study)

    def moved(self) -> set[str]:
        """Give the refs that are not as they were."""
        before, now = self.stage.refs, self.refs
        return {name for name in {*before, *now} if before.get(name) != now.get(name)}

    def holds_data(self) -> set[str]:
        """Give the branches and tags that lead to the bad file."""
        table = self.stage.refs["refs/tags/data"]
        own = {name: tip for name, tip in self.refs.items() if not name.startswith("refs/pull/")}
        return {
            name for name, tip in own.items() if gitstore.reaches(self.small.study, [tip], [table])
        }

    def writes(self) -> Sequence[tuple[str, str]]:
        """Give the changes that were carried out, those of git apart."""
        return [
            (each.method, each.path)
            for each in self.server.writes
            if each.template and 200 <= each.status < 300
        ]

    def bodies(self) -> list[tuple[str, str, bytes]]:
        """Give the changes that were carried out, with what they said."""
        return [
            (each.method, each.path, each.body)
            for each in self.server.writes
            if each.template and 200 <= each.status < 300
        ]

    def events(self, kind: str) -> list[Event]:
        return [event for event in self.case.events() if event.kind == kind]


def _undated(rulesets: dict[int, Any]) -> dict[int, Any]:
    return {
        number: {name: value for name, value in one.items() if name != "updated_at"}
        for number, one in rulesets.items()
    }
