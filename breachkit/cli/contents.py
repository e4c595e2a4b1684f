"""The list of commands: under what a person is doing, in the order of the runbook, each with its room.

A room is a module of this package. Only that of the command which runs is imported, so that more
commands make none of them start slower.
"""

from breachkit.model.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A command as `breachkit --help` lists it."""

    name: str
    room: str
    """The module of `breachkit.cli` that registers it."""
    line: str
    """What it is for: 62 characters at most, so that a terminal of 80 columns cuts and wraps none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Commands that somebody needs in the same situation."""

    title: str
    entries: tuple[Entry, ...]


def _section(title: str, *entries: tuple[str, str, str]) -> Section:
    return Section(
        title=title,
        entries=tuple(Entry(name=name, room=room, line=line) for name, room, line in entries),
    )


SECTIONS = (
    _section(
        "In an incident",
        ("respond", "respond", "Be led through all of it: asks, acts, proves, goes on"),
    ),
    _section(
        "The same by hand, in this order",
        ("open", "case", "Start the case: the clock and the journal run from here"),
        ("next", "standing", "At any time: the one thing to do now, as a command to paste"),
        ("status", "standing", "Where the case stands: one screen, with the 72-hour clock"),
        ("notify", "notify", "The e-mails: write them, check, send, and see who answered"),
        ("snapshot", "containment", "Write down what closing the repository destroys"),
        ("restrict", "containment", "Close it: private, outsiders out, keys and hooks off"),
        ("scope", "removal", "Find everything that holds the data, in the whole history"),
        ("rewrite", "removal", "Take it out of the history, in a private mirror, with proof"),
        ("push", "removal", "Replace the server's history by the rewritten one"),
    ),
    _section(
        "Proof, and every copy",
        ("verify", "removal", "Is it gone? From the mirror, a fresh clone, and the server"),
        ("trace", "copies", "Find who and what else has a copy"),
        ("copies", "copies", "The register of copies: each one asked for, and proven gone"),
        ("verifier", "clones", "Write the one-file script with which a holder proves a clone"),
        ("verify-clone", "clones", "Prove one clone clean, on this machine"),
        ("guard", "guard", "Stop it coming back: hooks and a CI workflow that refuse it"),
        ("restore", "containment", "Give access back as it was, once all of it is gone"),
    ),
    _section(
        "The record",
        ("checklist", "checklist", "What is to do, who does it, by when, and what shows it"),
        ("decide", "deciding", "Write down what somebody decided, by name and with a reason"),
        ("approve", "deciding", "Write down that a second person agrees to push or restore"),
        ("amend", "case", "Correct what a case was opened with, or add to it"),
        ("evidence", "evidence", "Keep what was collected, and whose hands it went through"),
        ("log", "log", "The journal: show it, check it, anchor it, export it"),
        ("report", "report", "What happened: for the team, the DPO, or the public"),
        ("close", "case", "End the case: when all is done, or as a false alarm"),
    ),
    _section(
        "Before a release",
        ("check", "check", "Is this folder safe to release? If not, which cell, and why"),
        ("redact", "redact", "Take out of tables what may not be released"),
        ("request", "request", "Fill in the release request from the folder"),
        ("release", "release", "Publish the checked files to the study repository"),
    ),
    _section(
        "Every night, or at any time",
        ("scan", "scan", "Is this repository's whole history safe?"),
        ("sweep", "sweep", "Scan all repositories of an organisation; report what is new"),
        ("watch", "containment", "Is it still closed, and does the data come back? For cron"),
        ("accept", "accept", "Let a finding stay: by name, with a reason, for a time"),
        ("explain", "explain", "What a rule, an exit code or a checklist item means"),
    ),
    _section(
        "Set-up and practice",
        ("drill", "drill", "Practise the whole response: offline, in under two minutes"),
        ("doctor", "doctor", "Is everything here that a response needs? How is it mended?"),
        ("config", "config", "Which settings are in force and why; defaults of your own"),
        ("playbook", "playbook", "What your organisation decided: rules, contacts, texts"),
        ("man", "man", "The manual: one page for each command, to read or to install"),
    ),
)
"""In the order in which they are shown, and needed."""

ENTRIES = {entry.name: entry for section in SECTIONS for entry in section.entries}
"""Every command by its name."""
