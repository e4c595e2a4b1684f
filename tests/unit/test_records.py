"""Records behave as the dataclasses of the standard library do, to which a type checker takes them for."""

import copy
import dataclasses
import inspect
import pickle
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, ClassVar, Generic, TypeVar

import pytest

from breachkit.model.records import dataclass, field


T = TypeVar("T")


class Positional:
    """Some words."""

    name: str
    count: int = 3


class KeywordOnly:
    name: str
    parts: tuple[int, ...] = ()
    secret: bytes = field(default=b"x", repr=False)
    made: list[int] = field(default_factory=list)
    last: int


class OfTwo(Generic[T]):
    one: T
    other: T

    def both(self) -> tuple[T, T]:
        return self.one, self.other


class Alone:
    only: int


class Nothing:
    pass


class Worded:
    name: str

    def __repr__(self) -> str:
        return "in its own words"


class Counted:
    name: str
    made: ClassVar[int] = 0


class Equal:  # noqa: PLW1641 - as such a dataclass may be
    name: str

    def __eq__(self, other: object) -> bool:
        return True


class Checked:
    name: str

    def __post_init__(self) -> None:
        if not self.name:
            raise ValueError("no name")


class Compared:
    name: str
    note: str = field(default="", compare=False)


class Typed:
    name: "str"
    made: "ClassVar[int]" = 0


PLAIN = {"frozen": True, "slots": True}
KW = {**PLAIN, "kw_only": True}
MUTABLE = {"slots": True}
SHAPES: list[tuple[type, dict[str, bool], list[dict[str, Any]]]] = [
    (Positional, PLAIN, [{"name": "a"}, {"name": "a", "count": 4}, {"name": "b", "count": 3}]),
    (Positional, KW, [{"name": "a"}, {"name": "a", "count": 4}]),
    (KeywordOnly, KW, [{"name": "a", "last": 1}, {"name": "a", "last": 1, "made": [1], "parts": (2,)}]),
    (OfTwo, KW, [{"one": 1, "other": 2}, {"one": 2, "other": 1}]),
    (Alone, PLAIN, [{"only": 1}, {"only": 2}]),
    (Nothing, KW, [{}]),
    (Worded, PLAIN, [{"name": "a"}]),
    (Counted, PLAIN, [{"name": "a"}]),
    (Equal, PLAIN, [{"name": "a"}, {"name": "b"}]),
    (Checked, PLAIN, [{"name": "a"}, {"name": ""}]),
    (Compared, KW, [{"name": "a"}, {"name": "a", "note": "b"}]),
    (Typed, PLAIN, [{"name": "a"}]),
    (Alone, MUTABLE, [{"only": 1}, {"only": 2}]),
    (Positional, MUTABLE, [{"name": "a"}, {"name": "a", "count": 4}, {"name": "b", "count": 3}]),
    (KeywordOnly, {**MUTABLE, "kw_only": True}, [{"name": "a", "last": 1}, {"name": "a", "last": 1, "made": [1]}]),
    (OfTwo, MUTABLE, [{"one": 1, "other": 2}, {"one": 2, "other": 1}]),
    (Nothing, MUTABLE, [{}]),
    (Worded, MUTABLE, [{"name": "a"}]),
    (Checked, MUTABLE, [{"name": "a"}, {"name": ""}]),
    (Alone, {"slots": True, "eq": False}, [{"only": 1}]),
    (Alone, {"frozen": True, "slots": True, "order": True}, [{"only": 1}, {"only": 2}]),
    (Positional, {}, [{"name": "a"}]),
]  # fmt: skip
PLAINLY_MADE = (Positional, KeywordOnly, OfTwo, Alone, Nothing, Worded)


def outcome(function: Callable[[], Any]) -> Any:
    """What a call gives, or the type of what it raises."""
    try:
        return function()
    except Exception as error:  # noqa: BLE001 - any is compared
        return type(error)


def each(whole: list[Any], function: Callable[[Any], Any]) -> list[Any]:
    """What a function gives of each, or the type of what it raises."""
    return [outcome(partial(function, one)) for one in whole]


