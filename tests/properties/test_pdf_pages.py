"""Laws of pages that versions of a PDF share: what stands for a page stands for all that it shows."""

import dataclasses
import io
import re
import zlib
from collections.abc import Sequence

import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf.annotations import FreeText

from breachkit.documents.formats import pdf as reader
from breachkit.documents.formats.pdf_pages import page_parts
from breachkit.documents.formats.pdf_streams import (
    _BINARY,
    _BLANKS,
    _NO_WORDS,
    _WORDS,
    _is_drawing,
    _measured,
    look_at_streams,
)
from breachkit.documents.reader import Budget, Member, OverBudgetError
from breachkit.documents.readers import read
from breachkit.documents.repeated import RepeatedParts
from breachkit.documents.table import Document, Embedded, Table, Text, Trait, Unreadable
from tests.support.fuzzing import mutations
from tests.support.office import COUNTS, laid_out, pdf, saved


FIRST = [(60, 740, "Table 1"), *laid_out(COUNTS)]
SECOND = [(60, 740, "Some words"), (60, 700, "and more")]
THIRD = laid_out([("sex", "n"), ("women", 1204), ("men", 2311), ("all", 3515)])
REPORT = pdf(FIRST, SECOND, THIRD)


def keys(content: bytes, pages: int = 3) -> list[bytes]:
    found = page_parts(content, pages)
    assert found is not None
    return [part.key for part in found]


def by_page(documents: Sequence[Document]) -> dict[str, list[Document]]:
    """Give what was read of each page, whatever its number."""
    found: dict[str, list[Document]] = {}
    for document in documents:
        page, _, inside = (document.part or "").partition(",")
        if page.startswith("page "):
            found.setdefault(page, []).append(dataclasses.replace(document, part=inside))
    return found


def without_memory(content: bytes) -> Sequence[Document]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader, "page_parts", lambda *_: None)
        return read(content, (b"a.pdf",))


def test_pages_are_the_same_wherever_they_stand_in_a_version() -> None:
    later = pdf(SECOND, [(60, 740, "new")], THIRD, FIRST)

    assert keys(later, 4)[0] == keys(REPORT)[1]
    assert keys(later, 4)[2:] == [keys(REPORT)[2], keys(REPORT)[0]]
    assert len({*keys(later, 4), *keys(REPORT)}) == 4


def test_a_page_that_was_read_before_is_read_the_same_under_its_new_number() -> None:
    read(REPORT, (b"a.pdf",))
    later = pdf(SECOND, [(60, 740, "new")], THIRD, FIRST)

    assert read(later, (b"a.pdf",)) == without_memory(later)
    assert {table.part for table in read(later, ()) if isinstance(table, Table)} == {
        "page 3, table 1",
        "page 4, table 1",
    }


def test_what_a_page_inherits_is_part_of_it() -> None:
    turned = REPORT.replace(b"/Count 3", b"/Rotate 90/Count 3")
    turned = re.sub(rb"(?s)xref.*", b"", turned)

    assert not set(keys(indexed(turned))) & set(keys(REPORT))


def indexed(objects: bytes, trailer: bytes = b"<</Root 1 0 R/Size 9>>") -> bytes:
    """Write the table of places anew."""
    places = [found.start() for found in re.finditer(rb"(?m)^\d+ 0 obj", objects)]
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1)
    return objects + head + table + b"trailer%s\nstartxref\n%d\n%%%%EOF\n" % (trailer, len(objects))


def objects_of(content: bytes) -> bytes:
    return content[: content.rindex(b"xref\n0")]


