"""What the names of a folder's files tell: whether each is meant for release, and makes sense."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from breachkit.actions.release_checks import Concern, Outcome
from breachkit.actions.release_checks_tables import Told
from breachkit.documents.kinds import Reading, kind_by_name
from breachkit.model.ids import GitPath


NOT_FOR_RELEASE = "not-for-release"
_JUNK: Sequence[tuple[str, re.Pattern[str]]] = (
    (
        "left by the operating system or a program",
        re.compile(
            r"\.ds_store|thumbs\.db|desktop\.ini|\._.*|\.rhistory|\.rdata|\.directory|\.spotlight.*",
            re.IGNORECASE,
        ),
    ),
    (
        "a temporary or lock file, or a copy kept aside",
        re.compile(
            r"~\$.*|\.~lock\..*|\.#.*|#.*#|.*~|.*\.(?:tmp|temp|swp|swo|bak|orig|rej|part|crdownload|lock|lck|pid|partial)",
            re.IGNORECASE,
        ),
    ),
    (
        "settings of a project, or of breachkit",
        re.compile(
            r".*\.(?:rproj|code-workspace|sublime-.*|iml)|project\.ya?ml|renv\.lock|requirements.*\.txt|pyproject\.toml"
            r"|\.git(?:ignore|attributes|modules|keep)?|release-notes\.toml|.*acceptances\.toml",
            re.IGNORECASE,
        ),
    ),
    ("hidden", re.compile(r"\..*")),
    (
        "a model or data saved by a program: it holds more than it shows",
        re.compile(
            r".*\.(?:rds|rdata|rda|pkl|pickle|joblib|ster|h5|hdf5|onnx|pt|pth|ckpt|npz?|npy|sav|dbf|dta|feather|arrow|parquet|sas7bdat|db|sqlite3?|duckdb)",
            re.IGNORECASE,
        ),
    ),
)
_JUNK_FOLDERS: Sequence[tuple[str, re.Pattern[str]]] = (
    ("in a folder of checkpoints or caches", re.compile(r"\.ipynb_checkpoints|__pycache__|checkpoints?|\.cache|cache|\.?venv|renv|node_modules|tmp|temp", re.IGNORECASE)),
    ("in a hidden folder", re.compile(r"\..+")),
)  # fmt: skip
_PROGRAM = "a program or its settings: programs belong into the study's repository"
_DOCUMENTS = frozenset({"md", "txt", "tex", "rst", "adoc", "json", "log"})
"""Suffixes that promise prose, and that may be released."""


def unfit(path: GitPath, within: GitPath, size: int | None) -> Iterator[Told]:
    """Say why a file is not meant for release, in one concern at most.

    Args:
        path: As reports call it.
        within: Its path within the folder.
        size: In bytes; None where it is not known.
    """
    why = _why_unfit(within) or ("empty" if size == 0 else None)
    if why is not None:
        yield NOT_FOR_RELEASE, Concern(what=why, outcome=Outcome.FAIL, paths=(path,))


def _why_unfit(within: GitPath) -> str | None:
    *folders, name = within.decode("utf-8", "replace").split("/")
    for folder in folders:
        for why, pattern in _JUNK_FOLDERS:
            if pattern.fullmatch(folder):
                return why
    for why, pattern in _JUNK:
        if pattern.fullmatch(name):
            return why
    return _PROGRAM if _is_program(within, name) else None


def _is_program(within: GitPath, name: str) -> bool:
    stem, dot, suffix = name.rpartition(".")
    if suffix.lower() in _DOCUMENTS or not (dot and stem):
        return False
    if suffix.lower() == "ipynb":
        return True
    kind = kind_by_name(within)
    return kind is not None and kind.reading is Reading.TEXT


# --- Names -------------------------------------------------------------------------------------

FILE_NAMES = "file-names"
_FORBIDDEN = re.compile(r'[<>:"|?*\\\x00-\x1f\x7f]|[. ]$')
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)
_SENSELESS = re.compile(
    r"(?:untitled|unnamed|new|test|temp|tmp|foo|bar|asdf|xxx+|output|results?|data|table|figure|plot|file|document|image)?[ _-]*\d*"
    r"|.*\bcopy\b(?: ?\(?\d*\)?)?|.*\(\d+\)|.*(?:final[ _-]?){2,}.*|.*[ _-](?:tmp|old|bak|asdf)",
    re.IGNORECASE,
)
_USUAL = re.compile(
    r"(?:table|figure|plot|data|output|results?|image)[ _-]?\d+[a-z]?", re.IGNORECASE
)
"""A table of a paper by its number is sensible."""
_LONGEST = 200


def names(paths: Iterable[tuple[GitPath, GitPath]]) -> Iterator[Told]:
    """Say which names make no sense, cannot be written everywhere, or cannot be told apart.

    Args:
        paths: Of each file as reports call it, and within its folder.
    """
    alike: dict[str, list[GitPath]] = defaultdict(list)
    for path, within in paths:
        alike[_folded(within)].append(path)
        found = _problem(within)
        if found is not None:
            what, outcome = found
            yield FILE_NAMES, Concern(what=what, outcome=outcome, paths=(path,))
    for together in alike.values():
        if len(together) > 1:
            what = "names that differ in capitals or accents only: elsewhere one takes the place of the other"  # fmt: skip
            yield FILE_NAMES, Concern(what=what, outcome=Outcome.FAIL, paths=tuple(together))


def _folded(within: GitPath) -> str:
    text = within.decode("utf-8", "surrogateescape")
    return unicodedata.normalize("NFC", text).casefold()


def _problem(within: GitPath) -> tuple[str, Outcome] | None:
    try:
        text = within.decode("utf-8")
    except UnicodeDecodeError:
        return "the name is not UTF-8: nobody can type it into the request", Outcome.FAIL
    if any(_FORBIDDEN.search(part) or _RESERVED.fullmatch(part) for part in text.split("/")):
        return "the name holds what some systems do not allow in names", Outcome.FAIL
    if not text.isprintable():
        return "the name holds characters that nobody sees", Outcome.FAIL
    stem = text.rpartition("/")[2].rpartition(".")[0] or text.rpartition("/")[2]
    if _SENSELESS.fullmatch(stem) and not _USUAL.fullmatch(stem):
        return "the name does not say what the output is", Outcome.PERSON
    if len(text) > _LONGEST:
        return f"the path is longer than {_LONGEST} characters", Outcome.PERSON
    return None
