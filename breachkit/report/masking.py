"""What no report may show although it is only a name: identifiers in names, secrets in addresses.

A file named after a patient is itself the evidence. Its digits are masked wherever a report would
show them: in its own path, in that of any other object with the same name, in the name of a ref
or of an archive's member.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from breachkit.model.findings import Finding, ScanResult


_DIGIT = re.compile(r"\d")
_STRETCH = re.compile(r"\d(?:[\d\s._-]*\d)?")
"""Digits as one number, whether written together or in groups (`943 476 5919`)."""
_WINDOW = 6
"""Numbers that share so many digits in a row are taken for the same identifier."""
_USER_INFO = re.compile(r"(?<=://)[^/\s]*@")


@dataclass(frozen=True, slots=True)
class Masking:
    """Knows which names of one scan are evidence, and masks them."""

    _paths: frozenset[bytes]
    _windows: frozenset[str]

    @classmethod
    def of(cls, result: ScanResult) -> "Masking":
        """Collect the names that are evidence from all findings of a scan."""
        paths = frozenset(path for finding in result.findings for path in _evidence(finding))
        texts = (path.decode("utf-8", "surrogateescape") for path in paths)
        numbers = (number for text in texts for number in _STRETCH.findall(text))
        return cls(paths, frozenset(window for number in numbers for window in _windows(number)))

    def mask(self, raw: bytes) -> bytes:
        """Give a path or ref with the digits masked that must not be shown; otherwise unchanged."""
        text = raw.decode("utf-8", "surrogateescape")
        masked = _DIGIT.sub("#", text) if raw in self._paths else self.text(text)
        return masked.encode("utf-8", "surrogateescape")

    def text(self, text: str) -> str:
        """Give a label or message with every identifier masked that some file's name holds."""
        if not self._windows:
            return text
        return _STRETCH.sub(self._mask_number, text)

    def hides(self, raw: bytes) -> bool:
        """Say whether `mask` changes this path."""
        return self.mask(raw) != raw

    def target(self, target: str) -> str:
        """Give what was scanned, without the password or token that its address may hold."""
        return self.text(_USER_INFO.sub("***@", target))

    def _mask_number(self, match: re.Match[str]) -> str:
        number = match.group()
        known = any(window in self._windows for window in _windows(number))
        return _DIGIT.sub("#", number) if known else number


def _evidence(finding: Finding) -> tuple[bytes, ...]:
    return finding.attribution.paths if finding.masked_path else ()


def _windows(number: str) -> Iterator[str]:
    """Every run of `_WINDOW` digits in a number, in ASCII whatever script they are written in."""
    digits = "".join(str(int(digit)) for digit in _DIGIT.findall(number))
    for start in range(len(digits) - _WINDOW + 1):
        yield digits[start : start + _WINDOW]
