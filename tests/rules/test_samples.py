"""Every rule against its samples, which are found by looking.

`tests/rules/<rule id>/positive/*` must be found by the rule, `negative/*` must not. Beside a sample
may lie `<sample>.toml`:

    kind = "blob"           # or "message", or "name" (the sample's first line is the path)
    paths = ["..."]         # default: released_outputs/<sample>
    date = 2021-03-01       # of the first commit; chooses the policy
    policy = "strict"       # instead of the one of the date
    size = 17_000_000       # in bytes, instead of the real one
    severity, confidence, rows, columns, cells, part     # what a positive sample must give

A sample called `*.history.toml` is a history: `[[commit]]` with `subject`, `files` (path to content),
`delete` (paths), `release` (whether its message has the trailer of the release tool) and `day`.
"""

import tomllib
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from breachkit.detect.engine import examine, examine_message, examine_name
from breachkit.detect.registry import ALL_RULES, HISTORY_RULES, rule_by_id
from breachkit.model.findings import Hit
from breachkit.model.ids import GitPath
from tests.support.judging import Past, context_of


HERE = Path(__file__).parent
RULE_IDS = [rule.about.id for rule in ALL_RULES]


def samples(verdict: str) -> list[Any]:
    return [
        pytest.param(rule_id, sample, id=f"{rule_id}-{sample.name}")
        for rule_id in RULE_IDS
        for sample in _files(rule_id, verdict)
    ]


def _files(rule_id: str, verdict: str) -> list[Path]:
    folder = HERE / rule_id.lower() / verdict
    return sorted(
        path
        for path in (folder.iterdir() if folder.is_dir() else ())
        if path.suffix != ".toml" or path.name.endswith(".history.toml")
    )


def _told(sample: Path) -> dict[str, Any]:
    sidecar = sample.with_name(sample.name + ".toml")
    return tomllib.loads(sidecar.read_text("utf-8")) if sidecar.exists() else {}


def hits_of(rule_id: str, sample: Path) -> list[Hit]:
    if sample.name.endswith(".history.toml"):
        return [hit for hit in _history_hits(rule_id, sample) if hit.rule == rule_id]
    return [hit for hit in _object_hits(sample, _told(sample)) if hit.rule == rule_id]


def _object_hits(sample: Path, told: dict[str, Any]) -> Iterable[Hit]:
    content = sample.read_bytes()
    context = context_of(
        *told.get("paths", [f"released_outputs/{sample.name}"]),
        day=told.get("date", date(2021, 3, 1)),
        size=told.get("size", len(content)),
        policy=told.get("policy"),
    )
    match told.get("kind", "blob"):
        case "message":
            return examine_message(content, context).hits
        case "name":
            return examine_name(GitPath(content.splitlines()[0]), context).hits
        case _:
            return examine(content, context, sketch_key=b"any", want_sketch=False).hits


def _history_hits(rule_id: str, sample: Path) -> Iterable[Hit]:
    past = Past()
    told = tomllib.loads(sample.read_text("utf-8"))
    for commit in told["commit"]:
        changes: dict[str, str | None] = dict(commit.get("files", {}))
        changes |= dict.fromkeys(commit.get("delete", ()))
        past.commit(
            commit.get("subject", "change"),
            changes,
            is_release=commit.get("release", False),
            day=commit.get("day"),
        )
        for path, text in commit.get("files", {}).items():
            context = context_of(path, policy=told.get("policy"))
            found = examine(text.encode(), context, sketch_key=b"any", want_sketch=False).hits
            for hit in found:
                past.found(text, hit.severity)
    rule = next(rule for rule in HISTORY_RULES if rule.about.id == rule_id)
    return past.judge(rule, told.get("policy")).values()


@pytest.mark.parametrize("rule_id", RULE_IDS)
def test_every_rule_has_samples_that_it_finds_and_samples_that_it_does_not(rule_id):
    assert _files(rule_id, "positive")
    assert _files(rule_id, "negative")


@pytest.mark.parametrize(("rule_id", "sample"), samples("positive"))
def test_a_positive_sample_is_found(rule_id, sample):
    told = _told(sample)
    hits = hits_of(rule_id, sample)

    assert hits
    hit = max(hits, key=lambda hit: hit.severity)
    for name in ("severity", "confidence"):
        if name in told:
            assert getattr(hit, name).label == told[name]
    for name in ("rows", "columns", "cells", "part"):
        if name in told:
            found = getattr(hit.location, name)
            assert (list(found) if isinstance(found, tuple) else found) == told[name]


@pytest.mark.parametrize(("rule_id", "sample"), samples("negative"))
def test_a_negative_sample_is_not_found(rule_id, sample):
    assert hits_of(rule_id, sample) == []


def test_a_folder_of_samples_belongs_to_a_rule():
    folders = {path.name for path in HERE.iterdir() if path.is_dir() and path.name != "__pycache__"}

    assert folders <= {rule_id.lower() for rule_id in RULE_IDS}


@pytest.mark.parametrize("rule_id", RULE_IDS)
def test_a_rule_is_found_by_its_id_in_any_case(rule_id):
    found = rule_by_id(f" {rule_id.lower()}")

    assert found is not None
    assert found.about.id == rule_id


def test_an_unknown_id_is_no_rule():
    assert rule_by_id("XYZ-99") is None


def test_no_two_rules_share_an_id():
    assert len(set(RULE_IDS)) == len(RULE_IDS)
