"""A zip archive with other content in some members, and every other member byte for byte as it was.

The standard library compresses anew what it writes; here the compressed bytes of what does not
change are copied, with their names, times and order.

Source: PKWARE's APPNOTE.TXT 6.3.10, sections 4.3.7 (local header), 4.3.12 (central directory), 4.3.16 (its end).
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from breachkit.documents.editing.editable import CannotEditError


_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_DESCRIPTOR, _DEFLATED, _LARGE = 0x8, 8, 0xFFFF
_ZIP64 = 1
_ODD = "a zip archive of an unusual make: save the file anew"


class _Member(NamedTuple):
    name: str
    local: bytes
    """Its header, its bytes, and what stands behind them up to the next member."""
    central: bytes
    """Its line in the central directory."""


def rewritten(
    content: bytes, changed: Mapping[str, bytes], gone: Collection[str] = frozenset()
) -> bytes:
    """Give an archive with other content in some of its members.

    Args:
        content: The archive, of which no two members share a name.
        changed: The new content of members, by their names.
        gone: The names of members that are left out.

    Raises:
        CannotEditError: The archive is of an unusual make, or has no such member.
    """
    members, tail = _members(content)
    if not {*changed, *gone} <= {member.name for member in members}:
        raise CannotEditError("a member that the archive does not have")
    body, directory = bytearray(), bytearray()
    left = [member for member in members if member.name not in gone]
    for member in left:
        new = changed.get(member.name)
        one = member if new is None else _replaced(member, new)
        directory += one.central[:42] + struct.pack("<I", len(body)) + one.central[46:]
        body += one.local
    return bytes(body + directory + _end(len(left), len(directory), len(body))) + tail


def _members(content: bytes) -> tuple[list[_Member], bytes]:
    """Give the members in the order of the directory, and the comment of the archive with its length."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            listed, start, comment = archive.infolist(), archive.start_dir, archive.comment
    except (zipfile.BadZipFile, RuntimeError, ValueError) as error:
        raise CannotEditError(_ODD) from error
    offsets = sorted(info.header_offset for info in listed)
    if len(listed) >= _LARGE or offsets[:1] != [0] or len(set(offsets)) < len(offsets):
        raise CannotEditError(_ODD)
    ends = dict(zip(offsets, [*offsets[1:], start], strict=True))
    members, at = [], start
    for info in listed:
        line = _line(content, at)
        at += len(line)
        offset = struct.unpack_from("<I", line, 42)[0]
        if offset != info.header_offset or content[offset : offset + 4] != b"PK\x03\x04":
            raise CannotEditError(_ODD)
        members.append(_Member(info.filename, content[offset : ends[offset]], line))
    if content[at : at + 4] != b"PK\x05\x06":
        raise CannotEditError(_ODD)
    return members, struct.pack("<H", len(comment)) + comment


def _line(content: bytes, at: int) -> bytes:
    if content[at : at + 4] != b"PK\x01\x02" or at + _CENTRAL.size > len(content):
        raise CannotEditError(_ODD)
    names = struct.unpack_from("<3H", content, at + 28)
    return content[at : at + _CENTRAL.size + sum(names)]


def _end(members: int, size: int, start: int) -> bytes:
    return _END.pack(b"PK\x05\x06", 0, 0, members, members, size, start, 0)[:-2]


def _replaced(member: _Member, content: bytes) -> _Member:
    """Give a member with other content, which keeps its name, its time and its attributes."""
    packer = zlib.compressobj(zlib.Z_DEFAULT_COMPRESSION, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = packer.compress(content) + packer.flush()
    sizes = zlib.crc32(content), len(packed), len(content)
    version, flags, _, time, day = struct.unpack_from("<5H", member.local, 4)
    name, extra = _names(member.local, 26, _LOCAL.size)
    fields = version, flags & ~_DESCRIPTOR, _DEFLATED, time, day
    local = _LOCAL.pack(b"PK\x03\x04", *fields, *sizes, len(name), len(extra))
    made = struct.unpack_from("<2H", member.central, 4)
    _, kept = _names(member.central, 28, _CENTRAL.size)
    lengths = struct.unpack_from("<5H2I", member.central, 28)
    remark = member.central[_CENTRAL.size + lengths[0] + lengths[1] :]
    central = _CENTRAL.pack(
        b"PK\x01\x02", *made, *fields[1:], *sizes, lengths[0], len(kept), *lengths[2:]
    )
    return _Member(member.name, local + name + extra + packed, central + name + kept + remark)


def _names(header: bytes, at: int, end: int) -> tuple[bytes, bytes]:
    """Give the name of a member, and its further fields but for sizes in 64 bits."""
    name, extra = struct.unpack_from("<2H", header, at)
    fields = _fields(header[end + name : end + name + extra])
    return header[end : end + name], b"".join(fields)


def _fields(extra: bytes) -> Iterator[bytes]:
    while len(extra) >= 4:
        kind, size = struct.unpack_from("<2H", extra)
        if kind != _ZIP64:
            yield extra[: 4 + size]
        extra = extra[4 + size :]
