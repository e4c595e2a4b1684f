"""Rich text: tables, words and what is hidden, as Stata, SAS, R, Word, LibreOffice and TextEdit write it."""

import json
import struct
import time
from collections.abc import Sequence

import pytest

from breachkit.detect.engine import Examination, examine
from breachkit.documents.reader import inside
from breachkit.documents.readers import read
from breachkit.documents.table import Document, Embedded, Table, Text, TextKind, Trait, Unreadable
from breachkit.model.findings import Severity
from tests.support import metafiles
from tests.support.fuzzing import holds
from tests.support.gitrepo import History
from tests.support.judging import context_of
from tests.support.office import archive
from tests.support.rich_text import COUNTS, rich, row, table, with_everything


def look_at(content: bytes, path: str) -> Examination:
    return examine(content, context_of(path), sketch_key=b"k", want_sketch=False)


def tables(found: Sequence[Document], *, hidden: bool = False) -> list[list[list[str]]]:
    return [
        [list(one.header), *map(list, one.rows)]
        for one in found
        if isinstance(one, Table) and one.hidden is hidden
    ]


def words(found: Sequence[Document], kind: TextKind = TextKind.PROSE) -> str:
    return "\n".join(one.text for one in found if isinstance(one, Text) and one.kind is kind)


def hidden(found: Sequence[Document]) -> str:
    return words(found, TextKind.HIDDEN)


def reasons(found: Sequence[Document]) -> list[str]:
    return [one.reason for one in found if isinstance(one, Unreadable)]


def traits(found: Sequence[Document]) -> set[Trait]:
    return {one.trait for one in found if isinstance(one, Embedded)}


def of(body: str, before: str = "") -> tuple[Document, ...]:
    return read(rich(body, before), [b"released_outputs/t.rtf"])


