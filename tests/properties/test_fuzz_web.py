"""Broken files of every format that browsers show: no exception, no hang, nothing told."""

import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from tests.support.fuzzing import CANARY, holds, mutations
from tests.support.webpages import COUNT_TABLE, FIGURE, notebook, shown


def _picture(form: str, **options: object) -> bytes:
    exif = Image.Exif()
    exif[270] = CANARY
    content = io.BytesIO()
    Image.new("L", (9, 9), 7).save(content, form, exif=exif.tobytes(), **options)
    return content.getvalue() + CANARY.encode()


_INFO = PngInfo()
_INFO.add_text(CANARY, CANARY)
_SVG = f"<svg viewBox='0 0 9 9'><title>{CANARY}</title><g transform='translate(1 2)'><text x='1' y='2'>Number at risk {CANARY}</text><text x='3' y='3'>7</text><text x='5' y='3'>3</text></g><image href='data:image/gif;base64,R0lGODlhAQABAAAAACw='/></svg>"
_JSON = json.dumps({CANARY: [{CANARY: 3, "n": [1, 2]}, {CANARY: {"a": 1}}], "figure": FIGURE})
SAMPLES: dict[bytes, bytes] = {
    b"a.html": f"<!-- {CANARY} --><title>{CANARY}</title>{COUNT_TABLE}<p hidden>{CANARY}</p><script>var {CANARY} = {_JSON}; f({{a: '{CANARY}'}})</script>{_SVG}".encode(),
    b"a.json": _JSON.encode(),
    b"a.jsonl": f"{_JSON}\n{_JSON}\n".encode(),
    b"a.ipynb": notebook(shown(text_html=COUNT_TABLE + CANARY, image_png="iVBORw0KGgo="), shown(**{"application_vnd.plotly.v1+json": FIGURE})).encode(),
    b"a.svg": _SVG.encode(),
    b"a.png": _picture("png", pnginfo=_INFO),
    b"a.jpg": _picture("jpeg", comment=CANARY.encode()),
    b"a.gif": _picture("gif", comment=CANARY.encode()),
    b"a.tif": _picture("tiff"),
    b"a.webp": _picture("webp"),
    b"a.xml": f'<?xml version="1.0"?><a><!-- {CANARY} --><row {CANARY}="3"><n>3</n></row><row><n>4</n></row></a>'.encode(),
    b"output/a.yaml": f"{CANARY}: &a\n  - n: 3\n    m: [1, 2]\n  - *a\nb: !x {{n: 4}}\n".encode(),
    b"output/a.toml": f'[{CANARY}]\nn = 3\n[[x]]\nn = 4\n'.encode(),
    b"a.tex": f"\\begin{{tabular}}{{lr}} {CANARY} & n \\\\ \\midrule \\multicolumn{{2}}{{l}}{{F}} \\\\ a & 3 \\\\ \\end{{tabular}}".encode(),
    b"a.md": f"| {CANARY} | n |\n|---|--:|\n| a | 3 |\n\n<table><tr><td>{CANARY}<td>3</table>\n".encode(),
}  # fmt: skip


@pytest.mark.parametrize("path", SAMPLES)
def test_a_valid_file_is_read_without_telling_anything(path):
    assert holds(SAMPLES[path], path)


@pytest.mark.parametrize("path", SAMPLES)
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_a_broken_file_is_read_without_failing(path, data):
    holds(data.draw(mutations(SAMPLES[path])), path)
