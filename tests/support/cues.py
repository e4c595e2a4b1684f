"""Which pages are followed, what is typed between their commands, and what cannot be run.

Every command in a code block of a page stands in one of three: a page that is followed from its first command to
its last, the cues of another page, or `documented.NOT_RUN` with the reason. Commands in running text are parsed.
"""

import shlex
from collections.abc import Iterator, Mapping, Sequence

from tests.support.documented import PAGES, Typed, commands_of, is_excused, name_of
from tests.support.incidents import (
    Step,
    a_holder_answers,
    all_is_assessed,
    all_mail_is_sent,
    copies_are_chosen,
    files_are_prepared,
    fork_is_written_down,
    holders_answer,
    owner_of_the_fork_acts,
    support_acts,
    the_seal_is_handed_over,
)


Cues = Mapping[str, Sequence[Step]]

CONFIRMED = "--execute --confirm asthma/study-practice"
IN_THE_WORKED_INCIDENT: Cues = {
    "breachkit respond $PLATFORM/asthma/study-practice.git --dry-run": [
        ("breachkit respond owner/name", 6),  # nobody is at a terminal
    ],
    "breachkit notify render alert": [
        ("breachkit notify send --all-waiting --smtp mail.example.org", 6),
    ],
    f"breachkit restrict {CONFIRMED}": [
        "breachkit restrict --execute --confirm owner/name --authorised ada --keep keys",
        "breachkit watch",
    ],
    "breachkit scope": [
        "breachkit copies list",
        "breachkit redact F-0003 --case BK-2026-0001 --write",
    ],
    "breachkit notify render freeze": [
        all_mail_is_sent,
        "breachkit notify chase",
        files_are_prepared,
        "breachkit rewrite --words words.txt --names names.txt",
        "breachkit rewrite --replace released_outputs/table2.csv=table2-redacted.csv",
        "breachkit rewrite",
    ],
    f"breachkit rewrite {CONFIRMED}": [
        "breachkit push",
        'breachkit approve push --by "R. Lindqvist" --reason "read the plan and the proof"',
    ],
    "breachkit notify render support": [all_mail_is_sent, support_acts, owner_of_the_fork_acts],
    "breachkit trace --allow $ARCHIVES": [
        "breachkit trace",
        "breachkit trace --allow archive.softwareheritage.org --allow web.archive.org --allow zenodo.org",
        "breachkit copies list",
        "breachkit verifier --output verifier.txt",
        a_holder_answers,
        copies_are_chosen,
        "breachkit copies prove K-031 --from reply.txt",
        ("breachkit verify-clone ~/study --advice", 7),
        "breachkit verifier --seal",
        the_seal_is_handed_over,
        ("breachkit verify-clone ~/study --list verifier.age --key verifier.agekey", 7),
        'breachkit copies accept K-019 --by "R. Lindqvist" --role SIRO --reason "no process to delete there"',
    ],
    "breachkit notify render holders": [all_mail_is_sent, holders_answer],
    "breachkit verify --server": ["breachkit restore"],
    f"breachkit restore {CONFIRMED}": [
        'breachkit amend aware-at 2026-03-06T09:00Z --reason "the DPO knew at nine"',
        'breachkit decide ico-report --answer no --by "R. Lindqvist" --role dpo --reason "no risk is likely"',
        "breachkit notify render dpo",
        "breachkit notify send --all-waiting --smtp mail.example.org --execute --confirm BK-2026-0001",
        "breachkit notify render all-clear",
        all_mail_is_sent,
        "breachkit checklist export --output checklist.md",
        "breachkit checklist import checklist.md",
        "breachkit checklist export --format csv --output checklist.csv",
        "breachkit report --output report.html",
        "breachkit report --audience public --output summary.md",
        "breachkit log anchor",
        "breachkit log verify --anchor-file ~/mail/incident",
        "breachkit log export --output timeline.jsonl",
        "breachkit status --json",
        "breachkit guard install .",
        'breachkit guard install /srv/git/study.git --contact "incidents@example.org"',
        "breachkit guard status .",
        ("breachkit guard check --range origin/main..HEAD --counts", 7),  # the clone is an old one
        "mkdir -p .github/workflows",
        "breachkit guard workflow --output .github/workflows/guard.yml",
        "breachkit guard remove .",
        all_is_assessed,
    ],
}
"""What the guide to the parts of a response shows, at the moments of the README's incident."""

AT_2_AM: Cues = {
    "breachkit notify render alert --contacts NAME": [
        'breachkit notify render alert --contacts NAME --from "Jo Bloggs <jo@example.org>"',
        "breachkit notify mark-sent N-002",
    ],
    "breachkit scope": [
        "breachkit amend engineer 'Ada Hartley'",
        "breachkit notify render freeze",
        "breachkit notify mark-sent N-003",
        all_mail_is_sent,
    ],
    'breachkit notify render support --forks "none, the list was read on 6 March" --no-lfs': [
        all_mail_is_sent,
        'breachkit checklist tick D15 --evidence "ticket answered on 6 March, in the evidence folder"',
        support_acts,
        owner_of_the_fork_acts,
        fork_is_written_down,
    ],
    "breachkit verifier --output verifier.txt": [a_holder_answers, copies_are_chosen],
}
"""What people say that the page for 2 a.m. asks for, and what the page on the platform's support shows."""

FOLLOWED = (
    "README.md",
    "playbooks/generic/README.md",
    "playbooks/README.md",
    "playbooks/guides/before-a-release.md",
    "playbooks/guides/every-night.md",
    "playbooks/guides/machine-formats.md",
    "playbooks/guides/practise.md",
    "playbooks/guides/scan.md",
    "playbooks/guides/set-up.md",
    "playbooks/opensafely-2021/README.md",
    "playbooks/opensafely-2026/README.md",
)


def everything_run() -> frozenset[str]:
    """Give each command that a test runs, in one spelling."""
    followed = [
        typed.line for page in PAGES if name_of(page) in FOLLOWED for typed in commands_of(page)
    ]
    cues = [line for cues in (IN_THE_WORKED_INCIDENT, AT_2_AM) for line in _lines(cues)]
    return frozenset(map(spelled, [*followed, *cues]))


def _lines(cues: Cues) -> Iterator[str]:
    for step in (step for steps in cues.values() for step in steps):
        if isinstance(step, str):
            yield step
        elif isinstance(step, tuple):
            yield step[0]


def spelled(line: str) -> str:
    """Give a command in one spelling, whichever quotes and names of the practice world it has."""
    line = line.replace("$PLATFORM/asthma/study-practice.git", "owner/name")
    return shlex.join(shlex.split(line)).replace("asthma/study-practice", "owner/name")


def neither_run_nor_excused() -> Iterator[Typed]:
    """Give the commands of pages that are forgotten."""
    run = everything_run()
    for typed in (typed for page in PAGES for typed in commands_of(page)):
        if spelled(typed.line) not in run and not is_excused(typed):
            yield typed
