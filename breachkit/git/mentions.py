"""Old ids in messages: "This reverts commit ..." and the like get the new id.

An old id lets anybody test a guess of what was redacted (a table of small counts has few), so none
may stay in a message of a commit that is made again.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from breachkit.model.ids import ObjectId


_WORD = re.compile(rb"\b[0-9a-f]{7,40}\b")
"""An object id or the start of one, as git and people write it. Source: git-filter-repo."""


class Mentions:
    """Finds ids that will be gone in texts.

    Args:
        gone: Ids of objects that will not be in the new history.
    """

    def __init__(self, gone: Iterable[ObjectId]) -> None:
        self._by_start: dict[bytes, list[ObjectId]] = defaultdict(list)
        for one in gone:
            self._by_start[one[:7].encode()].append(one)

    def find(self, text: bytes) -> Iterator[ObjectId]:
        """Give the ids that a text names, or may name by their start."""
        for word in _WORD.findall(text):
            yield from self._named(word)

    def translate(self, text: bytes, new_ids: Mapping[ObjectId, ObjectId]) -> bytes:
        """Put new ids in the place of old ones, as long as they were; zeros where there is none.

        Args:
            text: A message.
            new_ids: New id by old id of commits, as far as they are known.
        """

        def new(found: re.Match[bytes]) -> bytes:
            word = found[0]
            named = list(self._named(word))
            if not named:
                return word
            known = {new_ids.get(one) for one in named}
            only = known.pop() if len(known) == 1 else None
            return b"0" * len(word) if only is None else only.encode()[: len(word)]

        return _WORD.sub(new, text)

    def _named(self, word: bytes) -> Iterator[ObjectId]:
        start = word.decode("ascii")
        return (one for one in self._by_start.get(word[:7], ()) if one.startswith(start))
