"""Does a sweep's errands on a Dask cluster, by the same function as the processes of this machine.

Each worker keeps verdicts and copies in a folder of its own machine; only plain outcomes come back. A worker
that dies costs the errand it was at one more try, elsewhere.
"""

import dataclasses
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from pathlib import Path
from typing import TYPE_CHECKING, Any

from breachkit.actions.sweeping import Errand, Outcome, Standing
from breachkit.model.errors import ConfigurationError, IncompleteError
from breachkit.model.ids import display
from breachkit.model.time import Clock, SystemClock
from breachkit.workflows.sweep_one import nobody


if TYPE_CHECKING:
    from breachkit.workflows.sweep import OnProgress, Runs

_RETRIES = 2
_CONNECT_SECONDS = 20
_AHEAD = 2
"""Errands that wait at the cluster for each that is done there: none of its threads is idle, and whoever
has no more time can still stop."""

Work = Callable[[Errand, Clock, Callable[[int, int], None]], Outcome]


class DaskMissingError(ConfigurationError):
    """The library is not installed."""

    def __init__(self) -> None:
        super().__init__(
            "--dask needs breachkit[dask]: pip install 'breachkit[dask]', here and on every worker"
        )


class NoClusterError(IncompleteError):
    """No scheduler answers, or it has no workers."""


def on_cluster(address: str, work: Work, *, store: Path | None = None) -> "Runs":
    """Do errands on a cluster.

    Args:
        address: Of the scheduler, such as `tcp://10.0.0.5:8786`.
        work: What does an errand; the same version of breachkit has to be on every worker.
        store: Where workers keep verdicts and copies, on their own machines; None for the same path as here.

    Raises:
        DaskMissingError: the library is not installed.
    """
    try:
        import distributed  # noqa: F401 - whether it is there
    except ImportError:
        raise DaskMissingError from None

    def run(
        errands: Iterable[Errand],
        clock: Clock,  # noqa: ARG001 - workers have clocks of their own
        on_progress: "OnProgress",  # noqa: ARG001 - outcomes alone come back from a cluster
    ) -> Iterator[Outcome]:
        with _connected(address) as client:
            yield from _all(client, (_moved(each, store) for each in errands), work)

    return run


def _moved(errand: Errand, store: Path | None) -> Errand:
    """Let an errand keep what it keeps in a folder of the worker's machine."""
    if store is None:
        return errand
    mirror = None if errand.mirror is None else str(store / Path(errand.mirror).name)
    return dataclasses.replace(errand, store=str(store / "verdicts"), mirror=mirror)


def _connected(address: str) -> Any:
    import distributed

    client: Any = distributed.Client
    try:
        return client(address, timeout=_CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError, TypeError) as cause:
        raise NoClusterError(
            f"no Dask scheduler answers at {display(address)}: check the address, and that it runs"
        ) from cause


def _all(client: Any, errands: Iterable[Errand], work: Work) -> Iterator[Outcome]:
    places = sum(client.nthreads().values())
    if not places:
        raise NoClusterError("the Dask scheduler has no workers: start some, and try again")
    executor = client.get_executor(pure=False, retries=_RETRIES)
    waiting = iter(errands)
    at: dict[Future[Outcome], Errand] = {}
    try:
        while True:
            for errand in waiting:
                at[executor.submit(_work, work, errand)] = errand
                if len(at) >= places * _AHEAD:
                    break
            if not at:
                return
            done, _ = wait(at, return_when=FIRST_COMPLETED)
            for future in done:
                yield _outcome(at.pop(future), future)
    finally:
        executor.shutdown(wait=False)


def _work(work: Work, errand: Errand) -> Outcome:
    return work(errand, SystemClock(), nobody)


def _outcome(errand: Errand, future: "Future[Outcome]") -> Outcome:
    try:
        return future.result()
    except Exception as cause:  # noqa: BLE001 - whatever became of a worker is one errand's outcome
        reason = f"the cluster gave no outcome ({type(cause).__name__})"
        return Outcome(key=errand.key, name=errand.name, standing=Standing.FAILED, reason=reason)
