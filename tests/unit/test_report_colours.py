"""Every style can be read on a light and on a dark terminal."""

import pytest
from rich.style import Style

from breachkit.report import colours
from tests.screens.drawing import THEMES


LEAST = 3.0
"""Contrast of large or bold letters. Source: WCAG 2.1, 1.4.3."""
STYLES = [
    *(colours.RED, colours.AMBER, colours.ALARM, colours.GOOD),
    *(style for style in colours.SEVERITIES.values() if style),
]


def luminance(triplet):
    parts = (part / 255 for part in triplet)
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("style", sorted(set(STYLES)))
def test_letters_stand_out_from_what_is_behind_them(style, theme):
    parsed, palette = Style.parse(style), THEMES[theme]
    front = parsed.color.get_truecolor(palette) if parsed.color else palette.foreground_color
    back = parsed.bgcolor.get_truecolor(palette) if parsed.bgcolor else palette.background_color

    lighter, darker = sorted((luminance(front), luminance(back)), reverse=True)

    assert (lighter + 0.05) / (darker + 0.05) >= LEAST
