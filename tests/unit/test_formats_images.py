"""Pictures: what they carry beside their pixels."""

import io
import struct
import zlib

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from breachkit.documents.table import TextKind, Trait, Unreadable
from tests.support.fuzzing import CANARY
from tests.support.webpages import read_as, rows, rules, tables, traits, unread, words


def image(form: str, **options: object) -> bytes:
    content = io.BytesIO()
    Image.effect_noise((40, 30), 50).convert("L").save(content, form, **options)
    return content.getvalue()


def exif(**values: object) -> bytes:
    found = Image.Exif()
    for tag, value in values.items():
        found[int(tag.removeprefix("t"))] = value
    return found.tobytes()


def png_info(**texts: str) -> PngInfo:
    info = PngInfo()
    for key, value in texts.items():
        info.add_text(key, value)
    return info


def png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


PLAIN = {
    "a.png": image("png"),
    "a.jpg": image("jpeg"),
    "a.gif": image("gif"),
    "a.tiff": image("tiff"),
    "a.webp": image("webp"),
}
XMP = b'<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description><dc:title>only 3 died</dc:title></rdf:Description></x:xmpmeta>'


@pytest.mark.parametrize("path", [path for path in PLAIN if path != "a.webp"])
def test_a_plain_picture_carries_nothing_and_is_not_unread(path):
    assert read_as(PLAIN[path], f"output/{path}") == ()


def test_the_name_of_a_program_alone_is_no_text():
    content = image(
        "png", pnginfo=png_info(Software="Matplotlib version3.3.4, https://matplotlib.org/")
    )

    assert read_as(content, "a.png") == ()
    assert (
        read_as(image("jpeg", exif=exif(t274=1, t305="Adobe Photoshop 22.1", t282=72.0)), "a.jpg")
        == ()
    )


@pytest.mark.parametrize(
    "content",
    [
        image("png", pnginfo=png_info(Description="only 3 died")),
        PLAIN["a.png"][:33] + png_chunk(b"zTXt", b"Note\0\0" + zlib.compress(b"only 3 died")) + PLAIN["a.png"][33:],
        PLAIN["a.png"][:33] + png_chunk(b"iTXt", b"Note\0\1\0en\0Note\0" + zlib.compress(b"only 3 died")) + PLAIN["a.png"][33:],
        PLAIN["a.png"][:33] + png_chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP) + PLAIN["a.png"][33:],
        image("png", exif=exif(t270="only 3 died")),
        image("jpeg", comment=b"only 3 died"),
        image("jpeg", exif=exif(t270="only 3 died")),
        image("jpeg", exif=exif(t40092="only 3 died".encode("utf-16-le"))),
        image("jpeg", xmp=XMP),
        image("gif", comment=b"only 3 died"),
        image("tiff", description="only 3 died"),
        image("tiff", tiffinfo={700: XMP}),
    ],
    ids=["tEXt", "zTXt", "iTXt", "XMP in PNG", "EXIF in PNG", "comment", "EXIF", "Windows", "XMP", "GIF", "TIFF", "XMP in TIFF"],
)  # fmt: skip
def test_text_beside_the_pixels_is_hidden_text(content):
    assert "only 3 died" in words(content, "a", TextKind.HIDDEN)
    assert Trait.METADATA_TEXT in traits(content, "a")


def test_a_place_is_exif_that_tells():
    gps = Image.Exif()
    gps.get_ifd(0x8825)[1] = "N"

    assert traits(image("jpeg", exif=gps.tobytes()), "a.jpg") >= {Trait.EXIF}
    assert traits(image("jpeg", exif=exif(t274=1)), "a.jpg") == set()


def directory(count: int, beyond: int) -> bytes:
    """A directory of EXIF, all of whose entries say how the picture is turned."""
    return (
        struct.pack("<H", count)
        + struct.pack("<HHIHH", 274, 3, 1, 1, 0) * count
        + struct.pack("<I", beyond)
    )


@pytest.mark.parametrize(
    "directories",
    [
        [directory(2_100, 0)],
        [directory(1, 8 + 18 * number) for number in range(1, 30)] + [directory(1, 0)],
    ],
    ids=["entries", "directories"],
)
def test_more_exif_than_is_read_is_said(directories):
    content = image("png", exif=b"Exif\0\0II*\0\x08\0\0\0" + b"".join(directories))

    [said] = read_as(content, "a.png")

    assert said == Unreadable("picture: only the first entries of its EXIF were read", None)


def test_a_preview_is_told():
    small = PLAIN["a.jpg"]
    directory = struct.pack(
        "<HHHIIHHIII", 2, 513, 4, 1, 8 + 2 + 12 + 4 + 30, 514, 4, 1, len(small), 0
    )
    content = (
        b"Exif\0\0II*\0\x08\0\0\0"
        + struct.pack("<HHHIHHI", 1, 274, 3, 1, 1, 0, 26)
        + directory
        + small
    )

    assert Trait.THUMBNAIL in traits(image("jpeg", exif=content), "a.jpg")


@pytest.mark.parametrize("path", [path for path in PLAIN if path not in {"a.tiff", "a.webp"}])
def test_what_follows_a_picture_is_read_as_a_file(path):
    content = PLAIN[path] + b"region,deaths\nNorth,1200\nSouth,3\nWest,870\n"

    [table] = tables(content, f"output/{path}")

    assert rows(table)[1] == ["South", "3"]
    assert table.part == "trailing bytes 1"
    assert Trait.TRAILING_BYTES in traits(content, path)
    assert "CNT-01" in rules(content, f"output/{path}")


@pytest.mark.parametrize("path", [path for path in PLAIN if path not in {"a.tiff", "a.webp"}])
def test_padding_behind_a_picture_is_nothing(path):
    assert read_as(PLAIN[path] + b"\0\0\n", path) == ()


@pytest.mark.parametrize("path", [path for path in PLAIN if path not in {"a.tiff", "a.webp"}])
def test_a_picture_that_is_cut_off_is_said_to_be_unread(path):
    assert unread(PLAIN[path][:-14], path)


def test_a_text_that_grows_too_much_is_said_to_be_unread():
    bomb = png_chunk(b"zTXt", b"Note\0\0" + zlib.compress(b"\0" * 50_000_000, 9))

    assert unread(PLAIN["a.png"][:33] + bomb + PLAIN["a.png"][33:], "a.png")


def test_no_part_or_reason_holds_content():
    content = image("png", pnginfo=png_info(**{CANARY: CANARY})) + CANARY.encode() * 9

    assert not any(
        CANARY in f"{getattr(one, 'part', '')}{getattr(one, 'reason', '')}"
        for one in read_as(content, "a.png")
    )
