"""Forks: of all levels, of lists that containment emptied, and the commits that pull requests keep of them.

Source: GitHub's "What happens to forks when a repository is deleted or changes visibility?": public
forks stay public in a network of their own when their parent goes private, and its list of forks
is empty from then on; "About permissions and visibility of forks" for what a network shares.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from breachkit.actions.copies import Applies
from breachkit.actions.hosting import Topic
from breachkit.actions.looks import Look, Seen, day, moment
from breachkit.actions.trace import Entry, rest
from breachkit.actions.tracing_view import View, counted, number, text
from breachkit.model.ids import display


def direct(view: View) -> Iterator[Entry]:
    """Give the forks of the repository itself, and what no list shows."""
    yield from (_listed(view, each) for each in _forks(view) if _is_direct(view, each))
    yield from _mentioned(view)
    yield _hidden(view)


def further(view: View) -> Iterator[Entry]:
    """Give the forks of forks, in the network and in those that were cut off."""
    yield from (_listed(view, each) for each in _forks(view) if not _is_direct(view, each))
    known = {each.item.get("id") for each in _forks(view)}
    for former in view.former.values():
        for fork in former.forks:
            if fork.get("id") not in known:
                known.add(fork.get("id"))
                yield _cut_off(view, fork)
    yield _networks(view)


def network(view: View) -> Iterator[Entry]:
    """Say whether others share the objects of the repository."""
    forks, gone = len(_forks(view)), _from_gone_forks(view)
    shared = "whoever knows an id gets the object from any of them, and from the repository itself"
    if forks or gone or view.repository.is_fork:
        parts = [counted(forks, "fork")]
        parts += [f"{counted(gone, 'pull request')} from forks that are gone"] if gone else []
        parts += ["the repository that this is a fork of"] if view.repository.is_fork else []
        signal = f"{', '.join(parts)}: {shared}; `breachkit verify` asks each"
        yield Entry(key="C12:network", signal=signal, applies="yes")
    gap = view.evidence.gap(Topic.FORKS)
    why = gap or "what a fork that was deleted earlier left in the network is in no list"
    yield rest("C12", "unknown", f"{why}; `breachkit verify` asks the server for the objects")


def pull_requests(view: View) -> Iterator[Entry]:
    """Give what the list of pull requests says beside the refs: whose forks they came from."""
    pulls = view.evidence.seen(Topic.PULLS, _number)
    gone = _from_gone_forks(view)
    if gone:
        label = f"heads of {counted(gone, 'pull request')} whose fork is gone"
        signal = (
            "their commits live on in refs/pull, which nobody can push to; the clone behind a fork "
            "that is gone may live on too: whoever sent it is listed under C16 or C30"
        )
        yield Entry(key="C02:forks-gone", label=label, signal=signal, applies=_holds(view, pulls))
    if not pulls:
        whole = "no pull request was ever opened: listed in full, closed ones too"
        yield view.rest_of("C02", (Topic.PULLS,), whole)
    elif gap := view.evidence.gap(Topic.PULLS):
        yield rest("C02", "unknown", f"to ask a person: {gap}")


def known_ids(view: View) -> frozenset[int]:
    """Give the ids of all forks that a list ever showed."""
    return frozenset(each.item["id"] for each in _forks(view) if "id" in each.item)


def _holds(view: View, pulls: tuple[Seen, ...]) -> Applies:
    """Say whether pull requests from forks that are gone hold the data."""
    if view.bad is None:
        return "unknown"
    numbers = {number(each.item, "number") for each in pulls if _fork_is_gone(each.item)}
    return "yes" if numbers & set(view.bad.pull_requests) else "unknown"


def _forks(view: View) -> tuple[Seen, ...]:
    return view.evidence.seen(Topic.FORKS)


def _is_direct(view: View, seen: Seen) -> bool:
    """Say whether a fork was listed under the repository, under any name that it had."""
    looks = view.evidence.looks(Topic.REPOSITORY)
    names = {text(each.reading.only, "full_name").lower() for each in looks}
    parent = text(seen.item, "parent").lower()
    return parent in {*names, view.repository.full_name.lower(), view.asked_name.lower()}


def _listed(view: View, seen: Seen) -> Entry:
    fork = seen.item
    former = view.former.get(number(fork, "id"))
    beside = "" if _is_direct(view, seen) else f" of the fork {display(text(fork, 'parent'))}"
    return Entry(
        key=f"fork:{fork.get('id')}",
        label=f"fork {display(text(fork, 'full_name'))}{beside}",
        signal=f"{_dates(view, fork)}; {_standing(view, seen)}",
        applies=_had_time(view, fork),
        holder=display(text(fork, "owner", "login")) or None,
        is_there=seen.is_there if former is None else former.full_name is not None,
    )


def _cut_off(view: View, fork: Mapping[str, Any]) -> Entry:
    return Entry(
        key=f"fork:{fork.get('id')}",
        label=f"fork {display(text(fork, 'full_name'))} of the fork {display(text(fork, 'parent'))}",
        signal=f"{_dates(view, fork)}; in a network that was cut off, listed {view.now:%Y-%m-%d %H:%M} UTC",
        applies=_had_time(view, fork),
        holder=display(text(fork, "owner", "login")) or None,
        is_there=True,
    )


def _dates(view: View, fork: Mapping[str, Any]) -> str:
    said = f"made {day(fork.get('created_at'))}, last pushed to {day(fork.get('pushed_at'))}"
    if _had_time(view, fork) == "unknown":
        said += ": before the data came in, as far as dates can be trusted"
    return said


def _had_time(view: View, fork: Mapping[str, Any]) -> Applies:
    """Say whether a fork was made or pushed to since the data came in."""
    made, pushed = moment(fork.get("created_at")), moment(fork.get("pushed_at"))
    if view.exposed_at is None or made is None or made >= view.exposed_at:
        return "yes"
    return "unknown" if pushed is not None and pushed < view.exposed_at else "yes"


def _standing(view: View, seen: Seen) -> str:
    """Say where a fork stands now, and from when that is known."""
    fork, former = seen.item, view.former.get(number(seen.item, "id"))
    if fork.get("vanished"):
        return f"vanished while its own forks were asked for ({seen.last.when})"
    if former is None:
        return f"listed {seen.last.when}"
    listed = f"listed last {seen.last.when}"
    if former.reason:
        return f"{listed}; whether it is still there is not known: {former.reason}"
    if former.full_name is None:
        return (
            f"{listed}; not there for this account on {view.now:%Y-%m-%d}: deleted, private or "
            "blocked, which its owner has to say"
        )
    renamed = former.full_name.lower() != text(fork, "full_name").lower()
    called = f" as {display(former.full_name)}" if renamed else ""
    seen_by = "public" if former.is_public else "private"
    return f"{listed}; cut off and still there{called}, {seen_by}, on {view.now:%Y-%m-%d}"


def _mentioned(view: View) -> Iterator[Entry]:
    """Give forks that no list shows, but a pull request or an event does."""
    known = {*known_ids(view), view.repository.id}
    for where, repository, when in (*_heads(view), *_fork_events(view)):
        found = number(repository, "id")
        if found and found not in known:
            known.add(found)
            yield Entry(
                key=f"fork:{found}",
                label=f"fork {display(text(repository, 'full_name'))}",
                signal=f"{where}, {when}; in no list of forks: private, deleted or renamed by now",
                applies="yes",
                holder=display(text(repository, "owner", "login")) or None,
            )


def _heads(view: View) -> Iterator[tuple[str, Mapping[str, Any], str]]:
    for each in view.evidence.seen(Topic.PULLS, _number):
        head = each.item.get("head")
        repository = head.get("repo") if isinstance(head, Mapping) else None
        if isinstance(repository, Mapping):
            where = f"pull request {each.item.get('number')} comes from it"
            yield where, repository, f"opened {day(each.item.get('created_at'))}"


def _fork_events(view: View) -> Iterator[tuple[str, Mapping[str, Any], str]]:
    for each in view.evidence.seen(Topic.EVENTS):
        payload = each.item.get("payload")
        forkee = payload.get("forkee") if isinstance(payload, Mapping) else None
        if each.item.get("type") == "ForkEvent" and isinstance(forkee, Mapping):
            yield "an event names it", forkee, f"made {day(each.item.get('created_at'))}"


def _hidden(view: View) -> Entry:
    """Say what the lists of forks leave out: forks that are private, or of hidden accounts."""
    look = view.evidence.while_public(Topic.FORKS)
    ask = "ask who forked it, and search the platform by the repository's name"
    if look is None and (gap := view.evidence.gap(Topic.FORKS)):
        return rest("C10", "unknown", f"to ask a person: forks: {gap}; {ask}")
    if look is None:
        why = "forks were listed only while it was not public, when public ones are left out"
        return rest("C10", "unknown", f"to ask a person: {why}; {ask}")
    total = _counted_by_platform(view, look)
    listed = len(look.reading.items)
    if total is not None and total > listed:
        missing = counted(total - listed, "fork")
        why = f"the platform counts {total} and lists {listed} ({look.when}): {missing} not shown"
        return rest(
            "C10", "unknown", f"to ask a person: {why}, private or of hidden accounts; {ask}"
        )
    later = view.evidence.gap(Topic.FORKS)
    if later:
        return rest("C10", "unknown", f"to ask a person: forks: {later}")
    return rest("C10", "no", f"every fork is an entry of its own: {listed} listed {look.when}")


def _counted_by_platform(view: View, look: Look) -> int | None:
    """Give how many forks the platform counts in the whole network; None where it does not say."""
    shown = view.evidence.in_snapshot(Topic.REPOSITORY, look.snapshot)
    if shown.get("fork"):
        return None  # the count would be that of the repository it was forked from
    counts = [
        shown[name] for name in ("network_count", "forks_count") if isinstance(shown.get(name), int)
    ]
    return max(counts, default=None)


def _networks(view: View) -> Entry:
    gaps = [former.gap or former.reason for former in view.former.values()]
    gaps = sorted({gap for gap in gaps if gap})
    if gaps:
        return rest(
            "C11", "unknown", f"to ask a person: forks that were cut off: {'; '.join(gaps)}"
        )
    look = view.evidence.while_public(Topic.FORKS)
    if look is None or view.evidence.gap(Topic.FORKS):
        why = "the forks were not read in full while it was public, so that networks may be missed"
        return rest("C11", "unknown", f"to ask a person: {why}; search by name")
    cut = (
        f"; {counted(len(view.former), 'fork')} of earlier lists asked by id" if view.former else ""
    )
    return rest("C11", "no", f"forks of forks are entries of their own: listed {look.when}{cut}")


def _from_gone_forks(view: View) -> int:
    pulls = view.evidence.seen(Topic.PULLS, _number)
    return sum(_fork_is_gone(each.item) for each in pulls)


def _fork_is_gone(pull: Mapping[str, Any]) -> bool:
    head = pull.get("head")
    return isinstance(head, Mapping) and head.get("repo") is None


def _number(item: Mapping[str, Any]) -> int:
    return number(item, "number")
