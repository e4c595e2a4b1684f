"""A checklist as a playbook that other tools read: OASIS CACAO Security Playbooks, version 2.0.

Source: OASIS, "CACAO Security Playbooks Version 2.0" (Committee Specification 01, 27 November 2023)
and its JSON schemas (oasis-open/cacao-json-schemas). Every step is a `manual` command: a person does
it, and breachkit's own command line stands in it where there is one.
"""

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import rfc8785


TLP = Literal["TLP:RED", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:GREEN", "TLP:CLEAR"]

_NAMESPACE = uuid.UUID("aa7caf3a-d55a-4e9a-b34e-056215fba56a")
"""For playbooks whose UUID is of version 5 (section 10.10)."""

_TYPES = ["remediation", "notification"]
_ACTIVITY = "eliminate-risk"
"""From `playbook-activity-type-ov`: what every step here works towards."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One item of a checklist, for whoever it is to be done by."""

    id: str
    group: str
    """The letter of its group."""
    text: str
    """Without names of people, places and copies."""
    role: str
    command: str
    """What to type or to look up; empty where the text says all."""
    about: tuple[str, ...] = ()
    """Sentences: when it is due, what shows it done, what waits for it."""
    conditions: tuple[tuple[str, bool], ...] = ()
    """Names of what has to hold, or (False) not to hold, for the item to apply."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What a playbook is made for."""

    name: str
    """Such as `Data breach in a study repository: BK-2026-0007 sapphire-otter`."""
    organisation: str
    created_at: datetime
    modified_at: datetime
    tlp: TLP = "TLP:AMBER+STRICT"


def playbook(
    groups: Sequence[tuple[str, str]], steps: Sequence[Step], origin: Origin
) -> dict[str, Any]:
    """Give a checklist as a CACAO 2.0 playbook in JSON's own types; the same again for the same.

    Groups follow one another as in the checklist. The items of a group may be done in any order and
    at the same time, so each is a branch of its own; one with a condition asks for it first.

    Args:
        groups: Letter and title of each group, in order.
        steps: The items of all groups, in order.
        origin: What the playbook is made for.
    """
    made = _Made(origin)
    full = [(key, title, [step for step in steps if step.group == key]) for key, title in groups]
    full = [each for each in full if each[2]]
    end = made.step("end", "end", {"type": "end"})
    following = end
    for key, title, items in reversed(full):
        following = made.group(key, title, items, following)
    start = made.step("start", "start", {"type": "start", "on_completion": following})
    marking = made.id("marking-tlp", "tlp", origin.tlp)
    return {
        "type": "playbook",
        "spec_version": "cacao-2.0",
        "id": made.playbook_id,
        "name": origin.name,
        "description": _DESCRIPTION,
        "playbook_types": _TYPES,
        "playbook_activities": [_ACTIVITY],
        "playbook_processing_summary": {
            "manual_playbook": True,
            "external_playbooks": False,
            "parallel_processing": any(len(items) > 1 for _, _, items in full),
            "if_logic": bool(made.variables),
            "while_logic": False,
            "switch_logic": False,
            "temporal_logic": False,
            "data_markings": True,
            "digital_signatures": False,
            "countersigned_signatures": False,
            "extensions": False,
        },
        "created_by": made.id("identity", "organisation", origin.organisation),
        "created": _moment(origin.created_at),
        "modified": _moment(max(origin.created_at, origin.modified_at)),
        "markings": [marking],
        **({"playbook_variables": made.variables} if made.variables else {}),
        "workflow_start": start,
        "workflow": made.workflow,
        "agent_definitions": made.agents,
        "data_marking_definitions": {
            marking: {
                "type": "marking-tlp",
                "id": marking,
                "created_by": made.id("identity", "organisation", origin.organisation),
                "created": _moment(origin.created_at),
                "tlpv2_level": origin.tlp,
            }
        },
    }


def cacao_text(groups: Sequence[tuple[str, str]], steps: Sequence[Step], origin: Origin) -> str:
    """Give the playbook as a file; see `playbook`."""
    return json.dumps(playbook(groups, steps, origin), ensure_ascii=False, indent=2) + "\n"


_DESCRIPTION = (
    "What a response to insufficiently redacted research outputs in a git repository does, step by "
    "step. Items of a group may be done in any order and at the same time; what has to be done "
    "before the history is rewritten, access is given back or the case is closed says so."
)


class _Made:
    """Collects the objects of one playbook."""

    def __init__(self, origin: Origin) -> None:
        name = rfc8785.dumps({"name": origin.name, "playbook_types": _TYPES}).decode()
        self.playbook_id = f"playbook--{uuid.uuid5(_NAMESPACE, name)}"
        self.workflow: dict[str, Any] = {}
        self.agents: dict[str, Any] = {}
        self.variables: dict[str, Any] = {}

    def id(self, kind: str, *names: str) -> str:
        """Name an object: the same for the same names in the same playbook.

        Steps must have a UUID of version 4 (section 10.10), so its digits come from a digest.
        """
        digest = hashlib.sha256(rfc8785.dumps([self.playbook_id, kind, *names])).digest()
        return f"{kind}--{uuid.UUID(bytes=digest[:16], version=4)}"

    def step(self, kind: str, name: str, body: Mapping[str, Any]) -> str:
        """Add a step and give its id."""
        step_id = self.id(kind, name)
        self.workflow[step_id] = dict(body)
        return step_id

    def group(self, key: str, title: str, items: Sequence[Step], following: str) -> str:
        """Add a group of items, after which `following` comes; give the id of its first step."""
        if len(items) == 1:
            return self._item(items[0], following)
        branches = [
            self._item(item, self.step("end", f"end {item.id}", {"type": "end"})) for item in items
        ]
        return self.step(
            "parallel",
            f"group {key}",
            {
                "type": "parallel",
                "name": f"{key}: {title}",
                "on_completion": following,
                "next_steps": branches,
            },
        )

    def _item(self, item: Step, following: str) -> str:
        owner = self._agent(item.role)
        action = self.step(
            "action",
            item.id,
            {
                "type": "action",
                "name": f"{item.id}: {item.text}",
                "description": " ".join(item.about) or item.text,
                "owner": owner,
                "on_completion": following,
                "commands": [
                    {
                        "type": "manual",
                        "command": item.command or item.text,
                        "playbook_activity": _ACTIVITY,
                    }
                ],
                "agent": owner,
            },
        )
        if not item.conditions:
            return action
        return self.step(
            "if-condition",
            f"if {item.id}",
            {
                "type": "if-condition",
                "name": f"Does {item.id} apply?",
                "condition": self._condition(item),
                "on_true": action,
                "on_completion": following,
            },
        )

    def _agent(self, role: str) -> str:
        agent = self.id("group", role)
        self.agents[agent] = {"type": "group", "name": role.replace("_", " ")}
        return agent

    def _condition(self, item: Step) -> str:
        """Write a condition as a comparison of variables (section 4.7 and STIX 2.1, section 9)."""
        return " AND ".join(
            f"{self._variable(name)}:value = '{str(wanted).lower()}'"
            for name, wanted in item.conditions
        )

    def _variable(self, condition: str) -> str:
        name = f"__{condition}__"
        self.variables[name] = {
            "type": "bool",
            "description": f"Whether this holds of the case: {condition.replace('_', ' ')}",
            "external": True,
        }
        return name


def _moment(moment: datetime) -> str:
    """Write a moment with exactly three digits of a second (section 10.17)."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"
