"""META-01: small counts and patients' numbers in messages and names."""

import re
from collections.abc import Iterable, Iterator

from breachkit.detect.rule import About, FileContext
from breachkit.documents.kinds import is_codelist_path, is_dummy_path
from breachkit.documents.table import Text
from breachkit.model.findings import Confidence, Hit, Location, Severity
from breachkit.model.patterns import regex
from breachkit.sdc.identifiers import is_nhs_number, is_test_nhs_number


Claim = tuple[Severity, Confidence, str]


class MessagesAndNames:
    """Finds disclosive words in commit and tag messages, and numbers of patients in names."""

    about = About(
        id="META-01",
        title="Small count or patient's number in a message or a name",
        severity=Severity.MEDIUM,
        confidence=Confidence.MEDIUM,
        why=(
            "Explaining a redaction in the commit message gives away what was redacted, and a "
            "file named after a patient names the patient. Messages and names are not files: a "
            "rewrite that removes a blob leaves them as they are."
        ),
        example=(
            "The message 'Redact the North row, only 2 deaths there' (medium); '(n=2)' alone is "
            "low, for n may count anything; a file called patient_48213.csv; an NHS number "
            "beside its label. Thresholds ('5 or fewer patients'), versions, issue numbers, doses "
            "and '5 files' are not counts of people."
        ),
        remedy=(
            "Have the message reworded or the file renamed in the whole history, together with what "
            "the message describes; look at what was redacted there, too."
        ),
        source="OpenSAFELY documentation 03b2b26 (2020-12-15): 'directly or indirectly'",
    )

    def check_text(self, text: Text, context: FileContext) -> Iterable[Hit]:
        """Give at most one hit, for the gravest thing said; nothing for the text of files."""
        match text.part:
            case "message":
                claims = list(_in_message(text.text, context.policy.threshold))
            case "name":
                claims = list(_in_name(text.text[:_LONGEST_NAME]))
            case _:
                return
        if claims:
            severity, confidence, message = max(claims, key=lambda claim: claim[:2])
            yield Hit(
                rule=self.about.id,
                severity=severity,
                confidence=confidence,
                message=message,
                location=Location(part=text.part),
            )


_LONGEST_NAME = 100_000
"""Characters of a path; no system can check out one of a tenth of that."""
_NUMBER_WORDS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5,
    "six": 6, "seven": 7, "eight": 8, "nine": 9,
}  # fmt: skip
_SMALL = r"(?P<count>\d|" + "|".join(_NUMBER_WORDS) + r")"
_PEOPLE = (
    r"(?:patients|people|persons|individuals|participants|deaths|died|women|men|children|babies|infants"
    r"|residents|suicides|pregnancies|survivors)"
)
# An adjective or two may stand between: "3 vaccinated patients".
_COUNTED = regex(
    rf"(?<![\w#.,:/<>=~%+-]){_SMALL}\s+(?:[a-z-]{{3,14}}\s+){{0,2}}?{_PEOPLE}(?![\w-])"
    r"(?!\s+(?:per|or\s+(?:fewer|less|more)|variables?|columns?|data(?:sets?)?|tables?|files?|plots?|figures?|models?"
    r"|groups?|types?|outcomes?|codelists?|definitions?|scripts?|cohorts?|features?|fields?|flags?|actions?|measures?))",
    re.IGNORECASE,
)
_ONE_PATIENT = regex(
    r"(?<![\w#.,:/<>=~%+-])(?P<count>1|one|single)\s+(?:patient|death|person)(?=[,.;)]|\s+(?:in|with|who|had|was|is|left|only|aged|from)\b|\s*$)",
    re.IGNORECASE | re.MULTILINE,
)
_N_EQUALS = regex(
    r"(?<![\w.,(])(?P<open>[(\[]?)n\s?=\s?(?P<count>\d)(?![\w.,:/-]*\w|\s*(?:threads?|cores?|jobs?|cpus?|workers?|iter\w*|bins?"
    r"|rows?|files?|bootstraps?|samples|splits?|folds?|digits?|knots?|imputations?|studies|practices|models?|plots?|%))",
    re.IGNORECASE,
)
# What stands before a number that counts nobody: a name of a thing, a bound, the call of a function.
_NO_COUNT_BEFORE = regex(
    r"(?:\b(?:than|least|most|under|over|below|above|to|or|by|per|first|last|every|next|top|of|and|between|within"
    r"|type|stage|step|phase|wave|dose|tier|table|figure|fig|section|group|week|month|day|year|age|aged|part|version"
    r"|issue|pr|ckd|grade|level|model|cohort|outcome|round|priority|option|appendix|quarter|q|batch|study|aim)"
    r"|[<>=\N{LESS-THAN OR EQUAL TO}\N{GREATER-THAN OR EQUAL TO}#])\s*$|\w\([^()]*$",
    re.IGNORECASE,
)


