"""Scans that know what others found: they read what is new, and say the same."""

import json

import pytest

from tests.support.command_line import OUTPUT, SMALL_COUNTS
from tests.support.gitrepo import History, oid
from tests.support.remembering import Remembering, scanned_with, told


REDACTED = SMALL_COUNTS.replace(b",3\n", b",[REDACTED]\n").replace(b",2\n", b",[REDACTED]\n")
OTHER = b"released_outputs/output/other.csv"
ALL, MEN = b"released_outputs/deaths_all.csv", b"released_outputs/deaths_male.csv"
DEATHS = b"region,deaths\nLondon,%d\nEast,%d\nWest,%d\nNorth,%d\nSouth,480\n"
COUNTS = dict(
    zip(
        "abcdefghijkl",
        (311, 457, 523, 688, 754, 829, 976, 1043, 1172, 1219, 1387, 1406),
        strict=True,
    )
)
OF_WOMEN = {name: count - 3 if name == "a" else count // 2 for name, count in COUNTS.items()}


def a_cell(counts):
    rows = "".join(f"<tr><td>{name}</td><td>{count}</td></tr>" for name, count in counts.items())
    page = f"<table><tr><th>region</th><th>patients</th></tr>{rows}</table>"
    output = {"output_type": "display_data", "metadata": {}, "data": {"text/html": [page]}}
    return {"cell_type": "code", "metadata": {}, "source": [], "outputs": [output]}


NOTEBOOK = {
    "cells": [a_cell(COUNTS), a_cell(OF_WOMEN)],
    "metadata": {},
    "nbformat": 4,
    "nbformat_minor": 5,
}


def history(*more):
    made = History()
    made.commit(
        {b"README.md": b"# A study\n", OUTPUT: SMALL_COUNTS, OTHER: SMALL_COUNTS + b"X,9\n"}
    )
    made.commit({OUTPUT: REDACTED}, message="Redact")
    made.commit({ALL: DEATHS % (40, 150, 260, 370), MEN: DEATHS % (38, 71, 133, 180)})
    made.commit({b"output/n.ipynb": json.dumps(NOTEBOOK).encode()})
    for changes in more:
        made.commit(changes)
    return made


@pytest.fixture
def repository(tmp_path):
    return history().build(tmp_path / "r.git")


def cold(repository):
    return scanned_with(None, repository)


def test_the_second_scan_reads_nothing_and_says_the_same(repository):
    memory = Remembering()
    first, read = scanned_with(memory, repository)
    second, read_again = scanned_with(memory, repository)

    assert told(first) == told(second) == told(cold(repository)[0])
    assert {"CNT-01", "HIS-01", "SUP-03"} <= {each.hit.rule for each in first.findings}
    assert [each.attribution.paths[0] for each in first.findings if each.hit.rule == "SUP-03"] == [
        MEN,
        b"output/n.ipynb",
    ]
    assert read > read_again == 0
    assert second.coverage.objects["blob"].cached == first.coverage.objects["blob"].read
    assert second.coverage.objects["blob"].read == second.stats.blobs_examined == 0


@pytest.mark.parametrize(
    "new",
    [
        {OUTPUT: SMALL_COUNTS + b"new,77\n"},
        {OTHER: REDACTED},
        {
            b"released_outputs/deaths_female.csv": b"region,deaths\nLondon,2\nEast,9\nWest,9\nNorth,9\n"
        },
        {b"moved.csv": REDACTED, OUTPUT: None},
        {b"new.py": b"print(1)\n"},
    ],
)
def test_after_one_more_commit_only_what_it_touches_is_read(tmp_path, repository, new):
    memory = Remembering()
    scanned_with(memory, repository)
    grown = history(new).build(tmp_path / "grown.git")
    after, read = scanned_with(memory, grown)

    assert told(after) == told(cold(grown)[0])
    assert read <= 1 + 4  # the commit, and the files compared with what is new


def test_a_file_shared_by_two_repositories_is_read_once(tmp_path, repository):
    memory = Remembering()
    scanned_with(memory, repository)
    fork = history({b"ours.md": b"ours\n"}).build(tmp_path / "fork.git")

    assert scanned_with(memory, fork)[1] == 2  # its commit, and the file


def test_other_rules_another_policy_and_another_name_are_looked_at_anew(tmp_path, repository):
    memory = Remembering()
    scanned_with(memory, repository)
    memory.rules = b"rules of tomorrow"
    everything = cold(repository)[1]
    assert scanned_with(memory, repository)[1] == everything
    strict, read = scanned_with(memory, repository, policy="strict")
    assert read == everything
    assert told(strict) != told(scanned_with(memory, repository)[0])


@pytest.mark.parametrize(
    "broken", [b"[", b"[[1],[],[]]", b"[[[1,2,3,4,5]],[],null]", b"\xff", b"{}"]
)
def test_what_was_kept_and_does_not_read_back_is_looked_at_again(repository, broken):
    memory = Remembering()
    scanned_with(memory, repository)
    memory.kept = dict.fromkeys(memory.kept, broken)

    result, read = scanned_with(memory, repository)
    assert told(result) == told(cold(repository)[0])
    assert read == cold(repository)[1]


@pytest.mark.parametrize("every", [2, 3, 5, 7])
def test_what_was_forgotten_is_looked_at_again_and_nothing_is_told_twice(repository, every):
    memory = Remembering()
    scanned_with(memory, repository)
    for key in sorted(memory.kept)[::every]:
        del memory.kept[key]

    assert told(scanned_with(memory, repository)[0]) == told(cold(repository)[0])


def test_nothing_that_is_kept_holds_a_number_of_a_table_or_an_id(repository):
    memory = Remembering()
    scanned_with(memory, repository)
    kept = b"\n".join((*memory.kept, *memory.kept.values()))

    assert not any(count in kept for count in (b"364", b"480", b"1173"))
    assert oid(repository, f"main:{OUTPUT.decode()}").encode() not in kept
    assert b"deaths_male" not in kept


def test_what_took_too_long_is_tried_again(repository, monkeypatch):
    from breachkit.documents.table import Unreadable
    from breachkit.workflows.examining import Examiner

    real = Examiner.outcome

    def slow(self, entry, content, found):
        one = real(self, entry, content, found)
        gap = Unreadable("CSV: takes too long to read")
        return one._replace(unreadable=(gap,)) if content == SMALL_COUNTS else one

    memory = Remembering()
    with monkeypatch.context() as patched:
        patched.setattr(Examiner, "outcome", slow)
        assert not scanned_with(memory, repository)[0].complete
    result, read = scanned_with(memory, repository)
    assert result.complete
    assert read == 2  # it, and the version that it is compared with
    assert told(result) == told(cold(repository)[0])
