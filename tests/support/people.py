"""A breached study, its bad set, and messages about it, for tests of what people get to see."""

from datetime import UTC, datetime
from pathlib import Path

from breachkit.actions.bad_set import Introduction, collect_bad_set
from breachkit.actions.notify import kind_named
from breachkit.model.ids import GitPath, ObjectId, RefName
from breachkit.report.mail import Sender
from breachkit.workflows import notify
from breachkit.workflows.details import details_of
from tests.support.gitrepo import START, History, git, oid


CONTACTS = str(Path(__file__).resolve().parent / "contacts.toml")
CANARY = "4217"
ALERT, HOLDERS, SUPPORT, ENGINEER = map(kind_named, ("alert", "holders", "support", "engineer"))
LATER = datetime(2026, 3, 6, 12, 30, tzinfo=UTC)


def breached_study(tmp_path):
    """A study whose second commit brings the canary in and whose third deletes the file."""
    history = History()
    history.commit({b"code.py": b"x"}, author="Early Bird <early@example.org>", when=START)
    history.commit(
        {b"out/t.csv": f"n\n{CANARY}\n".encode()},
        author="Jo Author <jo@example.org>",
        when=START + 100,
    )
    history.commit({b"out/t.csv": None}, author="Bloggs, Jo <jo.b@example.org>", when=START + 200)
    history.commit(
        {b"b.py": b"y"},
        author="dependabot[bot] <1+dependabot[bot]@users.noreply.github.com>",
        when=START + 300,
    )
    history.commit({b"c.py": b"z"}, author="Hub <9+hub@users.noreply.github.com>", when=START + 400)
    git_dir = history.build(tmp_path / "study.git")
    git(git_dir, "update-ref", "refs/pull/12/head", "refs/heads/main")
    return git_dir


def bad_set_of(study):
    """What a scope would find in `breached_study`."""
    commit = ObjectId(oid(study, "refs/heads/main~3"))
    blob = ObjectId(oid(study, f"{commit}:out/t.csv"))
    when = datetime.fromtimestamp(START + 100, UTC)
    introduction = Introduction(commit=commit, when=when, path=GitPath(b"out/t.csv"), blob=blob)
    refs = [RefName(b"refs/heads/main"), RefName(b"refs/pull/12/head")]
    return collect_bad_set([blob], [introduction], refs)


def written(case, clock, *kinds, bad=None, details=None, again=False):
    facts = notify.gather_facts(case, clock, details or details_of(case), notify.Findings(bad=bad))
    return notify.render_notices(
        case, kinds, facts, bad=bad, again=again, sender=Sender(name="Sam", email="sam@example.org")
    )


def everything_outside_private(case):
    files = [path for path in case.path.rglob("*") if path.is_file()]
    return b"\n".join(path.read_bytes() for path in files if "private" not in path.parts)