HEAD = r"\trhdr"
ESTTAB = (
    r"{\rtf1\ansi\deff0{\fonttbl{\f0\fnil Times New Roman;}}"
    "\n"
    r"{\info{\author .}{\company .}{\title .}}\deflang1033\plain\fs24"
    "\n"
    r"{\footer\pard\qc\plain\f0\fs24\chpgn\par}"
    "\n"
    r"{\pard\keepn\ql Table 1\par}"
    "\n"
    + "".join(
        rf"{{\trowd\trgaph108\trleft-108\cellx2000\cellx4000\cellx6000\pard\intbl\ql {{{a}}}\cell"
        rf"\pard\intbl\qc {{{b}}}\cell\pard\intbl\qc {{{c}}}\cell\row}}"
        for a, b, c in COUNTS
    )
    + r"{\pard\ql\fs20 Source: study\par}}"
)
SAS = (
    r"{\rtf1\ansi\ansicpg1252\uc1\deff0\deflang1033{\fonttbl{\f1\froman\fprq2\fcharset0 Times;}}"
    r"{\colortbl;\red0\green0\blue0;}{\*\generator SAS 9.4}\widowctrl\sectd\linex0\endnhere"
    r"{\*\bkmkstart IDX}{\*\bkmkend IDX}{\header\pard\plain\qc{The SAS System\par}}"
    "{\\pard\\par}\\pard\\plain\\qc{\n"
    + "".join(
        rf"\trowd\trkeep{'' if number else HEAD}\trqc"
        + "".join(rf"\cltxlrtb\clvertalt\cellx{right}" for right in (900, 2100, 3300))
        + "".join(rf"\pard\plain\intbl\keepn\sb10\sa10\ql\f1\fs22\cf1{{{cell}\cell}}" for cell in cells)
        + "{\\row}\n"
        for number, cells in enumerate(COUNTS)
    )
    + r"\pard}}"
)  # fmt: skip
R2RTF = (
    r"{\rtf1\ansi"
    "\n"
    r"\deff0\deflang1033{\fonttbl{\f0\froman\fcharset1\fprq2 Times New Roman;}}"
    "\n"
    r"{\pard\hyphpar\sb180\qc\fs24{\f0 Deaths}\line\fs24{\f0 by region}\par}"
    "\n"
    + "".join(
        "\\trowd\\trgaph108\\trleft0\\trqc\n\\clvertalb\\cellx2250\n\\clvertalb\\cellx4500\n\\clvertalb\\cellx6750\n"
        + "".join(rf"\pard\hyphpar0\sb15\qc\fs18{{\f0 {cell}}}\cell" for cell in cells)
        + "\\intbl\\row\\pard\n"
        for cells in COUNTS
    )
    + "}"
)
LIBRE_OFFICE = (
    r"{\rtf1\ansi\deff3\adeflang1025{\fonttbl{\f3\froman\fprq2\fcharset0 Liberation Serif{\*\falt Times New Roman};}}"
    r"{\stylesheet{\s0\snext0 Normal;}{\*\cs15\snext15 Header Char;}}{\*\generator LibreOffice/24.2}"
    r"{\*\pgdsctbl{\pgdsc0\pgdscuse451 Default Page Style;}}\pgwsxn12240"
    + "".join(
        r"\trowd\trql\trleft-108\ltrrow\clbrdrt\brdrs\cellx2052\cellx4212\cellx6372"
        + "".join(rf"\pard\plain \s0\intbl\ql{{\loch {cell}}}\cell" for cell in cells)
        + r"\row"
        for cells in COUNTS
    )
    + r"\pard\pard\plain \s0\ql{\loch After}\par }"
)
WORD = (
    r"{\rtf1\adeflang1025\ansi\ansicpg1252\uc1\deff0{\fonttbl{\f0\fbidi \froman\fcharset0\fprq2{\*\panose 02020603050405020304}Times New Roman;}}"
    r"{\*\rsidtbl \rsid1}{\*\xmlnstbl {\xmlns1 http://schemas.example.org/word}}"
    + "".join(
        r"\trowd \irow0\irowband0\ltrrow\trgaph108\trleft-108\clvertalt\cellx2880\clvertalt\cellx5760\clvertalt\cellx8640 \pard\plain \ltrpar\ql\intbl"
        + "".join(rf"{{\rtlch\fcs1 \af0 \ltrch\fcs0 \insrsid1 {cell}\cell }}" for cell in cells)
        + r"\pard \ltrpar\ql\intbl {\trowd \irow0\ltrrow\trgaph108\trleft-108\clvertalt\cellx2880\clvertalt\cellx5760\clvertalt\cellx8640\row }"
        for cells in COUNTS
    )
    + r"\pard \ltrpar\ql {\par }{\*\themedata 504b0304}{\*\latentstyles\lsdstimax376 Normal;}}"
)  # fmt: skip
PANDOC = (
    "{\\rtf1\\ansi\\deff0{\\fonttbl{\\f0 \\fswiss Helvetica;}}\n{\\pard \\ql \\f0 Table\\par}\n"
    + "".join(
        "{\n\\trowd \\trgaph120\n\\clbrdrb\\brdrs\\cellx2880\\clbrdrb\\brdrs\\cellx5760\\cellx8640\n\\trkeep\\intbl\n{\n"
        + "".join(f"{{{{\\pard\\intbl \\ql \\f0 {cell}\\par}}\n\\cell}}\n" for cell in cells)
        + "}\n\\intbl\\row}\n"
        for cells in COUNTS
    )
    + "}"
)
GT = (
    r"{\rtf\ansi\ansicpg1252{\fonttbl{\f0\froman\fcharset0\fprq0 Courier New;}}{\colortbl;\red51\green51\blue51;}"
    r"\paperw12240\paperh15840 \trowd\trrh0\trhdr\clvertalc \clmgf \clbrdrt\brdrs\cellx3120\clmrg\cellx6240\clmrg\cellx9360"
    r"\pard\plain\uc0\qc\intbl {\f0 {\f0\fs28 A title}}\cell \pard\intbl\cell \pard\intbl\cell \row"
    + "".join(
        rf"\trowd\trrh0{'' if number else HEAD}\clvertalc\cellx3120\cellx6240\cellx9360"
        + "".join(rf"\pard\plain\uc0\qc\intbl {{\f0 {{\f0\fs20 {cell}}}}}\cell " for cell in cells)
        + r"\row"
        for number, cells in enumerate(COUNTS)
    )
    + "}"
)  # fmt: skip
LAZY = r"{\rtf1\ansi " + "".join(
    rf"\trowd\cellx1\cellx2\cellx3 {a}\cell {b}\cell {c}\cell\row " for a, b, c in COUNTS
)
WRITERS = {
    "esttab": ESTTAB,
    "SAS": SAS,
    "r2rtf": R2RTF,
    "LibreOffice": LIBRE_OFFICE,
    "Word": WORD,
    "pandoc": PANDOC,
    "gt": GT,
    "without margins or paragraphs": LAZY + "}",
}


