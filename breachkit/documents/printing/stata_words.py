"""What Stata prints without a frame: `summarize, detail`, `codebook`, `count`, and headings of models."""

from collections.abc import Iterator

from breachkit.documents.printing.frequencies import FREQUENCY
from breachkit.documents.printing.page import MAX_LINE, Found, Page, PageSign
from breachkit.model.patterns import regex


DETAIL_SIGN = PageSign("Percentiles")
CODEBOOK_SIGN = PageSign("tabulation:")
COUNT_SIGN = PageSign(". count", ": count", "i count", "p count")

_NUMBER = r"(?:-?(?:\d[\d,]{0,14}|\d{0,9})(?:\.\d{1,12})?(?:e[-+]?\d{1,3})?|\[REDACTED\])"
_DETAIL_HEAD = regex(r"\s{1,20}Percentiles\s{1,20}Smallest\s{0,40}")
_PERCENTILE = regex(
    rf"\s{{0,4}}(?P<percent>\d{{1,2}}%)\s{{1,16}}(?P<value>{_NUMBER})(?:\s{{1,16}}(?P<extreme>{_NUMBER}))?(?:\s{{2,40}}\D.{{0,80}})?"
)
_DETAIL_LINES = 14
_LARGEST = "Largest"
_OBSERVED = regex(r"\bObs\s{1,30}(\d[\d,]{0,14}|\[REDACTED\])")
_TABULATION = regex(r"\s{0,30}tabulation:\s{1,9}Freq\..{0,60}")
_TABULATED = regex(r"\s{4,60}(\d[\d,]{0,14}|\[REDACTED\])\s{1,20}(\S.{0,100})")
_COUNT = regex(
    r"\. {0,3}(?:(?:noi\w{0,4}|cap\w{0,4}):? )?count(?: if .{0,400}| in .{0,60}|,.{0,60})?\s{0,9}"
)
_COUNTED = regex(r" {1,4}(\d[\d,]{0,14}|\[REDACTED\])")


def details(page: Page) -> Iterator[Found]:
    """Give what `summarize, detail` prints: percentiles, and the four smallest and largest values."""
    for number, line in enumerate(page.lines):
        if (
            "Percentiles" not in line
            or not page.is_free(number)
            or not _DETAIL_HEAD.fullmatch(line)
        ):
            continue
        found = _detail(page, number)
        if found.rows:
            page.take(found.first, found.end)
            yield found


def _detail(page: Page, head: int) -> Found:
    rows: list[tuple[str, str]] = []
    kind, end, observed = "smallest", head + 1, ""
    for number in range(head + 1, min(head + _DETAIL_LINES, len(page.lines))):
        line = page.lines[number][:MAX_LINE]
        if _LARGEST in line:
            kind = "largest"
        counted = _OBSERVED.search(line[:200])
        observed = counted[1] if counted else observed
        found = _PERCENTILE.fullmatch(line)
        if found is None:
            if line.strip() and _LARGEST not in line:
                break
            continue
        rows.append((found["percent"], found["value"]))
        if found["extreme"]:
            rows.append((kind, found["extreme"]))
        end = number + 1
    if observed:
        rows.append(("observations", observed))
    title = page.lines[head - 2].strip() if head > 1 and page.is_free(head - 2) else ""
    return Found(head, end, (title, "value"), rows)


def tabulations(page: Page) -> Iterator[Found]:
    """Give the frequencies that `codebook` prints in front of the values."""
    for number, line in enumerate(page.lines):
        if "tabulation:" not in line or not page.is_free(number) or not _TABULATION.fullmatch(line):
            continue
        end, rows = number + 1, []
        while page.is_free(end) and (found := _TABULATED.fullmatch(page.lines[end])):
            rows.append((found[2].strip(), found[1]))
            end += 1
        if rows:
            page.take(number, end)
            yield Found(number, end, ("", FREQUENCY), rows)


def counts(page: Page) -> Iterator[Found]:
    """Give the numbers that `count` prints under the line that asked for them."""
    for number, line in enumerate(page.lines[:-1]):
        if line[:2] != ". " or "count" not in line or len(line) > MAX_LINE:
            continue
        found = _COUNTED.fullmatch(page.lines[number + 1])
        if found and _COUNT.fullmatch(line):
            page.take(number + 1, number + 2)
            yield Found(number + 1, number + 2, ("", "n"), [("count", found[1])])
