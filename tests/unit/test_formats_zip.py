"""Archives: every member is read or said to be unread, whatever the archive claims."""

import io
import time
import tracemalloc
import zipfile
import zlib

import pytest

from breachkit.detect.engine import examine
from breachkit.documents.readers import read
from breachkit.documents.table import Document, Table, Text, TextKind, Unreadable
from tests.support.fuzzing import CANARY, holds
from tests.support.judging import context_of
from tests.support.office import Raw, archive, deflated_zeros, raw_archive, workbook


CSV = b"ageband,n\n16-39,3\n40-64,1204\n65+,846\n"


def tables(documents: tuple[Document, ...]) -> list[Table]:
    return [found for found in documents if isinstance(found, Table) and found.above is None]


def reasons(content: bytes) -> list[str]:
    return [found.reason for found in holds(content, b"x.zip") if isinstance(found, Unreadable)]


def deflated(content: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(content) + packer.flush()


def member(content: bytes = CSV, name: str = f"{CANARY}.csv", **claims: int) -> Raw:
    about = {"size": len(content), "checksum": zlib.crc32(content)} | claims
    return Raw(name=name, data=deflated(content), **about)


def test_every_member_is_read_as_what_it_is_and_named_by_its_number():
    content = archive({"a/": b"", f"a/{CANARY}.csv": CSV, "code.py": b"n = 3\n", "b.txt": CSV})

    documents = holds(content, b"released_outputs/x.zip")

    assert [table.part for table in tables(tuple(documents))] == ["member 1", "member 3"]
    assert Text("n = 3\n", "member 2") in documents
    assert not [found for found in documents if isinstance(found, Unreadable)]


def test_names_of_members_are_read_too():
    [name, _] = holds(archive({"12 deaths.csv": CSV}), b"x.zip")

    assert name == Text("12 deaths.csv", "member 1", TextKind.NAME)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
def test_usual_compressions_are_read(method):
    assert len(tables(read(archive({"a.csv": CSV}, method), (b"x.zip",)))) == 1


def test_an_unusual_compression_is_said_to_be_unread():
    [reason] = reasons(archive({"a.csv": CSV}, zipfile.ZIP_LZMA))

    assert "compressed in a way that is not read" in reason


@pytest.mark.parametrize("depth", [1, 2])
def test_a_count_table_in_an_archive_in_an_archive_is_found(depth):
    content = archive({"counts.csv": CSV})
    for _ in range(depth):
        content = archive({"readme.txt": b"words", f"{CANARY}.zip": content})

    found = examine(
        content, context_of("released_outputs/x.zip"), sketch_key=b"k", want_sketch=False
    )

    [hit] = [hit for hit in found.hits if hit.rule == "CNT-01"]
    assert hit.location is not None
    assert hit.location.part == ", ".join(["member 2"] * depth + ["member 1"])
    assert not found.unreadable
    assert CANARY not in repr((found.hits, found.unreadable))


def test_a_workbook_in_an_archive_is_read():
    parts = [table.part for table in tables(read(archive({"x.xlsx": workbook()}), ()))]

    assert parts == ["member 1, sheet 1", "member 1, sheet 2"]


def test_archives_nested_too_deeply_are_said_to_be_unread():
    content = archive({"counts.csv": CSV})
    for _ in range(6):
        content = archive({"x.zip": content})

    assert reasons(content) == ["files within files, too deep"]


def test_an_archive_written_as_a_stream_is_read():
    class Stream(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def tell(self) -> int:
            raise io.UnsupportedOperation

    into = Stream()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr("a.csv", CSV)
        with opened.open("b.csv", "w", force_zip64=True) as big:
            big.write(CSV)

    assert len(tables(read(into.getvalue(), (b"x.zip",)))) == 2
    assert not reasons(into.getvalue())


def test_a_member_with_a_password_is_said_to_be_unread_and_the_others_are_read():
    content = raw_archive(member(flags=1), member(name="b.csv"))

    assert "encrypted" in reasons(content)[0]
    assert len(tables(read(content, ()))) == 1


def test_a_member_that_is_larger_than_it_claims_is_cut_and_said_to_be():
    content = raw_archive(member(CSV * 9, size=len(CSV)))

    assert reasons(content) == ["zip archive: larger than declared"]
    assert len(tables(read(content, ()))) == 1


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (raw_archive(member(), between=CSV), "belong to no member"),
        (raw_archive(member(), member(), between=b"\0" * 9), "share a name"),
        (raw_archive(member(), member(name="b.csv", offset=0)), "overlap"),
        (raw_archive(member(offset=7)), "not where"),
        (raw_archive(member(offset=1 << 31)), "not where"),
        (raw_archive(member(checksum=1)), "checksum"),
        (raw_archive(member(size=len(CSV) + 1)), "smaller than declared"),
        (raw_archive(Raw(name="a.csv", data=deflated(CSV)[:-4], size=len(CSV))), "do not end"),
        (raw_archive(Raw(name="a.csv", data=b"\xff" * 20, size=40)), "damaged"),
        (archive({"a.csv": CSV}) + CSV, "belong to no member"),
        (archive({"a.csv": CSV}) + archive({"b.csv": CSV}), "belong to no member"),
        (archive({"a.csv": CSV})[:-9], "no zip archive"),
        (b"PK\x03\x04rest", "no zip archive"),
    ],
)  # fmt: skip
def test_what_could_hide_a_member_is_said(content, told):
    assert any(told in reason for reason in reasons(content))


