"""Records every screen that a person meets: as SVG and PNG, in both themes, at several widths, and as text.

    PYTHONPATH=. python tests/screens/record.py FOLDER [--columns 80 120] [--only scan status] [--no-png]

With `--pictures` those of the README alone are made, which are the same each time.

Plays a whole response on the practice world, once for each width, every command in a terminal of its
own. Ends with what did not end as expected, and with every line that is wider than the terminal though
it could be broken. Needs pyte, and Chromium for the PNG.
"""

import argparse
import logging
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from rich.text import Text

from breachkit.drill.report import CommandResult
from breachkit.drill.stage import Scene
from breachkit.drill.world import World, hosted_world
from breachkit.model.time import Clock, parse_rfc3339, rfc3339
from breachkit.report.fitting import fitted
from tests.screens.drawing import THEMES, camera, fetches, png, svg
from tests.screens.scenes import ERRORS, OUTPUTS, RESPOND, RESPONSE, WORDS, Shot
from tests.screens.terminal import PROJECT, Played, drawn, play


FRIDAY = "2026-03-06T16:58:00Z"
CLOCKED = ("-m", "tests.screens.at_a_time")
AS_SEEN_BY: dict[str, dict[str, str]] = {
    "no-colour": {"NO_COLOR": "1"},
    "dumb": {"TERM": "dumb"},
    "ascii": {"LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
}  # fmt: skip


_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


PICTURES = {"restrict-plan": "restrict", "status-middle": "status", "verify-7": "verify"}


class Moving:
    """A clock that each command moves on by two minutes."""

    def __init__(self) -> None:
        self._now = parse_rfc3339(FRIDAY)

    def now(self):
        """Give the moment."""
        return self._now

    def move(self, hours: int) -> None:
        """Let time pass."""
        self._now += timedelta(hours=hours, minutes=2)


class Recorder:
    """Plays shots in one world at one width, and keeps what they show."""

    def __init__(self, scene: Scene, clock: Moving, folder: Path, rows: int, columns: int) -> None:
        self._scene, self._clock, self._folder = scene, clock, folder
        self._size = columns, rows
        self._number = 0
        self.pictures: list[Path] = []
        self.wrong: list[str] = []

    def record(self, shot: Shot, *, wanted: bool, others: bool) -> None:
        """Play one, and where it is wanted draw it, also as others see it."""
        self.move(shot)
        if not wanted and not shot.needed:
            return
        self._number += 1
        played = self._play(shot, {})
        if played.code != shot.code:
            self.wrong.append(f"{shot.name}: ended with {played.code}, not {shot.code}")
        if wanted:
            self.wrong += (f"{shot.name}: too wide: {line}" for line in self._too_wide(played))
            self._keep(shot, played, "")
        if wanted and others and shot.looks:
            for name, environment in AS_SEEN_BY.items():
                self._keep(shot, self._play(shot, environment), f"-{name}")

    def move(self, shot: Shot) -> None:
        """Let the time pass that passed since the one before, and what happened meanwhile happen."""
        self._clock.move(shot.later_h)
        if shot.before is not None:
            shot.before(self._scene)

    def _play(self, shot: Shot, more: dict[str, str]) -> Played:
        world = self._scene.world
        environment = {**_environment(world, self._clock), **shot.environment, **more}
        return play(
            self._scene.fill(shot.args),
            environment,
            size=self._size,
            cwd=world.yours,
            answers=shot.answers,
            program=CLOCKED,
        )

    def _too_wide(self, played: Played) -> list[str]:
        plain = _ESCAPES.sub("", played.written.decode("utf-8", "replace")).replace("\r\n", "\n")
        lines = (line.rpartition("\r")[2] for line in plain.split("\n"))
        return [line for line in lines if len(fitted(line, self._size[0])) > 1]

    def picture(self, shot: Shot, name: str) -> None:
        """Play one, and draw it for the README."""
        played = self._play(shot, {})
        for theme in THEMES:
            shown = self._invented(played)
            made = svg(shown, title=f"breachkit {name}", columns=self._size[0], theme=theme)
            file = self._folder / f"screen-{name}-{theme}.svg"
            file.write_text(made, encoding="utf-8")
            self.pictures.append(file)

    def _invented(self, played: Played) -> Text:
        """Give what was shown, with the names of this machine left out of it."""
        world = self._scene.world
        server = urlsplit(world.target)
        names = {
            str(world.folder): "/home/ada",
            f"{server.scheme}://{server.netloc}": "https://github.example",
        }
        written = played.written
        for ours, theirs in names.items():
            written = written.replace(ours.encode(), theirs.encode())
        return drawn(written, self._size)

    def _keep(self, shot: Shot, played: Played, suffix: str) -> None:
        name = f"{self._number:02}-{shot.name}{suffix}"
        (self._folder / f"{name}.txt").write_text("\n".join(played.lines) + "\n", encoding="utf-8")
        (self._folder / f"{name}.raw").write_bytes(played.written)
        if suffix:
            return
        title = " ".join(("breachkit", *self._scene.fill(shot.args)))
        for theme in THEMES:
            made = svg(played.shown, title=title, columns=self._size[0], theme=theme)
            assert not fetches(made), fetches(made)
            file = self._folder / f"{name}-{theme}.svg"
            file.write_text(made, encoding="utf-8")
            self.pictures.append(file)


def record_all(
    folder: Path,
    columns: int,
    rows: int,
    only: Sequence[str],
    *,
    others: bool = False,
    pictures: bool = False,
) -> Iterator[Recorder]:
    """Play the whole response at one width."""
    folder.mkdir(parents=True, exist_ok=True)
    clock = Moving()
    with ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="practice-"))).resolve()
        world = stack.enter_context(hosted_world(place, clock))
        (place / "repositories.txt").write_text(f"{world.target}\n{world.yours}\n")
        scene = Scene.of(world, partial(_in_silence, world, clock), clock)
        recorder = Recorder(scene, clock, folder, rows, columns)
        shots = (*WORDS, *RESPOND, *RESPONSE, *OUTPUTS, *ERRORS)
        last = max((n for n, shot in enumerate(shots) if _wanted(shot, only)), default=-1)
        for shot in shots[: last + 1]:
            if shot.name in PICTURES and pictures:
                recorder.move(shot)
                recorder.picture(shot, PICTURES[shot.name])
            else:
                recorder.record(shot, wanted=_wanted(shot, only) and not pictures, others=others)
    yield recorder


