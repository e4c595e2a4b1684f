"""PDF: the words and tables of its pages, and what no page shows."""

import io
import struct
import time
import tracemalloc
import zlib
from collections.abc import Sequence

import pypdf
import pytest
from PIL import Image
from pypdf.annotations import FreeText

from breachkit.detect.engine import examine
from breachkit.documents.formats import pdf_drawings, pdf_streams
from breachkit.documents.formats.pdf_streams import look_at_streams as read_streams
from breachkit.documents.table import (
    Document,
    Embedded,
    Origin,
    Table,
    Text,
    TextKind,
    Trait,
    Unreadable,
)
from tests.support.fuzzing import CANARY, holds
from tests.support.judging import context_of
from tests.support.office import COUNTS, laid_out, pdf, saved


ROWS = [tuple(map(str, row)) for row in COUNTS[1:]]
PROSE = [
    (60, 700, "We ran the study on all patients."),
    (60, 686, "It took 3 years and 12 people."),
]


def found_in(content: bytes) -> list[Document]:
    return list(holds(content, b"released_outputs/x.pdf"))


def tables(content: bytes) -> list[Table]:
    return [
        table for table in found_in(content) if isinstance(table, Table) and table.above is None
    ]


def unread(content: bytes) -> list[tuple[str, str | None]]:
    return [
        (found.reason, found.part) for found in found_in(content) if isinstance(found, Unreadable)
    ]


def rewritten(content: bytes, **encryption: str) -> pypdf.PdfWriter:
    return pypdf.PdfWriter(clone_from=io.BytesIO(content))


def test_a_count_of_a_few_people_in_a_table_of_a_page_is_found():
    content = pdf(PROSE, [(60, 740, f"Table 1: {CANARY}"), *laid_out(COUNTS)])

    found = examine(
        content, context_of("released_outputs/x.pdf"), sketch_key=b"k", want_sketch=False
    )

    [hit] = [hit for hit in found.hits if hit.rule == "CNT-01"]
    assert hit.location is not None
    assert hit.location.part == "page 2, table 1"
    assert hit.location.rows == (1,)
    assert not found.unreadable
    assert CANARY not in repr(found.hits)


def test_cells_stay_in_their_columns_where_some_are_empty():
    rows = (("group", "n", "deaths"), ("F", 1204, ""), ("M", "", 3), ("All together", 2400, 12))

    [table] = tables(pdf(laid_out(rows)))

    assert table.header == ("group", "n", "deaths")
    assert table.rows == [("F", "1204", ""), ("M", "", "3"), ("All together", "2400", "12")]
    assert table.origin is Origin.MARKUP


def test_titles_of_groups_stay_in_the_table_and_prose_is_none():
    rows = (("", "n"), ("Age", ""), ("16-39", 3), ("40+", 1204), ("Sex", ""), ("F", 600))

    [table] = tables(pdf(laid_out(rows)))

    assert ("16-39", "3") in table.rows
    assert ("F", "600") in table.rows
    assert tables(pdf(PROSE)) == []


@pytest.mark.parametrize("ticks", [(0, 10, 20, 30, 40), (0, 5, 10, 15, 0, 20, 40, 60)])
def test_the_scales_of_figures_are_no_table(ticks):
    figure = [(60, 714, "n"), (300, 714, "n")]
    figure += [
        (60 + 240 * side, 700 - 14 * tick, str(3 - tick)) for tick in range(3) for side in range(2)
    ]
    figure += [(60 + 60 * number, 640, str(tick)) for number, tick in enumerate(ticks)]

    assert tables(pdf(figure)) == []
    assert tables(pdf(figure[: -len(ticks)])) != []


def test_a_header_of_years_is_no_scale():
    rows = (("region", 2018, 2019, 2020, 2021), ("North", 3, 1204, 846, 271))

    assert tables(pdf(laid_out(rows)))[0].header == ("region", "2018", "2019", "2020", "2021")


