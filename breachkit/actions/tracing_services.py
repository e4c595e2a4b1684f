"""Machines and services near a repository: codespaces, keys, hooks, Apps, packages, earlier names."""

from collections.abc import Iterator, Mapping
from typing import Any

from breachkit.actions.hosting import Topic
from breachkit.actions.looks import Seen, day
from breachkit.actions.trace import Entry, rest
from breachkit.actions.tracing_people import accounts
from breachkit.actions.tracing_view import View, counted, host_of, number, still, text
from breachkit.model.ids import display


_DEPOSIT = "zenodo.org"


def codespaces(view: View) -> Iterator[Entry]:
    """Give the codespaces that the organisation pays for; each holds a clone."""
    for each in view.evidence.seen(Topic.CODESPACES):
        owner = display(text(each.item, "owner", "login"))
        yield Entry(
            key=f"codespace:{each.item.get('id')}",
            label=f"codespace of {owner}",
            signal=f"made {day(each.item.get('created_at'))}, last used {day(each.item.get('last_used_at'))}{still(each)}",
            applies="yes",
            holder=owner or None,
            is_there=each.is_there,
        )
    gap = view.evidence.gap(Topic.CODESPACES) if view.repository.is_organisation else ""
    own = "codespaces that people pay for themselves, and prebuilds, are in no list"
    said = f"codespaces: {gap}; {own}" if gap else own
    yield rest(
        "C09", "unknown", f"to ask a person: {said}: ask every member, {view.web}/codespaces"
    )


def earlier_names(view: View) -> Iterator[Entry]:
    """Give earlier names, what it is a fork of, and what may have been made from it."""
    shown = view.repository_shown()
    names = {text(each.reading.only, "full_name") for each in view.evidence.looks(Topic.REPOSITORY)}
    present = view.repository.full_name
    for name in sorted({*names, view.asked_name} - {""}):
        if name.lower() != present.lower():
            signal = f"it is {display(present)} now; the old address leads on, and archives know it by the old one"
            yield Entry(
                key=f"C13:name:{name.lower()}",
                label=f"earlier name {display(name)}",
                signal=signal,
                applies="yes",
            )
    for kind, what in (("parent", "fork of"), ("template_repository", "made from")):
        name = text(shown, kind, "full_name")
        if name:
            signal = (
                f"the repository is a {what} it"
                if kind == "parent"
                else f"the repository was {what} it"
            )
            yield Entry(
                key=f"C13:{kind}",
                label=f"{display(name)}, which it comes from",
                signal=signal,
                applies="unknown",
            )
    template = (
        "; it is a template: repositories made from it are in no list"
        if shown.get("is_template")
        else ""
    )
    yield rest(
        "C13",
        "unknown",
        f"to ask a person: was it transferred, renamed or imported? The audit log knows for 180 days{template}",
    )


def automatic(view: View) -> Iterator[Entry]:
    """Give keys, hooks, Apps and bots: whoever reads without being a person."""
    yield from map(_key, view.evidence.seen(Topic.KEYS))
    yield from (_hook(view, each) for each in view.evidence.seen(Topic.HOOKS))
    yield from map(_app, view.evidence.seen(Topic.INSTALLATIONS))
    for bot in accounts(view):
        if bot.is_bot and bot.login.lower() not in view.logins_of_people:
            label = f"automatic account {display(bot.login)}"
            yield Entry(key=f"account:{bot.id}", label=label, signal=bot.words, applies="unknown")
    topics = [Topic.KEYS, Topic.HOOKS, Topic.HOOK_DELIVERIES]
    topics += [Topic.INSTALLATIONS] if view.repository.is_organisation else []
    none = "to ask a person: tokens and OAuth apps of people, and hooks of the organisation, are in no list"
    yield view.rest_of("C15", topics, none, applies_not=False)


