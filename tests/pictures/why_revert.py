"""Draws the README's picture of why a revert is not enough, with the code that draws reports' own.

    PYTHONPATH=. python -m tests.pictures.why_revert

writes it to `.github/pictures/`, once for a light and once for a dark page. The history is a small one
that was made up; how its refs are followed and drawn is what every report does.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from breachkit.actions.whereabouts import CommitNote, RefNote, trace_refs
from breachkit.incident.case import Milestone
from breachkit.model.ids import ObjectId, RefName
from breachkit.report import incident_picture
from breachkit.report.incident_history import COLUMN_WORDS, Column, Shown


ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".github" / "pictures"
STYLE = Path(incident_picture.__file__).with_name("incident_page.css")

TITLE = "Why a revert is not enough"
SUMMARY = (
    "A table with small counts is released on the branch main, tagged, and opened in a pull request. "
    "A revert takes it out of the current files; the history of the branch still holds it, and so do "
    "the tag and the pull request. Only rewriting and pushing cleans the branch and the tag, and only "
    "the platform's support the pull request."
)
SCHEMES = ("light", "dark")


def _when(month: int, day: int, hour: int = 12) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


def _id(number: int) -> ObjectId:
    return ObjectId(f"{number:040x}")


def _commit(when: datetime, *parents: int, **what: object) -> CommitNote:
    return CommitNote(parents=tuple(map(_id, parents)), when=int(when.timestamp()), **what)  # type: ignore[arg-type]


def story() -> Shown:
    """Give a history in which somebody reverted a release, and the response to it."""
    commits = {
        _id(1): _commit(_when(1, 12)),
        _id(2): _commit(_when(1, 28), 1, came=1, holds=1),
        _id(3): _commit(_when(2, 10), 2, holds=1),
        _id(4): _commit(_when(2, 12), 2, moved=1, holds=1),
        _id(5): _commit(_when(2, 20), 3, went=1, way="revert"),
        _id(6): _commit(_when(3, 5), 5),
    }
    refs = {b"refs/heads/main": 6, b"refs/tags/v1.0": 3, b"refs/pull/7/head": 4}
    where = trace_refs(
        commits,
        [RefNote(name=RefName(name), target=_id(number)) for name, number in refs.items()],
        default=RefName(b"refs/heads/main"),
    )
    return Shown(
        where=where,
        labels=(("branch main",), ("tag v1.0",), ("pull request 7",)),
        columns=tuple(_columns()),
        date=_day,
        moment=_day,
    )


def _columns() -> Iterator[Column]:
    yield Column(at=_when(3, 6, 17), milestone=None, label="somebody sees it", words="")
    reached = {
        Milestone.CONTAINED: _when(3, 6, 18),
        Milestone.PUSHED: _when(3, 6, 21),
        Milestone.SERVER_PURGED: _when(3, 9),
        Milestone.RESTORED: _when(3, 23),
    }
    for milestone, at in reached.items():
        label, words = COLUMN_WORDS[milestone]
        yield Column(at=at, milestone=milestone, label=label, words=words)


def _day(when: datetime) -> str:
    return f"{when.day} {when:%B}"


def drawn(scheme: str) -> str:
    """Give the picture as a file of its own, for `light` or `dark` pages."""
    picture = incident_picture.draw(story(), id_="why", title=TITLE, summary=SUMMARY)
    _, _, width, height = re.findall(r"[\d.]+", picture.split('viewBox="')[1].split('"')[0])
    ground = f'<rect width="{width}" height="{height}" rx="6" style="fill: var(--paper)"/>'
    style = "\n".join(_rules())
    text = picture.replace("<svg ", f'<svg width="{width}" height="{height}" ', 1)
    text = text.replace("<defs>", f"<style>\n{style}\n</style>\n{ground}\n<defs>", 1)
    colours = _colours(scheme)
    return re.sub(r"var\(--(\w+)\)", lambda found: colours[found[1]], text) + "\n"


def _rules() -> Iterator[str]:
    """Give the lines of the reports' style that are about the picture."""
    for line in STYLE.read_text(encoding="utf-8").splitlines():
        if re.match(r"\.(picture|p-)", line):
            yield line.replace("width: 100%; min-width: 46rem; height: auto; ", "")


def _colours(scheme: str) -> Mapping[str, str]:
    light, dark = re.findall(r":root \{(.*?)\}", STYLE.read_text(encoding="utf-8"), re.DOTALL)[:2]
    return dict(re.findall(r"--(\w+): (#\w+);", dark if scheme == "dark" else light))


def file_of(scheme: str) -> Path:
    """Say where the picture for a scheme lies."""
    return FOLDER / f"why-revert-is-not-enough-{scheme}.svg"


if __name__ == "__main__":
    for each in SCHEMES:
        file_of(each).write_text(drawn(each), encoding="utf-8")
