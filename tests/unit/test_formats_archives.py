"""Compressed files and archives: what is inside is read, in memory, within bounds."""

import bz2
import gzip
import io
import lzma
import tarfile
import zlib
from typing import Any

import pytest
import zstandard

from breachkit.documents.compression import Inflated, inflate, inner_path, member_name
from breachkit.documents.reader import Budget, NotReadError, OverBudgetError
from breachkit.documents.readers import read
from breachkit.documents.table import Table, Text, TextKind, Unreadable
from tests.support.fuzzing import CANARY


MIB = 1024 * 1024
TABLE = b"ageband,n\n16-39,1204\n"
PACKERS = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": zstandard.ZstdCompressor(write_checksum=True).compress,
}
WAYS = pytest.mark.parametrize("pack", PACKERS.values(), ids=PACKERS)


def opened(content, size=MIB):
    return inflate(content, Budget(bytes=size))


@WAYS
def test_all_streams_of_a_compressed_file_are_read(pack):
    content = pack(b"a,n\n") + pack(b"") + pack(b"x,3\n") + b"\0\0\0"

    assert opened(content) == Inflated(b"a,n\nx,3\n")


@WAYS
def test_what_is_inside_a_compressed_file_is_read_whatever_its_name(pack):
    [named] = read(pack(TABLE), [b"out/t.csv.gz"])
    [unnamed] = read(pack(TABLE), [])

    assert isinstance(named, Table)
    assert named.part == "t.csv"
    assert isinstance(unnamed, Table)


@WAYS
def test_a_file_cut_off_is_read_as_far_as_it_goes_and_said_to_be_unread(pack):
    content = pack(TABLE)

    assert opened(content[:-1]).missing == "cut off before its end"
    assert opened(content[:4] if pack is not lzma.compress else content[:8]).content == b""
    assert any(isinstance(found, Unreadable) for found in read(content[:-1], [b"t.csv.gz"]))


@WAYS
def test_what_stands_behind_a_compressed_file_makes_it_unread(pack):
    found = opened(pack(TABLE) + b"more of it")

    assert found.content == TABLE
    assert found.missing in {"damaged", "cut off before its end"}


@WAYS
def test_a_damaged_file_is_unread(pack):
    content = bytearray(pack(bytes(range(256)) * 40))
    content[len(content) // 2] ^= 0xFF

    assert opened(bytes(content)).missing is not None


def zeros(pack, size):
    """Compress zeros without ever holding them all."""
    packer: Any
    match pack:
        case "gz":
            packer = zlib.compressobj(wbits=31)
        case "bz2":
            packer = bz2.BZ2Compressor()
        case "xz":
            packer = lzma.LZMACompressor(preset=0)
        case _:
            packer = zstandard.ZstdCompressor().compressobj()
    pieces = [packer.compress(bytes(MIB)) for _ in range(size // MIB)]
    return b"".join([*pieces, packer.flush()])


@pytest.mark.parametrize("pack", PACKERS)
def test_a_bomb_is_given_up_when_its_budget_is_spent(pack):
    budget = Budget(bytes=3 * MIB)

    with pytest.raises(OverBudgetError):
        inflate(zeros(pack, 64 * MIB), budget)
    assert budget.bytes > -9 * MIB


def test_streams_without_end_are_given_up():
    assert opened(gzip.compress(b"") * 10_001).missing == "too many streams"


def test_an_xz_file_that_wants_much_memory_is_unread():
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 1 << 28}]
    content = lzma.compress(TABLE, filters=filters)

    assert opened(content) == Inflated(b"", "damaged")


def test_what_is_compressed_in_an_unknown_way_is_no_error_of_the_reader():
    with pytest.raises(NotReadError):
        opened(b"nothing of the kind")


def test_files_compressed_many_times_over_are_given_up():
    content = TABLE
    for _ in range(6):
        content = gzip.compress(content)

    [found] = read(content, [b"t.csv"])

    assert found == Unreadable("compressed too many times over", found.part)


def test_a_member_is_named_by_its_path_alone():
    assert member_name(b"a/b/t.csv.gz") == "t.csv"
    assert member_name(None) == "content"
    assert member_name(b"a/.gz") == "content"
    assert member_name(b"a/\x1b[31m.csv.gz") == "\\x1b[31m.csv"
    assert inner_path(b"x/T.TGZ") == b"x/T.tar"
    assert inner_path(b"x/t.csv.bz2") == b"x/t.csv"
    assert inner_path(b"x/t.rds") == b"x/t.rds"


def tar(members, form=tarfile.PAX_FORMAT):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        for name, content in members.items():
            if content is None:
                link = tarfile.TarInfo(name)
                link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
                archive.addfile(link)
                continue
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return out.getvalue()


FORMS = [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]


@pytest.mark.parametrize("form", FORMS)
def test_members_of_a_tar_archive_are_read_and_known_by_their_number(form):
    name = f"{'deep/' * 30}{CANARY}.csv"
    documents = read(tar({name: TABLE, f"{CANARY}.csv.gz": gzip.compress(TABLE)}, form), [])

    first, second, names = documents
    assert isinstance(first, Table)
    assert isinstance(second, Table)
    assert isinstance(names, Text)
    assert (first.part, second.part) == ("member 1", "member 2, content")
    assert (names.kind, names.text.count(CANARY)) == (TextKind.NAME, 2)


def test_a_tar_archive_from_before_it_was_named_in_its_header_is_known():
    header = bytearray(tar({"t.csv": TABLE}, tarfile.USTAR_FORMAT))
    header[257:265] = bytes(8)
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header[:512])

    table, _ = read(bytes(header), [])

    assert isinstance(table, Table)


