"""Fills in a release request from a folder: the check of it, then what each file tells about itself."""

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

from breachkit.actions.release_checks import CheckResult, ItemResult, Outcome
from breachkit.actions.request import Filled, Form, Output, OutputFacts, Related, Request, Section
from breachkit.actions.request_filling import Known, filled, header_answers, size
from breachkit.actions.request_groups import sections_of
from breachkit.actions.request_links import Comparable, Linked, comparable, linked_outputs
from breachkit.actions.request_related import earlier_related, related_outputs
from breachkit.actions.request_seen import output_facts
from breachkit.detect.engine import documents_of
from breachkit.detect.rule import FileContext
from breachkit.documents.table import Document, Table, Unreadable
from breachkit.git.objects import ObjectEntry, Unread
from breachkit.git.parallel import map_contents
from breachkit.git.plain_files import contents_of, entries_of
from breachkit.model.errors import ConfigurationError, UsageError
from breachkit.model.ids import GitPath, display
from breachkit.model.policy import Policy
from breachkit.model.records import dataclass, field
from breachkit.report import check_words, words
from breachkit.report.masking import Masking
from breachkit.workflows.checking_earlier import is_repository
from breachkit.workflows.checking_files import MOST_COLUMNS
from breachkit.workflows.checking_listing import Given, listed
from breachkit.workflows.request_redactions import redactions_of
from breachkit.workflows.scan import Progress


CHANGED = "it was changed while the request was filled in"


@dataclass(frozen=True, slots=True, kw_only=True)
class Requesting:
    """How to fill in a request."""

    form: Form
    check: Callable[[Path], CheckResult]
    """Checks a folder."""
    policy: Policy
    day: date
    """In UTC."""
    given: Mapping[str, str] = field(default_factory=dict)
    """What people answered, by the id of a question about the whole request."""
    against: Sequence[str] = ()
    """Earlier releases."""
    home: Path
    """Where originals of redactions are kept."""
    workers: int = 1


def fill_request(folder: Path, how: Requesting, *, progress: Progress) -> Request:
    """Check a folder, look at its files, and fill in the form.

    Args:
        folder: What is to be released.
        how: By what, and for whom.
        progress: Is told how far it is.

    Raises:
        ConfigurationError: there is no such folder, or no file in it.
        UsageError: it is a file.
    """
    if folder.exists() and not folder.is_dir():
        raise UsageError("a request is made for a folder: copy what is to be released into one")
    result = how.check(folder)
    given = listed([os.fsencode(folder)])
    if not given.files:
        raise ConfigurationError(
            f"{display(os.fsencode(folder))} holds no file: nothing to request"
        )
    masking = Masking.of(result.scan)
    described = _described(given, how, progress)
    outputs = _outputs(given, described, result, masking, redactions_of(how.home))
    tables = [(given.files[each.number].path, each.tables) for each in described]
    linked = linked_outputs(tables, how.policy.threshold)
    sections = sections_of(outputs)
    known = Known(
        related=_related(outputs, linked, given, how.against),
        cut=linked.cut,
        groups=_groups(sections),
        check=result,
        show=_show(masking),
    )
    written = tuple(filled(each, how.form, known) for each in sections)
    return Request(
        form=how.form,
        folder=display(masking.target(result.scan.target)),
        day=how.day,
        header=header_answers(
            how.form,
            how.given,
            how.day,
            _told(result, outputs, written, compared=bool(how.against)),
        ),
        sections=written,
        check=result,
        unread=_unread(result, outputs),
    )


def _groups(sections: Sequence[Section]) -> Mapping[GitPath, str]:
    return {
        path: display(each.pattern) for each in sections if each.is_group for path in each.paths
    }


def _show(masking: Masking) -> Callable[[GitPath | str], str]:
    def show(name: GitPath | str) -> str:
        return masking.shown(name) if isinstance(name, bytes) else display(masking.text(name))

    return show


def _told(
    result: CheckResult, outputs: Sequence[Output], sections: Sequence[Filled], *, compared: bool
) -> Mapping[str, Sequence[str]]:
    files = words.counted(len(outputs), "file")
    parts = words.counted(len(sections), "section")
    total = size(sum(each.size for each in outputs))
    earlier = next((each for each in result.items if each.item.id == "earlier-results"), None)
    return {
        "earlier": [_earlier_told(earlier)] if compared and earlier else [],
        "outputs": [f"{files} in {parts}, {total}"],
        "check": [check_words.verdict(result), f"by policy {result.scan.policy}"],
    }