def test_bytes_that_only_fill_a_gap_are_nothing():
    assert not reasons(raw_archive(member(), between=bytes(64)))


def test_what_stands_in_the_comment_of_an_archive_is_read():
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w") as opened:
        opened.comment = CSV

    [table] = holds(into.getvalue(), b"x.zip")

    assert isinstance(table, Table)
    assert table.part == "comment"


def test_an_empty_archive_holds_nothing():
    assert read(archive({}), (b"x.zip",)) == ()


def test_a_folder_that_holds_bytes_is_read():
    assert len(tables(read(raw_archive(member(name="folder/")), ()))) == 1


@pytest.mark.parametrize("name", [b"x.zip", b"x.xlsx", b"x.docx"])
def test_what_is_no_archive_in_spite_of_its_name_is_said_to_be_unread(name):
    [found] = holds(b"anything at all", name)

    assert isinstance(found, Unreadable)


def test_a_table_under_the_name_of_a_workbook_is_read():
    [table] = holds(CSV, b"released_outputs/x.xlsx")

    assert isinstance(table, Table)
    assert table.header == ("ageband", "n")


def test_more_members_than_there_may_be_are_said_to_be_unread():
    content = archive({f"{number}.py": "x\n" for number in range(2_010)})

    documents = holds(content, b"x.zip")

    assert [found.reason for found in documents if isinstance(found, Unreadable)] == [
        "zip or office file: too many members"
    ]


@pytest.mark.parametrize("claimed", [2_048 << 20, 1 << 10, 90 << 20])
@pytest.mark.parametrize("around", ["zip", "xlsx"])
def test_a_bomb_costs_little_and_does_not_keep_the_rest_from_being_read(claimed, around):
    zeros = deflated_zeros(2_048)
    bomb = Raw(name="xl/worksheets/sheet9.xml", data=zeros, size=claimed)
    types = Raw(name="[Content_Types].xml", data=deflated(b"<Types/>"), size=8)
    rest = [types] if around == "xlsx" else [member()]
    content = raw_archive(bomb, *rest)
    begun = time.perf_counter()
    tracemalloc.start()
    try:
        documents = read(content, (b"x.zip",))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert time.perf_counter() - begun < 2
    assert peak < 150 << 20
    assert any(isinstance(found, Unreadable) for found in documents)
    assert len(tables(documents)) == (around == "zip")
