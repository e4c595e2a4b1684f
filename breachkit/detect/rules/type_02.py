"""TYPE-02: files whose name says something else than their content, so that gates and people look past them."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from breachkit.detect.rule import About, FileContext
from breachkit.documents.encoding import decode
from breachkit.documents.kinds import is_dummy_path, is_output_path
from breachkit.documents.shape import ALIKE, shape_of
from breachkit.model.findings import Confidence, Hit, Severity
from breachkit.model.ids import GitPath
from breachkit.model.patterns import regex


class Disguised:
    """Finds content under the name of another type, and suffixes that exact gates let pass."""

    about = About(
        id="TYPE-02",
        title="Name and content of a file disagree",
        severity=Severity.LOW,
        confidence=Confidence.HIGH,
        why=(
            "Gates judge a file by the end of its name, and people by its icon. A table called "
            ".png is looked at by neither; a data frame of R called .csv is not read as a table; "
            "a gate that knows .csv does not see .CSV, and a checker who sees table.rds.txt may "
            "take it for text."
        ),
        example=(
            "released_outputs/figure.png that is a table, or released_outputs/data.csv that is a "
            "Parquet file (medium among outputs, low elsewhere); released_outputs/Cohort.CSV or "
            "model.rds.txt (low)."
        ),
        remedy=(
            "Open the file as what it is and look for rows of patients and small counts. Give it "
            "the name of its type, or release it as a csv; take it out of the history if it holds "
            "what may not be released."
        ),
        source=(
            "OpenSAFELY job-runner, agent/executors/local.py 0fe3df22 (2023-10-11): the patient_id "
            "gate reads files that end in .csv, in this case alone"
        ),
    )

    def check_file(self, content: bytes, context: FileContext) -> Iterable[Hit]:
        """Give at most one hit, for the gravest disagreement."""
        if not content:
            return
        claims = [claim for path in context.paths for claim in _claims(content, path)]
        if claims:
            worst = max(claims, key=lambda claim: claim.severity)
            words = sorted({claim.words for claim in claims})
            yield Hit(
                rule=self.about.id,
                severity=worst.severity,
                confidence=self.about.confidence,
                message="; ".join(words),
            )


class _Claim(NamedTuple):
    severity: Severity
    words: str


class _Name(NamedTuple):
    """What the name of a file promises."""

    family: str
    """`text`, `image`, or what `_FAMILIES` calls it; empty where it promises nothing."""
    is_output: bool
    oddities: tuple[str, ...]


_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF87a", "image"),
    (b"GIF89a", "image"),
    (b"II*\0", "image"),
    (b"MM\0*", "image"),
    (b"PK\x03\x04", "zip"),
    (b"\x1f\x8b\x08", "gzip"),
    (b"BZh", "compressed"),
    (b"\xfd7zXZ\0", "compressed"),
    (b"\x28\xb5\x2f\xfd", "compressed"),
    (b"7z\xbc\xaf\x27\x1c", "compressed"),
    (b"Rar!\x1a\x07", "compressed"),
    (b"%PDF-", "pdf"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old office"),
    (b"PAR1", "arrow"),
    (b"ARROW1\0\0", "arrow"),
    (b"FEA1", "arrow"),
    (b"\x89HDF\r\n\x1a\n", "hdf"),
    (b"<stata_dta>", "stata"),
    (b"StataFileTM", "stata"),
    (b"$FL2", "spss"),
    (b"$FL3", "spss"),
    (b"SQLite format 3\0", "database"),
    (b"RDX2\nX\n", "r"),
    (b"RDX3\nX\n", "r"),
    (b"X\n\0\0\0", "r"),
)
_MAGICS = tuple(magic for magic, _ in _MAGIC)
_WORDS = {
    "image": "an image",
    "zip": "a zip archive or an office file",
    "gzip": "a gzip archive",
    "compressed": "an archive",
    "pdf": "a PDF",
    "old office": "an office file",
    "arrow": "a table of Arrow, Feather or Parquet",
    "hdf": "an HDF5 file",
    "stata": "a file of Stata",
    "spss": "a file of SPSS",
    "database": "a database",
    "r": "an object of R",
    "table": "a table",
    "markup": "a web page or a figure in SVG",
}
_HOLDS_ROWS = frozenset(_WORDS) - {"image", "pdf", "markup"}

# What content may stand behind a suffix; R compresses as it likes, and Excel opens anything.
_FAMILIES = {
    "text": "csv tsv psv txt json jsonl html htm md log svg r rmd qmd do ado sql yaml yml toml tex xml rst",
    "image": "png jpg jpeg gif tif tiff bmp webp",
    "zip": "xlsx xlsm docx docm pptx odt ods odp zip",
    "gzip": "gz tgz svgz",
    "pdf": "pdf",
    "old office": "xls doc ppt",
    "arrow": "arrow feather parquet",
    "hdf": "h5 hdf5",
    "stata": "dta gph ster",
    "spss": "sav zsav",
    "database": "sqlite sqlite3",
    "r": "rds rda rdata",
}
_FAMILY_OF = {suffix: family for family, names in _FAMILIES.items() for suffix in names.split()}
_ALSO = {
    "r": {"gzip", "compressed"},
    "zip": {"old office"},
    "old office": {"zip", "markup"},
    "stata": {"gzip"},
}
_GATED = regex(r"csv|tsv|txt|json|html|log|md")
"""Suffixes that gates know in lower case."""
_DATA_SUFFIX = regex(
    r"(?:csv|tsv|rds|rda|rdata|dbf|dta|feather|arrow|parquet|xlsx|xlsm|xls|ods|docx|zip|sqlite|db|pkl|pickle|sav|sas7bdat)",
    re.IGNORECASE,
)
_SHOWN_SUFFIX = regex(r"(?:csv|txt|json|html|log|md|png|jpe?g|svg|pdf)", re.IGNORECASE)


@lru_cache(maxsize=4096)
def _name(path: GitPath) -> _Name:
    name = path.rpartition(b"/")[2].decode("utf-8", "replace")
    *stem, suffix = name.rstrip(" .").split(".")
    is_output = is_output_path(path)
    if not stem or not "".join(stem):
        return _Name("", is_output, ())
    oddities = tuple(_oddities(name, stem, suffix)) if is_output else ()
    return _Name(_FAMILY_OF.get(suffix.lower(), ""), is_output, oddities)


def _oddities(name: str, stem: list[str], suffix: str) -> Iterator[str]:
    if _GATED.fullmatch(suffix.lower()):
        if suffix != suffix.lower():
            yield "its suffix is not in lower case, so that gates which compare exactly let it pass"
        elif not name.endswith(suffix):
            yield "something invisible follows its suffix, so that gates let it pass"
    is_double = len(stem) > 1 and stem[-1].lower() != suffix.lower()
    if is_double and _DATA_SUFFIX.fullmatch(stem[-1]) and _SHOWN_SUFFIX.fullmatch(suffix):
        yield "it has two suffixes of different types"


def _claims(content: bytes, path: GitPath) -> Iterator[_Claim]:
    name = _name(path)
    if name.oddities and not is_dummy_path(path):
        for words in name.oddities:
            yield _Claim(Severity.LOW, words)
    found = _family(content, name.family)
    if not found or found == name.family or found in _ALSO.get(name.family, ()):
        return
    is_grave = name.is_output and found in _HOLDS_ROWS and not is_dummy_path(path)
    severity = Severity.MEDIUM if is_grave else Severity.LOW
    yield _Claim(severity, f"the content is {_WORDS[found]}, and its name says otherwise")


def _family(content: bytes, promised: str) -> str:
    """Say what content is, where that is no surprise only under another name; empty if it may be."""
    if not promised:
        return ""
    if content.startswith(_MAGICS):
        return next(family for magic, family in _MAGIC if content.startswith(magic))
    return "" if promised == "text" else _family_of_text(content)


_HEAD = 8192
_POINTER = regex(
    r"version https://|/annex/objects/|(?:\.\./)*\.git/annex|-----BEGIN|age-encryption|\$ANSIBLE_VAULT"
)


def _family_of_text(content: bytes) -> str:
    """Tell tables and markup from pointers to files kept elsewhere, from links and from noise."""
    head = content[:_HEAD]
    is_wide = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    if (b"\0" in head and not is_wide) or b"\n" not in head.strip():
        return ""
    text = decode(head)
    if text is None or not _is_plain(text) or _POINTER.match(text):
        return ""
    if text.lstrip("\ufeff \t\r\n").startswith("<"):
        return "markup"
    lines = [line for line in text.splitlines() if line.strip()][:20]
    is_table = len(lines) > 1 and shape_of(lines).share >= ALIKE
    return "table" if is_table else ""


def _is_plain(text: str) -> bool:
    """Whether next to nothing of a text is control characters, as bytes of an image would be."""
    controls = sum(character < " " and character not in "\t\r\n\f" for character in text)
    return controls * 100 < len(text)
