"""Redact files: read them, plan all of them together, look at the outcome with every rule, write it.

Nothing is written before all of that succeeded for all files, unless somebody said that those that
cannot be redacted may be passed over.
"""

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from breachkit.actions.redacted import Fate, LeftOut, RedactedFile, Redaction
from breachkit.actions.redaction import plan_redaction
from breachkit.actions.redaction_plan import FilePlan, NamedTables, Options, RedactionPlan, redacted
from breachkit.actions.redaction_protect import Protect
from breachkit.documents.editing.editable import CannotEditError, Editable
from breachkit.documents.editing.opening import open_editable
from breachkit.documents.kinds import HEAD, Reading, kind_of
from breachkit.git.limits import TimeLimit
from breachkit.model.doing import doing
from breachkit.model.errors import ConfigurationError, TookTooLongError
from breachkit.model.ids import GitPath, display
from breachkit.model.policy import Policy
from breachkit.model.records import dataclass, field
from breachkit.model.time import Clock
from breachkit.sdc.integer_bounds import SolverMissingError
from breachkit.workflows import redact_write
from breachkit.workflows.redact_files import NotTaken, Taken
from breachkit.workflows.redact_outputs import content_there, names_within, targets
from breachkit.workflows.redact_recheck import Content, Found, is_of_patients, look_at


OF_PATIENTS = (
    "redaction is for tables of counts, and this one has a row for each patient: leave it out, and "
    "release a table of counts made from it"
)

MOST_COLUMNS = 16_384
"""As many as a sheet of Excel can have (Microsoft, "Excel specifications and limits")."""
TOO_WIDE = (
    f"it has more than {MOST_COLUMNS:,} columns, which no table of results has: leave it out, or write "
    "its columns as rows"
)
MOST_CELLS = 250_000
"""In all files of one call, which are protected together: so many take some 500 MB."""
TOO_LARGE = (
    f"it has more than {MOST_CELLS:,} cells, and so many are not protected at once: leave out rows or "
    "columns that nobody needs"
)
TOO_MANY = (
    f"with it there are more than {MOST_CELLS:,} cells, and so many are not protected at once: redact "
    "it in another call, with the files that tell about it"
)
_DELIMITERS = (b",", b";", b"\t", b"|")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file that is to be redacted, wherever it came from."""

    path: GitPath
    """How reports name it."""
    within: GitPath
    """From the folder that holds all files of the call."""
    content: bytes = field(repr=False)
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """How files are to be redacted."""

    policy: Policy
    options: Options
    protect: Protect
    """Who chooses complementary cells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """What would be written, and everything there is to say of it."""

    redaction: Redaction
    contents: Mapping[GitPath, bytes] = field(repr=False)
    """The new content of each file, by its name in reports."""


def sources_of(files: Sequence[Taken]) -> tuple[Source, ...]:
    """Give plain files as what is to be redacted."""
    within = names_within([file.path for file in files])
    return tuple(
        Source(
            path=_name(file),
            within=name,
            content=file.content,
            remarks=file.remarks,
        )
        for file, name in zip(files, within, strict=True)
    )


def left_out_of(files: Sequence[NotTaken]) -> tuple[LeftOut, ...]:
    """Give files that could not be read as what is left out."""
    return tuple(LeftOut(path=_name(file), reason=file.reason) for file in files)


def _name(file: Taken | NotTaken) -> GitPath:
    return GitPath(os.fsencode(file.given))


def plan(
    sources: Sequence[Source],
    wanted: Wanted,
    *,
    left_out: Sequence[LeftOut] = (),
    telling: Collection[bytes] = (),
) -> Planned:
    """Find out what is to be redacted in all files together, and what is left to say afterwards.

    Args:
        sources: The files.
        wanted: How.
        left_out: Those that could not even be read.
        telling: Names that are known to be evidence themselves.

    Raises:
        ConfigurationError: the policy does not allow what is wanted.
    """
    wanted.options.check(wanted.policy)
    opened, out = _open_all(sources, wanted.policy)
    with doing("Protecting tables, and checking them"):
        planned = _planned([one.named for one in opened], wanted)
        rewritten, not_written = _rewritten(opened, planned)
        found = look_at([one.as_content(wanted.policy) for one in rewritten])
    redaction = Redaction(
        files=tuple(
            _redacted(one, said, telling) for one, said in zip(rewritten, found, strict=True)
        ),
        plan=planned,
        left_out=(*left_out, *out, *not_written),
    )
    contents = {one.opened.source.path: one.content for one in rewritten}
    return Planned(redaction=redaction, contents=contents)


