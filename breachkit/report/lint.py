"""The last look at a text before it leaves: it holds no value and no id, or it is not written.

The lint knows nothing of the data. It refuses the shapes that values and ids have, so it fails
closed: some harmless texts are refused too, and then the words have to change. What it says names
a rule and a line, never the text.

Source: a count from 1 to 5 has five pre-images, so an object id of a redacted table confirms a
guess of it; and unreleased results must not be transcribed to e-mail.
"""

import functools
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from breachkit.actions.clone_list import CloneList, NoListError
from breachkit.actions.mailfacts import PathPolicy
from breachkit.actions.notice_kinds import TLP_LABELS, NoticeKind
from breachkit.model.errors import RefusedError
from breachkit.report.masking import PROVENANCE_MASK


LintRule = Literal[
    "object id", "abbreviated object id", "encoded data", "e-mail address", "name of a computer", "release trailer", "row of a table", "number of people", "number in a sample", "path", "file name", "TLP label", "number", "name of the study or of a person", "attachment"
]  # fmt: skip
"""Every rule, by the name under which it objects."""

WAIVABLE: frozenset[LintRule] = frozenset(
    {"path", "file name", "e-mail address", "name of a computer"}
)
"""What a named person may set aside for a reason. Everything else can be a value, or confirm one."""


