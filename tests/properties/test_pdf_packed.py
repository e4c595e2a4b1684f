"""Laws of PDFs whose objects are packed: what is said of their pages is what PDFium sees, or nothing."""

import re
import zlib
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breachkit.documents.formats import pdf as reader
from breachkit.documents.formats.pdf_pages import page_parts
from breachkit.documents.readers import read
from breachkit.documents.table import Document, Table
from tests.support.fuzzing import mutations
from tests.support.office import COUNTS, laid_out, pdf


FIRST = [(60, 740, "Table 1"), *laid_out(COUNTS)]
SECOND = [(60, 740, "Some words"), (60, 700, "and more")]
THIRD = laid_out([("sex", "n"), ("women", 1204), ("men", 2311), ("all", 3515)])
OBJECT = re.compile(rb"(?ms)^(\d+) 0 obj\n(.*?)\nendobj\n")
HOLDER = 20


def stream(about: bytes, data: bytes, *, deflated: bool) -> bytes:
    data = zlib.compress(data) if deflated else data
    about += b"/Filter/FlateDecode" if deflated else b""
    return b"<<%s/Length %d>>stream\n%s\nendstream" % (about, len(data), data)


def packed(
    content: bytes,
    *,
    deflated: bool = False,
    holder: Callable[[bytes], bytes] = bytes,
    table: Callable[[bytes], bytes] = bytes,
    extra: Sequence[tuple[int, bytes]] = (),
) -> bytes:
    """Write a PDF anew with its objects in one stream, but for streams.

    Args:
        content: A PDF with a plain table.
        deflated: Whether the two streams are deflated.
        holder: Changes the stream that holds the objects.
        table: Changes the table of places.
        extra: More objects to pack, with their numbers.
    """
    objects = [(int(number), text) for number, text in OBJECT.findall(content)]
    alone = [(number, text) for number, text in objects if b"stream" in text]
    inside = [*((number, text) for number, text in objects if b"stream" not in text), *extra]
    body = b"\n".join(text for _, text in inside)
    starts = [
        len(b"\n".join(text for _, text in inside[:at])) + bool(at) for at in range(len(inside))
    ]
    head = (
        b" ".join(b"%d %d" % (number, at) for (number, _), at in zip(inside, starts, strict=True))
        + b" "
    )
    about = b"/Type/ObjStm/N %d/First %d" % (len(inside), len(head))
    alone.append((HOLDER, holder(stream(about, head + body, deflated=deflated))))
    written, entries = b"%PDF-1.7\n", {0: (0, 0, 0)}
    for number, text in alone:
        entries[number] = (1, len(written), 0)
        written += b"%d 0 obj\n%s\nendobj\n" % (number, text)
    entries |= {number: (2, HOLDER, at) for at, (number, _) in enumerate(inside)}
    entries[HOLDER + 1] = (1, len(written), 0)
    places = b"".join(
        bytes([kind]) + first.to_bytes(3, "big") + bytes([second])
        for kind, first, second in (entries.get(at, (0, 0, 0)) for at in range(HOLDER + 2))
    )
    index = b"/Type/XRef/Size %d/Index[0 %d]/W[1 3 1]/Root 1 0 R" % (HOLDER + 2, HOLDER + 2)
    index = table(stream(index, places, deflated=deflated))
    return b"%s%d 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n" % (
        written, HOLDER + 1, index, len(written),
    )  # fmt: skip


REPORT = packed(pdf(FIRST, SECOND, THIRD))
LATER = packed(pdf(SECOND, [(60, 740, "new")], THIRD, FIRST), deflated=True)


def keys(content: bytes, pages: int = 3) -> list[bytes]:
    found = page_parts(content, pages)
    assert found is not None
    return [part.key for part in found]


def without_memory(content: bytes) -> Sequence[Document]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader, "page_parts", lambda *_: None)
        return read(content, (b"a.pdf",))


def test_pages_are_the_same_wherever_they_stand_and_however_their_parts_are_packed() -> None:
    assert keys(LATER, 4)[0] == keys(REPORT)[1]
    assert keys(LATER, 4)[2:] == [keys(REPORT)[2], keys(REPORT)[0]]
    assert len({*keys(LATER, 4), *keys(REPORT)}) == 4


def test_a_page_that_was_read_before_is_read_the_same() -> None:
    read(REPORT, (b"a.pdf",))

    assert read(LATER, (b"a.pdf",)) == without_memory(LATER)
    assert {table.part for table in read(LATER, ()) if isinstance(table, Table)} == {
        "page 3, table 1",
        "page 4, table 1",
    }


def changed(before: bytes, after: bytes) -> Callable[[bytes], bytes]:
    def change(content: bytes) -> bytes:
        assert before in content
        return content.replace(before, after, 1)

    return change


PLAIN = pdf(FIRST, SECOND, THIRD)
FONT = b"/BaseFont/Courier>>"


def swapped(content: bytes) -> bytes:
    """Have the stream say that its first two objects stand in each other's place."""
    return re.sub(rb"1 (\d+) 2 (\d+) ", rb"1 \2 2 \1 ", content, count=1)


