"""Every kind of message, on a real case folder: when it may be written, for whom, and what lies where."""

import base64
import hashlib
import json
import socket
from dataclasses import replace
from datetime import timedelta

import pytest

from breachkit.actions.archives import Archive, Kept, Question, Told
from breachkit.actions.notify import KINDS, NobodyToTellError, UnknownNoticeError, kind_named
from breachkit.model.errors import RefusedError
from breachkit.report.lint import LintError
from breachkit.workflows import notify
from breachkit.workflows.case import stand_down
from breachkit.workflows.details import Details, details_of, remember
from breachkit.workflows.may_tell import NotYetTimeError
from breachkit.workflows.notify import NoticeAlteredError, Waiver
from breachkit.workflows.register import vouched_for
from breachkit.workflows.scope import findings_of
from breachkit.workflows.sending import acknowledge
from tests.support.people import CONTACTS, everything_outside_private
from tests.support.responding import responding
from tests.support.telling import BY_RULE, Telling, copies_of, read


@pytest.fixture
def telling(tmp_path, clock):
    return Telling(tmp_path, clock)


@pytest.fixture
def scoped(telling, bad):
    telling.findings = notify.Findings(bad=bad, by_rule=BY_RULE)
    return telling.with_copies()


def names(written):
    return [each.notice.kind.alias for each in written]


def test_inc_071_inc_072_every_kind_that_is_due_is_written_at_once_and_without_a_network(
    scoped, monkeypatch
):
    def refuse(*_args, **_options):
        raise AssertionError("something was looked up")

    for name in ("socket", "getaddrinfo", "getfqdn", "gethostname", "create_connection"):
        monkeypatch.setattr(socket, name, refuse)
    due, left = notify.kinds_due(scoped.case, scoped.facts())
    written = scoped.write(*(kind.alias for kind in due))

    assert [kind.alias for kind in due] == [
        *("alert", "engineer", "freeze", "holders", "forks", "support", "archives", "dpo", "public")
    ]
    assert len(written) == 13
    assert {line.split(":")[0] for line in left} == {
        *("update", "reminder", "escalation", "all-clear", "stand-down", "near-miss")
    }
    assert all(each.files for each in written)


def test_inc_072_each_reader_has_a_file_alone_and_reads_no_other(scoped):
    written = scoped.write("alert", "freeze", "holders")

    for each in written:
        if each.rendered.eml is None:
            assert each.notice.recipient.email is None
            continue
        mail = read(scoped.eml(each))
        others = {w.notice.recipient.email for w in written} - {each.notice.recipient.email, None}
        assert mail.to == [each.notice.recipient.email]
        assert not any(other in mail.text or other in str(mail.headers) for other in others)


def test_inc_072_the_journal_has_the_digest_of_the_bytes_that_were_checked(scoped):
    for each in scoped.write("alert", "holders"):
        if each.rendered.eml is not None:
            (notice,) = [n for n in notify.list_notices(scoped.case) if n.id == each.notice.id]
            data = scoped.eml(each)
            assert notice.eml_sha256 == hashlib.sha256(data).hexdigest()
            assert [notice.message_id] == read(data).headers["message-id"]


def test_the_short_alert_lies_beside_the_long_one(scoped):
    alert = scoped.write("alert")[0]
    files = {file.name: file for file in alert.files}

    assert sorted(files) == ["mailto.txt", "message.eml", "message.txt", "meta.json"]
    assert files["mailto.txt"].read_text().strip() == alert.mailto
    assert len(alert.mailto) < 2000


def test_a_thread_holds_for_each_reader_however_often_a_draft_is_written(scoped, clock):
    first = {each.notice.recipient.email: each for each in scoped.write("alert")}
    clock.move(minutes=3)
    again = {each.notice.recipient.email: each for each in scoped.send("alert")}
    account = scoped.write("dpo")[0]
    thread = again[account.notice.recipient.email].rendered.message_id

    assert all(first[who].rendered.message_id == again[who].rendered.message_id for who in first)
    assert read(scoped.eml(account)).headers["in-reply-to"] == [thread]
    assert read(scoped.eml(account)).headers["references"] == [thread]


