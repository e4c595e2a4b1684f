"""Release the checked files of a folder: one commit on the release branch of a study repository.

Nothing is asked of the network before the check passes. The bytes that are pushed are those that
were checked, whatever happens to the folder meanwhile. What is written down before the push lets a
run that was ended be gone on with, and what is said after it was fetched from the server.
"""

import contextlib
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import breachkit
from breachkit.actions.release import (
    INDEX,
    NotCheckedError,
    Released,
    ReleaseFile,
    ReleasePlan,
    Stand,
    TellingMessageError,
    Visibility,
    Word,
    require_fit_names,
    require_passed,
)
from breachkit.actions.release_checks import CheckResult
from breachkit.detect.engine import examine_message
from breachkit.detect.rule import FileContext
from breachkit.git.clone import hosted_url, is_slug, local_path
from breachkit.git.process import mask_credentials
from breachkit.git.publish import (
    BranchMovedError,
    Listed,
    Made,
    Publishing,
    ReleaseRefusedError,
    git_url,
    stand_of,
)
from breachkit.git.publish_proof import prove
from breachkit.git.remote import list_remote
from breachkit.git.scratch import scratch_folder
from breachkit.model.errors import BreachkitError
from breachkit.model.ids import GitPath, ObjectId
from breachkit.model.time import Clock
from breachkit.report.escape import shell
from breachkit.report.release_index import index_of
from breachkit.workflows import release_files
from breachkit.workflows.case_files import confirmation_name, server_url
from breachkit.workflows.playbooks import default_playbook, load_policies
from breachkit.workflows.release_records import Manifest, Records


Check = Callable[[Path], CheckResult]
"""Checks a folder as `breachkit check` does."""

_PLAIN = (b"100644", b"100755")


