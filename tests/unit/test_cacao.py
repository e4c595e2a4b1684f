"""A checklist as a CACAO 2.0 playbook: valid, connected, the same again for the same case."""

import json
import re
import uuid
from datetime import UTC, datetime

import jsonschema
import pytest

from breachkit.report.cacao import Origin, Step, cacao_text, playbook
from tests.support.cacao_schema import CACAO


ORIGIN = Origin(
    name="Response to a data breach: BK-2026-0001 sapphire-otter",
    organisation="generic",
    created_at=datetime(2026, 3, 6, 12, 0, 0, 123_999, tzinfo=UTC),
    modified_at=datetime(2026, 3, 7, 8, 0, tzinfo=UTC),
)
GROUPS = (("A", "First hour"), ("B", "Assess"), ("C", "Nothing here"), ("F", "Close"))
STEPS = (
    Step(id="A01", group="A", text="Write it down", role="discoverer", command="breachkit open X"),
    Step(id="A02", group="A", text="Tell each contact", role="handler", command="", about=("Due 15 minutes after it is known.",)),
    Step(id="B01", group="B", text="Take the pages down", role="admin", command="", conditions=(("has_pages", True), ("near_miss", False))),
    Step(id="F01", group="F", text="Say all clear", role="handler", command="breachkit close"),
)  # fmt: skip

REFERENCES = ("on_completion", "on_true", "on_false", "on_success", "on_failure")


def made(steps=STEPS, **changes):
    return playbook(
        GROUPS, steps, Origin(**{**{k: getattr(ORIGIN, k) for k in ORIGIN.__slots__}, **changes})
    )


def following(step):
    yield from (step[key] for key in REFERENCES if key in step)
    yield from step.get("next_steps", ())


def reached(book):
    seen, todo = set(), [book["workflow_start"]]
    while todo:
        step_id = todo.pop()
        if step_id not in seen:
            seen.add(step_id)
            todo += following(book["workflow"][step_id])
    return seen


def by_kind(book, kind):
    return [step for step in book["workflow"].values() if step["type"] == kind]


@pytest.mark.parametrize("steps", [STEPS, STEPS[:1], STEPS[2:3]])
def test_a_playbook_is_valid_against_the_schema_of_the_standard(steps):
    jsonschema.Draft202012Validator(CACAO).validate(made(steps))


def test_the_schema_refuses_what_the_standard_does():
    validator = jsonschema.Draft202012Validator(CACAO)
    changes: list[dict[str, object]] = [
        {"spec_version": "cacao-1.1"},
        {"created": "2026-03-06T12:00:00Z"},
        {"created": "2026-03-06T12:00:00.123+00:00"},
        {"workflow": {}},
        {"id": "playbook--1"},
        {"color": "red"},
    ]
    for change in changes:
        assert not validator.is_valid({**made(), **change}), change
    for step in by_kind(book := made(), "action"):
        del step["agent"]
        assert not validator.is_valid(book)


def test_every_step_is_reached_and_every_reference_leads_somewhere():
    book = made()

    assert reached(book) == set(book["workflow"])
    for step in book["workflow"].values():
        assert set(following(step)) <= set(book["workflow"])
        for key in ("owner", "agent"):
            assert step.get(key, None) in {None, *book["agent_definitions"]}
    assert set(book["markings"]) == set(book["data_marking_definitions"])


def test_no_way_through_the_playbook_ends_anywhere_but_at_an_end():
    book = made()

    ends = [step for step in book["workflow"].values() if not list(following(step))]
    assert ends
    assert all(step == {"type": "end"} for step in ends)


def test_items_of_a_group_are_branches_and_groups_follow_one_another():
    book = made()

    (group,) = by_kind(book, "parallel")
    assert group["name"] == "A: First hour"
    assert [book["workflow"][each]["name"] for each in group["next_steps"]] == ["A01: Write it down", "A02: Tell each contact"]  # fmt: skip
    asked = book["workflow"][group["on_completion"]]
    assert asked["type"] == "if-condition"
    assert asked["condition"] == "__has_pages__:value = 'true' AND __near_miss__:value = 'false'"
    assert set(book["playbook_variables"]) == {"__has_pages__", "__near_miss__"}
    assert book["workflow"][asked["on_true"]]["name"].startswith("B01")
    assert book["workflow"][asked["on_completion"]]["name"].startswith("F01")
    assert book["playbook_processing_summary"]["if_logic"] is True


def test_each_item_is_a_manual_command_with_its_owner():
    book = made()

    actions = {step["name"].split(":")[0]: step for step in by_kind(book, "action")}
    assert actions["A01"]["commands"][0]["command"] == "breachkit open X"
    assert actions["A02"]["commands"][0]["command"] == "Tell each contact"
    assert actions["A02"]["description"] == "Due 15 minutes after it is known."
    assert book["agent_definitions"][actions["A01"]["owner"]]["name"] == "discoverer"
    assert actions["A02"]["owner"] == actions["F01"]["owner"]
    assert all(step["commands"][0]["type"] == "manual" for step in actions.values())


def test_the_same_case_gives_the_same_bytes_and_another_case_other_ids():
    assert cacao_text(GROUPS, STEPS, ORIGIN) == cacao_text(GROUPS, STEPS, ORIGIN)
    other = made(name="Response to a data breach: BK-2026-0002 amber-heron")
    assert not set(other["workflow"]) & set(made()["workflow"])
    assert other["id"] != made()["id"]


def test_no_uuid_stands_for_two_objects_and_each_has_the_version_that_it_must():
    book = made()
    ids = re.findall(r"[a-z-]+--[0-9a-f-]{36}", json.dumps(book))
    digits = {each[-36:]: each for each in ids}

    assert len(set(ids)) == len(digits)
    for each in set(ids):
        assert uuid.UUID(each[-36:]).version == (5 if each.startswith("playbook--") else 4)


def test_moments_have_three_digits_of_a_second_and_are_never_out_of_order():
    assert made()["created"] == "2026-03-06T12:00:00.123Z"
    assert made(modified_at=datetime(2020, 1, 1, tzinfo=UTC))["modified"] == made()["created"]


def test_a_playbook_is_marked_with_its_label():
    book = made(tlp="TLP:GREEN")

    (marking,) = book["data_marking_definitions"].values()
    assert marking["tlpv2_level"] == "TLP:GREEN"
