"""Which branch protections and rulesets stand in the way of a push, how little lifts them, and the way back.

A protection gives way switch by switch, so that everything else of it stays in force and in place; a
ruleset is switched off and never deleted, with its whole content sent both times. Source: GitHub's
"About protected branches" (force pushes and deletions are refused to everybody, administrators too;
whatever else it asks for spares administrators unless it says otherwise) and "Available rules for
rulesets".
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from breachkit.actions.hosting import Answered, HostedRepository, Reading, Topic, Write, WriteKind
from breachkit.actions.protection_body import put_body
from breachkit.actions.ref_patterns import is_exact, matches
from breachkit.actions.rewritten import RefChange
from breachkit.model.ids import RefName


NEEDED = (Topic.RULES, Topic.RULESETS, Topic.PROTECTIONS)
"""What has to be read; the last is for putting back what somebody deletes meanwhile."""

Readings = Mapping[Topic, Reading]
Kind = Literal["protection", "ruleset"]
Whom = Literal["", "administrator", "organisation owner", "enterprise owner"]
"""Who can lift it where this account cannot; empty where it can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hurdle:
    """One rule that refuses some of the refs to be pushed."""

    kind: Kind
    name: str
    """The pattern of a protection, which most often is a branch; the name of a ruleset."""
    refs: tuple[RefName, ...]
    """What it stands before."""
    does: tuple[str, ...]
    """What lifting it means, in words; for who has to be asked, too."""
    lift: Write | None = None
    """None where this account cannot lift it."""
    back: Write | None = None
    again: Write | None = None
    """Protects a branch anew, should somebody have deleted the protection meanwhile."""
    whom: Whom = ""
    why: str = ""
    """Why this account cannot lift it."""

    @property
    def can_be_lifted(self) -> bool:
        """Whether this account can lift it and put it back."""
        return self.lift is not None and self.back is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What stands in the way of a push."""

    hurdles: tuple[Hurdle, ...] = ()
    unread: tuple[str, ...] = ()
    """What could not be read, and why: there may be more in the way."""

    @property
    def liftable(self) -> tuple[Hurdle, ...]:
        """What this account can lift."""
        return tuple(each for each in self.hurdles if each.can_be_lifted)

    @property
    def firm(self) -> tuple[Hurdle, ...]:
        """What somebody else has to lift."""
        return tuple(each for each in self.hurdles if not each.can_be_lifted)


def survey(
    changes: Sequence[RefChange], readings: Readings, repository: HostedRepository, login: str
) -> Survey:
    """Say what stands in the way of some changes, for one account.

    Args:
        changes: Refs that are to be moved or deleted.
        readings: Of the topics in `NEEDED`.
        repository: As that account sees it.
        login: Of the account, which pushes as well.
    """
    unread = [
        f"{_WORDS[topic]}: {readings[topic].reason}"
        for topic in (Topic.RULES, Topic.RULESETS)
        if readings[topic].answered is not Answered.COMPLETE
    ]
    hurdles = [
        *_protections(changes, readings, login),
        *_rulesets(changes, readings[Topic.RULESETS], repository),
    ]
    return Survey(hurdles=tuple(hurdles), unread=tuple(unread))


_WORDS = {Topic.RULES: "the branch protections", Topic.RULESETS: "the rulesets"}


# --- branch protections ---------------------------------------------------------------------

_RESTRAINS = (
    "requiresApprovingReviews",
    "requiresStatusChecks",
    "requiresCommitSignatures",
    "requiresLinearHistory",
    "requiresDeployments",
    "restrictsPushes",
)
"""What no rewritten history fulfils, and what spares administrators unless it is enforced for them."""

_DOES = {
    "allowsForcePushes": "takes force pushes",
    "allowsDeletions": "lets branches be deleted",
    "isAdminEnforced": "spares administrators",
    "lockBranch": "is not locked",
}


def _protections(changes: Sequence[RefChange], readings: Readings, login: str) -> Iterator[Hurdle]:
    shapes = {one["branch"]: one for one in readings[Topic.PROTECTIONS].items}
    for rule in readings[Topic.RULES].items:
        names = {
            b"refs/heads/" + name.encode("utf-8", "surrogatepass") for name in rule["branches"]
        }
        touched = [change for change in changes if change.name in names]
        if touched and "id" in rule:
            yield from _of_rule(rule, touched, login, shapes)
        elif touched and _refuses_viewer(rule["viewer"], touched):
            yield _asked_for(rule, touched)


def _of_rule(
    rule: Mapping[str, Any],
    touched: Sequence[RefChange],
    login: str,
    shapes: Mapping[str, Mapping[str, Any]],
) -> Iterator[Hurdle]:
    values = dict(_values(rule, touched, login))
    if not values:
        return
    back: dict[str, Any] = {name: rule[name] for name in values}
    pushers = _actors(rule, "bypassForcePushAllowances")
    if "allowsForcePushes" in values and pushers:
        back["bypassForcePushActorIds"] = [one["id"] for one in pushers]
    yield Hurdle(
        kind="protection",
        name=rule["pattern"],
        refs=_names(touched),
        does=tuple(_DOES[name] for name in values),
        lift=_set_rule(rule, values),
        back=_set_rule(rule, back),
        again=_again(rule["pattern"], shapes),
    )


def _values(
    rule: Mapping[str, Any], touched: Sequence[RefChange], login: str
) -> Iterator[tuple[str, bool]]:
    """Give the switches that have to be thrown, and to what."""
    forces = any(change.new is not None for change in touched)
    if forces and not rule["allowsForcePushes"] and not _may_force(rule, login):
        yield "allowsForcePushes", True
    if any(change.new is None for change in touched) and not rule["allowsDeletions"]:
        yield "allowsDeletions", True
    if rule["isAdminEnforced"] and any(rule[name] for name in _RESTRAINS):
        yield "isAdminEnforced", False
    if rule["lockBranch"]:
        yield "lockBranch", False


def _may_force(rule: Mapping[str, Any], login: str) -> bool:
    pushers = _actors(rule, "bypassForcePushAllowances")
    return login.lower() in {str(one.get("login", "")).lower() for one in pushers}


def _actors(rule: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    return [one["actor"] for one in rule[name]["nodes"] if one.get("actor")]


def _set_rule(rule: Mapping[str, Any], values: Mapping[str, Any]) -> Write:
    return Write(kind=WriteKind.SET_RULE, detail={"id": rule["id"], "values": dict(values)})


def _again(pattern: str, shapes: Mapping[str, Mapping[str, Any]]) -> Write | None:
    """Give what protects a branch anew; REST cannot make a rule with a pattern."""
    if not is_exact(pattern) or pattern not in shapes:
        return None
    shown = shapes[pattern]
    detail = {
        "branch": pattern,
        "protection": put_body(shown["protection"]),
        "required_signatures": shown["required_signatures"],
    }
    return Write(kind=WriteKind.PUT_PROTECTION, detail=detail)


def _refuses_viewer(viewer: Mapping[str, Any], touched: Sequence[RefChange]) -> bool:
    """Say whether a rule refuses an account that does not administer the repository."""
    forces = any(change.new is not None for change in touched)
    deletes = any(change.new is None for change in touched)
    return bool(
        not viewer["viewerCanPush"]
        or (forces and not viewer["allowsForcePushes"])
        or (deletes and not viewer["allowsDeletions"])
        or viewer["requiresLinearHistory"]
        or viewer["requiresSignatures"]
    )


def _asked_for(rule: Mapping[str, Any], touched: Sequence[RefChange]) -> Hurdle:
    return Hurdle(
        kind="protection",
        name=rule["pattern"],
        refs=_names(touched),
        does=(_DOES["allowsForcePushes"], _DOES["isAdminEnforced"]),
        whom="administrator",
        why="this account does not administer the repository",
    )


# --- rulesets -------------------------------------------------------------------------------

RULESET_FIELDS = ("name", "target", "enforcement", "bypass_actors", "conditions", "rules")
"""What a ruleset is written with; the rest of what is read says where it comes from."""

_HARMLESS = frozenset({"creation", "copilot_code_review"})
"""Rules that refuse neither an update nor a deletion."""

_OWNERS: Mapping[str, Whom] = {
    "Organization": "organisation owner",
    "Enterprise": "enterprise owner",
}


def _rulesets(
    changes: Sequence[RefChange], reading: Reading, repository: HostedRepository
) -> Iterator[Hurdle]:
    for one in reading.items:
        passes = one.get("current_user_can_bypass") in {"always", "exempt"}
        if one.get("enforcement") == "active" and not passes:
            touched = [each for each in changes if _stops(one, each, repository.default_branch)]
            if touched:
                yield _of_ruleset(one, touched, repository)


def _of_ruleset(
    one: Mapping[str, Any], touched: Sequence[RefChange], repository: HostedRepository
) -> Hurdle:
    whom, why = _lifter(one, repository)
    whole = {name: one[name] for name in RULESET_FIELDS if one.get(name) is not None}
    return Hurdle(
        kind="ruleset",
        name=one["name"],
        refs=_names(touched),
        does=("is off",),
        lift=None if whom else _set_ruleset(one, {**whole, "enforcement": "disabled"}),
        back=None if whom else _set_ruleset(one, whole),
        whom=whom,
        why=why,
    )


def _lifter(one: Mapping[str, Any], repository: HostedRepository) -> tuple[Whom, str]:
    """Say who has to be asked to lift a ruleset, and why; nothing where this account can."""
    owner = _OWNERS.get(one.get("source_type", ""))
    if owner is not None:
        return owner, "it holds for more than this repository"
    if not repository.is_admin:
        return "administrator", "this account does not administer the repository"
    if "bypass_actors" not in one:
        return "administrator", (
            "GitHub does not show this account who may bypass it, so that it could not be put back "
            "as it was"
        )
    return "", ""


def _set_ruleset(one: Mapping[str, Any], body: Mapping[str, Any]) -> Write:
    return Write(kind=WriteKind.SET_RULESET, detail={"id": one["id"], "body": dict(body)})


def _stops(one: Mapping[str, Any], change: RefChange, default_branch: str) -> bool:
    """Say whether a ruleset in force refuses a change; kinds of rules that are not known are taken to."""
    kinds = {rule["type"] for rule in one.get("rules") or ()} - _HARMLESS
    if change.new is None:
        return "deletion" in kinds and _covers(one, change.name, default_branch)
    return bool(kinds - {"deletion"}) and _covers(one, change.name, default_branch)


_NAMESPACES = {"branch": "refs/heads/", "tag": "refs/tags/", "push": "refs/"}


def _covers(one: Mapping[str, Any], ref: RefName, default_branch: str) -> bool:
    target = one.get("target") or "branch"
    name = ref.decode("utf-8", "surrogateescape")
    if not name.startswith(_NAMESPACES.get(target, "refs/")):
        return False
    if target == "push":  # it looks at the files of every push, whatever is pushed to
        return True
    about = (one.get("conditions") or {}).get("ref_name") or {}
    included = about.get("include") or ()
    excluded = about.get("exclude") or ()
    meets = lambda pattern: _meets(pattern, name, default_branch)  # noqa: E731 - used twice, right here
    return any(map(meets, included)) and not any(map(meets, excluded))


def _meets(pattern: str, name: str, default_branch: str) -> bool:
    if pattern == "~DEFAULT_BRANCH":
        return name == f"refs/heads/{default_branch}"
    return pattern == "~ALL" or matches(pattern, name)


def _names(changes: Sequence[RefChange]) -> tuple[RefName, ...]:
    return tuple(sorted(change.name for change in changes))