@WAYS
def test_a_compressed_tar_archive_is_read(pack):
    table, _ = read(pack(tar({"t.csv": TABLE})), [b"out/all.tgz"])

    assert isinstance(table, Table)
    assert table.part == "all.tar, member 1"


def test_links_in_a_tar_archive_are_named_and_not_followed():
    *_, found = read(tar({"passwd": None}), [])

    assert found == Unreadable("tar archive: 1 links or devices, not followed")


def test_a_sparse_member_is_not_unfolded():
    content = bytearray(tar({"t.csv": TABLE}, tarfile.GNU_FORMAT))
    content[156:157] = tarfile.GNUTYPE_SPARSE
    content[148:156] = b" " * 8
    content[148:156] = b"%06o\0 " % sum(content[:512])

    documents = read(bytes(content), [])

    assert Unreadable("a sparse member of a tar archive", "member 1") in documents


@pytest.mark.parametrize("behind", [b"more", tar({"hidden.csv": TABLE})], ids=["bytes", "archive"])
def test_what_stands_behind_the_end_of_a_tar_archive_is_unread(behind):
    documents = read(tar({"t.csv": TABLE}) + behind, [])

    reasons = [found.reason for found in documents if isinstance(found, Unreadable)]
    assert reasons == ["tar archive: damaged, or something stands behind its end"]


def test_a_tar_archive_cut_off_is_read_as_far_as_it_goes():
    content = tar({"t.csv": TABLE * 100})[:900]

    documents = read(content, [])

    assert isinstance(documents[0], Table)
    assert any("cut off" in getattr(found, "reason", "") for found in documents)


def test_archives_within_archives_share_one_budget():
    inner = gzip.compress(bytes(20 * MIB))
    documents = read(tar({f"{number}.csv.gz": inner for number in range(4)}), [])

    reasons = [found.reason for found in documents if isinstance(found, Unreadable)]
    assert "gzip: grows too much when decompressed" in reasons


def test_a_member_of_negative_size_ends_the_reading():
    content = bytearray(tar({"t.csv": TABLE}, tarfile.GNU_FORMAT))
    content[124:136] = (-1024).to_bytes(12, "big", signed=True)
    content[148:156] = b" " * 8
    content[148:156] = b"%06o\0 " % sum(content[:512])

    assert any(isinstance(found, Unreadable) for found in read(bytes(content), []))
