"""What a release's folder tells as a whole: how it is laid out, and what belongs to what in it."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from breachkit.actions.release_checks import Concern, Outcome
from breachkit.actions.release_checks_content import Seen
from breachkit.actions.release_checks_names import NOT_FOR_RELEASE, names, unfit
from breachkit.actions.release_checks_tables import Told
from breachkit.model.ids import GitPath
from breachkit.model.policy import Policy
from breachkit.model.records import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFacts:
    """What matters of one file."""

    path: GitPath
    """As reports call it."""
    within: GitPath
    """Within its folder."""
    size: int
    seen: Seen = field(default_factory=Seen)
    found: frozenset[str] = frozenset()
    """The rules that found something in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderFacts:
    """What matters of what was given to be checked."""

    name: str | None
    """Of the folder; None where files were given by themselves."""
    given: int
    """How many folders and files were given."""
    files: Sequence[FileFacts]
    folders: Sequence[tuple[GitPath, GitPath]] = ()
    """Every folder below, as reports call it, and within."""
    others: Sequence[tuple[GitPath, str]] = ()
    """What is no plain file, and what it is."""
    beside: int = 0
    """How many files that look like outputs lie beside the folder."""


def folder_concerns(facts: FolderFacts, policy: Policy) -> Iterator[Told]:
    """Give everything there is to say about a folder."""
    yield from _layout(facts)
    for file in facts.files:
        reasons = list(unfit(file.path, file.within, file.size))
        yield from reasons
        yield from _limits(file, policy, is_unfit=bool(reasons))
        yield from _log(file)
    for path, why in facts.others:
        yield NOT_FOR_RELEASE, Concern(what=why, outcome=Outcome.FAIL, paths=(path,))
    yield from names((file.path, file.within) for file in facts.files)
    yield from _figures(facts.files)
    for file in facts.files:
        yield from _of_content(file)


_SAID_BY_RULES = {"rounding": frozenset({"CNT-04", "CNT-05", "CNT-06", "CNT-08"})}
"""Rules that say of a file what the checklist would say again."""


def _of_content(file: FileFacts) -> Iterator[Told]:
    for item, concern in file.seen.told:
        if file.found.isdisjoint(_SAID_BY_RULES.get(item, ())):
            yield item, replace(concern, paths=(file.path,))


# --- Layout ------------------------------------------------------------------------------------

_RELEASE = re.compile(r"release[sd]?(?:[ _-]?(?:outputs?|results?))?(?:[ _.-]?\d{1,4}){0,4}", re.IGNORECASE)  # fmt: skip
_WITHIN = re.compile(r"released?(?:[ _.-].*)?", re.IGNORECASE)
_WHOLE = re.compile(
    r"outputs?|analysis|workspaces?|data|documents|desktop|downloads|home", re.IGNORECASE
)
_FOLDER = "release-folder"


def _layout(facts: FolderFacts) -> Iterator[Told]:
    if facts.name is None:
        what = "files were given one by one: whether they lie in one release folder was not looked at"  # fmt: skip
        yield _FOLDER, Concern(what=what, outcome=Outcome.PERSON)
    elif facts.given > 1:
        what = "more than one folder was given: a release has one"
        yield _FOLDER, Concern(what=what, outcome=Outcome.FAIL)
    elif _WHOLE.fullmatch(facts.name):
        what = "by its name this is the folder of all outputs: copy those to be released into one of their own"  # fmt: skip
        yield _FOLDER, Concern(what=what, outcome=Outcome.FAIL)
    elif not _RELEASE.fullmatch(facts.name):
        what = "the folder is not called release, or release_ and a date"
        yield _FOLDER, Concern(what=what, outcome=Outcome.PERSON)
    nested = tuple(path for path, within in facts.folders if _WITHIN.fullmatch(_last(within)))
    if nested:
        what = "a release folder within the release folder: an earlier release, released again?"
        yield _FOLDER, Concern(what=what, outcome=Outcome.FAIL, paths=nested)
    if facts.beside:
        number = "1 output lies" if facts.beside == 1 else f"{facts.beside:,} outputs lie"
        what = f"{number} beside the folder: are they to be released?"
        yield _FOLDER, Concern(what=what, outcome=Outcome.PERSON)
    if not facts.files:
        yield _FOLDER, Concern(what="there is no file in it", outcome=Outcome.FAIL)


