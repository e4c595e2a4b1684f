"""Asks public archives over HTTP: allowed hosts alone, bounded, and nowhere else by a redirect.

Sources: the Web API of Software Heritage (`/api/1/origin/URL/get/`, `/visit/latest/`, `POST /known/`), the
CDX server of the Wayback Machine (`internetarchive/wayback`, wayback-cdx-server/README.md), the
records and badges of Zenodo.
"""

import json
import re
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from breachkit.actions.archives import CONTROL, MOST_IDS, Archive, Ids, Question, Told
from breachkit.github.archive_http import (
    LONGEST_WAIT_S,
    NoAnswerError,
    Reply,
    checked_base,
    exchange,
)
from breachkit.github.client import Sleep
from breachkit.model.errors import UsageError
from breachkit.model.time import Clock


PAUSE_S = 1.0
"""Between two requests to the same archive."""
MOST_PAGES = 20
_CAPTURES_IN_A_PAGE = 5000
_EXCLUDED = b"AdministrativeAccessControl"
_CAPTURED = "example.com"
"""A page that the Wayback Machine certainly has: an index without it is no index."""
_FILED = "software"
"""A word that records of Zenodo certainly have."""


class UnknownHostError(UsageError):
    """No archive is reached under a host that was allowed."""


def hosts(bases: Mapping[Archive, str]) -> dict[Archive, str]:
    """Give the host of each archive, with its port where the address has one.

    Raises:
        WrongAddressError: an address is none, or sends what is asked in the open.
    """
    return {archive: checked_base(archive, base).netloc for archive, base in bases.items()}


def consented(bases: Mapping[Archive, str], allow: Collection[str]) -> frozenset[Archive]:
    """Give the archives whose host was allowed by name.

    Args:
        bases: Where each is reached.
        allow: Hosts, each with or without a port.

    Raises:
        UnknownHostError: a host is that of none of them.
    """
    known = hosts(bases)
    wanted = {each.strip().lower() for each in allow}
    allowed = {
        archive: {host.lower(), (urlsplit(bases[archive]).hostname or "").lower()} & wanted
        for archive, host in known.items()
    }
    strange = wanted - {name for names in allowed.values() for name in names}
    if strange:
        raise UnknownHostError(
            f"--allow {min(strange)!r}: no archive is asked there; choose from "
            f"{', '.join(sorted(set(known.values())))}"
        )
    return frozenset(archive for archive, names in allowed.items() if names)


