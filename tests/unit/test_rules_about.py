import importlib
import re

import pytest

from breachkit.detect.registry import ALL_RULES


@pytest.mark.parametrize("rule", ALL_RULES, ids=lambda rule: rule.about.id)
def test_a_rule_explains_itself_to_someone_who_has_never_done_this(rule):
    about = rule.about

    assert about.title
    assert about.title[-1] != "."
    for text in (about.why, about.example, about.remedy):
        assert len(text) > 40
    assert about.why.endswith(".")
    assert re.search(r"\b20\d\d\b", about.source)


@pytest.mark.parametrize("rule", ALL_RULES, ids=lambda rule: rule.about.id)
def test_a_rule_lives_in_the_module_of_its_id(rule):
    module = f"breachkit.detect.rules.{rule.about.id.lower().replace('-', '_')}"

    assert type(rule) in vars(importlib.import_module(module)).values()
