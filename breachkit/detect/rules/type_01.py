"""TYPE-01: outputs of a type that may not be released, or that nobody can check by eye."""

import re
from collections.abc import Iterable

from breachkit.detect.rule import About, FileContext
from breachkit.documents.kinds import HEAD, Reading, is_output_path, kind_of
from breachkit.model.findings import Confidence, Hit, Severity
from breachkit.model.ids import GitPath
from breachkit.sdc.dummy import is_released_path


# By suffix, because `kind_of` calls every office file and every zip the same.
_ROW_SUFFIX = re.compile(
    r"\.(?:arrow|dbf|dta|feather|h5|hdf5|joblib|np[yz]|ods|parquet|pickle|pkl|por|rda|rdata|rds|sas7bdat|z?sav|xls[mx]?"
    r"|xpt|db|sqlite3?|duckdb|mdb|accdb|zip|7z|rar|tar|tgz)"
)
_ROW_KIND = re.compile(
    r"(?:Arrow|dBASE|Feather|Parquet) table|HDF5|(?:Python|R|SAS|SPSS|Stata) data|SQLite database"
    r"|(?:7z|rar|tar) archive"
)
_MOST_SUFFIX = 12


class FileType:
    """Finds outputs whose file type is not allowed, and containers of rows among them."""

    about = About(
        id="TYPE-01",
        title="Output of a type that may not be released",
        severity=Severity.MEDIUM,
        confidence=Confidence.HIGH,
        why=(
            "Only file types that a checker can read in full are released. Data files of Stata, R, "
            "Python, Excel or a database hold more than they show: every row behind a figure, "
            "hidden sheets, attributes, the arguments of a model. Documents and figures in other "
            "formats can carry their data along too."
        ),
        example=(
            "released_outputs/model.rds: a fitted model that carries the data it was fitted "
            "to (medium). released_outputs/report.pdf after PDF left the list, or "
            "output/table.xlsx outside the release folders (low)."
        ),
        remedy=(
            "Open the file where that is safe and look for rows of patients. Release a table as "
            ".csv and a figure as .svg or .png instead; if the file holds patient rows, or "
            "nobody can tell, take it out of the history."
        ),
        source=(
            "OpenSAFELY documentation bb528ec (2022-04-07) and later, pipeline 761fc08 "
            "(2023-11-03): allowed file types; each file is judged by the list of its own date"
        ),
    )

    def check_file(self, content: bytes, context: FileContext) -> Iterable[Hit]:
        """Give one hit for an output of a type off the list, or that can hold rows."""
        outputs = [path for path in context.paths if is_output_path(path)]
        if not content or not outputs:
            return
        holds_rows = _holds_rows(content, outputs)
        if not holds_rows and not _off_the_list(content, outputs, context):
            return
        is_medium = holds_rows and any(map(is_released_path, outputs))
        yield Hit(
            rule=self.about.id,
            severity=Severity.MEDIUM if is_medium else Severity.LOW,
            confidence=self.about.confidence,
            message=_message(context, holds_rows=holds_rows),
        )


def _holds_rows(content: bytes, outputs: Iterable[GitPath]) -> bool:
    paths = tuple(outputs)
    if any(_ROW_SUFFIX.fullmatch(_suffix(path)) for path in paths):
        return True
    return _ROW_KIND.fullmatch(kind_of(content[:HEAD], paths).name) is not None


def _off_the_list(content: bytes, outputs: Iterable[GitPath], context: FileContext) -> bool:
    """Programs beside outputs are no outputs; a name without a suffix promises no type."""
    allowed = context.policy.file_types
    suffixes = {suffix for path in outputs if (suffix := _suffix(path))}
    if not allowed or not suffixes - allowed:
        return False
    return kind_of(content[:HEAD], context.paths).reading is not Reading.TEXT


def _suffix(path: GitPath) -> str:
    stem, dot, suffix = path.rpartition(b"/")[2].rpartition(b".")
    if not stem.strip(b".") or not suffix or len(suffix) >= _MOST_SUFFIX:
        return ""
    return (dot + suffix).decode("utf-8", "replace").lower()


def _message(context: FileContext, *, holds_rows: bool) -> str:
    listed = f"it is not on the list of file types in policy {context.policy.name}"
    if not holds_rows:
        return f"type of file that may not be released: {listed}"
    message = "type of file that can hold patient rows nobody sees"
    return f"{message}; {listed}" if context.policy.file_types else message
