"""Is one copy clean? With the case at hand, with a holder's script, and by what a holder sends back."""

import hashlib
import hmac
import secrets
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import breachkit
from breachkit.actions.clone_check import (
    CloneResult,
    NotAResultError,
    believe,
    collect_hits,
    require_clean,
)
from breachkit.actions.clone_list import (
    CloneList,
    Entry,
    NoListError,
    entries_in,
    lettered,
    make_entries,
)
from breachkit.actions.copies import Copy, Proof, UnprovenError, copy_with_id
from breachkit.git.clone_check import look_through
from breachkit.git.clone_list import contents_of, removed_objects
from breachkit.git.process import git_version, run_git
from breachkit.git.rawobjects import all_objects
from breachkit.git.scratch import scratch_folder
from breachkit.git.sealing import is_sealed, seal, unseal
from breachkit.incident.case import Milestone
from breachkit.incident.events import EventKind
from breachkit.incident.folder import CaseFolder
from breachkit.model.errors import ConfigurationError
from breachkit.model.ids import ObjectId, display
from breachkit.model.time import Clock
from breachkit.report.verifier_script import verifier_script
from breachkit.workflows import case_files
from breachkit.workflows.case_files import NotYetError
from breachkit.workflows.late_clones import SEALED_FILE, kept_entries
from breachkit.workflows.plain_file import plain
from breachkit.workflows.trace import load_register, set_copy


By = Literal["verifier", "breachkit"]

VERIFIER_FILE = "verifier.txt"
"""Mail programs stop a script by the end of its name, and a shell does not mind it."""

MAX_RESULT = 1 << 20
"""A file with a result is at most so many bytes; a longer one is something else."""

OWN_LOOK, HOLDERS_LOOK = "verify_clone", "verify_clone_json"
"""Kinds of proof: a look of our own, and what a holder's script said."""


def list_of_case(case: CaseFolder, by: By = "breachkit") -> CloneList:
    """Make the list of everything that no copy may hold any more.

    Before the rewrite it names the files and the commits that brought them; after it, everything
    that the rewrite took out of the history, in this round and in those before.

    Args:
        case: Which.
        by: Who looks with it; each seals its results in its own way.

    Raises:
        NotYetError: the scope is not known yet.
    """
    entries = _entries(case)
    number = 1 + len(case_files.rounds(case))
    about = CloneList(entries=entries, token="", round=number, seed="").check
    return CloneList(
        entries=entries,
        token=_secret(case, f"clone-list {number} {about}")[:32],
        round=number,
        seed=_secret(case, f"clone-seal {by} {number} {about}")[:32],
        by=by,
    )


def keep_list(case: CaseFolder) -> None:
    """Keep what a round took away, before what shows it goes: it is destroyed, or the next one replaces it."""
    needed = (case_files.REWRITTEN, case_files.MIRROR)
    if all((case.private / name).exists() for name in needed):
        text = list_of_case(case).text
        case.write_private(case_files.CLONE_LIST, text.encode("ascii"))


def is_there_a_new_history(case: CaseFolder) -> bool:
    """Whether the server has it already. Until then nobody can move a copy onto it."""
    return case.incident.has(Milestone.PUSHED)


def list_in_script(file: Path, key: Path | None = None) -> CloneList:
    """Read the list out of the script that came with a message, or was sealed.

    Args:
        file: The script.
        key: Opens it, where it is sealed.

    Raises:
        NoListError: the file is something else, is sealed and no key is given, or cannot be read.
        BackupError: it does not open with that key.
    """
    try:
        content = plain(file).read_bytes()
        if key is not None and is_sealed(content):
            content = unseal(content, key)
        elif is_sealed(content):
            raise NoListError(f"{display(str(file))} is sealed: add --key FILE, which opens it")
        return CloneList.from_script(content.decode("ascii"))
    except (OSError, UnicodeDecodeError):
        raise NoListError(
            f"{display(str(file))} cannot be read as a verifier: check its name"
        ) from None


def verify_clone(place: Path, wanted: CloneList, clock: Clock) -> CloneResult:
    """Look through one copy; nothing in it is changed and nothing is fetched.

    Args:
        place: Its top folder, its git directory or one of its linked work trees.
        wanted: What it must not hold.
        clock: For the date of the result.

    Raises:
        ConfigurationError: there is no repository.
    """
    looked = look_through(place, wanted)
    return CloneResult(
        case=wanted.token,
        round=wanted.round,
        by=wanted.by,
        version=breachkit.__version__,
        at=clock.now().replace(microsecond=0),
        copy=lettered(secrets.token_hex(8)),
        git=".".join(map(str, git_version())),
        stores=looked.stores,
        objects=looked.objects,
        files=looked.files,
        hits=collect_hits(looked.found),
        unread=tuple(sorted(looked.unread)),
    )


