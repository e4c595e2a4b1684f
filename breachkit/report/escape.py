"""Untrusted text made safe for the place where it is shown: one function for each place.

Names of repositories, paths, refs, authors and free text come from strangers. None of these
functions fails on any text (`shell` excepted: a NUL cannot be an argument); each gives one line.
"""

import html as _html
import re
import shlex
import unicodedata

from breachkit.model.ids import display
from breachkit.model.patterns import regex


_MARKDOWN_SPECIAL = regex(r"([\\`*_{}\[\]<>|~&$])")
_MARKDOWN_BLOCK = regex(r"^(\s*)(#|[-+=]|\d+[.)])")
_MARKDOWN_LINK = regex(r"(?<=[A-Za-z]):(?=/)|:(?=[A-Za-z+_-])|(?<=www)\.", re.IGNORECASE)
_MENTION = regex(r"(?<![0-9A-Za-z])(@)(?=[0-9A-Za-z])")
_REFERENCE = regex(r"(#|[Gg][Hh]-)(?=[0-9])")
_FORMULA_START = frozenset(
    "=+-@\t\r\n|%\uff1d\uff0b\uff0d\uff20"
)  # the last four: full-width forms
_HEADER_BREAKERS = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_SHOWN_AS_IT_IS = frozenset("\\\n")


def terminal(text: bytes | str) -> str:
    """Show `text` in a terminal, a log or a plain-text file: nothing in it acts, nothing hides."""
    return display(text)


def shown(text: str) -> str:
    """Give what was made safe to show before, safe whatever it is: its escapes stay as they are."""
    return "\\".join(map(display, text.split("\\")))


def json_text(text: str) -> str:
    """Give JSON with every character escaped, as JSON does it, that a terminal or a reader could misread.

    What a machine reads stays the same: such characters stand within its strings alone.
    """
    if text.isascii() and "\x7f" not in text:
        return text
    return "".join(
        each if each == "\n" or each.isprintable() else _escape_json(each) for each in text
    )


def _escape_json(character: str) -> str:
    code = ord(character)
    if code <= 0xFFFF:
        return f"\\u{code:04x}"
    high, low = divmod(code - 0x10000, 0x400)
    return f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"


def markdown(text: bytes | str) -> str:
    """Show `text` inside a Markdown paragraph, list item or table cell.

    Characters with a meaning are escaped where they have it. `@name` and `#12` would notify a
    stranger or link to a pull request on GitHub even when escaped, so an empty comment parts them.
    """
    return markdown_shown(display(text))


def markdown_shown(text: str) -> str:
    """Give what is safe to show already as Markdown, as `markdown` does; for a name that was cut."""
    escaped = _MARKDOWN_SPECIAL.sub(r"\\\1", text)
    escaped = _MARKDOWN_LINK.sub(lambda match: f"\\{match.group()}", escaped)
    escaped = _MARKDOWN_BLOCK.sub(_not_a_block, escaped)
    return _REFERENCE.sub(r"\1<!-- -->", _MENTION.sub(r"\1<!-- -->", escaped))


def html(text: bytes | str) -> str:
    """Show `text` as the content of an HTML element or of a quoted attribute."""
    return _html.escape(display(text), quote=True)


def html_shown(text: str) -> str:
    """Give what is safe to show already as HTML, as `html` does."""
    return _html.escape(shown(text), quote=True)


def csv_cell(text: bytes | str) -> str:
    """Give `text` as the content of a CSV cell that no spreadsheet runs as a formula.

    The delimiters are the CSV writer's business; write with all cells quoted.
    Source: OWASP, "CSV injection".
    """
    shown = display(text)
    first = shown.lstrip()[:1]
    return f"'{shown}" if first in _FORMULA_START and first else shown


def mail_header(text: bytes | str) -> str:
    """Give `text` as the value of a mail header: one line, no control or invisible character.

    `email.message` refuses line breaks (VT, FF, FS, NEL and U+2028 too) and passes NUL and DEL.
    """
    decoded = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return " ".join("".join(map(_header_character, decoded)).split())


def shell(text: bytes | str) -> str:
    """Quote `text` as exactly one word for a POSIX shell; the quoted form is safe to print.

    What a terminal would act on is written by `printf` in octal. Put `--` before the word where
    a leading dash could be read as an option.

    Raises:
        ValueError: `text` holds a NUL, which no argument can.
    """
    raw = text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape")
    if b"\0" in raw:
        raise ValueError("an argument cannot hold a NUL: name the file in another way")
    decoded = raw.decode("utf-8", "surrogateescape")
    if all(_is_shown_unchanged(character) for character in decoded):
        return shlex.quote(decoded)
    body = decoded.rstrip("\n")  # $(...) drops newlines at the end: they stand behind it
    newlines = decoded[len(body) :]
    return f"\"$(printf '{''.join(map(_printf_character, body))}'){newlines}\""


def _not_a_block(match: re.Match[str]) -> str:
    """Keep the start of a text from starting a heading, a list or a rule."""
    space, mark = match.groups()
    return f"{space}{mark[:-1]}\\{mark[-1]}"


def _header_character(character: str) -> str:
    return " " if unicodedata.category(character) in _HEADER_BREAKERS else character


def _is_shown_unchanged(character: str) -> bool:
    return character in _SHOWN_AS_IT_IS or display(character) == character


def _printf_character(character: str) -> str:
    if character.isascii() and character.isalnum():
        return character
    return "".join(f"\\{byte:03o}" for byte in character.encode("utf-8", "surrogateescape"))