def test_the_text_of_every_page_is_read():
    texts = [
        found
        for found in found_in(pdf(PROSE, [(60, 700, "second page")]))
        if isinstance(found, Text)
    ]

    assert [text.part for text in texts] == ["page 1", "page 2"]
    assert "second page" in texts[1].text


def test_a_page_that_is_a_picture_is_said_to_be_unread():
    content = saved(lambda into: Image.new("L", (60, 40), 128).save(into, "PDF"))

    assert unread(content) == [("a page that is a picture", "page 1")]
    assert Embedded(Trait.EMBEDDED_IMAGE, "page 1", carrier="PDF") in found_in(content)


def test_a_page_that_is_drawn_without_text_is_said_to_be_unread():
    lines = b"".join(b"%d 0 m %d 500 l S\n" % (at, at) for at in range(0, 500, 10))
    content = (
        pdf([])
        .replace(b"stream\n\n", b"stream\n" + lines)
        .replace(b"/Length 0", b"/Length %d" % len(lines))
    )

    assert unread(content) == [("a page that is drawn, without text", "page 1")]
    assert unread(pdf([])) == []


def test_a_pdf_with_a_password_is_said_to_be_unread():
    writer = rewritten(pdf(PROSE))
    writer.encrypt("secret", algorithm="RC4-128")

    assert unread(saved(writer.write)) == [("PDF: encrypted", None)]


def test_a_pdf_that_anybody_can_open_is_read_though_it_is_encrypted():
    writer = rewritten(pdf(laid_out(COUNTS)))
    writer.encrypt("", "owner", algorithm="RC4-128")

    assert tables(saved(writer.write))[0].rows == ROWS


def test_comments_fields_and_metadata_are_read_as_hidden_text():
    writer = rewritten(pdf(PROSE))
    note = FreeText(text="only 2 died", rect=(50, 550, 200, 650))
    note[pypdf.generic.NameObject("/T")] = pypdf.generic.TextStringObject(CANARY)
    writer.add_annotation(0, note)
    writer.add_metadata({"/Title": "the title", "/Author": CANARY, "/Own": "own words"})
    documents = found_in(saved(writer.write))

    hidden = [
        text.text for text in documents if isinstance(text, Text) and text.kind is TextKind.HIDDEN
    ]
    assert hidden == ["only 2 died", "the title\nown words"]
    found = {trait.trait: trait.part for trait in documents if isinstance(trait, Embedded)}
    assert found[Trait.COMMENTS] == "page 1"
    assert {Trait.AUTHOR, Trait.METADATA_TEXT} <= found.keys()


def test_a_file_attached_to_a_pdf_is_read():
    writer = rewritten(pdf(PROSE))
    writer.add_attachment(f"{CANARY}.csv", b"ageband,n\n16-39,3\n40+,1204\n")

    [table] = tables(saved(writer.write))

    assert table.part == "attachment 1"
    assert table.header == ("ageband", "n")


def test_what_a_pdf_said_before_it_was_changed_is_read():
    before = pdf(laid_out(COUNTS))
    after = pdf(laid_out((("ageband", "n"), ("16-39", "[REDACTED]"), ("40+", 1204))))
    content = before + after

    assert "earlier version, page 1, table 1" in {table.part for table in tables(content)}


def test_bytes_behind_the_end_are_told():
    assert unread(pdf(PROSE) + b"ageband,n\n" * 20) == [("holds bytes behind its end", None)]
    assert unread(pdf(PROSE) + b"\n\0\n") == []


@pytest.mark.parametrize("content", [b"%PDF-1.4", b"%PDF-1.7\n1 0 obj<<", pdf(PROSE)[:200]])
def test_a_pdf_that_is_cut_off_is_said_to_be_unread(content):
    assert unread(content)


def test_a_page_that_grows_without_end_is_said_to_be_unread_at_little_cost():
    packed = zlib.compress(bytes(64 << 20))
    content = pdf([]).replace(
        b"<</Length 0>>stream\n\n",
        b"<</Filter/FlateDecode/Length %d>>stream\n%s\n" % (len(packed), packed),
    )
    begun = time.perf_counter()
    tracemalloc.start()
    try:
        told = unread(content)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert told
    assert peak < 150 << 20
    assert time.perf_counter() - begun < 2


