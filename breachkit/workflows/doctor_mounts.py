"""What a folder lies on: the kind of file system, and whether its disk is encrypted. Linux alone tells."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

from breachkit.model.records import dataclass


MOUNTS = Path("/proc/self/mountinfo")
SWAPS = Path("/proc/swaps")
BLOCKS = Path("/sys/dev/block")

_ESCAPED = re.compile(rb"\\([0-7]{3})")
_DEEPEST = 8
"""Devices upon devices: a volume in a group on a partition that is encrypted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mount:
    """A mounted file system."""

    point: Path
    kind: str
    """Such as `ext4`."""
    noexec: bool
    device: str
    """Its major and minor number."""


def mount_of(folder: Path, mounts: Path = MOUNTS) -> Mount | None:
    """Give the file system that a folder lies on; None where the system does not tell."""
    try:
        lines = mounts.read_bytes().splitlines()
    except OSError:
        return None
    place = Path(os.path.realpath(folder))
    found = [each for each in map(_mount, lines) if each and place.is_relative_to(each.point)]
    # of two on one point the later hides the earlier
    return max(reversed(found), key=lambda each: len(each.point.parts), default=None)


def is_encrypted(device: str, blocks: Path = BLOCKS) -> bool | None:
    """Say whether a block device is encrypted, itself or in what it lies on; None where it cannot be told."""
    try:
        start = (blocks / device).resolve(strict=True)
    except OSError:
        return None
    return any(_is_crypt(each) for each in _beneath(start, _DEEPEST))


def swaps_encrypted(swaps: Path = SWAPS, blocks: Path = BLOCKS) -> bool | None:
    """Say whether all swap is encrypted or in memory; None where there is a place that does not tell.

    True, too, where there is none.
    """
    try:
        lines = swaps.read_text("utf-8", "replace").splitlines()[1:]
    except OSError:
        return None
    states = [_swap_state(line.split(), blocks) for line in lines if line.split()]
    if False in states:
        return False
    return None if None in states else True


def _swap_state(words: list[str], blocks: Path) -> bool | None:
    name, kind = words[0], words[1]
    if Path(name).name.startswith("zram"):
        return True
    try:
        found = Path(name).stat()
    except OSError:
        return None
    number = found.st_rdev if kind == "partition" else found.st_dev
    return is_encrypted(f"{os.major(number)}:{os.minor(number)}", blocks)


def _mount(line: bytes) -> Mount | None:
    """Read a line of mountinfo. Source: proc(5)."""
    before, _, after = line.partition(b" - ")
    fields, kind = before.split(), after.split()[:1]
    if len(fields) < 6 or not kind:
        return None
    point = _ESCAPED.sub(lambda found: bytes([int(found[1], 8)]), fields[4])
    return Mount(
        point=Path(os.fsdecode(point)),
        kind=os.fsdecode(kind[0]),
        noexec=b"noexec" in fields[5].split(b","),
        device=os.fsdecode(fields[2]),
    )


def _beneath(device: Path, left: int) -> Iterator[Path]:
    """Give a block device and what it lies on."""
    yield device
    if not left:
        return
    slaves = device / "slaves"
    for each in sorted(slaves.iterdir()) if slaves.is_dir() else ():
        yield from _beneath(each.resolve(), left - 1)


def _is_crypt(device: Path) -> bool:
    try:
        return (device / "dm" / "uuid").read_text("ascii", "replace").startswith("CRYPT-")
    except OSError:
        return False
