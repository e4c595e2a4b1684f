"""Builds rich text as programs write it."""

from collections.abc import Sequence

from tests.support.fuzzing import CANARY


COUNTS = [
    ["Region", "Patients", "Deaths"],
    ["North", "120", "3"],
    ["South", "980", "35"],
    ["East", "1430", "41"],
]


def rich(body: str, before: str = "") -> bytes:
    """Give a document of some text."""
    fonts = r"{\fonttbl{\f0\fswiss\fcharset0 Arial;}{\f1\froman\fcharset204 Times New Roman Cyr;}{\f2\fnil\fcharset128 MS Mincho;}}"
    return f"{{\\rtf1\\ansi\\ansicpg1252\\deff0{fonts}{{\\colortbl;\\red0\\green0\\blue0;}}{before}\n{body}}}".encode("cp1252")  # fmt: skip


def row(cells: Sequence[str], *, looks: Sequence[str] = (), borders: Sequence[int] = (), begin: str = "") -> str:  # fmt: skip
    """Give a row of a table; `looks` says something of each cell before its border."""
    looks = looks or [""] * len(cells)
    borders = borders or [2000 * number for number in range(1, len(cells) + 1)]
    cut = "".join(f"{look}\\clbrdrt\\brdrs\\cellx{right}" for look, right in zip(looks, borders, strict=True))  # fmt: skip
    written = "".join(f"\\pard\\intbl\\ql {cell}\\cell\n" for cell in cells)
    return f"\\trowd\\trgaph108\\trleft-108{begin}{cut}\n{written}\\row\n"


def table(rows: Sequence[Sequence[str]]) -> str:
    """Give a plain table."""
    return "".join(map(row, rows)) + "\\pard\\par\n"


def with_everything() -> bytes:
    """Give a document with something in every place that a reader knows."""
    picture = b"\x89PNG\r\n\x1a\n".hex()
    return rich(
        f"\\pard Words of {CANARY}\\par {table(COUNTS)}"
        f"{{\\header\\pard {CANARY}\\par}}{{\\footnote {table(COUNTS)}{CANARY}}}"
        f"{{\\*\\annotation {CANARY} 3\\par}}{{\\field{{\\*\\fldinst HYPERLINK {CANARY}}}{{\\fldrslt here}}}}"
        f"{{\\v {CANARY}}}{{\\deleted 3}}{{\\*\\docvar {{a}}{{{CANARY}}}}}{{\\*\\{CANARY} 3}}"
        f"{{\\*\\shppict{{\\pict\\pngblip {picture}}}}}{{\\pict\\wmetafile8\\bin4 abcd}}"
        f"{{\\object{{\\*\\objdata 504b0304{CANARY.encode().hex()}}}}}{{\\*\\datastore {CANARY.encode().hex()}}}"
        f"\\u233 e\\'e9\\u-10179?\\u-8704?",
        f"{{\\info{{\\title {CANARY}}}{{\\author {CANARY}}}}}",
    )
