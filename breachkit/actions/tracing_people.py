"""Accounts that the platform shows near a repository: who had access, pushed, cloned or was invited.

An account that commits name as well is one person, and has one entry. Accounts are known by their
id, for a login can change.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from breachkit.actions.hosting import Topic
from breachkit.actions.looks import day
from breachkit.actions.people import is_bot
from breachkit.actions.trace import Entry, rest
from breachkit.actions.tracing_view import View, counted, number, still, text
from breachkit.model.ids import display


_WITHOUT_GIT_EVENTS = frozenset({"free", "team"})
"""Plans whose audit log has no git events; source: GitHub's "Reviewing the audit log"."""
_CLONING = frozenset({"git.clone", "git.fetch"})
_PUSHING = frozenset({"PushEvent", "CreateEvent", "DeleteEvent"})


@dataclass(slots=True)
class Known:
    """One account, and why it is taken for a holder."""

    id: int
    login: str
    is_bot: bool = False
    access: str = ""
    """How it could read; empty where nothing says that it could."""
    by_base: bool = False
    """Whether that is the organisation's base permission alone."""
    signs: list[str] = field(default_factory=list)
    """What shows that it has a clone."""

    @property
    def words(self) -> str:
        """Everything that is known of it."""
        return ", ".join(part for part in (self.access, *self.signs) if part)


def accounts(view: View) -> tuple[Known, ...]:
    """Give every account near the repository, sorted by id."""
    found: dict[int, Known] = {}
    for who, sign in _signs(view):
        if not _is_organisation(view, who):
            _of(found, who).signs.append(sign)
    base = {"read", text(_only(view), "default_repository_permission")}
    for each in view.evidence.seen(Topic.COLLABORATORS):
        known = _of(found, each.item)
        role, how = text(each.item, "role_name"), text(each.item, "affiliation")
        known.by_base = how == "other" and role in base
        known.access = f"{_HOW.get(how, how)} ({display(role)}){still(each)}"
    return tuple(found[key] for key in sorted(found))


def words_by_login(view: View) -> dict[str, str]:
    """Give what is known of each account, by its login in lower case."""
    return {known.login.lower(): known.words for known in accounts(view) if known.words}


def known_cloners(view: View) -> int:
    """Count the people who are known to have a clone: whom commits name, and accounts with a sign of one."""
    people = sum(not person.bot for person in view.people)
    return people + sum(
        bool(known.signs) and not known.is_bot for known in _apart_from_commits(view)
    )


def with_access(view: View) -> Iterator[Entry]:
    """Give everybody who can read by a grant, who was invited, and what no list shows."""
    apart = [each for each in _apart_from_commits(view) if each.access and not each.is_bot]
    yield from (_entry(view, each, "may read") for each in apart if not each.by_base or each.signs)
    base = [each for each in apart if each.by_base and not each.signs]
    if base:
        label = f"members of {display(view.repository.owner)} by its base permission: {len(base)}"
        signal = "may read it without a grant of their own; ask them in one message"
        yield Entry(key="C16:members", label=label, signal=signal, applies="unknown")
    yield from _invited(view)
    yield rest("C16", "unknown", f"to ask a person: {_past(view)}")


def without_access(view: View) -> Iterator[Entry]:
    """Give those who pushed or cloned, and have no access that a list shows."""
    for each in _apart_from_commits(view):
        if each.signs and not each.access and not each.is_bot:
            yield _entry(view, each, "clone of")


def audited(view: View) -> Iterator[Entry]:
    """Say what the audit log tells of clones, or what its owner has to export by hand."""
    repository = view.repository
    if not repository.is_organisation:
        yield rest("C18", "no", "a person owns the repository: there is no audit log")
        return
    gap = view.evidence.gap(Topic.AUDIT_LOG)
    if gap:
        yield rest("C18", "unknown", f"{_why_no_log(view, gap)}. {export_by_hand(view)}")
        return
    lines = [
        each for each in view.evidence.seen(Topic.AUDIT_LOG, _document) if _is_clone(each.item)
    ]
    who = {text(each.item, "actor").lower() for each in lines}
    said = f"{counted(len(lines), 'clone or fetch', 'clones and fetches')} by {counted(len(who), 'account')}"
    signal = f"{said} in the git events of the last 7 days; older ones are not kept, and nobody can list them"
    yield rest("C18", "unknown", signal)


def export_by_hand(view: View) -> str:
    """Give the exact instruction for an owner of the organisation."""
    repository = view.repository
    address = f"{view.web}/organizations/{repository.owner}/settings/audit-log"
    return (
        f"Ask an owner of {display(repository.owner)} today: {address}, search "
        f"`repo:{repository.full_name}`, Export, JSON (who was added, removed, who downloaded a zip: 180 "
        "days); on Enterprise Cloud also Export Git Events, from 7 days ago to today (who cloned "
        "and fetched: 7 days); keep both files with the case"
    )


_HOW = {
    "outside": "outside collaborator",
    "direct": "collaborator",
    "other": "reads through a team or the organisation",
}


