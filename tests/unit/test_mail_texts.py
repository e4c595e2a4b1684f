"""What each message has to say, and what none may: read from the shipped templates as they are filled."""

import re
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta

import pytest

from breachkit.actions.mailfacts import (
    PEOPLE_RANGES,
    Decided,
    Happening,
    Held,
    MailFacts,
    Residual,
    Waiting,
)
from breachkit.actions.notify import KINDS, TLP_LABELS, kind_named
from breachkit.model.ids import GitPath
from breachkit.report.lint import LintError
from breachkit.report.mail import NOT_KNOWN, Beside, TemplateRefusedError, render
from breachkit.report.mail_context import context
from breachkit.report.mail_markdown import as_markdown
from breachkit.report.mail_template import MAX_CHARACTERS
from breachkit.workflows.playbooks import read_text
from tests.support.mailfacts import BARE, FULL, NOW
from tests.support.telling import SENDER, a_notice, a_verifier


LATER = NOW + timedelta(hours=20)
DECIDED = tuple(
    Decided(about=about, answer=answer, by="P. Singh", role="dpo", at=NOW, reason=reason)
    for about, answer, reason in (
        ("living", "yes", "they are data of living patients"),
        ("risk", "likely", "somebody could be recognised in a small area"),
        ("high-risk", "no", "no name is in them"),
        ("ico-report", "no", "the risk was judged unlikely after all"),
        ("individuals", "no", "the risk is not high"),
        ("controller", "told", "by phone"),
    )
)
WHOLE = replace(
    FULL,
    repository_url="https://github.com/example/covid-19-deaths",
    case_key="ab12" * 16,
    contained_at=NOW,
    verified_at=LATER,
    purged_at=LATER,
    traced_at=LATER,
    copies=7,
    copies_open=2,
    residuals=(
        Residual(
            id="K-006",
            label="records kept by Jo Author",
            sort="public records of GitHub events and code sets",
            accepted_by="R. Lindqvist",
        ),
    ),
    waiting=(Waiting(id="N-004", who="Jo Author", what="to account for their copies", due=NOW),),
    held=(
        Held(
            place="C40",
            addresses=(
                "https://github.com/example/covid-19-deaths",
                "https://github.com/octo/fork",
            ),
            latest="2026-02-01",
        ),
        Held(place="C41", addresses=("github.com/example/covid-19-deaths",), latest="2026-02-02"),
    ),
    review="2026-03-13",
    reason="the counts were rounded",
    reason_by="R. Lindqvist",
    what_happened="a table was released before it was checked",
    how_found="an output checker looked again",
    cyber="no",
    categories_of_data="health data",
    categories_of_people="patients",
    people_range="10 to 99",
    records_range="fewer than 10",
    consequences="somebody could be recognised in a small area",
    measures_before="two checkers look at every release",
    training="yearly, last in January",
    contact_point="Bloggs, Jo, jo.bloggs@example.org, +44 20 7946 0001",
    contact_point_email="jo.bloggs@example.org",
    ico_reference="IC-0001-A",
    lessons="release nothing by hand",
    stopped_by="the second checker",
    decided=DECIDED,
    timeline=(Happening(at=NOW, what="the case was opened", source="journal entry 1"),),
    told=("incident team: alert, 2026-03-01 09:20 UTC, no answer yet",),
    names=("Jo Author", "Sam Engineer"),
)
ALL = [kind.alias for kind in KINDS]
OUTSIDE = [kind.alias for kind in KINDS if kind.outside]


def written(kind, facts=WHOLE, beside=None, template=None, **to):
    to = {"place": "C40", "about": "octo/fork", **to}
    notice = a_notice(kind, **to)
    text = template or read_text(notice.kind.template)
    return render(notice, facts, text, SENDER, beside=beside)