UNCERTAIN = {
    "an earlier table": {"table": changed(b"/Type/XRef", b"/Type/XRef/Prev 9")},
    "a table packed in another way": {
        "table": changed(b"/Type/XRef", b"/Type/XRef/DecodeParms<</Predictor 12>>")
    },
    "a table of a part of the objects": {"table": changed(b"/Index[0 ", b"/Index[1 ")},
    "a table without widths": {"table": changed(b"/W[1 3 1]", b"")},
    "a table shorter than it says": {"table": changed(b"/Size 2", b"/Size 3")},
    "an entry of an unknown kind": {"table": changed(b"stream\n\0", b"stream\n\7")},
    "two roots": {"table": changed(b"/Root 1 0 R", b"/Root 1 0 R/Root 2 0 R")},
    "objects that go on in another stream": {
        "holder": changed(b"/Type/ObjStm", b"/Type/ObjStm/Extends 9 0 R")
    },
    "more objects than it says": {"holder": changed(b"/N 7", b"/N 6")},
    "fewer objects than it says": {"holder": changed(b"/N 7", b"/N 8")},
    "objects out of order": {"holder": swapped},
    "an object that stands in twice": {"extra": [(3, b"<<>>")]},
    "an object that is no longer there": {"holder": changed(b"1 0 2 ", b"9 0 2 ")},
    "a stream behind an object": {"extra": [(17, b"stream")]},
    "a comment behind an object": {"extra": [(17, b"% <<")]},
    "nothing behind an object": {"extra": [(17, b" "), (18, b"<<>>")]},
    "a name of another stream": {"holder": changed(b"/ObjStm", b"/XRef")},
    "a name that is written in another way": {
        "holder": changed(b"/Type/ObjStm", b"/T#79pe/ObjStm")
    },
    "a sign that is no white space": {"holder": changed(b"/N 7", b"/N\v7")},
    "a stream longer than it says": {"holder": changed(b"/Length ", b"/Length 1")},
}
ODD_OBJECTS = {
    "brackets that cross": b"/BaseFont/Courier/A[<<]>>>>",
    "brackets that close first": b"/BaseFont/Courier>>]/A[",
    "brackets too deep": b"/BaseFont/Courier/A" + b"[" * 40 + b"]" * 40 + b">>",
    "two of them": b"/BaseFont/Courier>><<>>",
    "something behind it": b"/BaseFont/Courier>> 7",
    "a comment": b"/BaseFont/Courier%\n>>",
    "a string that is not closed": b"/BaseFont/Courier/A(>>",
}


@pytest.mark.parametrize("change", UNCERTAIN.values(), ids=UNCERTAIN)
def test_of_files_that_may_be_read_in_two_ways_nothing_is_said(change) -> None:
    last = [(16, b"[7]")]

    assert page_parts(packed(PLAIN, extra=last), 3) is not None
    assert page_parts(packed(PLAIN, **{"extra": last, **change}), 3) is None


@pytest.mark.parametrize("odd", ODD_OBJECTS.values(), ids=ODD_OBJECTS)
def test_of_objects_whose_end_is_in_doubt_nothing_is_said(odd: bytes) -> None:
    assert page_parts(packed(PLAIN.replace(FONT, FONT[:-2] + b"/A[<<>>]>>")), 3) is not None
    assert page_parts(packed(PLAIN.replace(FONT, odd)), 3) is None


def test_a_stream_that_is_in_itself_or_as_long_as_itself_holds_nothing() -> None:
    length = packed(PLAIN, holder=lambda text: re.sub(rb"/Length \d+", b"/Length 20 0 R", text))
    itself = packed(PLAIN, holder=lambda text: re.sub(rb"/Length \d+", b"/Length 3 0 R", text))

    assert page_parts(length, 3) is page_parts(itself, 3) is None


@settings(max_examples=60)
@given(st.sampled_from([b"<<>>", b"x"]), st.integers(1 << 16, 1 << 18))
def test_no_more_is_inflated_than_there_is_room_for(piece: bytes, times: int) -> None:
    content = packed(PLAIN, deflated=True, extra=[(17, b"[" + piece * times + b"]")])
    room = len(piece) * times

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("breachkit.documents.formats.pdf_pages._MOST_INFLATED", room)
        assert page_parts(content, 3) is None
        patch.setattr("breachkit.documents.formats.pdf_pages._MOST_INFLATED", room + 1_000)
        assert page_parts(content, 3) is not None


def test_of_a_file_of_too_many_objects_nothing_is_said() -> None:
    most = "breachkit.documents.formats.{}.MOST_OBJECTS"

    with pytest.MonkeyPatch.context() as patch:
        for number, is_read in ((6, True), (5, False)):
            patch.setattr(most.format("pdf_pages"), number)
            assert (page_parts(REPORT, 3) is not None) == is_read
        patch.undo()
        patch.setattr(most.format("pdf_packed"), HOLDER + 1)
        assert page_parts(REPORT, 3) is None


@settings(max_examples=200)
@given(mutations(REPORT))
def test_pages_with_the_key_of_another_show_what_that_shows(content: bytes) -> None:
    read(REPORT, (b"a.pdf",))

    assert read(content, (b"a.pdf",)) == without_memory(content)
