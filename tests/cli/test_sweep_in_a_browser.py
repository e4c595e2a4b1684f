"""The page of a sweep in a real browser: read by everybody, sorted by whoever wants, whole without scripts."""

import pytest

from breachkit.actions.sweeping import Life, Standing
from breachkit.report.sweep_html import to_html
from tests.support import browsers
from tests.support.browsers import CUT_OFF, barriers, opened, width_of
from tests.support.reporting import HOSTILE
from tests.support.swept import course, many, record, repository, seen, sweep_of


pytestmark = browsers.NEEDED

A4_LANDSCAPE = {"width": 1030, "height": 700}
NAMES = ("some", "hostile")


def hostile():
    """A sweep in which everything that somebody else could choose acts."""
    found = [
        record(seen(n, path=text, message=text, part=text, columns=(text,)))
        for n, text in enumerate(HOSTILE)
    ]
    some = [repository(text, *found[:2]) for text in HOSTILE]
    gone = repository("gone", standing=Standing.FAILED, reason=HOSTILE[0])
    return sweep_of(
        *some, repository("all", *found), gone, target=HOSTILE[1], unfinished=HOSTILE[0]
    )


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sweeps")
    for name, made in (("some", many(30)), ("many", many(300)), ("hostile", hostile())):
        page = to_html(made, course(made, 40), notes=(HOSTILE[0],), tool_version="1")
        (folder / f"{name}.html").write_text(page, "utf-8")
    return folder


def column(tab, number):
    """Give what stands in a column, from above."""
    cells = "[...document.querySelectorAll('table.sweep tbody tr:not([hidden])')].map(r => r.cells[%d].dataset.key)"
    return tab.evaluate(cells % number)


def sorted_by(tab):
    heads = "[...document.querySelectorAll('[aria-sort]')].map(h => [h.textContent, h.getAttribute('aria-sort')])"
    return tab.evaluate(heads)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_can_be_read_by_everybody_and_asks_for_nothing(browser, pages, name, scheme):
    page = pages / f"{name}.html"
    tab, asked = opened(browser, page, color_scheme=scheme)
    said = []
    tab.on("dialog", lambda dialog: said.append(dialog.message))
    for one in ("figure details", "td details"):
        tab.locator(one).first.evaluate("one => { one.open = true; }")
    assert barriers(tab) == {}
    assert asked == [page.as_uri()]
    assert said == []
    assert tab.locator("script").count() == 1
    tab.close()


def test_only_its_own_script_may_run_and_nothing_else_breaks_its_policy(browser, pages):
    whole = (pages / "many.html").read_text("utf-8")
    (pages / "more.html").write_text(
        whole.replace("</main>", "<script>document.title = 'other'</script></main>"), "utf-8"
    )
    tab, _ = opened(browser, pages / "more.html")
    assert tab.title() == "Sweep of study repositories"
    assert tab.locator("table.sweep th button").count() == 9
    tab.close()


def test_columns_are_sorted_by_mouse_and_by_keyboard_and_say_so(browser, pages):
    tab, _ = opened(browser, pages / "many.html")
    assert sorted_by(tab) == [["Worst new", "descending"]]

    tab.get_by_role("button", name="Repository").click()
    assert sorted_by(tab) == [["Repository", "ascending"]]
    assert column(tab, 0) == sorted(column(tab, 0))

    tab.get_by_role("button", name="New", exact=True).focus()
    tab.keyboard.press("Enter")
    assert sorted_by(tab) == [["New", "descending"]]
    assert list(map(int, column(tab, 1))) == sorted(map(int, column(tab, 1)), reverse=True)

    tab.keyboard.press("Space")
    assert sorted_by(tab) == [["New", "ascending"]]
    assert list(map(int, column(tab, 1))) == sorted(map(int, column(tab, 1)))
    tab.close()


def test_each_repository_shows_how_it_went_and_those_that_grew_most_can_come_first(browser, pages):
    tab, _ = opened(browser, pages / "many.html")
    drawn = tab.locator("td svg.spark")
    assert 0 < drawn.count() < 300
    assert " open at first, " in (drawn.first.locator("title").text_content() or "")
    assert drawn.first.evaluate("one => one.getBoundingClientRect().height") == 22

    tab.get_by_role("button", name="Open over time").click()
    grown = list(map(int, column(tab, 5)))
    assert grown == sorted(grown, reverse=True)
    assert grown[0] > 0 > grown[-1]
    tab.close()


def test_three_hundred_repositories_are_searched_by_name_and_by_what_is_new(browser, pages):
    tab, _ = opened(browser, pages / "many.html")
    tab.get_by_label("only with something new").check()
    assert "0" not in column(tab, 1)
    assert tab.locator("output").text_content() == f"{len(column(tab, 1))} of 300 shown"

    tab.get_by_label("only with something new").uncheck()
    tab.get_by_role("searchbox").fill("STUDY-07")
    assert len(column(tab, 0)) == 10
    tab.close()


def test_without_scripts_everything_is_there_and_nothing_promises_more(browser, pages):
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto((pages / "many.html").as_uri())
    assert tab.locator("table.sweep tbody tr").count() == 300
    assert tab.locator("button").count() == 0
    assert not tab.locator(".find").is_visible()
    tab.locator("td details summary").first.click()
    assert tab.locator("td details li").first.is_visible()
    context.close()


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_cut_off_on_a_small_screen_or_on_paper(browser, pages, name):
    tab, _ = opened(browser, pages / f"{name}.html", viewport={"width": 320, "height": 800})
    for width in (320, 740, 800, 1024, 1400):
        tab.set_viewport_size({"width": width, "height": 800})
        assert width_of(tab) <= width
    tab.set_viewport_size(A4_LANDSCAPE)
    tab.emulate_media(media="print")
    assert tab.evaluate(CUT_OFF) == []
    tab.close()


def test_what_is_open_now_stands_within_the_picture_on_a_small_screen(browser, pages):
    tab, _ = opened(browser, pages / "some.html", viewport={"width": 360, "height": 800})
    ends = "document.querySelector('%s').getBoundingClientRect().right"

    assert tab.evaluate(ends % "figure text.now") <= tab.evaluate(ends % "figure svg")
    tab.close()


def test_paper_shows_what_the_screen_keeps_folded(browser, pages, tmp_path):
    pypdf = pytest.importorskip("pypdf")
    made = sweep_of(repository("study", record(seen(1, path="folded.csv"), Life.KNOWN)))
    (tmp_path / "page.html").write_text(to_html(made, course(made, 1), tool_version="1"), "utf-8")
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto((tmp_path / "page.html").as_uri())
    assert not tab.get_by_text("folded.csv").is_visible()
    tab.pdf(path=tmp_path / "page.pdf")
    context.close()
    text = "".join(page.extract_text() for page in pypdf.PdfReader(tmp_path / "page.pdf").pages)
    assert "folded.csv" in text
