"""Which files have to go: by what was found in them, and by name."""

from dataclasses import replace

import pytest

from breachkit.actions.bad_set import EMPTY_BLOB
from breachkit.actions.choice import Files, NothingToRemoveError, Wanted, choose
from breachkit.model.errors import UsageError
from breachkit.model.findings import Location, Severity
from breachkit.model.ids import GitPath
from tests.support.results import finding, hit, object_id


LATIN = b"out/r\xe9gion.csv"
PATHS = (b"out/a.csv", LATIN, b"out/deep/[1].csv", b"back\\slash.csv", b"outer.csv", b"README.md")
IDS = {path: object_id(number) for number, path in enumerate(PATHS)}
SUBMODULE, UNNAMED, MESSAGE = object_id(100), object_id(101), object_id(102)
FILES = Files(
    versions={
        *((GitPath(path), one) for path, one in IDS.items()),
        (GitPath(b"out/a.csv"), object_id(50)),
        (GitPath(b"out/a.csv"), EMPTY_BLOB),
        (GitPath(b"out/module"), SUBMODULE),
    },
    blobs={*IDS.values(), object_id(50), EMPTY_BLOB, UNNAMED},
)


def found(number, one, severity=Severity.HIGH, *, part=None, paths=(b"out/a.csv",)):
    made = finding(
        number, *paths, hit=hit(severity=severity, location=Location(part=part) if part else None)
    )
    return replace(made, object_id=one)


HIGH = found(1, IDS[b"out/a.csv"])
MEDIUM = found(2, IDS[LATIN], Severity.MEDIUM, paths=(LATIN,))
INFO = found(3, IDS[b"outer.csv"], Severity.INFO, paths=(b"outer.csv",))
IN_MESSAGE = found(4, MESSAGE, part="message")
IN_NAME = found(5, IDS[b"README.md"], part="name")
WITHOUT_PATH = found(6, UNNAMED)
ALSO_HIGH = found(7, IDS[b"out/a.csv"], Severity.LOW)
ALL = (HIGH, MEDIUM, INFO, IN_MESSAGE, IN_NAME, WITHOUT_PATH, ALSO_HIGH)


def chosen(*paths, findings=ALL, **wanted):
    return choose(Wanted(paths=paths, **wanted), findings, FILES)


def versions(*paths):
    return {one for path, one in FILES.versions if path in paths} - {EMPTY_BLOB, SUBMODULE}


def test_files_with_a_finding_that_is_bad_enough_are_chosen_also_without_a_path():
    choice = chosen()

    assert choice.blobs == {IDS[b"out/a.csv"], UNNAMED}
    assert choice.findings == (HIGH, WITHOUT_PATH, ALSO_HIGH)
    assert choice.left == (MEDIUM,)
    assert choice.not_files == (IN_MESSAGE, IN_NAME)
    assert choice.unmatched == ()


@pytest.mark.parametrize(
    ("severity", "count"), [(Severity.MEDIUM, 3), (Severity.LOW, 3), (Severity.INFO, 4)]
)
def test_a_lower_severity_chooses_more(severity, count):
    assert len(chosen(severity=severity).blobs) == count


def test_a_finding_that_is_named_is_chosen_whatever_its_severity():
    choice = choose(Wanted(severity=Severity.CRITICAL, findings=("F-0003",)), ALL, FILES)

    assert choice.blobs == {IDS[b"outer.csv"]}
    assert choice.left == (HIGH, MEDIUM, WITHOUT_PATH, ALSO_HIGH)


