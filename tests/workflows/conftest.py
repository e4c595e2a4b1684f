"""The case and the study that most workflows are tried on."""

import pytest

from tests.support.cases import HandClock, a_case
from tests.support.people import bad_set_of, breached_study


@pytest.fixture
def clock():
    return HandClock()


@pytest.fixture
def case(tmp_path, clock):
    return a_case(tmp_path, clock, "example/covid-19-deaths")


@pytest.fixture
def study(tmp_path):
    return breached_study(tmp_path)


@pytest.fixture
def bad(study):
    return bad_set_of(study)
