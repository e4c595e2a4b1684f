"""What a file is: by its first bytes, and only then by its name.

Three answers matter: a reader exists; it is a program or prose, which is read as text; or it can
carry results and no reader exists, so that a scan must say that it was not examined.
"""

import enum
import re
from collections.abc import Callable, Iterable
from functools import lru_cache

from breachkit.model.records import dataclass


class Reading(enum.Enum):
    """How a kind is read."""

    TABLE = enum.auto()
    MAYBE_TABLE = enum.auto()
    """Text that is read as a table where it looks like one."""
    TEXT = enum.auto()
    COMPRESSED = enum.auto()
    FORMAT = enum.auto()
    """By a reader of its own: see `Kind.reader`."""
    NOTHING = enum.auto()
    """There is nothing in it."""
    NONE = enum.auto()
    """There is no reader: not examined."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of file."""

    name: str
    """As a person would call it: `PNG image`."""
    reading: Reading = Reading.NONE
    reader: str = ""
    """The module of `documents.formats` that reads it, where `reading` is `FORMAT`."""


def _format(name: str, reader: str) -> Kind:
    return Kind(name, Reading.FORMAT, reader)


EMPTY = Kind("empty file", Reading.NOTHING)
DELIMITED = Kind("delimited text", Reading.TABLE)
MAYBE_DELIMITED = Kind("text", Reading.MAYBE_TABLE)
CODE = Kind("program or prose", Reading.TEXT)
GZIP = Kind("gzip", Reading.COMPRESSED)
LFS_POINTER = Kind("Git LFS pointer; the content is kept elsewhere")
ANNEX_POINTER = Kind("git-annex pointer; the content is kept elsewhere")
ENCRYPTED = Kind("encrypted content")
BINARY = Kind("binary content of an unknown kind")
COMPILED = Kind("compiled program")
COMPILED_PYTHON = _format("compiled Python", "compiled_python")
DBASE = _format("dBASE table", "dbase")
MEMOS = _format("memos of a dBASE table", "memos")
LOG = Kind("printed log", Reading.MAYBE_TABLE)
HTML = _format("HTML", "html")
SVG = _format("SVG figure", "svg")
JSON = _format("JSON", "json_data")
RICH_TEXT = _format("rich text", "rich_text")
NOTEBOOK = _format("notebook", "notebook")
XML = _format("XML", "xml_data")
R_OR_ARGUS = _format("R data", "r_data")
"""Tau-Argus, too, calls files `.rda`: text that says what the columns of a table are."""
OUTPUT_SETTINGS = _format("YAML and the like among outputs", "settings")

# Enough for every magic number below: that of tar stands at byte 257, and an SVG may open with
# an XML declaration, a comment and a document type.
HEAD = 1024

