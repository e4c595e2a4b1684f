"""Proving that a copy is gone: each sort of proof, with the control that makes it one.

What breachkit can look up itself, it looks up; what a person saw, the person says with the control.
Nothing is asked of anybody here but of a mirror whose address the user gives.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

from breachkit.actions.clone_check import require_clean
from breachkit.actions.copies import Copy, Proof, UnprovenError, copy_with_id
from breachkit.actions.copy_states import CopyState, absence
from breachkit.actions.hosting import Answered, Topic
from breachkit.git.clone import local_path, mirror_url, without_credentials
from breachkit.incident.events import EventKind
from breachkit.incident.folder import CaseFolder
from breachkit.model.errors import ConfigurationError, UsageError
from breachkit.model.ids import display
from breachkit.model.time import Clock, rfc3339
from breachkit.workflows.copies import set_copy
from breachkit.workflows.plain_file import plain
from breachkit.workflows.register import load_register
from breachkit.workflows.snapshot import FOLDER, MANIFEST, latest
from breachkit.workflows.tracing import load_answers
from breachkit.workflows.verify_clone import list_of_case, verify_clone


LARGEST = 1 << 26
"""Bytes of a letter; a longer file is something else."""

LETTERS = "private/evidence/copies"


class NoLetterError(ConfigurationError):
    """A file that was named as a letter cannot be taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prover:
    """Proves copies of one case, in the name of one person."""

    case: CaseFolder
    clock: Clock
    by: str

    def absent(self, copy_id: str, *, status: int, control: int, seen_as: str, note: str) -> Copy:
        """Prove by an address that answers that there is nothing, beside one that must answer.

        Args:
            copy_id: Which.
            status: What the address answered.
            control: What an address that must be there answered, asked in the same way.
            seen_as: Who asked: `anonymous`, or an account.
            note: Which address, in words.

        Raises:
            UnprovenError: the answers show no absence.
        """
        shown = absence(status, control, seen_as)
        if shown is None:
            raise UnprovenError(
                f"{copy_id}: {status} beside a control of {control} shows no absence: only 404 or 410 does, "
                "while an address that must be there answers 200 to the same asker"
            )
        return self._prove(copy_id, "http_absent", "proven_clean", note, control=shown)

    def letter(self, copy_id: str, file: Path, note: str) -> Copy:
        """Keep a letter that says that a copy is deleted, and close the copy by it.

        Raises:
            NoLetterError: the file cannot be read, or is far too long.
        """
        copy_with_id(load_register(self.case), copy_id)
        kept = self._keep(copy_id, file)
        return self._prove(copy_id, "vendor_letter", "deleted", note, file=kept)

    def expired(self, copy_id: str, note: str) -> Copy:
        """Close a copy whose day of expiry has passed, because somebody looked."""
        return self._prove(copy_id, "expiry_passed", "deleted", note)

    def list_empty(self, copy_id: str, note: str) -> Copy:
        """Prove by the newest snapshot that the platform's list of such things is whole and empty.

        Raises:
            UnprovenError: there is no such list, it was not read in full, or it is not empty.
        """
        copy = copy_with_id(load_register(self.case), copy_id)
        topics = LISTS.get(copy.place)
        if topics is None:
            listed = ", ".join(sorted(LISTS))
            raise UnprovenError(
                f"{copy.id} is in {copy.place}, and snapshots have lists of {listed} alone: look at the "
                "address, and prove it with --kind http_absent"
            )
        shown = self._shown_empty(copy.id, topics)
        return self._prove(copy_id, "api_list_empty", "proven_clean", note, control=shown)

    def unknown_to_archive(self, copy_id: str, note: str) -> Copy:
        """Prove by Software Heritage's own answer that it knows none of the old objects.

        Raises:
            UnprovenError: it was not asked, did not answer, or knows some.
        """
        copy = copy_with_id(load_register(self.case), copy_id)
        answer = load_answers(self.case).ids
        if copy.place != _HERITAGE:
            raise UnprovenError(f"{copy.id} is no copy in Software Heritage ({_HERITAGE})")
        if answer is None or answer.known is None or not answer.asked:
            raise UnprovenError(
                f"{copy.id}: Software Heritage gave no answer about the old objects: "
                "`breachkit trace --allow archive.softwareheritage.org` asks it"
            )
        if answer.known:
            raise UnprovenError(
                f"{copy.id}: Software Heritage still knows {answer.known} of {answer.asked} old objects"
            )
        shown = (
            f"asked on {rfc3339(answer.at)} for {answer.asked} old objects and one that it must know: "
            "it knew that one alone"
        )
        return self._prove(copy_id, "swh_known_false", "proven_clean", note, control=shown)

    def mirror(self, copy_id: str, place: str, note: str) -> Copy:
        """Prove by a mirror clone that holds none of what had to go.

        Args:
            copy_id: Which.
            place: A mirror clone on this machine, or an address to make one from.
            note: Where it is, in words.

        Raises:
            NotCleanError: it holds the data, or not all of it could be looked at.
            NotYetError: the scope is not known yet.
            AccessError, IncompleteError: the address could not be cloned.
        """
        copy_with_id(load_register(self.case), copy_id)
        wanted = list_of_case(self.case, "breachkit")
        folder = local_path(place)
        if folder is not None:
            result = verify_clone(folder, wanted, self.clock)
        else:
            with self.case.lock("copies"):
                made = mirror_url(place, self.case.scratch / "copy.git")
                result = verify_clone(made, wanted, self.clock)
        require_clean(result)
        shown = f"{len(wanted.entries)} things were looked for among {result.objects} objects: none is there"
        where = f"{note} ({display(without_credentials(place)[0])})"
        return self._prove(copy_id, "mirror_blobset", "proven_clean", where, control=shown)

    def _prove(
        self,
        copy_id: str,
        kind: str,
        state: CopyState,
        note: str,
        *,
        control: str = "",
        file: str = "",
    ) -> Copy:
        proof = Proof(
            kind=kind, at=self.clock.now(), by=self.by, note=note, control=control, file=file
        )
        return set_copy(self.case, copy_id, state, proof)

    def _keep(self, copy_id: str, file: Path) -> str:
        content = _read(file)
        folder = self.case.path / LETTERS
        number = sum(1 for _ in folder.glob(f"{copy_id}-*")) + 1
        suffix = PurePath(file.name).suffix.lower()
        suffix = suffix if suffix.isascii() and suffix[1:].isalnum() else ".bin"
        name = f"{LETTERS}/{copy_id}-{number}{suffix}"
        self.case.write_private(name.removeprefix("private/"), content)
        detail = {"file": name, "bytes": len(content), "collected_by": self.by}
        self.case.record(EventKind.EVIDENCE_RECORDED, detail, refs=[copy_id])
        return name

    def _shown_empty(self, copy_id: str, topics: tuple[Topic, ...]) -> str:
        number = latest(self.case)
        if number is None:
            raise UnprovenError(f"{copy_id}: no snapshot was taken: `breachkit snapshot` takes one")
        manifest = json.loads(self.case.read_private(f"{FOLDER}/{number}/{MANIFEST}"))
        lines = {line["topic"]: line for line in manifest["topics"]}
        for topic in (Topic.REPOSITORY, *topics):
            _require_empty(copy_id, number, topic, lines.get(str(topic)))
        return (
            f"snapshot {number} of {manifest['taken_at']} read {', '.join(topics)} in full and empty, where "
            "the repository itself answered"
        )