def _wanted(shot: Shot, only: Sequence[str]) -> bool:
    return not only or any(shot.name.startswith(each) for each in only)


def _environment(world: World, clock: Clock) -> dict[str, str]:
    """Give what a person of the practice world has set, at their time."""
    return {
        **world.environment,
        "BREACHKIT_HOME": str(world.home),
        "HOME": str(world.folder),
        "SCREENS_NOW": rfc3339(clock.now()),
    }


def _in_silence(world: World, clock: Clock, args: Sequence[str]) -> CommandResult:
    """Run a command whose screen nobody wants, which happens in the world meanwhile."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(PROJECT)}
    done = subprocess.run(
        [sys.executable, *CLOCKED, *args],
        env={**environment, **_environment(world, clock)},
        cwd=world.yours,
        capture_output=True,
        text=True,
        check=False,
    )
    return CommandResult(code=done.returncode, stdout=done.stdout, stderr=done.stderr)


def main() -> None:
    """Record, take pictures, and say what was wrong."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--columns", type=int, nargs="+", default=[80, 120])
    parser.add_argument("--rows", type=int, default=24)
    parser.add_argument("--only", nargs="*", default=[], help="beginnings of names of screens")
    parser.add_argument("--others", action="store_true", help="also NO_COLOR, TERM=dumb and ASCII")
    parser.add_argument("--no-png", action="store_true")
    parser.add_argument("--pictures", action="store_true", help="those of the README alone")
    asked = parser.parse_args()
    logging.getLogger("mail.log").setLevel(logging.ERROR)  # of the practice world's own mail server
    if asked.pictures:
        for done in record_all(asked.folder, 80, asked.rows, list(PICTURES), pictures=True):
            print("\n".join(map(str, done.pictures)))
        return
    for columns in asked.columns:
        where = asked.folder / str(columns)
        for done in record_all(where, columns, asked.rows, asked.only, others=asked.others):
            if not asked.no_png:
                with camera() as tab:
                    for picture in done.pictures:
                        png(tab, picture, columns=columns)
            print(f"{columns} columns: {len(done.pictures)} pictures in {where}")
            print("\n".join(f"  {each}" for each in done.wrong) or "  all ended as expected")


if __name__ == "__main__":
    main()
