import pytest

from breachkit.detect.rules.his_01 import LaterRedacted, compared_blobs
from breachkit.model.findings import Confidence, Severity
from tests.support.judging import Past, place


RULE = LaterRedacted()
OPEN = "region,n\nNorth,3\nSouth,120"
MARKED = "region,n\nNorth,[REDACTED]\nSouth,120"
PATH = "released_outputs/deaths.csv"


def history(*steps):
    past = Past()
    for subject, changes in steps:
        past.commit(subject, changes)
    return past


def test_the_version_before_the_redaction_is_what_has_to_go():
    past = history(("add", {PATH: OPEN}), ("redact", {PATH: MARKED}))

    found = past.judge(RULE)

    assert list(found) == [past.id_of(OPEN)]
    hit = found[past.id_of(OPEN)]
    assert (hit.rule, hit.severity, hit.confidence) == ("HIS-01", Severity.HIGH, Confidence.HIGH)
    assert (place(hit).rows, place(hit).columns, place(hit).cells) == ((1,), ("n",), 1)


@pytest.mark.parametrize(
    ("old", "new", "severity", "confidence"),
    [
        (OPEN, MARKED.replace("[REDACTED]", "NA"), Severity.HIGH, Confidence.MEDIUM),
        (OPEN.replace(",3", ",30"), MARKED, Severity.MEDIUM, Confidence.MEDIUM),
        (OPEN.replace(",3", ",30"), MARKED.replace("[REDACTED]", ""), Severity.LOW, Confidence.LOW),
        (OPEN, "REDACTED", Severity.HIGH, Confidence.HIGH),
    ],
)
def test_severity_follows_the_number_and_the_mark(old, new, severity, confidence):
    [hit] = history(("add", {PATH: old}), ("change", {PATH: new})).judge(RULE).values()

    assert (hit.severity, hit.confidence) == (severity, confidence)


FIRST = "region,n\n" + "\n".join(
    f"{name},{n}"
    for name, n in zip("abcdefgh", (3011, 412, 87, 1290, 553, 31, 19, 14), strict=True)
)
AGAIN = {"3011": "2843", "412": "390", "87": "66", "1290": "1175", "553": "501", "31": "22"}


def later(*, marked, changed):
    """The table as it is after some counts were taken out of it and others changed."""
    text = FIRST
    for old in changed:
        text = text.replace(f",{old}", f",{AGAIN[old]}")
    for old in marked:
        text = text.replace(f",{old}", ",[REDACTED]")
    return text


def test_a_mark_in_data_that_were_extracted_again_says_little_about_larger_counts_before():
    new = later(marked=("19", "14"), changed=AGAIN)
    [hit] = history(("add", {PATH: FIRST}), ("extract", {PATH: new})).judge(RULE).values()

    assert (hit.severity, hit.confidence) == (Severity.LOW, Confidence.LOW)
    assert "most counts changed" in hit.message

    blank = history(("add", {PATH: FIRST}), ("extract", {PATH: new.replace("[REDACTED]", "")}))
    assert ["empty or missing" in each.message for each in blank.judge(RULE).values()] == [True]


@pytest.mark.parametrize(
    ("old", "new", "severity"),
    [
        (FIRST, later(marked=("19", "14"), changed=()), Severity.MEDIUM),
        (FIRST, later(marked=("19", "14"), changed=("3011", "412", "87")), Severity.MEDIUM),
        (FIRST, later(marked=("19",), changed=AGAIN).replace(",14", ",8"), Severity.LOW),
        (FIRST.replace(",14", ",4"), later(marked=("19", "14"), changed=AGAIN), Severity.HIGH),
        # changed by rounding alone: the same people
        (FIRST, "region,n\na,3010\nb,410\nc,85\nd,1290\ne,555\nf,30\ng,[REDACTED]\nh,15", Severity.MEDIUM),
        # a rate may be of few people, however many there are in all
        (
            FIRST.replace(",n", ",n,rate").replace("\n", ",0.5\n").replace("rate,0.5", "rate") + ",0.5",
            later(marked=(), changed=AGAIN).replace(",n", ",n,rate").replace("\n", ",[REDACTED]\n").replace("rate,[REDACTED]", "rate") + ",0.4",
            Severity.MEDIUM,
        ),
    ],
    ids=["all the same", "half changed", "nearly all changed", "one was small", "rounded", "rates"],
)  # fmt: skip
def test_only_new_data_and_larger_counts_make_a_mark_say_little(old, new, severity):
    hit = history(("add", {PATH: old}), ("change", {PATH: new})).judge(RULE)

    assert [each.severity for blob, each in hit.items()] == [severity]


def test_what_was_hidden_shown_and_hidden_again_was_redacted_later_too():
    blank = OPEN.replace(",3", ",")
    past = history(("add", {PATH: blank}), ("revert", {PATH: OPEN}), ("again", {PATH: blank}))

    [hit] = past.judge(RULE).values()

    assert (hit.severity, hit.confidence) == (Severity.HIGH, Confidence.MEDIUM)
    assert "a later version" in hit.message