UNCERTAIN = {
    "a newer version behind": lambda content: content + content,
    "bytes behind": lambda content: content + b"x" * 70,
    "a stream longer than it says": lambda content: content.replace(b"/Length ", b"/Length 1", 1),
    "a string that is not closed": lambda content: indexed(
        objects_of(content).replace(b"/Courier", b"/Courier/A(")
    ),
    "a comment": lambda content: indexed(objects_of(content).replace(b"/Courier", b"/Courier%\n")),
    "an array that is not closed": lambda content: indexed(
        objects_of(content).replace(b"/Courier", b"/Courier/A[")
    ),
    "an end within a string": lambda content: indexed(
        objects_of(content).replace(b"/Courier", b"/Courier/A(\nendobj\n)")
    ),
    "a page that is a part of another": lambda content: indexed(
        objects_of(content).replace(b"/F1 3 0 R", b"/F1 5 0 R", 1)
    ),
    "parts that hold each other": lambda content: indexed(
        objects_of(content).replace(b"/Courier", b"/Courier/Self 3 0 R")
    ),
    "children listed elsewhere": lambda content: indexed(
        re.sub(rb"/Kids\[.*?\]", b"/Kids 9 0 R", objects_of(content))
    ),
    "a name that is written in another way": lambda content: indexed(
        objects_of(content).replace(b"/Parent", b"/P#61rent", 1)
    ),
    "an earlier table": lambda content: indexed(
        objects_of(content), b"<</Root 1 0 R/Size 9/Prev 9>>"
    ),
    "a sign that is no white space": lambda content: content.replace(b"6 0 obj", b"6\v0 obj"),
    "no table": lambda content: content[: content.rindex(b"xref\n0")],
}


@pytest.mark.parametrize("change", UNCERTAIN.values(), ids=UNCERTAIN)
def test_of_files_that_may_be_read_in_two_ways_nothing_is_said(change) -> None:
    assert page_parts(indexed(objects_of(REPORT)), 3) is not None
    assert page_parts(change(REPORT), 3) is None
    assert page_parts(REPORT, 4) is None


@settings(max_examples=150)
@given(mutations(REPORT))
def test_pages_with_the_key_of_another_show_what_that_shows(content: bytes) -> None:
    found = page_parts(content, 3)
    if found is None:
        return
    whole = dict(zip(keys(REPORT), by_page(without_memory(REPORT)).values(), strict=True))

    changed = by_page(without_memory(content))

    for number, part in enumerate(found, start=1):
        if part.key in whole:
            assert changed.get(f"page {number}") == whole[part.key]


def test_a_page_is_not_taken_for_a_known_one_where_the_table_of_places_is_not_believed() -> None:
    shown = b"BT /F1 10 Tf 60 700 Td (another 3) Tj ET\n"
    newer = b"6 0 obj\n<</Length %d>>stream\n%s\nendstream\nendobj\n" % (len(shown), shown)
    unused = b"10 0 obj\n7\nendobj\n"
    content = indexed(objects_of(REPORT) + unused).replace(b"xref\n0", newer + b"xref\n0", 1)
    moved = re.sub(
        rb"startxref\n(\d+)", lambda found: b"startxref\n%d" % (int(found[1]) + len(newer)), content
    )
    broken = moved.replace(b"0000000000 65535 f", b"0000000003 00000 n")

    for version in (REPORT, moved, broken):  # of the last PDFium finds the objects itself
        assert page_parts(version, 3) is not None
        assert read(version, (b"a.pdf",)) == without_memory(version)
    assert without_memory(broken) != without_memory(moved) == without_memory(REPORT)


def with_picture(content: bytes) -> bytes:
    image = b"<</Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace/DeviceGray/BitsPerComponent 8/Length 1>>"
    drawn = b"q 9 0 0 9 60 60 cm /I1 Do Q"
    form = b"<</Type/XObject/Subtype/Form/BBox[0 0 600 800]/Resources<</XObject<</I1 10 0 R>>>>/Length %d>>"
    objects = objects_of(content).replace(b"/F1 3 0 R>>", b"/F1 3 0 R>>/XObject<</X1 11 0 R>>", 1)
    objects = objects.replace(b"Tj ET\n", b"Tj ET /X1 Do\n", 1)
    objects = re.sub(
        rb"(?s)<</Length \d+>>stream\n(.*?)\nendstream",
        lambda found: b"<</Length %d>>stream\n%s\nendstream" % (len(found[1]), found[1]),
        objects,
    )
    objects += b"10 0 obj\n%sstream\nx\nendstream\nendobj\n" % image
    return indexed(
        objects + b"11 0 obj\n%sstream\n%s\nendstream\nendobj\n" % (form % len(drawn), drawn)
    )


def test_pictures_are_looked_for_on_the_pages_that_refer_to_one() -> None:
    content = with_picture(REPORT)

    parts = page_parts(content, 3)
    shown = [one.part for one in read(content, ()) if isinstance(one, Embedded)]

    assert parts is not None
    assert [part.may_show_pictures for part in parts] == [True, False, False]
    assert shown == ["page 1"]
    assert read(content, ()) == without_memory(content)