def _signs(view: View) -> Iterator[tuple[Mapping[str, Any], str]]:
    """Give every sign that an account has a clone, with the account as the platform writes it."""
    yield from _once(_pushes(view), "pushed")
    yield from _once(_clones(view), "cloned or fetched by the audit log")
    for each in view.evidence.seen(Topic.PULLS, _pull):
        user = each.item.get("user")
        if isinstance(user, Mapping) and view.is_since(each.item.get("created_at")):
            yield user, f"sent pull request {each.item.get('number')}"


def _pushes(view: View) -> Iterator[tuple[Mapping[str, Any], str]]:
    for each in view.evidence.seen(Topic.ACTIVITY):
        actor = each.item.get("actor")
        if isinstance(actor, Mapping) and view.is_since(each.item.get("timestamp")):
            yield actor, text(each.item, "timestamp")
    for each in view.evidence.seen(Topic.EVENTS):
        actor, is_push = each.item.get("actor"), each.item.get("type") in _PUSHING
        if isinstance(actor, Mapping) and is_push and view.is_since(each.item.get("created_at")):
            yield actor, text(each.item, "created_at")


def _clones(view: View) -> Iterator[tuple[Mapping[str, Any], str]]:
    for each in view.evidence.seen(Topic.AUDIT_LOG, _document):
        if _is_clone(each.item) and number(each.item, "actor_id"):
            who = {"id": each.item["actor_id"], "login": text(each.item, "actor")}
            yield who, ""


def _is_clone(line: Mapping[str, Any]) -> bool:
    return line.get("action") in _CLONING


def _once(
    found: Iterator[tuple[Mapping[str, Any], str]], what: str
) -> Iterator[tuple[Mapping[str, Any], str]]:
    """Give each account once, with when it last did something."""
    last: dict[int, str] = {}
    who: dict[int, Mapping[str, Any]] = {}
    for account, when in found:
        key = number(account, "id")
        who[key], last[key] = account, max(when, last.get(key, ""))
    for key, account in who.items():
        yield account, f"{what}, last {day(last[key])}" if last[key] else what


def _of(found: dict[int, Known], who: Mapping[str, Any]) -> Known:
    key, login = number(who, "id"), text(who, "login")
    known = found.setdefault(key, Known(key, login))
    known.is_bot = known.is_bot or who.get("type") == "Bot" or is_bot(login, "")
    return known


def _is_organisation(view: View, who: Mapping[str, Any]) -> bool:
    """Say whether an account is nobody's own; events do not give its type."""
    owner = view.repository.owner.lower() if view.repository.is_organisation else ""
    return who.get("type") == "Organization" or text(who, "login").lower() == owner


def _apart_from_commits(view: View) -> list[Known]:
    """Give the accounts that commits do not name: those that they name have their entry already."""
    return [each for each in accounts(view) if each.login.lower() not in view.logins_of_people]


def _entry(view: View, known: Known, what: str) -> Entry:
    same = [
        person for person in view.people if person.login is None and _alike(known, person.email)
    ]
    also = f"; perhaps the same person as {display(same[0].email or '')}" if same else ""
    return Entry(
        key=f"account:{known.id}",
        label=f"{what}: {display(known.login)}"
        if what == "may read"
        else f"{what} {display(known.login)}",
        signal=f"{known.words}{also}; the platform gives no address: reach them another way",
        applies="yes" if known.signs else "unknown",
        holder=display(known.login),
    )


def _alike(known: Known, email: str | None) -> bool:
    return email is not None and email.partition("@")[0].lower() == known.login.lower()


def _invited(view: View) -> Iterator[Entry]:
    for each in view.evidence.seen(Topic.INVITATIONS):
        login, role = text(each.item, "invitee", "login"), display(text(each.item, "permissions"))
        yield Entry(
            key=f"invitation:{each.item.get('id')}",
            label=f"invited: {display(login)}" if login else "invited: somebody by a mail address",
            signal=f"to {role}, on {day(each.item.get('created_at'))}{still(each)}; may have accepted",
            applies="unknown",
            holder=display(login) or None,
        )


def _past(view: View) -> str:
    teams = [display(text(each.item, "slug")) for each in view.evidence.seen(Topic.TEAMS)]
    gaps = [
        f"{topic}: {gap}"
        for topic in (Topic.COLLABORATORS, Topic.INVITATIONS, Topic.TEAMS)
        if (gap := view.evidence.gap(topic))
        and (topic is not Topic.TEAMS or view.repository.is_organisation)
    ]
    named = f"their people are listed one by one (teams: {', '.join(teams)}); " if teams else ""
    past = "who had access earlier, or cloned while it was public, is in no list"
    return f"{named}{'; '.join([*gaps, past])}"


def _why_no_log(view: View, gap: str) -> str:
    plan = text(_only(view), "plan", "name")
    if plan in _WITHOUT_GIT_EVENTS:
        return f"the organisation's plan ({display(plan)}) keeps no git events that can be read"
    return f"audit log: {gap}"


def _only(view: View) -> Mapping[str, Any]:
    looks = view.evidence.looks(Topic.ORGANISATION)
    return looks[-1].reading.only if looks else {}


def _document(item: Mapping[str, Any]) -> str:
    return text(item, "_document_id") or repr(sorted(item.items(), key=repr))


def _pull(item: Mapping[str, Any]) -> int:
    return number(item, "number")
