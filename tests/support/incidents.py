"""People in a practice world: who follows a page, and who does what is left to others between its commands."""

import contextlib
import json
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from breachkit.drill import acts
from breachkit.drill.history import TABLE
from breachkit.drill.plaingit import clone
from breachkit.drill.report import CommandResult
from breachkit.drill.stage import Scene
from breachkit.drill.world import World, hosted_world
from breachkit.model.time import SystemClock
from tests.support.command_line import Ran
from tests.support.documented import commands_of, is_excused, missing
from tests.support.practising import Desk


BY = "--by 'Rosa Lindqvist' --role dpo --reason 'no risk is likely'"
ARCHIVES = ("archive.softwareheritage.org", "web.archive.org", "zenodo.org")

Act = Callable[["Incident"], object]
Step = str | tuple[str, int] | Act
"""A command, a command with its exit code where that is not 0, or something that others do."""


class Incident:
    """A practice world in which pages are followed, and the people beside whoever types."""

    def __init__(self, world: World) -> None:
        assert world.platform is not None
        assert world.inbox is not None
        self.world = world
        self.desk = Desk(
            folder=world.yours,
            home=world.home,
            settings=world.environment,
            names=_names(world),
            shown={
                str(world.folder): "$DRILL",
                world.platform.server.api.removesuffix("/api/v3"): "$PLATFORM",
                world.platform.archives.host: "$ARCHIVES",
            },
        )
        self.scene = Scene.of(world, self._run, SystemClock())
        self.problems: list[str] = []

    def follow(
        self,
        page: Path,
        codes: Mapping[str, Sequence[int | None]],
        beside: Mapping[str, Sequence[Step]],
    ) -> None:
        """Type what a page shows, and after each command do what else belongs there.

        Args:
            page: With the commands, in the order in which they are typed.
            codes: Exit codes other than 0, each time that a command comes; None where it is not typed,
                for it takes long and another page does the same.
            beside: What is done after a command comes for the first time.
        """
        left = {line: iter(each) for line, each in codes.items()}
        to_do = {line: list(steps) for line, steps in beside.items()}
        for typed in (each for each in commands_of(page) if not is_excused(each)):
            code = next(left.get(typed.line, iter(())), 0)
            if code is None:
                continue
            ran = self.types(typed.line, code)
            absent = missing(typed.output, ran.all)
            if absent is not None:
                self.problems.append(f"{typed}\nprints no {absent!r}, or not there\n{ran.all}")
            for step in to_do.pop(typed.line, ()):
                self.does(step)
        assert not to_do, to_do

    def does(self, step: Step) -> None:
        """Take a step."""
        if callable(step):
            step(self)
        elif isinstance(step, str):
            self.types(step)
        else:
            self.types(*step)

    def types(self, line: str, code: int = 0) -> Ran:
        """Type a command, and note it where its exit code is another."""
        ran = self.desk.types(line)
        if ran.code != code:
            self.problems.append(f"{line}\nexits with {ran.code}, not {code}\n{ran.all}")
        return ran

    def asks(self, *words: str) -> dict[str, object]:
        """Give what a command answers to machines."""
        return json.loads(self.desk.run([*words, "--json"]).out)  # type: ignore[no-any-return]

    def _run(self, words: Sequence[str]) -> CommandResult:
        ran = self.desk.run(words)
        return CommandResult(code=ran.code, stdout=ran.out, stderr=ran.err)


def _names(world: World) -> dict[str, str]:
    assert world.platform is not None
    assert world.inbox is not None
    return {
        "owner/name": world.target,
        "--confirm:owner/name": world.full_name,
        "https://github.com/owner/name": world.target,
        "mail.example.org": world.inbox.address,
        "NAME": str(world.contacts),
        "BK-2026-0001": f"BK-{datetime.now(UTC):%Y}-0001",
        "2026-12-31": f"{datetime.now(UTC) + timedelta(days=90):%Y-%m-%d}",
        "LOGIN": "chen",
        "PATH": str(world.yours),
        "~/breach-practice": str(world.folder / "practice"),
        "~/study": str(world.colleague),
        "~/.local/share/man/man1": str(world.folder / "man1"),
        "~/mail/incident": str(world.home),
        "/srv/git/study.git": str(world.before.git_dir),
        f"released_outputs/table2.csv={REDACTED}": f"{TABLE}={REDACTED}",
        **dict.fromkeys(ARCHIVES, world.platform.archives.host),
    }


REDACTED = "table2-redacted.csv"