@pytest.mark.parametrize("path", [b"output/t.rtf", b"output/t.doc", b"output/t.txt", b"output/t.R"])
@pytest.mark.parametrize("written", WRITERS.values(), ids=WRITERS)
def test_the_table_of_each_program_is_read_under_whatever_name(written, path):
    found = read(written.encode(), [path])

    assert tables(found) == [COUNTS]
    assert not reasons(found)


def test_a_name_over_several_columns_is_part_of_the_name_of_each():
    merged = [
        row(["", "Cases", "", "Total"], looks=["", r"\clmgf", r"\clmrg", ""]),
        row(["", "n", "%", "N"]),
        row(["North", "3", "2.5", "120"]),
    ]
    by_borders = [row(["", "Cases", "Total"], borders=[2000, 6010, 8000]), *merged[1:]]
    alone = [row(["", "Cases", ""], borders=[2000, 6010, 8000]), *merged[1:]]

    for rows in (merged, by_borders):
        [one] = tables(of("".join(rows)))
        assert one == [["", "Cases n", "Cases %", "Total N"], ["North", "3", "2.5", "120"]]
    [one] = tables(of(table([["A title", "", "", ""]])[: -len("\\pard\\par\n")] + "".join(alone)))
    assert one == [["", "Cases n", "Cases %", "N"], ["North", "3", "2.5", "120"]]


def test_a_cell_over_several_rows_is_said_of_each():
    [one] = tables(
        of(
            row(["Region", "Sex", "n"])
            + row(["North", "F", "3"], looks=[r"\clvmgf", "", ""])
            + row(["", "M", "41"], looks=[r"\clvmrg", "", ""])
            + row(["South", "F", "35"])
        )
    )

    assert one == [["Region", "Sex", "n"], ["North", "F", "3"], ["North", "M", "41"], ["South", "F", "35"]]  # fmt: skip


def test_words_in_a_cell_that_says_it_is_merged_are_kept():
    [one] = tables(
        of(
            row(["Region", "n"])
            + row(["North", "120"], looks=["", r"\clvmgf"])
            + row(["South", "3"], looks=["", r"\clvmrg"])
            + row(["East", "4"], looks=["", r"\clmrg"])
        )
    )

    assert one[2:] == [["South", "3"], ["East", "4"]]


def test_a_table_within_a_cell_is_a_table_of_its_own():
    inner = "".join(
        f"\\pard\\intbl\\itap2 {a}\\nestcell {b}\\nestcell"
        "{\\*\\nesttableprops\\trowd\\cellx1000\\cellx2000\\nestrow}{\\nonesttables\\par}"
        for a, b in (("Sex", "n"), ("F", "3"))
    )
    outer = row(["Region", "Detail"]) + row(["North", f"7 below\\par {inner}\\pard\\intbl "])

    found = tables(of(outer))

    assert sorted(found) == [
        [["Region", "Detail"], ["North", "7 below"]],
        [["Sex", "n"], ["F", "3"]],
    ]


def test_a_paragraph_between_rows_parts_tables_and_so_do_other_columns():
    apart = table(COUNTS[:2]) + table(COUNTS[:2])
    borders = [900, 2800, 4700, 6000]
    other = row(["Sex", "n", "%", "N"], borders=borders) + row(
        ["F", "3", "1", "9"], borders=borders
    )

    assert len(tables(of(apart))) == 2
    assert len(tables(of(table(COUNTS)[: -len("\\pard\\par\n")] + other))) == 2


def test_marks_of_footnotes_are_no_digits_of_a_number():
    [one] = tables(of(table([["Region", "n"], ["North", r"3{\super 2}"], ["South", r"1{\up8 2}"]])))

    assert one[1:] == [["North", "3*"], ["South", "1*"]]