def with_stream(data: bytes, about: bytes = b"/Filter/FlateDecode") -> bytes:
    return pdf([]).replace(
        b"<</Length 0>>stream\n\n", b"<<%s/Length %d>>stream\n%s\n" % (about, len(data), data)
    )


POINT = b"q 1 0 0 1 93.13 402.65 cm 0.2 0.3 0.4 rg 1 0 m 1 2 3 4 5 6 c h B Q\n"
LARGE = POINT * 150_000


def shown(content: bytes) -> bytes:
    """Give what the only page of a PDF shows."""
    start = content.index(b"stream\n") + 7
    return content[start : content.index(b"\nendstream", start)]


FORM = b"/Type/XObject/Subtype/Form/BBox[0 0 600 800]/Group<</Type/Group/S/Transparency>>/Resources<</Font<</F1 3 0 R>>>>"


def in_form(data: bytes, about: bytes) -> bytes:
    """Put a drawing into a form that a page draws."""
    plain = pdf([]).replace(b"<</Length 0>>stream\n\n", b"<</Length 5>>stream\n/D Do\n")
    plain = plain.replace(b"/Resources<<", b"/Resources<</XObject<</D 9 0 R>>")
    drawn = b"9 0 obj\n<<%s%s/Length %d>>stream\n%s\nendstream\nendobj\n" % (
        FORM,
        about,
        len(data),
        data,
    )
    at = plain.index(b"xref\n")
    return plain[:at] + drawn + plain[at:]


@pytest.mark.parametrize("place", [with_stream, in_form])
@pytest.mark.parametrize("about", [b"/Filter/FlateDecode", b""], ids=["packed", "not packed"])
def test_words_and_tables_among_a_hundred_thousand_lines_are_read(place, about):
    words = shown(pdf([*laid_out(COUNTS), (60, 500, f"seen {CANARY} \\(1 2 m 3 4 l\\)")]))
    drawn = b"q\n" + LARGE + words + POINT + b"Q\n"
    content = place(zlib.compress(drawn, 1) if about else drawn, about)
    begun = time.perf_counter()

    found = found_in(content)

    [table, *_] = [each for each in found if isinstance(each, Table)]
    assert table.rows == ROWS
    told = " ".join(each.text for each in found if isinstance(each, Text))
    assert f"seen {CANARY} (1 2 m 3 4 l)" in told
    assert [each for each in found if isinstance(each, Unreadable)] == []
    assert time.perf_counter() - begun < 5


@pytest.mark.parametrize("about", [b"/Filter/FlateDecode", b""], ids=["packed", "not packed"])
def test_a_large_drawing_costs_little_memory(about):
    content = with_stream(zlib.compress(LARGE, 1) if about else LARGE, about)
    tracemalloc.start()
    try:
        read_streams(content)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 4 * len(LARGE)


AT_RISK = [
    ("Number at risk", "", "", ""), ("women", "1204", "871", "3"), ("men", "998", "45", "31"), ("", "0", "30", "60"),
]  # fmt: skip


def at_risk(content: bytes) -> list[Table]:
    found = found_in(content)
    return [each for each in found if isinstance(each, Table) and each.origin is Origin.FIGURE]


@pytest.mark.parametrize("steps", [3, 700_000])
def test_few_people_at_risk_under_a_curve_are_found_however_many_steps_it_has(steps):
    words = shown(pdf(laid_out(AT_RISK, top=90)))
    curve = b"0 0 m\n" + b"12.50 33.25 l\n" * steps + b"S\n"
    content = with_stream(zlib.compress(curve + words))

    [table] = at_risk(content)
    assert table.header == ("", "n at risk 1", "n at risk 2", "n at risk 3")
    assert [tuple(row) for row in table.rows] == AT_RISK[1:3]
    judged = examine(content, context_of("released_outputs/km.pdf"), sketch_key=b"k", want_sketch=False)  # fmt: skip
    assert "CNT-01" in {hit.rule for hit in judged.hits}
    assert not judged.unreadable


