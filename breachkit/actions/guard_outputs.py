"""What a guard knows of outputs: which folders they are in, and which files were checked. Plain data.

Files that were checked are on their way to the public, so that their ids tell nothing that is not
to be told; the list lies in the git directory all the same, for it is of one copy alone.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from breachkit.actions.guarding import NoGuardListError
from breachkit.model.ids import ObjectId


FOLDERS = (
    "^released?[^/]*/|^redacted_outputs/|(^|/)outputs?/|(^|/)released[_-](outputs?|results?)[^/]*/"
    "|(^|/)(post_check|redacted|results?)/"
)
"""Where outputs are, as `documents.kinds.is_output_path` says it: an extended regular expression for
names in lower case, as every `awk` reads it."""

_ID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_HEAD = "# breachkit guard: files that were checked, and may be committed where outputs are."


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedFiles:
    """The files that were checked, by their ids in git."""

    ids: frozenset[ObjectId] = frozenset()

    @property
    def text(self) -> str:
        """The list as it is stored: a line each, and the number of them last."""
        lines = (_HEAD, *sorted(self.ids), f"# end {len(self.ids)}")
        return "".join(f"{line}\n" for line in lines)

    def with_more(self, ids: Iterable[ObjectId]) -> Self:
        """Give the list with more of them."""
        return type(self)(ids=self.ids | frozenset(ids))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a list.

        Raises:
            NoGuardListError: it is none, or not the whole of one.
        """
        lines = text.splitlines()
        ids = [line for line in lines if line and not line.startswith("#")]
        is_whole = lines[:1] == [_HEAD] and lines[-1:] == [f"# end {len(ids)}"]
        if not is_whole or not all(map(_ID.fullmatch, ids)):
            raise NoGuardListError(
                "the list of checked outputs is missing or not whole: run `breachkit guard install . "
                "--outputs`, and `breachkit guard allow` for what was checked"
            )
        return cls(ids=frozenset(map(ObjectId, ids)))