def test_headers_footers_notes_and_shapes_are_read_with_their_tables():
    body = (
        rf"{{\header {table(COUNTS)}}}{{\footerf\pard of 3 patients\par}}Words{{\footnote\pard a note\par}}"
        rf"{{\shp{{\*\shpinst\shpleft1{{\sp{{\sn wzName}}{{\sv Box of North}}}}{{\shptxt {table(COUNTS)}}}}}}}"
        r"{\field{\*\fldinst{ HYPERLINK secret }}{\fldrslt{ a link}}}"
    )
    found = of(body)

    assert tables(found) == [COUNTS, COUNTS]
    assert "of 3 patients" in words(found)
    assert "a note" in words(found)
    assert "Words a link" in words(found)
    assert {one.part for one in found if isinstance(one, Table)} == {"header 1, table 1", "shape 1, table 1"}  # fmt: skip
    assert "HYPERLINK secret" in hidden(found)
    assert "Box of North" in hidden(found)
    assert "wzName" not in hidden(found)


def test_what_a_person_does_not_see_is_given_as_hidden():
    body = (
        rf"Shown{{\v unseen 1}}{{\*\annotation remark {table(COUNTS)}}}{{\*\atnauthor Somebody}}{{\*\bkmkstart mark}}"
        r"{\*\docvar {name}{value}}{\*\nobodyknows words 7}{\tc entry}{\upr{plain}{\*\ud\u233 ?t}}{\deleted gone}{\revised new}"
    )
    info = r"{\info{\title About}{\doccomm Remarks}{\author Somebody}{\operator Else}{\*\company Office}{\nofpages3}}"
    found = of(body, info)

    for each in ("unseen 1", "remark", "mark", "value", "words 7", "entry", "plain", "gone", "About", "Remarks", "Office"):  # fmt: skip
        assert each in hidden(found), each
    assert "gone" not in words(found)
    assert words(found).endswith("ét new".replace(" ", ""))
    assert tables(found, hidden=True) == [COUNTS]
    assert traits(found) == {Trait.HIDDEN_TEXT, Trait.COMMENTS, Trait.TRACKED_CHANGES, Trait.AUTHOR, Trait.METADATA_TEXT}  # fmt: skip
    [authors] = [one for one in found if isinstance(one, Embedded) and one.trait is Trait.AUTHOR]
    assert authors.count == 2


def test_a_table_is_given_as_it_was_before_changes_too():
    found = of(table([["Region", "n"], ["North", r"{\deleted 3}{\revised [REDACTED]}"]]))

    assert tables(found) == [[["Region", "n"], ["North", "[REDACTED]"]]]
    assert tables(found, hidden=True) == [[["Region", "n"], ["North", "3"]]]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (r"caf\'e9", "café"),
        (r"{\f1 \'cc\'e8\'f0}", "Мир"),
        (r"{\f2 \'93\'fa\'96{\'7b}x", None),
        (r"{\f2 \'93\'fa\'96\'7b}", "日本"),
        (r"\u233 e\u8804 <=", "é≤="),
        (r"\uc2\u8804 <=3", "≤3"),
        (r"{\uc0\u8804}3", "≤3"),
        (r"\u-10179?\u-8704?", "😀"),
        (r"\u128512?", "😀"),
        (r"1\~204\_a \'96 b\emdash c\lquote d\rquote", "1 204-a \u2013 b\u2014c\u2018d\u2019"),
        (r"a\\b\{c\}", "a\\b{c}"),
        ("caf\xc3\xa9", "café"),
        ("line\\\nnext", "line\nnext"),
        ("li\nne", "line"),
    ],
)
def test_signs_are_read_by_their_code_page(written, meant):
    if meant is not None:
        assert words(of(written)) == meant
    else:
        assert reasons(of(written))


def test_a_document_of_another_code_page_is_read_by_that():
    found = read(b"{\\rtf1\\ansi\\ansicpg1251 \\'cc\\'e8\\'f0}", [b"a.rtf"])

    assert words(found) == "Мир"


