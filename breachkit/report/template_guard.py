"""What a template of a playbook may do, judged before any of it runs.

A template comes from whoever wrote the playbook. The sandbox that fills it keeps it from reaching
anything; this keeps it from never ending and from growing, which no sandbox sees in time: a text
doubled forty times by `set`, eight loops in one another, a `join` of a `join`. A message needs
facts in their places, decisions and lists; nothing else is let through.
"""

import functools
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from jinja2 import Environment, TemplateSyntaxError, nodes

from breachkit.model.ids import display


LARGEST = 65_536
"""Characters of a template."""
DEEPEST = 40
"""Expressions and blocks in one another."""
MOST_IN_LOOPS = 1_000
"""Pieces of text, facts and decisions within loops, which are gone through for each entry of a list."""
MOST = 10_000
"""The same, in all."""
MOST_IN_A_LIST = 40
LONGEST_SEPARATOR = 16
FILTERS = frozenset({"join", "length", "upper", "capitalize"})

_MAY = (
    *(nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.If, nodes.For),
    *(nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.CondExpr),
    *(
        nodes.Filter,
        nodes.Test,
        nodes.Getattr,
        nodes.Getitem,
        nodes.Concat,
        nodes.List,
        nodes.Tuple,
    ),
)
_BLOCKS = {
    **dict.fromkeys(("Include", "Import", "FromImport", "Extends", "Block"), "another file"),
    **dict.fromkeys(("Assign", "AssignBlock", "With", "Macro", "CallBlock"), "a name of its own"),
    "Call": "a call",
    "FilterBlock": "a filter over a block",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something in a template that is not let through."""

    line: int
    """Counted from 1."""
    problem: str


@functools.lru_cache(maxsize=64)
def faults(template: str) -> tuple[Fault, ...]:
    """Give everything in a template that is not let through, in the order of lines."""
    if len(template) > LARGEST:
        return (Fault(line=1, problem=f"larger than {LARGEST} characters"),)
    try:
        tree = _parser().parse(template)
    except TemplateSyntaxError as cause:
        return (Fault(line=cause.lineno, problem=_said(cause)),)
    except RecursionError:
        return (Fault(line=1, problem="expressions nested too deep"),)
    except (ValueError, ArithmeticError, MemoryError):  # a number that no text needs
        return (Fault(line=1, problem="a number or text that cannot be read"),)
    found = {(fault.line, fault.problem): fault for fault in _Walk().through(tree)}
    return tuple(found[key] for key in sorted(found))


def names_in(template: str) -> tuple[tuple[str, int], ...]:
    """Give every fact that a template without faults asks for, with the line; loops' own names left out."""
    return tuple(dict.fromkeys(_asked(_parser().parse(template), frozenset())))


@functools.lru_cache(maxsize=1)
def _parser() -> Environment:
    return Environment(autoescape=False)  # noqa: S701 - nothing is rendered by it


def _said(cause: TemplateSyntaxError) -> str:
    return display(cause.message or "it does not read as a template")


class _Walk:
    """Goes through a template without going deep itself."""

    def __init__(self) -> None:
        self._all = 0
        self._in_loops = 0

    def through(self, tree: nodes.Template) -> Iterator[Fault]:
        """Give every fault; the same one may come twice."""
        waiting = [_Step(node=each, depth=1, line=1, loops=0) for each in tree.body]
        while waiting:
            step = waiting.pop()
            problem = self._counted(step) or _problem(step)
            if problem:
                yield Fault(line=step.line_here, problem=problem)
                continue
            waiting += step.inside()

    def _counted(self, step: "_Step") -> str | None:
        self._all += 1
        self._in_loops += step.loops > 0
        if self._all > MOST:
            return "more than a message needs"
        return (
            "more than a message needs within loops"
            if step.loops and self._in_loops > MOST_IN_LOOPS
            else None
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """A node on the way."""

    node: nodes.Node
    depth: int
    line: int
    """Of the node around it, for those that know none."""
    loops: int

    @property
    def line_here(self) -> int:
        return self.node.lineno or self.line

    def inside(self) -> list["_Step"]:
        loops = self.loops + isinstance(self.node, nodes.For)
        return [
            _Step(node=each, depth=self.depth + 1, line=self.line_here, loops=loops)
            for each in self.node.iter_child_nodes()
        ]


def _problem(step: _Step) -> str | None:
    if step.depth > DEEPEST:
        return "expressions nested too deep"
    return (
        _wrong_node(step.node, step.loops) if isinstance(step.node, _MAY) else _refused(step.node)
    )


def _wrong_node(node: nodes.Node, loops: int) -> str | None:
    match node:
        case nodes.For():
            return _wrong_loop(node, loops)
        case nodes.Filter():
            return _wrong_filter(node)
        case nodes.Getattr() if node.attr.startswith("_"):
            return "a name that begins with _ is not given"
        case nodes.List() | nodes.Tuple() | nodes.Concat():
            return _wrong_list(node)
        case _:
            return None


def _wrong_loop(node: nodes.For, loops: int) -> str | None:
    if loops:
        return "a loop within a loop is not allowed"
    return "a loop that calls itself is not allowed" if node.recursive else None


def _wrong_list(node: nodes.List | nodes.Tuple | nodes.Concat) -> str | None:
    items = node.nodes if isinstance(node, nodes.Concat) else node.items
    is_target = isinstance(node, nodes.Tuple) and node.ctx == "store"
    is_plain = all(isinstance(each, nodes.Const) for each in items)
    if len(items) > MOST_IN_A_LIST:
        return f"more than {MOST_IN_A_LIST} entries"
    if is_target or is_plain or isinstance(node, nodes.Concat):
        return None
    return "a list may hold plain words alone"


def _refused(node: nodes.Node) -> str:
    kind = type(node).__name__
    what = _BLOCKS.get(kind, f"{kind.lower()} as an operator")
    return f"{what} is not allowed: only facts, if, for and {', '.join(sorted(FILTERS))}"


def _wrong_filter(node: nodes.Filter) -> str | None:
    if node.name not in FILTERS:
        return f"no filter {display(node.name)}: there are {', '.join(sorted(FILTERS))}"
    is_fact = isinstance(node.node, (nodes.Name, nodes.Getattr, nodes.Getitem))
    if not is_fact or node.kwargs or node.dyn_args or node.dyn_kwargs:
        return "a filter is for a fact, with nothing before it"
    if not all(_is_short(argument) for argument in node.args):
        return f"join takes a text of at most {LONGEST_SEPARATOR} characters"
    return None


def _is_short(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Const) and len(str(node.value)) <= LONGEST_SEPARATOR


def _asked(node: nodes.Node, own: Collection[str]) -> Iterator[tuple[str, int]]:
    if isinstance(node, nodes.Name) and node.ctx == "load" and node.name not in own:
        yield node.name, node.lineno
    if isinstance(node, nodes.For):
        yield from _asked(node.iter, own)
        inside = {*own, "loop", *(each.name for each in node.target.find_all(nodes.Name))}
        if isinstance(node.target, nodes.Name):
            inside.add(node.target.name)
        tested = [node.test] if node.test else []
        for each in (*tested, *node.body, *node.else_):
            yield from _asked(each, inside)
        return
    for each in node.iter_child_nodes():
        yield from _asked(each, own)