def test_a_table_that_names_no_numbers_at_risk_is_none_of_them():
    assert at_risk(pdf([*laid_out(COUNTS), (60, 500, "Those at risk were told.")])) == []


def test_a_large_drawing_without_words_is_still_said_to_be_one():
    assert unread(with_stream(zlib.compress(LARGE))) == [
        ("a page that is drawn, without text", "page 1")
    ]


def test_a_drawing_of_which_too_much_is_left_is_said_to_be_unread_and_the_rest_is_read(
    monkeypatch,
):
    monkeypatch.setattr(pdf_drawings, "MOST_LEFT", 1 << 16)
    noise = b"BT /F1 9 Tf 1 2 Td (some words) Tj ET\n" * 300_000
    content = pdf(laid_out(COUNTS), [])
    content = content.replace(
        b"<</Length 0>>stream\n\n",
        b"<</Filter/FlateDecode/Length %d>>stream\n%s\n"
        % (len(zlib.compress(noise)), zlib.compress(noise)),
    )

    assert tables(content)[0].rows == ROWS
    assert unread(content) == [
        ("holds drawings that are too large to be read: look at them yourself", None),
        ("a page that is drawn, without text", "page 2"),
    ]


@pytest.mark.parametrize(
    "about",
    [
        b"/Subtype/Image/Filter/Fl#61teDecode",
        b"/Type/EmbeddedFile/Filter/FlateDecode",
        b"/Filter/FlateDecode/DecodeParms<</Predictor 12>>",
        b"/Params<</Size 3>>/Filter/FlateDecode",
    ],
)
def test_what_looks_like_a_drawing_and_may_be_something_else_is_not_touched(about):
    assert unread(with_stream(zlib.compress(LARGE), about)) == [
        (
            "PDF: holds more than 8 MB of what may be a drawing and may be data: look at it yourself",
            None,
        )
    ]


def test_a_stream_that_no_page_shows_is_not_touched():
    content = with_stream(zlib.compress(LARGE)).replace(b"/Contents", b"/Other   ")

    assert unread(content) == [
        (
            "PDF: holds more than 8 MB of what may be a drawing and may be data: look at it yourself",
            None,
        )
    ]


def test_drawings_beyond_all_bounds_are_said_to_be_unread(monkeypatch):
    monkeypatch.setattr(pdf_streams, "_MOST_WORK", len(LARGE))
    monkeypatch.setattr(pdf_streams, "_MEASURED", {})
    [(reason, part)] = unread(with_stream(zlib.compress(LARGE + POINT * 9, 1)))

    assert part is None
    assert reason.startswith(
        "PDF: unpacks to more than is read, which is 32 MB for data and 128 MB"
    )


def test_a_stream_that_is_packed_twice_over_is_bounded():
    packed = zlib.compress(zlib.compress(bytes(64 << 20)))

    assert unread(with_stream(packed, b"/Filter[/FlateDecode/FlateDecode]")) == [
        (
            "PDF: holds data in a rare form that may unpack to more than 32 MB: look at it yourself",
            None,
        )
    ]


def test_a_page_whose_words_cannot_be_decompressed_is_said_to_be_unread():
    words = zlib.compress(b"BT /F1 10 Tf 60 700 Td (3 died) Tj ET " * 9)

    assert ("holds streams that are damaged", None) in unread(with_stream(words[:-20]))
    assert unread(with_stream(words)) == []


@pytest.mark.parametrize("turn", ["0 1 -1 0 700 0", "0 -1 1 0 0 700", "-1 0 0 -1 600 800"])
def test_a_table_that_is_turned_is_read_as_it_is_meant(turn):
    upright = pdf(laid_out(COUNTS))
    start, end = upright.index(b"stream\n") + 7, upright.index(b"\nendstream")
    turned = b"%s cm %s" % (turn.encode(), upright[start:end])

    [table] = tables(with_stream(turned, b""))

    assert table.rows == ROWS