def test_the_threshold_is_that_of_the_old_version():
    past = history(("add", {PATH: OPEN.replace(",3", ",6")}), ("redact", {PATH: MARKED}))

    assert [hit.severity for hit in past.judge(RULE, "2020-12").values()] == [Severity.MEDIUM]
    assert [hit.severity for hit in past.judge(RULE, "2023-07").values()] == [Severity.HIGH]


def test_a_redacted_version_put_back_after_a_deletion_is_compared():
    past = history(("add", {PATH: OPEN}), ("delete", {PATH: None}), ("again", {PATH: MARKED}))

    assert list(past.judge(RULE)) == [past.id_of(OPEN)]


def test_a_redacted_version_moved_in_the_same_commit_is_compared():
    past = history(
        ("add", {"output/deaths.csv": OPEN}),
        ("move", {"output/deaths.csv": None, "released_outputs/output/deaths.csv": MARKED}),
    )

    assert list(past.judge(RULE)) == [past.id_of(OPEN)]


def test_files_moved_together_are_told_apart_by_their_names():
    people = "ageband,n\nyoung,40\nold,60"
    past = history(
        ("add", {"a/deaths.csv": OPEN, "a/people.csv": people, "b/deaths.csv": "x,y\n1,2"}),
        (
            "move",
            {
                "a/deaths.csv": None,
                "a/people.csv": None,
                "b/deaths.csv": "x,y\n1,3",  # changed in the same commit, and not moved
                "c/deaths.csv": MARKED,
                "c/people.csv": people,
            },
        ),
    )

    assert list(past.judge(RULE)) == [past.id_of(OPEN)]


def test_files_of_one_name_that_left_together_are_not_guessed_at():
    other = OPEN.replace("120", "90")
    past = history(
        ("add", {"a/deaths.csv": OPEN, "b/deaths.csv": other}),
        ("move", {"a/deaths.csv": None, "b/deaths.csv": None, "c/deaths.csv": MARKED}),
    )

    assert past.judge(RULE) == {}


def test_a_small_count_that_an_earlier_version_hid_is_found_in_the_later_one():
    past = history(("add", {PATH: MARKED}), ("update", {PATH: OPEN}))

    [(blob, hit)] = past.judge(RULE).items()

    assert blob == past.id_of(OPEN)
    assert "an earlier version" in hit.message


def test_a_larger_number_that_an_earlier_version_hid_is_a_new_release():
    past = history(("add", {PATH: MARKED}), ("update", {PATH: OPEN.replace(",3", ",30")}))

    assert past.judge(RULE) == {}


def test_each_version_is_one_finding_and_the_worst_comparison_counts():
    newer = "region,n\nNorth,[REDACTED]\nSouth,[REDACTED]\nEast,7"
    past = history(
        ("add", {PATH: OPEN, "copy.csv": OPEN}),
        ("weak", {PATH: "region,n\nNorth,3\nSouth,NA"}),
        ("strong", {"copy.csv": newer}),
    )

    hit = past.judge(RULE)[past.id_of(OPEN)]

    assert (hit.severity, place(hit).cells) == (Severity.HIGH, 2)


def test_a_weaker_comparison_does_not_replace_a_stronger_one():
    past = history(
        ("add", {PATH: OPEN, "copy.csv": OPEN}),
        ("strong", {PATH: MARKED}),
        ("weak", {"copy.csv": "region,n\nNorth,3\nSouth,NA"}),
    )

    assert past.judge(RULE)[past.id_of(OPEN)].severity is Severity.HIGH


def test_versions_without_sketches_are_passed_over():
    past = history(("add", {PATH: OPEN}), ("redact", {PATH: MARKED}))
    del past.content[past.id_of(MARKED)]

    assert past.judge(RULE) == {}


def test_unchanged_and_added_tables_are_no_finding():
    past = history(
        ("add", {PATH: OPEN}),
        ("delete", {PATH: None}),
        ("back", {PATH: OPEN}),
        ("other", {"b.csv": MARKED}),
    )

    assert past.judge(RULE) == {}


def test_no_value_is_in_what_is_said():
    text = "region,n\nNorth,3\nSouth,48213\nEast,48999"
    past = history(("add", {PATH: text}), ("redact", {PATH: "[REDACTED]"}))

    [hit] = past.judge(RULE).values()

    assert not any(value in hit.message for value in ("48213", "48999", "North", "3"))


def test_a_scan_is_told_which_versions_it_has_to_keep_in_mind():
    past = history(
        ("add", {PATH: OPEN, "lonely.csv": "a,b\n1,2"}),
        ("redact", {PATH: MARKED}),
    )

    assert compared_blobs(past.transitions) == {past.id_of(OPEN), past.id_of(MARKED)}
