"""The same errands on a real Dask cluster: the same result, whoever dies on the way."""

import functools
import os
import signal
import time
from pathlib import Path

import pytest

from breachkit.actions.sweep_due import Purpose
from breachkit.actions.sweeping import Life
from breachkit.model.errors import ConfigurationError
from breachkit.model.findings import Severity
from breachkit.store.sweep_due import DueStore
from breachkit.workflows.playbooks import load_policies
from breachkit.workflows.sweep import SweepSettings, sweep
from breachkit.workflows.sweep_dask import NoClusterError, on_cluster
from breachkit.workflows.sweep_one import do_errand
from breachkit.workflows.sweep_processes import in_processes
from tests.support.command_line import SAFE_COUNTS, SMALL_COUNTS
from tests.support.sweeping import Seen, Sweeper, lives, standings, without_times


distributed = pytest.importorskip("distributed")
OUTPUT = b"released_outputs/t.csv"


@pytest.fixture(scope="module")
def cluster():
    """A scheduler and two workers, each a process of its own with a nanny that replaces it."""
    with distributed.LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        host="127.0.0.1",
        dashboard_address=None,
        silence_logs=100,
    ) as made:
        made.wait_for_workers(2)
        yield made


@pytest.fixture
def sweeper(tmp_path):
    made = Sweeper(tmp_path)
    for number in range(6):
        made.repository(f"r{number}", {OUTPUT: SMALL_COUNTS if number % 2 else SAFE_COUNTS})
    return made


def swept(sweeper, folder, run):
    return sweep(
        sweeper.targets(),
        SweepSettings(policies=load_policies()),
        folder=folder,
        clock=sweeper.clock,
        run=run,
        watch=Seen(),
    )


def killing(marker, errand, clock, tell):
    """End the worker's process the first time that an errand comes to it."""
    if errand.name == "r3" and not marker.exists():
        marker.touch()
        time.sleep(0.2)
        os.kill(os.getpid(), signal.SIGKILL)
    return do_errand(errand, clock, tell)


def test_the_result_is_that_of_this_machine_byte_for_byte(sweeper, cluster, tmp_path):
    here = swept(sweeper, tmp_path / "here", in_processes(2, do_errand))
    there = swept(sweeper, tmp_path / "there", on_cluster(cluster.scheduler_address, do_errand))

    assert without_times(here) == without_times(there)
    assert lives(there, Life.NEW) == {"r1": 1, "r3": 1, "r5": 1}


def test_a_worker_that_is_killed_on_the_way_changes_nothing(sweeper, cluster, tmp_path):
    work = functools.partial(killing, tmp_path / "killed")
    there = swept(sweeper, tmp_path / "there", on_cluster(cluster.scheduler_address, work))

    assert (tmp_path / "killed").exists()
    assert set(standings(there).values()) == {"scanned"}
    assert without_times(there) == without_times(
        swept(sweeper, tmp_path / "here", in_processes(1, do_errand))
    )


def test_what_was_rewritten_away_is_gone_there_too_although_something_is_never_read(
    sweeper, cluster, tmp_path
):
    never = {b"docs/never.pdf": b"%PDF-1.4 of which nothing can be read"}
    sweeper.repository("r1", never, {OUTPUT: SMALL_COUNTS})
    there = on_cluster(cluster.scheduler_address, do_errand)
    swept(sweeper, tmp_path / "there", there)
    sweeper.repository("r1", never, {OUTPUT: SAFE_COUNTS})
    result = swept(sweeper, tmp_path / "there", there)

    assert lives(result, Life.GONE) == {"r1": 1}
    assert not result.sweep.complete


def test_verdicts_are_kept_where_the_worker_is(sweeper, cluster, tmp_path):
    elsewhere = tmp_path / "of the worker"
    run = on_cluster(cluster.scheduler_address, do_errand, store=elsewhere)
    swept(sweeper, tmp_path / "there", run)

    assert (elsewhere / "verdicts" / "verdicts.sqlite").exists()
    assert not (tmp_path / "there" / "verdicts").exists()


def test_where_no_scheduler_answers_it_is_said_what_to_do(sweeper, tmp_path, monkeypatch):
    monkeypatch.setattr("breachkit.workflows.sweep_dask._CONNECT_SECONDS", 0.5)
    with pytest.raises(NoClusterError, match="check the address"):
        swept(sweeper, tmp_path / "there", on_cluster("tcp://127.0.0.1:9", do_errand))


def test_without_the_library_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    with pytest.raises(ConfigurationError, match=r"breachkit\[dask\]"):
        on_cluster("tcp://127.0.0.1:9", do_errand, store=Path("/x"))


def test_what_is_owed_for_what_is_new_is_the_same_whoever_did_the_errands(
    sweeper, cluster, tmp_path
):
    def owed(folder, run):
        settings = SweepSettings(
            policies=load_policies(), owed={Purpose.MAIL: Severity.HIGH, Purpose.CASE: Severity.LOW}
        )
        made = sweep(
            sweeper.targets(),
            settings,
            folder=folder,
            clock=sweeper.clock,
            run=run,
            watch=Seen(),
        )
        store = DueStore(folder)
        try:
            return [
                (purpose, each.name, each.url, each.seen.path, each.found_at)
                for purpose in Purpose
                for each in store.due(made.sweep.target, purpose)
            ]
        finally:
            store.close()

    here = owed(tmp_path / "here", in_processes(2, do_errand))
    there = owed(tmp_path / "there", on_cluster(cluster.scheduler_address, do_errand))

    assert here == there
    assert [name for purpose, name, *_ in here if purpose is Purpose.MAIL] == ["r1", "r3", "r5"]