def packages(view: View) -> Iterator[Entry]:
    """Give the packages built from the repository."""
    if not view.repository.is_organisation:
        where = f"{view.web}/{display(view.repository.owner)}?tab=packages"
        yield rest(
            "C20", "unknown", f"to ask a person: packages of a person are in no list: {where}"
        )
        return
    seen = view.evidence.seen(Topic.PACKAGES)
    for each in seen:
        source = each.item.get("repository")
        if isinstance(source, Mapping) and source.get("id") == view.repository.id:
            yield _package(each)
    unlinked = sum(not isinstance(each.item.get("repository"), Mapping) for each in seen)
    if unlinked:
        said = f"{counted(unlinked, 'package')} of the organisation not linked to any repository"
        yield rest("C20", "unknown", f"to ask a person: {said}")
    else:
        none = "no other package of the organisation is linked to the repository"
        yield view.rest_of("C20", (Topic.PACKAGES,), none)


def depositing(view: View) -> Iterator[Entry]:
    """Say whether a hook hands releases to an archive that gives DOIs."""
    for each in view.evidence.seen(Topic.HOOKS):
        if _host(each.item).endswith(_DEPOSIT):
            count = len(view.evidence.seen(Topic.RELEASES))
            signal = f"a webhook hands every release to {_DEPOSIT}: {counted(count, 'release')} so far{still(each)}"
            yield Entry(
                key="C43:hook", label=f"{_DEPOSIT}, by a webhook", signal=signal, applies="yes"
            )
            return


def analysing(view: View) -> Iterator[Entry]:
    """Name the services that may keep code that they looked at."""
    apps = sorted(
        {display(text(each.item, "app_slug")) for each in view.evidence.seen(Topic.INSTALLATIONS)}
    )
    gap = view.evidence.gap(Topic.INSTALLATIONS) if view.repository.is_organisation else ""
    named = f"Apps of the organisation: {', '.join(apps)}" if apps else gap or "no App is listed"
    yield rest(
        "C52", "unknown", f"to ask a person: {named}; read the workflow files, and ask the authors"
    )


def _key(seen: Seen) -> Entry:
    key = seen.item
    used = key.get("last_used")
    rights = "reads" if key.get("read_only") else "reads and writes"
    last = f"last used {day(used)}" if used else "not known to be used"
    return Entry(
        key=f"key:{key.get('id')}",
        label=f"deploy key {display(text(key, 'title'))}",
        signal=f"{rights}, {last}{still(seen)}; a machine somewhere keeps a clone",
        applies="yes" if used else "unknown",
        is_there=seen.is_there,
    )


def _hook(view: View, seen: Seen) -> Entry:
    """Say where a hook sends to: the host alone, for an address may hold a secret."""
    number_ = seen.item.get("id")
    sent = [
        each.item
        for each in view.evidence.seen(Topic.HOOK_DELIVERIES)
        if each.item.get("hook_id") == number_ and view.is_since(each.item.get("delivered_at"))
    ]
    days = sorted(day(each.get("delivered_at")) for each in sent)
    when = f", the last of those shown {days[-1]}" if days else ""
    delivered = counted(len(sent), "delivery", "deliveries")
    return Entry(
        key=f"hook:{number_}",
        label=f"webhook to {display(_host(seen.item) or 'an unknown host')}",
        signal=f"{delivered} since the data came in{when}: names of commits and files, and often a fetch after it{still(seen)}",
        applies="yes" if sent else "unknown",
        is_there=seen.is_there,
    )


def _host(hook: Mapping[str, Any]) -> str:
    return host_of(text(hook, "config", "url"))


def _app(seen: Seen) -> Entry:
    everywhere = text(seen.item, "repository_selection") == "all"
    reach = (
        "reads every repository" if everywhere else "reads chosen repositories, perhaps this one"
    )
    return Entry(
        key=f"app:{number(seen.item, 'id')}",
        label=f"App {display(text(seen.item, 'app_slug'))}",
        signal=f"{reach} of the organisation{still(seen)}: ask its vendor what it keeps",
        applies="yes" if everywhere else "unknown",
        is_there=seen.is_there,
    )


def _package(seen: Seen) -> Entry:
    item = seen.item
    return Entry(
        key=f"package:{item.get('id')}",
        label=f"package {display(text(item, 'name'))} ({display(text(item, 'package_type'))})",
        signal=f"{display(text(item, 'visibility'))}, last changed {day(item.get('updated_at'))}{still(seen)}",
        applies="unknown",
        is_there=seen.is_there,
    )
