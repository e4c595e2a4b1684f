"""The practice world: a server that holds a breach, your clone, a colleague's old clone.

Everything lies in one folder, is invented, and is the same every time, commit ids included.
"""

import contextlib
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from breachkit.drill import plaingit, study
from breachkit.drill.fastimport import SCAFFOLD, Mark
from breachkit.drill.inbox import Inbox, serve_inbox
from breachkit.drill.plaingit import Repository
from breachkit.drill.planted import Planted
from breachkit.drill.platform import Hosted, Platform, host, put_on_platform
from breachkit.drill.setting import RELEASED_TABLE, Setting
from breachkit.model.time import Clock


STUDY_NAME = "study-practice"
"""Of the repository, without its owner."""

_SERVER_SETTINGS = {
    "gc.auto": "0",  # a platform keeps what no ref reaches until its support acts
    "receive.denyDeletes": "false",
    "receive.denyNonFastForwards": "false",
    "receive.hideRefs": "refs/pull",  # shown and served to everybody, writable for nobody
    "uploadpack.allowAnySHA1InWant": "true",  # as GitHub does: who knows an id gets the object
}

_CONTACTS = """# Practice contacts: none of these people exists.
as_of = {day}
source = "breachkit drill"
verified_on = {day}
alert_roles = ["incident_team", "dpo"]

[[contact]]
name = "Incident Team"
roles = ["incident_team", "controller"]
email = "incidents@example.org"
phone = "+44 20 7946 0000"
hours = "at any hour"
deputy = "Rosa Lindqvist"

[[contact]]
name = "Rosa Lindqvist"
roles = ["dpo"]
email = "dpo@example.org"
phone = "+44 20 7946 0001"
hours = "Monday to Friday, 9 to 17"

[[contact]]
name = "Sam Engineer"
roles = ["engineer"]
email = "sam.engineer@example.org"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Where everything is, and what the drill knows about it."""

    folder: Path
    setting: Setting
    """How it was built."""
    planted: Planted
    commits: Mapping[str, str]
    """Ids of the study's commits, by the names of `drill.history`."""
    refs: Mapping[str, str]
    """What every ref of the server named before anybody acted."""
    platform: Platform | None = None
    """What hosts the study; None where it is a bare repository in a folder."""
    inbox: Inbox | None = None
    """Where mails arrive; None where nobody sends any."""

    @property
    def server(self) -> Repository:
        """The bare repository that everybody pushes to."""
        if self.platform is not None:
            return Repository(self.platform.study.git_dir)
        return Repository(self.folder / "server" / f"{STUDY_NAME}.git")

    @property
    def environment(self) -> Mapping[str, str]:
        """What a user in this world has set."""
        parts = (part.environment for part in (self.platform, self.inbox) if part is not None)
        return {name: value for part in parts for name, value in part.items()}

    @property
    def target(self) -> str:
        """What commands are told to work on."""
        return str(self.server.git_dir) if self.platform is None else self.platform.url

    @property
    def full_name(self) -> str:
        """What has to be typed after `--confirm`."""
        return STUDY_NAME if self.platform is None else self.platform.study.full_name

    @property
    def before(self) -> Repository:
        """A copy of the server from before anybody acted, to compare with; not part of the story."""
        return Repository(self.folder / "before" / f"{STUDY_NAME}.git")

    @property
    def yours(self) -> Path:
        """Your own clone, with a work tree."""
        return self.folder / "you" / STUDY_NAME

    @property
    def colleague(self) -> Path:
        """A colleague's clone from before the clean-up, with a branch and a stash of its own."""
        return self.folder / "colleague" / STUDY_NAME

    @property
    def contacts(self) -> Path:
        """The profile of contacts."""
        return self.folder / "contacts.toml"

    @property
    def handed_over(self) -> Path:
        """The folder for what goes to people who do not use breachkit."""
        return self.folder / "handed-over"

    @property
    def home(self) -> Path:
        """What `$BREACHKIT_HOME` must be for the commands."""
        return practice_home(self.folder)


def practice_home(folder: Path) -> Path:
    """Give the folder for the practice cases, known before the world is built."""
    return folder / "home"


def build_world(folder: Path, clock: Clock, setting: Setting = RELEASED_TABLE) -> World:
    """Build the whole world inside an existing folder.

    Args:
        folder: Where; an absolute path.
        clock: Dates the contacts profile; the study's own dates are fixed.
        setting: What was planted, and where.
    """
    server = _create_server(folder / "server" / f"{STUDY_NAME}.git")
    commits = _fill(server, setting)
    world = World(
        folder=folder,
        setting=setting,
        planted=setting.planted(),
        commits=commits,
        refs=server.refs(),
    )
    shutil.copytree(server.git_dir, world.before.git_dir)
    plaingit.clone(server.git_dir, world.yours)
    _clone_for_colleague(world)
    day = clock.now().date().isoformat()
    world.contacts.write_text(_CONTACTS.format(day=day), encoding="utf-8")
    for place in (world.home, world.handed_over):
        place.mkdir(mode=0o700)
    return world


