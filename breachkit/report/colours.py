"""The few styles that all screens share, as rich knows them.

Each can be read on a dark and on a light background: yellow and bright colours are never those of
letters. A colour never says what no word says.
"""

from breachkit.model.findings import Severity


RED = "bold white on red"
"""A badge."""
AMBER = "bold black on yellow"
ALARM = "bold red"
GOOD = "green"
BADGE = "bold reverse"
STRONG = "bold"
FAINT = "dim"

SEVERITIES = {
    Severity.CRITICAL: RED,
    Severity.HIGH: ALARM,
    Severity.MEDIUM: AMBER,
    Severity.LOW: "",
    Severity.INFO: FAINT,
}
