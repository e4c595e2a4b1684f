"""The picture of a history is sound, says in words what it draws, and stays on its page."""

import re
from datetime import timedelta
from types import MappingProxyType
from typing import Any, cast
from xml.etree import ElementTree as ET

import pytest

from breachkit.actions.whereabouts import Lane, State, Stretch, Whereabouts
from breachkit.incident.case import Milestone
from breachkit.model.ids import RefName
from breachkit.report.incident_document import day, moment, month, name, plain
from breachkit.report.incident_history import Column, Shown, as_one, summary, words
from breachkit.report.incident_picture import WIDTH, draw
from tests.support.cases import NOON
from tests.support.reporting import DAY, HOSTILE, MAY, whereabouts


STEPS = (
    (None, "aware"),
    (Milestone.CONTAINED, "closed"),
    (Milestone.REWRITTEN, "rewritten"),
    (Milestone.PUSHED, "pushed"),
    (Milestone.SERVER_PURGED, "server clean"),
    (Milestone.RESTORED, "reopened"),
)


def shown(where, *, steps=6, gap=""):
    columns = tuple(
        Column(
            at=NOON + timedelta(hours=n), milestone=milestone, label=label, words=f"it was {label}"
        )
        for n, (milestone, label) in enumerate(STEPS[:steps])
    )
    labels = tuple((name(lane.name),) for lane in where.lanes)
    return Shown(where=where, labels=labels, columns=columns, date=day, moment=moment, gap=gap)


def drawn(where, **options):
    given = shown(where, **options)
    svg = draw(given, id_="p", title="Where", summary=summary(given))
    return ET.fromstring(svg), given


def texts(svg):
    return [each.text for each in svg.iter() if each.tag.endswith("}text")]


def in_words(given):
    said = words(given)
    return "\n".join(
        plain(each) for n, item in enumerate(said.items) for each in (item, *said.under.get(n, ()))
    )


@pytest.mark.parametrize("refs", [0, 1, 10, 12])
def test_the_picture_is_sound_at_any_number_of_refs_and_within_its_frame(refs):
    svg, _ = drawn(whereabouts(*(f"refs/heads/b{n}" for n in range(refs)), not_drawn=188))
    _, _, width, height = map(float, svg.attrib["viewBox"].split())
    assert width == WIDTH
    for each in svg.iter():
        for key, most in (("x", width), ("cx", width), ("y", height), ("cy", height)):
            if key in each.attrib and each.tag.endswith(("text", "rect", "circle")):
                assert -20 <= float(each.attrib[key]) <= most


def test_a_picture_has_a_title_and_a_description_of_its_own():
    svg, given = drawn(whereabouts("refs/heads/main"))
    names = {each.attrib["id"]: each.text for each in svg.iter() if "id" in each.attrib}
    assert svg.attrib["role"] == "img"
    assert svg.attrib["aria-labelledby"].split() == ["p-title", "p-desc"]
    assert (names["p-title"], names["p-desc"]) == ("Where", summary(given))


def test_the_words_say_what_each_lane_and_sign_says():
    said = in_words(shown(whereabouts("refs/heads/main", "refs/pull/3/head", not_drawn=188)))
    assert (
        "refs/heads/main: the data among its files from 2021-05-13; out of its files and still in its history from 2021-06-22; gone from it since 2026-03-06 15:00 UTC"
        in said
    )
    assert "gone from it since 2026-03-06 16:00 UTC" in said, (
        "a pull request is gone when the platform let go of it"
    )
    assert "a revert took 1 file out of the files (none stayed) and none out of the history" in said
    assert "1 file came in, by a merge of refs/heads/main" in said
    assert "Not drawn, and lead to the data as well: 188 branches" in said
    assert "2026-03-06 13:00 UTC: it was closed" in said


def test_what_is_not_gone_yet_runs_on_and_is_said_to():
    svg, given = drawn(whereabouts("refs/heads/main"), steps=2)
    assert "still in its history from 2021-06-22; and still so" in in_words(given)
    assert any(each.attrib.get("class") == "p-on" for each in svg.iter())
    assert not any(each.attrib.get("class") == "p-gone" for each in svg.iter())


def test_without_a_scope_the_picture_has_the_response_alone():
    svg, given = drawn(Whereabouts(), steps=1, gap="Where the data sat is not known yet.")
    assert "where the data sat" in texts(svg)
    assert in_words(given).startswith("Where the data sat is not known yet.")
    assert "2026-03-06 12:00 UTC: it was aware" in in_words(given)


def test_incident_trap_81_82_names_of_any_kind_stand_in_the_picture_as_text():
    svg, _ = drawn(whereabouts(*(f"refs/heads/{each}" for each in HOSTILE[:12])))
    assert {each.tag.rpartition("}")[2] for each in svg.iter()} <= {
        *("svg", "title", "desc", "defs", "pattern", "rect", "g", "path", "circle", "text")
    }
    assert max(len(text or "") for text in texts(svg)) < 80


def test_signs_never_stand_on_the_words_of_a_bar():
    svg, _ = drawn(whereabouts("refs/heads/main"))
    said = [each for each in svg.iter() if str(each.attrib.get("class", "")).endswith("-words")]
    crosses = [float(e.attrib["cx"]) for e in svg.iter() if e.attrib.get("class") == "p-went"]
    for each in said:
        half = len(each.text or "") * 5.7 / 2
        middle = float(each.attrib["x"])
        assert not any(middle - half < cross < middle + half for cross in crosses)


def test_the_repository_as_a_whole_is_as_bad_as_its_worst_ref():
    def lane(name, *stretches):
        made = tuple(Stretch(start=MAY + days * DAY, state=state) for days, state in stretches)
        start, end = made[0].start, made[-1].start
        return Lane(
            name=RefName(name),
            namespace="branch",
            start=start,
            end=end,
            parent=None,
            stretches=made,
        )

    class Facts:
        where = Whereabouts(
            lanes=(
                lane(b"a", (0, State.CLEAN), (40, State.FILES), (80, State.HISTORY)),
                lane(b"b", (60, State.FILES), (120, State.HISTORY)),
            )
        )
        where_gap = ""
        bad = None

        class incident:  # noqa: N801 - stands in for one attribute
            aware_at = NOON
            milestones = MappingProxyType[Milestone, object]({})

    (whole,) = as_one(cast("Any", Facts), day, to_month=False).where.lanes
    assert [((s.start - MAY) // DAY, s.state) for s in whole.stretches] == [
        (0, State.CLEAN),
        (40, State.FILES),
        (120, State.HISTORY),
    ]
    (rough,) = as_one(cast("Any", Facts), month, to_month=True).where.lanes
    assert all(re.fullmatch(r"\d{4}-\d{2}-01", day(_moment(s.start))) for s in rough.stretches)


def _moment(seconds):
    from breachkit.model.time import from_epoch

    return from_epoch(seconds)
