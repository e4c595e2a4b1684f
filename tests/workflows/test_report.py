"""A report says what the journal and the case's files say, at every stage and for every audience."""

import json
import re
import time
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from breachkit.incident.folder import CaseFolder
from breachkit.report.incident_html import to_html
from breachkit.report.incident_json import to_json
from breachkit.report.incident_markdown import to_markdown
from breachkit.report.incident_public import lint
from breachkit.report.incident_words import GIVEN, for_everybody, for_insiders, for_review
from breachkit.report.lint import LintError
from breachkit.report.mail_template import TemplateRefusedError
from breachkit.workflows.playbook_check import check_playbook
from breachkit.workflows.playbooks import using
from breachkit.workflows.report import Audience, report
from tests.support.cases import HandClock, a_case, alert, reopened, verified
from tests.support.command_line import OUTPUT, SMALL_COUNTS
from tests.support.gitrepo import History
from tests.support.reporting import (
    HOSTILE,
    decide,
    finished,
    markdown_text,
    numbers,
    page,
    shown_text,
    tables,
)
from tests.support.responding import responding


EVERY = (Audience.INTERNAL, Audience.DPO, Audience.PUBLIC)
HEX = re.compile(r"[0-9a-f]{40,}")


def whole(made):
    assert made.document is not None
    return made.document


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """A case whose data are gone from the server."""
    return finished(tmp_path_factory.mktemp("finished"))


def written(case, audience=Audience.INTERNAL, **options):
    """Give the page and the Markdown of a report."""
    made = report(case, audience, HandClock(), **options)
    if made.document is None:
        return "", made.text
    return to_html(made.document), to_markdown(whole(made))


def section(markdown, title):
    """Give what stands under a heading."""
    return markdown.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]


# --- what stands in it -----------------------------------------------------------------------


def test_the_internal_report_tells_the_whole_course(done):
    _, markdown = written(done.case)
    assert "1 version of files (csv)" in section(markdown, "What happened")
    assert "1 commit took some of it out of the newest files" in section(markdown, "What happened")
    assert "released\\_outputs/output/by\\_region.csv" in section(markdown, "What was found")
    assert "refs/pull/4/head" in section(markdown, "Where the data sat, and how they went")
    assert "a revert took 1 file out of the files" in markdown
    assert "gone, and nothing else changed" in section(markdown, "What was proven, and how")
    assert "no living individual can be told apart" in section(markdown, "Decisions")
    assert "Rosa Lindqvist" in section(markdown, "Decisions")
    assert "N-001 internal-alert" in section(markdown, "Who was told")
    assert done.case.incident.head in section(markdown, "Integrity")


def test_the_form_for_the_officer_follows_article_33_3_and_names_no_path_and_no_ref(done):
    html, markdown = written(done.case, Audience.DPO)
    headings = re.findall(r"^## (.*)$", markdown, re.MULTILINE)
    order = [headings.index(each) for each in headings if each.startswith("(")]
    assert order == sorted(order)
    assert [h[:3] for h in headings if h.startswith("(")] == ["(a)", "(b)", "(c)", "(d)"]
    for text in (html, markdown):
        assert "by_region" not in text
        assert "refs/" not in text.split("The ICO", 1)[0].split("Copies", 1)[0]
    assert "branch 1" in markdown
    assert "pull request 1" in markdown


def test_inc_084_every_field_of_the_icos_form_is_there_and_says_not_yet_known_where_nobody_knows(
    done,
):
    (form,) = [
        t for t in tables(written(done.case, Audience.DPO)[1]) if t[0] == ["Field", "Answer"]
    ]
    assert form[1:4] == [
        ["Initial or follow-up report", "initial"],
        ["ICO case reference", "none yet"],
        ["What happened", "see (a)"],
    ]
    assert ["How many data subjects", "not yet known"] in form
    assert ["Individuals told", "no decision recorded"] in form
    assert all(answer for _, answer in form)