def test_inc_079_an_update_is_refused_until_the_next_one_is_promised(scoped, clock):
    scoped.send("alert")
    with pytest.raises(NotYetTimeError, match="--next-update"):
        scoped.write("update")
    remember(scoped.case, Details(next_update_at=clock.now() - timedelta(hours=1)))
    with pytest.raises(NotYetTimeError, match="--next-update"):
        scoped.write("update")
    remember(scoped.case, Details(next_update_at=clock.now() + timedelta(hours=4)))

    written = scoped.send("update")
    assert "Next update by      2026-03-06 16:00 UTC (Friday)" in written[0].rendered.text
    assert scoped.write("update")[0].notice.id != written[0].notice.id


def test_inc_044_inc_079_an_all_clear_is_refused_until_all_is_gone_and_accounted_for(scoped):
    scoped.send("alert", "holders")
    with pytest.raises(NotYetTimeError, match="verified and traced") as caught:
        scoped.write("all-clear")
    assert caught.value.exit_code == 6
    scoped.cleaned()

    told = {
        each.notice.recipient.email or each.notice.recipient.name
        for each in scoped.write("all-clear")
    }
    assert told == {
        "incidents@example.org",
        "jo.bloggs@example.org",
        "jo.author@example.org",
        "octo-sam",
    }


@pytest.mark.parametrize("undone", [{"ok": False, "held": True}, None])
def test_inc_079_an_all_clear_is_refused_once_the_data_are_back_or_a_copy_is_open_again(
    scoped, undone
):
    scoped.send("alert")
    scoped.cleaned()
    if undone is None:
        scoped.case.record("copies.recorded", {"open": 1})
    else:
        scoped.case.record("verify.recorded", undone)

    with pytest.raises(NotYetTimeError):
        scoped.write("all-clear")


def test_a_stand_down_needs_that_the_case_was_stood_down(telling):
    telling.send("alert")
    with pytest.raises(NotYetTimeError, match="false-alarm"):
        telling.write("stand-down")
    stand_down(telling.case, "counts were rounded", "R. Lindqvist")

    text = telling.write("stand-down")[0].rendered.text
    assert "Why                 counts were rounded" in text
    assert "R. Lindqvist" in text


def test_a_record_of_a_near_miss_is_for_near_misses(telling, tmp_path, clock):
    with pytest.raises(NotYetTimeError, match="near-miss"):
        telling.write("near-miss")

    near = Telling(tmp_path / "other", clock, kind="near-miss")
    (record,) = near.write("near-miss")
    assert [file.name for file in record.files] == ["message.txt", "meta.json", "message.md"]
    assert record.rendered.eml is None


def test_whoever_does_not_answer_is_reminded_a_day_before_and_named_to_the_contacts_after(
    scoped, clock
):
    scoped.send("alert")
    (holder, account) = scoped.send("holders")
    with pytest.raises(NobodyToTellError, match="answer soon"):
        scoped.write("reminder")
    clock.move(hours=25)
    reminded = scoped.write("reminder")
    assert [each.notice.recipient.reference for each in reminded] == [
        holder.notice.id,
        account.notice.id,
    ]
    assert "to account for your copies" in " ".join(reminded[0].rendered.text.split())
    with pytest.raises(NotYetTimeError, match="late"):
        scoped.write("escalation")
    clock.move(hours=24)
    acknowledge(scoped.case, holder.notice.id, by="Jo", at=clock.now())

    (told, _) = scoped.write("escalation")
    assert account.notice.id in told.rendered.text
    assert holder.notice.id not in told.rendered.text
    assert scoped.write("reminder")[0].notice.recipient.reference == account.notice.id


