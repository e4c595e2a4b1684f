"""From what git shows of a repository to the places its copies may be."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, get_args

from breachkit.actions.copies import Applies, Found, Risk
from breachkit.actions.people import Person, namesakes
from breachkit.model.errors import ConfigurationError
from breachkit.model.ids import display


BY_HAND = "to be looked up by hand: nothing was sent anywhere"
OWN_REFS, PULL_REQUESTS, AUTOMATIC, CLONES, MIRRORS = "C01", "C02", "C15", "C30", "C50"


class PlacesError(ConfigurationError):
    """The catalogue of places is missing something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One sort of place in the catalogue."""

    code: str
    label: str
    find: str
    """How to find out whether there is a copy."""
    action: str
    proof: str
    """What shows that it is gone."""
    risk: Risk
    due_hours: int
    """Counted from when we became aware, or from the opening of the case."""
    instances: tuple[str, ...] = ()
    """Where there are several that each have to be looked at, such as machines: one entry for each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """What git itself shows; nothing here was asked of anybody."""

    refs: Mapping[str, int]
    """Number of refs in each namespace: heads, tags, pull, notes, stash, ..."""
    remotes: Sequence[tuple[str, str]] = ()
    """Name and address of each remote, without credentials."""
    people: Sequence[Person] = ()
    holding: Mapping[str, int] | None = None
    """Number of refs in each namespace whose history holds the data; None before the scope."""
    accounts: Mapping[str, str] = field(default_factory=dict)
    """What the platform says of accounts that commits name: login in lower case to words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What a search beside git says about a place."""

    key: str
    label: str = ""
    """Empty for the label of the place itself."""
    signal: str
    applies: Applies
    holder: str | None = None
    is_there: bool = False
    """Whether the platform shows it now."""


def rest(code: str, applies: Applies, signal: str) -> Entry:
    """Give the entry for whatever of a place has no entry of its own.

    Args:
        code: Of the place.
        applies: `no` where the place was read in full, `unknown` where a person has to be asked.
        signal: Why.
    """
    return Entry(key=f"{code}:", signal=signal, applies=applies)


def places_from_mapping(data: Mapping[str, Any], base: Sequence[Place] = ()) -> tuple[Place, ...]:
    """Read the parsed catalogue of places.

    Args:
        data: The file.
        base: The catalogue of the playbook that this one extends: a place with the same code is
            replaced, one whose code stands in `remove` is left out, any other is added.

    Raises:
        PlacesError: a key is missing or wrong, or a code stands twice; the message says where.
    """
    own = tuple(_place(entry) for entry in data.get("place", ()))
    codes = [place.code for place in own]
    if len(set(codes)) != len(codes):
        raise PlacesError("places.toml: a code stands twice: give each place its own")
    removed = data.get("remove", ())
    if unknown := sorted(set(map(str, removed)) - {place.code for place in base}):
        raise PlacesError(f"places.toml: remove: there is no {unknown[0]} in what it extends")
    kept = (place for place in base if place.code not in removed)
    places = {place.code: place for place in (*kept, *own)}
    for code in (OWN_REFS, PULL_REQUESTS, AUTOMATIC, CLONES, MIRRORS):
        if code not in places:
            raise PlacesError(f"places.toml: no place {code}: put it back")
    return tuple(sorted(places.values(), key=lambda place: place.code))


def find_copies(
    sources: Sources,
    places: Sequence[Place],
    *,
    since: datetime | None,
    shown: Mapping[str, Sequence[Entry]] | None = None,
) -> tuple[Found, ...]:
    """Decide what belongs in the register: every place of the catalogue, and all that git shows.

    Args:
        sources: What git shows.
        places: The catalogue.
        since: When the clock for due dates started; None leaves them open.
        shown: What the platform and the archives say, by the code of the place.

    Returns:
        In the order of the catalogue. A place about which git says nothing is there too, as
        unknown: none is left out silently.
    """
    found: list[Found] = []
    for place in places:
        search = _SHOWN_BY_GIT.get(place.code)
        by_git = [_entry(place, since, **fields) for fields in (search(sources) if search else [])]
        beside = [_beside(place, since, entry) for entry in (shown or {}).get(place.code, ())]
        found += [*by_git, *beside] or _by_hand(place, since)
    return tuple(found)


def shared_with(
    place: Place, label: str, *, holder: str | None, email: str | None, since: datetime | None
) -> Found:
    """Give the entry for a copy that somebody told us about."""
    key = f"{place.code}:told:{label.casefold()}"
    return _entry(
        place,
        since,
        key=key,
        label=label,
        signal="somebody told us",
        applies="yes",
        holder=holder,
        email=email,
    )


def _own_refs(sources: Sources) -> list[dict[str, Any]]:
    return [_refs(OWN_REFS, name, sources) for name in sorted(sources.refs) if name != "pull"]


def _pull_requests(sources: Sources) -> list[dict[str, Any]]:
    return [_refs(PULL_REQUESTS, "pull", sources)] if sources.refs.get("pull") else []