def test_inc_085_a_follow_up_names_the_reference_of_the_first_report(tmp_path):
    case = a_case(tmp_path)
    case.record(
        "decision",
        {
            "about": "ico-told",
            "answer": "initial",
            "decider": "R",
            "reference": "IC-0001",
            "reason": "x",
        },
    )
    _, markdown = written(reopened(case), Audience.DPO)
    assert ["2026-03-06 12:00 UTC", "initial", "IC-0001", "x"] in tables(markdown)[0]
    assert "follow-up to the report IC-0001" in section(markdown, "This account")
    assert "follow-up" in section(markdown, "The ICO's form")


def test_a_late_report_asks_for_reasons_and_shows_them_once_they_are_there(tmp_path):
    clock = HandClock()
    case = a_case(tmp_path, clock)
    clock.move(hours=80)
    made = report(case, Audience.DPO, clock)
    assert "Reasons: none recorded" in section(to_markdown(whole(made)), "The clock")
    case.record(
        "decision",
        {
            "about": "ico-report",
            "answer": "yes",
            "decider": "R",
            "reason": "y",
            "delay": "found at night",
        },
    )
    made = report(reopened(case, clock), Audience.DPO, clock)
    assert "Reasons: found at night" in section(to_markdown(whole(made)), "The clock")


def test_where_nobody_decided_that_is_said(tmp_path):
    _, markdown = written(a_case(tmp_path))
    assert section(markdown, "Decisions").count("no decision recorded") == 11


def test_inc_066_a_persons_word_is_graded_below_a_proof_and_a_residual_names_the_accepters_role(
    tmp_path,
):
    case = a_case(tmp_path)
    proof = {"at": "2026-03-06T12:00:00Z", "by": "Jo", "note": "said so"}
    base: dict[str, Any] = {
        "place": "C30",
        "signal": "committed",
        "applies": "yes",
        "risk": "high",
        "due": None,
        "holder": None,
        "email": None,
    }
    case.write_file(
        "copies.json",
        json.dumps(
            {
                "schema": "breachkit.copies/1",
                "copies": [
                    {
                        **base,
                        "id": "K-001",
                        "key": "a",
                        "label": "clone a",
                        "state": "deleted",
                        "proof": [{**proof, "kind": "attestation", "state": "deleted"}],
                    },
                    {
                        **base,
                        "id": "K-002",
                        "key": "b",
                        "label": "clone b",
                        "state": "proven_clean",
                        "proof": [{**proof, "kind": "verify_clone_json", "state": "proven_clean"}],
                    },
                    {
                        **base,
                        "id": "K-003",
                        "key": "c",
                        "label": "archive",
                        "state": "residual_accepted",
                        "proof": [
                            {
                                **proof,
                                "kind": "decision",
                                "role": "siro",
                                "state": "residual_accepted",
                            }
                        ],
                    },
                    {
                        **base,
                        "id": "K-004",
                        "key": "d",
                        "label": "clone d",
                        "state": "requested",
                        "proof": [],
                    },
                ],
            }
        ).encode(),
    )
    _, markdown = written(case)
    by_caption = {t[0][0]: t for t in tables(section(markdown, "Copies"))}
    grades = [row[0] for row in by_caption["What shows it"][1:]]
    assert grades.index("Gone, shown by what others sent") < grades.index(
        "Gone, somebody's word alone"
    )
    assert "siro" in markdown
    closed = [row[0] for row in tables(section(markdown, "Copies"))[-1][1:]]
    assert closed == ["K-002 clone b", "K-001 clone a"]
    _, opaque = written(case, Audience.DPO)
    assert "clone b" not in opaque
    assert "siro" in opaque
    assert "Jo, siro" not in opaque


def test_every_milestone_and_its_moment_stand_under_the_title(done):
    html, _ = written(done.case)
    steps = page(html).xpath("//ol[@class='steps']/li")
    reached = [
        each.xpath("string(span[@class='step'])")
        for each in steps
        if each.get("class") == "reached"
    ]
    assert {"Opened", "Contacts told", "Access restricted", "Server found clean"} <= set(reached)
    assert "Closed" not in reached


