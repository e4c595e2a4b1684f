"""How a file came into a study repository: by the release tool, or by hand; as released, or edited.

Digests live in memory only: that of a redacted table lets anyone confirm a guess of its cells.

Source: OpenSAFELY osrelease (2020-10-14 to 2024-11-07), which commits with a trailer and may publish
job-runner's manifest.json, whose `content_hash` is the SHA-256 of each file.
"""

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from breachkit.detect.rule import HistoryView, Provenance, Transition
from breachkit.documents.kinds import (
    Reading,
    is_codelist_path,
    is_dummy_path,
    is_output_path,
    kind_by_name,
)
from breachkit.model.ids import GitPath, ObjectId
from breachkit.model.records import dataclass
from breachkit.sdc.dummy import is_released_path


TOOL_SINCE = date(2020, 10, 14)
"""When outputs began to be published by a tool."""
NONE_SINCE = date(2023, 6, 20)
"""From when on no outputs were to be committed (documentation b6d31a9)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """Outputs that one commit brought."""

    first: Transition
    """Of the file that comes first by name."""
    files: int
    """How many there are; content that came before is not counted."""
    released: bool
    """Whether any lies where files from the secure environment are published."""


def arrivals(view: HistoryView) -> Iterator[tuple[Arrival, bool]]:
    """Give the commits that brought outputs to a study, and whether each was made by the tool.

    What the tool committed once is nobody's work by hand wherever else it appears: in a merge,
    under a new name, on another branch.
    """
    if not any(map(_tells_a_study, view.transitions)):
        return
    by_tool = {change.new for change in view.transitions if change.is_release}
    seen: set[ObjectId] = set()
    brought: dict[ObjectId, list[Transition]] = {}
    for change in view.transitions:
        if change.new is not None and change.new not in seen and holds_results(change.path):
            seen.add(change.new)
            brought.setdefault(change.commit, []).append(change)
    for changes in brought.values():
        for was_tool in (True, False):
            if found := [one for one in changes if (one.new in by_tool) is was_tool]:
                yield _arrival(found), was_tool


def _arrival(changes: Iterable[Transition]) -> Arrival:
    ordered = sorted(changes, key=lambda change: change.path)
    return Arrival(
        first=ordered[0],
        files=len(ordered),
        released=any(is_released_path(change.path) for change in ordered),
    )


def holds_results(path: GitPath) -> bool:
    """Say whether a path is that of an output, neither invented nor a list of codes."""
    if not is_output_path(path) or is_dummy_path(path) or is_codelist_path(path):
        return False
    kind = kind_by_name(path)
    return kind is not None and kind.reading is not Reading.TEXT


def _tells_a_study(change: Transition) -> bool:
    return change.path == b"project.yaml" or change.is_release or is_released_path(change.path)


_MANIFEST = re.compile(rb"(?P<root>(?:[^/]+/)*?)(?:metadata/)?manifest\.json")
_LARGEST_MANIFEST = 16 * 1024 * 1024
_HASH = re.compile(r"[0-9a-fA-F]{64}")


def digested_blobs(transitions: Iterable[Transition]) -> frozenset[ObjectId]:
    """Give the blobs that were ever beside a manifest of released files, the manifest among them.

    A scan needs the digests of no others; few studies publish a manifest.
    """
    changes = [change for change in transitions if change.new is not None]
    roots = {root for change in changes if (root := manifest_root(change.path)) is not None}
    if not roots:
        return frozenset()
    depths = sorted({root.count(b"/") for root in roots})
    return frozenset(
        change.new for change in changes if change.new and _is_below(change.path, roots, depths)
    )


def _is_below(path: GitPath, roots: Collection[bytes], depths: Iterable[int]) -> bool:
    """Say whether a path lies in one of some folders, however many there are."""
    folders = path.split(b"/")[:-1]
    return any(
        b"/".join((*folders[:depth], b"")) in roots for depth in depths if depth <= len(folders)
    )


def manifest_root(path: GitPath) -> bytes | None:
    """Give the folder whose files a manifest at `path` lists, or None where it is no manifest."""
    if not path.endswith(b"manifest.json") or not is_output_path(path):
        return None
    found = _MANIFEST.fullmatch(path)
    return found["root"] if found and found["root"] else None


def provenance_of(content: bytes, paths: Iterable[GitPath]) -> Provenance:
    """Give the digests of a file, however its lines end, and what it lists if it is a manifest."""
    is_manifest = any(manifest_root(path) is not None for path in paths)
    return Provenance(
        digests=frozenset(hashlib.sha256(variant).digest() for variant in _variants(content)),
        listed=dict(_listed(content)) if is_manifest else {},
    )


def _variants(content: bytes) -> Iterator[bytes]:
    """Give content as it may have been before git, or an editor, changed the ends of its lines."""
    yield content
    if b"\n" in content and b"\0" not in content:
        plain = content.replace(b"\r\n", b"\n")
        yield plain
        yield plain.replace(b"\n", b"\r\n")


def _listed(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Give path and digest of every file that a manifest lists, wherever in it they stand."""
    if len(content) > _LARGEST_MANIFEST:
        return
    try:
        waiting: list[Any] = [json.loads(content)]
    except (ValueError, RecursionError):
        return
    while waiting:
        node = waiting.pop()
        if isinstance(node, Mapping):
            yield from filter(None, (_entry(name, value) for name, value in node.items()))
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node


def _entry(name: str, value: object) -> tuple[bytes, bytes] | None:
    if not isinstance(value, Mapping) or value.get("excluded"):
        return None
    digest = value.get("content_hash")
    if not isinstance(digest, str) or not _HASH.fullmatch(digest):
        return None
    return name.encode("utf-8", "surrogatepass"), bytes.fromhex(digest)