def test_inc_085_a_follow_up_account_links_the_first_and_the_reference(scoped, clock):
    (first,) = scoped.send("dpo")
    assert scoped.write("dpo") == ()
    clock.move(hours=5)
    scoped.decide("ico-report", "yes", "a risk is likely", reference="IC-0001-A")

    (later,) = scoped.write("dpo", again=True)
    text = " ".join(later.rendered.text.split())
    assert later.notice.id != first.notice.id
    assert "This is a follow-up to the account of 2026-03-06 12:00 UTC" in text
    assert "ICO reference IC-0001-A" in text
    assert read(scoped.eml(later)).headers["in-reply-to"] == [first.rendered.message_id]


def test_inc_084_the_account_takes_its_facts_from_the_case_and_its_decisions(scoped):
    scoped.send("alert")
    scoped.decide("risk", "likely", "somebody could be recognised")
    scoped.decide("high-risk", "not-yet-known")
    remember(scoped.case, Details(people_range="10 to 99", cyber="no", training="yearly"))

    (account,) = scoped.write("dpo")
    text = " ".join(account.rendered.text.split())
    for expected in (
        "Data subjects 10 to 99",
        "Consequences somebody could be recognised",
        "Likely risk likely",
        "High risk not yet known",
        "- whether the risk is high",
        "the first alert left (journal entry",
        "incident team: alert, 2026-03-06 12:00 UTC, no answer yet",
        "Officer Bloggs, Jo, jo.bloggs@example.org, +44 20 7946 0001",
    ):
        assert expected in text
    assert {file.name for file in account.files} >= {"message.md", "message.txt", "message.eml"}


def test_inc_084_a_number_where_a_range_is_wanted_is_not_printed(scoped):
    remember(scoped.case, Details(people_range="57", records_range="4"))

    (account,) = scoped.write("dpo")
    assert "Data subjects       not yet known" in account.rendered.text
    assert "Records             not yet known" in account.rendered.text
    assert "57" not in account.rendered.text.split("C. CATEGORIES")[1].split("CONTACT")[0]


def test_inc_105_the_summary_for_anybody_names_neither_study_nor_person(scoped):
    scoped.send("alert")
    scoped.cleaned()
    (summary,) = scoped.write("public")
    shown = b"".join(
        file.read_bytes() for file in summary.files if file.name != "meta.json"
    ).lower()

    for telling in (
        b"asthma",
        b"example",
        b"okafor",
        b"author",
        b"octo",
        b"lindqvist",
        b"out/",
        b".csv",
    ):
        assert telling not in shown
    remember(scoped.case, Details(lessons="Jo Author pushed it"))
    with pytest.raises(LintError, match="name of the study or of a person"):
        scoped.write("public")


def test_inc_073_a_rule_that_stands_for_no_value_can_be_set_aside_by_name_and_is_journalled(scoped):
    remember(scoped.case, Details(shared_with="sam@example.net"))
    with pytest.raises(LintError, match="e-mail address in line"):
        scoped.write("alert")
    waiver = Waiver(rules=("e-mail address",), reason="they need it to write", decider="Ada")

    written = scoped.write("alert", waiver=waiver)
    (entry,) = [each for each in scoped.case.events() if each.kind == "override"]
    assert "sam@example.net" in written[0].rendered.text
    assert (entry.detail["action"], entry.detail["decider"]) == ("notify", "Ada")
    assert entry.detail["reason"] == "they need it to write"
    assert entry.names("guards") == ("e-mail address",)


@pytest.mark.parametrize(
    "rule",
    [
        *("row of a table", "number of people", "number in a sample", "object id", "encoded data"),
        *("abbreviated object id", "release trailer", "TLP label", "attachment", "no such rule"),
    ],
)
def test_inc_073_no_rule_about_values_can_be_set_aside(scoped, rule):
    remember(scoped.case, Details(shared_with="4 patients"))
    before = len(scoped.case.events())
    waiver = Waiver(rules=(rule,), reason="it is urgent", decider="Ada")

    with pytest.raises(RefusedError, match="cannot be set aside"):
        scoped.write("alert", waiver=waiver)
    assert len(scoped.case.events()) == before


