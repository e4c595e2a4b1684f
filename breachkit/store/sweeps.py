"""What sweeps found over time: each repository's last look, the life of each finding, and every run.

The one file that cannot be found out again. Where it is damaged it is set aside, everything counts as new
once more, and that is said.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from breachkit.actions.sweep_due import Owed, owed_for
from breachkit.actions.sweeping import OPEN, Life, Outcome, Record, Run, Seen, Standing, Tally
from breachkit.store.database import Schema, open_or_rebuild, transaction, translated


FILE = "sweeps.sqlite"
RESUMABLE = timedelta(hours=20)
"""For how long a sweep that was not ended is gone on with: what tonight's finds of yesterday's is a day old."""

SCHEMA = Schema(
    name="sweeps",
    steps=(
        """
        CREATE TABLE run (
            number INTEGER PRIMARY KEY AUTOINCREMENT, target TEXT NOT NULL, policy TEXT NOT NULL,
            began_at TEXT NOT NULL, ended_at TEXT, unfinished TEXT NOT NULL DEFAULT '', counts TEXT
        );
        CREATE TABLE repository (
            target TEXT NOT NULL, key TEXT NOT NULL, outcome TEXT NOT NULL, run INTEGER NOT NULL,
            looked_at TEXT, PRIMARY KEY (target, key)
        ) WITHOUT ROWID;
        CREATE TABLE record (
            target TEXT NOT NULL, key TEXT NOT NULL, mark TEXT NOT NULL, life TEXT NOT NULL,
            since TEXT NOT NULL, last TEXT NOT NULL, seen TEXT NOT NULL,
            PRIMARY KEY (target, key, mark)
        ) WITHOUT ROWID
        """,
        """
        CREATE TABLE due (
            purpose TEXT NOT NULL, target TEXT NOT NULL, key TEXT NOT NULL, mark TEXT NOT NULL,
            told TEXT NOT NULL, PRIMARY KEY (purpose, target, key, mark)
        ) WITHOUT ROWID;
        CREATE TABLE telling (
            number INTEGER PRIMARY KEY AUTOINCREMENT, target TEXT NOT NULL, at TEXT NOT NULL,
            subject TEXT NOT NULL, text TEXT NOT NULL
        );
        CREATE TABLE letter (
            number INTEGER PRIMARY KEY AUTOINCREMENT, telling INTEGER NOT NULL, name TEXT NOT NULL,
            address TEXT NOT NULL, message_id TEXT NOT NULL, state TEXT NOT NULL,
            waits INTEGER NOT NULL DEFAULT 1, UNIQUE (telling, address)
        )
        """,
        """
        CREATE TABLE tally (
            target TEXT NOT NULL, key TEXT NOT NULL, run INTEGER NOT NULL, open INTEGER NOT NULL,
            PRIMARY KEY (target, key, run)
        ) WITHOUT ROWID
        """,
        """
        CREATE TABLE page (
            viewer BLOB NOT NULL, address TEXT NOT NULL, etag TEXT NOT NULL, more INTEGER NOT NULL,
            content TEXT NOT NULL, kept_on INTEGER NOT NULL, seal BLOB NOT NULL,
            PRIMARY KEY (viewer, address)
        ) WITHOUT ROWID
        """,
        "ALTER TABLE record ADD COLUMN object TEXT",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of one repository."""

    outcome: Outcome
    looked_at: datetime | None
    """When it was last looked at with success; None if never."""
    run: int
    """The number of the sweep that last came to it."""
    records: tuple[Record, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Owes:
    """What is owed for new findings of a repository."""

    owed: Owed
    url: str = field(default="", repr=False)
    """Of the repository, for a case about it."""


class SweepStore:
    """The record of sweeps in one folder."""

    def __init__(self, folder: Path) -> None:
        """Open it, which makes it where it is not there.

        Raises:
            StoreTooNewError: a later version of breachkit has written it.
            StoreWriteError: the disk is full, or somebody keeps it busy.
        """
        self._path = folder / FILE
        self.rebuilt: Path | None = None
        """Where a damaged record was set aside; None where none was."""
        self._database = open_or_rebuild(self._path, SCHEMA, self._note)

    def _note(self, aside: Path) -> None:
        self.rebuilt = aside

    def begin(self, target: str, policy: str, at: datetime) -> Run:
        """Begin a sweep, or go on with the one of the same target that was not ended.

        One that began too long ago is given up: what it settled then has to be looked at again.
        """
        with translated(self._path), transaction(self._database):
            found = self._database.execute(
                "SELECT number, began_at FROM run WHERE target = ? AND policy = ? AND ended_at IS NULL "
                "ORDER BY number DESC",
                (target, policy),
            ).fetchone()
            if found is not None and at - datetime.fromisoformat(found[1]) < RESUMABLE:
                number, began = found
                return Run(
                    number=number,
                    target=target,
                    policy=policy,
                    began_at=datetime.fromisoformat(began),
                    resumed=True,
                )
            self._database.execute(
                "UPDATE run SET ended_at = ?, unfinished = 'given up for another one' "
                "WHERE target = ? AND ended_at IS NULL",
                (at.isoformat(), target),
            )
            made = self._database.execute(
                "INSERT INTO run (target, policy, began_at) VALUES (?, ?, ?)",
                (target, policy, at.isoformat()),
            )
            return Run(number=made.lastrowid or 0, target=target, policy=policy, began_at=at)

    def known(self, target: str) -> dict[str, Known]:
        """Give what is known of every repository of a target, by key."""
        with translated(self._path):
            records: dict[str, list[Record]] = {}
            for key, *row in self._database.execute(
                "SELECT key, life, since, last, seen, object FROM record WHERE target = ? "
                "ORDER BY key, mark",
                (target,),
            ):
                records.setdefault(key, []).append(_record(*row))
            return {
                key: Known(
                    outcome=_outcome(json.loads(outcome)),
                    looked_at=None if looked_at is None else datetime.fromisoformat(looked_at),
                    run=run,
                    records=tuple(records.get(key, ())),
                )
                for key, outcome, looked_at, run in self._database.execute(
                    "SELECT key, outcome, looked_at, run FROM repository WHERE target = ?",
                    (target,),
                )
            }

    def settle(
        self,
        run: Run,
        outcome: Outcome,
        records: Sequence[Record],
        looked_at: datetime | None,
        owes: Owes,
        *,
        before: Sequence[Record] | None = None,
    ) -> None:
        """Write down what came of one repository and what is owed for it, all of it or nothing.

        Args:
            run: The sweep.
            outcome: What came of it.
            records: Its findings.
            looked_at: When it was looked at last.
            owes: What is to be done about new ones.
            before: Its findings as they are written down already; None where that is not known.
        """
        place = (run.target, outcome.key)
        is_same = before is not None and tuple(before) == tuple(records)
        rows = [] if is_same else [(*place, *_row(record)) for record in records]
        told = json.dumps(outcome_to_json(outcome))
        with translated(self._path), transaction(self._database):
            execute = self._database.execute
            if not is_same:
                execute("DELETE FROM record WHERE target = ? AND key = ?", place)
            self._database.executemany("INSERT INTO record VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
            at = None if looked_at is None else looked_at.isoformat()
            execute(
                "REPLACE INTO repository VALUES (?, ?, ?, ?, ?)", (*place, told, run.number, at)
            )
            self._tally(run, outcome, records)
            self._owe(run, outcome, records, owes)

    def _tally(self, run: Run, outcome: Outcome, records: Iterable[Record]) -> None:
        """Write down how many findings are open in a repository, where that has changed."""
        open_now = sum(record.life in OPEN for record in records)
        values = {"target": run.target, "key": outcome.key, "run": run.number, "open": open_now}
        self._database.execute(
            "DELETE FROM tally WHERE target = :target AND key = :key AND run = :run", values
        )
        self._database.execute(
            "INSERT INTO tally SELECT :target, :key, :run, :open WHERE :open IS NOT "
            "(SELECT open FROM tally WHERE target = :target AND key = :key ORDER BY run DESC LIMIT 1)",
            values,
        )

    def tallies(self, target: str) -> dict[str, tuple[Tally, ...]]:
        """Give how many findings were open in each repository of a target, by key, oldest first.

        There is one for the first sweep that settled a repository and for each that changed the number.
        """
        found: dict[str, list[Tally]] = {}
        with translated(self._path):
            for key, number, open_then in self._database.execute(
                "SELECT key, run, open FROM tally WHERE target = ? ORDER BY key, run", (target,)
            ):
                found.setdefault(key, []).append(Tally(run=number, open=open_then))
        return {key: tuple(each) for key, each in found.items()}

    def owe(self, run: Run, outcome: Outcome, records: Iterable[Record], owes: Owes) -> None:
        """Write down what is owed for a repository that a sweep which was not ended has settled."""
        with translated(self._path), transaction(self._database):
            self._owe(run, outcome, records, owes)

    def _owe(self, run: Run, outcome: Outcome, records: Iterable[Record], owes: Owes) -> None:
        self._database.executemany(
            "REPLACE INTO due VALUES (?, ?, ?, ?, ?)",
            [
                (
                    *(purpose.value, run.target, outcome.key, record.seen.mark),
                    json.dumps(
                        {
                            "name": outcome.name,
                            "url": owes.url,
                            "found_at": run.began_at.isoformat(),
                            "seen": record.seen.to_json(),
                        }
                    ),
                )
                for purpose, record in owed_for(records, owes.owed)
            ],
        )

    def end(self, run: Run, at: datetime, *, unfinished: str, counts: Mapping[str, int]) -> None:
        """Write down that a sweep has ended, and what it came to."""
        with translated(self._path), transaction(self._database):
            self._database.execute(
                "UPDATE run SET ended_at = ?, unfinished = ?, counts = ? WHERE number = ?",
                (at.isoformat(), unfinished, json.dumps(dict(counts)), run.number),
            )

    def runs(self, target: str, most: int = 366) -> tuple[Run, ...]:
        """Give the last sweeps of a target that have ended, oldest first."""
        with translated(self._path):
            rows = self._database.execute(
                "SELECT number, policy, began_at, ended_at, unfinished, counts FROM run "
                "WHERE target = ? AND ended_at IS NOT NULL ORDER BY number DESC LIMIT ?",
                (target, most),
            ).fetchall()
        return tuple(
            Run(
                number=number,
                target=target,
                policy=policy,
                began_at=datetime.fromisoformat(began),
                ended_at=datetime.fromisoformat(ended),
                unfinished=unfinished,
                counts=json.loads(counts or "{}"),
            )
            for number, policy, began, ended, unfinished, counts in reversed(rows)
        )

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()


def _row(record: Record) -> Sequence[str | None]:
    seen = json.dumps(record.seen.to_json())
    return (
        *(record.seen.mark, record.life.value),
        *(record.since.isoformat(), record.last.isoformat(), seen, record.seen.object_mark),
    )


def _record(life: str, since: str, last: str, seen: str, object_mark: str | None) -> Record:
    return Record(
        seen=replace(Seen.from_json(json.loads(seen)), object_mark=object_mark),
        life=Life(life),
        since=datetime.fromisoformat(since),
        last=datetime.fromisoformat(last),
    )


_PLAIN = ("key", "name", "reason", "state", "complete", "unread", "objects", "recalled", "seconds")


def outcome_to_json(outcome: Outcome) -> dict[str, Any]:
    """Write an outcome as JSON values, without its findings: records hold those."""
    told = {name: getattr(outcome, name) for name in (*_PLAIN, "disk_bytes")}
    return {"standing": outcome.standing.value, **told}


def _outcome(data: Mapping[str, Any]) -> Outcome:
    told = {name: data[name] for name in (*_PLAIN, "disk_bytes")}
    return Outcome(standing=Standing(data["standing"]), **told)


def rebuilt_words(aside: Path) -> str:
    """Say what it means that a damaged record was set aside."""
    return (
        f"the record of earlier sweeps was damaged and is set aside as {aside.name}: "
        "everything counts as new this time"
    )
