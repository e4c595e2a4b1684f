"""How many copies nobody can name: traffic against known holders, and who was told of the repository.

Source: GitHub's "Viewing traffic to a repository": full clones and not fetches, of the last 14 days,
in UTC, counts and no names.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from breachkit.actions.hosting import Topic
from breachkit.actions.looks import moment
from breachkit.actions.trace import Entry, rest
from breachkit.actions.tracing_people import known_cloners
from breachkit.actions.tracing_view import View, counted, number


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """Unique cloners against holders that are known."""

    clones: int
    """Clones of all days that were read."""
    at_least: int
    """Different cloners of the window with the most of them."""
    at_most: int
    """Cloners of each day, added up: somebody who came on two days counts twice."""
    holders: int
    """People who are known to have a clone, whenever they made it."""
    first: date | None
    """The first day that is counted; None where nothing was read."""
    last: date | None
    blind_days: int | None
    """Days since the data came in that no count covers; None where it is not known when it came in."""

    @property
    def unnamed_at_least(self) -> int:
        """Cloners who are certainly nobody known, even if each holder is one of those counted."""
        return max(0, self.at_least - self.holders)

    @property
    def text(self) -> str:
        """Give it as one line with its limits."""
        if self.first is None or self.last is None:
            return "no day of the traffic could be read: the number of clones is not known"
        most = f" to {self.at_most}" if self.at_most > self.at_least else ""
        blind = (
            ""
            if not self.blind_days
            else (
                f"; {counted(self.blind_days, 'day')} since the data came in are not counted at all"
            )
        )
        return (
            f"{counted(self.clones, 'clone')} by {self.at_least}{most} different cloners from "
            f"{self.first} to {self.last}; {counted(self.holders, 'holder')} known, who need not be among "
            f"them: {self.unnamed_at_least} to {self.at_most} cloners unknown{blind}. "
            "Limits: the platform counts 14 days in UTC, full clones alone (no fetches, zip downloads, "
            "pages or clones of forks), machines as well as people, and names nobody"
        )


def reconcile(view: View) -> Reconciliation:
    """Compare the cloners that the platform counted with the holders that are known."""
    days: dict[date, tuple[int, int]] = {}
    at_least = 0
    for look in view.evidence.looks(Topic.CLONES):
        at_least = max(at_least, number(look.reading.only, "uniques"))
        for when, count, uniques in _days(look.reading.only):
            before = days.get(when, (0, 0))
            days[when] = (max(before[0], count), max(before[1], uniques))
    first, last = min(days, default=None), max(days, default=None)
    return Reconciliation(
        clones=sum(count for count, _ in days.values()),
        at_least=at_least,
        at_most=max(at_least, sum(uniques for _, uniques in days.values())),
        holders=known_cloners(view),
        first=first,
        last=last,
        blind_days=_blind(view, days) if days else None,
    )


def unnamed(view: View) -> Iterator[Entry]:
    """Size the copies that nobody can name."""
    found = reconcile(view)
    gap = view.evidence.gap(Topic.CLONES)
    why = f"; now {gap}" if gap else ""
    yield Entry(
        key="C17:cloners",
        label="cloners whom nobody can name",
        signal=f"{found.text}{why}",
        applies="yes" if found.unnamed_at_least else "unknown",
    )
    stars = len(view.evidence.seen(Topic.STARGAZERS, _who_starred))
    watchers = len(view.evidence.seen(Topic.SUBSCRIBERS))
    gaps = [
        f"{topic}: {gap}"
        for topic in (Topic.STARGAZERS, Topic.SUBSCRIBERS)
        if (gap := view.evidence.gap(topic))
    ]
    public = view.evidence.while_public(Topic.STARGAZERS)
    if gaps or public is None:
        erased = (
            "stars and watchers were not read while it was public, and going private erases them"
        )
        yield rest("C17", "unknown", f"to ask a person: {'; '.join(gaps) or erased}")
    else:
        said = f"{counted(stars, 'star')}, {counted(watchers, 'watcher')}, read {public.when}"
        yield rest("C17", "no", f"{said}: they size what is unknown, and none of them is asked")


def notified(view: View) -> Iterator[Entry]:
    """Say whether mails about the repository went out."""
    watchers = len(view.evidence.seen(Topic.SUBSCRIBERS))
    if watchers:
        signal = (
            f"{counted(watchers, 'account')} watched it and may have got mails with comments and names of "
            "commits; previews in chats are in no list"
        )
        yield Entry(
            key="C22:watchers", label="notifications to watchers", signal=signal, applies="yes"
        )
    gap = view.evidence.gap(Topic.SUBSCRIBERS)
    why = (
        f"watchers: {gap}"
        if gap
        else "previews in chats, and mails to who was mentioned, are in no list"
    )
    yield rest("C22", "unknown", f"to ask a person: {why}")


def recorded(view: View) -> Iterator[Entry]:
    """Say whether others keep the public events."""
    shown = [each for each in view.evidence.seen(Topic.EVENTS) if each.item.get("public")]
    if shown:
        signal = (
            f"{counted(len(shown), 'public event')} of the last 30 days, at most 300, were read; others "
            "archive such events from the first day that it is public, ids of force-pushed commits "
            "with them: nobody takes them out"
        )
        yield Entry(key="C45:events", signal=signal, applies="yes")
    why = view.evidence.gap(Topic.EVENTS)
    yield rest(
        "C45",
        "unknown",
        f"to ask a person: was it ever public? {why or 'events older than 30 days are not shown'}",
    )


def _days(traffic: Mapping[str, object]) -> Iterator[tuple[date, int, int]]:
    shown = traffic.get("clones")
    for each in shown if isinstance(shown, list) else ():
        when = moment(each.get("timestamp")) if isinstance(each, Mapping) else None
        if when is not None:
            yield when.date(), number(each, "count"), number(each, "uniques")


def _blind(view: View, days: Mapping[date, tuple[int, int]]) -> int | None:
    """Count the days between the exposure and now that no reading covers."""
    if view.exposed_at is None:
        return None
    total = (view.now.date() - view.exposed_at.date()).days + 1
    covered = sum(view.exposed_at.date() <= each <= view.now.date() for each in days)
    return max(0, total - covered)


def _who_starred(item: Mapping[str, object]) -> object:
    user = item.get("user")
    return user.get("id") if isinstance(user, Mapping) else item.get("id")
