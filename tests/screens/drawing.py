"""Draws what a terminal shows: as SVG, which asks for nothing from anywhere, and from that as PNG."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from html import escape
from io import StringIO
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from tests.support.browsers import CHROMIUM


def _theme(background: str, foreground: str, normal: str, bright: str) -> TerminalTheme:
    def triplet(code: str) -> tuple[int, int, int]:
        red, green, blue = bytes.fromhex(code)
        return red, green, blue

    colours = ([triplet(each) for each in shades.split()] for shades in (normal, bright))
    return TerminalTheme(triplet(background), triplet(foreground), *colours)


THEMES: Mapping[str, TerminalTheme] = {
    "light": _theme(  # of GNOME's terminal, on white: its yellow is the paler sort
        "ffffff",
        "171421",
        "171421 c01c28 26a269 a2734c 12488b a347ba 2aa1b3 d0cfcc",
        "5e5c64 f66151 33d17a e9ad0c 2a7bde c061cb 33c7de ffffff",
    ),
    "dark": _theme(  # of the terminal in Visual Studio Code
        "1e1e1e",
        "cccccc",
        "000000 cd3131 0dbc79 e5e510 2472c8 bc3fbc 11a8cd e5e5e5",
        "666666 f14c4c 23d18b f5f543 3b8eea d670d6 29b8db e5e5e5",
    ),
}

_FORMAT = """<svg viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg" role="img">
<title>TITLE</title>
<style>
.{unique_id}-matrix {{ font-family: "DejaVu Sans Mono", Menlo, Consolas, monospace; \
font-size: {char_height}px; line-height: {line_height}px; font-variant-ligatures: none; }}
.{unique_id}-title {{ font-size: 18px; font-family: sans-serif; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""
_FETCHED = re.compile(r"""(?:https?:)?//(?!www\.w3\.org/2000/svg)|@import|@font-face|url\((?!#)""")
_NO_RATIO = re.compile(r"<svg viewBox=\"0 0 ([\d.]+) ([\d.]+)\"")


class FetchesError(AssertionError):
    """A picture asks for something that is not in it."""


def svg(shown: Text, *, title: str, columns: int, theme: str) -> str:
    """Draw a screen; the same one gives the same picture.

    Args:
        shown: Its lines.
        title: Of its window: the command, say.
        columns: How wide it is.
        theme: Of `THEMES`.
    """
    console = Console(
        record=True,
        width=columns,
        file=StringIO(),
        force_terminal=True,
        color_system="truecolor",
        legacy_windows=False,
        markup=False,
        emoji=False,
        highlight=False,
    )
    console.print(shown, no_wrap=True, overflow="ignore", crop=False, soft_wrap=True)
    drawn = console.export_svg(
        title=title, theme=THEMES[theme], code_format=_FORMAT, unique_id=f"screen-{theme}"
    )
    return drawn.replace("<title>TITLE<", f"<title>{escape(title)}<", 1)


def fetches(picture: str) -> list[str]:
    """Give what in a picture would ask for something elsewhere, text that is shown left aside."""
    return _FETCHED.findall(re.sub(r"<(text|title)\b.*?</\1>", "", picture, flags=re.DOTALL))


@contextmanager
def camera() -> Iterator[Any]:
    """Give a browser's tab, which takes pictures of what is drawn."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser.new_page(device_scale_factor=1)
        browser.close()


def png(tab: Any, picture: Path, *, columns: int) -> Path:
    """Take a picture of an SVG, beside it.

    Raises:
        FetchesError: it asked for anything.
    """
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    width, height = map(float, _NO_RATIO.findall(picture.read_text(encoding="utf-8"))[0])
    wide = columns * 10
    tab.set_viewport_size({"width": wide, "height": max(int(wide * height / width), 1)})
    tab.goto(picture.as_uri())
    if [url for url in asked if url != picture.as_uri()]:
        raise FetchesError(f"{picture.name} asks for something")
    file = picture.with_suffix(".png")
    tab.screenshot(path=file)
    return file
