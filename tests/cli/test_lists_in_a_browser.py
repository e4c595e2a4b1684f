"""The pages of the checklist and of the register in a real browser: read by everybody, printed whole."""

import pytest

from breachkit.actions.checklist_public import for_outsiders
from breachkit.report import checklist_render, copies_render
from breachkit.workflows.trace import load_places
from tests.support import browsers
from tests.support.browsers import barriers, opened, width_of
from tests.support.checklists import HOSTILE, Entry, copy, made, ticked


pytestmark = browsers.NEEDED

NAMES = ("checklist", "public", "copies")


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """The pages of a case some of whose copies, notes and names act."""
    folder = tmp_path_factory.mktemp("lists")
    register = [
        copy(n, text, holder=text, email="a@example.org") for n, text in enumerate(HOSTILE, 1)
    ]
    register += [copy(50, "clone", state="deleted"), copy(51, "none", applies="no")]
    events = [ticked("A12", evidence=HOSTILE[1]), Entry(9, "case.opened")]
    listed = made(*events, copies=tuple(register))
    shown = {
        "checklist": checklist_render.export(listed, "html"),
        "public": checklist_render.export(for_outsiders(listed), "html"),
        "copies": copies_render.export(register, "html", load_places(), of="BK-2026-0007"),
    }
    for name, text in shown.items():
        (folder / f"{name}.html").write_text(text, "utf-8")
    return folder


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", NAMES)
def test_a_list_can_be_read_by_everybody_in_light_and_dark_and_loads_nothing(
    browser, pages, name, scheme
):
    page = pages / f"{name}.html"
    tab, asked = opened(browser, page, color_scheme=scheme)
    assert barriers(tab) == {}
    assert asked == [page.as_uri()]
    tab.close()


@pytest.mark.parametrize("width", [320, 1200])
@pytest.mark.parametrize("name", NAMES)
def test_no_list_is_wider_than_the_screen(browser, pages, name, width):
    tab, _ = opened(browser, pages / f"{name}.html", viewport={"width": width, "height": 800})
    assert width_of(tab) <= width
    tab.close()


def test_a_list_that_is_printed_is_dark_on_white_whatever_the_screen_shows(browser, pages):
    tab, _ = opened(browser, pages / "checklist.html", color_scheme="dark")
    tab.emulate_media(media="print", color_scheme="dark")
    colour = "getComputedStyle(document.body).color"
    assert tab.evaluate(colour) == "rgb(27, 27, 27)"
    tab.close()