def test_comments_on_a_page_are_part_of_it() -> None:
    def noted(words: str) -> Sequence[Document]:
        into = pypdf.PdfWriter(clone_from=io.BytesIO(REPORT))
        into.add_annotation(1, FreeText(text=words, rect=(10, 10, 90, 90)))
        return read(saved(into.write), (b"a.pdf",))

    for words in ("one", "two"):
        [hidden] = [one for one in noted(words) if isinstance(one, Text) and one.text == words]
        assert hidden.part == "page 2"


def test_parts_are_known_until_they_are_too_much_and_cost_the_same() -> None:
    known, calls = RepeatedParts(room=1_200), list[str]()

    def once(key: bytes, part: str, length: int, budget: Budget) -> list[Document | Member]:
        def made() -> list[Document | Member]:
            calls.append(part)
            budget.take_cells(7)
            return [Text("x" * length, part), Unreadable("x", f"{part}, table 1")]

        return list(known.read(key, part, budget, made))

    first, second = Budget.for_file(1), Budget.for_file(1)
    once(b"1", "page 1", 100, first)
    found = once(b"1", "page 12", 100, second)
    assert [one.part for one in found if not isinstance(one, Member)] == [
        "page 12",
        "page 12, table 1",
    ]
    assert (calls, first) == (["page 1"], second)

    once(b"2", "page 2", 500, first)
    once(b"1", "page 1", 100, first)
    assert calls == ["page 1", "page 2", "page 1"]
    once(b"3", "page 3", 5_000, first)
    once(b"3", "page 3", 5_000, first)
    assert calls[3:] == ["page 3", "page 3"]


def test_a_part_that_is_known_does_not_exceed_the_budget_unnoticed() -> None:
    known = RepeatedParts()

    def read_part(budget: Budget) -> list[Document | Member]:
        def made() -> list[Document | Member]:
            budget.take_cells(9)
            return [Text("x", "page 1")]

        return list(known.read(b"1", "page 1", budget, made))

    read_part(Budget.for_file(1))
    with pytest.raises(OverBudgetError):
        read_part(Budget(bytes=1, cells=3))


def test_parts_with_files_in_them_are_read_each_time() -> None:
    known, calls = RepeatedParts(), list[int]()

    def made() -> list[Document | Member]:
        calls.append(1)
        return [
            Embedded(Trait.EMBEDDED_FILE, "page 1"),
            Member(content=b"", path=b"", part="page 1"),
        ]

    for _ in range(2):
        assert len(list(known.read(b"1", "page 1", Budget.for_file(1), made))) == 2
    assert len(calls) == 2


def test_names_that_begin_as_that_of_pictures_name_none() -> None:
    sets = indexed(
        objects_of(REPORT).replace(b"/Resources<<", b"/Resources<</ProcSet[/ImageB/ImageC]")
    )

    assert not look_at_streams(sets).may_name_pictures
    assert look_at_streams(with_picture(REPORT)).may_name_pictures


RUNS = st.lists(
    st.tuples(
        st.sampled_from([b"\xff", b"\0", b"0 ", b"1 0 l\n", b"w", b" ID \0", b"\x80\x81a"]),
        st.integers(1, 200),
    ),
    max_size=8,
).map(lambda runs: b"".join(piece * times for piece, times in runs))


@settings(max_examples=300)
@given(RUNS)
def test_a_part_of_what_is_binary_tells_what_all_of_it_does(chunk: bytes) -> None:
    words = chunk.translate(None, _NO_WORDS)
    blanks = len(words) - len(words.translate(None, _BLANKS))
    by_all = len(words) * _BINARY > len(chunk) * (_BINARY - 1) and blanks > len(words) // _WORDS

    assert _is_drawing(chunk) == by_all


@settings(max_examples=200)
@given(RUNS, st.integers(0, 6), st.sampled_from([(b"FlateDecode",), (b"Fl",), ()]))
def test_a_picture_grows_to_what_another_stream_of_its_bytes_grows_to(
    inside: bytes, lost: int, filters: tuple[bytes, ...]
) -> None:
    packed = zlib.compress(inside)
    data = packed[: len(packed) - lost]

    other, picture = (_measured(data, filters, is_picture=each) for each in (False, True))

    assert (picture.size, picture.is_whole) == (other.size, other.is_whole)
