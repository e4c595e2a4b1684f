"""Moments as text."""

import pytest

from breachkit.model.time import parse_rfc3339, rfc3339


@pytest.mark.parametrize("text", ["2024-05-01T09:30:00Z", "0001-01-01T00:00:00Z"])
def test_what_is_written_reads_back(text):
    assert rfc3339(parse_rfc3339(text)) == text


@pytest.mark.parametrize(
    "text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-01:00", "2024-05-01T09:30:00", "May"]
)
def test_what_is_no_moment_in_utc_is_refused_in_one_way(text):
    with pytest.raises(ValueError, match=r".+"):
        parse_rfc3339(text)