_EDGE, _END = r"(?<![0-9A-Za-z])", r"(?![0-9A-Za-z])"
_LONG_HEX = re.compile(r"[0-9a-f]{40,}", re.IGNORECASE)
_HEX = re.compile(rf"{_EDGE}[0-9a-f]{{7,}}{_END}|[0-9a-f]{{12,}}", re.IGNORECASE)
_BASE64 = re.compile(
    r"[A-Za-z0-9+/_-]{20,}={0,2}|(?:[A-Za-z0-9+/_-]{4}){1,5}[A-Za-z0-9+/_-]{2,3}={1,2}"
)
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"']+@[^\s<>()\[\],;:\"']+\.\w+")
_PATH = re.compile(r"\S*[\w\])][/\\][\w\[(]\S*|(?<!\S)[/\\~]\S*[\w]\S*")
_FILE_NAME = re.compile(
    r"\S+\.(?:arrow|csv|dta|feather|gz|html?|ipynb|jpe?g|json|log|md|parquet|pdf|png|py|rds?|rdata|svg|tex|tsv|txt|xlsx?|ya?ml|zip)\b",
    re.IGNORECASE,
)
_HOST = re.compile(
    rf"{_EDGE}(?:[a-z0-9-]+\.){{2,}}[a-z]{{2,}}{_END}|{_EDGE}[a-z0-9-]+\.(?:local|lan|internal|corp|intra){_END}|(?<![\d.])(?:\d{{1,3}}\.){{3}}\d{{1,3}}(?![\d.])",
    re.IGNORECASE,
)
_MASKED = r"\s+".join(map(re.escape, PROVENANCE_MASK.split()))
_TRAILER = re.compile(rf"opensafely-released-from(?!\s*:\s*{_MASKED})", re.IGNORECASE)
_TABLE_ROW = re.compile(
    r"^\s*\|.*\||[^\s,;\t|]+(?:[,;\t|]\S*\d\S*|[,;\t|]\[REDACTED\])", re.MULTILINE
)
_SAMPLE_SIZE = re.compile(rf"{_EDGE}(?:n|count|total|value)\s*(?:=|:|of|is)\s*\d", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+")
_PEOPLE = frozenset(
    {
        *("patient", "patients", "people", "person", "persons", "individual", "individuals"),
        *("participant", "participants", "death", "deaths", "died", "women", "woman", "men", "man"),
        *("child", "children", "admission", "admissions", "birth", "births", "adults", "adult"),
        *("resident", "residents", "subjects", "diagnoses", "diagnosis", "events", "deceased"),
        *("cases", "males", "male", "females", "female", "boys", "girls", "babies", "infants"),
        *("prescriptions", "appointments", "visits", "carers", "citizens", "survivors"),
    }
)
_NUMBER_WORDS = frozenset(
    {
        *("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"),
        *("twelve", "single", "sole", "couple", "pair", "dozen", "twenty", "hundred", "thousand"),
        *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
        *("thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety", "half", "both"),
    }
)
_COUNTING = _PEOPLE | _NUMBER_WORDS
_MOMENT = re.compile(r"(?<!\d)\d{4}-\d\d-\d\d \d\d:\d\d UTC(?!\w)")
"""A moment as messages write it; it counts nobody, whatever word stands beside it."""
_LONG_WORD = re.compile(r"(?<!\S)\S{5000,}")
"""Longer than any path: nobody wrote it, and to look into it takes time with the square of its length."""
_TOO_LONG = "\u25a1"
_NEAR = 3
"""A number so many words before or after a word for people may be a count of them."""
_TLP_LIKE = re.compile(r"T\s?L\s?P\s*[:\-]\s*\w+(?:\s*\+\s*\w+)?", re.IGNORECASE)


class LintError(RefusedError):
    """A text may not leave.

    Attributes:
        problems: Every rule that objects, with the line, counted from 1; never the text itself.
    """

    def __init__(self, what: str, problems: Sequence["Problem"]) -> None:
        self.problems = tuple(problems)
        listed = ", ".join(f"{p.rule} in line {p.line}" for p in self.problems[:8])
        super().__init__(
            f"{what} was not written, because it could disclose something: {listed}. "
            "Change the words given to the message (see `breachkit notify render --help`)"
        )


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One objection."""

    line: int
    """Counted from 1."""
    rule: LintRule


@dataclass(frozen=True, slots=True, kw_only=True)
class Licence:
    """What one text may hold although it looks like something it may not."""

    paths: PathPolicy
    tlp: str | None
    """The label that must be its first and its last line; None for a subject."""
    addresses: tuple[str, ...] = ()
    tokens: tuple[str, ...] = ()
    """Exact words: the case's id, the repository's name, the hashes of the footer, fixed links."""
    forbidden: tuple[str, ...] = ()
    """Words by which the study or a person is known, where no reader may learn them."""
    codename: str = ""
    """Of the case: two words that were drawn by lot, so that a name in them tells nobody anything."""
    own_words: str = ""
    """Text of the template: a forbidden word that stands in it tells nothing about the case."""
    own_lines: frozenset[str] = frozenset()
    """Lines that the template's author wrote, as they stand in the text: a number in one, such as that
    of an article of the law, counts nobody."""
    counts_allowed: bool = True
    """False where no number may stand at all, but those in `tokens`."""
    waived: frozenset[LintRule] = frozenset()
    """Rules that a named person set aside; one that is not `WAIVABLE` holds all the same."""


def check(text: str, licence: Licence, *, what: str) -> None:
    """Refuse a text that could disclose something.

    Args:
        text: The whole text as it would leave.
        licence: What it may hold.
        what: What to call it in the error.

    Raises:
        LintError: at least one rule objects.
    """
    found = problems(text, licence)
    if found:
        raise LintError(what, found)


def problems(text: str, licence: Licence) -> tuple[Problem, ...]:
    """Give every objection to a text, in order of lines."""
    plain = _plain(text)
    long = [_line(plain, match.start()) for match in _LONG_WORD.finditer(plain)]
    plain = _LONG_WORD.sub(_TOO_LONG, plain)
    scrubbed = _without_allowed(_without_own_numbers(plain, licence), licence)
    rules = (*_RULES, *_rules_of(licence))
    found = {
        Problem(_line(scrubbed, at), rule) for rule, search in rules for at in search(scrubbed)
    }
    found |= {Problem(line, "encoded data") for line in long}
    found |= {
        Problem(_line(plain, at), "name of the study or of a person")
        for at in _forbidden(plain, licence)
    }
    found |= {Problem(line, "TLP label") for line in _wrong_labels(plain, licence.tlp)}
    return tuple(sorted(each for each in found if each.rule not in licence.waived & WAIVABLE))


def check_attachments(
    attached: Sequence[tuple[str, bytes]], kind: NoticeKind, *, what: str
) -> None:
    """Refuse every file that would go with a message, but the script for clone holders to one.

    Old object ids are in that script, and licensed for that audience alone. A screenshot, an
    extract or any other file could hold what a message may not, and nobody can see that from here.

    Args:
        attached: Name and content of each file.
        kind: Which sort of message.
        what: What to call it in the error.

    Raises:
        LintError: there is another file, or the message is for somebody else.
    """
    if not attached:
        return
    if not kind.may_attach or len(attached) > 1 or not _is_verifier(*attached[0]):
        raise LintError(what, (Problem(1, "attachment"),))


def waivable(rules: Sequence[str]) -> frozenset[LintRule]:
    """Give the rules that a person wants to set aside.

    Raises:
        RefusedError: there is no such rule, or nobody may set it aside.
    """
    asked = frozenset(rule for rule in get_args(LintRule) if rule in rules)
    if wrong := [rule for rule in rules if rule not in asked & WAIVABLE]:
        may = ", ".join(sorted(WAIVABLE))
        raise RefusedError(
            f"{len(wrong)} of the rules cannot be set aside: only {may} can, because every other one "
            "stands for a value or for what confirms a guess of one. Change the words"
        )
    return asked


def mask_ids(text: str) -> str:
    """Give a text with everything in it replaced that looks like an object id.

    For notes and labels that people wrote, before they stand in an export.
    """
    masked = _LONG_HEX.sub(ID_MASK, text)
    return _HEX.sub(
        lambda m: ID_MASK if _mixes_letters_and_digits(m.group()) else m.group(), masked
    )


ID_MASK = "<object-id>"


def _plain(text: str) -> str:
    """Undo what hides characters from a pattern: full-width forms, invisible characters."""
    folded = unicodedata.normalize("NFKC", text.replace("\r\n", "\n"))
    return "".join(c for c in folded if unicodedata.category(c) != "Cf")


@functools.lru_cache(maxsize=32)
def _all_plain(lines: frozenset[str]) -> frozenset[str]:
    """Undo it once for what is the same in every message of a kind."""
    return frozenset(map(_plain, lines))


def _without_own_numbers(text: str, licence: Licence) -> str:
    own = _all_plain(licence.own_lines)
    return "\n".join(
        "".join("\u25a1" if c.isnumeric() else c for c in line) if line in own else line
        for line in text.split("\n")
    )


def _without_allowed(text: str, licence: Licence) -> str:
    allowed = {*licence.tokens, *licence.addresses}
    for token in sorted((_plain(t).strip() for t in allowed), key=len, reverse=True):
        if len(token) < 3 or token.casefold() in _COUNTING or token.isnumeric():
            continue  # a repository called so must not hide what the words mean elsewhere
        body = r"\s+".join(map(re.escape, token.split()))  # a line may have been broken inside it
        pattern = re.compile(rf"(?<![\w@/.]){body}(?![\w@/]|\.\w)")
        text = pattern.sub(lambda match: "\u25a1" + "\n" * match.group().count("\n"), text)
    return text


def _rules_of(licence: Licence) -> Iterator[tuple[LintRule, Callable[[str], Iterator[int]]]]:
    """Give the rules that hold for some audiences."""
    if licence.paths != "full":
        yield "path", _starts(_PATH)
    if licence.paths == "opaque":
        yield "file name", _starts(_FILE_NAME)
    if not licence.counts_allowed:
        yield "number", _numbers


def _forbidden(text: str, licence: Licence) -> Iterator[int]:
    own = _plain(licence.own_words).casefold()
    drawn = _plain(licence.codename)
    text = text.replace(drawn, "-" * len(drawn))
    for word in {_plain(each).strip().casefold() for each in licence.forbidden}:
        if len(word) < _SHORTEST_NAME or re.search(_as_word(word), own):
            continue
        yield from (match.start() for match in re.finditer(_as_word(word), text.casefold()))


_SHORTEST_NAME = 3
"""Shorter names stand in ordinary words."""


def _as_word(name: str) -> str:
    return r"(?<!\w)" + r"\s+".join(map(re.escape, name.split())) + r"(?!\w)"


def _is_verifier(name: str, content: bytes) -> bool:
    try:
        CloneList.from_script(content.decode("ascii"))
    except (NoListError, UnicodeDecodeError):
        return False
    return name == "verifier.txt"


def _starts(pattern: re.Pattern[str]) -> Callable[[str], Iterator[int]]:
    return lambda text: (match.start() for match in pattern.finditer(text))


def _numbers(text: str) -> Iterator[int]:
    return (at for at, character in enumerate(text) if character.isnumeric())


def _short_ids(text: str) -> Iterator[int]:
    for match in _HEX.finditer(text):
        if _mixes_letters_and_digits(match.group()):
            yield match.start()


def _base64(text: str) -> Iterator[int]:
    for match in _BASE64.finditer(text):
        run = match.group()
        longest = max(re.split(r"[-_]", run), key=len)
        if run.endswith("=") or (len(longest) >= 20 and _looks_random(longest)):
            yield match.start()


def _looks_random(run: str) -> bool:
    kinds = (str.islower, str.isupper, str.isdigit)
    return sum(any(map(kind, run)) for kind in kinds) == 3 or (
        any(c in "+/" for c in run) and any(map(str.isupper, run)) and any(map(str.islower, run))
    )


def _counted_people(text: str) -> Iterator[int]:
    words = list(_WORD.finditer(_MOMENT.sub(lambda match: "\u25a1" * len(match.group()), text)))
    for number, word in enumerate(words):
        if word.group().casefold() in _PEOPLE:
            near = words[max(0, number - _NEAR) : number + _NEAR + 1]
            if any(_is_number(other.group()) for other in near):
                yield word.start()


def _is_number(word: str) -> bool:
    return any(map(str.isnumeric, word)) or word.casefold() in _NUMBER_WORDS


def _mixes_letters_and_digits(run: str) -> bool:
    return any(map(str.isalpha, run)) and any(map(str.isdigit, run))


def _wrong_labels(text: str, tlp: str | None) -> Iterator[int]:
    lines = text.strip("\n").split("\n")
    if tlp is not None:
        if tlp not in TLP_LABELS or lines[0] != tlp:
            yield 1
        if lines[-1] != tlp:
            yield len(lines)
    for match in _TLP_LIKE.finditer(text):
        if match.group() not in TLP_LABELS:
            yield _line(text, match.start())


def _line(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


_RULES: tuple[tuple[LintRule, Callable[[str], Iterator[int]]], ...] = (
    ("object id", _starts(_LONG_HEX)),
    ("abbreviated object id", _short_ids),
    ("encoded data", _base64),
    ("e-mail address", _starts(_ADDRESS)),
    ("name of a computer", _starts(_HOST)),
    ("release trailer", _starts(_TRAILER)),
    ("row of a table", _starts(_TABLE_ROW)),
    ("number of people", _counted_people),
    ("number in a sample", _starts(_SAMPLE_SIZE)),
)
