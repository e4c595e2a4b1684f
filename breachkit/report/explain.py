"""What a rule means: one rule in full, or all of them as a table."""

import textwrap
from collections.abc import Sequence
from typing import Any

from breachkit.detect.rule import About
from breachkit.report.escape import markdown


_WIDTH = 80
_SECTIONS = (
    ("Why it matters", "why"),
    ("Example (invented)", "example"),
    ("What to do", "remedy"),
    ("Source", "source"),
)


def about_text(about: About, *, width: int = _WIDTH) -> str:
    """Explain one rule for a terminal, wrapped at `width` columns."""
    head = [f"{about.id}: {about.title}", _usually(about)]
    sections = [f"{title}\n{_indented(text, width)}" for title, text in _sections(about)]
    return "\n\n".join(["\n".join(head), *sections]) + "\n"


def about_markdown(about: About) -> str:
    """Explain one rule as a section of a Markdown page."""
    head = f"## {about.id}: {markdown(about.title)}\n\n{_usually(about)}"
    sections = [f"**{title}.** {markdown(text)}" for title, text in _sections(about)]
    return "\n\n".join([head, *sections]) + "\n"


def about_json(about: About) -> dict[str, Any]:
    """Explain one rule as `breachkit.rule/1`."""
    return {
        "schema": "breachkit.rule/1",
        "id": about.id,
        "title": about.title,
        "severity": about.severity.label,
        "confidence": about.confidence.label,
        **{name: _paragraph(getattr(about, name)) for _, name in _SECTIONS},
    }


def rules_text(rules: Sequence[About]) -> str:
    """List all rules for a terminal, one a line, in the order of the registry."""
    lines = [f"{rule.id:<8}  {rule.severity.label:<8}  {rule.title}" for rule in rules]
    return "\n".join([f"{'rule':<8}  {'usually':<8}  finds", *lines]) + "\n"


def rules_json(rules: Sequence[About]) -> dict[str, Any]:
    """List all rules in full as `breachkit.rules/1`."""
    return {"schema": "breachkit.rules/1", "rules": [about_json(rule) for rule in rules]}


def _usually(about: About) -> str:
    return f"Usually {about.severity.label}, with {about.confidence.label} confidence."


def _sections(about: About) -> list[tuple[str, str]]:
    return [(title, _paragraph(getattr(about, name))) for title, name in _SECTIONS]


def _paragraph(text: str) -> str:
    return " ".join(text.split())


def _indented(text: str, width: int) -> str:
    return textwrap.fill(
        text,
        width,
        initial_indent="  ",
        subsequent_indent="  ",
        break_on_hyphens=False,
        break_long_words=False,
    )
