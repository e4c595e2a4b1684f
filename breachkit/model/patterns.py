"""Regular expressions that are compiled when they are first used.

Compiling all that the rules and readers know takes a third of the time that loading them does, and
the files of one history ask for half of them. A worker compiles what its own files ask for.
"""

import re
from typing import TYPE_CHECKING, Any


__all__ = ["regex"]

if TYPE_CHECKING:
    from re import compile as regex
else:

    def regex(pattern, flags=0):
        """As `re.compile`, but a mistake in the expression is found when it is first used."""
        return _Waiting(pattern, flags)


_METHODS = ("search", "match", "fullmatch", "findall", "finditer", "sub", "subn", "split")
_FACTS = ("pattern", "flags", "groups", "groupindex", "scanner")


class _Waiting:
    """Becomes, for whoever uses it, the expression it stands for."""

    def __init__(self, pattern: Any, flags: int) -> None:
        self._waiting = pattern, flags

    def __getattr__(self, name: str) -> Any:
        if name not in _METHODS and name not in _FACTS:
            raise AttributeError(f"a regular expression has no {name!r}")
        compiled = re.compile(*self._waiting)
        for known in (*_METHODS, *_FACTS):
            setattr(self, known, getattr(compiled, known))
        return getattr(compiled, name)

    def __repr__(self) -> str:
        return f"regex{self._waiting!r}"
