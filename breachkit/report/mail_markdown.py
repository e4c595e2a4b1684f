"""The same text as Markdown: a document that people go on working with.

It is made from the text that was checked, so it holds nothing that the text does not.
"""

import re

from breachkit.report.escape import markdown


_LABELLED = re.compile(r"  (\S.{0,24}?) {2,}(\S.*)")
_ITEM = re.compile(r" *(?:- |([a-z\d]+)\. )(.*)")


def as_markdown(text: str) -> str:
    r"""Give a message's unwrapped text as Markdown, with `\n` at the end of lines."""
    return "\n".join(map(_line, text.rstrip("\n").split("\n"))) + "\n"


def _line(line: str) -> str:
    if not line.strip() or line.startswith("TLP:"):
        return line
    if line == line.upper() and not line.startswith(" "):
        return f"## {markdown(line.capitalize())}"
    if found := _LABELLED.fullmatch(line):
        return f"- **{markdown(found.group(1))}:** {markdown(found.group(2))}"
    if found := _ITEM.fullmatch(line):
        mark = f"{found.group(1)}. " if (found.group(1) or "").isdigit() else "- "
        return f"{mark}{markdown(found.group(2))}"
    return markdown(line.strip())