def flat(kind, facts=WHOLE, **options):
    """A text without its line breaks."""
    return " ".join(written(kind, facts, **options).text.split())


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("facts", [BARE, FULL, WHOLE], ids=["bare", "full", "whole"])
def test_inc_071_every_template_is_filled_without_a_network(kind, facts):
    assert written(kind, facts).text.strip()


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("facts", [BARE, WHOLE], ids=["bare", "whole"])
def test_inc_078_nothing_is_left_empty_or_called_none(kind, facts):
    rendered = written(kind, facts)

    assert not re.search(r"\bNone\b|\{\{|\}\}|\{%", rendered.text)
    assert not re.search(r"^  [A-Z][\w ,'-]{1,18}$", rendered.text, re.MULTILINE)


@pytest.mark.parametrize("kind", ["alert", "dpo", "update"])
def test_inc_078_what_is_not_known_is_printed_so_and_listed(kind):
    rendered = written(kind, replace(BARE, next_update_at=LATER))

    assert NOT_KNOWN in rendered.text
    assert re.search(r"^(WHAT WE DO NOT KNOW YET|B\. NOT YET KNOWN)$", rendered.text, re.MULTILINE)
    assert "  - with whom the files were" in rendered.text


@pytest.mark.parametrize("kind", ALL)
def test_incident_trap_58_a_fact_that_nobody_declared_is_an_error_and_not_unknown(kind):
    found = kind_named(kind)
    template = f"Subject: [{found.tlp}] x\n{found.tlp}\n{{{{ weather }}}}\n{found.tlp}\n"

    with pytest.raises(TemplateRefusedError, match="weather"):
        written(kind, template=template)


def test_incident_trap_58_every_fact_there_is_can_be_named_by_a_template():
    told = context(a_notice("alert"), WHOLE, None, _shown(), template_sha256="x")

    assert {each.name for each in fields(MailFacts)} <= set(told)


