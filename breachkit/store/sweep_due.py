"""What sweeps still owe people, in the same file as what they found: nothing is told twice, or forgotten.

A letter is written down together with the findings that it tells of, which then are owed no more. From
there on it is the letter that waits, until a server has taken it.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from breachkit.actions.sweep_due import Due, Envelope, LetterState, Purpose, Telling
from breachkit.actions.sweeping import Seen
from breachkit.store.database import open_or_rebuild, transaction, translated
from breachkit.store.sweeps import FILE, SCHEMA


class DueStore:
    """What is owed by the sweeps of one folder."""

    def __init__(self, folder: Path) -> None:
        """Open it; errors as for `SweepStore`."""
        self._path = folder / FILE
        self._database = open_or_rebuild(self._path, SCHEMA, lambda _aside: None)

    def due(self, target: str, purpose: Purpose) -> tuple[Due, ...]:
        """Give the findings that something is owed for, of one target."""
        with translated(self._path):
            rows = self._database.execute(
                "SELECT key, told FROM due WHERE target = ? AND purpose = ? ORDER BY key, mark",
                (target, purpose.value),
            ).fetchall()
        return tuple(_due(key, json.loads(told)) for key, told in rows)

    def done(self, target: str, purpose: Purpose, due: Iterable[Due]) -> None:
        """Owe nothing any more for these findings."""
        with translated(self._path), transaction(self._database):
            self._forget(target, purpose, due)

    def write(
        self,
        target: str,
        telling: Telling,
        letters: Iterable[tuple[str, str, str]],
        told: Iterable[Due],
    ) -> None:
        """Write letters down, and owe no word any more for what they tell: both, or neither.

        Args:
            target: Whose findings they tell of.
            telling: Their text.
            letters: Name, address and Message-ID of each.
            told: What they tell of.
        """
        with translated(self._path), transaction(self._database):
            made = self._database.execute(
                "INSERT INTO telling (target, at, subject, text) VALUES (?, ?, ?, ?)",
                (target, telling.at.isoformat(), telling.subject, telling.text),
            )
            self._address(made.lastrowid or 0, letters)
            self._forget(target, Purpose.MAIL, told)

    def readdress(
        self,
        target: str,
        contacts: Sequence[tuple[str, str]],
        message_id: Callable[[int, str], str],
    ) -> None:
        """Let letters that have not left wait for nobody who is no contact any more, but for who is.

        Args:
            target: Whose letters.
            contacts: Name and address of everybody who is told now.
            message_id: Gives one for the number of a telling and an address.
        """
        known = {address for _, address in contacts}
        with translated(self._path), transaction(self._database):
            lost = [
                (number, telling)
                for number, telling, address in self._waiting_for(target)
                if address not in known
            ]
            for telling in dict.fromkeys(telling for _, telling in lost):
                have = self._addresses(telling)
                missing = [(name, each) for name, each in contacts if each not in have]
                self._address(
                    telling, ((name, each, message_id(telling, each)) for name, each in missing)
                )
            self._database.executemany(
                "DELETE FROM letter WHERE number = ?", [(number,) for number, _ in lost]
            )

    def waiting(self, target: str) -> tuple[Envelope, ...]:
        """Give the letters that have not left, in the order in which they were written."""
        with translated(self._path):
            rows = self._database.execute(
                "SELECT letter.number, name, address, message_id, state, at, subject, text FROM letter "
                "JOIN telling ON telling.number = letter.telling WHERE target = ? AND waits "
                "ORDER BY letter.number",
                (target,),
            ).fetchall()
        return tuple(
            Envelope(
                number=number,
                name=name,
                address=address,
                message_id=message_id,
                telling=Telling(at=datetime.fromisoformat(at), subject=subject, text=text),
                may_have_arrived=state in {LetterState.SENDING, LetterState.UNSURE},
            )
            for number, name, address, message_id, state, at, subject, text in rows
        )

    def mark(self, letter: Envelope, state: LetterState) -> None:
        """Write down what became of a letter."""
        with translated(self._path), transaction(self._database):
            self._database.execute(
                "UPDATE letter SET state = ?, waits = ? WHERE number = ?",
                (state.value, state.waits, letter.number),
            )

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    def _address(self, telling: int, letters: Iterable[tuple[str, str, str]]) -> None:
        self._database.executemany(
            "INSERT INTO letter (telling, name, address, message_id, state) VALUES (?, ?, ?, ?, ?)",
            [(telling, *each, LetterState.WAITING.value) for each in letters],
        )

    def _waiting_for(self, target: str) -> list[tuple[int, int, str]]:
        """Give number, telling and address of every letter that has not left."""
        return self._database.execute(
            "SELECT letter.number, telling, address FROM letter "
            "JOIN telling ON telling.number = letter.telling WHERE target = ? AND waits",
            (target,),
        ).fetchall()

    def _addresses(self, telling: int) -> set[str]:
        rows = self._database.execute("SELECT address FROM letter WHERE telling = ?", (telling,))
        return {address for (address,) in rows}

    def _forget(self, target: str, purpose: Purpose, due: Iterable[Due]) -> None:
        self._database.executemany(
            "DELETE FROM due WHERE purpose = ? AND target = ? AND key = ? AND mark = ?",
            [(purpose.value, target, each.key, each.seen.mark) for each in due],
        )


def _due(key: str, told: Mapping[str, Any]) -> Due:
    return Due(
        key=key,
        name=told["name"],
        url=told["url"],
        found_at=datetime.fromisoformat(told["found_at"]),
        seen=Seen.from_json(told["seen"]),
    )