def _automatic(sources: Sources) -> list[dict[str, Any]]:
    return [_bot(person) for person in sources.people if person.bot]


def _clones(sources: Sources) -> list[dict[str, Any]]:
    same_name = namesakes(sources.people)
    humans = [person for person in sources.people if not person.bot]
    shown = [_holder(person, same_name.get(person.key, ())) for person in humans]
    for fields, person in zip(shown, humans, strict=True):
        if said := sources.accounts.get((person.login or "").lower()):
            fields["signal"] += f"; on the platform: {said}"
    return shown


def _mirrors(sources: Sources) -> list[dict[str, Any]]:
    return [_remote(name, url) for name, url in sources.remotes]


_NAMESPACES = {
    "heads": ("branch", "branches"),
    "tags": ("tag", "tags"),
    "notes": ("ref of notes", "refs of notes"),
    "pull": ("ref of pull requests", "refs of pull requests"),
}


def _ref_words(namespace: str, total: int) -> str:
    one, many = _NAMESPACES.get(namespace, ("ref", "refs"))
    return f"{total} {one if total == 1 else many} on the server (refs/{display(namespace)})"


def _refs(code: str, namespace: str, sources: Sources) -> dict[str, Any]:
    total = sources.refs[namespace]
    key, what = f"{code}:{namespace}", _ref_words(namespace, total)
    if sources.holding is None:
        return _fields(key, what, "refs of the target; not searched yet", "unknown")
    holding = sources.holding.get(namespace, 0)
    signal = f"refs whose history holds the data: {holding} of {total}"
    return _fields(key, what, signal, "yes" if holding else "unknown")


def _holder(person: Person, same_name: Sequence[str]) -> dict[str, Any]:
    signal = _activity(person)
    if same_name:
        signal += f"; perhaps the same person as {display(', '.join(same_name))}"
    fields = _fields(f"C30:{person.key}", f"clone of {display(person.name)}", signal, "yes")
    return {**fields, "holder": display(person.name), "email": person.email}


def _bot(person: Person) -> dict[str, Any]:
    return _fields(
        f"C15:{person.key}",
        f"automatic account {display(person.name)}",
        _activity(person),
        "unknown",
    )


def _remote(name: str, url: str) -> dict[str, Any]:
    return _fields(
        f"C50:{url}",
        f"remote {display(name)}: {display(url)}",
        "configured as a remote of the target",
        "unknown",
    )


def _activity(person: Person) -> str:
    last = person.last_at.date().isoformat() if person.last_at else "unknown date"
    login = f", GitHub login {display(person.login)}" if person.login else ""
    reach = "" if person.email else ", no address that takes mail: reach them in another way"
    return f"{', '.join(person.roles)} since the exposure, last {last}{login}{reach}"


def _fields(key: str, label: str, signal: str, applies: str) -> dict[str, Any]:
    return {"key": key, "label": label, "signal": signal, "applies": applies}


def _by_hand(place: Place, since: datetime | None) -> list[Found]:
    """Give what a person has to look at: the place, or each of the several that there are."""
    named = [(f"{place.code}:{name}", f"{name}: {place.label}") for name in place.instances]
    return [
        _entry(place, since, **_fields(key, label, BY_HAND, "unknown"), looked=False)
        for key, label in named or [(f"{place.code}:", place.label)]
    ]


def _beside(place: Place, since: datetime | None, entry: Entry) -> Found:
    fields = _fields(entry.key, entry.label or place.label, entry.signal, entry.applies)
    return _entry(place, since, **fields, holder=entry.holder, is_there=entry.is_there)


def _entry(place: Place, since: datetime | None, **fields: Any) -> Found:
    due = None if since is None else since + timedelta(hours=place.due_hours)
    return Found(place=place.code, risk=place.risk, due=due, **fields)


_SHOWN_BY_GIT: Mapping[str, Callable[[Sources], list[dict[str, Any]]]] = {
    OWN_REFS: _own_refs,
    PULL_REQUESTS: _pull_requests,
    AUTOMATIC: _automatic,
    CLONES: _clones,
    MIRRORS: _mirrors,
}


def _place(entry: Mapping[str, Any]) -> Place:
    code = entry.get("code", "?")
    try:
        place = Place(
            code=str(entry["code"]),
            label=str(entry["label"]),
            find=str(entry["find"]),
            action=str(entry["action"]),
            proof=str(entry["proof"]),
            risk=entry["risk"],
            due_hours=int(entry["due_hours"]),
            instances=tuple(map(str, entry.get("instances", ()))),
        )
    except (KeyError, TypeError, ValueError) as cause:
        raise PlacesError(
            f"places.toml: {code}: missing or wrong key {cause}: correct it"
        ) from cause
    if place.risk not in get_args(Risk):
        raise PlacesError(f"places.toml: {code}: risk must be one of {', '.join(get_args(Risk))}")
    return place