def _planned(tables: Sequence[NamedTables], wanted: Wanted) -> RedactionPlan:
    try:
        return plan_redaction(tables, wanted.policy, wanted.options, protect=wanted.protect)
    except SolverMissingError:
        raise NoSolverError(
            "HiGHS is needed to protect these tables: install it with `pip install highspy`"
        ) from None


def _open_all(sources: Sequence[Source], policy: Policy) -> tuple[list["_Opened"], list[LeftOut]]:
    opened: list[_Opened] = []
    out: list[LeftOut] = []
    limit = TimeLimit()
    with limit.available():
        for source in sources:
            try:
                with limit.for_one():
                    opened.append(_open(source, policy, beside=opened))
            except _LeftOutError as why:
                out.append(LeftOut(path=source.path, reason=str(why)))
            except TookTooLongError:
                out.append(LeftOut(path=source.path, reason="reading it took too long"))
    return opened, out


def _open(source: Source, policy: Policy, *, beside: Sequence["_Opened"]) -> "_Opened":
    _require_narrow(source)
    try:
        editable = open_editable(source.content, source.within)
    except CannotEditError as why:
        raise _LeftOutError(str(why)) from None
    except TookTooLongError:
        raise
    except Exception as error:  # noqa: BLE001 - its text may quote content, its type does not
        raise _LeftOutError(f"reading it failed: {type(error).__name__}") from None
    if _cells(editable) > MOST_CELLS:
        raise _LeftOutError(TOO_LARGE)
    if _cells(editable) + sum(_cells(one.editable) for one in beside) > MOST_CELLS:
        raise _LeftOutError(TOO_MANY)
    content = Content(path=source.within, data=source.content, policy=policy)
    if is_of_patients(content):
        raise _LeftOutError(OF_PATIENTS)
    return _Opened(source, editable)


def _require_narrow(source: Source) -> None:
    """Look at the first line of delimited text, before anything is made of its cells."""
    if kind_of(source.content[:HEAD], (source.within,)).reading is not Reading.TABLE:
        return
    first = source.content.partition(b"\n")[0]
    columns = 1 + max(map(first.count, _DELIMITERS))
    if columns > MOST_COLUMNS:
        raise _LeftOutError(TOO_WIDE)
    if columns * source.content.count(b"\n") > MOST_CELLS:
        raise _LeftOutError(TOO_LARGE)


def _cells(editable: Editable) -> int:
    return sum(len(table.rows) * len(table.header) for table in editable.tables)


def _rewritten(
    opened: Sequence["_Opened"], planned: RedactionPlan
) -> tuple[list["_Rewritten"], list[LeftOut]]:
    plans = {each.path: each for each in planned.files}
    done: list[_Rewritten] = []
    out: list[LeftOut] = []
    for one in opened:
        own = plans[one.source.within]
        try:
            done.append(_Rewritten(one, own, one.editable.written(own.edits)))
        except CannotEditError as why:
            out.append(LeftOut(path=one.source.path, reason=str(why)))
    return done, out