# --- every stage -----------------------------------------------------------------------------


def opened(case):
    return case


def stood_down(case):
    case.record("case.stood_down", {"reason": "invented data", "decider": "Jo"})


def closed_and_back(case):
    verified(case)
    case.record("case.recurred", {"where": "the server"})


@pytest.mark.parametrize("audience", EVERY)
@pytest.mark.parametrize("stage", [opened, alert, verified, stood_down, closed_and_back])
def test_a_case_at_any_stage_has_a_report(tmp_path, stage, audience):
    case = a_case(tmp_path)
    stage(case)
    html, markdown = written(reopened(case), audience)
    assert page(html).xpath("//h1")
    assert markdown.startswith("TLP:")


def test_a_false_alarm_is_told_as_one(tmp_path):
    case = a_case(tmp_path)
    stood_down(case)
    assert "It was a false alarm: invented data." in written(reopened(case))[1]
    assert "It was a false alarm." in written(reopened(case), Audience.PUBLIC)[1]


def test_a_false_alarm_without_a_reason_says_that_there_is_none(tmp_path):
    case = a_case(tmp_path)
    case.record("case.stood_down", {"decider": "Jo"})
    assert "It was a false alarm: no reason recorded." in written(reopened(case))[1]


def test_data_that_came_back_are_told(tmp_path):
    case = a_case(tmp_path)
    closed_and_back(case)
    assert "the data came back" in written(reopened(case))[1]


def test_a_report_needs_no_right_to_write_and_leaves_the_case_as_it_was(done):
    before = {path: path.stat().st_mtime_ns for path in done.case.path.rglob("*") if path.is_file()}
    for audience in Audience:
        written(reopened(done.case), audience)
    after = {path: path.stat().st_mtime_ns for path in done.case.path.rglob("*") if path.is_file()}
    assert {k: v for k, v in after.items() if ".lock" not in k.name} == {
        k: v for k, v in before.items() if ".lock" not in k.name
    }


def test_what_cannot_be_read_is_named_and_the_rest_is_reported(tmp_path):
    case = responding(tmp_path).case
    case.write_file("copies.json", b"not a register")
    made = report(case, Audience.INTERNAL, HandClock())
    assert [gap for gap in made.gaps if gap.startswith("the register of copies could not be read")]
    assert "the register of copies could not be read" in to_markdown(whole(made))


def test_a_case_whose_mirror_is_gone_still_tells_what_is_known(tmp_path):
    response = finished(tmp_path)
    response.private("mirror.git").rename(tmp_path / "elsewhere")
    _, markdown = written(response.case)
    assert "The private mirror is gone" in markdown
    assert "by\\_region" in markdown


def test_the_json_tells_what_stands_under_an_item_as_the_page_does(done):
    data = _json(done.case, Audience.INTERNAL)
    under = [
        line
        for part in data["sections"]
        for block in part["blocks"]
        for lines in block.get("under", {}).values()
        for line in lines
    ]
    listed = [line for line in written(done.case)[1].splitlines() if line.startswith("  - ")]
    assert len(under) == len(listed) > 0
    assert all(isinstance(line, str) and line for line in under)


def test_the_same_journal_and_moment_give_the_same_bytes(done):
    for audience in Audience:
        assert written(done.case, audience) == written(reopened(done.case), audience)


# --- what never stands in it -------------------------------------------------------------------


@pytest.mark.parametrize("audience", Audience)
def test_inc_031_incident_trap_20_no_report_holds_an_object_id_a_keyed_digest_or_a_value(
    done, audience
):
    html, markdown = written(done.case, audience)
    text = html + markdown + json.dumps(_json(done.case, audience))
    allowed = {done.case.incident.head}
    assert set(HEX.findall(text)) <= allowed
    bad = json.loads(done.private("bad-set.json").read_text())["blobs"]
    for blob in bad:
        for one in (blob["id"], *blob["introduced_by"]):
            assert one[:7] not in text
    key = done.private("case.key").read_bytes().hex()
    assert key not in text
    assert "North East,3" not in text
    assert "North East" not in text