def test_a_finding_judged_harmless_keeps_its_file_unless_another_chooses_it():
    choice = chosen(exclude=("F-0001", "F-0006"), reason="seen", severity=Severity.MEDIUM)
    assert choice.blobs == {IDS[LATIN]}
    assert choice.left == (HIGH, WITHOUT_PATH, ALSO_HIGH)

    choice = chosen(exclude=("F-0001",), reason="seen", severity=Severity.LOW)
    assert IDS[b"out/a.csv"] in choice.blobs


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (Wanted(exclude=("F-0001",)), "--reason"),
        (Wanted(exclude=("F-0001",), reason="  "), "--reason"),
        (Wanted(exclude=("F-9999",), reason="why"), "no finding F-9999:"),
        (Wanted(findings=("F-9999", "F-9998")), "no finding F-9998, F-9999:"),
        (Wanted(findings=("F-0001",), exclude=("F-0001",), reason="why"), "F-0001 is both"),
        (Wanted(findings=("F-0001", "F-0004")), "F-0004 is in a message or a name"),
        (Wanted(findings=("F-0005",)), "F-0005 is in a message or a name"),
        (Wanted(paths=(b"none\xff.csv", b"out/a.csv")), r"no commit has none\\xff.csv: "),
        (Wanted(paths=(b"out",)), "a folder with / at its end"),
        (Wanted(paths=(b"",)), "no commit has"),
        (Wanted(paths=(b"out/module",)), "no commit has out/module"),
    ],
)
def test_what_is_named_and_makes_no_sense_is_refused(wanted, message):
    with pytest.raises(UsageError, match=message):
        choose(wanted, ALL, FILES)


@pytest.mark.parametrize(
    ("name", "paths"),
    [
        (b"out/a.csv", {b"out/a.csv"}),
        (b"out/", {b"out/a.csv", LATIN, b"out/deep/[1].csv"}),
        (b"out/*.csv", {b"out/a.csv", LATIN, b"out/deep/[1].csv"}),
        (b"out/?.csv", {b"out/a.csv"}),
        (b"OUT/*", set()),
        (b"out/deep/[1].csv", {b"out/deep/[1].csv"}),
        (LATIN, {LATIN}),
        (b"out/r\xe9*", {LATIN}),
        (b"out/r?gion.csv", {LATIN}),
        (b"back\\slash.csv", {b"back\\slash.csv"}),
    ],
)
def test_every_version_of_a_file_named_by_path_folder_or_pattern_is_chosen(name, paths):
    if not paths:
        with pytest.raises(UsageError):
            chosen(name)
        return
    assert chosen(name, findings=()).blobs == versions(*paths)


@pytest.mark.parametrize(
    ("reported", "paths"),
    [
        ("out/a.csv", {b"out/a.csv"}),
        ("out/r\\xe9gion.csv", {LATIN}),
        ("back\\\\slash.csv", {b"back\\slash.csv"}),
        ("out/deep/", {b"out/deep/[1].csv"}),
        ("*.md", {b"README.md"}),
    ],
)
def test_a_file_that_was_reported_is_named_as_it_is_shown(reported, paths):
    choice = choose(Wanted(reported=(reported,)), (), FILES)

    assert choice.blobs == versions(*paths)
    assert choice.unmatched == ()


def test_a_reported_file_that_no_commit_has_is_said_and_stops_nothing():
    assert chosen(reported=("none.csv", "out/a.csv")).unmatched == ("none.csv",)


def test_the_empty_file_is_never_chosen():
    empty = found(1, EMPTY_BLOB)

    choice = choose(Wanted(), (HIGH, empty), FILES)
    assert choice.blobs == {IDS[b"out/a.csv"]}
    assert choice.left == (empty,)
    with pytest.raises(NothingToRemoveError, match="no finding is high or worse"):
        choose(Wanted(), (empty,), FILES)


def test_nothing_chosen_says_how_to_name_files():
    with pytest.raises(NothingToRemoveError, match="no finding is critical or worse"):
        chosen(severity=Severity.CRITICAL)


def test_findings_that_are_only_in_messages_and_names_are_told_from_none():
    with pytest.raises(NothingToRemoveError, match="but 2 in messages or names"):
        choose(Wanted(), (IN_MESSAGE, IN_NAME, MEDIUM), FILES)