def _redacted(one: "_Rewritten", found: Found, telling: Collection[bytes]) -> RedactedFile:
    source = one.opened.source
    return RedactedFile(
        path=source.path,
        plan=one.plan,
        tables=one.opened.editable.tables,
        fixed=one.opened.editable.fixed,
        remarks=source.remarks,
        hits=found.hits,
        unread=found.unread,
        fate=Fate.UNCHANGED if one.content == source.content else Fate.PLANNED,
        is_telling=found.is_telling or source.path in telling,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """How a plan is carried out."""

    home: Path
    """Where originals are kept; see `cli.cases.home`."""
    clock: Clock
    output: str | None = None
    """Where redacted files go, as it was named; None for in place."""
    replaces: bool = False
    """Whether what is there may be written over."""
    reason: str | None = None
    skip_unreadable: bool = False
    """Whether files that cannot be redacted may be passed over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a file of a plan is, or may go where no other place is named."""

    name: GitPath
    """As reports name it."""
    path: Path
    """Absolute."""
    mode: int
    content: bytes | None = field(default=None, repr=False)
    """What is there, as it was read; None where it was read elsewhere."""


def origins_of(files: Sequence[Taken]) -> tuple[Origin, ...]:
    """Give plain files as where redacted files may go."""
    return tuple(
        Origin(name=_name(file), path=file.path, mode=file.mode, content=file.content)
        for file in files
    )


def carry_out(planned: Planned, origins: Sequence[Origin], writing: Writing) -> Redaction:
    """Write redacted files, all or none; what is written over can be put back.

    Args:
        planned: As `plan` gave it.
        origins: Of each file that it was made from; others are passed over.
        writing: How.

    Returns:
        What was planned with what became of it; with `refusal` and nothing written where files were
        left out, or what was taken out is not protected.

    Raises:
        UsageError, RefusedError: something is in the way of the outputs.
        IncompleteError, AccessError: as `redact_write.write`.
    """
    redaction = planned.redaction
    why_not = _refusal(redaction, skip_unreadable=writing.skip_unreadable)
    if why_not:
        return replace(redaction, refusal=why_not)
    chosen = [origin for origin in origins if origin.name in planned.contents]
    places = targets([origin.path for origin in chosen], writing.output)
    changes = [
        change
        for origin in chosen
        if (change := _change(origin, places[origin.path], planned.contents[origin.name], writing))
    ]
    kept = redact_write.write(writing.home, changes, writing.clock, reason=writing.reason)
    outputs = {origin.name: places[origin.path] for origin in chosen}
    return _carried_out(redaction, outputs, {change.path for change in changes}, kept)


def _carried_out(
    redaction: Redaction,
    outputs: Mapping[GitPath, Path],
    written: Collection[Path],
    kept: str | None,
) -> Redaction:
    files = tuple(
        replace(
            each,
            output=outputs[each.path],
            fate=Fate.WRITTEN if outputs[each.path] in written else Fate.UNCHANGED,
        )
        for each in redaction.files
    )
    return replace(redaction, files=files, kept=kept)


def _refusal(redaction: Redaction, *, skip_unreadable: bool) -> str | None:
    if redaction.failed:
        cells = "cell" if redaction.failed == 1 else "cells"
        kept = redaction.kept_and_telling
        return (
            f"{redaction.failed:,} {cells} could still be worked out, so nothing was written: "
            + (_KEPT_TELLS.format(", ".join(map(display, kept))) if kept else _way_out(redaction))
        )
    if redaction.given_back:
        return _GIVEN_BACK.format(", ".join(redaction.given_back)) + _way_out(redaction)
    if redaction.left_out and not skip_unreadable:
        return (
            "not every file could be redacted, so nothing was written: leave out those that are "
            "named, or add --skip-unreadable"
        )
    return None


def _way_out(redaction: Redaction) -> str:
    options = redaction.plan.options
    ways = ["add --whole-table"] if not options.whole_table else []
    ways += ["round the counts (--round)"] if options.rounding is None else []
    return ", ".join([*ways, "or leave the file out" if ways else "leave the file out"])


_GIVEN_BACK = "what was taken out could still be worked out ({}), so nothing was written: "
_KEPT_TELLS = "what is kept tells them ({}): call again without --keep for one of these, or leave the file out"


def _change(
    origin: Origin, target: Path, new: bytes, writing: Writing
) -> redact_write.Change | None:
    """Give what has to be written for one file; None where that is there already."""
    is_in_place = target == origin.path and origin.content is not None
    if is_in_place and new == origin.content:
        return None
    there = content_there(target, new, may_replace=writing.replaces)
    if there == new:
        return None
    old = origin.content if is_in_place else there  # what was read: it may have changed since
    return redact_write.Change(path=target, old=old, new=new, mode=origin.mode)


class NoSolverError(ConfigurationError):
    """The solver that proves tables safe is not installed."""


class _LeftOutError(Exception):
    """Ends the opening of one file; the text is the reason."""


class _Opened(NamedTuple):
    source: Source
    editable: Editable

    @property
    def named(self) -> NamedTables:
        return NamedTables(path=self.source.within, tables=self.editable.tables)


class _Rewritten(NamedTuple):
    opened: _Opened
    plan: FilePlan
    content: bytes

    def as_content(self, policy: Policy) -> Content:
        tables = self.opened.editable.tables
        return Content(
            path=self.opened.source.within,
            data=self.content,
            policy=policy,
            proven=tuple(
                redacted(tables[plan.table], plan.changes)
                for plan in self.plan.tables
                if plan.is_proven
            ),
        )