def _json(case, audience):
    made = report(case, audience, HandClock())
    return to_json(made.document, made.facts) if made.document else {}


def test_incident_trap_20_a_guess_of_a_redacted_count_is_confirmed_by_no_report(done):
    from hashlib import sha1, sha256

    text = "".join(part for audience in Audience for part in written(done.case, audience))
    for count in range(1, 6):
        guess = SMALL_COUNTS.replace(b"North East,3", b"North East,%d" % count)
        blob = b"blob %d\0" % len(guess) + guess
        for digest in (sha1(guess), sha1(blob), sha256(guess), sha256(blob)):
            assert digest.hexdigest()[:7] not in text


def test_incident_trap_21_the_key_of_the_case_is_in_no_report(done):
    key = done.private("case.key").read_bytes()
    for audience in Audience:
        for text in written(done.case, audience):
            assert key.hex() not in text
            assert key not in text.encode()


# --- the public summary --------------------------------------------------------------------------


def test_inc_105_the_public_summary_says_kinds_and_months_and_nothing_else_that_leads_to_a_copy(
    done,
):
    for text in written(done.case, Audience.PUBLIC):
        assert "by_region" not in text
        assert "study.git" not in text
        assert "Ada" not in text
        assert "Rosa" not in text
    _, markdown = written(done.case, Audience.PUBLIC)
    assert "tables in which small groups were not hidden" in markdown
    without = re.sub(
        r"(January|February|March|April|May|June|July|August|September|October|November|December) \d{4}",
        "",
        markdown,
    )
    without = without.replace(done.case.incident.head, "").replace("0.1.0", "")
    assert not re.findall(r"\d", without)


def test_inc_105_a_draft_says_so_until_somebody_decided_to_publish(tmp_path):
    case = a_case(tmp_path)
    assert "A draft: nobody has decided yet" in written(case, Audience.PUBLIC)[1]
    decide(case, "public-summary", "yes", "agreed with the controller")
    assert "A draft" not in written(reopened(case), Audience.PUBLIC)[1]
    decide(case, "public-summary", "no", "the controller wants none")
    assert "Not for publication" in written(reopened(case), Audience.PUBLIC)[1]


def test_the_facts_that_a_playbook_may_use_are_those_that_its_words_are_given(done):
    facts = report(done.case, Audience.INTERNAL, HandClock()).facts
    assert for_insiders(facts).keys() == GIVEN["internal.txt.j2"]
    assert for_everybody(facts).keys() == GIVEN["public.txt.j2"]
    assert for_review(facts, "TLP:CLEAR").keys() == GIVEN["review.md.j2"]


@pytest.mark.parametrize(
    ("part", "rule"),
    [
        ("We wrote to study.example.org.", "name of a computer"),
        ("It concerned 3 patients.", "number"),
        ("It concerned three patients.", "number of people"),
        ("The file was released_outputs/x.csv.", "path"),
        ("Ask ada@example.org.", "e-mail address"),
        ("Commit 9b6436fbff58 brought it.", "abbreviated object id"),
    ],
)
def test_inc_105_words_of_a_playbook_that_disclose_something_stop_the_public_summary(
    tmp_path, part, rule
):
    case = a_case(tmp_path)
    words = in_words_of(tmp_path, "public.txt.j2", f"== what ==\n{part}\n")
    with words, pytest.raises(LintError) as refused:
        written(case, Audience.PUBLIC)
    assert rule in {problem.rule for problem in refused.value.problems}


@pytest.mark.parametrize("word", ["example-lab", "asthma-reviews", "Zebedee Quill", "Ada Hartley"])
def test_inc_105_the_name_of_the_repository_or_a_person_stops_the_public_summary(tmp_path, word):
    case = a_case(tmp_path, target="example-lab/asthma-reviews")
    case.record("fact.recorded", {"field": "engineer", "value": "Zebedee Quill"})
    case.record(
        "notify.rendered", {"number": "N-001", "message": "internal-alert", "name": "Ada Hartley"}
    )
    made = report(reopened(case), Audience.PUBLIC, HandClock())
    named = replace(whole(made), footer=((f"Thanks to {word}.",),))
    with pytest.raises(LintError, match="name of the study or of a person"):
        lint(named, made.facts, own_words="")
    lint(whole(made), made.facts, own_words="")


