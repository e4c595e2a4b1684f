"""CODE-01: redacted values that the code which redacts them, or a comment, gives away."""

import re
from collections.abc import Iterable, Iterator, Sequence

from breachkit.detect.paths import describes_nobody
from breachkit.detect.rule import About, FileContext
from breachkit.detect.rules.meta_01 import states_people
from breachkit.documents.looks import Look
from breachkit.documents.reader import inside
from breachkit.documents.table import Text, TextKind
from breachkit.model.findings import Confidence, Hit, Location, Severity
from breachkit.model.patterns import regex


class ValuesInCode:
    """Finds small counts written into redaction code, captions and comments."""

    about = About(
        id="CODE-01",
        title="Redacted value written in code or a comment",
        severity=Severity.LOW,
        confidence=Confidence.LOW,
        why=(
            "A script that redacts one cell by its value says what the value was, and where. A "
            "comment that explains a result may state the count that the result hides. Code is "
            "public long before results are, and nobody checks it for results."
        ),
        example=(
            "`df.loc[df.n == 3, 'n'] = '[REDACTED]'`; `\"[REDACTED]\"  # was 3`; the comment "
            "`# only 3 patients died in North`. Thresholds (`n <= 5`, 'fewer than 6 patients') "
            "are none of this."
        ),
        remedy=(
            "Write the rule in place of the value (`n <= 5`), delete the comment, and take the old "
            "version out of the history if the count may not be public."
        ),
        source="OpenSAFELY documentation 03b2b26 (2020-12-15): 'directly or indirectly'",
    )

    def check_text(self, text: Text, context: FileContext) -> Iterable[Hit]:
        """Give at most one hit, which names the first lines."""
        if text.kind is not TextKind.PROSE or text.part == "message" or describes_nobody(context):
            return
        words = _REDACTION if _sets_up(context) else (*_REDACTION, *_PEOPLE)
        if not _MAY_TELL.may_hold(text.text):
            return
        found = sorted(set(_telling_lines(text.text, context.policy.threshold, words)))
        if found:
            yield Hit(
                rule=self.about.id,
                severity=self.about.severity,
                confidence=self.about.confidence,
                message="code, or a comment in it, may state a count that results hide",
                location=Location(part=inside(text.part, _lines(found)), cells=len(found)),
            )


_SETTINGS = (b".yaml", b".yml", b".lock", b".json", b".toml")


def _sets_up(context: FileContext) -> bool:
    """Whether a file sets something up: such files are long, change often and describe nobody."""
    return bool(context.paths) and all(path.endswith(_SETTINGS) for path in context.paths)


_MOST_LINES = 3
_LONGEST_LINE = 1000
"""Characters of a line that are looked at together."""
_AFTER = 300
"""Of these, those behind each word in a longer line, at the least."""
_REDACTION = ("edact", "EDACT", "uppress")
"""Parts of words, because looking for plain text is many times quicker than any pattern."""
_PEOPLE = (" patients", " people", " deaths", " died")
_LARGEST = 9
"""Count that is looked for, whatever the threshold."""

_COMMENT = regex(r"(?:(?:^|\s)(?:#|//|\*|--)|<!--|/\*)(?P<words>.*)")
_DESIGN = regex(
    r"\bmatch|\bselect|\bsampl|\bassign|\bdummy|\btest|\bfake|\bexample|\be\.g", re.IGNORECASE
)
"""What a study does with people, and not what it found."""
_COMMENT_OR_STRING = regex(r"(?:(?:^|\s)(?:#|//|\*)|<!--|/\*|[\"'`]).*")
_MARK = regex(r"[\"'/,]\s*\[?\s*(?:redacted|suppressed)\b", re.IGNORECASE)
_VALUE_CHOSEN = regex(
    r"(?:==\s*[\"']?|\bmatch\(\s*[\"']?|\b(?:replace|sub|gsub|str_replace(?:_all)?|subinstr|recode)\w*\([^\n]{0,80}?[\"'](?:\\+b|\^)?)"
    r"(?P<count>[1-9])(?:\.0)?(?:\\+b|\$)?(?:\s*\(\d{1,3}(?:\.\d+)?\s*%?\))?[\"']?(?=\s*(?:[\])&|,:;?]|and\b|or\b|then\b|$))",
    re.IGNORECASE,
)
_SED = regex(
    r"\bs/[^/\n]{0,40}?\b(?P<count>[1-9])\b[^/\n]{0,40}/[^/\n]{0,40}redacted", re.IGNORECASE
)
_WAS = regex(
    r"\b(?:was|were|originally|previously|(?:true|actual|real|original)\s+(?:value|count|number|n)(?:\s+(?:is|was|of))?|n)"
    r"\s*[=:]?\s*(?P<count>[1-9])(?![\d.,%]|\s*(?:or|to|-|%|st\b|nd\b|rd\b|th\b|columns?|rows?|tables?|files?|cells?|decimals?|digits?))",
    re.IGNORECASE,
)


def _telling_lines(text: str, threshold: int, words: Sequence[str]) -> Iterator[int]:
    """Give numbers of lines, counted from 1."""
    for word in words:
        number, counted = 1, 0
        for begin, line in _lines_with(text, word):
            if _tells(word, line, threshold):
                number, counted = number + text.count("\n", counted, begin), begin
                yield number


def _may_tell(text: str) -> Iterator[int]:
    """Give where the lines begin that tell something by some threshold."""
    for word in (*_REDACTION, *_PEOPLE):
        for begin, line in _lines_with(text, word):
            if _tells(word, line, _LARGEST):
                yield begin


_MAY_TELL = Look(_may_tell)


def _tells(word: str, line: str, threshold: int) -> bool:
    return (_hard_codes if word in _REDACTION else _counts_people)(line, threshold)


def _counts_people(line: str, threshold: int) -> bool:
    comment = _COMMENT.search(line)
    if comment is None or _DESIGN.search(comment["words"]):
        return False
    return states_people(comment["words"], threshold)


def _hard_codes(line: str, threshold: int) -> bool:
    if _MARK.search(line) and _has_small(_VALUE_CHOSEN, line, threshold):
        return True
    if _has_small(_SED, line, threshold):
        return True
    words = _COMMENT_OR_STRING.search(line)
    return words is not None and _has_small(_WAS, words[0], threshold)


def _has_small(pattern: re.Pattern[str], line: str, threshold: int) -> bool:
    return any(int(found["count"]) <= threshold for found in pattern.finditer(line))


def _lines_with(text: str, word: str) -> Iterator[tuple[int, str]]:
    """Give the lines that hold a word, with where they begin; of a long line what is around the word."""
    at = text.find(word)
    while at >= 0:
        begin = text.rfind("\n", 0, at) + 1
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        if end - begin > _LONGEST_LINE:
            begun, end = begin, min(end, at + 2 * _AFTER)
            yield begun, text[max(begin, end - _LONGEST_LINE) : end]
            at = text.find(word, end - _AFTER if at + _AFTER < end else end)
        else:
            yield begin, text[begin:end]
            at = text.find(word, end)


def _lines(numbers: Sequence[int]) -> str:
    shown = ", ".join(map(str, numbers[:_MOST_LINES]))
    more = f" and {len(numbers) - _MOST_LINES} more" if len(numbers) > _MOST_LINES else ""
    return f"{'line' if len(numbers) == 1 else 'lines'} {shown}{more}"
