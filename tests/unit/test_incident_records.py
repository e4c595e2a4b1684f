import dataclasses

import pytest

from breachkit.incident.records import replaced
from tests.support.cases import a_case, rewritten


def test_a_record_is_made_anew_as_the_standard_library_does(tmp_path):
    case = a_case(tmp_path)
    before = case.incident
    rewritten(case)
    after = case.incident
    fields = {each.name: getattr(after, each.name) for each in dataclasses.fields(after)}

    assert replaced(before, **fields) == after == dataclasses.replace(before, **fields)
    assert replaced(before, head="x") == dataclasses.replace(before, head="x")
    assert replaced(before) == before
    assert replaced(before) is not before
    assert before.head != "x"


def test_a_field_that_there_is_not_is_refused(tmp_path):
    with pytest.raises(AttributeError):
        replaced(a_case(tmp_path).incident, heads="x")
