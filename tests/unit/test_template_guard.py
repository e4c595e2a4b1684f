"""A playbook's template is judged before it runs: it can end late, grow or look around in no way."""

from pathlib import Path

import pytest

from breachkit.report.mail_template import TemplateRefusedError, fill
from breachkit.report.template_guard import LARGEST, faults, names_in


TEMPLATES = sorted((Path(__file__).parents[2] / "playbooks").rglob("*.j2"))


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: file.name)
def test_every_shipped_template_is_let_through(file):
    assert faults(file.read_text("utf-8")) == ()


HOSTILE = [
    "{{ ''.__class__.__mro__ }}",
    "{{ x['__class__'] | attr('__init__') }}",
    "{{ self._TemplateReference__context }}",
    "{% include '/etc/passwd' %}",
    "{% import 'os' as os %}",
    "{% extends 'x' %}",
    "{{ range(999999999) }}",
    "{% for a in range(9) %}{% endfor %}",
    "{% for a in x %}{% for b in x %}{% endfor %}{% endfor %}",
    "{% for a in x recursive %}{{ loop(x) }}{% endfor %}",
    "{% macro m() %}{{ m() }}{{ m() }}{% endmacro %}",
    "{% set a = x ~ x %}",
    "{% set a %}{{ x }}{% endset %}",
    "{% with a = x %}{% endwith %}",
    "{{ 'a' * 99999999 }}",
    "{{ 10 ** 10 ** 10 }}",
    "{{ x + x }}",
    "{{ '%99999999d' % 1 }}",
    "{{ x | join(x) }}",
    "{{ x | join('a long separator indeed') }}",
    "{{ x | join('y') | join('z') }}",
    "{{ [x, x] | join }}",
    "{{ x | center(99999999) }}",
    "{{ x | map('upper') }}",
    "{% filter upper %}{{ x }}{% endfilter %}",
    "{{ lipsum(99) }}",
    "{{ " + "(" * 300 + "x" + ")" * 300 + " }}",
    "{{ " + " or ".join(["x"] * 500) + " }}",
    "{{ " + "x ~ " * 500 + "x }}",
    "{% if x %}" * 60 + "{% endif %}" * 60,
    "{{ 1" + "0" * 5000 + " }}",
    "{% for a in x %}" + "{{ a }}" * 2000 + "{% endfor %}",
    "{{ x }}" * 20_000,
    "{% do x.append(1) %}",
    "{{ x",
    "a" * (LARGEST + 1),
]


WITHOUT_LINE = {"{{ " + "(" * 300 + "x" + ")" * 300 + " }}", "{{ 1" + "0" * 5000 + " }}"}
"""Those whose reading breaks off: the parser does not say where."""


@pytest.mark.parametrize("template", HOSTILE, ids=lambda template: template[:40])
def test_incident_trap_58_incident_trap_59_a_template_that_could_reach_grow_or_not_end_is_refused(
    template,
):
    (fault, *_) = faults("\n\n" + template)
    has_no_line = len(template) > LARGEST or template in WITHOUT_LINE
    assert fault.line == (1 if has_no_line else 3)

    with pytest.raises(TemplateRefusedError, match=r"a\.j2:\d+: "):
        fill("\n\n" + template, "a.j2", {"x": ["y"] * 1000})


def test_every_fault_of_a_template_is_given_with_its_line():
    template = "{{ a }}\n{% set b = 1 %}\n{{ a | join(c) }}\n{{ a.__class__ }}\n"

    assert [fault.line for fault in faults(template)] == [2, 3, 4]


def test_the_names_that_a_template_asks_for_are_known_without_running_it():
    template = "{{ a }}\n{% for x in b %}{{ x }}{{ loop.index }}{{ c }}{% endfor %}\n{{ x }}"

    assert names_in(template) == (("a", 1), ("b", 2), ("c", 2), ("x", 3))


def test_a_fact_is_never_read_as_a_template():
    assert (
        fill("{{ x }}", "a.j2", {"x": "{{ 7*7 }}{% include 'y' %}"}) == "{{ 7*7 }}{% include 'y' %}"
    )
