"""What the drill looks up for itself after each step, with plain git and plain files.

A command that says "gone" proves nothing here; an object that no clone holds does.
"""

import email
import email.policy
import json
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from breachkit.drill import study
from breachkit.drill.comparison import compare
from breachkit.drill.plaingit import Repository, clone, create_bare, url_of
from breachkit.drill.report import Check
from breachkit.drill.stage import Scene
from breachkit.drill.support import pull_requests_in
from breachkit.drill.world import World
from breachkit.git.backup import restore_backup


PRIVATE = "private"
"""The part of a case folder that holds old ids and the encrypted backup."""

_HEX_WORD = re.compile(rb"(?<![0-9a-zA-Z])[0-9a-f]{7,40}(?![0-9a-zA-Z])")

HOLDERS = tuple(
    f"{name}@example.org" for name in ("ada.hartley", "ben.okafor", "chen.li", "dilys.morgan")
)
"""Who committed, or is named as a co-author, since the breach."""

_CONTACTS = ("Incident Team", "Rosa Lindqvist")
_CONTROL = "start"
"""A harmless commit that every ref of every study has."""
_PULLS = "refs/pull/"
_PUSHED = ("refs/heads/", "refs/tags/")


def kinds_in_journal(scene: Scene, *, number: int = 1) -> frozenset[str]:
    """Give the kinds of entries in the journal of a case, by the case's number in this world."""
    folder = min(scene.world.home.glob(f"BK-*-{number:04}-*"))
    lines = (folder / "events.jsonl").read_text(encoding="utf-8").splitlines()
    return frozenset(json.loads(line)["kind"] for line in lines)


def server_untouched(scene: Scene) -> Check:
    """Check that a plan changed nothing on the server."""
    same = scene.world.server.refs() == scene.world.refs
    return Check(name="the server is exactly as it was", ok=same)


def backup_can_be_opened(scene: Scene) -> Iterator[Check]:
    """Open the encrypted backup: a backup that nobody ever opened is none."""
    world = scene.world
    backup = min(world.home.glob(f"*/{PRIVATE}/*.age"))
    key = min(world.home.glob("keys/*"))
    encrypted = backup.read_bytes()
    sealed = encrypted.startswith(b"age-encryption.org/v1") and not scene.detector.finds_in(
        encrypted
    )
    yield Check(name="the backup is encrypted", ok=sealed)
    with tempfile.TemporaryDirectory() as scratch:
        bundle = Path(scratch) / "backup.bundle"
        restore_backup(backup, key, bundle)
        restored = create_bare(Path(scratch) / "restored.git")
        restored.git("fetch", "--quiet", str(bundle), "+refs/*:refs/*")
        same = restored.refs() == world.refs
    yield Check(name="and opens with its key: every ref is in it as it was", ok=same)


def branches_clean(scene: Scene) -> Iterator[Check]:
    """Check with a fresh clone what a push must have done, and that it did no more."""
    world = scene.world
    with tempfile.TemporaryDirectory() as scratch:
        fresh = clone(world.server.git_dir, Path(scratch) / "fresh")
        held = fresh.object_ids() & world.planted.blobs
    yield Check(name="a fresh clone holds no planted object", ok=not held)
    refs = [ref for ref in world.refs if ref.startswith(_PUSHED)]
    comparison = compare(world.before, world.server, refs, world.planted.blobs)
    told = "; ".join(comparison.differences[:3])
    yield Check(
        name=f"nothing else changed in {comparison.commits} commits: every other file, author, "
        f"date and message{f' ({told})' if told else ''}",
        ok=comparison.same,
    )
    now, clean = world.server.refs(), world.refs.keys() - refs_with_the_data(world)
    kept = bool(clean) and all(now.get(ref) == world.refs[ref] for ref in clean)
    yield Check(name="refs that never held the data are the very same", ok=kept)
    yield Check(name="no branch, tag or note was lost or added", ok=now.keys() == world.refs.keys())


def refs_with_the_data(world: World) -> frozenset[str]:
    """Give every ref whose history held a planted file before anybody acted."""
    listed = {
        ref: {line.split(" ")[0] for line in world.before.lines("rev-list", "--objects", ref)}
        for ref in world.refs
    }
    return frozenset(ref for ref, objects in listed.items() if objects & world.planted.blobs)


def pulls_remain(scene: Scene) -> Iterator[Check]:
    """Check that the server still has the data, so that a "gone" at this point would be wrong."""
    now = scene.world.server.refs()
    pulls = [ref for ref in refs_with_the_data(scene.world) if ref.startswith(_PULLS)]
    same = bool(pulls) and all(now.get(ref) == scene.world.refs[ref] for ref in pulls)
    yield Check(name="the server refused to change its pull requests", ok=same)
    still = scene.world.planted.blobs <= scene.world.server.object_ids()
    yield Check(name="the planted objects are indeed still on the server", ok=still)


