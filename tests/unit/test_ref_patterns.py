"""Patterns of branches are read as GitHub reads them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachkit.actions.ref_patterns import is_exact, matches


@pytest.mark.parametrize(
    ("pattern", "about", "not_about"),
    [
        ("main", "main", "main2"),
        ("*", "main", "qa/one"),
        ("qa/*", "qa/one", "qa/one/two"),
        ("qa/**/*", "qa/one/two/three", "other/one"),
        ("qa/**/*", "qa/one", "qa"),
        ("qa**/**/*", "qa-x/one/two", "other/one"),
        ("*release*", "pre-release-2", "releas"),
        ("refs/heads/**/*", "refs/heads/a/b", "refs/tags/a"),
        ("v?.0", "v1.0", "v/.0"),
        ("[dm]*", "develop", "qa"),
        ("[!d]*", "main", "develop"),
        ("v[0-9]", "v7", "vx"),
        ("v[^0-9]", "vx", "v7"),
        (r"a\*b", "a*b", "axb"),
        ("gr\u00fcn/*", "gr\u00fcn/\u00e9t\u00e9", "gr\u00fcn"),
    ],
)
def test_a_pattern_is_about_what_github_says(pattern, about, not_about):
    assert matches(pattern, about)
    assert not matches(pattern, not_about)


@pytest.mark.parametrize("pattern", ["a[", "a[z-a]", "[]"])
def test_a_pattern_that_makes_no_sense_is_about_nothing(pattern):
    assert not matches(pattern, pattern)


@given(st.text(min_size=1))
def test_a_name_without_special_characters_is_about_itself_alone(name):
    if is_exact(name):
        assert matches(name, name)
        assert not matches(name, name + "x")
    else:
        assert set(name) & set("*?[]\\")


@given(st.text())
def test_no_pattern_fails(pattern):
    matches(pattern, "refs/heads/main")