class Archives:
    """The archives that may be asked.

    Args:
        bases: Where each is reached.
        allowed: Which may be asked at all.
        clock: For when each answered.
        sleep: Waits for a number of seconds.
        pause_s: Between two questions to one archive; a stand-in on this machine needs none.
    """

    def __init__(
        self,
        bases: Mapping[Archive, str],
        allowed: Collection[Archive],
        clock: Clock,
        *,
        sleep: Sleep = time.sleep,
        pause_s: float = PAUSE_S,
    ) -> None:
        self.hosts = hosts(bases)
        self._pause_s = pause_s
        self.allowed = frozenset(allowed)
        self._bases = {archive: base.rstrip("/") for archive, base in bases.items()}
        self._clock = clock
        self._sleep = sleep
        self._asked: set[Archive] = set()
        self._sound: set[Archive] = set()
        """Archives whose control answered as it has to."""

    def ask(self, asking: Sequence[Question]) -> Iterator[Told]:
        """Put questions, and give the answer to each; an archive that takes no more is left alone."""
        silent: dict[Archive, str] = {}
        for question in asking:
            archive = question.archive
            if archive not in silent:
                try:
                    yield self._answer(question)
                except NoAnswerError as problem:
                    if problem.is_limit:
                        silent[archive] = str(problem)
                    yield self._told(question, None, str(problem))
            else:
                yield self._told(question, None, silent[archive])

    def known(self, ids: Sequence[str]) -> Ids:
        """Ask Software Heritage which objects it has.

        Args:
            ids: Such as `swh:1:cnt:` and a hash.
        """
        found, size = 0, MOST_IDS - 1
        try:
            for start in range(0, len(ids), size):
                found += self._known(ids[start : start + size])
        except NoAnswerError as problem:
            return Ids(at=self._clock.now(), asked=len(ids), known=None, reason=str(problem))
        return Ids(at=self._clock.now(), asked=len(ids), known=found)

    def _known(self, ids: Sequence[str]) -> int:
        body = json.dumps([*ids, CONTROL]).encode("ascii")
        said = self._send(Archive.HERITAGE, "/api/1/known/", body=body).json
        flags = {
            each: said[each].get("known")
            for each in (*ids, CONTROL)
            if isinstance(said, dict) and isinstance(said.get(each), dict)
        }
        if len(flags) < len(ids) + 1 or flags[CONTROL] is not True:
            raise NoAnswerError(
                "the answer leaves ids out, or denies what the archive certainly has"
            )
        return sum(flags[each] is True for each in ids)

    def _answer(self, question: Question) -> Told:
        match question.kind:
            case "origin":
                return self._origin(question)
            case "captures":
                return self._captures(question)
            case "badge":
                return self._badge(question)
            case _:
                return self._records(question)

    def _told(
        self, question: Question, found: int | None, reason: str = "", latest: str = ""
    ) -> Told:
        now = self._clock.now()
        return Told(question=question, at=now, found=found, reason=reason, latest=latest)

    def _origin(self, question: Question) -> Told:
        path = f"/api/1/origin/{quote(question.about, safe=':/')}"
        reply = self._send(question.archive, f"{path}/get/", absent=True)
        if reply.status == 404:
            if not _not_found(reply):
                raise NoAnswerError("a 404 that does not come from the archive's own API")
            return self._told(question, 0)
        if not isinstance(reply.json, dict) or "url" not in reply.json:
            raise NoAnswerError("the answer is no origin")
        visit = self._send(question.archive, f"{path}/visit/latest/", absent=True)
        told = visit.json if visit.status == 200 else None
        date = told.get("date") if isinstance(told, dict) else None
        return self._told(question, 1, latest=str(date or "")[:10])

    def _captures(self, question: Question) -> Told:
        self._hold_to_control(question.archive, f"/cdx/search/cdx?{_cdx(_CAPTURED, limit=1)}")
        pages: set[str] = set()
        latest, key = "", ""
        for _ in range(MOST_PAGES):
            query = _cdx(question.about, limit=_CAPTURES_IN_A_PAGE, resume=key)
            reply = self._send(question.archive, f"/cdx/search/cdx?{query}", absent=True)
            if reply.status == 404:
                raise NoAnswerError("it answered 404")
            if reply.status != 200:
                return self._told(question, 0, "the archive excludes the address")
            rows, key = _rows(reply)
            own = [row for row in rows if _is_under(row[1], question.about)]
            pages |= {row[1] for row in own}
            latest = max((latest, *(_day(row[0]) for row in own)))
            if not key:
                return self._told(question, len(pages), latest=latest)
        return self._told(question, len(pages), "there are more captures than were read", latest)

    def _records(self, question: Question) -> Told:
        self._hold_to_control(
            question.archive, f"/api/records?{urlencode({'q': _FILED, 'size': 1})}"
        )
        query = {"q": f'"{question.about}"', "size": 100, "all_versions": "true"}
        hits = _hits(self._send(question.archive, f"/api/records?{urlencode(query)}"))
        own = [each for each in hits if _links_to(each, question.about)]
        return self._told(question, len(own))

    def _badge(self, question: Question) -> Told:
        """Ask for the DOI by the repository's number; only a redirect to a DOI says something."""
        path = f"/badge/latestdoi/{quote(question.about, safe='')}"
        reply = self._send(question.archive, path, absent=True, redirects=True)
        to = (
            urlsplit(reply.headers.get("location", ""))
            if 300 <= reply.status < 400
            else urlsplit("")
        )
        return self._told(question, int("doi" in (to.hostname or "") or "/doi/" in to.path))

    def _hold_to_control(self, archive: Archive, path: str) -> None:
        """Ask once for what the archive certainly has: else that it has nothing means nothing."""
        if archive in self._sound:
            return
        reply = self._send(archive, path)
        there = _hits(reply) if archive is Archive.ZENODO else _rows(reply)[0]
        if not there:
            raise NoAnswerError("the archive denies what it certainly has", is_limit=True)
        self._sound.add(archive)

    def _send(
        self,
        archive: Archive,
        path: str,
        *,
        body: bytes | None = None,
        absent: bool = False,
        redirects: bool = False,
    ) -> Reply:
        """Send one request, and once more where the archive says how short to wait.

        Args:
            archive: Which; it must be one that may be asked.
            path: With the query.
            body: JSON to post; None reads.
            absent: Whether a 404, and a 403 that says why, are answers.
            redirects: Whether a redirect is the answer, which is not followed then.

        Raises:
            NoAnswerError: anything but an answer.
        """
        if archive not in self.allowed:
            raise NoAnswerError(
                f"{self.hosts[archive]} may not be asked: add --allow", is_limit=True
            )
        url = f"{self._bases[archive]}{path}"
        self._pause(archive)
        reply = exchange(url, body, follow=not redirects)
        if reply.status == 429 and reply.wait_s <= LONGEST_WAIT_S:
            self._sleep(reply.wait_s)
            reply = exchange(url, body, follow=not redirects)
        return _judged(reply, absent=absent, redirects=redirects)

    def _pause(self, archive: Archive) -> None:
        if archive in self._asked:
            self._sleep(self._pause_s)
        self._asked.add(archive)


