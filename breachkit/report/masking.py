"""What no report may show although it is only a name: identifiers, object ids, passwords.

A file named after a patient is itself the evidence. Its digits are masked wherever a report would
show them: in its own path, in that of any other object with the same name, in the name of a ref
or of an archive's member. Object ids stand in the names of some refs (`refs/tags/fetched/<id>`) and
in what git complains about; reports for people leave them out.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from breachkit.model.findings import Finding, ScanResult
from breachkit.model.ids import display


_DIGIT = re.compile(r"\d")
_HEXADECIMAL = re.compile(r"(?=[0-9a-f]*\d)[0-9a-f]{16,}", re.IGNORECASE)
"""A pseudonym, as some platforms give them; its letters identify as well as its digits."""
_STRETCH = re.compile(r"\d(?:[\d\s._-]*\d)?")
"""Digits as one number, whether written together or in groups (`943 476 5919`)."""
_WINDOW = 5
"""Numbers that share so many digits in a row are taken for the same identifier."""
_USER_INFO = re.compile(r"(?<=://)[^/\s]*@")
_OBJECT_ID = re.compile(
    r"\b[0-9a-f]{2}/[0-9a-f]{38}(?:[0-9a-f]{24})?\b"  # a loose object's file
    r"|(?<![0-9a-f])(?:[0-9a-f]{64}|[0-9a-f]{40})(?![0-9a-f])"
)
_SHORT_ID = re.compile(r"(?<![0-9A-Za-z])(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{7,40}(?![0-9A-Za-z])")


_TRAILER = re.compile(r"(opensafely-released-from\s*:\s*)[^\r\n]+", re.IGNORECASE)
PROVENANCE_MASK = "(host and folder masked)"
"""Stands where a release trailer named a computer."""


@dataclass(frozen=True, slots=True)
class Masking:
    """Knows which names of one scan are evidence, and masks them."""

    _paths: frozenset[bytes]
    _windows: frozenset[str]
    _pseudonyms: frozenset[str]
    _hides_ids: bool
    _shown: dict[bytes, str] = field(default_factory=dict, repr=False, compare=False)
    """What was shown before: a few names of refs stand with every finding of a history."""
    _lists: dict[Sequence[bytes], Sequence[str]] = field(
        default_factory=dict, repr=False, compare=False
    )
    """The same of whole lists: what was in one commit is under the same hundreds of refs."""

    @classmethod
    def of(cls, result: ScanResult, *, object_ids: bool = False) -> "Masking":
        """Collect the names that are evidence in a scan.

        Args:
            result: What the scan said.
            object_ids: Whether the report may show object ids.
        """
        return cls.of_names(evidence_in_names(result), object_ids=object_ids)

    @classmethod
    def of_names(cls, names: Iterable[bytes], *, object_ids: bool = False) -> "Masking":
        """Make a masking for paths and refs that are known to be evidence; see `of`."""
        paths = frozenset(names)
        texts = [path.decode("utf-8", "surrogateescape") for path in paths]
        numbers = (number for text in texts for number in _STRETCH.findall(text))
        return cls(
            paths,
            frozenset(window for number in numbers for window in _windows(number)),
            frozenset(name.lower() for text in texts for name in _HEXADECIMAL.findall(text)),
            not object_ids,
        )

    def mask(self, raw: bytes) -> bytes:
        """Give a path or ref with everything masked that must not be shown; else unchanged."""
        text = raw.decode("utf-8", "surrogateescape")
        masked = _DIGIT.sub("#", _hide(_HEXADECIMAL, text)) if raw in self._paths else text
        masked = self._evidence_hidden(masked)
        if self._hides_ids and raw.startswith(b"refs/"):
            masked = _SHORT_ID.sub("(id)", _OBJECT_ID.sub("(id)", masked))
        return masked.encode("utf-8", "surrogateescape")

    def shown(self, raw: bytes) -> str:
        """Give a path or ref masked and on one line, as `model.ids.display` shows it."""
        known = self._shown.get(raw)
        if known is None:
            known = self._shown[raw] = display(self.mask(raw))
        return known

    def all_shown(self, names: tuple[bytes, ...]) -> list[str]:
        """Give paths or refs as `shown` gives each."""
        known = self._lists.get(names)
        if known is None:
            known = self._lists[names] = tuple(map(self.shown, names))
        return list(known)

    def text(self, text: str) -> str:
        """Give a label or message with every identifier masked that some file's name holds."""
        masked = self._evidence_hidden(text)
        return _OBJECT_ID.sub("(id)", masked) if self._hides_ids else masked

    def hides(self, raw: bytes) -> bool:
        """Say whether `mask` changes this path."""
        return self.mask(raw) != raw

    def target(self, target: str) -> str:
        """Give what was scanned, without the password or token that its address may hold."""
        return self.text(_USER_INFO.sub("***@", target))

    def _evidence_hidden(self, text: str) -> str:
        if self._pseudonyms:
            text = _HEXADECIMAL.sub(self._mask_pseudonym, text)
        return _STRETCH.sub(self._mask_number, text) if self._windows else text

    def _mask_pseudonym(self, match: re.Match[str]) -> str:
        name = match.group()
        return "#" * len(name) if name.lower() in self._pseudonyms else name

    def _mask_number(self, match: re.Match[str]) -> str:
        number = match.group()
        known = any(window in self._windows for window in _windows(number))
        return _DIGIT.sub("#", number) if known else number


def mask_provenance(text: str) -> str:
    """Give a text with host and folder of every release trailer masked.

    The trailer of a release, `Opensafely-released-from: host:folder`, names a computer inside a
    secure environment. Source: `osrelease`, publisher/release.py.
    """
    return _TRAILER.sub(rf"\1{PROVENANCE_MASK}", text)


def evidence_in_names(result: ScanResult) -> frozenset[bytes]:
    """Give the paths and refs of a scan that are themselves the evidence. Not to be shown."""
    found = (path for each in result.everything for path in _evidence(each))
    return frozenset((*result.telling_names, *found))


def _hide(pattern: re.Pattern[str], text: str) -> str:
    return pattern.sub(lambda match: "#" * len(match.group()), text)


def _evidence(finding: Finding) -> tuple[bytes, ...]:
    return finding.attribution.paths if finding.masked_path else ()


def _windows(number: str) -> Iterator[str]:
    """Every run of `_WINDOW` digits in a number, in ASCII whatever script they are written in."""
    digits = "".join(str(int(digit)) for digit in _DIGIT.findall(number))
    for start in range(len(digits) - _WINDOW + 1):
        yield digits[start : start + _WINDOW]
