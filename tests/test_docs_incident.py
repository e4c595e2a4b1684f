"""The incidents that documents tell are those that happen: every command runs as shown, and prints what is shown.

The README's incident and the page for 2 a.m. are each played in a practice world of their own, in the order of
the page, from the first command to the last. What other people do in between, and what other pages show of each
part, is done where it belongs.
"""

from tests.support.cues import AT_2_AM, IN_THE_WORKED_INCIDENT
from tests.support.documented import ROOT
from tests.support.incidents import incident


def test_the_worked_incident_of_the_readme_happens_as_it_is_told(tmp_path):
    codes = {
        "breachkit scan $PLATFORM/asthma/study-practice.git": [14],
        "breachkit verify": [7, 0],
    }
    with incident(tmp_path) as practice:
        practice.follow(ROOT / "README.md", codes, IN_THE_WORKED_INCIDENT)

        assert not practice.problems, "\n\n".join(practice.problems)


def test_the_page_for_2_am_leads_through_an_incident(tmp_path):
    codes: dict[str, list[int | None]] = {
        "breachkit verify": [7, 0],
        "breachkit verify --server": [None, None],
    }
    with incident(tmp_path) as practice:
        practice.follow(ROOT / "playbooks" / "generic" / "README.md", codes, AT_2_AM)

        assert not practice.problems, "\n\n".join(practice.problems)
