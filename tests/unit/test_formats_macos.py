"""What macOS leaves in repositories: property lists, and notes of how folders were shown."""

import plistlib
from datetime import datetime
from typing import Any

import pytest

from breachkit.documents.readers import read
from breachkit.documents.table import Table, Text, TextKind, Unreadable
from breachkit.model.ids import GitPath
from tests.support.fuzzing import CANARY


NAIVE = datetime(2026, 3, 6)  # noqa: DTZ001 - the format knows no time zones


def plist(value):
    return plistlib.dumps(value, fmt=plistlib.FMT_BINARY)


def reasons(documents):
    return [found.reason for found in documents if isinstance(found, Unreadable)]


def folder(*names):
    """Give a file laid out as the Finder does: a header, and records of a name and four letters."""
    records = b"".join(
        len(name).to_bytes(4, "big") + name.encode("utf-16-be") + b"Ilocblob\0\0\0\x10"
        for name in names
    )
    return b"\0\0\0\1Bud1\0\0\x10\0\0\0\x08\0" + b"\0" * 20 + records + b"\0" * 64


def test_a_file_that_lies_in_icloud_leaves_its_name_alone():
    placeholder = plist({"NSURLNameKey": "table1.csv", "NSURLFileSizeKey": 12})

    [found] = read(placeholder, [b"output/.table1.csv.icloud"])

    assert isinstance(found, Text)
    assert "table1.csv" in found.text


def test_tables_and_files_in_a_property_list_are_read():
    rows = [{"ageband": "16-39", "n": 1204}, {"ageband": "40-64", "n": 3}]
    found = read(plist({"rows": rows, "file": b"sex,n\nF,1204\nM,3\n"}), [b"a.plist"])

    tables = [one for one in found if isinstance(one, Table)]
    assert [table.header for table in tables] == [("ageband", "n"), ("sex", "n")]
    assert not reasons(found)


def test_values_that_json_does_not_have_are_read_all_the_same():
    found = read(plist({"day": NAIVE, "id": plistlib.UID(7)}), [b"a.plist"])

    assert not reasons(found)


def test_a_property_list_that_is_nested_without_end_is_not_called_read():
    deep: list[Any] = []
    value = deep
    for _ in range(200):
        value.append([])
        value = value[0]

    assert reasons(read(plist(deep), [b"a.plist"])) == ["property list: nested too deep"]
    assert len(reasons(read(b"bplist00" + b"\xd1\x01" * 30, [b"a.plist"]))) == 1


def test_the_names_of_files_that_lay_in_a_folder_are_read():
    [found] = read(folder("output", "Übersicht café.csv", "a" * 200), [b".DS_Store"])

    assert isinstance(found, Text)
    assert found.kind is TextKind.HIDDEN
    assert {"output", "Übersicht café.csv", "a" * 200} <= set(found.text.splitlines())


@pytest.mark.parametrize("path", [GitPath(b".DS_Store"), GitPath(b"notes")])
def test_notes_about_a_folder_are_known_by_their_bytes(path):
    assert not reasons(read(folder("output"), [path]))


def test_no_reason_tells_a_name():
    broken = plist({CANARY: [CANARY] * 9})[:-20]

    [reason] = reasons(read(broken, [b"a.plist"]))

    assert CANARY not in reason