def _in_message(text: str, threshold: int) -> Iterator[Claim]:
    if states_people(text, threshold):
        yield (
            Severity.MEDIUM,
            Confidence.MEDIUM,
            "a message states a small number of people; who reads it learns the count",
        )
    if any(_small_counts(_N_EQUALS, text, threshold)):
        yield (
            Severity.LOW,
            Confidence.LOW,
            "a message states a small n; it may be a count of people",
        )
    yield from _labelled_numbers(text, "a message")


def states_people(text: str, threshold: int) -> bool:
    """Say whether words count people, and no more of them than `threshold`: `only 3 patients died`."""
    if any(_small_counts(_COUNTED, text, threshold)):
        return True
    return any(_small_counts(_ONE_PATIENT, text, 1))


def _small_counts(pattern: re.Pattern[str], text: str, threshold: int) -> Iterator[bool]:
    for found in pattern.finditer(text):
        word = found["count"].lower()
        count = int(word) if word.isdecimal() else _NUMBER_WORDS.get(word, 1)
        before = text[max(0, found.start() - 40) : found.start()]
        if 1 <= count <= threshold and not _NO_COUNT_BEFORE.search(before):
            yield True


_LABELLED_NHS = regex(
    r"\b(?:nhs|chi)[ _-]?(?:number|num|no|id)?[ _.:=#-]{0,3}(?P<number>\d{3}[ -]?\d{3}[ -]?\d{4})(?!\d)",
    re.IGNORECASE,
)
_LABELLED_PATIENT = regex(
    r"\b(?:pseudo[ _-]?|nhs[ _-]?)?(?:patient|person|pat)[ _-]?(?:ids?|no|number)[ _.:=#-]{1,3}"
    r"(?P<number>\d{4,19}|(?=[a-f]*\d)[0-9a-f]{16,128})(?![\w.])",
    re.IGNORECASE,
)
_PATIENT_IN_NAME = regex(
    r"(?:^|[/_. -])(?:patient|person|pat)[_-]?(?:id|no)?[_-]?(?P<number>\d{5,19})(?=[/_. -]|$)",
    re.IGNORECASE,
)
_DATE_LIKE = regex(r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])?(?:[0-2]\d|3[01])?\d{0,6}|\d{4}(?:19|20)\d\d")
_TEN_DIGITS = regex(r"(?<!\d)[3467]\d{9}(?!\d)")  # ranges given to patients since 1996


def _labelled_numbers(text: str, where: str) -> Iterator[Claim]:
    for found in _LABELLED_NHS.finditer(text):
        if is_nhs_number(found["number"]) and not is_test_nhs_number(found["number"]):
            message = f"{where} holds a number labelled as an NHS number, with a valid check digit"
            yield Severity.MEDIUM, Confidence.HIGH, message
    for found in _LABELLED_PATIENT.finditer(text):
        if not _DATE_LIKE.fullmatch(found["number"]):
            message = f"{where} holds a number labelled as a patient's"
            yield Severity.MEDIUM, Confidence.MEDIUM, message


def _in_name(name: str) -> Iterator[Claim]:
    path = name.encode("utf-8", "surrogateescape")
    if is_codelist_path(path) or is_dummy_path(path):
        return
    yield from _labelled_numbers(name, "a name")
    numbers = (found["number"] for found in _PATIENT_IN_NAME.finditer(name))
    if any(not _DATE_LIKE.fullmatch(number) for number in numbers):
        yield Severity.MEDIUM, Confidence.MEDIUM, "a name holds a number labelled as a patient's"
    if any(is_nhs_number(found[0]) for found in _TEN_DIGITS.finditer(name)):
        message = (
            "a name holds ten digits with the check digit of an NHS number (one in eleven has)"
        )
        yield Severity.LOW, Confidence.LOW, message