def _last(path: GitPath) -> str:
    return path.rpartition(b"/")[2].decode("utf-8", "replace")


# --- Limits and logs ---------------------------------------------------------------------------

_LOG = re.compile(
    r".*\.(?:log|smcl|lst|err|stderr|stdout)|(?:.*[ _.-])?(?:logs?|stderr|stdout|traceback|errors?)(?:[ _.-].*)?\.txt",
    re.IGNORECASE,
)


def _limits(file: FileFacts, policy: Policy, *, is_unfit: bool) -> Iterator[Told]:
    """Say what of the policy a file breaks that no rule speaks of: rules leave programs alone."""
    suffix = suffix_of(file.within)
    is_said = is_unfit or "TYPE-01" in file.found
    if policy.file_types and suffix not in policy.file_types and not is_said:
        kind = "a file without an ending" if not suffix else "a type"
        what = f"{kind} that is not on the list of policy {policy.name}"
        yield "file-types", Concern(what=what, outcome=Outcome.FAIL, paths=(file.path,))
    is_large = policy.max_size_bytes is not None and file.size > policy.max_size_bytes
    if is_large and policy.max_size_bytes is not None and "TYPE-03" not in file.found:
        what = f"larger than the {policy.max_size_bytes // 1024**2} MB that policy {policy.name} allows"  # fmt: skip
        yield "file-size", Concern(what=what, outcome=Outcome.FAIL, paths=(file.path,))


def suffix_of(path: GitPath) -> str:
    """Give the ending of a name in lower case with its dot; empty where it has none."""
    stem, dot, suffix = _last(path).rpartition(".")
    return f".{suffix.lower()}" if dot and stem.strip(".") and suffix else ""


def _log(file: FileFacts) -> Iterator[Told]:
    if _LOG.fullmatch(_last(file.within)):
        what = "a log: nobody has said why it has to be released"
        yield "logs", Concern(what=what, outcome=Outcome.FAIL, paths=(file.path,))


# --- Figures -----------------------------------------------------------------------------------

FIGURES = frozenset({".png", ".jpg", ".jpeg", ".svg", ".svgz", ".gif", ".tif", ".tiff", ".eps", ".pdf"})  # fmt: skip
TABLES = frozenset({".csv", ".tsv", ".txt", ".json", ".xlsx", ".md"})
_WORDS = re.compile(r"[a-z]+|\d+")
_KINDS = {
    **dict.fromkeys(["plot", "plots", "fig", "figs", "figure", "figures", "graph", "graphs", "chart", "charts", "image", "img"], "figure"),
    **dict.fromkeys(("table", "tables"), "table"),
}  # fmt: skip
_NO_SUBJECT = frozenset(
    [
        "data",
        "count",
        "counts",
        "underlying",
        "source",
        "values",
        "summary",
        "rounded",
        "redacted",
        "midpoint",
        "for",
        "of",
        "the",
        "and",
        "by",
    ]
)


def _figures(files: Sequence[FileFacts]) -> Iterator[Told]:
    tables = {_subject(each.within) for each in files if _is_table(each)}
    for file in files:
        if suffix_of(file.within) in FIGURES and not _has_table(_subject(file.within), tables):
            what = "a figure, and no table of the same name beside it"
            yield "figure-counts", Concern(what=what, outcome=Outcome.FAIL, paths=(file.path,))


def _is_table(file: FileFacts) -> bool:
    return bool(file.seen.tables) and suffix_of(file.within) in TABLES


_Subject = tuple[str, ...]


def _subject(within: GitPath) -> _Subject:
    """Give what a name is about: `plots/fig_deaths_by_age.png` and `deaths by age data.csv` alike.

    Where a name has but a number, it is about that figure, or that table: `figure_1`, `table_1`.
    """
    stem = _last(within).rpartition(".")[0].lower()
    words = [word for word in _WORDS.findall(stem) if word not in _NO_SUBJECT]
    about = tuple(word for word in words if word not in _KINDS)
    if any(word.isalpha() and len(word) > 1 for word in about):
        return about
    return tuple(_KINDS.get(word, word) for word in words)


def _has_table(figure: _Subject, tables: Iterable[_Subject]) -> bool:
    """Say whether a table is about the same, or about more: `figure_1a` of the table `figure_1`."""
    return any(figure == table or (table and figure[: len(table)] == table) for table in tables)
