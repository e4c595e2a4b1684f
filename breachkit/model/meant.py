"""What somebody may have meant who mistyped a name: said, and never done by itself."""

import re
from collections.abc import Iterable


_NOT_SAID = re.compile(r"[^0-9a-z]|(?<![0-9])0+(?=[0-9])")
"""What people leave out of an id: hyphens, and the noughts before a number."""


def meant(word: str, known: Iterable[str], *, near: float = 0.75) -> str:
    """Give ` Did you mean K-031?` for the end of a message; empty where nothing is like the word.

    Args:
        word: What was typed.
        known: What there is.
        near: How alike two words have to be, from 0 to 1 for the same.
    """
    found = nearest(word, known, near=near)
    return f" Did you mean {found}?" if found else ""


def nearest(word: str, known: Iterable[str], *, near: float = 0.75) -> str | None:
    """Give the name that is most like a word; None where none is; otherwise as `meant`."""
    import difflib  # only a mistake needs it

    names: dict[str, str] = {}
    for name in known:
        names.setdefault(name.lower(), name)
    bare = _bare(word)
    same = next((name for name in names.values() if bare and _bare(name) == bare), None)
    if same is not None:
        return same
    alike = difflib.get_close_matches(word.lower(), names, n=1, cutoff=near)
    return names[alike[0]] if alike else None


def _bare(name: str) -> str:
    return _NOT_SAID.sub("", name.lower())