def seen(cls: Any, samples: list[dict[str, Any]]) -> dict[str, Any]:
    """Everything that can be told of a class and of what it makes."""
    made = [outcome(partial(cls, **given)) for given in samples]
    first = next(iter(inspect.get_annotations(cls)), None)
    whole = [one for one in made if isinstance(one, cls)]
    return {
        "shown": [repr(one) for one in made],
        "equal": [[one == other for other in whole] for one in whole],
        "hashes": each(whole, lambda one: hash(one) == hash(copy.copy(one))),
        "hashable": each(whole, lambda one: isinstance(hash(one), int)),
        "other": [one == object() for one in whole],
        "order": outcome(lambda: sorted(whole) == whole) if len(whole) > 1 else None,
        "copies": [copy.deepcopy(one) == one for one in whole],
        "fields": [(one.name, one.repr, one.kw_only) for one in dataclasses.fields(cls)],
        "frozen": each(whole, lambda one: setattr(one, first, 1)) if first else None,
        "new": [isinstance(one, type) for one in each(whole, lambda one: setattr(one, "no", 1))],
        "deleted": each(whole, lambda one: delattr(one, first)) if first else None,
        "dicts": each(whole, dataclasses.asdict),
        "replaced": each(whole, lambda one: repr(dataclasses.replace(one, **samples[-1]))),
        "dict": [hasattr(one, "__dict__") for one in whole],
        "match": cls.__match_args__,
        "called": {name: (str(one.kind), one.default is inspect.Parameter.empty) for name, one in inspect.signature(cls).parameters.items()},
        "wrong": [outcome(lambda: cls(nonsense=1)), outcome(lambda: cls(1, 2, 3, 4, 5, 6))],
        "positional": repr(outcome(lambda: cls("a"))),
        "types": inspect.get_annotations(cls.__init__),
        "names": (cls.__name__, cls.__qualname__, cls.__module__),
    }  # fmt: skip


def fresh(cls: type) -> type:
    """The class as its author wrote it, once more: to make a record of it may change it."""
    body = {
        name: copy.copy(value)
        for name, value in vars(cls).items()
        if name not in {"__dict__", "__weakref__"}
    }
    made = type(cls)(cls.__name__, cls.__bases__, body)
    made.__qualname__ = cls.__qualname__
    return made


@pytest.mark.parametrize(
    ("cls", "wanted", "samples"),
    SHAPES,
    ids=[f"{cls.__name__}-{'-'.join(wanted)}" for cls, wanted, _ in SHAPES],
)
def test_a_record_is_a_dataclass(
    cls: type, wanted: Mapping[str, bool], samples: list[dict[str, Any]]
) -> None:
    ours: Any = dataclass(**wanted)(fresh(cls))
    theirs: Any = dataclasses.dataclass(**wanted)(fresh(cls))

    assert seen(ours, samples) == seen(theirs, samples)


@pytest.mark.parametrize("wanted", [KW, {**MUTABLE, "kw_only": True}], ids=["frozen", "mutable"])
@pytest.mark.parametrize("cls", PLAINLY_MADE)
def test_most_records_are_made_without_the_standard_library(
    cls: type, wanted: Mapping[str, bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dataclasses, "dataclass", None)
    made: Any = dataclass(**wanted)(fresh(cls))

    assert made.__slots__ == tuple(inspect.get_annotations(cls))


def test_a_default_that_all_would_share_is_refused() -> None:
    with pytest.raises(ValueError, match="mutable default"):

        @dataclass(frozen=True, slots=True)
        class _Shared:
            parts: list[int] = []  # noqa: RUF012 - which is what is refused


def test_what_is_inherited_is_kept() -> None:
    @dataclass(frozen=True, slots=True)
    class Base:
        name: str

    @dataclass(frozen=True, slots=True)
    class Derived(Base):
        count: int

    assert repr(Derived("a", 2)).endswith("Derived(name='a', count=2)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """At the top of a module, where pickle finds it."""

    name: str
    parts: tuple[int, ...] = ()


@dataclass(slots=True)
class Changed:
    """At the top of a module too."""

    name: str
    parts: tuple[int, ...] = ()


@pytest.mark.parametrize("one", [Kept(name="a", parts=(1, 2)), Changed("a", (1, 2))])
@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_a_record_can_be_pickled(protocol: int, one: Kept | Changed) -> None:
    assert pickle.loads(pickle.dumps(one, protocol)) == one


def test_a_record_is_matched_by_its_parts() -> None:
    match Kept(name="a", parts=(1, 2)):
        case Kept(name=name, parts=(1, *rest)):
            assert (name, rest) == ("a", [2])
        case _:
            pytest.fail("it is no such record")
