"""CACAO 2.0 as far as breachkit writes it, derived from the text of the standard: stricter than that.

Source: OASIS, CACAO Security Playbooks Version 2.0, sections 3.1 (playbook), 4 (workflow steps),
5.1 (manual command), 7.3 (group), 9.1 and 9.4 (data markings), 10.10 (identifier), 10.17 (timestamp).
No key is allowed that breachkit does not write.
"""

from typing import Any


_UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
_MOMENT = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"}
_TEXT = {"type": "string", "minLength": 1}


def _id(*kinds: str) -> dict[str, Any]:
    return {"type": "string", "pattern": f"^(?:{'|'.join(kinds)})--{_UUID}$"}


def _object(required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {**required, **(optional or {})},
        "required": list(required),
        "additionalProperties": False,
    }


def _keyed(kinds: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return {
        "type": "object",
        "patternProperties": {f"^{kind}--{_UUID}$": body for kind, body in kinds.items()},
        "additionalProperties": False,
        "minProperties": 1,
    }


_STEP = _id("start", "end", "action", "parallel", "if-condition")
_ACTIVITIES = {"enum": ["eliminate-risk", "step-sequence", "restrict-access", "deliver-content"]}

_STEPS = {
    "start": _object({"type": {"const": "start"}, "on_completion": _STEP}),
    "end": _object({"type": {"const": "end"}}),
    "action": _object(
        {
            "type": {"const": "action"},
            "name": _TEXT,
            "description": _TEXT,
            "owner": _id("group"),
            "on_completion": _STEP,
            "commands": {
                "type": "array",
                "minItems": 1,
                "items": _object(
                    {
                        "type": {"const": "manual"},
                        "command": _TEXT,
                        "playbook_activity": _ACTIVITIES,
                    }
                ),
            },
            "agent": _id("group"),
        }
    ),
    "parallel": _object(
        {
            "type": {"const": "parallel"},
            "name": _TEXT,
            "on_completion": _STEP,
            "next_steps": {"type": "array", "items": _STEP, "minItems": 2, "uniqueItems": True},
        }
    ),
    "if-condition": _object(
        {
            "type": {"const": "if-condition"},
            "name": _TEXT,
            "condition": {
                "type": "string",
                "pattern": r"^__\w+__:value = '(?:true|false)'(?: AND __\w+__:value = '(?:true|false)')*$",
            },
            "on_true": _STEP,
            "on_completion": _STEP,
        }
    ),
}

_SUMMARY = (
    *("manual_playbook", "external_playbooks", "parallel_processing", "if_logic", "while_logic"),
    *("switch_logic", "temporal_logic", "data_markings", "digital_signatures"),
    *("countersigned_signatures", "extensions"),
)

CACAO: dict[str, Any] = _object(
    {
        "type": {"const": "playbook"},
        "spec_version": {"const": "cacao-2.0"},
        "id": _id("playbook"),
        "name": _TEXT,
        "description": _TEXT,
        "playbook_types": {
            "type": "array",
            "items": {"enum": ["remediation", "notification", "mitigation"]},
            "minItems": 1,
        },
        "playbook_activities": {"type": "array", "items": _ACTIVITIES, "minItems": 1},
        "playbook_processing_summary": _object({name: {"type": "boolean"} for name in _SUMMARY}),
        "created_by": _id("identity"),
        "created": _MOMENT,
        "modified": _MOMENT,
        "markings": {"type": "array", "items": _id("marking-tlp"), "minItems": 1},
        "workflow_start": _id("start"),
        "workflow": {**_keyed(_STEPS), "minProperties": 3},
        "agent_definitions": _keyed(
            {"group": _object({"type": {"const": "group"}, "name": _TEXT})}
        ),
        "data_marking_definitions": _keyed(
            {
                "marking-tlp": _object(
                    {
                        "type": {"const": "marking-tlp"},
                        "id": _id("marking-tlp"),
                        "created_by": _id("identity"),
                        "created": _MOMENT,
                        "tlpv2_level": {
                            "enum": [
                                "TLP:RED",
                                "TLP:AMBER",
                                "TLP:AMBER+STRICT",
                                "TLP:GREEN",
                                "TLP:CLEAR",
                            ]
                        },
                    }
                )
            }
        ),
    },
    {
        "playbook_variables": {
            "type": "object",
            "patternProperties": {
                "^__[a-zA-Z_][a-zA-Z0-9_-]{0,199}__$": _object(
                    {"type": {"const": "bool"}, "description": _TEXT, "external": {"const": True}}
                )
            },
            "additionalProperties": False,
            "minProperties": 1,
        }
    },
)
