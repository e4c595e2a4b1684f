"""A report as one page that stands alone: nothing is loaded from anywhere, and no script is needed."""

import functools
import re

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from breachkit.report.incident_document import (
    Block,
    Bullets,
    Code,
    Document,
    Facts,
    Name,
    Paragraph,
    Picture,
    Span,
    Strong,
    Table,
)


_TEMPLATE = "incident_page.html.j2"
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}|\d{2}:\d{2} UTC")


def to_html(document: Document) -> str:
    """Give a report as a page; every text in it is escaped by the template engine."""
    return _environment().get_template(_TEMPLATE).render(document=document)


@functools.cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("breachkit", "report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["kind"] = _kind
    environment.filters["drawn"] = _drawn
    environment.filters["timed"] = _timed
    return environment


def _kind(thing: "Block | Span") -> str:
    """Say what a block or a piece of text is, for the template."""
    kinds: dict[type, str] = {
        str: "text",
        Name: "name",
        Strong: "strong",
        Code: "code",
        Paragraph: "paragraph",
        Bullets: "bullets",
        Facts: "facts",
        Table: "table",
        Picture: "picture",
    }
    return kinds[type(thing)]


def _timed(text: str) -> Markup:
    """Mark the dates of our own words as such, so that none is broken over two lines."""
    return Markup(_DATE.sub(r"<time>\g<0></time>", str(escape(text))))  # noqa: S704 - escaped here


def _drawn(picture: Picture) -> Markup:
    """Let a picture through as it is: whatever text it holds was escaped when it was drawn."""
    return Markup(picture.svg)  # noqa: S704 - see above