def target_of(to: str) -> str:
    """Give what somebody means by a study repository: a path that is here, a URL, or `owner/name`.

    A slip in a path must not send the names of folders to a platform: see `clone.is_slug`.
    """
    if Path(to).exists():
        return str(Path(to).absolute())
    if is_slug(to):
        return hosted_url(to)
    return str(Path(to).absolute()) if hosted_url(to) != to else to


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """What the platform of a study repository can be asked."""

    visibility: Callable[[str], Visibility]
    """Takes the URL."""
    pull_request: Callable[[str, Stand], str | None]
    """Takes the URL, and gives the page on which a pull request is made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Releasing:
    """A release that is planned or made."""

    folder: Path
    target: str
    """As `target_of` gives it: a URL, or the path of a bare repository."""
    word: Word
    check: Check
    platform: Platform
    clock: Clock
    records: Records

    def plan(self) -> ReleasePlan:
        """Say what a release would do; nothing is changed anywhere.

        Raises:
            NotCheckedError: the check does not pass.
            UnfitFilesError, InStudyError, FolderChangedError: what is in the way of these files.
            AccessError, ConfigurationError, IncompleteError: as `clone.transfer_error` says.
        """
        with self._ready() as ready:
            return ready.plan

    def execute(self) -> Released | ReleasePlan:
        """Make the commit, push it and prove that it arrived.

        Returns:
            What arrived; or the plan, where the branch has everything already.

        Raises:
            BranchMovedError, ReleaseRefusedError: nothing was pushed.
            UnknownOutcomeError: the connection broke; running it again looks what is there.
            NotOnlyTheReleaseError: the server has not exactly what was released.
        """
        with self.records.held(), self._ready() as ready:
            begun = self._begun(ready.plan)
            if ready.plan.is_there:
                known = [one for one in begun if one.made.commit == ready.stand.tip]
                self._leave([one for one in begun if one not in known])
                return self._proven(ready, known[0], found=True) if known else ready.plan
            self._leave(begun)
            return self._proven(ready, self._pushed(ready), found=False)

    def _leave(self, begun: list[Manifest]) -> None:
        """Give up on finding out what became of releases."""
        for each in begun:
            self.records.settle(each, "not known")

    def _begun(self, plan: ReleasePlan) -> list[Manifest]:
        """Give what was begun there and never came to an end."""
        return [
            each
            for each in self.records.every()
            if each.state == "begun" and each.data["repository"] == plan.url
        ]

    def _pushed(self, ready: "_Ready") -> Manifest:
        """Push, with a manifest that is there before."""
        when = self.clock.now()
        made = ready.commit(when=self.word.by.signed(when))
        manifest = self.records.begin(ready.plan, made, when)
        try:
            ready.publishing.push(made)
        except (BranchMovedError, ReleaseRefusedError):
            self.records.forget(manifest)
            raise
        return manifest

    def _proven(self, ready: "_Ready", manifest: Manifest, *, found: bool) -> Released:
        made = manifest.made
        arrived = prove(ready.url, made, manifest.files, _made(ready.scratch / "proof"))
        self.records.settle(manifest, "released", arrived)
        return Released(
            plan=ready.plan,
            commit=made.commit,
            arrived=arrived,
            number=manifest.number,
            found=found,
        )

    @contextlib.contextmanager
    def _ready(self) -> Iterator["_Ready"]:
        """Check a copy, fetch the tip, and put the files into the database beside it."""
        target = server_url(self.target)
        there = release_files.find_files(self.folder)
        around = release_files.repository_around(self.folder)
        path = local_path(target)
        release_files.require_elsewhere(around, path, target, ())
        require_fit_names(there.files, (), ())
        with scratch_folder() as scratch:
            result, copied = self._checked(there, scratch)
            digests = _digests(result, list(there.files))
            url = git_url(target, path)
            server = list_remote(url)
            stand = stand_of(server)
            release_files.require_elsewhere(around, path, target, tuple(server.refs.values()))
            publishing = Publishing(url, stand, scratch)
            listed = publishing.listed()
            folders = tuple(map(GitPath, listed.folders))
            require_fit_names(digests, _others(listed, digests), folders)
            ids = publishing.store(release_files.read_checked(copied, digests))
            blobs = dict(zip(digests, ids, strict=True))
            (index,) = publishing.store([index_of(_indexed(listed, blobs))])
            release_files.require_unchanged(self.folder, there)
            plan = self._plan(result, listed, stand, blobs, index)
            warnings = _warnings(around, self.folder, blobs)
            plan = replace(plan, left_out=tuple(there.hidden), warnings=warnings)
            yield _Ready(plan, publishing, listed, index, url, scratch)

    def _checked(self, there: release_files.Found, scratch: Path) -> tuple[CheckResult, Path]:
        """Check a copy that nobody else writes to: what is checked is what is released."""
        copied = scratch / "files" / (self.folder.resolve().name or "files")
        copied.parent.mkdir(mode=0o700)
        release_files.copy_files(self.folder, there, copied)
        result = self.check(copied)
        require_passed(result, shell(str(self.folder)), self.word.checked_by)
        release_files.require_unchanged(self.folder, there)
        return result, copied

    def _plan(
        self,
        result: CheckResult,
        listed: Listed,
        stand: Stand,
        blobs: Mapping[GitPath, ObjectId],
        index: ObjectId,
    ) -> ReleasePlan:
        checked = {each.within: each for each in result.files}
        files = tuple(
            ReleaseFile(
                path=path,
                size=checked[path].size,
                sha256=checked[path].sha256,
                blob=one,
                state=listed.state(path, one),
            )
            for path, one in blobs.items()
        )
        shown = mask_credentials(self.target)
        return ReleasePlan(
            name=confirmation_name(self.target),
            url=shown,
            files=files,
            kept=len(_others(listed, blobs)),
            index=listed.state(INDEX, index),
            stand=stand,
            message=_message(self.word, result),
            policy=_policy(result),
            word=self.word,
            check=result,
            visibility=self.platform.visibility(self.target),
            pull_request=self.platform.pull_request(shown, stand),
        )


@dataclass(frozen=True, slots=True)
class _Ready:
    """A release that is checked and stored, and not made yet."""

    plan: ReleasePlan
    publishing: Publishing
    listed: Listed
    index: ObjectId
    url: str
    scratch: Path

    @property
    def stand(self) -> Stand:
        return self.plan.stand

    def commit(self, *, when: bytes) -> Made:
        """Make the commit, signed as given."""
        put = {each.path: each.blob for each in self.plan.files}
        return self.publishing.commit(
            self.listed, {**put, INDEX: self.index}, when, self.plan.message
        )


def _policy(result: CheckResult) -> str:
    """Give the rules that a check went by, with the playbook that they are from."""
    name = result.scan.policy
    return name if ":" in name else f"{default_playbook()}:{name}"


def _message(word: Word, result: CheckResult) -> str:
    """Give the message, if it tells nothing about people.

    Raises:
        TellingMessageError: it does.
    """
    text = word.message(_policy(result), breachkit.__version__)
    context = FileContext(
        paths=(), size=len(text), first_date=None, policy=load_policies().at(None), is_output=False
    )
    if any(hit.severity for hit in examine_message(text.encode(), context).hits):
        raise TellingMessageError(
            "the message would state a count or a number of people, and is public: take it out of "
            "--message, --from or the names"
        )
    return text


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _digests(result: CheckResult, files: list[GitPath]) -> dict[GitPath, str]:
    """Give the digest of each file as it was checked.

    Raises:
        NotCheckedError: the check could not read one of them.
    """
    known = {each.within: each.sha256 for each in result.files}
    if not all(known.get(path) for path in files):
        raise NotCheckedError(
            "a file could not be read by the check, and unread is not clean: nothing was released; "
            "`breachkit check` names it"
        )
    return {path: known[path] for path in files}


def _others(listed: Listed, files: Container[GitPath]) -> list[GitPath]:
    """Give the released files on the branch that are not among these; the index is none."""
    return [path for path in listed.files if path not in files and path != INDEX]


def _indexed(listed: Listed, blobs: Mapping[GitPath, ObjectId]) -> list[GitPath]:
    kept = [path for path in _others(listed, blobs) if listed.files[path][0] in _PLAIN]
    return [*kept, *blobs]


def _warnings(
    around: release_files.Around | None, folder: Path, blobs: Mapping[GitPath, ObjectId]
) -> tuple[str, ...]:
    if around is None:
        return ()
    try:
        left = around.uncommitted(folder, blobs)
    except BreachkitError:
        return ("the repository around the folder could not be asked what is committed in it",)
    return (release_files.describe_uncommitted(left, len(blobs)),) if left else ()
