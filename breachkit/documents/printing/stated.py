"""Numbers of people that headings of models and notes state in words: `No. of failures = 3`.

One table holds all of a print-out: logs repeat them for every model.
"""

from collections.abc import Iterator

from breachkit.documents.printing.page import Found, LineSign, Page, is_echo
from breachkit.model.patterns import regex


_NUMBER = r"(?P<number>\d{1,3}(?:,\d{3}){1,4}|\d{1,12}|\[REDACTED\])(?![\d.,]*\d|%|/)"
_PEOPLE = (
    r"(?:patients?|people|persons?|individuals?|participants?|deaths?|events?|failures?|cases?|subjects?"
    r"|obs(?:ervations)?|women|men|children|admissions|strokes?|outcomes?|exits?|entries)"
)
_STATEMENT = regex(
    rf"(?P<name>\b(?:[Nn]umber|[Nn]o\.|[Nn]um|[Tt]otal|[Cc]ount|N) (?:of |in )?(?:[a-z-]{{2,20}} ){{0,2}}{_PEOPLE})\s{{0,20}}[=:]\s{{0,20}}{_NUMBER}"
    rf"|(?P<letter>(?<![\w.])[Nn])\s{{0,3}}=\s{{0,9}}{_NUMBER.replace('number', 'behind')}"
)
_SURVIVAL = regex(
    r"\s{1,12}(?P<number>\d[\d,]{0,14}|\[REDACTED\])  (?P<name>(?:total )?observations?|observations remaining, representing|subjects?"
    r"|failures? in (?:single|multiple)-(?:failure-per-subject|record|failure).{0,40}|failures?"
    r"|observations? (?:end on or before enter\(\)|begin on or after.{0,20}))\s{0,9}"
)
_IN_WORDS = regex(r"^ {1,12}(?:\d[\d,]{0,14}|\[REDACTED\])  (?=[a-z])")
_GIVEN = regex(r"[=:]\s{0,20}(?:\d|\[REDACTED\])")
"""What every statement holds but those in words; most lines with a sign hold none."""


def statements(page: Page) -> Iterator[Found]:
    """Give one table of all that is stated, in the order of the page."""
    rows: list[tuple[str, str]] = []
    first = end = 0
    for number in page.having(_STATES):
        first = first if rows else number
        end = number + 1
        rows += _in_line(page.lines[number])
    if rows:
        yield Found(first, end, ("", "n"), rows)


def _states(line: str) -> bool:
    if "=" in line or "umber of" in line:
        if not (_GIVEN.search(line) or _IN_WORDS.match(line)):
            return False
    elif line[:1] != " " or not _IN_WORDS.match(line):
        return False
    return not is_echo(line) and any(_in_line(line))


_STATES = LineSign(_states)


def _in_line(line: str) -> Iterator[tuple[str, str]]:
    survival = _SURVIVAL.fullmatch(line)
    if survival:
        yield survival["name"].strip(), survival["number"]
        return
    for found in _STATEMENT.finditer(line):
        yield (found["name"] or found["letter"]), (found["number"] or found["behind"])