def advise(place: Path, wanted: CloneList) -> str:
    """Give the commands that clean one copy, made for it; empty where it is clean.

    The script makes them, so that a holder and we are told the same. git runs it: it brings the
    shell that the script needs, on Windows too.
    """
    with scratch_folder() as folder:
        script = folder / "verifier.sh"
        script.write_bytes(verifier_script(wanted))
        args = [
            "-c",
            "alias.advise=!sh",
            "advise",
            str(script),
            "--advice-only",
            str(place.resolve()),
        ]
        answer = run_git(args, check=False)
    if answer.code not in {0, 5, 7}:
        raise ConfigurationError("there is no shell to make the advice with: install git anew")
    return answer.stdout.decode("utf-8", "surrogateescape").strip("\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Verifier:
    """The script that was written."""

    path: Path
    wanted: CloneList
    content: bytes = field(repr=False)

    @property
    def sha256(self) -> str:
        """Of the script."""
        return hashlib.sha256(self.content).hexdigest()


def write_verifier(case: CaseFolder) -> Verifier:
    """Write the one-file verifier into the case's private part.

    Raises:
        NotYetError: the scope is not known yet.
    """
    wanted = list_of_case(case, "verifier")
    content = verifier_script(wanted)
    case.write_private(VERIFIER_FILE, content)
    return Verifier(path=case.private / VERIFIER_FILE, wanted=wanted, content=content)


def seal_verifier(case: CaseFolder, recipients: Sequence[str]) -> Path:
    """Keep the one-file verifier for clones that turn up once the private part is destroyed.

    It is encrypted, and lies beside that part: without a key, which is kept elsewhere, it tells nothing.

    Args:
        case: Which.
        recipients: age public keys (`age1...`) of whoever answers for late clones, at least one.

    Raises:
        NotYetError: the scope is not known yet.
        UsageError: one of them is no age public key.
    """
    content = seal(verifier_script(list_of_case(case, "verifier")), recipients)
    case.write_file(SEALED_FILE, content)
    return case.path / SEALED_FILE


def read_result(file: Path) -> str:
    """Read what a holder sent back.

    Raises:
        NotAResultError: the file cannot be read, or is far too long.
    """
    try:
        with plain(file).open("rb") as opened:
            content = opened.read(MAX_RESULT + 1)
    except OSError:
        raise NotAResultError(f"{display(str(file))} cannot be read: check its name") from None
    if len(content) > MAX_RESULT:
        raise NotAResultError(f"{display(str(file))} is too long for a result: check its name")
    return content.decode("utf-8", "replace")


def prove_copy(case: CaseFolder, copy_id: str, text: str, clock: Clock) -> tuple[Copy, CloneResult]:
    """Let a result prove that a copy is clean.

    What our own breachkit found counts as a look of ours. What a holder's script found is the
    holder's word with evidence, and does not stand in for a look of ours.

    Args:
        case: Which.
        copy_id: Such as `K-031`.
        text: The result, also with a mail around it.
        clock: For the date of the proof.

    Raises:
        NoSuchCopyError: the register has no such copy.
        NotAResultError, OtherListError: it is no result, was changed, or is about something else.
        NotCleanError: the copy is not clean.
        UnprovenError: the result proves another copy already.
    """
    register = load_register(case)
    copy_with_id(register, copy_id)
    result = believe(text, [list_of_case(case, "verifier"), list_of_case(case, "breachkit")])
    require_clean(result)
    proof = _proof(result, clock)
    for other in register:
        if other.id != copy_id and any(result.copy in each.note for each in other.proof):
            raise UnprovenError(
                f"that result proves {other.id} already, and one look says nothing of a second "
                f"copy: ask for the result of {copy_id}"
            )
    return set_copy(case, copy_id, "proven_clean", proof), result


def _proof(result: CloneResult, clock: Clock) -> Proof:
    own = result.by == "breachkit"
    how = "looked through by us" if own else "looked through by its holder with the verifier"
    note = (
        f"{how}: {result.objects} objects, {result.files} files, {result.stores} stores, nothing "
        f"found and nothing left out; result {result.copy}"
    )
    by = "breachkit verify-clone" if own else "the holder's verifier"
    return Proof(kind=OWN_LOOK if own else HOLDERS_LOOK, at=clock.now(), by=by, note=note)


def _entries(case: CaseFolder) -> tuple[Entry, ...]:
    """Make the entries from the mirror; once that is destroyed, give those that were kept."""
    if not case_files.has_mirror(case) and (kept := kept_entries(case)):
        return kept
    _require_private(case)
    bad = case_files.load_bad_set(case)
    mirror = case_files.mirror_of(case).path
    content = contents_of(mirror, bad.ids)
    key = _secret(case, "clone-numbers").encode("ascii")
    numbered = sorted(bad.ids, key=lambda one: hmac.digest(key, one.encode("ascii"), "sha256"))
    rewritten = case.private / case_files.REWRITTEN
    history, staying = set(bad.introducers), frozenset[ObjectId]()
    if rewritten.exists():
        staying = frozenset(all_objects(rewritten))
        history |= removed_objects(mirror, staying)
    files = [(one, content.get(one)) for one in numbered]
    return make_entries(files, history - bad.ids, staying, tuple(_earlier(case)))


def _require_private(case: CaseFolder) -> None:
    """Refuse where the private part was destroyed, which held all that a copy is compared with."""
    was_there = EventKind.SCOPE_RECORDED in case.incident.latest
    if was_there and not case.has_file(f"private/{case_files.BAD_SET}"):
        file = case.path / SEALED_FILE
        where = shlex.quote(str(file)) if file.exists() else "FILE"
        raise NotYetError(
            "the private part of the case is destroyed, and with it what a copy is compared with; a sealed "
            f"verifier is left if one was made: `breachkit verify-clone PATH --list {where} --key KEY`"
        )


def _earlier(case: CaseFolder) -> Iterator[Entry]:
    """Give what was on the lists of earlier rounds."""
    for folder in case_files.rounds(case):
        file = folder / case_files.CLONE_LIST
        if file.exists():
            yield from entries_in(file.read_text(encoding="ascii"))


def _secret(case: CaseFolder, about: str) -> str:
    return lettered(case_files.fingerprint(case, about))
