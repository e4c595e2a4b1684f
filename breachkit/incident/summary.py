"""`case.json`: the case as it stands, for people and other programs. Always rebuildable."""

from typing import Any

from breachkit.incident.case import Incident
from breachkit.model.time import rfc3339


SCHEMA = "breachkit.case/1"


def to_json(incident: Incident) -> dict[str, Any]:
    """Give a case in JSON's own types; whole numbers only."""
    return {
        "schema": SCHEMA,
        "id": incident.id,
        "codename": incident.codename,
        "kind": incident.kind,
        "target": incident.shown_target,
        "paths": list(incident.paths),
        "found_by": incident.found_by,
        "opened_at": rfc3339(incident.opened_at),
        "discovered_at": rfc3339(incident.discovered_at),
        "aware_at": rfc3339(incident.aware_at),
        "aware_assumed": incident.aware_assumed,
        "draft": incident.is_draft,
        "deadline": rfc3339(incident.deadline),
        "policy": incident.policy,
        "ruleset": dict(incident.ruleset),
        "profile": incident.profile,
        "related": list(incident.related),
        "open": incident.is_open,
        "milestones": {
            str(name): {"at": rfc3339(reached.at), "entry": reached.event}
            for name, reached in incident.milestones.items()
        },
        "past": [
            {
                "milestone": each.milestone,
                "at": rfc3339(each.reached.at),
                "until": rfc3339(each.until),
                "ended_by": each.ended_by,
            }
            for each in incident.past
        ],
        "severity": incident.severity,
        "decisions": {
            each.about: {
                "answer": each.answer,
                "decider": each.decider,
                "at": rfc3339(each.at),
                "entry": each.seq,
            }
            for each in incident.decisions.values()
        },
        "review_due": incident.review_due and incident.review_due.isoformat(),
        "destroy_by": incident.destroy_by and incident.destroy_by.isoformat(),
        "two_person": sorted(incident.two_person),
        "open_intents": [
            {"what": intent.what, "at": rfc3339(intent.at), "entry": intent.event}
            for intent in incident.open_intents
        ],
        "facts": {str(kind): dict(numbers) for kind, numbers in incident.facts.items()},
        "said": dict(incident.said),
        "proof_ok": incident.proof_ok,
        "scope_complete": incident.scope_complete,
        "messages_waiting": list(incident.messages_waiting),
        "overrides": [{"action": a, "guard": g} for a, g in sorted(incident.overrides)],
        "entries": incident.entries,
        "newer_entries": incident.newer_entries,
        "head": incident.head,
        "changed_at": rfc3339(incident.changed_at),
    }
