"""What one copy was found to hold, for people; and what the verifier is, for whoever sends it."""

from collections.abc import Iterator
from typing import Any

from breachkit.actions.clone_check import CloneResult, Hits
from breachkit.actions.clone_list import CloneList
from breachkit.report.words import counted


_PLACES = {
    "objects": "in its objects, packed or not, whether or not a branch shows them",
    "borrowed": "in another copy from which this one borrows objects",
    "names": "named by its branches, tags, logs or other files of git",
    "index": "staged for a commit",
    "files": "in plain files, with these or other line ends",
    "lfs": "in its store of Git LFS",
    "bundle": "in a bundle that lies in it",
    "module": "in the store of a submodule",
    "nested": "in another repository that lies in it",
}
_REASONS = {
    "bundle": "a bundle could not be unpacked",
    "control": "what is surely there was not found",
    "empty": "there is nothing at all",
    "files": "some folders or files may not be read",
    "format": "ids are of another kind",
    "index": "what is staged could not be read",
    "leftovers": "git keeps pieces of files from work on conflicts, or from a rewrite",
    "lfs": "Git LFS keeps its files elsewhere",
    "links": "parts of it are links",
    "names": "some of git's files could not be read",
    "objects": "git could not list everything",
    "pack": "a pack has no index",
    "refs": "branches are kept in a form that is not looked through",
    "sha256": "there is no program for SHA-256",
    "unfinished": "a fetch or push was cut off and left pieces",
    "worktree": "a linked work tree is not where it was",
}
_VERDICTS = {
    "clean": "CLEAN: nothing of what was taken back is in this copy.",
    "tainted": "TAINTED: this copy still holds what was taken back. Do not push, pull or merge.",
    "unknown": "UNKNOWN: something could not be looked at, so nobody can call this copy clean.",
}
TOO_EARLY = (
    "the server has the old history still. How a copy is cleaned can be told once the new one is "
    "pushed; before that it would be led back onto the old one"
)
"""Why a copy is looked through and not cleaned before the push."""


def result_text(result: CloneResult) -> str:
    """Give a result for people: kinds of place and numbers, no id and no path."""
    return "\n".join(_lines(result))


def _lines(result: CloneResult) -> Iterator[str]:
    yield _VERDICTS[result.verdict]
    looked = (
        counted(result.objects, "object"),
        counted(result.files, "file"),
        counted(result.stores, "store") + " of git",
    )
    yield f"Looked at {looked[0]}, {looked[1]} and {looked[2]}."
    yield from (f"  found {_PLACES[hit.place]}: {_what(hit)}" for hit in result.hits)
    for each in result.unread:
        place, _, reason = each.partition(":")
        yield f"  not looked at ({place}): {_REASONS.get(reason, reason)}"


def _what(hit: Hits) -> str:
    parts = []
    if hit.files:
        numbers = ", ".join(map(str, hit.files[:10])) + (", ..." if len(hit.files) > 10 else "")
        parts.append(f"{counted(len(hit.files), 'file')} (number {numbers})")
    if hit.history:
        parts.append(f"{counted(hit.history, 'commit, tree or tag', 'commits, trees and tags')}")
    return " and ".join(parts)


def verifier_to_json(wanted: CloneList, file: str, sha256: str) -> dict[str, Any]:
    """Say what a verifier is; schema `breachkit.verifier/1`. No id is in it."""
    kinds = [entry.kind for entry in wanted.entries]
    return {
        "schema": "breachkit.verifier/1",
        "file": file,
        "sha256": sha256,
        "case": wanted.token,
        "round": wanted.round,
        "files": len({entry.number for entry in wanted.entries if entry.number}),
        "history": kinds.count("h"),
    }


def verifier_text(data: dict[str, Any]) -> str:
    """Say what a verifier is, for people."""
    looks_for = (
        counted(data["files"], "file"),
        counted(data["history"], "commit, tree or tag", "commits, trees and tags"),
    )
    return "\n".join(
        (
            f"Wrote {data['file']}: it looks for {' and '.join(looks_for)}.",
            f"SHA-256 {data['sha256']}",
            "It holds old ids: it goes to holders of clones, each alone, and to nobody else.",
            "They run: sh verifier.txt PATH   and send back the lines between its marks.",
        )
    )


def sealed_to_json(file: str, key: str | None, recipients: int) -> dict[str, Any]:
    """Say where a sealed verifier is; schema `breachkit.sealed-verifier/1`.

    Args:
        file: Where it is.
        key: Where the key is that was made for it; None where others have theirs.
        recipients: How many keys open it.
    """
    return {
        "schema": "breachkit.sealed-verifier/1",
        "file": file,
        "key": key,
        "recipients": recipients,
    }


def sealed_text(data: dict[str, Any]) -> str:
    """Say what a sealed verifier is and where its key belongs, for people."""
    key: tuple[str, ...] = (f"  opened by the {counted(data['recipients'], 'key')} that you named",)
    if data["key"]:
        key = (
            f"  its key: {data['key']}",
            "Move the key to whoever answers for late clones: beside the file it protects nothing.",
        )
    return "\n".join(
        (
            f"Sealed: {data['file']}",
            *key,
            "It outlives private/, tells nothing without a key, and opens with any program for age, too.",
        )
    )
