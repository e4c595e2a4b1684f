"""CODE-02: advice on code that makes disclosure likelier."""

import re
from collections.abc import Iterable, Iterator, Sequence

from breachkit.detect.rule import About, FileContext
from breachkit.documents.kinds import is_dummy_path
from breachkit.documents.looks import Look
from breachkit.documents.table import Text, TextKind
from breachkit.model.findings import Confidence, Hit, Severity
from breachkit.model.ids import GitPath
from breachkit.model.patterns import regex


class RiskyCode:
    """Points at disclosure control switched off, rows printed to logs, and outputs not ignored by git."""

    about = About(
        id="CODE-02",
        title="Code that makes a disclosure likelier",
        severity=Severity.INFO,
        confidence=Confidence.MEDIUM,
        why=(
            "Nothing is disclosed by the code itself. But measures without disclosure control "
            "write exact small counts, a data frame that is printed ends in a log which is "
            "released with the rest, and outputs that git does not ignore are one `git add .` "
            "away from being public."
        ),
        example=(
            "`measures.configure_disclosure_control(enabled=False)`, `small_number_suppression=False`, "
            "`print(df.head())`, `list in 1/10`, or a .gitignore that does not mention the "
            "folder of outputs."
        ),
        remedy=(
            "Leave disclosure control on except on dummy data, log numbers of rows in place of "
            "rows, and add `/output/*` and the data formats in use to .gitignore."
        ),
        source=(
            "OpenSAFELY ehrQL b5a7578 (2023-11-24) and cohort-extractor measures (2021-04-08); Log "
            "File Security Policy (2023); research-template .gitignore; documentation b6d31a9 (2023-06-20)"
        ),
    )

    def check_text(self, text: Text, context: FileContext) -> Iterable[Hit]:
        """Give at most one hit, which lists what there is."""
        if text.kind is not TextKind.PROSE or text.part == "message":
            return
        advice = tuple(_advice(text.text, context))
        if advice and not all(map(is_dummy_path, context.paths)):
            yield Hit(
                rule=self.about.id,
                severity=self.about.severity,
                confidence=self.about.confidence,
                message="; ".join(advice),
            )


_ENABLED = regex(r"configure_disclosure_control\(\s*enabled\s*=\s*False")
_SUPPRESSION = regex(r"small_number_suppression\s*=\s*False")
_ROWS = r"(?:head|tail|sample|to_string|to_markdown)\("
_PRINTS = {
    b".py": regex(
        rf"^[ \t]*print\((?:[^#\n]{{0,80}}\.{_ROWS}|(?:df|data|dataset|cohort|patients)\w{{0,20}}\))",
        re.MULTILINE,
    ),
    b".r": regex(
        r"^[ \t]*(?:print\((?:head|tail)\(|(?:head|tail|glimpse|View)\(\s*[\w.$]{1,60}\s*[,)]|print\((?:df|data|cohort)\w{0,20}\))",
        re.MULTILINE,
    ),
    b".do": regex(r"^[ \t]*(?:li|lis|list)\b[^\n]{0,80}?(?: in[ \t]+[125]| if )", re.MULTILINE),
}
_FRAME = ("print(df", "print(data", "print(cohort", "print(patients")
_NEEDED = {
    b".py": (*_FRAME, ".head(", ".tail(", ".sample(", ".to_string(", ".to_markdown("),
    b".r": (*_FRAME, "head(", "tail(", "glimpse(", "View("),
    b".do": ("li",),
}
"""Text that stands in the line in which the pattern begins to match: looking for it is quicker."""
_CONDITIONS = (" in 1", " in 2", " in 5", " if ")
"""Of which a Stata program that lists some rows holds one."""
_BEGINS = {
    **_PRINTS,
    b".r": regex(r"[ \t]*(?:print\((?:head|tail|df|data|cohort)|(?:head|tail|glimpse|View)\()"),
}
"""What such a line begins with, whatever the next one holds."""


def _lines_with(text: str, words: Sequence[str]) -> Iterator[int]:
    """Give where the lines begin that hold one of some words."""
    for word in words:
        at = text.find(word)
        while at >= 0:
            yield text.rfind("\n", 0, at) + 1
            end = text.find("\n", at)
            at = text.find(word, end) if end >= 0 else -1


def _begun(suffix: bytes) -> Look:
    begins, words = _BEGINS[suffix], _NEEDED[suffix]
    return Look(lambda text: (at for at in _lines_with(text, words) if begins.match(text, at)))


_MAY_PRINT = {suffix: _begun(suffix) for suffix in _PRINTS}
_SWITCHES = ("configure_disclosure_control", "small_number_suppression")
_MAY_SWITCH = Look(lambda text: _lines_with(text, _SWITCHES))
_IGNORES_OUTPUT = regex(r"^[ \t]*[^#!\s]{0,60}output", re.MULTILINE | re.IGNORECASE)
_IGNORES_ALL = regex(r"^[ \t]*/?\*{1,2}[ \t]*$", re.MULTILINE)


def _advice(text: str, context: FileContext) -> Iterator[str]:
    suffixes = {_suffix(path) for path in context.paths}
    if b".py" in suffixes:
        yield from _switched_off(text)
    if any(_prints_rows(text, suffix) for suffix in suffixes):
        yield "rows of data are printed, which end in a log"
    if b".gitignore" in context.paths and not _ignores_outputs(text):
        yield "the .gitignore does not keep outputs out of git"


def _switched_off(text: str) -> Iterator[str]:
    if not _MAY_SWITCH.may_hold(text):
        return
    if _ENABLED.search(text):
        yield "the disclosure control of measures is switched off"
    if _SUPPRESSION.search(text):
        yield "the suppression of small numbers in a measure is switched off"


def _suffix(path: GitPath) -> bytes:
    suffix = path[path.rfind(b".") :].lower()
    return b".r" if suffix in {b".rmd", b".qmd"} else suffix


def _prints_rows(text: str, suffix: bytes) -> bool:
    if suffix not in _PRINTS or not _MAY_PRINT[suffix].may_hold(text):
        return False
    if suffix == b".do" and not any(word in text for word in _CONDITIONS):
        return False
    prints = _PRINTS[suffix].match
    return any(prints(text, at) for at in _lines_with(text, _NEEDED[suffix]))


def _ignores_outputs(text: str) -> bool:
    return _IGNORES_OUTPUT.search(text) is not None or _IGNORES_ALL.search(text) is not None
