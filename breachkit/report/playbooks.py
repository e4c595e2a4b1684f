"""Playbooks for people and machines: what there is, what applies, what is wrong."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from breachkit.actions.playbook_views import Checked, Listed, View
from breachkit.report.escape import terminal
from breachkit.report.words import counted


def listed_text(listed: Sequence[Listed]) -> str:
    """Give a line for each playbook."""
    width = max((len(each.name) for each in listed), default=0)
    return "\n".join(_line(each, width) for each in listed)


def listed_json(listed: Sequence[Listed]) -> dict[str, Any]:
    """Give the list as `breachkit.playbooks/1`."""
    return {"schema": "breachkit.playbooks/1", "playbooks": [_listed(each) for each in listed]}


def view_text(view: View) -> str:
    """Give what applies under a playbook, each part with the playbook it is from."""
    return "\n".join([*_head(view), "", *_periods(view), "", *_people(view), "", *_rules(view)])


def view_json(view: View) -> dict[str, Any]:
    """Give the same as `breachkit.playbook/1`."""
    about, settings = view.about, view.settings
    return {
        "schema": "breachkit.playbook/1",
        "name": about.name,
        "title": about.title,
        "lineage": list(view.lineage),
        "organisation": about.organisation,
        "example": about.example,
        "as_of": about.as_of.isoformat(),
        "source": about.source,
        "reviewed": about.reviewed.isoformat(),
        "last_drilled": _day(about.last_drilled),
        "settings": {
            "review_after_days": settings.review_after.days,
            "stale_after_days": settings.stale_after.days,
            "alert_minutes": int(settings.alert / timedelta(minutes=1)),
            "reminder_hours": int(settings.reminder / timedelta(hours=1)),
            "answer_hours": int(settings.answer / timedelta(hours=1)),
            "update_hours": settings.update_every
            and int(settings.update_every / timedelta(hours=1)),
            "two_person": sorted(settings.two_person),
            "auto_publish_after_months": settings.auto_publish_after_months,
        },
        "settings_from": dict(settings.origins),
        "contacts": _contacts(view),
        "policy": {
            "profiles": [profile.name for profile in view.policies.profiles],
            "threshold": view.policies.at(None).threshold,
            "since": view.policies.at(None).since.isoformat(),
            "source": view.policies.at(None).source,
        },
        "checklist": [item.id for item in view.template.items],
        "places": [place.code for place in view.places],
        "hosts": [
            {"name": host.name, "allow": host.allow, "consent": host.consent} for host in view.hosts
        ],
        "files": [{"file": file, "from": list(holders)} for file, holders in view.origins],
    }


def checked_text(checked: Checked) -> str:
    """Give every problem on a line of its own, then the warnings, then how it stands."""
    lines = [terminal(str(problem)) for problem in checked.problems]
    lines += [f"warning: {terminal(each)}" for each in checked.warnings]
    return "\n".join([*lines, _verdict(checked)])


def checked_json(checked: Checked) -> dict[str, Any]:
    """Give the same as `breachkit.playbook-check/1`."""
    return {
        "schema": "breachkit.playbook-check/1",
        "playbook": checked.playbook,
        "ok": not checked.problems,
        "files": list(checked.files),
        "problems": [
            {"file": each.file, "line": each.line, "key": each.key, "problem": each.problem}
            for each in checked.problems
        ],
        "warnings": list(checked.warnings),
    }


def _verdict(checked: Checked) -> str:
    name, files = checked.playbook, counted(len(checked.files), "file")
    if checked.problems:
        return f"{name}: {counted(len(checked.problems), 'problem')} in {files}; it cannot be used like this."
    warned = f", {counted(len(checked.warnings), 'warning')}" if checked.warnings else ""
    return f"{name}: nothing wrong in {files}{warned}."


def _line(listed: Listed, width: int) -> str:
    whose = "shipped" if listed.shipped else "own"
    if listed.about is None:
        return f"{listed.name:{width}}  {whose:7}  cannot be read: see `breachkit playbook check {listed.name}`"
    about = listed.about
    drilled = f"drilled {about.last_drilled}" if about.last_drilled else "no drill noted"
    dates = f"reviewed {about.reviewed}, {drilled}"
    return f"{listed.name:{width}}  {whose:7}  {terminal(about.title)} ({dates})"


def _listed(listed: Listed) -> dict[str, Any]:
    about = listed.about
    return {
        "name": listed.name,
        "shipped": listed.shipped,
        "title": about.title if about else None,
        "extends": about.extends if about else None,
        "example": about.example if about else None,
        "as_of": _day(about.as_of) if about else None,
        "reviewed": _day(about.reviewed) if about else None,
        "last_drilled": _day(about.last_drilled) if about else None,
        "problem": listed.problem,
    }


def _head(view: View) -> Iterator[str]:
    about = view.about
    yield f"{about.name}: {terminal(about.title)}"
    if len(view.lineage) > 1:
        yield f"  extends       {', '.join(view.lineage[1:])}"
    yield f"  as of         {about.as_of}, from {terminal(about.source)}"
    yield f"  reviewed      {about.reviewed}"
    yield f"  last drilled  {about.last_drilled or 'no drill noted: practise with `breachkit drill`'}"


def _periods(view: View) -> Iterator[str]:
    settings = view.settings
    months = settings.auto_publish_after_months
    said = {
        "alert_minutes": f"phone whoever has not answered an alert after {_span(settings.alert)}",
        "answer_hours": f"ask for answers within {_span(settings.answer)}",
        "reminder_hours": f"remind {_span(settings.reminder)} before",
        "update_hours": f"tell how it stands every {_span(settings.update_every)}"
        if settings.update_every
        else "no rule how often to tell how it stands",
        "stale_after_days": f"doubt contacts that nobody verified for {_span(settings.stale_after)}",
        "review_after_days": f"review the playbook every {_span(settings.review_after)}",
        "two_person": f"a second person approves: {', '.join(sorted(settings.two_person)) or 'nothing'}",
        "auto_publish_after_months": f"repositories are made public again after {counted(months, 'month')}"
        if months
        else "nothing makes repositories public by itself",
    }
    for key, words in said.items():
        yield f"  {words} ({settings.origins.get(key, 'default')})"


def _people(view: View) -> Iterator[str]:
    if view.contacts is None:
        yield "  no contacts: nobody can be told by this playbook"
        return
    profile = view.contacts
    example = "; invented, so nobody can choose them" if view.about.example else ""
    yield f"  contacts as of {profile.as_of}, verified on {profile.verified_on}{example}"
    for contact in profile.contacts:
        ways = ", ".join(filter(None, (contact.email, contact.phone, contact.hours)))
        deputy = f"; deputy {terminal(contact.deputy)}" if contact.deputy else ""
        yield f"    {terminal(contact.name)} ({', '.join(contact.roles)}): {terminal(ways)}{deputy}"


def _rules(view: View) -> Iterator[str]:
    policy = view.policies.at(None)
    yield f"  policy {policy.name}: counts from 1 to {policy.threshold} are kept back; {terminal(policy.source)}"
    yield f"  checklist: {counted(len(view.template.items), 'item')}; places: {len(view.places)}"
    asked = [host.name for host in view.hosts if host.allow]
    yield f"  hosts asked without --allow: {', '.join(asked) or 'none'}"
    yield "  files:"
    for file, holders in view.origins:
        yield f"    {file:34} {', '.join(holders)}"


def _contacts(view: View) -> dict[str, Any] | None:
    if view.contacts is None:
        return None
    profile = view.contacts
    return {
        "as_of": profile.as_of.isoformat(),
        "verified_on": profile.verified_on.isoformat(),
        "source": profile.source,
        "source_sha256": profile.source_sha256,
        "sha256": profile.sha256,
        "contacts": [
            {
                "name": contact.name,
                "roles": list(contact.roles),
                "email": contact.email,
                "phone": contact.phone,
                "hours": contact.hours,
                "deputy": contact.deputy,
            }
            for contact in profile.contacts
        ],
    }


def _span(period: timedelta) -> str:
    if period.days and not period.seconds:
        return counted(period.days, "day")
    if period.seconds % 3600 == 0:
        return counted(int(period / timedelta(hours=1)), "hour")
    return counted(int(period / timedelta(minutes=1)), "minute")


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
