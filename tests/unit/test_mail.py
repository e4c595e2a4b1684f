import socket
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from breachkit.actions.mailfacts import file_type, repository_name, shown_paths
from breachkit.actions.notify import KINDS
from breachkit.model.ids import GitPath
from breachkit.report.lint import LintError
from breachkit.report.mail import Sender, TemplateRefusedError, render
from breachkit.workflows.playbooks import read_text
from tests.support.mailfacts import BARE, FULL, NOW, notice


SENDER = Sender(name="Engineer, Sam", email="sam@example.org")
HOSTILE = (
    "x\r\nBcc: evil@example.net",
    "a\nb",
    "nul\0",
    "u\u2028v\u2029w\x85x",
    "Bloggs, Jo",
    "\x1b[2J\x07",
    "{{ 7 * 7 }}{% for x in y %}",
    "=cmd|' /C calc'!A0",
    "<script>alert(1)</script>",
    "| a | b |",
    "\udcff\udc80",
    "\u202egnp.exe",
)


def template(kind="alert"):
    return read_text(notice(kind).kind.template)


def parsed(rendered):
    return message_from_bytes(rendered.eml, policy=policy.SMTP)


def changed(field, value):
    facts: Any = {field: value}
    return replace(FULL, **facts)


def alert(facts=FULL, **to):
    return render(notice("alert", **to), facts, template(), SENDER)


def test_the_first_alert_needs_nothing_but_a_repository():
    text = alert(BARE).text
    assert text.count("not yet known") >= 12
    assert "AS SOON AS YOU READ THIS" in text
    assert "BY: not" not in text
    assert "None" not in text


def test_an_alert_says_what_is_known_and_what_is_asked_and_by_when():
    text = alert().text
    for expected in (
        "example/covid-19-deaths",
        "Jo Bloggs",
        "Small counts of people (CNT-01, found 10 x)",
        "2026-03-04 09:14 UTC (Wednesday)",
        "output/table_1.csv",
        "WHAT WE ASK OF YOU, BY: 2026-03-01 10:00 UTC",
        "The controller decides whether",
        "Next update         2026-03-01 12:00",
        "ab12" * 16,
        "breachkit 0.1.0",
        "This message contains no patient data.",
    ):
        assert expected in text


def test_the_deadline_is_72_elapsed_hours_across_a_weekend():
    assert FULL.deadline == NOW + timedelta(hours=72)


def test_a_message_parses_back_with_one_recipient_and_no_copy():
    message = parsed(alert(name="Bloggs, Jo", email="jo.bloggs@example.org"))
    assert [a.addr_spec for a in message["To"].addresses] == ["jo.bloggs@example.org"]
    assert message["To"].addresses[0].display_name == "Bloggs, Jo"
    assert [a.addr_spec for a in message["From"].addresses] == ["sam@example.org"]
    assert message["Cc"] is None
    assert message["Bcc"] is None
    assert message["X-Unsent"] == "1"
    assert message["Date"].datetime == NOW
    assert (
        message.get_content().replace("\r\n", "\n")
        == alert(name="Bloggs, Jo", email="jo.bloggs@example.org").text
    )


def test_without_a_sender_the_mail_program_fills_one_in():
    assert parsed(render(notice(), FULL, template()))["From"] is None


def test_lines_end_in_crlf_and_fit():
    eml = alert(replace(FULL, found_by="Zoë " * 80)).eml
    assert b"\n" not in eml.replace(b"\r\n", b"")
    assert b"\r" not in eml.replace(b"\r\n", b"")
    assert max(map(len, eml.split(b"\r\n"))) <= 78


def test_the_same_facts_give_the_same_bytes():
    assert alert().eml == alert().eml
    assert alert().eml != alert(replace(FULL, found_by="Sam")).eml


def test_no_name_of_this_computer_is_asked_for(monkeypatch):
    def refuse(*_args):
        raise AssertionError("a host name was looked up")

    for name in ("getfqdn", "gethostname", "getaddrinfo"):
        monkeypatch.setattr(socket, name, refuse)
    assert parsed(alert())["Message-ID"].endswith("@mail.invalid>")