def test_a_repository_that_is_called_like_a_word_of_the_summary_stops_nothing(tmp_path):
    case = a_case(tmp_path, target="research/results")
    assert "TLP:CLEAR" in written(case, Audience.PUBLIC)[1]


def test_exact_dates_stand_in_the_public_summary_only_where_they_were_asked_for(done):
    assert "2026-03-06" in written(done.case, Audience.PUBLIC, exact_dates=True)[1]
    assert "2026-03-06" not in written(done.case, Audience.PUBLIC)[1]


# --- the words of a playbook ---------------------------------------------------------------------


ABOUT = """
name = "lab"
title = "A lab"
organisation = "lab"
extends = "opensafely-2026"
as_of = 2026-03-01
source = "ours"
reviewed = 2026-03-01
"""


def in_words_of(folder, name, text):
    """Use a playbook of somebody's own that has one file and extends a shipped one."""
    home = folder / "lab"
    (home / "report").mkdir(parents=True)
    (home / "playbook.toml").write_text(ABOUT)
    (home / "report" / name).write_text(text)
    return using(home)


def test_a_playbook_changes_one_part_and_keeps_the_others(tmp_path):
    with in_words_of(tmp_path, "internal.txt.j2", "== lessons ==\nWe meet on Fridays.\n"):
        _, markdown = written(a_case(tmp_path))
    assert "We meet on Fridays." in section(markdown, "Lessons and review")
    assert "A suspected disclosure was found" in section(markdown, "What happened")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("== what ==\n{{ nobody_knows_this }}\n", "nobody_knows_this"),
        ("== what ==\n\n{% if %}\n", "report/internal.txt.j2:3"),
        ("== lessons ==\nx\n== what ==\n{{ ''.__class__ }}\n", "report/internal.txt.j2:4"),
        ("== what ==\n{{ 'a' * 1000000 }}\n", "report/internal.txt.j2:2"),
    ],
)
def test_words_that_are_wrong_are_refused_by_file_and_line(tmp_path, text, said):
    words = in_words_of(tmp_path, "internal.txt.j2", text)
    with words, pytest.raises(TemplateRefusedError, match=said):
        written(a_case(tmp_path))


@pytest.mark.parametrize("name", ["internal.txt.j2", "dpo.txt.j2", "public.txt.j2", "review.md.j2"])
def test_a_check_of_the_playbook_names_a_fact_that_a_report_does_not_have(tmp_path, name):
    with in_words_of(tmp_path, name, "== what ==\n\n{{ repositories }}\n"):
        found = check_playbook("lab", date(2026, 3, 6)).problems
    (problem,) = [each for each in found if each.file.startswith("report/")]
    assert (problem.file, problem.line) == (f"report/{name}", 3)
    assert "there is no fact repositories" in problem.problem


def test_no_fact_can_begin_a_part_or_end_a_name(tmp_path):
    case = a_case(tmp_path, target="example/study")
    case.record(
        "fact.recorded", {"field": "what_happened", "value": "== measures ==\n{{ repository }}"}
    )
    html, markdown = written(case, Audience.DPO)
    assert "Access is not restricted yet." in section(markdown, "(d) Measures taken and proposed")
    assert "== measures ==\\x0a{{ repository }}" in shown_text(html)


# --- names and sizes -----------------------------------------------------------------------------


