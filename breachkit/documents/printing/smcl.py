"""Stata's log markup (SMCL) to what Stata shows on its screen.

Source: Stata's manual, [P] smcl: directives stand in braces; `{c |}` and the like draw frames,
`{hline 13}`, `{space 3}`, `{col 20}` and `{ralign 12:text}` lay out.
"""

import re

from breachkit.model.patterns import regex


_SIGN = "{smcl}"
_DIRECTIVE = regex(r"\{([^{}\n]{1,400})\}")
_CHARACTERS = {
    "|": "|", "-": "-", "+": "+", "TT": "+", "BT": "+", "LT": "+", "RT": "+", "TLC": "+", "TRC": "+",
    "BLC": "+", "BRC": "+", "-(": "{", ")-": "}", "S|": "$", "'g": "`",
}  # fmt: skip
_ALIGNED = regex(r"(ralign|lalign|center|centre) (\d{1,3}):(.*)")
_REPEATED = regex(r"(hline|space|dup) ?(\d{1,3})(?::(.{0,9}))?")
_MARKED = regex(
    r"(?:txt|text|res|result|err|error|inp|input|com|cmd|bf|it|sf|ul|hi|hilite|bind|opt)\s*:(.*)"
)
_WIDTH = 78
_DEEPEST = 4
"""Directives stand within directives seldom, and hardly deeper."""


def is_smcl(text: str) -> bool:
    """Say whether text is a log in Stata's markup."""
    return _SIGN in text[:200]


def plain(text: str) -> str:
    """Give what Stata shows of a log in its markup."""
    return "\n".join(map(_plain_line, text.split("\n")))


def _plain_line(line: str) -> str:
    for _ in range(_DEEPEST):
        if "{" not in line:
            break
        line = _DIRECTIVE.sub(_shown, line)
    return _columns(line) if "\0" in line else line.replace("\1", "{").replace("\2", "}")


def _shown(found: re.Match[str]) -> str:
    inner = found[1]
    if inner[:2] == "c ":
        drawn = _CHARACTERS.get(inner[2:].strip(), " ")
        return {"{": "\1", "}": "\2"}.get(drawn, drawn)
    if inner == "hline":
        return "-" * _WIDTH
    if inner.startswith("col "):
        return f"\0{inner[4:].strip()}\0"
    for pattern, made in ((_ALIGNED, _aligned), (_REPEATED, _repeated)):
        if match := pattern.fullmatch(inner):
            return made(match)
    marked = _MARKED.fullmatch(inner)
    return marked[1] if marked else ""


def _aligned(found: re.Match[str]) -> str:
    way, width, text = found[1], int(found[2]), found[3]
    if way == "ralign":
        return text.rjust(width)
    return text.ljust(width) if way == "lalign" else text.center(width)


def _repeated(found: re.Match[str]) -> str:
    signs = {"hline": "-", "space": " "}
    return signs.get(found[1], found[3] or " ") * int(found[2])


def _columns(line: str) -> str:
    """Pad to the columns, counted from 1, that `{col n}` names."""
    first, *rest = line.replace("\1", "{").replace("\2", "}").split("\0")
    made = first
    for number, text in zip(rest[::2], rest[1::2], strict=False):
        made = made.ljust(int(number) - 1 if number.isdecimal() and len(number) < 4 else 0) + text
    return made
