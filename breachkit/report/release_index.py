"""The table of contents of released files, as the study repository shows it: `README.md`."""

from collections.abc import Iterable
from urllib.parse import quote

from breachkit.model.ids import GitPath
from breachkit.report.escape import markdown


def index_of(paths: Iterable[GitPath]) -> bytes:
    """Write the table of contents.

    Args:
        paths: Of the files, within the folder that it lies in.

    Returns:
        Markdown, UTF-8. Names are escaped and links are percent-encoded, whatever their bytes.
    """
    lines = [f"* [{markdown(path)}]({quote(path)})" for path in sorted(paths)]
    return "\n".join(["# Table of contents", "", *lines, ""]).encode()
