"""What a case knows that decides its checklist: conditions, dates, people; nobody is asked."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from breachkit.actions.checklist_dates import months_after
from breachkit.actions.copies import Copy
from breachkit.actions.hosting import Answered, Topic
from breachkit.actions.looks import moment
from breachkit.incident.case import Milestone
from breachkit.incident.events import Event, EventKind
from breachkit.incident.folder import CaseFolder
from breachkit.model.errors import ConfigurationError
from breachkit.model.time import parse_rfc3339
from breachkit.workflows.details import details_of
from breachkit.workflows.purging import is_on_platform
from breachkit.workflows.snapshot import FOLDER


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What the snapshots of a case show; nothing where there is none."""

    counts: Mapping[str, int | None]
    """By topic: how many things any snapshot shows; None where no reading of it was whole and none shows any."""
    repositories: tuple[Mapping[str, Any], ...]
    """The repository as each snapshot has it, oldest first."""
    outsiders: bool | None

    def has(self, *topics: Topic) -> bool | None:
        """Say whether any snapshot shows anything of these topics; None where that is not known."""
        counts = [self.counts.get(str(topic)) for topic in topics]
        if any(counts):
            return True
        return None if None in counts else False


def shown_by_snapshots(case: CaseFolder, events: Sequence[Event]) -> Shown:
    """Read what the snapshots show.

    Raises:
        ConfigurationError: a file of a snapshot is gone, or was altered.
    """
    counts: dict[str, int | None] = {}
    repositories: list[Mapping[str, Any]] = []
    outsiders: bool | None = None
    for event in events:
        if event.known_kind is not EventKind.SNAPSHOT_RECORDED:
            continue
        for line in _manifest(case, event)["topics"]:
            name, whole = line["topic"], line["answered"] in _WHOLE
            found = line["items"] if line["items"] or whole else None
            counts[name] = (
                max(counts.get(name) or 0, found) if found is not None else counts.get(name)
            )
            if name == Topic.REPOSITORY and line["items"]:
                repositories += _items(case, event, line)[:1]
            if name == Topic.COLLABORATORS and (line["items"] or whole):
                people = _items(case, event, line)
                outside = any(each.get("affiliation") == "outside" for each in people)
                outsiders = outsiders or outside or (False if whole else outsiders)
    return Shown(counts=counts, repositories=tuple(repositories), outsiders=outsiders)


_WHOLE = frozenset({Answered.COMPLETE, Answered.ABSENT})


def _manifest(case: CaseFolder, event: Event) -> Mapping[str, Any]:
    name = event.text("file") or ""
    return _checked(case, name, event.text("sha256"))


