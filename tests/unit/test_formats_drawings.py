"""Metafiles of Windows and PostScript: words and numbers at risk are read, and what is not is said."""

import gzip
import io
import struct
from collections.abc import Sequence

import pytest
from PIL import Image

from breachkit.detect.engine import examine
from breachkit.documents.readers import read
from breachkit.documents.table import Document, Table, Text, TextKind, Unreadable
from tests.support import metafiles
from tests.support.fuzzing import holds
from tests.support.judging import context_of
from tests.support.metafiles import emf, old_text, text, wmf


AT_RISK = [
    ("Number at risk", 10, 300),
    *(("Vaccinated", 10, 320), ("1204", 100, 320), ("873", 200, 320), ("3", 300, 320)),
    *(("Unvaccinated", 10, 340), ("988", 100, 340), ("640", 200, 340), ("41", 300, 340)),
]
ROWS = [["Vaccinated", "1204", "873", "3"], ["Unvaccinated", "988", "640", "41"]]


def as_postscript(labels, before="%!PS-Adobe-3.0 EPSF-3.0\n", show="0 0 0 t"):
    lines = [f"{x}.00 {700 - y} ({words}) {show}" for words, x, y in labels]
    return (before + "\n".join(lines) + "\nshowpage\n").encode()


DRAWINGS = {
    "enhanced": lambda labels: emf(*(text(*label) for label in labels)),
    "enhanced, in one record": lambda labels: emf(metafiles.texts(*labels)),
    "enhanced, in narrow letters": lambda labels: emf(*(text(*one, narrow=True) for one in labels)),
    "enhanced, short": lambda labels: emf(
        *(metafiles.small_text(*one, narrow=False, bounded=True) for one in labels)
    ),
    "enhanced, short and narrow": lambda labels: emf(
        *(metafiles.small_text(*one, narrow=True) for one in labels)
    ),
    "enhanced plus": lambda labels: emf(
        metafiles.plus(*(metafiles.plus_text(*label) for label in labels))
    ),
    "enhanced plus, in letters": lambda labels: emf(
        metafiles.plus(*(metafiles.plus_letters(*label) for label in labels))
    ),
    "both": lambda labels: emf(
        metafiles.plus(*(metafiles.plus_text(*label) for label in labels)),
        *(text(*label) for label in labels),
    ),
    "old": lambda labels: wmf(*(old_text(*label, extended=True) for label in labels)),
    "old, without a place": lambda labels: wmf(
        *(old_text(*label, extended=False) for label in labels), placeable=False
    ),
    "PostScript of R": as_postscript,
    "PostScript of Stata": lambda labels: as_postscript(
        [(words, f"{x}.00 {700 - y} moveto", 0) for words, x, y in labels], show="show"
    ).replace(b".00 700 (", b" (").replace(b"moveto.00 700 (", b"moveto ("),
}  # fmt: skip


def tables(found: Sequence[Document]) -> list[list[list[str]]]:
    return [[list(row) for row in one.rows] for one in found if isinstance(one, Table)]


def reasons(found: Sequence[Document]) -> list[str]:
    return [one.reason for one in found if isinstance(one, Unreadable)]


def words(found: Sequence[Document], kind: TextKind = TextKind.FIGURE) -> list[str]:
    return [line for one in found if isinstance(one, Text) and one.kind is kind for line in one.text.split("\n")]  # fmt: skip


@pytest.mark.parametrize("draw", DRAWINGS.values(), ids=DRAWINGS)
def test_numbers_at_risk_and_words_are_read(draw):
    found = read(draw(AT_RISK), [b"released_outputs/survival"])

    [rows] = tables(found)
    assert [[cell for cell in row if cell] for row in rows] == ROWS
    assert words(found) == ["Number at risk", "Vaccinated", "Unvaccinated"]
    assert not reasons(found)


@pytest.mark.parametrize("draw", DRAWINGS.values(), ids=DRAWINGS)
def test_few_people_at_risk_are_found(draw):
    safe = [(label[0] if label[0] != "3" else "30", *label[1:]) for label in AT_RISK]
    found, fine = (
        examine(
            draw(labels),
            context_of("released_outputs/survival.emf"),
            sketch_key=bytes(32),
            want_sketch=False,
        )
        for labels in (AT_RISK, safe)
    )

    assert any(hit.location and 1 in hit.location.rows for hit in found.hits)
    assert not [hit for hit in fine.hits if hit.location and hit.location.rows]


