"""What a pickle would build, without building it: calls become notes of what would be called.

A pickle is a program. This machine follows its steps on a stack of its own; wherever the program
names a function or a class, or calls one, a `Call` is put down instead. Nothing is looked up,
imported or run, so that the worst that a hostile pickle can do is to be long.

Source: CPython, Lib/pickletools.py, which reads the steps and says what each is for.
"""

import io
import pickletools
from collections.abc import Callable
from typing import Any

from breachkit.documents.reader import NotReadError
from breachkit.model.records import dataclass, field


_MOST_STEPS = 800_000
_DEEPEST = 3
_CONSTANTS: dict[str, Any] = {
    "NONE": None,
    "NEWTRUE": True,
    "NEWFALSE": False,
    "EMPTY_TUPLE": (),
}
_EMPTY: dict[str, Callable[[], Any]] = {"EMPTY_LIST": list, "EMPTY_DICT": dict, "EMPTY_SET": list}
_NOTHING_TO_DO = frozenset({"PROTO", "FRAME", "READONLY_BUFFER"})
_TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
_MAKERS = frozenset({"copyreg._reconstructor", "copy_reg._reconstructor", "copyreg.__newobj__"})
"""What makes an object of a class that is its first argument."""
_JOBLIB_ARRAY = "joblib.numpy_pickle.NumpyArrayWrapper"


@dataclass(slots=True, eq=False)
class Call:
    """Something that would be called, or a name that would be looked up."""

    name: str
    """Module and name, such as `numpy.dtype`; empty where even that is unknown."""
    arguments: tuple[Any, ...] = field(default=(), repr=False)
    state: Any = field(default=None, repr=False)
    """What it would be told afterwards."""
    items: list[Any] = field(default_factory=list, repr=False)
    """What would be appended to it, or put into it as pairs."""
    data_at: int = -1
    """Where the bytes of an array stand that joblib keeps between the steps, counted from 0."""


class _Mark:
    """Stands on the stack where a list of arguments begins."""


_MARK = _Mark()


def follow(content: bytes, size_of: Callable[[Call], int | None]) -> Any:
    """Follow the program, and give what stands on the stack at its end.

    Args:
        content: The pickle.
        size_of: Says how many bytes an array of joblib takes, which stand behind the step that
            would have built it; None where another pickle stands there.

    Raises:
        NotReadError: It is none, or has too many steps.
    """
    try:
        return _run(io.BytesIO(content), size_of, 0)
    except (ValueError, IndexError, KeyError, TypeError, AttributeError, UnicodeError):
        raise NotReadError("damaged, or of an unknown version") from None


def _run(file: io.BytesIO, size_of: Callable[[Call], int | None], depth: int) -> Any:
    machine = _Machine()
    for number, (step, argument, _) in enumerate(pickletools.genops(file)):
        if number > _MOST_STEPS or depth > _DEEPEST:
            raise NotReadError("too many objects")
        machine.step(step.name, argument)
        built = machine.stack[-1] if step.name == "BUILD" else None
        if isinstance(built, Call) and built.name == _JOBLIB_ARRAY:
            _pass_over(file, built, size_of, depth)
    return machine.stack[-1]


def _pass_over(
    file: io.BytesIO, built: Call, size_of: Callable[[Call], int | None], depth: int
) -> None:
    """Note where the bytes of an array stand between the steps, and go on behind them."""
    size = size_of(built)
    if size is None:
        built.items = [_run(file, size_of, depth + 1)]
        return
    if isinstance(built.state, dict) and built.state.get("numpy_array_alignment_bytes"):
        file.seek(file.read(1)[0], io.SEEK_CUR)
    built.data_at = file.tell()
    file.seek(size, io.SEEK_CUR)


