"""`dataclass` for records with slots, frozen or not, made in a quarter of the time.

A command loads a hundred records before it does anything, and for each the standard library
compiles six functions: a seventh of a small scan. Here one is compiled; the others are closures.
What a record can do is the same (`dataclasses.replace`, `fields`, `asdict`, `match`, pickling), and
whatever is asked for beyond that is left to the standard library. To a type checker it *is*
`dataclasses.dataclass`.
"""

import dataclasses
import inspect
from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, MISSING, Field, FrozenInstanceError, InitVar, field
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar, cast, get_origin


__all__ = ["dataclass", "field"]

_Fields = Mapping[str, "Field[Any]"]
_Values = Callable[[Any], tuple[Any, ...]]

if TYPE_CHECKING:
    from dataclasses import dataclass
else:

    def dataclass(cls=None, /, **wanted):
        """As `dataclasses.dataclass`."""

        def make(cls):
            return _record(cls, wanted) or dataclasses.dataclass(**wanted)(cls)

        return make if cls is None else make(cls)


_FROZEN = ({"frozen": True, "slots": True}, {"frozen": True, "slots": True, "kw_only": True})
_PLAIN = (*_FROZEN, {"slots": True}, {"slots": True, "kw_only": True})
_OWN = frozenset(
    {
        *("__init__", "__post_init__", "__setattr__", "__delattr__", "__eq__", "__hash__"),
        *("__slots__", "__getstate__", "__setstate__", "__match_args__"),
    }
)
"""What of these a class brings itself the standard library knows how to go about."""


def _record(cls: type, wanted: Mapping[str, bool]) -> type | None:
    """Give the record, or None where it takes the standard library to make it."""
    annotations = inspect.get_annotations(cls)
    fields = {name: _field(cls.__dict__.get(name, MISSING)) for name in annotations}
    if wanted not in _PLAIN or not _is_plain(cls, fields, annotations):
        return None
    dropped = {*fields, "__dict__", "__weakref__"}
    body = {name: value for name, value in cls.__dict__.items() if name not in dropped}
    body |= {name: _Described(name, cls, wanted) for name in _DESCRIBED}
    is_frozen = wanted in _FROZEN
    body |= _methods(cls, fields) | (_of_frozen(fields) if is_frozen else {"__hash__": None})
    body["__slots__"] = tuple(fields)
    body["__match_args__"] = () if "kw_only" in wanted else tuple(fields)
    made: Any = type(cls)(cls.__name__, cls.__bases__, body)
    made.__qualname__ = cls.__qualname__
    init = _init(made, fields, kw_only="kw_only" in wanted, is_frozen=is_frozen)
    init.__annotations__ = {**annotations, "return": None}
    made.__init__ = init
    if is_frozen:
        made.__setstate__ = _restoring(made, fields)
    return cast("type", made)


def _field(default: Any) -> "Field[Any]":
    return default if isinstance(default, Field) else field(default=default)


def _is_plain(cls: type, fields: _Fields, annotations: Mapping[str, Any]) -> bool:
    return (
        not any(hasattr(base, "__dataclass_fields__") for base in cls.__mro__[1:])
        and _OWN.isdisjoint(cls.__dict__)
        and all(map(_is_plain_type, annotations.values()))
        and all(map(_is_plain_field, fields.values()))
    )


def _is_plain_type(annotation: Any) -> bool:
    if isinstance(annotation, str):
        return not any(name in annotation for name in ("ClassVar", "InitVar", "KW_ONLY"))
    special = isinstance(annotation, InitVar) or annotation in {InitVar, KW_ONLY, ClassVar}
    return not special and get_origin(annotation) is not ClassVar


def _is_plain_field(one: "Field[Any]") -> bool:
    return (
        one.init
        and one.compare
        and one.hash is None
        and one.kw_only is MISSING
        and type(one.default).__hash__ is not None
    )


_DESCRIBED = ("__dataclass_fields__", "__dataclass_params__")


class _Described:
    """What `dataclasses` keeps of a class, which it works out when it first asks for it."""

    def __init__(self, name: str, cls: type, wanted: Mapping[str, bool]) -> None:
        self._name, self._cls, self._wanted = name, cls, wanted

    def __get__(self, _instance: object, owner: type) -> Any:
        made: Any = dataclasses.dataclass(**self._wanted)(self._cls)
        for name in _DESCRIBED:
            setattr(owner, name, getattr(made, name))
        return getattr(made, self._name)


def _init(made: type, fields: _Fields, *, kw_only: bool, is_frozen: bool) -> Callable[..., None]:
    """Compile the one function that is worth it: it is called for every record."""
    known: dict[str, Any] = {"_missing": MISSING}
    arguments, lines = ["self", *(["*"] if kw_only and fields else [])], []
    for name, one in fields.items():
        known[f"_set_{name}"] = made.__dict__[name].__set__
        value = name
        if one.default_factory is not MISSING:
            known[f"_default_{name}"], known[f"_make_{name}"] = MISSING, one.default_factory
            value = f"_make_{name}() if {name} is _missing else {name}"
        elif one.default is not MISSING:
            known[f"_default_{name}"] = one.default
        default = f"=_default_{name}" if f"_default_{name}" in known else ""
        arguments.append(f"{name}{default}")
        lines.append(f" _set_{name}(self, {value})" if is_frozen else f" self.{name} = {value}")
    body = "\n".join(lines) or " pass"
    exec(f"def __init__({', '.join(arguments)}):\n{body}", known)  # noqa: S102 - of names in a class body, as in `dataclasses`
    function: Callable[..., None] = known["__init__"]
    function.__qualname__ = f"{made.__qualname__}.__init__"
    return function


def _restoring(made: type, fields: _Fields) -> Callable[[Any, list[Any]], None]:
    setters = tuple(made.__dict__[name].__set__ for name in fields)

    def restore(self: Any, state: list[Any]) -> None:
        for put, value in zip(setters, state, strict=True):
            put(self, value)

    return restore


def _methods(cls: type, fields: _Fields) -> dict[str, Callable[..., Any]]:
    """Give what needs no compiling; a `__repr__` of the class's own stays."""
    values = _values_of(tuple(fields))
    shown = tuple(name for name, one in fields.items() if one.repr)

    def repr_(self: Any) -> str:
        inner = ", ".join(f"{name}={getattr(self, name)!r}" for name in shown)
        return f"{type(self).__qualname__}({inner})"

    def eq(self: Any, other: Any) -> Any:
        return values(self) == values(other) if type(other) is type(self) else NotImplemented

    return {"__repr__": cls.__dict__.get("__repr__", repr_), "__eq__": eq}


def _of_frozen(fields: _Fields) -> dict[str, Callable[..., Any]]:
    """Give what else a record has that cannot be changed."""
    values = _values_of(tuple(fields))

    def frozen(_self: Any, name: str, _value: Any) -> None:
        raise FrozenInstanceError(f"cannot assign to field {name!r}")

    def undeletable(_self: Any, name: str) -> None:
        raise FrozenInstanceError(f"cannot delete field {name!r}")

    return {
        "__hash__": lambda self: hash(values(self)),
        "__setattr__": frozen,
        "__delattr__": undeletable,
        "__getstate__": lambda self: list(values(self)),
    }


def _values_of(names: tuple[str, ...]) -> _Values:
    """Give what takes all values of a record: at the speed of C where there are two or more."""
    if len(names) > 1:
        return attrgetter(*names)
    return lambda record: tuple(getattr(record, name) for name in names)