@pytest.mark.parametrize("draw", DRAWINGS.values(), ids=DRAWINGS)
@pytest.mark.parametrize("share", [0.3, 0.6, 0.97])
def test_a_drawing_that_is_cut_off_is_not_called_read(draw, share):
    whole = draw(AT_RISK)
    cut = whole[: int(len(whole) * share)]

    found = holds(cut, b"a.emf" if not whole.startswith(b"%!") else b"a.eps")

    if not whole.startswith(b"%!"):
        assert reasons(found) == ["metafile: damaged, and read only in part"]


def test_what_is_built_here_is_what_others_take_for_these_formats():
    for content in (emf(text("a", 1, 2)), wmf(old_text("a", 1, 2, extended=True))):
        with Image.open(io.BytesIO(content)) as picture:
            assert picture.format == "WMF"  # both kinds
            assert picture.info["wmf_bbox"] == (0, 0, 600, 400)


def test_letters_that_are_written_one_by_one_are_words_again():
    letters = [text(letter, 10 + 6 * at, 50, each=6) for at, letter in enumerate("Died, n: 3")]
    apart = [text(letter, 200 + 6 * at, 50, each=6) for at, letter in enumerate("East")]
    below = text("x", 70, 62, each=6)

    assert words(read(emf(*letters, *apart, below), [b"a.emf"])) == ["Died, n: 3", "East", "x"]


def test_what_is_moved_stands_where_it_is_moved_to():
    """The rows are drawn at one place, each after another step."""
    rows = ["Number at risk", *(["Vaccinated", "1204", "873", "3"])]
    heading = text(rows[0], 10, 300)
    moved = [
        piece
        for at, label in enumerate(rows[1:])
        for piece in (
            *(metafiles.save(), metafiles.transform(1, 0, 0, 1, 10 + 100 * at, 320)),
            *(text(label, 0, 0), metafiles.restore()),
        )
    ]
    stepwise = [
        piece
        for label in rows[1:]
        for piece in (text(label, 10, 320), metafiles.transform(1, 0, 0, 1, 100, 0, mode=2))
    ]
    after = [metafiles.transform(0, 0, 0, 0, 0, 0, mode=1), text("Below", 10, 500)]

    for pieces in (moved, stepwise):
        found = read(emf(heading, *pieces, *after), [b"a.emf"])
        assert [[cell for cell in row if cell] for [row] in tables(found)] == [ROWS[0]]


def test_the_same_picture_in_other_forms_is_read_too():
    found = read(emf(metafiles.forms(as_postscript(AT_RISK), b"group,n\nx,3\n")), [b"a.emf"])

    assert [one.part for one in found if isinstance(one, Table)] == ["other form 1, table 1", "other form 2"]  # fmt: skip
    assert not reasons(found)


def test_records_that_point_at_the_same_words_over_and_over_cost_no_more_than_the_file():
    one = "x" * 50_000
    many = metafiles.texts((one, 1, 2), *[("", 1, 2)] * 5_000)
    at, to = 40, struct.pack("<II", len(one), 40 + 40 * 5_001)
    hostile = bytearray(many)
    for number in range(5_001):
        hostile[at + 40 * number + 8 : at + 40 * number + 16] = to
    forms = bytearray(metafiles.forms(*[b"x" * 4_000] * 200))
    for number in range(200):
        forms[48 + 16 * number : 56 + 16 * number] = struct.pack("<II", 700_000, 28)

    for record in (bytes(hostile), bytes(forms)):
        assert reasons(read(emf(record), [b"a.emf"]))[0] == "metafile: damaged, and read only in part"  # fmt: skip


