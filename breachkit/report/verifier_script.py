"""The one-file verifier: the script that a clone holder runs, with the list inside."""

import importlib.resources

import breachkit
from breachkit.actions.clone_list import CloneList


def verifier_script(wanted: CloneList) -> bytes:
    """Write the script for a list. It holds old ids: for clone holders only."""
    template = importlib.resources.files("breachkit.report").joinpath("verifier.sh")
    values = {
        "VERSION": breachkit.__version__,
        "TOKEN": wanted.token,
        "ROUND": str(wanted.round),
        "SEED": wanted.seed,
        "CHECK": wanted.check,
        "LIST": wanted.text.removesuffix("\n"),
    }
    text = template.read_text(encoding="ascii")
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    return text.encode("ascii")
