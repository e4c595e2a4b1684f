"""The page of a check in a real browser: everybody can read it, it prints whole, and it loads nothing."""

import pytest

from tests.support import browsers
from tests.support.browsers import CUT_OFF, barriers, opened, width_of
from tests.support.release_folders import EXACT, PICTURE, SMALL, a_release, answered


pytestmark = browsers.NEEDED

A4_LANDSCAPE = {"width": 1030, "height": 700}


@pytest.fixture
def page(breachkit, tmp_path):
    long = "a_long_name_" * 12
    found = {
        "deaths.csv": SMALL,
        f"{long}.csv": EXACT,
        "fig 1.svg": PICTURE,
        "<script>.log": b"x\n",
    }
    folder = a_release(tmp_path, {**found, "broken.csv": b"\0\1" * 99})
    made = tmp_path / "check.html"
    breachkit("check", folder, "--format", "html", "--output", made, *answered())
    return made


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_can_be_read_by_everybody_and_asks_for_nothing(browser, page, scheme):
    tab, asked = opened(browser, page, color_scheme=scheme)
    assert barriers(tab) == {}
    assert asked == [page.as_uri()]
    assert tab.locator("script").count() == 0
    tab.close()


def test_nothing_of_the_page_is_cut_off_on_paper_or_a_small_screen(browser, page):
    tab, _ = opened(browser, page, viewport=A4_LANDSCAPE)
    tab.emulate_media(media="print")
    assert tab.evaluate(CUT_OFF) == []
    tab.emulate_media(media="screen")
    tab.set_viewport_size({"width": 320, "height": 800})
    assert width_of(tab) <= 320
    tab.close()
