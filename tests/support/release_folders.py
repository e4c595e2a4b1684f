"""Folders to be released, as the checks of a release meet them; all numbers are invented."""

from collections.abc import Mapping
from pathlib import Path


ROUNDED = b"region,patients\nNorth,120\nSouth,1205\nEast,860\nWest,335\nMid,2950\nLondon,45\n"
"""Nothing in it is small, and every count is a multiple of 5."""
SMALL = ROUNDED.replace(b"London,45", b"London,3")
EXACT = b"region,patients\nNorth,121\nSouth,1204\nEast,861\nWest,337\nMid,2953\nLondon,48\n"
PICTURE = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="5" height="5"/></svg>'
SAID = "all of it was looked at"
BY_PEOPLE = ("permitted-results", "minimum-outputs", "context", "controls-described", "earlier-results")  # fmt: skip


def a_release(above: Path, files: Mapping[str, bytes], name: str = "release") -> Path:
    """Write a folder with files in it; give the folder."""
    folder = above / name
    folder.mkdir(parents=True, exist_ok=True)
    for path, content in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    return folder


def answered(*more: str) -> list[str]:
    """Give the options with which somebody answers everything that no program can decide."""
    said = [word for item in (*BY_PEOPLE, *more) for word in ("--answer", f"{item}={SAID}")]
    return [*said, "--by", "Ada Hartley"]
