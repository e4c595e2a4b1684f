"""What may be meant by a mistyped name: the nearest there is, or nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachkit.model.meant import meant, nearest


@pytest.mark.parametrize(
    ("word", "known", "found"),
    [
        ("K-31", ["K-030", "K-031", "K-131"], "K-031"),
        ("n1", ["N-001", "N-010"], "N-001"),
        ("a9", ["A09", "A19"], "A09"),
        ("cnt1", ["CNT-01", "CNT-02"], "CNT-01"),
        ("bk-2026-1", ["BK-2026-0001", "BK-2026-0011"], "BK-2026-0001"),
        ("saphire-oter", ["sapphire-otter", "birch-kestrel"], "sapphire-otter"),
        ("Opensafely_2026", ["opensafely-2021", "opensafely-2026"], "opensafely-2026"),
        ("K-999", ["K-001", "K-002"], None),
        ("zzz", ["scan", "status"], None),
        ("", ["scan"], None),
        ("-", ["--json", "."], None),
    ],
)
def test_the_nearest_name_is_found_and_nothing_far(word, known, found):
    assert nearest(word, known) == found
    assert meant(word, known) == (f" Did you mean {found}?" if found else "")


@given(st.text(max_size=12), st.lists(st.text(min_size=1, max_size=12), max_size=6))
def test_only_names_that_there_are_are_ever_suggested(word, known):
    assert nearest(word, known) in {None, *known}


@given(st.lists(st.from_regex(r"[A-Z]-[0-9]{3}", fullmatch=True), min_size=1, unique=True))
def test_noughts_and_hyphens_that_are_left_out_change_nothing(known):
    typed = (
        known[0].lower().replace("-", "").replace("0", "", 1) if known[0][2] == "0" else known[0]
    )

    assert nearest(typed, known) == known[0]
