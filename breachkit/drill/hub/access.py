"""Finds what a request is about, and who may do it: 404 for what must not be known to, 403 for the rest."""

from breachkit.drill.hub.answers import Answer, Problem, not_found
from breachkit.drill.hub.server import API, Call
from breachkit.drill.hub.state import ROLES, Account, Repository


class Moved(Problem):
    """The repository has another name now."""

    def __init__(self, call: Call, found: Repository, rest: str) -> None:
        address = f"{call.request.base}{API}/repositories/{found.id}{rest}"
        status = 301 if call.request.method in {"GET", "HEAD"} else 307
        message = "Moved Permanently" if status == 301 else "Temporary Redirect"
        super().__init__(status, message, url=address)
        given = self.answer
        self.answer = Answer(status=given.status, json=given.json, headers={"Location": address})


def find(call: Call, owner: str, repo: str) -> Repository:
    """Find a repository that the caller may see.

    Raises:
        Problem: 404 where there is none, or none to be known to; 301 or 307 where it was renamed.
    """
    found = call.hub.repository(owner, repo)
    if found is None:
        former = call.hub.formerly(owner, repo)
        if former is not None and call.may_see(former):
            _, _, rest = call.request.path.partition(f"/repos/{owner}/{repo}")
            raise Moved(call, former, rest)
        raise not_found()
    if not call.may_see(found):
        raise not_found()
    signed_on(call, found.owner)
    return found


def signed_on(call: Call, owner: Account) -> None:
    """Make sure that a token went through the single sign-on of an organisation.

    Raises:
        Problem: 403, with the header by which GitHub says where to go.
    """
    if call.limits.needs_sso and owner.is_organisation:
        problem = Problem(403, "Resource protected by organization SAML enforcement.")
        address = f"{call.request.base}/orgs/{owner.login}/sso"
        given = problem.answer
        headers = {"X-GitHub-SSO": f"required; url={address}"}
        problem.answer = Answer(status=given.status, json=given.json, headers=headers)
        raise problem


def at_least(call: Call, found: Repository, role: str) -> Account:
    """Make sure that the caller has a role.

    Raises:
        Problem: 401 for a stranger; 404 where the caller may only read; 403 where they may more.
    """
    if call.person is None:
        raise Problem(401, "Requires authentication")
    if call.is_read_only and call.request.method != "GET":
        raise Problem(403, "Resource not accessible by personal access token")
    rank = _rank(call, found)
    if rank >= ROLES.index(role):
        return call.person
    if rank <= ROLES.index("triage"):
        raise not_found()
    raise Problem(403, f"Must have {role} rights to Repository.")


def administered(call: Call, owner: str, repo: str, *, archived_too: bool = False) -> Repository:
    """Find a repository that the caller administers.

    Args:
        call: Who asks.
        owner: Of the repository.
        repo: Its name.
        archived_too: Whether a write is meant that an archived repository takes as well.
    """
    found = find(call, owner, repo)
    at_least(call, found, "admin")
    if not archived_too:
        _not_archived(call, found)
    return found


def pushed_to(call: Call, owner: str, repo: str) -> Repository:
    """Find a repository that the caller may push to.

    Raises:
        Problem: 401 for a stranger; 403 for who may see it and no more.
    """
    found = find(call, owner, repo)
    if call.person is not None and _rank(call, found) < ROLES.index("write"):
        raise Problem(403, "Must have push access to repository")
    at_least(call, found, "write")
    _not_archived(call, found)
    return found


def _not_archived(call: Call, found: Repository) -> None:
    if found.archived and call.request.method != "GET":
        raise Problem(403, "Repository was archived so is read-only.")


def _rank(call: Call, found: Repository) -> int:
    """Give how much the caller may, as a place in `ROLES`; a custom role counts as one that writes."""
    has = call.hub.role(call.person, found)
    return ROLES.index(has) if has in ROLES else ROLES.index("write") if has else -1


def known(call: Call) -> Account:
    """Give who asks.

    Raises:
        Problem: 401 for a stranger.
    """
    if call.person is None:
        raise Problem(401, "Requires authentication")
    return call.person


def person(call: Call, login: str) -> Account:
    """Find a person.

    Raises:
        Problem: 404 where there is none.
    """
    found = call.hub.account(login)
    if found is None:
        raise not_found()
    return found


def paid_or_public(found: Repository) -> None:
    """Refuse what a private repository of a free plan does not have.

    Raises:
        Problem: 403, in GitHub's words.
    """
    if found.visibility != "public" and found.owner.plan == "free":
        raise Problem(
            403, "Upgrade to GitHub Pro or make this repository public to enable this feature."
        )