_MAGIC: tuple[tuple[bytes, Kind], ...] = (
    (b"\x89PNG\r\n\x1a\n", _format("PNG image", "images")),
    (b"\xff\xd8\xff", _format("JPEG image", "images")),
    (b"GIF8", _format("GIF image", "images")),
    (b"II*\0", _format("TIFF image", "images")),
    (b"MM\0*", _format("TIFF image", "images")),
    (b"\x1f\x8b", GZIP),
    (b"{\\rtf", RICH_TEXT),
    (b"%PDF", _format("PDF", "pdf")),
    (b"%!PS", _format("PostScript", "postscript")),
    (b"\xc5\xd0\xd3\xc6", _format("PostScript", "postscript")),
    (b"\xd7\xcd\xc6\x9a", _format("metafile", "metafile")),
    (b"PK\x03\x04", _format("zip or office file", "zipped")),
    (b"PK\x05\x06", _format("zip or office file", "zipped")),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", _format("old office file", "old_office")),
    (b"BZh", Kind("bzip2", Reading.COMPRESSED)),
    (b"\xfd7zXZ\0", Kind("xz", Reading.COMPRESSED)),
    (b"\x28\xb5\x2f\xfd", Kind("zstd", Reading.COMPRESSED)),
    (b"7z\xbc\xaf\x27\x1c", Kind("7z archive")),
    (b"Rar!\x1a\x07", Kind("rar archive")),
    (b"PAR1", _format("Parquet table", "arrow")),
    (b"ARROW1", _format("Arrow table", "arrow")),
    (b"FEA1", _format("Feather table", "arrow")),
    (b"\x89HDF\r\n\x1a\n", Kind("HDF5")),
    (b"<stata_dta>", _format("Stata data", "statistics_packages")),
    (b"*! Stata(R) ", _format("Stata graph or estimates", "stata_results")),
    (b"StataFileTM", _format("Stata graph or estimates", "stata_results")),
    (b"$FL2", _format("SPSS data", "statistics_packages")),
    (b"$FL3", _format("SPSS data", "statistics_packages")),
    (b"HEADER RECORD*******LIB", _format("SAS data", "statistics_packages")),
    (b"SQLite format 3\0", _format("SQLite database", "sqlite")),
    (b"bplist00", _format("property list", "property_lists")),
    (b"\0\0\x27\x0a", _format("shapefile", "shapefiles")),
    (b"\0\0\0\1Bud1", _format("folder's notes of macOS", "finder_folders")),
    (b"\x93NUMPY", _format("Python data", "pickled")),
    (b"RDX", _format("R data", "r_data")),
    (b"RDA", _format("R data", "r_data")),
    (b"RDB", _format("R data", "r_data")),
    (b"B\n\2\0\0\0", _format("R data", "r_data")),
    (b"B\n\3\0\0\0", _format("R data", "r_data")),
    (b"X\n\0\0\0", _format("R data", "r_data")),
    (b"A\n2\n", _format("R data", "r_data")),
    (b"A\n3\n", _format("R data", "r_data")),
    (b"version https://git-lfs.github.com/spec/", LFS_POINTER),
    (b"/annex/objects/", ANNEX_POINTER),
    *((b"../" * depth + b".git/annex/objects/", ANNEX_POINTER) for depth in range(8)),
    (b"-----BEGIN PGP MESSAGE-----", ENCRYPTED),
    (b"-----BEGIN AGE ENCRYPTED FILE-----", ENCRYPTED),
    (b"age-encryption.org/v", ENCRYPTED),
    (b"$ANSIBLE_VAULT;", ENCRYPTED),
    (b"\0GITCRYPT\0", ENCRYPTED),
    (b"Salted__", ENCRYPTED),
)
_MAGIC_FIRST_BYTES = frozenset(magic[0] for magic, _ in _MAGIC)
_SAS = (
    b"\0" * 12 + b"\xc2\xea\x81\x60\xb3\x14\x11\xcf\xbd\x92\x08\x00\x09\xc7\x31\x8c\x18\x1f\x10\x11"
)
_PICKLE = re.compile(rb"\x80[\x02-\x05](?:\x95|[\x28-\x8f])")
_ARROW_STREAM = re.compile(rb"\xff{4}..[\0-\x0f]\0[\4-\x40]\0\0\0", re.DOTALL)
_DBASE_HEAD = re.compile(
    rb"[\3\x30-\x32\x43\x63\x7b\x83\x8b\x8e\xcb\xe5\xf5\xfb].[\0-\x0c][\0-\x1f].{28}[A-Za-z_].{9}\0"
    rb"[BCDFGILMNOPQTVWY@+]"
    rb"|[\4\x8c].[\0-\x0c][\0-\x1f].{8}\0\0.{54}[A-Za-z_].{30}\0[BCDFGILMNO@+]",
    re.DOTALL,
)
"""Its level, the day it was written, and the name and the kind of its first field; then those of dBASE 7."""
_STATA_OLD = re.compile(rb"[\x69\x6c\x6e\x6f\x71-\x73][\x01\x02]\x01\x00")
_PYC = re.compile(rb"..\r\n(?:.{4}|.{8}|.{12})[c\xe3]\0\0\0\0", re.DOTALL)
"""Two bytes of its version, which change each year, and where the first code begins, which takes no argument."""
_HTML_HEAD = re.compile(
    rb"\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--.{0,200}?-->\s*)?"
    rb"<(?:!doctype html|html|head|body|table|div|style|script|meta|h[1-6]|section|iframe)\b",
    re.IGNORECASE | re.DOTALL,
)
_SVG_HEAD = re.compile(
    rb"\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--.{0,400}?-->\s*|<!doctype svg[^>]{0,300}>\s*)*<svg\b",
    re.IGNORECASE | re.DOTALL,
)
_WIDE = (b"\xff\xfe", b"\xfe\xff")
_ANY_TEXT = frozenset({None, MAYBE_DELIMITED, DELIMITED, LOG})
"""What a name promises where JSON in its place is read as such."""
_NOTEBOOK_HEAD = re.compile(rb'\s*\{\s*"(?:cells|metadata|nbformat)"\s*:')
_JSON_HEAD = re.compile(rb'\s*(?:\{\s*"[^"\n]{0,200}"\s*:|\[\s*[\[{])')
_NULL_FREE_TEXT = bytes(range(0x20, 0x7F)) + b"\t\n\r\f\x1b\x08" + bytes(range(0x80, 0x100))