def test_pictures_are_given_to_the_readers_of_theirs():
    emf = metafiles.emf(metafiles.text("Deaths in the North", 1, 2))
    wmf = metafiles.wmf(
        metafiles.old_text("Deaths in the South", 1, 2, extended=True), placeable=False
    )
    found = read(
        b"{\\rtf1 {\\pict\\emfblip\\picw1 " + emf.hex().encode() + b"}{\\*\\shppict{\\pict{\\*\\picprop{\\sp{\\sn a}{\\sv 1}}}"
        b"\\wmetafile8\\bin%d " % len(wmf) + wmf + b"}}{\\pict\\pngblip 89504e470d0a1a0a}{\\pict\\jpegblip zz}}",
        [b"a.rtf"],
    )  # fmt: skip

    assert "Deaths in the North" in words(found, TextKind.FIGURE)
    assert "Deaths in the South" in words(found, TextKind.FIGURE)
    assert reasons(found) == ["PNG image: cut off before its end", "rich text: a picture that is damaged was not read"]  # fmt: skip
    assert Trait.EMBEDDED_IMAGE in traits(found)


def embedded(content: bytes) -> str:
    name = b"Package\0"
    head = struct.pack("<III", 0x501, 2, len(name)) + name + struct.pack("<III", 0, 0, len(content))
    return rf"{{\object\objemb{{\*\objclass Package}}{{\*\objdata {(head + content + b'rest').hex()}}}{{\result shown}}}}"


def test_embedded_files_are_read_or_said_to_be_unread():
    found = of(embedded(archive({"t.csv": "region,n\nNorth,3\nSouth,120\n"})))
    unknown = of(embedded(b"something of patients"))

    assert tables(found) == [[["region", "n"], ["North", "3"], ["South", "120"]]]
    assert not reasons(found)
    assert Trait.EMBEDDED_FILE in traits(found)
    assert "something of patients" in hidden(unknown)
    assert "rich text: an embedded file of an unknown kind was read only in part" in reasons(
        unknown
    )


def test_a_drawing_that_a_shape_keeps_packed_is_read():
    packed = archive(
        {"[Content_Types].xml": "<Types/>", "drs/shapexml.xml": "<a><t>North 3</t></a>"}
    )
    found = of(rf"{{\sp{{\sn metroBlob}}{{\sv {{\*\svb {(b'12' + packed).hex()}}}}}}}")

    assert "North 3" in hidden(found)
    assert "504b" not in hidden(found)


def test_words_in_the_data_store_are_hidden_text():
    assert "<patients>" in hidden(of(rf"{{\*\datastore {'<patients>'.encode('utf-16-le').hex()}}}"))


def test_what_stands_behind_the_document_is_read():
    second = rich(table(COUNTS))
    found = read(rich("first") + b"\r\n\0" + second, [b"a.rtf"])

    assert tables(found) == [COUNTS]
    assert Trait.TRAILING_BYTES in traits(found)
    assert read(rich("first") + b"\r\n\0 ", [b"a.rtf"]) == read(rich("first"), [b"a.rtf"])


def test_names_of_looks_hide_nothing_where_no_group_begins():
    assert "North 3" in words(of(r"a \fonttbl North 3"))


def test_a_log_a_list_and_a_program_that_were_saved_as_rich_text_are_read_as_such():
    log = (
        ". tab region\n\n     region |      Freq.     Percent        Cum.\n------------+-----------------------------------\n"
        "      North |          3        2.44        2.44\n      South |        120       97.56      100.00\n"
        "------------+-----------------------------------\n      Total |        123      100.00\n"
    )
    cocoa = "{\\rtf1\\ansi\\ansicpg1252\\cocoartf2639\n{\\fonttbl\\f0\\fmodern\\fcharset0 Courier;}\n{\\*\\expandedcolortbl;;}\n\\f0\\fs24 \\cf0 "
    [printed] = tables(read((cocoa + log.replace("\n", "\\\n") + "}").encode(), [b"a.rtf"]))
    [listed] = tables(of("region,n\\par North,3\\par South,120\\par"))

    assert ["North", "3", "2.44", "2.44"] in printed
    assert listed == [["region", "n"], ["North", "3"], ["South", "120"]]


@pytest.mark.parametrize("path", [b"a.rtf", b"a.doc", b"a.txt", b"a"])
@pytest.mark.parametrize("before", [b"\xef\xbb\xbf", b"\r\n "])
def test_a_mark_or_an_empty_line_before_a_document_hides_none_of_it(before, path):
    found = read(before + rich(table(COUNTS)), [path])

    assert tables(found) == [COUNTS]
    assert not reasons(found)


