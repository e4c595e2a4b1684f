"""Shortcuts of Windows are read, and what is left of them or stands behind them is named as unread."""

import pytest

from breachkit.documents.readers import read
from breachkit.documents.table import Text, TextKind, Unreadable
from tests.support.shortcuts import FOLDER, shortcut


@pytest.mark.parametrize("content", [shortcut(), shortcut(wide=False), shortcut(items=b"x" * 30)])
def test_the_paths_in_a_shortcut_are_read(content):
    [found] = read(content, [b"flu - Shortcut.lnk"])

    assert isinstance(found, Text)
    assert found.kind is TextKind.HIDDEN
    assert FOLDER in found.text
    assert "bloggs-laptop" in found.text


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (shortcut()[:-30], "shortcut: cut off before its end"),
        (shortcut()[:60], "shortcut: cut off before its end"),
        (shortcut() + b"ageband,n", "shortcut: goes on behind its end"),
        (shortcut() + bytes(1 << 20), "shortcut: too large for one"),
    ],
)
def test_what_is_no_whole_shortcut_is_unread(content, reason):
    assert read(content, [b"flu - Shortcut.lnk"]) == (Unreadable(reason),)