_SUFFIXES: tuple[tuple[str, Kind], ...] = (
    ("csv tsv psv ssv tab", DELIMITED),
    ("txt text dat prn out lst asc", MAYBE_DELIMITED),
    ("log smcl", LOG),
    ("html htm xhtml mht mhtml", HTML),
    ("svg svgz", SVG),
    ("json jsonl ndjson geojson", JSON),
    ("ipynb", NOTEBOOK),
    ("dvc", Kind("DVC pointer; the content is kept elsewhere")),
    ("dta", _format("Stata data", "statistics_packages")),
    ("ster gph", _format("Stata graph or estimates", "stata_results")),
    ("rds rdata", _format("R data", "r_data")),
    ("rda", R_OR_ARGUS),
    ("pkl pickle joblib npy npz", _format("Python data", "pickled")),
    ("h5 hdf5 hdf", Kind("HDF5")),
    ("sas7bdat xpt sas7bcat", _format("SAS data", "statistics_packages")),
    ("sav por zsav", _format("SPSS data", "statistics_packages")),
    ("arrow feather parquet", _format("Arrow table", "arrow")),
    (
        "xlsx xlsm xlsb xltx xltm ods ots docx docm dotx odt ott pptx pptm odp",
        _format("office file", "zipped"),
    ),
    ("xls doc ppt xlt", _format("old office file", "old_office")),
    ("pdf", _format("PDF", "pdf")),
    ("zip", _format("zip or office file", "zipped")),
    ("rtf", RICH_TEXT),
    ("pyc pyo", COMPILED_PYTHON),
    ("mlib mo", COMPILED),
    ("dbf", DBASE),
    ("dbt fpt", MEMOS),
    ("ico cur", Kind("icon")),
    ("tar tgz gz bz2 xz zst 7z rar", Kind("archive")),
    ("eps ps epsf", _format("PostScript", "postscript")),
    ("emf wmf", _format("metafile", "metafile")),
    ("tex", _format("LaTeX", "latex")),
    ("xml", XML),
    (
        (
            "py pyi r rmd rnw qmd rprofile rproj do ado mata sas sps sh bash zsh bat cmd ps1 sql js ts"
            " jsx tsx mjs cjs c h cc cpp hpp rs go java jl m lua pl rb swift kt md rst adoc yaml yml"
            " toml ini cfg conf properties env lock gitignore gitattributes gitmodules dockerignore"
            " editorconfig dockerfile makefile mk cmake css scss less bib csl sty cls sthlp hlp pkg toc"
            " lintr rhistory renviron rbuildignore stan jags bugs prettierrc flake8 pylintrc keep"
            " gitkeep license code-workspace in patch diff j2 jinja jinja2 template tmpl"
        ),
        CODE,
    ),
)
_NEVER_TEXT = (R_OR_ARGUS, COMPILED, COMPILED_PYTHON, MEMOS)
"""What text is not, that has such a name."""
_BY_SUFFIX = {suffix: kind for suffixes, kind in _SUFFIXES for suffix in suffixes.split()}

_SETTINGS = frozenset({"yaml", "yml", "toml", "ini", "properties"})
"""Suffixes of files that set something up, and among outputs hold results."""