def test_a_picture_within_a_page_is_told():
    shown = b"BT /F1 10 Tf 60 700 Td (words) Tj ET BI /W 1 /H 1 /BPC 8 /CS /G ID \0 EI"

    told = Embedded(Trait.EMBEDDED_IMAGE, "page 1", carrier="PDF")
    assert told in found_in(with_stream(zlib.compress(shown)))
    assert told not in found_in(pdf(PROSE))


@pytest.mark.parametrize("algorithm", ["AES-128", "AES-256"])
def test_a_pdf_with_newer_encryption_that_anybody_can_open_is_read(algorithm):
    writer = rewritten(pdf(laid_out(COUNTS)))
    writer.add_metadata({"/Own": "own words"})
    writer.encrypt("", "owner", algorithm=algorithm)
    content = saved(writer.write)

    assert tables(content)[0].rows == ROWS
    assert Text("own words", None, TextKind.HIDDEN) in found_in(content)


def test_own_words_in_metadata_are_read_out_of_a_stream_of_objects():
    plain = pdf(PROSE).replace(b"%%EOF\n", b"")
    packed = zlib.compress(b"9 0 <</Own#20one(own words)/Title(the title)>>")
    objects = b"10 0 obj\n<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length %d>>stream\n%s\nendstream\nendobj\n"
    objects %= (len(packed), packed)
    places = struct.pack(">BIHBIHBIH", 2, 10, 0, 1, len(plain), 0, 1, len(plain) + len(objects), 0)
    index = b"11 0 obj\n<</Type/XRef/Size 12/Index[9 3]/W[1 4 2]/Root 1 0 R/Info 9 0 R/Prev %d/Length %d>>stream\n%s"
    index %= (plain.rindex(b"xref\n", 0, plain.rindex(b"startxref")), len(places), places)
    end = b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % (len(plain) + len(objects))

    found = found_in(plain + objects + index + end)

    assert Text("the title\nown words", None, TextKind.HIDDEN) in found


def with_pinned(specification: bytes) -> bytes:
    note = b"/Annots[<</Subtype/FileAttachment/Contents(see)/FS<<%s>>>>]" % specification
    plain = pdf(PROSE, page_more=note)
    at = plain.index(b"xref\n")
    counts = b"ageband,n\n16-39,3\n40+,1204\n"
    file = b"9 0 obj\n<</Length %d>>stream\n%s\nendstream\nendobj\n" % (len(counts), counts)
    return plain[:at] + file + plain[at:]


def test_a_file_that_is_pinned_to_a_page_is_read():
    [table] = tables(with_pinned(b"/F(x.csv)/EF<</F 9 0 R>>"))

    assert table.part == "page 1, note 1"
    assert list(map(tuple, table.rows)) == [("16-39", "3"), ("40+", "1204")]
    assert ("a file within that is damaged", "page 1, note 1") in unread(with_pinned(b""))


def hidden_texts(content: bytes) -> list[str]:
    return [
        found.text
        for found in found_in(content)
        if isinstance(found, Text) and found.kind is TextKind.HIDDEN
    ]


def with_bookmarks(told: Sequence[tuple[bytes, bytes]]) -> bytes:
    """Bookmarks from object 9 on: titles, and how they refer to one another."""
    plain = pdf(PROSE, more=b"/Outlines<</First 9 0 R>>")
    at = plain.index(b"xref\n")
    objects = (
        b"%d 0 obj\n<</Title(%s)%s>>\nendobj\n" % (number, title, further)
        for number, (title, further) in enumerate(told, start=9)
    )
    return plain[:at] + b"".join(objects) + plain[at:]


def test_bookmarks_are_read_as_hidden_text():
    titles = ((b"Deaths", b"/Next 11 0 R/First 10 0 R"), (b"only 2 died", b""), (b"Births", b""))

    assert hidden_texts(with_bookmarks(titles)) == ["Deaths\nonly 2 died\nBirths"]