def _earlier_told(item: ItemResult) -> str:
    said = "nothing was found" if item.outcome is Outcome.PASS else "see the check"
    return f"{item.note or 'compared'}: {said}"


def _unread(result: CheckResult, outputs: Sequence[Output]) -> Mapping[GitPath, Sequence[str]]:
    found: dict[GitPath, list[str]] = {}
    for each in result.scan.skipped:
        found.setdefault(each.path or GitPath(b""), []).append(each.reason)
    for output in outputs:
        reasons = found.setdefault(output.path, [])
        reasons += [each for each in output.facts.unread if each not in reasons]
    return {path: tuple(reasons) for path, reasons in sorted(found.items()) if reasons}


# --- Files --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Describer:
    """Looks at files; made once, before workers are forked."""

    judged: Sequence[GitPath] = field(repr=False)
    policy: Policy
    key: bytes = field(repr=False)

    def __call__(self, entry: ObjectEntry, content: bytes | Unread) -> "_Described":
        number = int(entry.oid)
        if isinstance(content, Unread):
            return _Described(number, "", OutputFacts(unread=(f"file {content.value}",)))
        digest = hashlib.sha256(content).hexdigest()
        try:
            return _Described(number, digest, *self._facts(number, content))
        except Exception as error:  # noqa: BLE001 - its text may quote content, its type does not
            reason = f"describing it failed: {type(error).__name__}"
            return _Described(number, digest, OutputFacts(unread=(reason,)))

    def _facts(self, number: int, content: bytes) -> tuple[OutputFacts, Comparable]:
        path = self.judged[number]
        context = FileContext(
            paths=(path,), size=len(content), first_date=None, policy=self.policy, is_output=True
        )
        documents = tuple(map(_if_described, documents_of(content, context)))
        facts = output_facts(content, documents, path, self.policy, self.key)
        return facts, comparable(documents)


class _Described(NamedTuple):
    """What looking at one file gave."""

    number: int
    sha256: str
    facts: OutputFacts
    tables: Comparable = Comparable()


def _if_described(document: Document) -> Document:
    if isinstance(document, Table) and len(document.header) > MOST_COLUMNS:
        return Unreadable(f"a table of more than {MOST_COLUMNS:,} columns")
    return document


def _described(given: Given, how: Requesting, progress: Progress) -> list[_Described]:
    files = [each.file for each in given.files]
    describer = _Describer(judged=given.judged, policy=how.policy, key=os.urandom(32))
    progress.start(len(files))
    found = map_contents(
        contents_of(files),
        entries_of(files),
        describer,
        workers=how.workers,
        on_progress=progress.advance,
    )
    return sorted(found, key=lambda each: given.files[each.number].path)


def _outputs(
    given: Given,
    described: Sequence[_Described],
    result: CheckResult,
    masking: Masking,
    kept: Mapping[str, tuple[str, ...]],
) -> tuple[Output, ...]:
    checked = {each.path: each.sha256 for each in result.files}
    outputs: list[Output] = []
    for one in described:
        each = given.files[one.number]
        is_same = checked.get(each.path) == one.sha256
        changed = OutputFacts(unread=(*one.facts.unread, CHANGED))
        outputs.append(
            Output(
                path=each.path,
                size=each.file.size,
                facts=one.facts if is_same else changed,
                redactions=kept.get(one.sha256, ()),
                is_masked=masking.hides(each.path),
            )
        )
    return tuple(outputs)


def _related(
    outputs: Sequence[Output], linked: Linked, given: Given, against: Sequence[str]
) -> Mapping[GitPath, Sequence[Related]]:
    found = {path: list(related) for path, related in related_outputs(outputs).items()}
    for path, each in linked.related:
        found.setdefault(path, []).append(each)
    within = {each.path: each.file.within for each in given.files}
    for shown, earlier in _earlier(against):
        for output in outputs:
            related = earlier_related(within[output.path], earlier, shown)
            found.setdefault(output.path, []).extend(related)
    return found


def _earlier(against: Sequence[str]) -> Iterator[tuple[list[GitPath], list[GitPath]]]:
    """Give the files of each earlier release that is a folder, as reports call them, and within it.

    What a repository held is compared by the check; its files are not named again.
    """
    for place in against:
        if not is_repository(place):
            files = listed([os.fsencode(place)]).files
            yield [each.path for each in files], [each.file.within for each in files]
