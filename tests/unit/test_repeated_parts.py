"""What is left out or read only once for the sake of speed: nothing else is lost by it."""

import base64
import io
import random

import pytest
from PIL import Image, PngImagePlugin

from breachkit.documents import readers
from breachkit.documents.encoding import _SEEN_BY_NOBODY, _may_hide, decode
from breachkit.documents.formats.png_text import without_pixels
from breachkit.documents.formats.svg import _SHAPE, _without_shapes
from breachkit.documents.json_text import _keys_in, _keys_walked
from breachkit.documents.reader import Budget, Member, OverBudgetError
from breachkit.documents.readers import read
from tests.support.fuzzing import CANARY


def png(size, behind=b""):
    noise = random.Random(size).randbytes(size * size * 3)
    told = PngImagePlugin.PngInfo()
    told.add_text("Comment", CANARY)
    file = io.BytesIO()
    Image.frombytes("RGB", (size, size), noise).save(file, "PNG", pnginfo=told)
    return file.getvalue() + behind


@pytest.mark.parametrize("size", range(1, 300, 37))
@pytest.mark.parametrize("behind", [b"", b"x", b"12", b"trailing"])
def test_without_its_pixels_a_picture_tells_the_same(size, behind):
    whole = png(size, behind)

    short = without_pixels(base64.b64encode(whole) + b"\n")

    assert short is not None
    assert len(short) < len(whole)
    assert read(short, (b"a.png",)) == read(whole, (b"a.png",)) != ()


@pytest.mark.parametrize(
    "written",
    [
        base64.b64encode(png(100))[:-40],
        base64.encodebytes(png(100)),
        base64.b64encode(png(100))[:400] + b"~" + base64.b64encode(png(100))[400:],
        base64.b64encode(b"\x89PNG\r\n\x1a\n"),
        b"iVBORw0KGgo",
        b"",
    ],
    ids=["cut off", "with breaks", "with a stranger in it", "only begun", "a word", "nothing"],
)
def test_what_is_not_written_as_programs_write_it_is_left_to_be_decoded_whole(written):
    assert without_pixels(written) is None


def test_every_sign_that_nobody_sees_is_looked_for_and_no_other():
    signs = [*map(chr, range(0x80, 0x3000)), *map(chr, range(0xF000, 0x10000))]

    assert [sign for sign in signs if _may_hide(f"n{sign}")] == [
        sign for sign in signs if _SEEN_BY_NOBODY.search(f"n{sign}")
    ]
    assert decode(b"\x1b[1mn\x1b[0m") == "n"


def member(content, path):
    return Member(content=content, path=path, part="image")


def test_a_picture_in_which_nothing_is_counts_each_time_and_is_known_by_its_name_too(monkeypatch):
    monkeypatch.setattr(readers, "_WITH_NOTHING", set())
    bare = b"GIF89a\1\0\1\0\0\0\0,\0\0\0\0\1\0\1\0\0\2\2D\1\0;"
    within = readers._Within(Budget(bytes=1_000, members=3))

    assert [list(readers._read_member(member(bare, b"a.gif"), within)) for _ in range(2)] == [
        [],
        [],
    ]
    assert len(readers._WITH_NOTHING) == 1
    assert list(readers._read_member(member(bare + b"behind", b"a.gif"), within))
    with pytest.raises(OverBudgetError):
        list(readers._read_member(member(bare, b"a.gif"), within))


def test_a_member_is_remembered_only_where_nothing_is_in_it(monkeypatch):
    monkeypatch.setattr(readers, "_WITH_NOTHING", set())
    within = readers._Within(Budget.for_file(1))
    members = [member(b"x = 1", b"a.py"), member(b"", b"a.txt"), member(b"a,n\nb,3\n", b"a.csv")]
    found = [len(list(readers._read_member(one, within))) for one in members * 2]

    assert found == [1, 0, 1] * 2
    assert len(readers._WITH_NOTHING) == 1


@pytest.mark.parametrize(
    "drawing",
    [
        b'<svg><path d="M0"/><text>3</text><line x="1"></line></svg>',
        b"<svg><path <text>deaths 3</text><rect/></svg>",
        b'<svg><path d=\'<text a="3"/><rect/></svg>',
        b"<svg><!-- <path --><text>3</text><use/></svg>",
        b"<svg><pathology/><path></path><rect",
    ],
)
def test_no_shape_takes_more_with_it_than_itself(drawing):
    assert _without_shapes(drawing) == _SHAPE.sub(b"", drawing)


@pytest.mark.parametrize(
    "value", [{}, {"a": {"b": [{"c": 1}]}}, [{'":': '":'}, {'" :': "\n"}], {"a": float("nan")}]
)
def test_keys_are_counted_alike_in_both_ways(value):
    assert _keys_in(value) == _keys_walked(value)
