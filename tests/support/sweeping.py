"""Sweeps of small repositories, for tests."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from breachkit.actions.sweeping import Target, Targets
from breachkit.report import sweep_json
from breachkit.workflows.playbooks import load_policies
from breachkit.workflows.sweep import SweepSettings, sweep
from breachkit.workflows.sweep_one import do_errand
from breachkit.workflows.sweep_processes import in_processes
from tests.support.cases import HandClock
from tests.support.command_line import SMALL_COUNTS
from tests.support.gitrepo import History


class Seen:
    """Keeps what a sweep says on its way."""

    def __init__(self) -> None:
        self.repositories = 0
        self.before = 0
        self.order: list[str] = []
        self.settled: list[str] = []
        self.told: list[tuple[str, int, int]] = []

    def start(self, repositories: int, done: int) -> None:
        self.repositories, self.before = repositories, done

    def begin(self, name: str) -> None:
        self.order.append(name)

    def progress(self, name: str, done: int, every: int) -> None:
        self.told.append((name, done, every))

    def done(self, swept) -> None:
        self.settled.append(swept.outcome.name)


class Sweeper:
    """Sweeps local repositories, again and again."""

    def __init__(self, tmp_path: Path) -> None:
        self.folder = tmp_path / "sweeps"
        self.place = tmp_path / "repositories"
        self.place.mkdir()
        self.clock = HandClock()
        self.seen = Seen()
        self.work = do_errand

    def repository(self, name: str, *commits: Mapping[bytes, bytes | None]) -> Path:
        history = History()
        for changes in commits or (
            {b"released_outputs/t.csv": SMALL_COUNTS + name.encode() + b",99\n"},
        ):
            history.commit(changes)
        path = self.place / name
        if path.exists():
            import shutil

            shutil.rmtree(path)
        return history.build(path)

    def targets(self, *, remote: bool = False) -> Targets:
        return Targets(
            name="tests",
            repositories=tuple(
                Target(
                    key=each.name,
                    name=each.name,
                    url=f"file://{each}" if remote else str(each),
                    is_remote=remote,
                )
                for each in sorted(self.place.iterdir())
            ),
        )

    def __call__(self, *, workers: int = 1, targets: Targets | None = None, **settings):
        self.seen = Seen()
        self.clock.move(hours=24)
        return sweep(
            targets or self.targets(),
            SweepSettings(policies=load_policies(), **settings),
            folder=self.folder,
            clock=self.clock,
            run=in_processes(workers, self.work),
            watch=self.seen,
        )


def standings(result) -> dict[str, str]:
    return {one.outcome.name: one.outcome.standing.value for one in result.sweep.repositories}


def reasons(result) -> dict[str, str]:
    return {one.outcome.name: one.outcome.reason for one in result.sweep.repositories}


def lives(result, *wanted) -> dict[str, int]:
    return {
        one.outcome.name: len(one.of(*wanted))
        for one in result.sweep.repositories
        if one.of(*wanted)
    }


def without_times(result) -> dict[str, Any]:
    """Give a result as JSON without what two sweeps of the same repositories differ in."""
    data = sweep_json.to_json(result.sweep, tool_version="1")
    del data["took"]
    for one in data["repositories"]:
        del one["took"]
        one["findings"] = [
            {key: value for key, value in each.items() if key not in {"since", "last", "mark"}}
            for each in sorted(one["findings"], key=lambda each: (each["path"], each["rule"]))
        ]
    return data