@pytest.mark.parametrize("kind", [kind.alias for kind in KINDS])
def test_no_subject_names_the_repository(kind):
    message = notice(kind)
    subject = render(message, FULL, template(kind), SENDER).subject
    assert subject.startswith(f"[{message.kind.tlp}] [BK-2026-0007 sapphire-otter] ")
    assert "covid" not in subject


@pytest.mark.parametrize("kind", ["holders", "support"])
def test_outsiders_learn_no_path(kind):
    facts = replace(FULL, paths=(GitPath(b"output/dr_josephine_bloggs.csv"),))
    rendered = render(notice(kind), facts, template(kind), SENDER)
    assert rendered.paths == "opaque"
    assert "bloggs" not in rendered.text
    assert ".csv" not in rendered.text


def test_the_support_request_is_text_for_a_form_and_sends_ids_nowhere():
    rendered = render(notice("support"), FULL, template("support"))
    assert rendered.eml is None
    form = rendered.text.split("---- from here ----")[1].split("---- to here ----")[0]
    assert "12, 15" in form
    assert "Tags rewritten      1" in form
    assert not any(word in form for word in ("TLP", "BK-2026-0007", "breachkit", "private/", "["))
    assert "private/support-ids.txt" in rendered.text
    assert "nothing to rotate" in rendered.text


@pytest.mark.parametrize(
    "path",
    [b"output/4_patients.csv", b"output/1a2b3c4d5e.csv", b"out/a,4,b.csv", b"x/" + b"ab" * 20],
)
def test_a_path_that_looks_like_data_is_hidden_and_the_alert_still_leaves(path):
    rendered = alert(replace(FULL, paths=(GitPath(path),)))
    assert rendered.paths == "opaque"
    assert path.rsplit(b"/", 1)[1].decode() not in rendered.text


def test_only_the_folder_is_dropped_where_that_is_enough():
    rendered = alert(replace(FULL, paths=(GitPath(b"1a2b3c4d/table.csv"),)))
    assert rendered.paths == "basename"
    assert "- table.csv" in rendered.text


@pytest.mark.parametrize("field", ["found_by", "shared_with", "keeper", "decider", "visibility"])
def test_a_value_typed_by_a_person_stops_the_message(field):
    with pytest.raises(LintError) as caught:
        alert(changed(field, "Mallory says 4 patients"))
    assert "Mallory" not in str(caught.value)


@pytest.mark.parametrize(
    "name", ["abe12345", "4 patients", "Hospital A,4,12", "x@example.net", "ab" * 20]
)
def test_a_holder_whose_name_looks_like_data_is_written_to_without_it(name):
    rendered = render(notice("holders", name=name), FULL, template("holders"), SENDER)
    assert "Dear colleague," in rendered.text
    assert name not in rendered.text
    assert parsed(rendered)["To"].addresses[0].display_name == ""


def test_many_paths_are_cut_short_and_counted():
    paths = tuple(GitPath(b"out/%d.csv" % n) for n in range(100))
    text = alert(replace(FULL, paths=paths)).text
    assert "and more: 70" in text


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from(
        [
            "found_by",
            "shared_with",
            "keeper",
            "phone",
            "decider",
            "engineer",
            "codename",
            "repository",
            "visibility",
            "forks",
        ]
    ),
    st.one_of(st.sampled_from(HOSTILE), st.text(max_size=40)),
    st.sampled_from([kind.alias for kind in KINDS]),
)
@example("repository", "x\r\nBcc: evil@example.net", "alert")
def test_no_fact_adds_a_header_or_a_recipient(field, value, kind):
    message = notice(kind, name=value.strip() or "x")
    try:
        rendered = render(message, changed(field, value), template(kind), SENDER)
    except LintError:
        return
    assert "\x1b" not in rendered.text
    assert all(line.isprintable() for line in rendered.text.splitlines())
    if rendered.eml is not None:
        back = parsed(rendered)
        assert [a.addr_spec for a in back["To"].addresses] == ["incidents@example.org"]
        assert sorted(back.keys()) == sorted(parsed(alert()).keys())
        assert not back.defects


