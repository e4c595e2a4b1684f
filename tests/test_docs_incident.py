"""The incidents that documents tell are those that happen: every command runs as shown, and prints what is shown.

The README's incident and the page for 2 a.m. are each played in a practice world of their own, in the order of
the page, from the first command to the last. What other people do in between is done where the page says so.
"""

import contextlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from breachkit.drill import acts
from breachkit.drill.report import CommandResult
from breachkit.drill.stage import Scene
from breachkit.drill.world import World, hosted_world
from breachkit.model.time import SystemClock
from tests.support.command_line import Ran
from tests.support.documented import ROOT, commands_of, missing
from tests.support.practising import Desk


BY = "--by 'Rosa Lindqvist' --role dpo --reason 'no risk is likely'"


class Incident:
    """A practice world in which a page is followed, and the people beside whoever types."""

    def __init__(self, world: World, page: Path) -> None:
        self.world, self.page = world, page
        folder = world.folder / "desk"
        folder.mkdir()
        self.desk = Desk(folder, world.home, world.environment, shown=_shown(world))
        self.scene = Scene.of(world, self._run, SystemClock())
        self.problems: list[str] = []

    def follow(self, codes: Mapping[str, Sequence[int]], beside: Mapping[str, "Beside"]) -> None:
        """Type what the page shows, and after each command let others do what is theirs.

        Args:
            codes: Exit codes other than 0, each time that a command comes.
            beside: What others do after a command.
        """
        left = {line: iter(each) for line, each in codes.items()}
        for typed in commands_of(self.page):
            ran = self.types(typed.line, next(left.get(typed.line, iter(())), 0))
            absent = missing(typed.output, ran.all)
            if absent is not None:
                self.problems.append(f"{typed}\nprints no {absent!r}, or not there\n{ran.all}")
            beside.get(typed.line, _nothing)(self)

    def types(self, line: str, code: int = 0) -> Ran:
        """Type a command, and note it where its exit code is another."""
        ran = self.desk.types(line)
        if ran.code != code:
            self.problems.append(f"{line}\nexits with {ran.code}, not {code}\n{ran.all}")
        return ran

    def sends_what_waits(self) -> None:
        """Send every message that has an address, and say of the others that they went by hand."""
        self.types("breachkit notify send --all-waiting --execute --confirm BK-2026-0001 --by Ada")
        notices = json.loads(self.desk.run(["notify", "list", "--json"]).out)["notices"]
        for each in notices:
            if each["sent_at"] is None and not each["superseded"]:
                self.types(f"breachkit notify mark-sent {each['id']} --by Ada")

    def _run(self, words: Sequence[str]) -> CommandResult:
        ran = self.desk.run(words)
        return CommandResult(code=ran.code, stdout=ran.out, stderr=ran.err)


Beside = Callable[[Incident], object]


def _nothing(_: Incident) -> None:
    """Nobody else does anything."""


def _shown(world: World) -> dict[str, str]:
    assert world.platform is not None
    return {
        str(world.folder): "$DRILL",
        world.platform.server.api.removesuffix("/api/v3"): "$PLATFORM",
        world.platform.archives.host: "$ARCHIVES",
    }


def everybody_is_reached(incident: Incident) -> None:
    """Whoever can push has heard, and the plan was read."""
    incident.sends_what_waits()
    incident.types("breachkit rewrite")


def support_and_the_owner_of_the_fork_act(incident: Incident) -> None:
    """The request is handed over, and the platform lets go of the data."""
    incident.sends_what_waits()
    assert any("2 pull requests removed" in line for line in acts.ask_support(incident.scene))
    list(acts.ask_fork_owner(incident.scene))


def holders_answer(incident: Incident) -> None:
    """Every copy is settled, and the backup destroyed."""
    incident.sends_what_waits()
    list(acts.answer_all(incident.scene))


def all_is_told_and_assessed(incident: Incident) -> None:
    """The rest of what people have to say before a case can be closed."""
    for kind in ("dpo", "all-clear"):
        incident.types(f"breachkit notify render {kind}")
    incident.sends_what_waits()
    for about, answer in (("living", "yes"), ("risk", "no"), ("high-risk", "no")):
        incident.types(f"breachkit decide {about} --answer {answer} {BY}")
    [backup] = incident.world.home.rglob("backup.age")
    backup.unlink()
    incident.types(f"breachkit decide retention --answer destroyed {BY}")
    incident.types(f"breachkit decide review --answer 2026-11-27 {BY}")


@contextlib.contextmanager
def following(page: Path, folder: Path) -> Iterator[Incident]:
    """Give a world in which nothing was done yet."""
    with hosted_world(folder, SystemClock()) as world:
        yield Incident(world, page)


CONFIRMED = "--execute --confirm asthma/study-practice"


def test_the_worked_incident_of_the_readme_happens_as_it_is_told(tmp_path):
    beside: Mapping[str, Beside] = {
        "breachkit notify render freeze": everybody_is_reached,
        f"breachkit rewrite {CONFIRMED}": lambda incident: incident.types("breachkit push"),
        "breachkit notify render support": support_and_the_owner_of_the_fork_act,
        "breachkit notify render holders": holders_answer,
        "breachkit verify --server": lambda incident: incident.types("breachkit restore"),
        f"breachkit restore {CONFIRMED}": all_is_told_and_assessed,
    }
    with following(ROOT / "README.md", tmp_path) as incident:
        codes = {
            "breachkit scan $PLATFORM/asthma/study-practice.git": [14],
            "breachkit verify": [7, 0],
        }
        incident.follow(codes, beside)

        assert not incident.problems, "\n\n".join(incident.problems)
