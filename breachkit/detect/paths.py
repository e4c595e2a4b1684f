"""What the paths of a file say against results about patients.

Every path must say so: a copy under another name is judged by that name. A file without a path says
nothing.
"""

from breachkit.detect.rule import FileContext
from breachkit.documents.kinds import is_codelist_path, is_dummy_path


def is_codelist(context: FileContext) -> bool:
    """Say whether a file is a list of codes."""
    return bool(context.paths) and all(map(is_codelist_path, context.paths))


def is_invented(context: FileContext) -> bool:
    """Say whether a file calls its data invented."""
    return bool(context.paths) and all(map(is_dummy_path, context.paths))


def describes_nobody(context: FileContext) -> bool:
    """Say whether a file is invented under each of its names, or a list of codes."""
    paths = context.paths
    return bool(paths) and all(is_dummy_path(path) or is_codelist_path(path) for path in paths)
