"""The system's own browser, for pages that breachkit writes: where there is none, tests are skipped.

Nothing is fetched. A module that opens pages says `pytestmark = browsers.NEEDED` and asks for the
fixture `browser`, which all tests have from here.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest


CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)

NEEDED = [
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
    # The driver is another project's: what it warns of at its end is not ours to mend.
    pytest.mark.filterwarnings(
        "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
    ),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Give the browser, one for all tests of a module."""
    pytest.importorskip("playwright")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


def opened(browser: Any, page: Path, **options: Any) -> tuple[Any, list[str]]:
    """Open a page, and give its tab with the list of everything that it asks for."""
    tab = browser.new_page(**options)
    asked: list[str] = []

    def note(route: Any) -> None:
        asked.append(route.request.url)
        route.continue_()

    tab.route("**/*", note)
    tab.goto(page.as_uri())
    return tab, asked


def barriers(tab: Any) -> dict[str, list[Any]]:
    """Give the rules of axe that a page breaks, with the first elements that do."""
    pytest.importorskip("axe_playwright_python")
    from axe_playwright_python.sync_playwright import Axe

    broken = Axe().run(tab).response["violations"]
    return {each["id"]: [node["target"] for node in each["nodes"]][:3] for each in broken}


CUT_OFF = """() => [...document.querySelectorAll('table, th, td, dd, li, p, figure, code, svg')]
    .filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1
              || e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== 'inline')
    .map(e => e.tagName)"""
"""Gives what sticks out of a page, or has more in it than shows."""


def width_of(tab: Any) -> int:
    """Give how wide a page is, in its own pixels."""
    return int(tab.evaluate("document.documentElement.scrollWidth"))
