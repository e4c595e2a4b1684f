"""Carries what no mail carries: whatever somebody says was handed over reaches whom it is for.

In a practice nobody can telephone, or paste into a form. So what the journal has as sent by hand is
taken at its word, and the people of the practice answer it.
"""

import contextlib
import json
import logging
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

from breachkit.drill.inbox import Arrived
from breachkit.drill.practice_people import Handed, People
from breachkit.incident.events import EventKind
from breachkit.incident.folder import JOURNAL
from breachkit.model.errors import BreachkitError


_EVERY_S = 0.1
_LOG = logging.getLogger(__name__)


class Messenger:
    """Looks at the journals of a practice while it is entered, and carries what is new.

    Args:
        home: The folder with the practice's cases.
        people: Who gets messages.
    """

    def __init__(self, home: Path, people: People) -> None:
        self._home = home
        self._people = people
        self._read: dict[Path, int] = {}
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._ends.set()
        self._thread.join()

    def _work(self) -> None:
        while True:
            ending = self._ends.wait(_EVERY_S)
            self.look()
            if ending:
                return

    def look(self) -> None:
        """Carry what was said to be handed over since the last look."""
        for journal in sorted(self._home.glob(f"BK-*/{JOURNAL}")):
            for number in self._new(journal):
                try:
                    self._carry(journal.parent, number)
                except (BreachkitError, OSError, ValueError, LookupError) as problem:
                    kind = type(problem).__name__  # whose message may quote what it stumbled on
                    _LOG.warning("a message of the practice was not carried: %s", kind)

    def _new(self, journal: Path) -> Iterator[str]:
        """Give the numbers of messages that were newly said to be sent by hand."""
        start = self._read.get(journal, 0)
        try:
            with journal.open("rb") as file:
                file.seek(start)
                lines = file.read().splitlines(keepends=True)
        except OSError:  # somebody took the case away meanwhile
            return
        whole = [line for line in lines if line.endswith(b"\n")]
        self._read[journal] = start + sum(map(len, whole))
        for line in whole:
            with contextlib.suppress(ValueError, LookupError):  # a line that somebody changed
                event = json.loads(line)
                if event["kind"] == EventKind.NOTIFY_SENT and event["detail"]["how"] == "by hand":
                    yield event["detail"]["number"]

    def _carry(self, case: Path, number: str) -> None:
        (file,) = case.glob(f"notifications/{number}-*/meta.json")
        meta: dict[str, Any] = json.loads(file.read_bytes())
        mail = next(case.glob(f"**/{file.parent.name}/message.eml"), None)
        if meta["email"] and mail is not None:
            taken = Arrived(recipients=(meta["email"],), data=mail.read_bytes(), encrypted=False)
            self._people.take_once(taken)
        else:
            self._people.take_by_hand(_handed(case, file.parent, meta))


def _handed(case: Path, folder: Path, meta: dict[str, Any]) -> Handed:
    ids = case / "private" / "support-ids.txt"
    return Handed(
        kind=meta["kind"],
        name=meta["name"],
        subject=f"{meta['id']}: {meta['subject']}",
        text=(folder / "message.txt").read_text("utf-8"),
        ids=ids.read_text("utf-8") if ids.exists() else "",
    )
