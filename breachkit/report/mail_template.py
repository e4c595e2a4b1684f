"""Filling a playbook's template: it can place facts, loop over lists and decide, and nothing else.

Facts are never read as templates, and a template reaches nothing but the facts it is given.
"""

import functools
import re
from collections.abc import Mapping
from typing import Any

from jinja2 import DictLoader, StrictUndefined, Template, TemplateError
from jinja2.exceptions import SecurityError
from jinja2.runtime import LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment

from breachkit.model.errors import ConfigurationError
from breachkit.report.template_guard import faults


NOT_KNOWN = "not yet known"
"""What a template prints for a fact that nobody knows."""
MAX_CHARACTERS = 65_536
"""More than any message needs; a template that grows beyond it is stopped."""

_EXPRESSION = re.compile(r"\{[{%#].*?[}%#]\}", re.DOTALL)
_LINK = re.compile(r"https://[^\s{}<>\"')]*[\w/]|[\w.+-]+@[\w-]+(?:\.[\w-]+)+")


class TemplateRefusedError(ConfigurationError):
    """A template of a playbook cannot be used."""


class _Sandbox(ImmutableSandboxedEnvironment):
    """A template can place facts, loop over lists and decide; it can build nothing large."""

    intercepted_binops = frozenset({"*", "**", "%"})

    def call_binop(self, _context: object, operator: str, _left: object, _right: object) -> Any:
        raise SecurityError(f"the operator {operator} is not allowed")

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        return isinstance(obj, LoopContext) and super().is_safe_attribute(obj, attr, value)


def fill(template: str, name: str, context: Mapping[str, Any]) -> str:
    """Give a template's text with the facts in their places.

    Args:
        template: Its text.
        name: What to call it in an error.
        context: Every name it may use; None is printed as `NOT_KNOWN`.

    Raises:
        TemplateRefusedError: it is wrong, names a fact there is not, or grows too large; the
            message says where and quotes no fact.
    """
    for fault in faults(template):
        raise TemplateRefusedError(f"{name}:{fault.line}: {fault.problem}; correct the template")
    pieces: list[str] = []
    size = 0
    try:
        for piece in _compiled(template).generate(context):
            size += len(piece)
            if size > MAX_CHARACTERS:
                raise TemplateRefusedError(f"{name}: gives more than {MAX_CHARACTERS} characters")
            pieces.append(piece)
    except TemplateError as cause:  # its message quotes the template and names, never a fact
        line = getattr(cause, "lineno", None)
        where = f" line {line}" if line else ""
        raise TemplateRefusedError(f"{name}{where}: {cause}; correct the template") from None
    except (TypeError, ValueError, ArithmeticError, LookupError, RecursionError) as cause:
        wrong = type(cause).__name__  # its message could quote a fact
        raise TemplateRefusedError(
            f"{name}: {wrong} in an expression; correct the template"
        ) from None
    return "".join(pieces)


def links_in(template: str) -> tuple[str, ...]:
    """Give the addresses that stand in the template itself: its author put them there, no case did."""
    return tuple(dict.fromkeys(_LINK.findall(_EXPRESSION.sub(" ", template))))


@functools.lru_cache(maxsize=32)
def _compiled(template: str) -> Template:
    """Compile once what is written to many."""
    return _environment().from_string(template)


def _environment() -> _Sandbox:
    environment = _Sandbox(
        loader=DictLoader({}),  # a template stands alone
        undefined=StrictUndefined,
        finalize=lambda value: NOT_KNOWN if value is None else value,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # plain text: every fact is made fit for it before
    )
    environment.globals.clear()
    kept = {"join", "length", "upper", "capitalize"}
    environment.filters = {k: v for k, v in environment.filters.items() if k in kept}
    return environment
