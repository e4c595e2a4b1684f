"""Replace the server's history by the rewritten one: every ref with a lease, judged one by one."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from breachkit.actions.push import LeaseReport, PushResult, compare_leases, is_platform_ref
from breachkit.actions.rewritten import RefChange, Rewritten
from breachkit.git import push as pushing
from breachkit.git.remote import list_remote
from breachkit.incident.events import EventKind
from breachkit.incident.folder import CaseFolder
from breachkit.incident.states import Action
from breachkit.model.errors import BreachkitError
from breachkit.model.ids import ObjectId, RefName
from breachkit.workflows import case_files
from breachkit.workflows.case import guard_firmly, pass_guard
from breachkit.workflows.watch_refs import keep_for_watching


NO_MANNER = pushing.Manner()


@dataclass(frozen=True, slots=True, kw_only=True)
class PushPlan:
    """What a push would do, and whether the server is still as it was."""

    changes: tuple[RefChange, ...]
    leases: LeaseReport
    already: frozenset[RefName] = frozenset()
    """Refs that stand already where the rewrite puts them: an earlier push moved them."""

    @property
    def pushed(self) -> tuple[RefChange, ...]:
        """Refs that anybody with the right to push can move."""
        return tuple(each for each in self.changes if not is_platform_ref(each.name))

    @property
    def platform(self) -> tuple[RefChange, ...]:
        """Refs that usually only the platform itself can move."""
        return tuple(each for each in self.changes if is_platform_ref(each.name))


def plan(case: CaseFolder, manner: pushing.Manner = NO_MANNER) -> PushPlan:
    """Say what every ref of the server would become; nothing is changed.

    Args:
        case: Whose rewritten history it is.
        manner: How git reaches the server.

    Raises:
        GuardRefusedError: nothing was rewritten, or nothing proves that it is right. What a reason
            can set aside stops no plan.
        AccessError, IncompleteError: the server refused, or could not be reached.
    """
    guard_firmly(case, Action.PUSH)
    with case.lock("push"):
        done = _done(case)
        url = case_files.server_url(case.incident.target)
        server = list_remote(url, extra_env=manner.extra_env)
        made = PushPlan(
            changes=done.changes,
            leases=compare_leases(_leases(done), server.refs, done.changes),
            already=frozenset(
                each.name for each in done.changes if server.refs.get(each.name) == each.new
            ),
        )
        case.record(
            EventKind.PUSH_PLANNED,
            {
                "plan_hmac_sha256": fingerprint(case),
                "refs": len(made.pushed),
                "platform_refs": len(made.platform),
                "moved": len(made.leases.broken),
            },
        )
    return made


def execute(
    case: CaseFolder, *, override: str | None = None, manner: pushing.Manner = NO_MANNER
) -> PushResult:
    """Push every changed ref, all or none, and then try those of the platform.

    Running it again finds what is done already.

    Args:
        case: Whose rewritten history it is.
        override: Why a guard is set aside.
        manner: How git reaches the server, and whether the rest is pushed where some are refused.

    Raises:
        GuardRefusedError: as `plan`, or the contacts have not been told.
        LeaseError: somebody pushed since the mirror was made; nothing was changed.
        PushRejectedError: the server refused refs; nothing was changed.
        UnknownOutcomeError: the connection broke; the push stays begun until it is run again.
    """
    with case.lock("push"):
        pass_guard(case, Action.PUSH, override)
        done = _done(case)
        url = case_files.server_url(case.incident.target)
        case.record(
            EventKind.PUSH_INTENT,
            {"plan_hmac_sha256": fingerprint(case), "refs": len(done.changes)},
        )
        try:
            repository = case.private / case_files.REWRITTEN
            result = pushing.push(url, repository, done, _leases(done), manner)
        except pushing.UnknownOutcomeError:
            raise  # it may have reached the server: no result is what there is to journal
        except BreachkitError as error:
            moved = len(error.refs) if isinstance(error, pushing.LeaseError) else 0
            case.record(EventKind.PUSH_FAILED, {"reason": type(error).__name__, "moved": moved})
            raise
        case_files.save(case, case_files.PUSH, result.to_json())
        if result.complete:
            keep_for_watching(case)
            case.record(EventKind.PUSH_DONE, _numbers(result))
        else:
            refused = len(result.names("refused", "held"))
            more = {"reason": "the server refused refs", "refused": refused, "moved": 0}
            case.record(EventKind.PUSH_FAILED, {**_numbers(result), **more})
    return result


def waiting(case: CaseFolder, manner: pushing.Manner) -> tuple[RefChange, ...]:
    """Give the refs that a push would still move, and find out whether git may push at all.

    Raises:
        LeaseError, AccessError, ConfigurationError, IncompleteError: as `execute`.
    """
    done = _done(case)
    url = case_files.server_url(case.incident.target)
    repository = case.private / case_files.REWRITTEN
    return pushing.look(url, repository, done, _leases(done), manner)


def fingerprint(case: CaseFolder) -> str:
    """Give the keyed digest of the rewrite that would be pushed."""
    return case_files.fingerprint(case, _done(case).plan)


def _done(case: CaseFolder) -> Rewritten:
    return case_files.rewritten_of(case, case_files.load_plan(case))


def _leases(done: Rewritten) -> dict[RefName, ObjectId]:
    """Give what the rewrite started from; the case's mirror may be of a later day."""
    return {ref.name: ref.old for ref in done.refs}


def _numbers(result: PushResult) -> dict[str, Any]:
    states = Counter(each.state for each in result.outcomes)
    return {
        "pushed": states["done"],
        "already": states["already"],
        "hidden_refs": states["platform"],
    }