def _judged(reply: Reply, *, absent: bool, redirects: bool) -> Reply:
    excluded = reply.status == 403 and _EXCLUDED in reply.body
    if reply.status == 200 or (absent and (reply.status == 404 or excluded)):
        return reply
    if redirects and 300 <= reply.status < 400:
        return reply
    if reply.status == 429:
        raise NoAnswerError("it takes no more questions for now", is_limit=True)
    raise NoAnswerError(f"it answered {reply.status}", is_limit=reply.status >= 500)


def _not_found(reply: Reply) -> bool:
    said = reply.json
    return isinstance(said, dict) and said.get("exception") == "NotFoundExc"


def _cdx(address: str, *, limit: int, resume: str = "") -> str:
    query = {
        "url": address,
        "matchType": "prefix",
        "output": "json",
        "fl": "timestamp,original",
        "collapse": "urlkey",
        "limit": limit,
        "showResumeKey": "true",
        "gzip": "false",
    }
    return urlencode({**query, **({"resumeKey": resume} if resume else {})})


def _rows(reply: Reply) -> tuple[list[tuple[str, str]], str]:
    """Give time and address of each capture, and the key to go on with; empty at the end."""
    said = reply.json if reply.body.strip() else []
    if not isinstance(said, list) or not all(isinstance(each, list) for each in said):
        raise NoAnswerError("the answer is no index of captures")
    rows = [tuple(map(str, each)) for each in said[1:] if len(each) == 2]
    key = str(said[-1][0]) if len(said) > 2 and said[-2] == [] and len(said[-1]) == 1 else ""
    return [(row[0], row[1]) for row in rows], key


def _is_under(address: str, wanted: str) -> bool:
    """Say whether a capture is of an address or below it: the index goes by the beginning alone."""
    bare = re.sub(r"^https?://(?:www\.)?", "", address).lower()
    host, slash, path = bare.partition("/")
    name = re.sub(r":(?:80|443)$", "", host) + slash + path
    low = wanted.lower()
    return (name.startswith(low) and name[len(low) : len(low) + 1] in {"", "/", "?", "#"}) or (
        name.startswith(f"{low}.git")
    )


def _day(timestamp: str) -> str:
    return f"{timestamp[:4]}-{timestamp[4:6]}-{timestamp[6:8]}" if timestamp[:8].isdecimal() else ""


def _hits(reply: Reply) -> list[Mapping[str, Any]]:
    said = reply.json
    found = said.get("hits") if isinstance(said, dict) else None
    listed = found.get("hits") if isinstance(found, dict) else None
    if not isinstance(listed, list):
        raise NoAnswerError("the answer is no list of records")
    return [each for each in listed if isinstance(each, dict)]


def _links_to(record: Mapping[str, Any], name: str) -> bool:
    """Say whether a record names a repository by its address: words alone match too much."""
    path = re.compile(rf"[/:]{re.escape(name)}(?![\w.-])", re.IGNORECASE)
    return bool(path.search(json.dumps(record.get("metadata", {}))))
