"""No pair of tables hangs a command: what cannot be compared in time is named, and the rest goes on."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest

from breachkit.detect.rules.sup_03 import Subtractable
from breachkit.git import limits
from breachkit.model.ids import GitPath
from breachkit.sdc.sketch import TableSketch
from breachkit.sdc.sketching import sketch
from breachkit.workflows.checking_between import between_files
from breachkit.workflows.checking_files import Looked
from breachkit.workflows.comparisons import TOO_SLOW, Comparisons
from breachkit.workflows.playbooks import load_policies
from breachkit.workflows.redact_recheck import Content, look_at
from breachkit.workflows.remembering import is_unsure
from breachkit.workflows.scan import ScanOptions, scan_target
from tests.support.gitrepo import History, blob_oid
from tests.support.judging import Past, context_of, table_of
from tests.support.responding import Recorded


Tables = TableSketch | Sequence[TableSketch]

SLOW_PATH, OTHER_PATH = b"released_outputs/slow.csv", b"released_outputs/other.csv"
SLOW = b"slow,n\nNorth,31\nSouth,45\n"
OTHER = b"region,n\nNorth,3\nSouth,45\n"
NEVER = 60.0


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SECONDS", 0.3)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let the comparison of a table with a column named slow never end; give what was compared."""
    compared: list[str] = []

    def instead(name: str, honest: Callable[..., object]) -> Callable[..., object]:
        def compare(one: Tables, other: Tables, *rest: object, **named: object) -> object:
            compared.append(name)
            if any("slow" in each.header for each in (*_all(one), *_all(other))):
                until = time.process_time() + NEVER
                while time.process_time() < until:
                    pass
            return honest(one, other, *rest, **named)

        return compare

    for name in ("his_01.hidden_later", "his_02.few_changed", "sup_03.left_over"):
        place = f"breachkit.detect.rules.{name}"
        module, _, function = place.rpartition(".")
        monkeypatch.setattr(place, instead(name, getattr(import_module(module), function)))
    return compared


def _all(one: Tables) -> Sequence[TableSketch]:
    return (one,) if isinstance(one, TableSketch) else one


def test_two_versions_nobody_can_compare_are_named_by_a_scan_and_all_others_are_compared(
    tmp_path: Path, slow: list[str]
) -> None:
    history = History()
    history.commit({SLOW_PATH: SLOW, OTHER_PATH: OTHER})
    history.commit({SLOW_PATH: SLOW.replace(b"31", b"32")})
    history.commit({OTHER_PATH: OTHER.replace(b",3\n", b",[REDACTED]\n")})
    target = history.build(tmp_path / "r.git")

    result = scan_target(str(target), ScanOptions(policies=load_policies()), progress=Recorded())

    versions = {blob_oid(target, SLOW), blob_oid(target, SLOW.replace(b"31", b"32"))}
    assert {each.object_id for each in result.skipped} == versions
    assert {each.reason for each in result.skipped} == {TOO_SLOW}
    assert {each.path for each in result.skipped} == {SLOW_PATH}
    assert result.has_gaps
    assert "HIS-01" in {each.hit.rule for each in result.findings}
    assert {"his_01.hidden_later", "his_02.few_changed"} <= set(slow)
    assert all(map(is_unsure, result.skipped))


def test_tables_of_one_file_nobody_can_subtract_are_tried_once_and_named_in_each_version(
    slow: list[str],
) -> None:
    past = Past()
    past.commit("one", {"output/a.csv": "a", "output/b.csv": "b"})
    blobs = tuple(past.content)
    tables = "slow,n\nF,30\nM,31\n", "slow,n\nF,20\nM,21\n"
    for blob in blobs:
        past.content[blob] = tuple(map(table_of, tables))
    comparing = Comparisons()

    with comparing.limited():
        found = list(Subtractable().check_history(replace(past.view(), comparing=comparing)))

    assert comparing.take_cut() == blobs
    assert (found, slow) == ([], ["sup_03.left_over"])
    assert comparing.take_cut() == ()


def test_a_whole_and_its_part_nobody_can_subtract_are_both_named(slow: list[str]) -> None:
    past = Past()
    tables = {
        "output/deaths_all.csv": "slow,n\nF,30\nM,31\n",
        "output/deaths_male.csv": "slow,n\nF,20\nM,21\n",
    }
    past.commit("one", tables)
    comparing = Comparisons()

    with comparing.limited():
        list(Subtractable().check_history(replace(past.view(), comparing=comparing)))

    assert set(comparing.take_cut()) == set(past.content)
    assert slow == ["sup_03.left_over"]


def test_files_of_a_release_nobody_can_compare_are_named_by_a_check(slow: list[str]) -> None:
    names = GitPath(b"output/deaths_all.csv"), GitPath(b"output/deaths_male.csv")
    texts = "slow,n\nF,30\nM,31\n", "slow,n\nF,20\nM,21\n"
    looked = {
        at: Looked(number=at, sketches=(sketch(table_of(text), b"key"),))
        for at, text in enumerate(texts)
    }

    hits, skipped = between_files(looked, names, lambda at: context_of(names[at].decode()))

    assert (hits, slow) == ([], ["sup_03.left_over"])
    assert {(each.path, each.reason) for each in skipped} == {(name, TOO_SLOW) for name in names}


def test_redacted_files_nobody_can_compare_are_not_called_read(slow: list[str]) -> None:
    policy = load_policies().at(None)
    files = [
        Content(path=GitPath(name), data=data, policy=policy)
        for name, data in (
            (b"deaths_all.csv", b"slow,n\nF,30\nM,31\n"),
            (b"deaths_male.csv", b"slow,n\nF,20\nM,21\n"),
        )
    ]

    assert all(TOO_SLOW in each.unread for each in look_at(files))
    assert slow == ["sup_03.left_over"]