def test_inc_073_what_the_check_says_names_rule_and_line_and_never_the_text(scoped):
    remember(scoped.case, Details(shared_with="Mallory, 4 patients, 1a2b3c4d"))

    with pytest.raises(LintError) as caught:
        scoped.write("alert")
    assert "number of people in line" in str(caught.value)
    assert "Mallory" not in str(caught.value)
    assert "1a2b" not in str(caught.value)


def test_a_message_is_shown_as_its_reader_gets_it_and_one_that_was_altered_is_not(scoped):
    (written, *_) = scoped.write("alert")
    notice, text = notify.read_notice(scoped.case, written.notice.id)
    file = scoped.case.path / notice.text_file

    assert text.startswith("[TLP:AMBER+STRICT] [BK-2026-0001")
    assert written.rendered.text.strip() in text
    file.write_text(file.read_text().replace("Ben Okafor", "Eve"))
    with pytest.raises(NoticeAlteredError, match="render it again"):
        notify.read_notice(scoped.case, written.notice.id)
    with pytest.raises(UnknownNoticeError, match="notify list"):
        notify.read_notice(scoped.case, "N-099")


def test_meta_data_say_what_goes_along_and_by_when_an_answer_is_due(scoped):
    (holder, _) = scoped.write("holders")
    meta = json.loads(next(file for file in holder.files if file.name == "meta.json").read_text())

    assert meta["reply_by"] == "2026-03-08T12:00:00Z"
    assert meta["attached"] is None
    assert meta["eml_sha256"] == holder.notice.eml_sha256


def test_a_fork_and_an_archive_without_an_address_have_a_text_alone(scoped):
    for each in scoped.write("forks", "archives"):
        assert sorted(file.name for file in each.files) == ["message.txt", "meta.json"]


def test_holders_get_the_script_with_their_mail_and_nobody_else_gets_it(tmp_path):
    response = responding(tmp_path)
    response.scope()
    response.rewrite()
    notify.choose_contacts(response.case, CONTACTS, response.clock)
    vouched_for(response.case, copies_of(response.clock.now()), by="Ada", note="invented")
    kinds = [kind_named(alias) for alias in ("alert", "freeze", "holders", "forks")]
    facts = notify.gather_facts(
        response.case, response.clock, details_of(response.case), findings_of(response.case)
    )
    written = notify.render_notices(response.case, kinds, facts).written
    script = response.case.read_private("verifier.txt")

    for each in written:
        is_holder = each.notice.kind.alias == "holders"
        assert (each.rendered.attachment is not None) == is_holder
        assert (hashlib.sha256(script).hexdigest() in each.rendered.text) == is_holder
        if each.rendered.eml is not None:
            mail = read(response.case.read_file(each.notice.eml_file))
            assert mail.attached == ([("verifier.txt", script)] if is_holder else [])
    assert base64.encodebytes(script)[:60] not in everything_outside_private(response.case)
    assert script[:60] not in everything_outside_private(response.case)


def test_incident_trap_20_no_message_confirms_a_guess_of_a_count(scoped, study, bad):
    """Try every count from 1 to 9: neither its id nor the start of it stands anywhere outside."""
    scoped.send("alert", "engineer", "freeze", "holders", "forks", "support", "archives", "dpo")
    remember(scoped.case, Details(next_update_at=scoped.clock.now() + timedelta(hours=4)))
    scoped.cleaned()
    scoped.write("update", "all-clear", "public")
    shown = everything_outside_private(scoped.case).lower()

    for value in (*range(1, 10), 4217):
        content = f"n\n{value}\n".encode()
        for made in (
            hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest(),
            hashlib.sha256(content).hexdigest(),
            hashlib.md5(content).hexdigest(),
        ):
            assert made[:7].encode() not in shown
    for one in (*bad.ids, *bad.introducers):
        assert one[:7].encode() not in shown