@settings(deadline=None, max_examples=60)
@given(st.binary(min_size=1, max_size=40).filter(lambda raw: b"\0" not in raw))
def test_any_path_leaves_an_alert_that_can_be_sent(raw):
    rendered = alert(replace(FULL, paths=(GitPath(raw),)))
    assert len(parsed(rendered)["To"].addresses) == 1


def test_facts_are_never_read_as_templates():
    text = alert(replace(FULL, found_by="{{ 7 * 7 }} {{ recipient }}")).text
    assert "{{ 7 * 7 }} {{ recipient }}" in text


def test_a_fact_that_a_template_invents_is_an_error():
    with pytest.raises(TemplateRefusedError, match="severity"):
        render(notice(), FULL, "Subject: [TLP:AMBER+STRICT] x\n{{ severity }}\n")


@pytest.mark.parametrize(
    "body",
    [
        "{{ 'a' * 100000000 }}",
        "{{ 2 ** 100000000 }}",
        "{{ '%099999999d' % 1 }}",
        "{{ '{:>99999999}'.format(1) }}",
        "{{ repository.__class__.__mro__ }}",
        "{{ 'x'.zfill(99999999) }}",
        "{{ range(99999) }}",
        "{% for a in done %}{% for b in done %}{% for c in done %}{% for d in done %}{{ repository }}{% endfor %}{% endfor %}{% endfor %}{% endfor %}",
        "{% include '/etc/passwd' %}",
        "{{ unclosed",
        "{{ 1 + repository }}",
        "{{ 1 / 0 }}",
        "{{ done | attr('__class__') }}",
        "{{ ().__class__.__base__.__subclasses__() }}",
    ],
)
def test_a_template_can_build_nothing_large_and_reach_nothing(body):
    facts = replace(FULL, done=("x",) * 20)
    with pytest.raises(TemplateRefusedError):
        render(notice(), facts, f"Subject: [TLP:AMBER+STRICT] x\n{body}\n")


@pytest.mark.parametrize(
    "subject", ["Subject: hello", "hello", "Subject:", "[TLP:AMBER+STRICT] hello"]
)
def test_a_subject_without_its_label_is_refused(subject):
    with pytest.raises(TemplateRefusedError):
        render(notice(), FULL, f"{subject}\nTLP:AMBER+STRICT\nx\nTLP:AMBER+STRICT\n")


def test_an_organisations_own_template_may_not_put_the_repository_into_the_subject_for_outsiders():
    body = "TLP:AMBER+STRICT\nx\nTLP:AMBER+STRICT\n"
    with pytest.raises(LintError, match="subject"):
        render(notice("holders"), FULL, f"Subject: [TLP:AMBER+STRICT] {{{{ repository }}}}\n{body}")


@pytest.mark.parametrize(
    ("target", "name"),
    [
        ("opensafely/long-covid", "opensafely/long-covid"),
        ("https://user:secret@github.com/opensafely/long-covid.git", "opensafely/long-covid"),
        ("git@github.com:opensafely/long-covid.git", "opensafely/long-covid"),
        ("/home/jo/studies/long-covid/", "long-covid"),
        ("./studies/long-covid.git", "long-covid"),
        ("../a/b", "b"),
        ("C:\\Users\\jo\\long-covid", "long-covid"),
        ("file:///srv/git/long-covid.git", "long-covid"),
        ("/", "repository"),
        ("", "repository"),
        (".", "repository"),
    ],
)
def test_a_repository_is_named_without_folders_and_passwords(target, name):
    assert repository_name(target) == name


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=60))
def test_a_repository_name_never_fails_and_stays_on_one_line(target):
    name = repository_name(target)
    assert name
    assert name.isprintable() or " " in name


def test_only_known_types_of_file_are_named():
    assert file_type(GitPath(b"a/b.CSV")) == "csv"
    assert file_type(GitPath(b"a/b.josephine")) == "other"
    assert shown_paths((GitPath(b"a.csv"), GitPath(b"b.csv"), GitPath(b"c")), "opaque") == (
        "csv: 2",
        "other: 1",
    )
