"""Laws of drawings without their lines: every word stays where it was, and nothing else is made of them."""

import re
import time
import zlib
from collections.abc import Sequence
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from breachkit.documents.formats import pdf_drawings, pdf_streams
from breachkit.documents.formats.pdf_drawings import TooMuchError, only_lines, without_lines
from breachkit.documents.readers import read
from breachkit.documents.table import Document, Table, Text
from tests.support.fuzzing import CANARY, holds, mutations
from tests.support.office import pdf


LINES = [
    b"0 0 m 1.5 -2 l S",
    b"93.1 402.6 m\n1 2 3 4 5 6 c\nh\nB*",
    b".5 .25 10. 4 re f",
    b"0.2 0.3 0.4 rg",
    b"/sRGB cs 0.1 0.2 0.3 scn",
    b"/P1 scn",
    b"[3 1.5] 0 d",
    b"[] 0 d 0.75 w 1 J 1 j 10 M",
    b"0 0 9 9 re W n",
    b"BT\n  /F1 1 Tf 1 Tr 7.48 0 0 7.48 1.00 2.00 Tm (l) Tj 0 Tr\nET",
]
PLACES = [
    b"q",
    b"Q",
    b"1 0 0 1 5 7.5 cm",
    b"1 0 0 1 -2 .25 cm",
    b"2 0 0 .5 0 0 cm",
    b"/G1 gs",
    b"/M0 Do",
]
WORDS = [
    b"BT /F1 9 Tf 60 %d Td (%b) Tj ET" % (at, words)
    for at, words in enumerate(
        [b"plain", b"1 2 m 3 4 l S ", b"\\(q 1 0 0 1 1 1 cm Q ", b"(0 0 m) h f ", b"% S ", b"BI 3 f ", b"/M0 Do "], start=500
    )
]  # fmt: skip
OTHERS = [
    b"BT /F1 9 Tf 1 0 0 1 60 480 Tm <312032206d> Tj ET",
    b"BT /F1 9 Tf 60 460 Td [(A) -20 (1 2 l ) 3 (B)] TJ ET",
    b"BI /W 2 /H 1 /BPC 8 /CS /G ID q Q\nEI",
    b"/Span <</ActualText (1 2 m ) /N 3>> BDC EMC",
    b"% a note 1 2 m\n",
]
drawings = st.lists(st.sampled_from(LINES + PLACES + WORDS + OTHERS), max_size=40).map(b"\n".join)


def thinned(drawing: bytes) -> bytes:
    return zlib.decompress(without_lines(zlib.compress(drawing)))


def told(drawing: bytes) -> list[Document]:
    content = pdf([]).replace(
        b"<</Length 0>>stream\n\n", b"<</Length %d>>stream\n%s\n" % (len(drawing), drawing)
    )
    return [each for each in read(content, (b"a.pdf",)) if isinstance(each, Table | Text)]


@settings(max_examples=150, deadline=None)
@given(drawing=drawings)
@example(b"q 1 0 0 1 9 9 cm q 0 0 m S Q BT /F1 9 Tf (in) Tj ET Q BT /F1 9 Tf (out) Tj ET")
@example(b"q q q Q 1 0 0 1 5 5 cm /M0 Do Q BT /F1 9 Tf (a) Tj ET")
@example(b"BT /F1 9 Tf ((((deep)))) Tj ET 0 0 m S")
def test_every_word_stays_where_it_was(drawing):
    drawing = drawing + b"\n"
    plain = re.sub(rb"(?<=\(l\) )Tj", b"pop", drawing)  # a point, which is no word

    assert told(thinned(drawing)) == told(plain)


@pytest.mark.parametrize("size", [1, 2, 7, 64])
@settings(max_examples=50, deadline=None)
@given(drawing=drawings)
def test_it_does_not_matter_in_which_pieces_a_drawing_comes(size, drawing):
    drawing = drawing + b"\n"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pdf_drawings, "_CHUNK", size)
        in_pieces = thinned(drawing)

    assert told(in_pieces) == told(thinned(drawing))


@settings(max_examples=200, deadline=None)
@given(drawing=st.binary(max_size=3_000) | st.lists(st.sampled_from([*LINES, b"(", b")", b"BI ", b" ID ", b"<<", b"[", b"q"])).map(b" ".join))  # fmt: skip
def test_whatever_is_no_drawing_is_left_or_refused(drawing):
    assert thinned(drawing)


@settings(max_examples=50, deadline=None)
@given(content=st.binary(max_size=200))
def test_what_is_not_packed_is_refused(content):
    with pytest.raises(TooMuchError):
        without_lines(b"\xff" + content)


@pytest.mark.parametrize(
    "piece",
    [
        b"( ",
        b"BI ",
        b"BI ID ",
        b"[ ",
        b"q ",
        b"<",
        b"1 ",
        b"/n ",
        b"((( ",
        b"q 1 0 0 1 2 3 cm ",
        b"%",
    ],
)
def test_no_drawing_takes_long(piece: bytes):
    data = zlib.compress(piece * (600_000 // len(piece)))
    begun = time.perf_counter()

    with suppress(TooMuchError):
        without_lines(data)

    assert time.perf_counter() - begun < 5


def test_what_is_drawn_thousands_of_times_marks_points_and_is_drawn_often_enough():
    left = thinned(b"q 1 0 0 1 3 4 cm /M0 Do Q\n" * 5_000 + b"/M1 Do\n")

    assert left.count(b"/M0 Do") == pdf_drawings.MOST_DRAWN_AGAIN
    assert left.count(b"/M1 Do") == 1
    assert left.count(b"q") == pdf_drawings.MOST_DRAWN_AGAIN


def test_places_that_follow_each_other_are_added_up():
    assert b"1 0 0 1 30.0000 15.0000 cm" in thinned(b"1 0 0 1 1 .5 cm\n" * 30 + b"(a) Tj\n")


def test_lines_stand_for_those_that_were_left_out():
    def strokes(drawing: bytes) -> Sequence[bytes]:
        return re.findall(rb"m 1 1 l S", drawing)

    assert (
        len(strokes(thinned(b"0 0 m 5 5 l S\n")))
        == len(strokes(zlib.decompress(only_lines())))
        > 10
    )


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.large_base_example, HealthCheck.data_too_large],
)
@given(data=st.data())
def test_broken_files_with_large_drawings_give_an_answer_and_tell_no_content(data):
    drawn = zlib.compress(
        b"0 0 m 1 1 l S\n" * 600 + b"BT /F1 9 Tf 9 9 Td (%b) Tj ET\n" % CANARY.encode()
    )
    valid = pdf([(60, 700, CANARY)], []).replace(
        b"<</Length 0>>stream\n\n",
        b"<</Filter/FlateDecode/Length %d>>stream\n%b\n" % (len(drawn), drawn),
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pdf_streams, "_CHUNK", 1 << 10)
        patch.setattr(pdf_streams, "_MOST_DRAWN", 1 << 11)
        patch.setattr(pdf_streams, "_MEASURED", {})

        assert pdf_streams.look_at_streams(valid).content != valid
        holds(data.draw(mutations(valid)), b"a.pdf")