def gone_everywhere(scene: Scene) -> Iterator[Check]:
    """Check the server's objects, a mirror of all its refs, and what it serves by id."""
    world = scene.world
    held = world.server.object_ids() & world.planted.blobs
    yield Check(name="no planted object is left on the server", ok=not held)
    with tempfile.TemporaryDirectory() as scratch:
        mirror = clone(world.server.git_dir, Path(scratch) / "mirror.git", ("--mirror",))
        inside = mirror.object_ids() & world.planted.blobs
        yield Check(name="a mirror of every ref holds no planted object", ok=not inside)
        control = mirror.accepts("fetch", "--quiet", "origin", world.commits[_CONTROL])
        served = mirror.accepts(
            "fetch", "--quiet", "origin", world.commits[world.setting.brought_in]
        )
    yield Check(name="the server serves a harmless commit by id (the control)", ok=control)
    yield Check(name="and no longer serves the commit of the breach", ok=not served)
    yield from _harmless_pulls(world)


def _harmless_pulls(world: World) -> Iterator[Check]:
    now, bad = world.server.refs(), refs_with_the_data(world)
    for ref in sorted(world.refs.keys() - bad):
        if ref.startswith(_PULLS):
            same = now.get(ref) == world.refs[ref]
            yield Check(
                name=f"the harmless pull request {ref.split('/')[2]} is still there", ok=same
            )


def stale_clone_brings_it_back(scene: Scene) -> Iterator[Check]:
    """Push from the colleague's clone to a copy of the server: the drill's own stays clean."""
    world = scene.world
    colleague = Repository(world.colleague / ".git")
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / "copy.git"
        shutil.copytree(world.server.git_dir, copy)
        accepted = colleague.accepts("push", "--quiet", url_of(copy), "chen/sensitivity")
        back = Repository(copy).object_ids() & world.planted.blobs
    yield Check(name="the push needed no force", ok=accepted)
    yield Check(name="the data were back on the copy of the server", ok=bool(back))
    held = world.server.object_ids() & world.planted.blobs
    yield Check(name="the practice server itself stayed clean", ok=not held)


def mails_written(scene: Scene, kind: str, addresses: Iterable[str]) -> Iterator[Check]:
    """Check who each message of a kind is addressed to, and that nobody sees the others."""
    files = sorted(scene.world.home.rglob(f"*-{kind}/**/*.eml"))
    headers = [_read_mail(file) for file in files]
    to = [str(message["To"]) for message in headers]
    for address in addresses:
        reached = sum(address in line for line in to) == 1
        yield Check(name=f"one message of its own for {address}", ok=reached)
    alone = all(line.count("@") == 1 for line in to) and not any(m["Cc"] for m in headers)
    yield Check(name="no message shows another recipient", ok=bool(to) and alone)


def written_text(scene: Scene, kind: str) -> str:
    """Give the texts of all messages of a kind, as they would be pasted or sent."""
    return "\n".join(texts_of(scene, kind))


def texts_of(scene: Scene, kind: str) -> list[str]:
    """Give the text of each message of a kind."""
    files = sorted(scene.world.home.rglob(f"*-{kind}/**/*.txt"))
    return [file.read_text(encoding="utf-8") for file in files]


def writers_asked(scene: Scene, accounts: Iterable[str]) -> Iterator[Check]:
    """Check that a freeze was written for each account, with nothing in it that tells."""
    text = written_text(scene, "freeze")
    yield Check(name="a message asks to stop pushing", ok="push" in text)
    for account in accounts:
        yield Check(name=f"{account} is asked to stop pushing", ok=f"{account}," in text)
    ids = [oid[:7] for oid in scene.world.commits.values()]
    yield Check(name="no message names a commit", ok=not any(each in text for each in ids))


def request_names_the_right_pulls(scene: Scene) -> Iterator[Check]:
    """Check that the request names the pull requests with the data, and not the harmless one."""
    world = scene.world
    bad = _pulls_among(refs_with_the_data(world))
    named = pull_requests_in(written_text(scene, "github-support"))
    told = " and ".join(map(str, bad))
    yield Check(name=f"the request names pull request {told} and no other", ok=named == bad)
    yield Check(
        name="the ids for the form lie in the private part: the commits that brought the data",
        ok=all(oid in ids_for_support(scene) for oid in _brought_by(world)),
    )


def _pulls_among(refs: Iterable[str]) -> tuple[int, ...]:
    return tuple(sorted(int(ref.split("/")[2]) for ref in refs if ref.startswith(_PULLS)))


def _brought_by(world: World) -> frozenset[str]:
    """Give the commits behind pull requests that have a planted file which their parents lack."""
    pulls = sorted(ref for ref in refs_with_the_data(world) if ref.startswith(_PULLS))
    families = [line.split() for line in world.before.lines("rev-list", "--parents", *pulls)]
    held = {commit: _planted_in(world, commit) for commit, *_ in families}
    return frozenset(
        commit
        for commit, *parents in families
        if held[commit] - frozenset[str]().union(*(held[parent] for parent in parents))
    )


def _planted_in(world: World, commit: str) -> frozenset[str]:
    listing = world.before.lines("ls-tree", "-r", "--full-tree", commit)
    return world.planted.blobs & {line.split()[2] for line in listing}


