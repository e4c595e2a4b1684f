"""Files of playbooks as text: the line of every value, and nothing that a hostile file could do."""

import re
import tomllib

import pytest
import tomlkit
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from breachkit.actions.playbook_text import PlaybookTextError
from breachkit.actions.playbook_toml import plain_toml, read_toml, toml_lines
from breachkit.actions.playbook_yaml import read_yaml


TOML = """\
# a comment
name = "x"
dotted.key = 1
[table]
list = [
  1, # one
  { a = 2 },
]
text = '''
[no.table]
name = "no"
'''
[[contact]]
email = "a"
[[contact.more]]
way = 1
[[contact.more]]
way = 2
[other]
[[contact]]
email = "b"
[table.inner]
deep = true
"""


@pytest.mark.parametrize(
    ("place", "line"),
    [
        (("name",), 2),
        (("dotted", "key"), 3),
        (("table", "list"), 5),
        (("table", "text"), 9),
        (("contact", 0), 13),
        (("contact", 0, "email"), 14),
        (("contact", 0, "more", 0, "way"), 16),
        (("contact", 0, "more", 1, "way"), 18),
        (("contact", 1), 20),
        (("contact", 1, "email"), 21),
        (("table", "inner", "deep"), 23),
        (("contact", 1, "missing"), 20),
        (("nothing",), 2),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_value_of_toml_is_found_on_its_line(place, line, end):
    assert read_toml(TOML.replace("\n", end)).line(place) == line


KEYS = st.text("abcxyz_-", min_size=1, max_size=4)
VALUES = st.one_of(
    st.integers(-9, 9),
    st.booleans(),
    st.text("ab\n'\"#=[]{} \\", max_size=8),
    st.lists(st.integers(0, 3), max_size=3),
)
TABLES = st.dictionaries(KEYS, VALUES, max_size=4)


@given(
    st.dictionaries(
        KEYS, st.one_of(VALUES, TABLES, st.lists(TABLES, min_size=1, max_size=3)), max_size=5
    )
)
@example({"a": [{"b": 1}, {"b": 2}], "c": {"d": "x\n[a]\n"}})
def test_every_key_of_any_toml_document_stands_on_the_line_that_is_named(data):
    text = tomlkit.dumps(data)
    lines, found = text.split("\n"), toml_lines(text)

    def walk(value, place):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield (*place, key)
            if isinstance(inner, (dict, list)):
                yield from walk(inner, (*place, key))

    for place in walk(tomllib.loads(text), ()):
        assert place in found
        names = [key for key in place if isinstance(key, str)]
        assert names[-1] in lines[found[place] - 1]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a = 1\nb = = 2\n", 2, "not TOML"),
        ("a = 1\na = 2\n", 2, "not TOML"),
        ('a = 1\n\nb = """', 3, "not TOML"),
        ("a = 1\nb" + ".b" * 5000 + " = 1", 2, "nested too deep"),
        ("a = " + "[" * 5000, None, "not TOML|nested too deep"),
        ("a = " + "[" * 30 + "]" * 30, None, "nested too deep"),
    ],
)
def test_what_is_no_toml_is_refused_with_its_line(text, line, words):
    with pytest.raises(PlaybookTextError) as raised:
        plain_toml(text)

    assert raised.value.line == line
    assert re.search(words, raised.value.problem)


YAML = """\
# a comment
groups:
  A: First
items:
  - id: A01
    text: >
      folded
      text
    auto: [{kind: x}, {kind: y}]
  - id: A02
    auto:
      - kind: z
"""


@pytest.mark.parametrize(
    ("place", "line"),
    [
        (("groups", "A"), 3),
        (("items",), 4),
        (("items", 0), 5),
        (("items", 0, "text"), 6),
        (("items", 0, "auto", 1, "kind"), 9),
        (("items", 1, "id"), 10),
        (("items", 1, "auto", 0, "kind"), 12),
        (("items", 1, "nothing"), 10),
    ],
)
def test_a_value_of_yaml_is_found_on_its_line(place, line):
    located = read_yaml(YAML)

    assert located.line(place) == line
    assert located.value == yaml.safe_load(YAML)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: &x 1\nb: *x\n", 1, "anchors and aliases"),
        ("a: 1\nb: *x\n", 2, "anchors and aliases"),
        ("a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]\n", 1, "anchors and aliases"),
        ("a: 1\nb: !!python/object/apply:os.system [echo]\n", 2, "tags"),
        ("a: !!str 1\n", 1, "tags"),
        ("a: 1\nb: 2\na: 3\n", 3, "'a' stands twice"),
        ("a: 1\n---\nb: 2\n", 2, "a second document"),
        ("? [a]\n: 1\n", 1, "a key must be a word"),
        ("a: 1\n b: 2\n", 2, "not YAML"),
        ("a:\n\t- 1\n", 2, "not YAML"),
        ("a: 1\nb: \x07\n", 2, "not YAML|a character"),
        ("a: " + "[" * 500, 1, "nested too deep"),
        ("\n".join("  " * depth + "a:" for depth in range(60)), 21, "nested too deep"),
    ],
)
def test_what_no_playbook_needs_of_yaml_is_refused_with_its_line(text, line, words):
    with pytest.raises(PlaybookTextError) as raised:
        read_yaml(text)

    assert re.search(words, raised.value.problem)
    assert raised.value.line == line


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("Norway", "Norway"),
        ("1e3", "1e3"),
        ("2026-03-26", "2026-03-26"),
        ("0x1f", "0x1f"),
        ("012", "012"),
        ("12", 12),
        ('"12"', "12"),
        ("true", True),
        ("null", None),
        ("", None),
    ],
)
def test_a_word_of_yaml_means_what_it_says(word, value):
    assert read_yaml(f"a: {word}").value == {"a": value}
