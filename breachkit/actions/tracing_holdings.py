"""What the platform itself keeps beside refs: lost commits, text, releases, what Actions left, sites."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from breachkit.actions.hosting import Topic
from breachkit.actions.looks import Seen, day
from breachkit.actions.trace import Entry, rest
from breachkit.actions.tracing_view import View, counted, still, text
from breachkit.model.ids import display


_LOSING = frozenset({"force_push", "branch_deletion"})
_NAMED = 3
"""Sites whose names are given; the rest is counted."""


def unreached(view: View) -> Iterator[Entry]:
    """Say whether commits lost their branch since the data came in."""
    activity = [each.item for each in view.evidence.seen(Topic.ACTIVITY)]
    since = [each for each in activity if view.is_since(each.get("timestamp"))]
    lost = [each for each in since if each.get("activity_type") in _LOSING]
    if lost:
        days = sorted(day(each.get("timestamp")) for each in lost)
        forced = sum(each.get("activity_type") == "force_push" for each in lost)
        signal = (
            f"{counted(forced, 'force-push', 'force-pushes')} and {counted(len(lost) - forced, 'deleted branch', 'deleted branches')} "
            f"from {days[0]} to {days[-1]}: the server keeps what was taken off, and says its ids"
        )
        yield Entry(key="C03:lost", signal=signal, applies="yes")
    gap = view.evidence.gap(Topic.ACTIVITY)
    limits = (
        "the activity is that of branches in the last year; tags and older pushes are not in it"
    )
    yield rest(
        "C03", "unknown", f"{gap or limits}; `breachkit verify` asks the server for the objects"
    )


def cached(_view: View) -> Iterator[Entry]:
    """Say who looks at pages that the platform shows from memory."""
    why = "no list shows them; `breachkit verify` asks for each address, and support clears them"
    yield rest("C04", "unknown", why)


def texts(view: View) -> Iterator[Entry]:
    """Say how much text is around the repository, which may quote the data."""
    comments = view.evidence.seen(Topic.COMMENTS, lambda item: (item.get("kind"), item.get("id")))
    pulls = view.evidence.seen(Topic.PULLS)
    shown = view.repository_shown()
    words = {
        "issue": "issues and pull requests",
        "pull": "lines of pull requests",
        "commit": "commits",
    }
    found = [
        f"{counted(count, 'comment')} on {words[kind]}"
        for kind in words
        if (count := sum(each.item.get("kind") == kind for each in comments))
    ]
    found += [counted(len(pulls), "pull request")] if pulls else []
    on = {"has_issues": "issues", "has_wiki": "a wiki", "has_discussions": "discussions"}
    found += [f"{what} switched on" for name, what in on.items() if shown.get(name)]
    if found:
        how = "read them on this machine for numbers that somebody pasted; mails and edits keep old text"
        yield Entry(key="C05:text", signal=f"{', '.join(found)}: {how}", applies="unknown")
    none = "no comment, pull request, issue, wiki or discussion"
    entry = view.rest_of("C05", (Topic.COMMENTS, Topic.PULLS, Topic.REPOSITORY), none)
    if entry.applies == "unknown" or not found:
        yield entry
    else:
        yield rest(
            "C05",
            "unknown",
            "to ask a person: gists and project boards that quote it are in no list",
        )


def releases(view: View) -> Iterator[Entry]:
    """Give every release, with its files."""
    holding = set(view.bad.refs) if view.bad else set()
    for each in view.evidence.seen(Topic.RELEASES):
        tag = text(each.item, "tag_name")
        assets = each.item.get("assets")
        files = len(assets) if isinstance(assets, list) else 0
        held = f"refs/tags/{tag}".encode("utf-8", "surrogateescape") in holding
        what = "its source archives hold the data" if held else "what its files hold is not known"
        yield Entry(
            key=f"release:{each.item.get('id')}",
            label=f"release {display(tag)}: {counted(files, 'uploaded file')} and its source archives",
            signal=f"made {day(each.item.get('created_at'))}; {what}{still(each)}",
            applies="yes" if held else "unknown",
            is_there=each.is_there,
        )
    yield view.rest_of("C06", (Topic.RELEASES,), "every release is an entry of its own")


def actions(view: View) -> Iterator[Entry]:
    """Give what Actions left behind since the data came in."""
    runs = view.evidence.seen(Topic.RUNS)
    shown = (
        ("runs", runs, "run", "its logs name commits, and may print files"),
        ("artifacts", view.evidence.seen(Topic.ARTIFACTS), "artifact", "files that a run kept"),
        ("caches", view.evidence.seen(Topic.CACHES), "cache", "files kept for the next run"),
    )
    for name, seen, one, what in shown:
        since = [each for each in seen if view.is_since(each.item.get("created_at"))]
        if since:
            yield _left_behind(view, name, since, one, what)
    topics = (Topic.RUNS, Topic.ARTIFACTS, Topic.CACHES)
    yield view.rest_of("C07", topics, "what runs left since the data came in is counted above")


def _left_behind(view: View, name: str, since: Sequence[Seen], one: str, what: str) -> Entry:
    left = [each for each in since if each.is_there and not each.item.get("expired")]
    days = sorted(day(each.item.get("created_at")) for each in since)
    gone = len(since) - len(left)
    beside = f", {gone} of them gone or expired" if gone else ""
    return Entry(
        key=f"C07:{name}",
        label=f"Actions: {counted(len(since), one)}",
        signal=f"from {days[0]} to {days[-1]}{beside}: {what}",
        applies="yes" if view.bad and left else "unknown",
        is_there=bool(left),
    )


def sites(view: View) -> Iterator[Entry]:
    """Give the published site, and what was deployed."""
    looks = [each for each in view.evidence.looks(Topic.PAGES) if each.reading.items]
    if looks:
        yield _site(view, looks[-1].reading.only, looks[-1].when)
    deployed = view.evidence.seen(Topic.DEPLOYMENTS)
    names = sorted({text(each.item, "environment") for each in deployed})
    since = [each for each in deployed if view.is_since(each.item.get("created_at"))]
    if deployed:
        shown = ", ".join(display(name) for name in names[:_NAMED])
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        signal = f"{counted(len(deployed), 'deployment')}, {len(since)} since the data came in; look at each site"
        yield Entry(
            key="C08:deployments",
            label=f"deployments to {shown}{more}",
            signal=signal,
            applies="yes" if since and view.bad else "unknown",
        )
    topics = (Topic.PAGES, Topic.DEPLOYMENTS, Topic.ENVIRONMENTS)
    yield view.rest_of("C08", topics, "no other site is known to the platform")


def _site(view: View, pages: Mapping[str, Any], when: str) -> Entry:
    newest, gap = view.evidence.newest(Topic.PAGES), view.evidence.gap(Topic.PAGES)
    is_up = newest is not None and bool(newest.reading.items)
    now = "" if newest is None or is_up or gap else f"; not there any more {newest.when}"
    domain = text(pages, "cname")
    own = f", with a domain of its own ({display(domain)})" if domain else ""
    return Entry(
        key="C08:pages",
        label=f"Pages site {display(text(pages, 'html_url'))}",
        signal=f"published {when}{own}{now}; caches and archives may keep it",
        applies="yes",
        is_there=is_up and not gap,
    )