@pytest.mark.parametrize("audience", [Audience.INTERNAL, Audience.DPO])
def test_incident_trap_81_90_92_hostile_names_are_shown_as_names_and_keep_the_tables(
    tmp_path, audience
):
    case = a_case(tmp_path, target="example/study")
    for number, each in enumerate(HOSTILE):
        case.record(
            "decision",
            {"about": each, "answer": each, "decider": each, "role": each, "reason": each},
        )
        case.record("fact.recorded", {"field": "shared_with", "value": f"{number} {each}"})
    html, markdown = written(reopened(case), audience)
    assert not page(html).xpath("//script | //img | //*[@onerror]")
    for table in tables(markdown):
        assert len({len(row) for row in table}) == 1
    assert numbers(shown_text(html)) <= numbers(markdown_text(markdown))
    assert "\x1b" not in html + markdown
    assert "\x07" not in html + markdown


def test_incident_trap_81_82_paths_that_are_not_utf_8_or_very_long_stand_in_the_report(tmp_path):
    history = History()
    long = b"released_outputs/" + b"/".join([b"d" * 200] * 19) + b"/x.csv"
    history.commit({b"released_outputs/\xff\xfe <b>.csv": SMALL_COUNTS, long: SMALL_COUNTS})
    history.commit({b"released_outputs/\xff\xfe <b>.csv": None})
    case = responding(tmp_path, history)
    case.scope()
    html, markdown = written(case.case)
    assert "\\xff\\xfe <b>.csv" in shown_text(html)
    assert "characters left out" in markdown
    for table in tables(markdown):
        assert len({len(row) for row in table}) == 1


def test_every_number_of_every_page_stands_in_its_markdown(done):
    for audience in EVERY:
        html, markdown = written(done.case, audience)
        assert numbers(shown_text(html)) <= numbers(markdown_text(markdown))


def test_incident_trap_82_a_very_large_case_gives_a_report_of_bounded_size_that_says_what_it_leaves_out(
    tmp_path,
):
    response = responding(tmp_path)
    response.scope()
    many_findings(response)
    many_copies(response.case)
    started = time.perf_counter()
    html, markdown = written(reopened(response.case))
    assert time.perf_counter() - started < 20, (
        "a minute's wait would be a bug; a busy machine is none"
    )
    assert len(html) < 600_000
    assert "99,941 more findings not listed here" in markdown
    assert "9,940 more open copies not listed here" in markdown


def many_findings(response):
    scan = json.loads(response.private("scan.json").read_text())
    some = next(each for each in scan["findings"] if each["rule"] == "CNT-01")
    scan["findings"] = [some] * 100_001
    response.case.write_private("scan.json", json.dumps(scan).encode())


def many_copies(case: CaseFolder):
    base: dict[str, Any] = {
        "place": "C30",
        "signal": "committed",
        "applies": "yes",
        "risk": "high",
        "due": None,
        "holder": "H",
        "email": None,
        "state": "requested",
        "proof": [],
    }
    copies = [
        {**base, "id": f"K-{n:03d}", "key": f"k{n}", "label": f"clone {n}"}
        for n in range(1, 10_001)
    ]
    case.write_file(
        "copies.json", json.dumps({"schema": "breachkit.copies/1", "copies": copies}).encode()
    )


# --- the review ------------------------------------------------------------------------------------


def test_inc_104_the_form_for_the_review_is_filled_in_with_what_is_known_and_blames_nobody(done):
    _, text = written(done.case, Audience.REVIEW)
    for heading in ("Cause", "What went well", "What did not go well", "Actions"):
        assert f"## {heading}\n" in text
    assert "nobody is\nblamed" in text
    actions = tables(text)[-1]
    assert actions[0] == ["What", "Owner", "By", "Done"]
    assert "Rosa" not in text
    assert "Ada" not in text


def test_inc_104_the_review_is_due_five_working_days_after_the_close(tmp_path):
    case = a_case(tmp_path)
    stood_down(case)  # on Friday, 6 March
    assert "by 2026-03-13" in written(reopened(case), Audience.REVIEW)[1]


def test_a_name_in_the_form_of_the_review_is_escaped(tmp_path):
    case = a_case(tmp_path)
    decide(case, "retention", "a | b <script>", "x")
    _, text = written(reopened(case), Audience.REVIEW)
    assert "a \\| b \\<script\\>" in text
    assert OUTPUT.decode() not in text
