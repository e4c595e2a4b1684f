"""Commands as plain data: what is known of one stands in it, what a person has to say is a blank.

A template is a line as it is pasted into a shell, with names in braces: `{case}` for what is known, and
the names of `BLANKS` for what only a person can say.
"""

import contextlib
import shlex
import string
from collections.abc import Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field


PROGRAM = "breachkit"

_CARRIED: ContextVar[tuple[str, ...]] = ContextVar("carried", default=())


@contextlib.contextmanager
def carrying(option: str, value: str) -> Iterator[None]:
    """Let every command that is named until the context is left have an option that this one was given.

    Without it a copy of the line would do something else than what is said of it.
    """
    before = _CARRIED.set((option, value))
    try:
        yield
    finally:
        _CARRIED.reset(before)


_PLACED: ContextVar[tuple[str, str]] = ContextVar("placed", default=("", ""))


@contextlib.contextmanager
def placed(case: str, folder: str) -> Iterator[None]:
    """Let every command that is named until the context is left name a case by its folder.

    Its id finds only a case that lies where all of them do.
    """
    before = _PLACED.set((case, folder))
    try:
        yield
    finally:
        _PLACED.reset(before)


def _found_by(word: str) -> str:
    case, folder = _PLACED.get()
    return folder if case and word == case else word


def with_carried(words: Sequence[str]) -> tuple[str, ...]:
    """Give the words of a command as it is typed here: by what `placed` and `carrying` say."""
    pairs = zip(("", *words), words, strict=False)
    found = [_found_by(word) if before == "--case" else word for before, word in pairs]
    carried = _CARRIED.get()
    if not carried or any(word.partition("=")[0] == carried[0] for word in words):
        return tuple(found)
    end = found.index("--") if "--" in found else len(found)
    return (*found[:end], *carried, *found[end:])


@dataclass(frozen=True, slots=True, kw_only=True)
class Blank:
    """Something in a command that a person has to say."""

    name: str
    """As templates name it."""
    shown: str
    """What stands for it in a line to paste."""
    asks: str
    """The question that it answers."""


_ALL = (
    Blank(
        name="engineer", shown="NAME", asks="Who does the clean-up? Name one person, by full name."
    ),
    Blank(name="by", shown="NAME", asks="Who decides it? The full name of a person."),
    Blank(
        name="second",
        shown="NAME",
        asks="Who is the second person? Not whoever is at this keyboard.",
    ),
    Blank(
        name="looked",
        shown="...",
        asks="What did they look at? In a few words, such as: the plan and the proof.",
    ),
    Blank(
        name="reason",
        shown="...",
        asks="Why? In a few words that can be understood later; nothing out of the data.",
    ),
    Blank(
        name="evidence",
        shown="TEXT",
        asks="What shows that it is done? Who did it and when; nothing out of the data.",
    ),
    Blank(name="answer", shown="TEXT", asks="What is the answer?"),
    Blank(name="day", shown="DATE", asks="On which day? Such as 2026-03-20."),
    Blank(
        name="moment",
        shown="TIME",
        asks="When do they hear again, or when is it looked back on? Such as 2026-03-20T12:00Z.",
    ),
    Blank(
        name="conclusion",
        shown="TEXT",
        asks="What was concluded? In a sentence; nothing out of the data.",
    ),
    Blank(name="decider", shown="NAME", asks="Who decides that the case ends? A full name."),
)

BLANKS: Mapping[str, Blank] = {each.name: each for each in _ALL}
_SHOWN: Mapping[str, str] = {each.name: each.shown for each in _ALL}


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One of the program's commands, for a case."""

    template: str
    """Such as `breachkit amend engineer "{engineer}" --case {case}`."""
    known: Mapping[str, str] = field(default_factory=dict)
    """What is known of it, by the names in the template."""

    @property
    def shown(self) -> str:
        """The line to paste, with what stands for each blank, and by what `placed` and `carrying` say."""
        quoted = {name: shlex.quote(_found_by(value)) for name, value in self.known.items()}
        line = self.template.format_map({**_SHOWN, **quoted})
        return " ".join((line, shlex.join(_CARRIED.get()))) if _CARRIED.get() else line

    @property
    def blanks(self) -> tuple[Blank, ...]:
        """What a person has to say before it can be run, in the order of the line."""
        named = (name for _, name, _, _ in string.Formatter().parse(self.template) if name)
        return tuple(BLANKS[name] for name in dict.fromkeys(named) if name not in self.known)

    @property
    def words(self) -> tuple[str, ...]:
        """The words behind the program's name, as the program gets them; blanks as in `shown`."""
        return self.filled({})

    def filled(self, answers: Mapping[str, str]) -> tuple[str, ...]:
        """Give the words behind the program's name with what a person said in the blanks.

        Args:
            answers: By the names of the blanks; each is one word, whatever is in it.
        """
        values = {**_SHOWN, **self.known, **answers}
        return tuple(word.format_map(values) for word in shlex.split(self.template)[1:])


def command_on(case: str, template: str, **known: str) -> Command:
    """Give a command on a case, by its id."""
    return Command(template=template, known={"case": case, **known})


def remedy(case: str, template: str) -> str:
    """Give the line to paste that brings something about in a case, by its id."""
    return command_on(case, template).shown