def in_pieces(drawing: bytes, *sizes: int) -> bytes:
    """Give an old metafile that holds an enhanced one in pieces of some sizes."""
    records, at = [], 0
    for size in sizes:
        piece = drawing[at : at + size]
        at += size
        about = struct.pack(
            "<IIHIIIII", 1, 0x10000, 0, 0, len(sizes), len(piece), len(drawing) - at, len(drawing)
        )
        data = b"WMFC" + about + piece
        records.append(metafiles.old_record(0x0626, struct.pack("<HH", 15, len(data)) + data))
    return wmf(*records, placeable=False)  # fmt: skip


def test_an_enhanced_metafile_within_an_old_one_is_read_where_it_is_whole():
    drawing = emf(*(text(*label) for label in AT_RISK))
    half = len(drawing) // 2 & ~1

    assert tables(read(in_pieces(drawing, half, len(drawing) - half), [b"a.wmf"])) == [ROWS]
    assert reasons(read(in_pieces(drawing, half, half - 40), [b"a.wmf"])) == ["metafile: an enhanced one within was not read"]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (emf(text("ab", 1, 2, options=0x10)), "metafile: words that are numbers of glyphs were not read"),
        (
            emf(metafiles.plus(metafiles.plus_letters("ab", 1, 2, by_glyph=True))),
            "metafile: words that are numbers of glyphs were not read",
        ),
        (
            wmf(metafiles.old_record(0x0626, struct.pack("<HH", 15, 4) + b"WMFC")),
            "metafile: an enhanced one within was not read",
        ),
        (b"%!PS\n/one glyphshow\n", "PostScript: words that are names of glyphs were not read"),
        (b"%!PS\n<00410042> show\n", "PostScript: words that are names of glyphs were not read"),
        (b"%!PS\ncurrentfile /ASCII85Decode filter cvx exec\n~>", "PostScript: a part that is packed was not read"),
    ],
)  # fmt: skip
def test_what_is_not_read_is_said(content, reason):
    assert reasons(read(content, [b"a.emf"])) == [reason]


def test_what_is_drawn_in_one_way_alone_is_read_beside_what_is_drawn_in_the_other():
    at_risk = metafiles.plus(*(metafiles.plus_text(*label) for label in AT_RISK))

    found = read(emf(at_risk, text("Survival", 1, 2)), [b"a.emf"])

    assert [one.part for one in found if isinstance(one, Table)] == ["EMF+, table 1"]


def test_words_that_are_not_all_in_their_record_are_not_called_read():
    whole = text("Number at risk", 1, 2)
    longer = whole[:44] + struct.pack("<I", 5_000) + whole[48:]

    assert reasons(read(emf(longer), [b"a.emf"])) == ["metafile: damaged, and read only in part"]


def test_what_a_metafile_says_of_itself_is_read_as_hidden():
    found = read(emf(said="R Graphics\0Patient 17\0\0"), [b"a.emf"])

    assert words(found, TextKind.HIDDEN) == ["R Graphics", "Patient 17"]
    assert [one.part for one in found] == ["metadata", None]


def test_strings_of_postscript_are_read_as_it_reads_them():
    program = rb"""%!PS-Adobe-3.0 EPSF-3.0
%%Title: (Survey of 12)
% (no string) here
1 2 (a \(b\) \101\n (c) d\\) show
3 4 (one \
two) show
"""
    found = read(program, [b"a.eps"])

    assert words(found) == ["a (b) A (c) d\\", "one two"]
    assert words(found, TextKind.HIDDEN) == ["Survey of 12"]


def test_a_preview_in_front_of_postscript_is_read_too():
    program, preview = as_postscript(AT_RISK), wmf(old_text("Preview", 1, 2, extended=True))
    places = (30, len(program), 30 + len(program), len(preview), 0, 0)
    content = b"\xc5\xd0\xd3\xc6" + struct.pack("<6IH", *places, 0xFFFF) + program + preview

    found = read(content, [b"a.eps"])

    assert len(tables(found)) == 1
    assert words(found)[-1] == "Preview"
    assert reasons(read(content[:20], [b"a.eps"])) == ["PostScript: damaged"]


def test_packed_metafiles_of_office_are_read():
    assert words(read(gzip.compress(emf(text("Inside", 1, 2))), [b"word/media/image1.emz"])) == ["Inside"]  # fmt: skip