def _items(case: CaseFolder, event: Event, line: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    name = f"private/{FOLDER}/{event.text('snapshot')}/{line['file']}"
    return list(_checked(case, name, line["sha256"])["items"])


def _checked(case: CaseFolder, name: str, sha256: str | None) -> Mapping[str, Any]:
    content = case.read_file(name)
    if hashlib.sha256(content).hexdigest() != sha256:
        raise ConfigurationError(f"{name} is not what was written: take it from a backup")
    data: Mapping[str, Any] = json.loads(content)
    return data


def conditions(
    case: CaseFolder, register: Sequence[Copy], shown: Shown, months: int | None
) -> dict[str, bool | None]:
    """Say what the case knows about which items apply; None where it does not know.

    Args:
        case: The case.
        register: Its register of copies.
        shown: What its snapshots show.
        months: After how many months a rule makes a private repository public; None where none does.
    """
    incident, known = case.incident, details_of(case)
    places = {copy.place for copy in register if copy.applies == "yes"}
    keys = {copy.key for copy in register}
    searched = any(key.startswith("C01:") and key != "C01:" for key in keys)
    return {
        "on_platform": is_on_platform(incident) or None,
        "public": _was_public(known.visibility, known.public_since, shown),
        "has_forks": bool(places & {"C10", "C11"}) or shown.has(Topic.FORKS),
        "has_pages": shown.has(Topic.PAGES),
        "has_pull_requests": "C02:pull" in keys or shown.has(Topic.PULLS),
        "has_tags": "C01:tags" in keys if searched else None,
        "has_releases": shown.has(Topic.RELEASES),
        "has_actions": shown.has(Topic.RUNS, Topic.ARTIFACTS, Topic.CACHES),
        "has_protection": shown.has(Topic.PROTECTIONS, Topic.RULES, Topic.RULESETS),
        "has_wiki": _has_wiki(shown),
        "has_lfs": known.lfs_orphans,
        "outside_contributors": _outsiders(shown),
        "was_zenodo": _deposited(register),
        "near_miss": incident.kind == "near-miss",
        "has_expiry": any(copy.expires for copy in register),
        "will_be_published": months is not None,
        "restored": incident.has(Milestone.RESTORED),
    }


def _was_public(said: str | None, since: datetime | None, shown: Shown) -> bool | None:
    seen = [str(each.get("visibility")) for each in shown.repositories]
    if since is not None or "public" in seen or (said or "").strip().lower() == "public":
        return True
    return False if said is not None or seen else None


def _has_wiki(shown: Shown) -> bool | None:
    if not shown.repositories:
        return None
    return any(each.get("has_wiki") is True for each in shown.repositories)


def _outsiders(shown: Shown) -> bool | None:
    invited = shown.has(Topic.INVITATIONS)
    if shown.outsiders or invited:
        return True
    return None if None in {shown.outsiders, invited} else False


def _deposited(register: Sequence[Copy]) -> bool | None:
    answers = {copy.applies for copy in register if copy.place == "C43"}
    if "yes" in answers:
        return True
    return False if answers == {"no"} else None


def moments(
    case: CaseFolder, events: Sequence[Event], shown: Shown, months: int | None
) -> dict[str, datetime | None]:
    """Give the moments that dates are counted from; None while there is none."""
    incident = case.incident
    reached = incident.milestones
    return {
        "aware": incident.aware_at,
        "opened": incident.opened_at,
        "closed": reached[Milestone.CLOSED].at if Milestone.CLOSED in reached else None,
        "restored": reached[Milestone.RESTORED].at if Milestone.RESTORED in reached else None,
        "publication": _publication(events, shown, months),
        "destroy_by": _destroy_by(events),
    }


def _publication(events: Sequence[Event], shown: Shown, months: int | None) -> datetime | None:
    """Give when a rule would publish the repository by itself, at the earliest.

    What was private when it was first looked at may have been so since it was made; what we closed
    is private from then on. Source: OpenSAFELY's documentation, "Private repositories will be made
    public after 12 months".
    """
    if months is None or not shown.repositories:
        return None
    first = shown.repositories[0]
    if first.get("visibility") != "public":
        start = moment(first.get("created_at"))
    else:
        closed = [e for e in events if e.known_kind is EventKind.RESTRICT_DONE]
        start = closed[0].at if closed else None
    return months_after(start, months) if start else None


def _destroy_by(events: Sequence[Event]) -> datetime | None:
    for event in reversed(events):
        if event.known_kind is EventKind.BACKUP_DESTROYED:
            return None
        if event.known_kind is EventKind.BACKUP_MADE:
            text = event.text("destroy_by") or ""
            try:
                return parse_rfc3339(text if "T" in text else f"{text}T00:00:00Z")
            except ValueError:
                return None
    return None


def people(case: CaseFolder) -> dict[str, str]:
    """Give who has a role in this case: as people said, and as they decided."""
    known, found = details_of(case), case.incident.found_by
    named = {
        "engineer": known.engineer,
        "handler": known.keeper,
        "discoverer": found,
        **dict(_deciders(case)),
    }
    return {role: name for role, name in named.items() if name}


def _deciders(case: CaseFolder) -> Iterator[tuple[str, str]]:
    """Give who decided as what; the latest of each role."""
    for event in case.events():
        if event.known_kind is EventKind.DECISION and event.text("role") and event.text("decider"):
            yield event.text("role") or "", event.text("decider") or ""
