"""Starts `man` on a page; nothing else of this package starts a program that is not git."""

import subprocess
from pathlib import Path


def run_man(file: Path) -> bool:
    """Let a person read a page in the program `man`, and say whether it did so.

    Args:
        file: The page, by its whole path: man takes what holds a slash for a file.
    """
    return subprocess.run(["man", str(file)], check=False).returncode == 0