def test_an_unsent_account_to_contacts_who_were_replaced_is_not_to_be_sent(scoped):
    scoped.write("alert", "dpo")
    notify.choose_contacts(scoped.case, "opensafely-2026", scoped.clock)

    assert {n.kind.alias for n in notify.list_notices(scoped.case) if n.is_superseded} == {
        "alert",
        "dpo",
    }


@pytest.mark.parametrize(
    "target", ["x\r\nBcc: evil@example.net", "nul\u2028\x1b[2J", "x" * 4096, "\udcff", "\u202egnp"]
)
def test_incident_trap_50_51_a_hostile_target_leaves_every_message_writable(
    tmp_path, clock, target
):
    telling = Telling(tmp_path, clock, target=target).with_copies()
    for kind in (
        "alert",
        "engineer",
        "freeze",
        "holders",
        "forks",
        "support",
        "archives",
        "dpo",
        "public",
    ):
        for each in telling.write(kind):
            assert all(line.isprintable() for line in each.rendered.text.split("\n"))
            if each.rendered.eml is not None:
                assert read(telling.eml(each)).to == [each.notice.recipient.email]
            assert len(each.rendered.text) < 9000


def test_an_archive_is_asked_to_remove_what_it_said_that_it_has(scoped, clock):
    def said(archive, kind, about, found, latest=""):
        question = Question(archive=archive, kind=kind, about=about)
        return Told(question=question, at=clock.now(), found=found, latest=latest)

    told = (
        said(
            Archive.HERITAGE, "origin", "https://github.com/example/asthma-reviews", 1, "2026-02-01"
        ),
        said(
            Archive.HERITAGE,
            "origin",
            "https://github.com/octo-sam/asthma-reviews",
            1,
            "2026-01-01",
        ),
        said(Archive.HERITAGE, "origin", "https://github.com/example/asthma-reviews.git", 0),
        said(Archive.ZENODO, "records", "example/asthma-reviews", 2),
    )
    kept = Kept(told={each.question: each for each in told})
    scoped.case.write_private("archives.json", json.dumps(kept.to_json()).encode())

    held = {each.place: each for each in scoped.facts().held}
    heritage, wayback = (each.rendered.text for each in scoped.write("archives"))
    assert held["C40"].latest == "2026-02-01"
    assert held["C43"].addresses == ()
    assert "  - https://github.com/example/asthma-reviews\n" in heritage
    assert "  - https://github.com/octo-sam/asthma-reviews\n" in heritage
    assert "asthma-reviews.git" not in heritage
    assert "Last copy           2026-02-01" in heritage
    assert "  - https://github.com/example/asthma-reviews\n" in wayback
    assert "octo-sam" not in wayback


def test_before_copies_were_looked_for_their_number_is_not_known(telling, clock):
    telling.send("alert")
    remember(telling.case, Details(next_update_at=clock.now() + timedelta(hours=4)))

    assert "Known               not yet known" in telling.write("update")[0].rendered.text


def test_inc_077_no_name_of_a_file_of_a_message_names_the_study(scoped):
    scoped.write("alert", "holders", "forks", "archives", "public")

    for file in scoped.case.path.rglob("*"):
        if "notifications" in file.parts:
            assert "asthma" not in str(file.relative_to(scoped.case.path))


def test_every_kind_can_be_named_by_its_alias_and_by_its_name():
    for kind in KINDS:
        assert kind_named(kind.alias) is kind is kind_named(kind.name)
    with pytest.raises(UnknownNoticeError, match=r"alert \(internal-alert\), "):
        kind_named("nothing")


def test_what_was_said_to_be_public_is_a_line_of_the_timeline(scoped):
    remember(scoped.case, Details(public_since=scoped.clock.now() - timedelta(days=3)))
    facts = scoped.facts()

    assert [each.what for each in facts.timeline][1] == "the repository was public"
    assert replace(facts, timeline=()).timeline == ()
