"""Facts of a made-up case, complete or as bare as they are in its first minute."""

from dataclasses import replace
from datetime import UTC, datetime

from breachkit.actions.mailfacts import MailFacts
from breachkit.actions.notify import Notice, Recipient, kind_named
from breachkit.model.ids import GitPath


NOW = datetime(2026, 3, 1, 9, 14, tzinfo=UTC)

BARE = MailFacts(
    case_id="BK-2026-0007",
    codename="sapphire-otter",
    kind="suspected",
    repository="example/covid-19-deaths",
    now=NOW,
    log_head="ab12" * 16,
    tool_version="0.1.0",
)

FULL = replace(
    BARE,
    found_by="Jo Bloggs",
    aware_at=NOW,
    visibility="public",
    public_since=datetime(2025, 5, 4, tzinfo=UTC),
    paths=(GitPath(b"output/table_1.csv"), GitPath(b"released_outputs/table_1.csv")),
    findings_by_rule=(("CNT-01", 10), ("PAT-01", 2)),
    first_commit_at=datetime(2021, 2, 3, 4, 5, tzinfo=UTC),
    refs=4,
    pull_requests=(12, 15),
    shared_with="nobody that we know of",
    keeper="Sam Engineer",
    phone="+44 20 7946 0000",
    decider="the incident team",
    engineer="Sam Engineer",
    next_update_at=datetime(2026, 3, 1, 12, tzinfo=UTC),
    reply_by=datetime(2026, 3, 1, 10, tzinfo=UTC),
    done=("the case was opened",),
    to_do=("make the repository private",),
    pushed_at=datetime(2026, 3, 2, 8, tzinfo=UTC),
    tags_rewritten=1,
    lfs_orphans=False,
    forks="none",
)


def notice(
    kind: str = "alert", *, name: str = "Incident Team", email: str = "incidents@example.org"
) -> Notice:
    """A message of a kind to one made-up recipient."""
    found = kind_named(kind)
    address = email if found.as_mail else None
    return Notice(
        id="N-001", kind=found, recipient=Recipient(name=name, email=address, reference="x")
    )
