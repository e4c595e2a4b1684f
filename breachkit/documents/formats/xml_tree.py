"""A tree out of XML that nobody vouches for: nothing is fetched, and no entity grows."""

from lxml import etree

from breachkit.documents.reader import NotReadError


Element = etree._Element  # noqa: SLF001 - the class of elements has no other name


def parse(content: bytes, *, most_tags: int, otherwise: str) -> tuple[Element, bool]:
    """Give the root of what could be read, and whether all of it was well-formed.

    Args:
        content: The text.
        most_tags: How many tags are read; so many take some 100 bytes each.
        otherwise: What to say where it has no element at all.

    Raises:
        NotReadError: it has more tags, or nothing in it is XML.
    """
    if content.count(b"<") > most_tags:
        raise NotReadError(f"more than {most_tags} tags")
    parser = etree.XMLParser(
        recover=True,
        no_network=True,
        load_dtd=False,
        resolve_entities="internal",  # type: ignore[arg-type] # the stubs know only bool
        huge_tree=False,
    )
    root = etree.fromstring(content, parser)
    if root is None:
        raise NotReadError(otherwise)
    return root, not any(entry.level >= etree.ErrorLevels.FATAL for entry in parser.error_log)
