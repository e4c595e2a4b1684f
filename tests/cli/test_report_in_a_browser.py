"""The page of a report in a real browser: it loads nothing, everybody can read it, and it prints whole."""

import itertools

import pytest

from breachkit.report.incident_html import to_html
from breachkit.workflows.report import Audience, report
from tests.support import browsers
from tests.support.browsers import CUT_OFF, barriers, opened
from tests.support.cases import HandClock, a_case, reopened
from tests.support.reporting import HOSTILE, finished


pytestmark = browsers.NEEDED

A4 = {"width": 703, "height": 1000}
"""The printed part of a page at 96 dots an inch: 210 mm less two margins of 12 mm."""
AUDIENCES = (Audience.INTERNAL, Audience.DPO, Audience.PUBLIC)


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """A page for each audience of a finished case, and one full of names that act."""
    folder = tmp_path_factory.mktemp("pages")
    done = finished(folder)
    for audience in AUDIENCES:
        _write(folder, audience, report(done.case, audience, HandClock()))
    case = a_case(folder / "hostile", target="example/study")
    for each in HOSTILE:
        detail = {"about": each, "answer": each, "decider": each, "role": each, "reason": each}
        case.record("decision", detail)
    _write(folder, "hostile", report(reopened(case), Audience.INTERNAL, HandClock()))
    return folder


def _write(folder, name, made):
    (folder / f"{name}.html").write_text(to_html(made.document), "utf-8")


NAMES = [*map(str, AUDIENCES), "hostile"]


@pytest.mark.parametrize("name", NAMES)
def test_a_page_asks_for_nothing_but_itself_and_runs_nothing(browser, pages, name):
    page = pages / f"{name}.html"
    said: list[str] = []
    tab, asked = opened(browser, page)
    tab.on("dialog", lambda dialog: said.append(dialog.message))
    tab.wait_for_timeout(50)
    assert asked == [page.as_uri()]
    assert not said
    assert tab.locator("script").count() == 0
    tab.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", NAMES)
def test_a_page_can_be_read_by_everybody_in_light_and_dark(browser, pages, name, scheme):
    tab, _ = opened(browser, pages / f"{name}.html", color_scheme=scheme)
    assert barriers(tab) == {}
    tab.close()


@pytest.mark.parametrize("width", [320, 1200])
@pytest.mark.parametrize("name", ["internal", "hostile"])
def test_no_page_is_wider_than_the_screen(browser, pages, name, width):
    tab, _ = opened(browser, pages / f"{name}.html", viewport={"width": width, "height": 800})
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    tab.close()


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_cut_off_where_it_is_printed(browser, pages, name):
    tab, _ = opened(browser, pages / f"{name}.html", viewport=A4)
    tab.emulate_media(media="print")
    assert tab.evaluate(CUT_OFF) == []
    tab.close()


def test_the_last_column_of_every_table_is_on_the_paper(browser, pages, tmp_path):
    pypdf = pytest.importorskip("pypdf")
    tab, _ = opened(browser, pages / "internal.html")
    last = tab.evaluate(
        "() => [...document.querySelectorAll('table')].map(t => t.querySelector('thead th:last-child').textContent)"
    )
    tab.pdf(path=tmp_path / "report.pdf", prefer_css_page_size=True)
    tab.close()
    paper = pypdf.PdfReader(tmp_path / "report.pdf")
    text = " ".join(" ".join(page.extract_text() for page in paper.pages).split())
    assert [head for head in last if " ".join(head.split()) not in text] == []
    width, height = (round(float(side) / 72 * 25.4) for side in paper.pages[0].mediabox[2:])
    assert (width, height) == (210, 297)


def test_headings_come_in_order_and_every_table_says_what_it_is(browser, pages):
    tab, _ = opened(browser, pages / "internal.html")
    levels = tab.evaluate(
        "() => [...document.querySelectorAll('h1,h2,h3')].map(h => +h.tagName[1])"
    )
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    bare = tab.evaluate(
        """() => [...document.querySelectorAll('table')].filter(t => !t.caption ||
        [...t.querySelectorAll('th')].some(h => !h.scope)).length"""
    )
    assert bare == 0
    tab.close()


def test_each_of_these_looks_finds_what_it_looks_for(browser, pages):
    """Spoil a page, and every look objects: none of them is quiet because it sees nothing."""
    whole = (pages / "internal.html").read_text("utf-8")
    spoilt = whole.replace('<html lang="en">', "<html>").replace(
        "--ink: #1c2126;", "--ink: #e0e0e0;"
    )
    spoilt = spoilt.replace("default-src 'none'", "img-src 'self' file:")
    wide = f'<main><img src="other.png"><table><td style="white-space:nowrap">{"word " * 400}</td></table>'
    (pages / "spoilt.html").write_text(spoilt.replace("<main>", wide), "utf-8")
    tab, asked = opened(browser, pages / "spoilt.html", viewport=A4, color_scheme="light")
    assert {"html-has-lang", "color-contrast", "image-alt"} <= set(barriers(tab))
    assert [url.rpartition("/")[2] for url in asked] == ["spoilt.html", "other.png"]
    tab.emulate_media(media="print")
    assert "TABLE" in tab.evaluate(CUT_OFF)
    tab.close()