@contextlib.contextmanager
def incident(folder: Path) -> Iterator[Incident]:
    """Give a world in which nothing was done yet."""
    with hosted_world(folder, SystemClock()) as world:
        yield Incident(world)


# --- what others do ------------------------------------------------------------------------


def all_mail_is_sent(incident: Incident) -> None:
    """Send every message that has an address, and say of the others that they went by hand."""
    incident.types("breachkit notify send --all-waiting --execute --confirm BK-2026-0001 --by Ada")
    notices = incident.asks("notify", "list")["notices"]
    assert isinstance(notices, list)
    for each in notices:
        if each["sent_at"] is None and not each["superseded"]:
            incident.types(f"breachkit notify mark-sent {each['id']} --by Ada")


def files_are_prepared(incident: Incident) -> None:
    """Write the files that pages name: a redacted table, words, names."""
    table = incident.desk.folder / REDACTED
    lines = _released(incident.world.before.git_dir).splitlines()
    rows = [line.split(",") for line in lines[1:]]
    text = "\n".join(
        [lines[0], *(",".join([*row[:2], *["[REDACTED]"] * (len(row) - 2)]) for row in rows)]
    )
    table.write_text(f"{text}\n")
    (incident.desk.folder / "words.txt").write_text("ochecker==>checker\n")
    (incident.desk.folder / "names.txt").write_text("analysis/==>scripts/\n")


def _released(server: Path) -> str:
    """Give the table as it was released."""
    git = ["git", "-C", str(server)]
    added = subprocess.check_output(
        [*git, "log", "-1", "--diff-filter=A", "--format=%H", "--", TABLE]
    )
    shown = subprocess.check_output([*git, "show", f"{added.decode().strip()}:{TABLE}"])
    return shown.decode()


def support_acts(incident: Incident) -> None:
    """The request was handed over, and the platform lets go of the data."""
    assert any("2 pull requests removed" in line for line in acts.ask_support(incident.scene))


def owner_of_the_fork_acts(incident: Incident) -> None:
    """The fork goes."""
    list(acts.ask_fork_owner(incident.scene))


def a_holder_answers(incident: Incident) -> None:
    """Somebody runs the script in a new clone, and sends back what it prints."""
    folder = incident.world.folder / "holder"
    clone(incident.world.server.git_dir, folder)
    script = incident.desk.folder / "verifier.txt"
    ran = subprocess.run(["sh", script], cwd=folder, check=False, capture_output=True)
    (incident.desk.folder / "reply.txt").write_bytes(ran.stdout)


def copies_are_chosen(incident: Incident) -> None:
    """Choose the copies that stand for the ids that pages show."""
    copies = incident.asks("copies", "list")["copies"]
    assert isinstance(copies, list)
    clones = [
        each["id"] for each in copies if each["place"] == "C30" and each["state"] == "confirmed"
    ]
    incident.desk.names.update({"K-031": clones[0], "K-019": clones[1]})


def the_seal_is_handed_over(incident: Incident) -> None:
    """What is left of the case once its private part is destroyed, and the key, are where somebody looks."""
    [sealed] = incident.desk.home.glob("BK-*/verifier.age")
    [key] = incident.desk.home.glob("keys/*-verifier.agekey")
    shutil.copy(sealed, incident.desk.folder / "verifier.age")
    shutil.copy(key, incident.desk.folder / "verifier.agekey")


def fork_is_written_down(incident: Incident) -> None:
    """What the owner of the fork said stands in the register."""
    copies = incident.asks("copies", "list")["copies"]
    assert isinstance(copies, list)
    for each in copies:
        if "morgan/study-practice" in each["label"]:
            incident.types(f"breachkit copies set {each['id']} deleted --note 'its owner says so'")


def holders_answer(incident: Incident) -> None:
    """Every copy is settled."""
    list(acts.answer_all(incident.scene))


def all_is_assessed(incident: Incident) -> None:
    """The rest of what people have to say before a case can be closed."""
    for about, answer in (("living", "yes"), ("risk", "no"), ("high-risk", "no")):
        incident.types(f"breachkit decide {about} --answer {answer} {BY}")
    [backup] = incident.world.home.rglob("backup.age")
    backup.unlink()
    shutil.rmtree(backup.with_name("mirror.git"))
    incident.types(f"breachkit decide retention --answer destroyed {BY}")
    soon = f"{datetime.now(UTC) + timedelta(days=5):%Y-%m-%d}"
    incident.types(f"breachkit decide review --answer {soon} {BY}")
