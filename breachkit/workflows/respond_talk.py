"""Asking a person: every question has an answer that changes nothing, and nothing else is guessed.

Whoever is asked is tired and may type anything. An answer that is not understood is asked for again,
three times at most; then it counts as no.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from breachkit.model.time import parse_rfc3339
from breachkit.report.case_screen import Line
from breachkit.report.case_status import wrapped
from breachkit.report.respond import menu


TRIES = 3
"""How often something is asked that was not understood."""

_HELP = (
    "Type the answer in your own words, or only press Enter where you do not know it. The command that "
    "it becomes part of is shown before it runs."
)

Wrong = Callable[[str], str]
"""Says what is wrong with an answer; empty where nothing is."""

YES = frozenset({"y", "yes"})
NO = frozenset({"n", "no", "q", ""})


_MEANT_AS_YES = (
    "This asks for words, and y would be written down as them. Type them, or Enter to leave it out."
)


class LeftError(Exception):
    """Nobody answers any more: the terminal is closed, or its input ended."""


class StoppedError(LeftError):
    """Whoever was asked wants the step that asks to end, and nothing more of it to be done."""


class Person(Protocol):
    """Whoever sits at the terminal."""

    def show(self, lines: Iterable[Line]) -> None:
        """Show lines."""
        ...

    def ask(self, prompt: str) -> str:
        """Ask for one line, and give it without its end.

        Raises:
            LeftError: nobody answers any more.
        """
        ...


@dataclass(frozen=True, slots=True)
class Talk:
    """Asks a person so that only what was meant is taken for an answer."""

    person: Person

    def say(self, *texts: str) -> None:
        """Say sentences, wrapped."""
        self.person.show((line,) for text in texts for line in wrapped(text, indent=""))

    def show(self, lines: Iterable[Line]) -> None:
        """Show lines as they are."""
        self.person.show(lines)

    def line(self, prompt: str) -> str:
        """Ask for a line that can be shown; one with other signs in it is asked for again."""
        while True:
            given = self.person.ask(prompt).strip()
            if given.isprintable():
                return given
            self.say("That has keys in it that print nothing. Nothing was done; type it again.")

    def yes(self, question: str) -> bool:
        """Ask for yes or no; whatever is neither, three times, is no."""
        for _ in range(TRIES):
            given = self.line(f"{question} [y/n] ").lower()
            if given in YES:
                return True
            if given in NO:
                return False
            self.say("Type y for yes or n for no.")
        self.say("Taken as no: nothing was done.")
        return False

    def text(self, question: str, *, wanted: Wrong | None = None, usual: str = "") -> str:
        """Ask for words; empty where the person leaves them out.

        Args:
            question: In plain words.
            wanted: Says what is wrong with an answer; empty where nothing is.
            usual: What is taken where nothing is typed; then a `-` leaves it out.

        Raises:
            StoppedError: the answer is no.
        """
        self.say(question)
        usually = f"{usual}; -: leave it out" if usual else "leave it out"
        for _ in range(TRIES):
            given = self.line(f"(Enter: {usually}; n: stop) > ") or usual
            if given == "?":
                self.say(_HELP)
                continue
            if given.lower() in NO - {""}:
                raise StoppedError
            if given == "-":
                return ""
            wrong = _MEANT_AS_YES if given.lower() == "y" else ""
            wrong = wrong or (wanted(given) if given and wanted else "")
            if not wrong:
                return given
            self.say(wrong)
        return ""

    def choice(self, title: str, options: Sequence[str]) -> int | None:
        """Ask which of several; counted from 0, None for none of them."""
        self.show(menu(title, options))
        for _ in range(TRIES):
            given = self.line(f"1 to {len(options)}, or Enter for none of them > ").lower()
            if given in NO:
                return None
            if given.isdecimal() and given.isascii() and 1 <= int(given) <= len(options):
                return int(given) - 1
            self.say(f"Type a number from 1 to {len(options)}, or Enter.")
        self.say("Taken as none of them: nothing was done.")
        return None

    def typed_in_full(self, name: str) -> bool:
        """Ask for a name to be typed, as the proof that it is meant; three tries."""
        for _ in range(TRIES):
            given = self.line(f"Type {name} to do it, or Enter to leave it > ")
            if given == name:
                return True
            if given.lower() in NO:
                return False
            self.say("That is not the name. Nothing was done.")
        return False


def not_a_day(text: str, *, now: datetime) -> str:
    """Say what is wrong with a day that is to come; empty where it is one."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return "Write the day as year, month and day, such as 2026-03-20."
    return "" if day >= now.date() else "That day is over: give one that is to come."


def not_a_moment(text: str, *, now: datetime) -> str:
    """Say what is wrong with a moment that is to come; empty where it is one."""
    try:
        moment = parse_rfc3339(text)
    except ValueError:
        return (
            "Write it as a day, a time and its zone, such as 2026-03-20T12:00Z, or "
            "2026-03-20T12:00+01:00 for a clock that is an hour ahead."
        )
    return "" if moment > now else "That is over: give a time that is to come."
