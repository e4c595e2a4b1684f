"""One sitting of a guided response: the case, the person, and what was run.

It keeps nothing on disk and nothing of the case in memory: what stands is read anew each time, so that
whoever comes back tomorrow, or another person on this machine, goes on from the same place.
"""

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from breachkit.incident.case import Incident
from breachkit.incident.commands import Command, command_on, line_of, with_carried
from breachkit.incident.folder import CaseFolder
from breachkit.model.time import Clock
from breachkit.report import respond as screen
from breachkit.report.colours import STRONG
from breachkit.report.respond import Ran
from breachkit.workflows.respond_talk import Talk, Wrong, not_a_day, not_a_moment


Run = Callable[[Sequence[str]], int]
"""Runs one of the program's commands, given without the program's name, and gives its exit code."""

_CHECKS: Mapping[str, Callable[..., str]] = {"day": not_a_day, "moment": not_a_moment}
"""By the name of a blank that takes no other words."""

INTERRUPTED = 130
LEFT_ALONE = "Nothing was done."


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What whoever responds has at hand."""

    has_token: bool
    """Whether the platform can be asked at all."""
    mail_server: str | None
    """The mail server that is set up; None where messages are sent by hand."""
    sender: str | None = None
    """Whose messages leave over it; None where nobody has said so."""


@dataclass(slots=True, kw_only=True)
class Sitting:
    """What the steps of a guided response share."""

    case: CaseFolder
    clock: Clock
    talk: Talk
    means: Means
    execute: Run
    ran: list[Ran] = field(default_factory=list)
    named: dict[str, str] = field(default_factory=dict)
    """Who was named last for each question, in this sitting."""

    @property
    def incident(self) -> Incident:
        """The case as its journal has it now."""
        return self.case.incident

    def on_case(self, *words: str) -> tuple[str, ...]:
        """Give the words of a command with the case named."""
        return (*words, "--case", self.incident.id)

    def command(self, template: str) -> Command:
        """Give a command on the case, with the blanks of its template."""
        return command_on(self.incident.id, template)

    def run(self, words: Sequence[str]) -> int:
        """Run a command as it would be typed, show it, and say what came of it.

        Raises:
            KeyboardInterrupt: whoever sits there interrupted it.
        """
        words = with_carried(words)
        self.talk.show([(), ((f"$ {line_of(words)}", STRONG),)])
        before = self.incident
        code = self.execute(words)
        self.ran.append(Ran(words=words, code=code))
        if code == INTERRUPTED:
            raise KeyboardInterrupt
        self.talk.show(screen.outcome(before, self.incident, words, code))
        return code

    def fill(self, command: Command) -> tuple[str, ...] | None:
        """Ask for what a command lacks; None where the person leaves it."""
        answers: dict[str, str] = {}
        for blank in command.blanks:
            given = (
                self.name(blank.asks)
                if blank.shown == "NAME"
                else self.talk.text(blank.asks, wanted=self.wrong(blank.name))
            )
            if not given:
                self.talk.say(LEFT_ALONE)
                return None
            answers[blank.name] = given
        return command.filled(answers)

    def wrong(self, blank: str) -> Wrong | None:
        """Give what says what is wrong with an answer to a blank; None where any words will do."""
        check = _CHECKS.get(blank)
        return None if check is None else functools.partial(check, now=self.clock.now())

    def fill_and_run(self, command: Command) -> int | None:
        """Ask for what a command lacks, show it whole, and run it once that is agreed to.

        Gives None where the person leaves it; then nothing was done.
        """
        words = self.fill(command)
        if words is None or (command.blanks and not self.agreed(words)):
            return None
        return self.run(words)

    def name(self, question: str, usual: str = "") -> str:
        """Ask for a name or an office; where nothing is typed, whoever was named last, or is usual, is taken."""
        given = self.talk.text(question, usual=self.named.get(question, usual))
        if given:
            self.named[question] = given
        return given

    def agreed(self, *commands: Sequence[str]) -> bool:
        """Show commands whole, and ask whether they are meant."""
        self.talk.show([(), *((f"  $ {line_of(words)}",) for words in commands)])
        if self.talk.yes("Is this meant?"):
            return True
        self.talk.say(LEFT_ALONE)
        return False