def test_bookmarks_that_refer_to_themselves_come_to_an_end():
    content = with_bookmarks(((b"one", b"/Next 10 0 R"), (b"other", b"/Next 9 0 R")))

    assert unread(content) == [("only the first 10000 bookmarks were read", None)]


def test_scripts_are_read():
    script = b"<</S/JavaScript/JS(app.alert\\('only 2 died'\\))>>"
    content = pdf(PROSE, more=b"/Names<</JavaScript<</Names[(a)%s]>>>>" % script)

    assert hidden_texts(content) == ["app.alert('only 2 died')"]
    assert Embedded(Trait.SCRIPT, None, carrier="PDF") in found_in(content)


@pytest.mark.parametrize(
    "written",
    [
        b"/Alt(only 2 \\(two\\) died)",
        b"/Alt <6f6e6c79203220282074776f2920646965 64>".replace(b"2820", b"28"),
        b"/URI(only 2 \\50two) died)".replace(b"two)", b"two\\)"),
        b"/ActualText(\xfe\xff%s)" % "only 2 (two) died".replace("(", "\\(").replace(")", "\\)").encode("utf-16-be").replace(b"\0\\", b"\\"),
    ],
)  # fmt: skip
def test_descriptions_and_addresses_are_read(written):
    content = pdf(PROSE, page_more=b"/Annots[<</Type/Annot/Subtype/Link/A<<%s>>>>]" % written)

    text = hidden_texts(content)[0].replace("\0", "")
    assert text == "only 2 (two) died"


def test_a_script_that_stands_elsewhere_is_said_to_be_unread():
    content = pdf(PROSE, page_more=b"/AA<</O<</S/JavaScript/JS 9 0 R>>>>")

    assert unread(content) == [("descriptions, addresses or scripts that are not read", None)]


def with_metadata(packet: bytes, about: bytes = b"") -> bytes:
    plain = pdf(PROSE, more=b"/Metadata 9 0 R")
    at = plain.index(b"xref\n")
    stream = b"9 0 obj\n<</Type/Metadata/Subtype/XML%s/Length %d>>stream\n%s\nendstream\nendobj\n"
    return plain[:at] + stream % (about, len(packet), packet) + plain[at:]


XMP = (
    b'<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta><dc:description>'
    b"only 2 died &amp; more</dc:description><xmp:CreateDate>2021-03-01T10:00:00Z</xmp:CreateDate>"
    b"</x:xmpmeta>"
)


def test_metadata_in_xml_is_read_but_for_what_every_file_says():
    for content in (
        with_metadata(XMP),
        with_metadata(zlib.compress(XMP), b"/Filter/FlateDecode"),
    ):
        assert hidden_texts(content) == ["only 2 died & more"]
        assert Embedded(Trait.METADATA_TEXT, None, carrier="PDF") in found_in(content)


def test_metadata_that_the_file_says_elsewhere_too_is_told_once():
    info = b"8 0 obj\n<</Title(only 2 died & more)>>\nendobj\nxref\n"
    plain = with_metadata(XMP).replace(b"trailer<<", b"trailer<</Info 8 0 R")

    assert hidden_texts(plain.replace(b"xref\n", info, 1)) == ["only 2 died & more"]


def test_metadata_that_cannot_be_inflated_is_said_to_be_unread():
    content = with_metadata(zlib.compress(XMP)[:-9], b"/Filter/FlateDecode")

    assert ("metadata that cannot be read", None) in unread(content)


def test_a_form_in_xml_is_read_as_the_file_it_is():
    people = b"".join(b"<p><ageband>%d</ageband><n>%d</n></p>" % (age, age) for age in range(3))
    data = b"<data><people>%s</people></data>" % people
    plain = pdf(PROSE, more=b"/AcroForm<</Fields[]/XFA[(datasets)9 0 R]>>")
    at = plain.index(b"xref\n")
    stream = b"9 0 obj\n<</Length %d>>stream\n%s\nendstream\nendobj\n" % (len(data), data)

    assert tables(plain[:at] + stream + plain[at:])[0].header == ("ageband", "n")