class _Machine:
    def __init__(self) -> None:
        self.stack: list[Any] = []
        self._memo: dict[int, Any] = {}

    def step(self, name: str, argument: Any) -> None:
        """Do what one step says."""
        if name in _NOTHING_TO_DO or name == "STOP":
            return
        if name in _CONSTANTS:
            self.stack.append(_CONSTANTS[name])
        elif name in _EMPTY:
            self.stack.append(_EMPTY[name]())
        elif name in _TUPLES:
            self._push(tuple(self._pop(_TUPLES[name])))
        else:
            own = getattr(self, f"_{name.lower()}", None)
            if own is not None:
                own(argument)
            elif argument is not None:  # every other step with an argument pushes that
                self.stack.append(argument)
            else:
                raise NotReadError("of an unknown version")

    def _push(self, value: Any) -> None:
        self.stack.append(value)

    def _pop(self, number: int) -> list[Any]:
        found = self.stack[len(self.stack) - number :]
        if len(found) < number:
            raise IndexError
        del self.stack[len(self.stack) - number :]
        return found

    def _to_mark(self) -> list[Any]:
        at = len(self.stack) - 1
        while self.stack[at] is not _MARK:
            at -= 1
            if at < 0:
                raise IndexError
        found = self.stack[at + 1 :]
        del self.stack[at:]
        return found

    def _mark(self, _: Any) -> None:
        self.stack.append(_MARK)

    def _pop_mark(self, _: Any) -> None:
        self._to_mark()

    def _dup(self, _: Any) -> None:
        self.stack.append(self.stack[-1])

    def _memoize(self, _: Any) -> None:
        self._memo[len(self._memo)] = self.stack[-1]

    def _put(self, number: Any) -> None:
        self._memo[int(number)] = self.stack[-1]

    _binput = _long_binput = _put

    def _get(self, number: Any) -> None:
        self.stack.append(self._memo[int(number)])

    _binget = _long_binget = _get

    def _tuple(self, _: Any) -> None:
        self._push(tuple(self._to_mark()))

    def _list(self, _: Any) -> None:
        self._push(self._to_mark())

    _frozenset = _list

    def _dict(self, _: Any) -> None:
        self._push({})
        self._fill_dict(self._pop(1)[0], self._to_mark())

    def _append(self, _: Any) -> None:
        self._extend(self._pop(1))

    def _appends(self, _: Any) -> None:
        self._extend(self._to_mark())

    _additems = _appends

    def _extend(self, values: list[Any]) -> None:
        found = self.stack[-1]
        (found.items if isinstance(found, Call) else found).extend(values)

    def _setitem(self, _: Any) -> None:
        pair = self._pop(2)
        self._fill_dict(self._pop(1)[0], pair)

    def _setitems(self, _: Any) -> None:
        pairs = self._to_mark()
        self._fill_dict(self._pop(1)[0], pairs)

    def _fill_dict(self, found: Any, flat: list[Any]) -> None:
        pairs = list(zip(flat[::2], flat[1::2], strict=True))
        if isinstance(found, Call):
            found.items += pairs
        else:
            found.update((key if _is_plain(key) else id(key), value) for key, value in pairs)
        self._push(found)

    def _global(self, name: Any) -> None:
        self._push(Call(str(name).replace(" ", ".")))

    def _stack_global(self, _: Any) -> None:
        self._push(Call(".".join(map(str, self._pop(2)))))

    def _reduce(self, _: Any) -> None:
        self._call(*self._pop(2))

    _newobj = _reduce

    def _newobj_ex(self, _: Any) -> None:
        self._call(*self._pop(3)[:2])

    def _call(self, what: Any, arguments: Any) -> None:
        given = arguments if isinstance(arguments, tuple) else (arguments,)
        name = what.name if isinstance(what, Call) else ""
        if name == "_codecs.encode" and isinstance(given[0], str):  # how old protocols write bytes
            self._push(given[0].encode("latin-1"))
        elif name in _MAKERS and isinstance(given[0], Call):
            self._push(Call(given[0].name, given[1:]))
        else:
            self._push(Call(name, given))

    def _obj(self, _: Any) -> None:
        what, *arguments = self._to_mark()
        self._call(what, tuple(arguments))

    def _inst(self, name: Any) -> None:
        self._push(Call(str(name).replace(" ", "."), tuple(self._to_mark())))

    def _build(self, _: Any) -> None:
        (state,) = self._pop(1)
        if isinstance(self.stack[-1], Call):
            self.stack[-1].state = state

    def _persid(self, _: Any) -> None:
        self._push(Call(""))

    _ext1 = _ext2 = _ext4 = _next_buffer = _persid

    def _binpersid(self, _: Any) -> None:
        self._pop(1)
        self._push(Call(""))


def _is_plain(key: Any) -> bool:
    return key is None or isinstance(key, str | int | float | bytes)
