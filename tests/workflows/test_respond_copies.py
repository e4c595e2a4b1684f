"""The register in a guided response: each holder is written to in the words that are for them."""

import pytest

from breachkit.workflows.copies import add_copy
from breachkit.workflows.next_action import next_action
from breachkit.workflows.respond_copies import account_for_copies
from breachkit.workflows.respond_sitting import Means, Sitting
from breachkit.workflows.respond_talk import StoppedError, Talk
from breachkit.workflows.trace import load_places
from tests.support.cases import HandClock, a_case, verified


class Agrees:
    """Says yes to writing, and stops at whatever comes after."""

    def __init__(self):
        self.told = ""

    def show(self, lines):
        self.told += "".join(
            part if isinstance(part, str) else part[0] for line in lines for part in (*line, "\n")
        )

    def ask(self, prompt):
        if "Write to them now?" in prompt:
            self.told += prompt
            return "y\n"
        raise StoppedError


def written(case):
    """Give the messages that are written once somebody agrees to it, and what they were told."""
    person, ran = Agrees(), []

    def execute(words):
        ran.append(words)
        return 0

    means = Means(has_token=True, mail_server=None)
    sitting = Sitting(case=case, clock=HandClock(), talk=Talk(person), means=means, execute=execute)
    with pytest.raises(StoppedError):
        account_for_copies(sitting)
    return [words[2] for words in ran if words[:2] == ("notify", "render")], person.told


def with_copies(case, *places):
    catalogue = load_places()
    for place, holder in places:
        add_copy(case, place, f"a copy of {holder or 'nobody'}", holder=holder, places=catalogue)


def test_owners_of_forks_are_written_to_first_and_each_in_their_own_words(tmp_path):
    case = a_case(tmp_path)
    with_copies(case, ("C30", "Ada Hartley"), ("C40", "an archive"), ("C10", "morgan"))

    messages, told = written(case)

    assert messages == ["forks", "holders", "archives"]
    assert "3 holders have not answered" in told
    assert "Open: 3 copies. Each copy" in told


def test_who_holds_no_copy_of_a_kind_is_not_written_to(tmp_path):
    case = a_case(tmp_path)
    with_copies(case, ("C10", "morgan"), ("C33", None))

    messages, told = written(case)

    assert messages == ["forks"]
    assert "1 holder has not answered" in told


def test_open_copies_stand_beside_the_main_line_while_the_platform_is_asked(tmp_path):
    case = a_case(tmp_path)
    verified(case, hidden_refs=1)
    case.record("trace.recorded", {"places": 1})
    with_copies(case, ("C10", "morgan"), ("C30", "Ada Hartley"))
    case.record("trace.recorded", {"places": 1})
    action = next_action(case.incident)

    assert "verify --server" in action.command
    [beside] = [each for each in action.meanwhile if "copies" in each.what]
    assert beside.what == "2 copies and places open: ask who has them"
    assert beside.command == "breachkit copies list --case BK-2026-0001"


def test_nobody_is_asked_about_refs_of_the_server_before_it_was_found_clean(tmp_path):
    case = a_case(tmp_path)
    with_copies(case, ("C01", None), ("C02", None), ("C30", "Ada Hartley"))
    assert "2 entries are about refs of the server itself" in written(case)[1]
    assert "Open: 1 copy." in written(case)[1]

    verified(case)  # which finds the server clean

    assert "Open: 3 copies." in written(case)[1]