LISTS: Mapping[str, tuple[Topic, ...]] = {
    "C06": (Topic.RELEASES,),
    "C07": (Topic.RUNS, Topic.ARTIFACTS, Topic.CACHES),
    "C08": (Topic.PAGES, Topic.DEPLOYMENTS),
    "C09": (Topic.CODESPACES,),
    "C10": (Topic.FORKS,),
    "C20": (Topic.PACKAGES,),
}
"""The platform's lists that, read in full and empty, show that a place holds nothing."""

_HERITAGE = "C40"
_WHOLE = frozenset({Answered.COMPLETE, Answered.ABSENT})


def _require_empty(
    copy_id: str, snapshot: str, topic: Topic, line: Mapping[str, Any] | None
) -> None:
    if line is None or line["answered"] not in _WHOLE:
        raise UnprovenError(
            f"{copy_id}: snapshot {snapshot} did not read {topic} in full: `breachkit snapshot` reads it again"
        )
    if topic is Topic.REPOSITORY:
        if not line["items"]:
            raise UnprovenError(f"{copy_id}: in snapshot {snapshot} the repository did not answer")
    elif line["items"]:
        raise UnprovenError(f"{copy_id}: snapshot {snapshot} shows {line['items']} under {topic}")


def _read(file: Path) -> bytes:
    shown = display(str(file))
    try:
        with plain(file).open("rb") as opened:
            content = opened.read(LARGEST + 1)
    except OSError:
        raise NoLetterError(f"{shown} cannot be read: check its name") from None
    if not content or len(content) > LARGEST:
        raise NoLetterError(f"{shown} is empty, or too long for a letter: check its name")
    return content


def lacking(**options: object) -> UsageError:
    """Give the error for options that a sort of proof needs and that were not given."""
    names = ", ".join(
        f"--{name.replace('_', '-')}" for name, value in options.items() if value is None
    )
    return UsageError(f"that proof needs {names} too")