def ids_for_support(scene: Scene) -> str:
    """Give what a person pastes into the support's form: the private file made for that."""
    files = sorted(scene.world.home.rglob(f"{PRIVATE}/support-ids.txt"))
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


def copies_registered(scene: Scene) -> Iterator[Check]:
    """Check that everybody who has worked on the study since the exposure is in the register."""
    register = scene.json_of("copies", "list", "--json")["copies"]
    asked = {entry["email"] for entry in register if entry["email"]}
    for person in HOLDERS:
        yield Check(name=f"a clone of {person} is in the register", ok=person in asked)
    robots = any("[bot]" in address for address in asked)
    yield Check(name="nobody writes to a robot", ok=not robots)
    unknown = any(entry["applies"] == "unknown" for entry in register)
    yield Check(name="what git cannot show stands there as unknown, not as clean", ok=unknown)


def checklist_handed_over(scene: Scene, name: str) -> Iterator[Check]:
    """Check the exported list, and what the journal ticked by itself."""
    text = (scene.world.handed_over / name).read_text(encoding="utf-8")
    yield Check(name="the list names every contact", ok=all(name in text for name in _CONTACTS))
    holders = all(one.name in text for one in (study.ADA, study.BEN, study.CHEN))
    yield Check(name="and every holder of a clone", ok=holders)
    items = scene.json_of("checklist", "show", "--json")["items"]
    told = [item for item in items if item["id"].startswith("A04/")]
    done = len(told) == len(_CONTACTS) and all(item["state"] == "done" for item in told)
    yield Check(name="telling the contacts is ticked, because the journal says so", ok=done)


def tampering_is_found_out(scene: Scene) -> Iterator[Check]:
    """Change one letter in a copy of the journal and ask again."""
    folder = min(scene.world.home.glob("*/events.jsonl")).parent
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / folder.name
        shutil.copytree(folder, copy, symlinks=True, ignore=shutil.ignore_patterns(PRIVATE))
        (copy / PRIVATE).mkdir(mode=0o700)
        honest = scene.run_quietly("log", "verify", "--case", str(copy)).code
        journal = copy / "events.jsonl"
        journal.write_bytes(journal.read_bytes().replace(b"Ben Okafor", b"Ben Okafar", 1))
        changed = scene.run_quietly("log", "verify", "--case", str(copy)).code
    yield Check(name="an untouched copy of the journal holds", ok=honest == 0)
    yield Check(name="one changed letter in it is found out", ok=changed == 7)


def nothing_leaked(scene: Scene) -> Iterator[Check]:
    """Search everything that commands wrote, on the screen and in files, for planted values."""
    finds = scene.detector.finds_in
    screens = [text.encode() for one in scene.said for text in (one.stdout, one.stderr)]
    places = (scene.world.home, scene.world.handed_over)
    files = [file for place in places for file in place.rglob("*") if file.is_file()]
    shared = [file for file in files if PRIVATE not in file.parts]
    contents = [face for file in shared for face in _faces(file)]
    yield Check(
        name=f"no value in what {len(scene.said)} commands printed",
        ok=bool(scene.said) and not any(map(finds, (*screens, *scene.for_machines))),
    )
    yield Check(
        name=f"no value in {len(shared)} files of the case: mails, journal, checklist",
        ok=bool(shared) and not any(map(finds, contents)),
    )
    old = _ids_that_went(scene)
    yield Check(
        name="no id of a removed object outside the case's private part",
        ok=bool(old) and not any(_names_one(old, text) for text in (*screens, *contents)),
    )
    closed = all(map(_is_closed, (*shared, *_folders_of_cases(scene))))
    yield Check(name="nobody else can read the case folder", ok=bool(shared) and closed)


def _folders_of_cases(scene: Scene) -> Iterator[Path]:
    """Give each case's folder and its private part; what lies in that needs no mode of its own."""
    for folder in sorted(scene.world.home.iterdir()):
        if folder.is_dir():
            yield folder
            yield from (part for part in (folder / PRIVATE,) if part.is_dir())


def _is_closed(place: Path) -> bool:
    return place.stat().st_mode & 0o077 == 0


def _ids_that_went(scene: Scene) -> frozenset[str]:
    """Give the ids of all objects that the clean-up took away: each could confirm a guess."""
    return scene.world.before.object_ids() - scene.world.server.object_ids()


def _names_one(ids: frozenset[str], text: bytes) -> bool:
    """Say whether an id, or its beginning as git abbreviates it, stands in a text."""
    words = {word.decode() for word in _HEX_WORD.findall(text)}
    return any(oid.startswith(word) for word in words for oid in ids)


def _read_mail(file: Path) -> email.message.EmailMessage:
    with file.open("rb") as raw:
        return email.message_from_binary_file(raw, policy=email.policy.default)


def _faces(file: Path) -> Iterator[bytes]:
    """Give a file as it lies there, and for a mail also what its reader will see."""
    yield file.read_bytes()
    if file.suffix == ".eml":
        for part in _read_mail(file).walk():
            payload = part.get_payload(decode=True)
            if isinstance(payload, bytes):
                yield payload
