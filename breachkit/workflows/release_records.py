"""The manifests of releases: what was released where, by whom and on whose word. Private.

They hold the digest of every file. In the study repository a digest would outlive its file, and
confirm a guess of what was blacked out in it later; so none is there.
"""

import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from breachkit.actions.release import Arrived, Person, ReleaseFile, ReleasePlan
from breachkit.actions.wire import name_from_json, name_to_json, require_schema
from breachkit.git.publish import Made
from breachkit.incident.disk import make_folder, write_atomic, writing
from breachkit.incident.lock import exclusive
from breachkit.model.errors import ConfigurationError
from breachkit.model.ids import GitPath, ObjectId, display
from breachkit.model.time import parse_rfc3339, rfc3339


SCHEMA = "breachkit.release-manifest/1"

State = Literal["begun", "released", "not known"]
"""It may have been pushed; it arrived, proven; nobody can tell any more whether it did."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """One release as it is kept."""

    data: Mapping[str, Any]

    @property
    def number(self) -> str:
        """What it is called."""
        return str(self.data["number"])

    @property
    def made(self) -> Made:
        """The commit, and what it was to bring."""
        return Made(
            ObjectId(self.data["commit"]),
            ObjectId(self.data["parent"]),
            frozenset(map(ObjectId, self.data["new_objects"])),
        )

    @property
    def files(self) -> tuple[ReleaseFile, ...]:
        """The files, with their digests."""
        return tuple(
            ReleaseFile(
                path=GitPath(name_from_json(each["path"])),
                size=each["size"],
                sha256=each["sha256"],
                blob=ObjectId(each["blob"]),
                state=each["state"],
            )
            for each in self.data["files"]
        )

    @property
    def state(self) -> State:
        """What is known of it."""
        state: State = self.data["state"]
        return state

    @property
    def summary(self) -> dict[str, Any]:
        """Say what a list of releases says of it."""
        told = {name: self.data[name] for name in ("number", "time", "repository", "state")}
        return {**told, "files": len(self.data["files"])}

    @property
    def at(self) -> datetime:
        """When it was begun."""
        return parse_rfc3339(self.data["time"])


@dataclass(frozen=True, slots=True)
class Records:
    """The folder of manifests of one user."""

    folder: Path

    @classmethod
    def at(cls, home: Path) -> "Records":
        """Give those of a user, by the folder that holds all that breachkit keeps."""
        return cls(home / "releases")

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the folder, so that of two releases at once one waits for the other."""
        with writing(self.folder):
            make_folder(self.folder)
        with exclusive(self.folder / ".lock"):
            yield

    def every(self) -> tuple[Manifest, ...]:
        """Give all, the oldest first.

        Raises:
            ConfigurationError: one of them is damaged.
        """
        found = [_read(path) for path in sorted(self.folder.glob("R-*.json"))]
        return tuple(sorted(found, key=lambda each: each.at))

    def find(self, number: str) -> Manifest:
        """Give one by its number.

        Raises:
            ConfigurationError: there is none.
        """
        for each in self.every():
            if each.number == number:
                return each
        raise ConfigurationError(
            f"no release {display(number)} is kept here: `breachkit release --list` shows them"
        )

    def begin(self, plan: ReleasePlan, made: Made, when: datetime) -> Manifest:
        """Write down a release before it is pushed."""
        number = f"R-{when:%Y%m%d}-{secrets.token_hex(3)}"
        made_of = {"commit": made.commit, "parent": made.parent, "new_objects": sorted(made.new)}
        data = {"number": number, "state": "begun", "time": rfc3339(when), **made_of}
        return self._write({"schema": SCHEMA, **data, **_told(plan)})

    def settle(self, manifest: Manifest, state: State, arrived: Arrived | None = None) -> Manifest:
        """Write down what became of it."""
        proof = {"proof": _proof(arrived)} if arrived else {}
        return self._write({**manifest.data, "state": state, **proof})

    def forget(self, manifest: Manifest) -> None:
        """Take out a release of which nothing was pushed."""
        (self.folder / f"{manifest.number}.json").unlink(missing_ok=True)

    def _write(self, data: Mapping[str, Any]) -> Manifest:
        text = json.dumps(data, indent=1) + "\n"
        write_atomic(self.folder / f"{data['number']}.json", text.encode("utf-8"))
        return Manifest(data)


def _read(path: Path) -> Manifest:
    try:
        data = json.loads(path.read_text("utf-8"))
        require_schema(data, SCHEMA)
        made = Manifest(data)
        _ = made.made, made.files, made.at, made.state, made.number, data["repository"]
    except (ConfigurationError, OSError, ValueError, KeyError, TypeError, AttributeError):
        raise ConfigurationError(
            f"{display(os.fsencode(path))} does not read as the manifest of a release: put it back "
            "from a backup, or move it away"
        ) from None
    return made


def _told(plan: ReleasePlan) -> dict[str, Any]:
    word, stand = plan.word, plan.stand
    return {
        "repository": plan.url,
        "name": plan.name,
        "stands_on": name_to_json(stand.on),
        "released_by": _person(word.by),
        "checked_by": word.checked_by,
        "released_from": word.source,
        "policy": plan.policy,
        "check": _checked(plan),
        "files": [_file(each) for each in plan.files],
        "kept": plan.kept,
    }


def _person(person: Person) -> dict[str, str]:
    return {"name": person.name, "email": person.email}


def _checked(plan: ReleasePlan) -> dict[str, Any]:
    settled = [
        {"item": one.item.id, "by": answer.by, "on": answer.on.isoformat(), "reason": answer.reason}
        for one in plan.check.items
        for answer in (concern.answer for concern in one.concerns)
        if answer is not None
    ]
    return {
        "verdict": plan.check.scan.verdict,
        "items": {each.item.id: each.outcome.value for each in plan.check.items},
        "answers": settled,
        "acceptances": [
            {
                "id": each.acceptance.id,
                "rule": each.finding.hit.rule,
                "by": each.acceptance.by,
                "reason": each.acceptance.reason,
                "on": each.acceptance.on.isoformat(),
                "until": each.acceptance.until.isoformat(),
            }
            for each in plan.check.scan.accepted
        ],
    }


def _file(each: ReleaseFile) -> dict[str, Any]:
    return {
        "path": name_to_json(each.path),
        "size": each.size,
        "sha256": each.sha256,
        "blob": each.blob,
        "state": each.state,
    }


def _proof(arrived: Arrived) -> dict[str, int]:
    return {
        "commits": arrived.commits,
        "trees": arrived.trees,
        "files": arrived.files,
        "read": arrived.read,
    }
