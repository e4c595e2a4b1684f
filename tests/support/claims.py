"""Tests that are named in a table: whether they are there, and which numbers their names carry."""

import ast
import functools
import re
from pathlib import Path


TESTS = Path(__file__).parents[1]


@functools.cache
def functions(file: str) -> frozenset[str]:
    """Give the names of the tests in a file, by its path under `tests`."""
    tree = ast.parse((TESTS / file).read_text("utf-8"))
    names = (node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
    return frozenset(name for name in names if name.startswith("test_"))


def numbers(name: str, beginning: str) -> frozenset[int]:
    """Give the numbers that the name of a test begins with, such as 3 and 9 of `test_t03_t09_notes`.

    Args:
        name: Of the test.
        beginning: A regular expression for what stands right after `test`, with the numbers in it.
    """
    found = re.match(f"test({beginning})_", name)
    return frozenset(map(int, re.findall(r"\d+", found[1]))) if found else frozenset()