def test_incident_trap_59_a_template_that_grows_is_stopped():
    body = "{{ repository }}" * (MAX_CHARACTERS // len(WHOLE.repository) + 1)

    with pytest.raises(TemplateRefusedError, match=str(MAX_CHARACTERS)):
        written("alert", template=f"Subject: [TLP:AMBER+STRICT] x\n{body}\n")


@pytest.mark.parametrize("kind", ALL)
def test_inc_080_the_label_stands_in_the_subject_and_on_the_first_and_last_line(kind):
    rendered = written(kind)
    label = kind_named(kind).tlp

    assert rendered.subject.startswith(f"[{label}] ")
    assert rendered.text.split("\n")[0] == label
    assert rendered.text.rstrip("\n").split("\n")[-1] == label
    assert label in TLP_LABELS


@pytest.mark.parametrize(
    "label", ["TLP: RED", "TLP:WHITE", "TLP:AMBER +STRICT", "tlp:red", "TLP:ROT"]
)
def test_inc_080_inc_081_incident_trap_64_a_label_is_never_translated_or_spelled_otherwise(label):
    template = (
        f"Subject: [TLP:AMBER+STRICT] x\nTLP:AMBER+STRICT\nthis is {label}\nTLP:AMBER+STRICT\n"
    )

    with pytest.raises(LintError, match="TLP label"):
        written("alert", template=template)


@pytest.mark.parametrize("kind", ALL)
def test_inc_077_no_subject_and_no_name_of_a_file_names_the_study(kind):
    rendered = written(kind)
    notice = a_notice(kind)

    for shown in (rendered.subject, notice.folder, notice.text_file, notice.eml_file):
        assert "covid" not in shown
        assert "example" not in shown


@pytest.mark.parametrize("kind", OUTSIDE)
@pytest.mark.parametrize("name", ["asthma", "example/asthma", "asthma-reviews"])
def test_inc_077_a_subject_for_outsiders_that_names_the_study_is_refused(kind, name):
    label = kind_named(kind).tlp
    template = f"Subject: [{label}] {{{{ repository }}}}\n{label}\nx\n{label}\n"

    with pytest.raises(LintError, match="subject"):
        written(kind, replace(WHOLE, repository=name), template=template)


@pytest.mark.parametrize("kind", ALL)
def test_every_message_ends_with_the_head_of_the_log_and_what_it_was_made_from(kind):
    rendered = written(kind)
    footer = " ".join(rendered.text.split()[-30:])

    assert WHOLE.log_head in footer
    assert f"Template {kind_named(kind).name}: {rendered.template_sha256}" in footer
    assert WHOLE.tool_version in footer
    assert re.search(
        r"This message (contains no patient data|holds nothing from the repository)\.", footer
    )


@pytest.mark.parametrize("kind", OUTSIDE)
def test_incident_trap_26_outsiders_learn_no_path_and_no_name_in_one(kind):
    paths = (GitPath(b"output/dr_josephine_smith.csv"),)
    text = written(kind, replace(WHOLE, paths=paths)).text

    assert "smith" not in text.lower()
    assert "output/" not in text
    assert ".csv" not in text


@pytest.mark.parametrize("kind", ALL)
def test_nobody_is_blamed_and_nothing_is_promised(kind):
    text = flat(kind).lower()

    for phrase in (
        "take security very seriously",
        "your fault",
        "you should have",
        "careless",
        "negligent",
    ):
        assert phrase not in text


@pytest.mark.parametrize(
    "kind", [kind.alias for kind in KINDS if kind.asks and kind.alias != "reminder"]
)
def test_whoever_is_asked_for_something_is_told_by_when(kind):
    text = flat(kind, due=LATER)

    assert "2026-03-01 10:00 UTC" in text or "2026-03-02 05:14 UTC" in text


@pytest.mark.parametrize("kind", ["alert", "engineer", "freeze", "holders"])
def test_nobody_opens_the_files_or_cleans_on_their_own(kind):
    text = flat(kind)

    assert re.search(r"do not open|do not push|PLEASE DO NOT", text)
    assert re.search(r"different result|differ from ours|revert or a deletion", text)


def test_inc_035_inc_036_nobody_is_asked_to_look_for_values_or_for_people():
    for kind in ALL:
        text = flat(kind).lower()
        assert not re.search(
            r"\bsearch (the web|google|for the values)|re-?identify|link them", text
        )


def test_a_request_to_stop_pushing_says_why_and_what_else_pushes():
    text = flat("freeze")

    assert "please stop pushing to the study repository example/covid-19-deaths now" in text
    assert "workflows, scheduled jobs, bots" in text
    assert "rebase; a merge would undo everything" in text


def test_a_holder_is_asked_six_questions_and_never_to_merge():
    text = written("holders").text

    assert len(re.findall(r"^  [a-f]\. ", text, re.MULTILINE)) == 6
    assert "merging would bring" in " ".join(text.split())
    assert "send no screenshot" in " ".join(text.split())


def test_a_holder_without_the_script_is_told_that_it_follows():
    assert "a small script follows" in flat("holders")
    assert "a small script follows" not in flat("holders", beside=Beside(attachment=a_verifier()))


@pytest.mark.parametrize("email", ["jo@example.org", None])
@pytest.mark.parametrize("kind", ["forks", "reminder"])
def test_an_owner_of_a_fork_learns_nothing_of_what_happened(kind, email):
    rendered = written(kind, email=email)
    told = rendered.text
    if "from here" in told:
        told = told.split("---- from here ----")[1].split("---- to here ----")[0]

    for word in (
        "breach",
        "patient",
        "health",
        "confidential",
        "redact",
        "sensitive",
        "disclos",
        "leak",
    ):
        assert word not in told.lower()
        assert word not in rendered.subject.lower()
    assert "octo/fork" in told
    if rendered.eml is not None:
        assert b"breach" not in rendered.eml.lower()


def test_an_owner_of_a_fork_without_an_address_gets_a_text_and_never_a_comment():
    rendered = written("forks", email=None)

    assert rendered.eml is None
    assert "Never write an issue, a pull request or a comment" in " ".join(rendered.text.split())
    assert "not in an issue" in flat("forks")
    assert "Delete the fork" in flat("forks")


@pytest.mark.parametrize(
    ("place", "asked"),
    [
        ("C40", "Take down every snapshot and revision"),
        ("C41", "Remove every capture under these addresses"),
        ("C43", "Delete the files of every version"),
        ("C44", "Delete the files of every version"),
        ("C47", "Yanking or deprecating keeps them"),
        ("C48", "delete tags, manifests and layers"),
        ("C49", "Clearing a cache is not enough"),
        ("C50", "Delete your copy of this repository"),
        ("C42", "Delete your copy of this repository"),
        (None, "Delete your copy of this repository"),
    ],
)
def test_each_archive_is_asked_for_what_it_can_do(place, asked):
    rendered = written("archives", place=place)
    form = " ".join(
        rendered.text.split("---- from here ----")[1].split("---- to here ----")[0].split()
    )

    assert rendered.eml is None
    assert asked in form
    assert "nothing can be rotated" in form
    assert "https://github.com/example/covid-19-deaths" in form
    assert not re.search(r"TLP|BK-2026|breachkit|\[", form)


def test_an_archive_is_given_the_addresses_that_it_holds_and_no_other():
    heritage, wayback = written("archives", place="C40").text, written("archives", place="C41").text

    assert "https://github.com/octo/fork" in heritage
    assert "https://github.com/octo/fork" not in wayback
    assert "  - github.com/example/covid-19-deaths" in wayback
    assert "Last copy           2026-02-02" in wayback


def test_software_heritage_is_asked_to_take_down_and_block_and_to_archive_again():
    form = flat("archives", place="C40")

    for asked in ("Block them", "Archive the current version again", "mirrors", "recovery bundle"):
        assert asked in form


def test_a_public_opt_out_is_warned_of():
    assert "never a public issue" in flat("archives", place="C46")


SECTIONS = [
    "REPORT",
    "A. NATURE OF THE BREACH: FACTS (ARTICLE 33(3)(A))",
    "B. NOT YET KNOWN",
    "C. CATEGORIES AND APPROXIMATE NUMBERS (ARTICLE 33(3)(A))",
    "CONTACT POINT (ARTICLE 33(3)(B))",
    "D. LIKELY CONSEQUENCES, IN THE ASSESSOR'S WORDS (ARTICLE 33(3)(C))",
    "E. MEASURES (ARTICLE 33(3)(D))",
    "F. TIMELINE",
    "G. WHO ELSE WAS TOLD",
    "H. DECISION",
]


@pytest.mark.parametrize("facts", [BARE, WHOLE], ids=["bare", "whole"])
def test_inc_084_the_account_has_the_articles_parts_in_the_order_of_the_form(facts):
    lines = written("dpo", facts).text.split("\n")

    assert [line for line in lines if line in SECTIONS] == SECTIONS


def test_inc_084_the_account_answers_what_the_form_asks():
    text = flat("dpo")

    for expected in (
        "What happened a table was released before it was checked",
        "Cyber incident no",
        "How it was found an output checker looked again",
        "Aware since 2026-03-01 09:14 UTC (Sunday)",
        "Began, at earliest 2021-02-03 04:05 UTC",
        "Personal data health data",
        "Records fewer than 10",
        "Data subjects 10 to 99",
        "Who they are patients",
        "Officer Bloggs, Jo, jo.bloggs@example.org",
        "Consequences somebody could be recognised in a small area",
        "Living individuals yes",
        "High risk no",
        "In place before two checkers look at every release",
        "Training yearly, last in January",
        "2026-03-01 09:14 UTC the case was opened (journal entry 1)",
        "incident team: alert, 2026-03-01 09:20 UTC, no answer yet",
        "Told to the ICO no",
        "Reasons the risk was judged unlikely after all",
        "Decided by P. Singh, dpo",
        "Individuals told no",
    ):
        assert expected in text


def test_inc_082_inc_083_the_account_decides_nothing_and_asks_for_reasons_either_way():
    text = flat("dpo", BARE)

    assert "It concludes nothing" in text
    assert "also a decision not to report needs reasons" in text
    assert "reasons for the delay" not in text


def test_a_late_account_asks_for_the_reasons():
    late = replace(WHOLE, now=NOW + timedelta(hours=73))

    assert "a report after this time has to give the reasons for the delay" in flat("dpo", late)
    assert "72 hours ended 2026-03-04 09:14 UTC" in flat("dpo", late)


def test_inc_085_a_follow_up_names_the_first_account_and_what_the_authority_called_it():
    first = flat("dpo", replace(WHOLE, ico_reference=None))
    later = flat("dpo", replace(WHOLE, reported_at=datetime(2026, 3, 2, 8, tzinfo=UTC)))

    assert "This is the first account" in first
    assert "ICO reference not yet known" in first
    assert "This is a follow-up to the account of 2026-03-02 08:00 UTC" in later
    assert "ICO reference IC-0001-A" in later


@pytest.mark.parametrize("number", ["4", "57", "between 3 and 5"])
def test_people_are_counted_in_ranges_alone(number):
    assert "between 3 and 5" not in PEOPLE_RANGES
    with pytest.raises(LintError, match="number of people"):
        written("dpo", replace(WHOLE, people_range=number))


@pytest.mark.parametrize("number", PEOPLE_RANGES)
def test_every_range_can_be_said(number):
    assert number in flat("dpo", replace(WHOLE, people_range=number))


def test_inc_079_an_update_says_by_when_the_next_one_comes():
    assert "Next update by 2026-03-01 12:00 UTC (Sunday)" in flat("update")


def test_an_update_says_who_has_not_answered():
    assert (
        "N-004: to account for their copies, due 2026-03-01 09:14 UTC (Sunday), Jo Author"
        in flat("update")
    )


def test_where_a_name_looks_like_data_the_message_leaves_without_it():
    facts = replace(WHOLE, waiting=(replace(WHOLE.waiting[0], who="4 patients"),))

    assert "N-004: to account" in flat("escalation", facts)
    assert "4 patients" not in flat("escalation", facts)


@pytest.mark.parametrize(
    ("due", "said"), [(LATER, "Reminder"), (NOW - timedelta(hours=1), "Second request")]
)
def test_a_reminder_says_whether_it_is_late(due, said):
    rendered = written("reminder", replace(WHOLE, reply_by=None), due=due)

    assert said in rendered.subject
    assert ("was due" in rendered.text) == (said != "Reminder")


def test_inc_079_an_all_clear_says_what_was_done_how_it_is_known_and_what_remains():
    text = flat("all-clear")

    for expected in (
        "are gone from its history and from the server",
        "a fresh clone from the server was searched, every branch and tag: 2026-03-02 05:14 UTC",
        "public records of GitHub events and code sets (accepted by R. Lindqvist)",
        "nobody can list who cloned it without telling us",
        "Clone the repository anew",
        "never with a merge",
        "review of what happened, without blame: 2026-03-13",
    ):
        assert expected in text
    assert "Jo Author" not in text


def test_an_all_clear_says_what_the_platform_still_keeps_and_whether_access_is_back():
    kept = flat("all-clear", replace(WHOLE, purged_at=None))
    back = flat("all-clear", replace(WHOLE, restored_at=LATER))

    assert "from the server," not in kept
    assert "the platform may still give out single old objects" in kept
    assert "as soon as you have access again" in kept
    assert "access is as it was before (2026-03-02 05:14 UTC" in back


def test_a_stand_down_says_why_and_who_decided():
    text = flat("stand-down")

    assert "Why the counts were rounded" in text
    assert "Decided by R. Lindqvist" in text


def test_the_record_of_a_near_miss_says_what_stopped_it_and_what_is_learned():
    rendered = written("near-miss")

    assert "What stopped it     the second checker" in rendered.text
    assert "Lessons             release nothing by hand" in rendered.text
    assert rendered.eml is None


def test_inc_105_the_summary_for_anybody_says_what_happened_in_words_alone():
    rendered = written("public")
    text = " ".join(rendered.text.split())

    assert "This was noticed in March 2026" in text
    assert "In public for more than a month" in text
    assert "release nothing by hand" in text
    assert kind_named("public").tlp == "TLP:CLEAR"
    for telling in ("covid", "example", "csv", "Bloggs", "Lindqvist", "Engineer", "BK-2026-0007 x"):
        assert telling not in rendered.text
    body = rendered.text.split("SUMMARY")[1].split("Case log head")[0].replace("March 2026", "")
    assert not re.search(r"\d", body)


@pytest.mark.parametrize(
    "lesson",
    [
        "check covid-19-deaths again",
        "the example/covid-19-deaths study",
        "Jo Author was told",
        "ask Sam  Engineer",
        "three tables, 7 rows",
        "in 2 files",
        "look at output/table.csv",
        "see 1a2b3c4d",
        "write to sam@example.org",
        "since 2026-01-04",
        "\u2463 deaths",
    ],
)
def test_inc_105_the_summary_for_anybody_is_refused_where_it_tells(lesson):
    with pytest.raises(LintError):
        written("public", replace(WHOLE, lessons=lesson))


@pytest.mark.parametrize("name", ["study", "outputs", "example/study"])
def test_inc_105_a_study_called_by_an_ordinary_word_can_be_summed_up(name):
    assert written("public", replace(WHOLE, repository=name)).text


@pytest.mark.parametrize("kind", ["dpo", "near-miss", "public"])
def test_a_document_is_markdown_as_well_and_says_the_same(kind):
    rendered = written(kind)

    assert rendered.markdown is not None
    assert rendered.markdown.startswith(kind_named(kind).tlp)
    assert rendered.markdown.rstrip().endswith(kind_named(kind).tlp)
    assert rendered.markdown.count("\n## ") >= 3
    assert _words(rendered.markdown) == _words(rendered.text)


def test_headings_labels_and_lists_are_those_of_markdown():
    text = """TLP:AMBER+STRICT

A. WHAT HAPPENED
  Found by            Jo *B*
  1. first
  a. second
  - third
a line of words

TLP:AMBER+STRICT
"""
    assert (
        as_markdown(text)
        == """TLP:AMBER+STRICT

## A. what happened
- **Found by:** Jo \\*B\\*
1. first
- second
- third
a line of words

TLP:AMBER+STRICT
"""
    )


def test_a_hostile_fact_stays_text_in_markdown():
    rendered = written(
        "dpo", replace(WHOLE, what_happened="<script>x</script> [a](http:b) | `c` @jo #12")
    )

    assert rendered.markdown is not None
    assert "<script>" not in rendered.markdown
    assert r"\[a\]" in rendered.markdown


def test_inc_034_the_host_of_a_release_is_masked_wherever_somebody_pasted_it():
    trailer = "Opensafely-released-from: l4.tpp.example.org:/srv/high_privacy/workspaces/x"
    text = flat("dpo", replace(WHOLE, what_happened=f"the commit says {trailer}"))

    assert "Opensafely-released-from: (host and folder masked)" in text
    assert "l4.tpp" not in text
    assert "high_privacy" not in text


def test_an_exposure_that_has_not_ended_is_counted_to_now():
    def words(days):
        since = NOW - timedelta(days=days)
        facts = replace(WHOLE, public_since=since, contained_at=None)
        return re.search(r"In public for +(.*)", written("public", facts).text).group(1)  # type: ignore[union-attr]

    assert [words(days) for days in (0.5, 3, 20, 90)] == [
        "less than a day",
        "less than a week",
        "less than a month",
        "more than a month",
    ]


def _words(text):
    plain = re.sub(r"<!-- -->|[\\*#_]", "", text)
    return re.findall(r"[a-z0-9]+", plain.lower())


def _shown():
    from breachkit.report.mail_context import Shown

    return Shown(paths="full", name="Jo")