@contextlib.contextmanager
def hosted_world(folder: Path, clock: Clock, setting: Setting = RELEASED_TABLE) -> Iterator[World]:
    """Build the world, with its server on a platform where the setting has one, and a mail server.

    Both are served until this ends.
    """
    world = build_world(folder, clock, setting)
    with contextlib.ExitStack() as served:
        if setting.furnish is not None:
            world = served.enter_context(on_platform(world, clock))
        yield replace(world, inbox=served.enter_context(serve_inbox(folder)))


@contextlib.contextmanager
def on_platform(world: World, clock: Clock) -> Iterator[World]:
    """Put the server of a world on a platform, and serve it until this ends."""
    with host(move_to_platform(world, clock)) as platform:
        hosted = replace(world, platform=platform)
        for clone in (world.yours, world.colleague):
            origin = plaingit.url_of(hosted.server.git_dir)
            Repository(clone / ".git").git("remote", "set-url", "origin", origin)
        yield hosted


def move_to_platform(world: World, clock: Clock) -> Hosted:
    """Put the server of a world on a platform that nobody serves yet; its folder is gone then."""
    store = world.folder / "platform"
    store.mkdir()
    hosted = put_on_platform(
        world.server.git_dir,
        STUDY_NAME,
        store,
        clock,
        furnish=world.setting.furnish,
        visibility=world.setting.visibility,
    )
    shutil.rmtree(world.server.git_dir.parent)
    return hosted


def _create_server(folder: Path) -> Repository:
    server = plaingit.create_bare(folder)
    for key, value in _SERVER_SETTINGS.items():
        server.git("config", key, value)
    return server


def _fill(server: Repository, setting: Setting) -> Mapping[str, str]:
    with tempfile.TemporaryDirectory() as scratch:
        marks = Path(scratch) / "marks"
        marks.touch()

        def settle(stream: bytes) -> Mapping[Mark, str]:
            options = (f"--import-marks={marks}", f"--export-marks={marks}")
            server.git("fast-import", "--quiet", "--done", *options, stdin=stream)
            return _read_marks(marks)

        commits = setting.write(settle)
    server.git("update-ref", "-d", SCAFFOLD)
    _annotate(server, commits)
    return commits


def _read_marks(file: Path) -> Mapping[Mark, str]:
    pairs = (line[1:].split() for line in file.read_text(encoding="ascii").splitlines())
    return {Mark(int(mark)): oid for mark, oid in pairs}


def _annotate(server: Repository, commits: Mapping[str, str]) -> None:
    """Hang a note on a harmless commit: notes are refs too, and this one must stay."""
    ident = f"{study.BEN.ident} 1646130600 +0000"
    text = b"The codelist was checked by a second clinician.\n"
    stream = (
        b"commit refs/notes/commits\nauthor %b\ncommitter %b\ndata 28\nNotes added by 'git notes'\n\n"
        b"N inline %b\ndata %d\n%b\ndone\n"
    ) % (ident.encode(), ident.encode(), commits["codelist"].encode(), len(text), text)
    server.git("fast-import", "--quiet", "--done", stdin=stream)


def _clone_for_colleague(world: World) -> None:
    """Make a clone as it was when the colleague left off, with work that was never pushed."""
    folder = world.colleague
    repository = plaingit.clone(world.server.git_dir, folder)
    chen = ("-c", f"user.name={study.CHEN.name}", "-c", f"user.email={study.CHEN.email}")
    here = (*chen, "-C", str(folder), f"--work-tree={folder}")
    repository.git(*here, "reset", "--quiet", "--hard", world.commits[world.setting.left_off])
    repository.git(*here, "switch", "--quiet", "--create", "chen/sensitivity")
    analysis = folder / "analysis" / "sensitivity.py"
    analysis.write_bytes(study.TABLES_ROUNDED)
    repository.git(*here, "add", "analysis/sensitivity.py")
    repository.git(*here, "commit", "--quiet", "--message=Check sensitivity to rounding")
    stashed = world.setting.stashed()
    for path, content in stashed.items():
        (folder / path).write_bytes(content)
    if stashed:
        repository.git(*here, "stash", "push", "--quiet", "--message=table as in the paper")