# JSON that people write to set something up; other JSON can carry results.
_CONFIGURATION = re.compile(
    r"(?:^|/)(?:\.[^/]+/.*|(?:codelists|package|package-lock|tsconfig[^/]*|settings|launch|tasks|renv"
    r"|devcontainer|composer|pyrightconfig|\.[^/]+)\.json)$",
    re.IGNORECASE,
)
_NO_SUFFIX_CODE = re.compile(
    r"(?:^|/)(?:dockerfile|makefile|licen[cs]e|readme|changelog|authors|codeowners|copying|notice"
    r"|contributing|description|namespace|justfile|procfile|\.[^/.]+)$",
    re.IGNORECASE,
)

# Measured over 24 study repositories: the folders in which released and generated outputs lie.
_OUTPUT_PATH = re.compile(
    r"^released?[_-]?(?:outputs?|results?|analysis(?:_results)?)?[^/]*/|^redacted_outputs/"
    r"|(?:^|/)outputs?/|^release(?:-candidates)?/|(?:^|/)released[_-](?:outputs?|results?)[^/]*/"
    r"|(?:^|/)(?:post_check|redacted|results?)/",
    re.IGNORECASE,
)
_CODELIST_PATH = re.compile(
    r"(?:^|/)(?:local_?)?codelists?(?:_[^/]*)?/|(?:^|/)codelist[^/]*$", re.IGNORECASE
)
_DUMMY_PATH = re.compile(
    r"dummy|(?:^|[/_.-])(?:fakes?|synthetic|fixtures?|examples?|mock|simulated|toy|test_?data)(?=$|[/_.-])|(?:^|/)tests?/|ehrql-main",
    re.IGNORECASE,
)


def kind_of(head: bytes, paths: Iterable[bytes]) -> Kind:
    """Say what a file is.

    Args:
        head: The first `HEAD` bytes of the content, or all of it where it is shorter.
        paths: Every path of it; where they disagree the one that promises a table wins.
    """
    if not head:
        return EMPTY
    if head[0] in _MAGIC_FIRST_BYTES:
        for magic, kind in _MAGIC:
            if head.startswith(magic):
                return kind
    named = _kind_by_names(tuple(paths))
    found = _by_rare_magic(head) or _by_markup(head, named)
    if named is MEMOS and b"\0" in head:
        found = MEMOS  # which begin with a number, that may look like anything
    if found is not None:
        return found
    if named is None or (named is CODE and b"\0" in head):
        return _unnamed(head)
    if any(named is kind for kind in _NEVER_TEXT) and b"\0" not in head:
        return _unnamed(head)
    return named