@pytest.mark.parametrize("content", [b"region,n\nNorth,3\nSouth,120\n", b"\xef\xbb\xbf" + rich(table(COUNTS))])  # fmt: skip
def test_text_under_the_name_and_a_mark_before_the_document_are_read(content):
    found = read(content, [b"a.rtf"])

    assert len(tables(found)) == 1
    assert not reasons(found)


def test_what_has_the_name_alone_is_said_to_be_unread():
    assert reasons(read(b"\0\1\2\3" * 50, [b"a.rtf"]))


def test_a_document_cut_at_any_byte_is_said_to_be():
    whole = with_everything()

    for end in range(6, len(whole)):
        assert any("cut off" in reason for reason in reasons(holds(whole[:end], b"a.rtf"))), end


HOSTILE = {
    "groups": b"{" * 300_000 + b"x" + b"}" * 300_000,
    "groups that end never": b"{\\v" * 100_000,
    "cells": b"\\trowd" + b"\\cell" * 300_000 + b"\\row",
    "borders": b"\\trowd" + b"\\cellx5" * 100_000 + b" a\\cell\\row",
    "borders that grow": b"".join(b"\\trowd\\cellx%d 1\\cell\\row" % (100 * n) for n in range(10_000)),
    "tables": b"\\trowd 1\\cell\\row\\pard\\par" * 5_000,
    "tables within tables": b"\\itap99999999 a\\nestcell\\itap1 b\\cell" * 5_000,
    "notes": b"{\\footnote a}" * 10_000,
    "bytes beyond the end": b"{\\pict\\bin999999999 abc}",
    "bytes of a negative number": b"{\\pict\\bin-5 abc}",
    "a long word": b"\\" + b"a" * 500_000 + b"9" * 500_000,
    "characters to pass over": b"\\uc999999999" + b"\\u100 abc" * 50_000,
    "half characters": b"\\u-10179?" * 50_000,
    "backslashes": b"\\" * 500_001,
}  # fmt: skip


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_hostile_documents_end_soon(body):
    begun = time.process_time()

    holds(b"{\\rtf1 " + body + b"}", b"a.rtf")

    assert time.process_time() - begun < 5


def test_too_much_of_something_is_said_and_what_came_before_is_kept():
    found = of(table(COUNTS) + "\\trowd" + "1\\cell " * 2_000)

    assert tables(found)[0] == COUNTS
    assert reasons(found) == ["rich text: a row of too many cells, and read only in part"]


def test_names_of_parts_stay_below_the_part_that_the_document_is():
    found = read(archive({"a/b.rtf": rich(table(COUNTS)).decode()}), [b"a.zip"])

    assert [one.part for one in found if isinstance(one, Table)] == [inside("member 1", "table 1")]


def test_a_small_count_is_found_and_a_safe_table_is_not():
    safe = rich(table([[cell.replace("3", "30") if cell == "3" else cell for cell in line] for line in COUNTS]))  # fmt: skip
    path = "released_outputs/deaths.doc"

    unsafe = look_at(rich(table(COUNTS)), path).hits
    hits = [
        (hit.rule, hit.location.rows) for hit in unsafe if hit.location and hit.rule == "CNT-01"
    ]

    assert hits == [("CNT-01", (1,))]
    assert not [hit for hit in look_at(safe, path).hits if hit.severity > Severity.LOW and hit.rule != "TYPE-01"]  # fmt: skip


def test_a_scan_finds_the_small_count_of_a_document_in_the_history(breachkit, tmp_path):
    history = History()
    history.commit({b"released_outputs/deaths.rtf": ESTTAB.encode()})
    history.commit({b"released_outputs/deaths.rtf": None, b"README.md": b"Study\n"})
    repository = history.build(tmp_path / "study.git")

    ran = breachkit("scan", repository, "--format", "json")

    told = json.loads(ran.out)
    found = [one for one in told["findings"] if one["rule"] == "CNT-01"]
    assert [(one["severity"] in {"medium", "high", "critical"}, one["path"]) for one in found] == [
        (True, "released_outputs/deaths.rtf")
    ]
    assert not [one for one in told["skipped"] if one["path"] == "released_outputs/deaths.rtf"]
