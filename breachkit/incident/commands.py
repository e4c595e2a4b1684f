"""Commands as plain data: what is known of one stands in it, what a person has to say is a blank.

A template is a line as it is pasted into a shell, with names in braces: `{case}` for what is known, and
the names of `BLANKS` for what only a person can say.
"""

import contextlib
import re
import shlex
import string
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field


PROGRAM = "breachkit"

Takes = Callable[[Sequence[str]], bool]
"""Says whether a command, given as its words with the program's name, takes an option."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Carried:
    """An option of the line that is running, with its value."""

    option: str
    value: str
    takes: Takes

    def belongs_to(self, words: Sequence[str]) -> bool:
        """Say whether a command takes it and has none of its own."""
        own = any(word.partition("=")[0] == self.option for word in words)
        return not own and self.takes(words)


_FIRST: ContextVar[tuple[str, ...]] = ContextVar("first", default=())


@contextlib.contextmanager
def carrying_first(*words: str) -> Iterator[None]:
    """Let every command that is named until the context is left begin with options of the program itself.

    Args:
        words: They stand before the command, such as `--config` and a file, to be typed from any folder.
    """
    before = _FIRST.set(words)
    try:
        yield
    finally:
        _FIRST.reset(before)


def _at_first(words: Sequence[str]) -> tuple[str, ...]:
    """Give the program's own options that a command has to have; one that has some keeps those.

    Args:
        words: Those behind the program's name.
    """
    return () if words[:1] and words[0].startswith("-") else _FIRST.get()


_CARRIED: ContextVar[tuple[_Carried, ...]] = ContextVar("carried", default=())


@contextlib.contextmanager
def carrying(option: str, value: str, takes: Takes = lambda _words: True) -> Iterator[None]:
    """Let every command that is named until the context is left have an option that this one was given.

    Without it a copy of the line would do something else than what is said of it.

    Args:
        option: Such as `--playbooks`.
        value: As it is to be typed from any folder.
        takes: Says which commands take it.
    """
    others = tuple(each for each in _CARRIED.get() if each.option != option)
    before = _CARRIED.set((*others, _Carried(option=option, value=value, takes=takes)))
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
    with placing():
        place(case, folder)
        yield


@contextlib.contextmanager
def placing() -> Iterator[None]:
    """Forget where cases are that `place` is told of until the context is left."""
    before = _PLACED.set(_PLACED.get())
    try:
        yield
    finally:
        _PLACED.reset(before)


def place(case: str, folder: str) -> None:
    """Let every command that is named from now on name a case by its folder, within a `placing`."""
    _PLACED.set((case, folder))


def _found_by(word: str) -> str:
    case, folder = _PLACED.get()
    return folder if case and word == case else word


def _added(words: Sequence[str]) -> tuple[str, ...]:
    """Give the options that a command has to have beside its own."""
    found = (each for each in _CARRIED.get() if each.belongs_to(words))
    return tuple(word for each in found for word in (each.option, each.value))


def with_carried(words: Sequence[str]) -> tuple[str, ...]:
    """Give the words of a command as it is run here: by what `placed` and `carrying` say.

    What `carrying_first` says is in force for whatever this process runs.

    Args:
        words: Those behind the program's name.
    """
    pairs = zip(("", *words), words, strict=False)
    found = [_found_by(word) if before == "--case" else word for before, word in pairs]
    end = found.index("--") if "--" in found else len(found)
    return (*found[:end], *_added((PROGRAM, *words)), *found[end:])


def line_of(words: Sequence[str]) -> str:
    """Give the line to paste that calls a command, by its words behind the program's name."""
    return shlex.join((PROGRAM, *_at_first(words), *with_carried(words)))


def as_typed(line: str) -> str:
    """Give a line to paste as it is typed here: by what `placed` and `carrying` say.

    Every line that names a command passes through here once it is shown; one that passed before is
    left as it is, and so is what is no line of this program's.
    """
    case, folder = _PLACED.get()
    if not line.startswith(f"{PROGRAM} ") or not (case or _CARRIED.get() or _FIRST.get()):
        return line
    if case:
        named = rf"(?<=--case ){re.escape(case)}(?!\S)"
        line = re.sub(named, lambda _found: shlex.quote(folder), line)
    try:
        words = shlex.split(line)
    except ValueError:  # such as a name with an apostrophe, in a line that nobody can paste
        return line
    more = shlex.join(_added(words))
    front, dashes, behind = line.rpartition(" -- ") if "--" in words else (line, "", "")
    line = f"{front} {more}{dashes}{behind}" if more else line
    first = shlex.join((PROGRAM, *_at_first(words[1:])))
    return f"{first}{line.removeprefix(PROGRAM)}"


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
        return as_typed(self.template.format_map({**_SHOWN, **quoted}))

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