def _by_rare_magic(head: bytes) -> Kind | None:
    if b"SPSSPORT" in head[440:500]:  # behind its table of characters
        return _format("SPSS data", "statistics_packages")
    if head[:32].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{\\rtf"):
        return RICH_TEXT
    if b"\0" not in head:
        return None
    return next((kind for looks_so, kind in _RARE if looks_so(head)), None)


def _is_old_tar(head: bytes) -> bool:
    """Tell a tar archive that names itself nowhere by the checksum of its first member."""
    stated = head[148:156]
    digits = stated.strip(b" \0")
    if len(head) < 512 or not digits or digits.strip(b"01234567"):
        return False
    return int(digits, 8) == sum(head[:512]) - sum(stated) + 8 * ord(" ")


_RARE: tuple[tuple[Callable[[bytes], object], Kind], ...] = (
    (lambda head: head.startswith(_SAS), _format("SAS data", "statistics_packages")),
    (
        lambda head: head[257:262] == b"ustar" or _is_old_tar(head),
        _format("tar archive", "tarred"),
    ),
    (
        lambda head: head[40:44] == b" EMF" or head.startswith((b"\1\0\t\0\0\3", b"\1\0\t\0\0\1")),
        _format("metafile", "metafile"),
    ),
    (_ARROW_STREAM.match, _format("Arrow table", "arrow")),
    (_PICKLE.match, _format("Python data", "pickled")),
    (_STATA_OLD.match, _format("Stata data", "statistics_packages")),
    (
        lambda head: head.startswith(
            (
                b"\x7fELF",
                b"MZ",
                b"!<arch>\n",
                *(b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"\xca\xfe\xba\xbe"),
                b"\0asm",
            )
        ),
        COMPILED,
    ),
    (
        lambda head: head.startswith((b"\xde\x12\x04\x95", b"\x95\x04\x12\xde")),
        _format("translations", "programs"),
    ),
    (
        lambda head: head.startswith(b"\x81\x92\xa7\xb9"),  # in versions 2 to 7 of its format
        _format("library of Mata", "programs"),
    ),
    (_PYC.match, COMPILED_PYTHON),
    (lambda head: head.startswith(b"L\0\0\0\1\x14\2\0"), _format("shortcut", "shortcuts")),
    (_DBASE_HEAD.match, DBASE),
    (
        lambda head: head.startswith((b"\0\1\0\0\0", b"OTTO\0", b"wOFF", b"wOF2", b"ttcf\0")),
        Kind("font"),
    ),
    (lambda head: head.startswith(b"RIFF") and head[8:12] == b"WEBP", Kind("WebP image")),
    (
        lambda head: head[4:8] == b"ftyp" or head.startswith((b"RIFF", b"ID3", b"\x1aE\xdf\xa3")),
        Kind("film, sound or picture"),
    ),
)
"""Of those that hold NUL bytes."""


def _by_markup(head: bytes, named: Kind | None) -> Kind | None:
    """HTML, SVG, XML, notebooks and JSON, under whatever name but that of a program."""
    if head.startswith(_WIDE):
        head = head.replace(b"\0", b"")[2:]
    head = head.removeprefix(b"\xef\xbb\xbf")
    if named is CODE or head.lstrip()[:1] not in {b"<", b"{", b"["}:
        return None
    if _SVG_HEAD.match(head):
        return SVG
    if _HTML_HEAD.match(head):
        return HTML
    if head.startswith(b"<?xml") and named not in {HTML, SVG}:
        return XML
    if _NOTEBOOK_HEAD.match(head) and named is not JSON:
        return NOTEBOOK
    return JSON if named in _ANY_TEXT and _JSON_HEAD.match(head) else None


def _unnamed(head: bytes) -> Kind:
    looks_wide = head.startswith((b"\xff\xfe", b"\xfe\xff")) or head[1::2].count(0) > len(head) // 4
    if b"\0" in head and not looks_wide:
        return BINARY
    odd = len(head.translate(None, _NULL_FREE_TEXT))
    return BINARY if odd > len(head) // 8 and not looks_wide else MAYBE_DELIMITED


def _kind_by_names(paths: tuple[bytes, ...]) -> Kind | None:
    kinds = [kind for path in paths if (kind := kind_by_name(path)) is not None]
    return min(kinds, key=lambda kind: kind.reading.value, default=None)


@lru_cache(maxsize=4096)
def kind_by_name(path: bytes) -> Kind | None:
    """Say what a name promises; None where it promises nothing."""
    text = path.decode("utf-8", "replace")
    name = text.rpartition("/")[2]
    _, dot, suffix = name.rpartition(".")
    kind = _BY_SUFFIX.get(suffix.lower().rstrip("~")) if dot else None
    is_output = is_output_path(path)
    if kind is JSON and _CONFIGURATION.search(text) and not is_output:
        return CODE
    if is_output and suffix.lower() in _SETTINGS:
        return OUTPUT_SETTINGS
    if kind is None and _NO_SUFFIX_CODE.search(text):
        return CODE
    return kind


@lru_cache(maxsize=4096)
def is_output_path(path: bytes) -> bool:
    """Say whether released or generated outputs are kept at `path`."""
    return _OUTPUT_PATH.search(path.decode("utf-8", "replace")) is not None


@lru_cache(maxsize=4096)
def is_codelist_path(path: bytes) -> bool:
    """Say whether `path` is a list of clinical codes, which describes no patient."""
    return _CODELIST_PATH.search(path.decode("utf-8", "replace")) is not None


@lru_cache(maxsize=4096)
def is_dummy_path(path: bytes) -> bool:
    """Say whether `path` calls its content invented: dummy data, a test's fixture, an example."""
    return _DUMMY_PATH.search(path.decode("utf-8", "replace")) is not None
