"""Pull requests, and the refs that they keep: `refs/pull/N/head` for ever, `refs/pull/N/merge` while open."""

from typing import Any, Literal

from breachkit.drill.hub import access, gitstore, shapes
from breachkit.drill.hub.answers import Answer, invalid, not_found, number_in, page
from breachkit.drill.hub.routing import Router
from breachkit.drill.hub.server import API, Call
from breachkit.drill.hub.state import Account, Hub, PullRequest, Repository
from breachkit.git.process import run_git


router = Router()

_BOTH = ("AUTHOR", "COMMITTER")
_PULLS = "/repos/{owner}/{repo}/pulls"


@router.on("GET", _PULLS)
def list_pulls(call: Call, *, owner: str, repo: str) -> Answer:
    """Give the pull requests, newest first: the open ones unless others are asked for."""
    found = access.find(call, owner, repo)
    wanted = call.request.query.get("state", "open")
    kept = [pull for pull in found.pulls.values() if wanted in {"all", pull.state}]
    ascending = call.request.query.get("direction") == "asc"
    kept.sort(key=lambda pull: pull.number, reverse=not ascending)
    answer = page(call.request, kept)
    return Answer(json=[simple(call, found, pull) for pull in answer.json], headers=answer.headers)


@router.on("GET", _PULLS + "/{pull_number}")
def show_pull(call: Call, *, owner: str, repo: str, pull_number: str) -> Answer:
    """Give one pull request."""
    found = access.find(call, owner, repo)
    return Answer(json=_full(call, found, _pull(found, pull_number)))


@router.on("POST", _PULLS)
def create_pull(call: Call, *, owner: str, repo: str) -> Answer:
    """Open a pull request from a branch, of a fork too as `owner:branch`."""
    found = access.find(call, owner, repo)
    person = access.known(call)
    wanted = call.request.json()
    login, _, branch = wanted["head"].rpartition(":")
    held = source(call, found, login)
    head = gitstore.branches(held).get(branch) if held else None
    if held is None or head is None or wanted["base"] not in gitstore.branches(found):
        raise invalid("PullRequest", "head")
    pull = open_pull(
        call.hub,
        found,
        PullRequest(
            number=max(found.pulls, default=0) + 1,
            title=wanted.get("title", ""),
            body=wanted.get("body") or "",
            author=person.id,
            head_branch=branch,
            head_repository=held.id,
            base_branch=wanted["base"],
            head=head,
            created_at=call.hub.clock.now(),
        ),
    )
    return Answer(status=201, json=_full(call, found, pull))


@router.on("PATCH", _PULLS + "/{pull_number}")
def change_pull(call: Call, *, owner: str, repo: str, pull_number: str) -> Answer:
    """Change a pull request; opening it again brings its refs back."""
    found = access.pushed_to(call, owner, repo)
    pull = _pull(found, pull_number)
    wanted = call.request.json()
    pull.title = wanted.get("title", pull.title)
    pull.body = wanted.get("body", pull.body)
    state: Literal["open", "closed"] = wanted.get("state", pull.state)
    if state == "closed":
        gitstore.set_ref(found, f"refs/pull/{pull.number}/merge", None)
    elif pull.state == "closed":
        pull.state = "open"
        open_pull(call.hub, found, pull)
    pull.state = state
    return Answer(json=_full(call, found, pull))


def open_pull(hub: Hub, found: Repository, pull: PullRequest) -> PullRequest:
    """Put a pull request into a repository, with its refs."""
    found.pulls[pull.number] = pull
    gitstore.set_ref(found, f"refs/pull/{pull.number}/head", pull.head)
    merged = _merged(hub, found, pull) if pull.state == "open" else None
    if merged is not None:
        gitstore.set_ref(found, f"refs/pull/{pull.number}/merge", merged)
    return pull


def simple(call: Call, found: Repository, pull: PullRequest) -> dict[str, Any]:
    """Give a `pull-request-simple`."""
    base = call.request.base
    author = call.hub.accounts[pull.author]
    head = call.hub.repositories.get(pull.head_repository or 0)
    created = shapes.time(pull.created_at)
    return {
        "id": found.id * 1000 + pull.number,
        "node_id": shapes.node_id("PR", found.id * 1000 + pull.number),
        "number": pull.number,
        **_urls(call, found, pull),
        "state": pull.state,
        "locked": False,
        "title": pull.title,
        "user": shapes.user(author, base),
        "body": pull.body or None,
        "labels": [],
        "milestone": None,
        "created_at": created,
        "updated_at": created,
        "closed_at": created if pull.state == "closed" else None,
        "merged_at": shapes.time(pull.merged_at),
        "merge_commit_sha": None,
        "assignee": None,
        "assignees": [],
        "requested_reviewers": [],
        "requested_teams": [],
        "head": _end(call, head, author, pull.head_branch, pull.head),
        "base": _end(call, found, found.owner, pull.base_branch, _base_commit(found, pull)),
        "author_association": "CONTRIBUTOR",
        "auto_merge": None,
        "draft": False,
    }


def _full(call: Call, found: Repository, pull: PullRequest) -> dict[str, Any]:
    return {
        **simple(call, found, pull),
        "merged": pull.merged_at is not None,
        "mergeable": None,
        "rebaseable": None,
        "mergeable_state": "unknown",
        "merged_by": None,
        "comments": 0,
        "review_comments": 0,
        "maintainer_can_modify": False,
        "commits": 1,
        "additions": 0,
        "deletions": 0,
        "changed_files": 0,
    }


def _urls(call: Call, found: Repository, pull: PullRequest) -> dict[str, Any]:
    address = f"{call.request.base}{API}/repos/{found.full_name}"
    own, issue = f"{address}/pulls/{pull.number}", f"{address}/issues/{pull.number}"
    web = f"{call.request.base}/{found.full_name}/pull/{pull.number}"
    links = {
        "self": own,
        "html": web,
        "issue": issue,
        "comments": f"{issue}/comments",
        "review_comments": f"{own}/comments",
        "review_comment": f"{address}/pulls/comments{{/number}}",
        "commits": f"{own}/commits",
        "statuses": f"{address}/statuses/{pull.head}",
    }
    names = ("issue", "comments", "review_comments", "review_comment", "commits", "statuses")
    return {
        "url": own,
        "html_url": web,
        "diff_url": f"{web}.diff",
        "patch_url": f"{web}.patch",
        **{f"{name}_url": links[name] for name in names},
        "_links": {name: {"href": link} for name, link in links.items()},
    }


def _end(
    call: Call, held: Repository | None, who: Account, branch: str, commit: str
) -> dict[str, Any]:
    """Give the head or base of a pull request; `repo` is null where the fork is gone."""
    base = call.request.base
    owner = held.owner if held else who
    repo = shapes.repository(call.hub, held, base, call.person) if held else None
    user = shapes.user(owner, base)
    return {
        "label": f"{owner.login}:{branch}", "ref": branch, "sha": commit, "user": user, "repo": repo
    }  # fmt: skip


def _base_commit(found: Repository, pull: PullRequest) -> str:
    return gitstore.branches(found).get(pull.base_branch) or pull.head


def _pull(found: Repository, number: str) -> PullRequest:
    pull = found.pulls.get(number_in(number))
    if pull is None:
        raise not_found()
    return pull


def source(call: Call, found: Repository, login: str) -> Repository | None:
    """Give the repository of a network that belongs to somebody, or the one itself for an empty name."""
    if not login or login.lower() == found.owner.login.lower():
        return found
    network = (r for r in call.hub.repositories.values() if r.network == found.network)
    return next((r for r in network if r.owner.login.lower() == login.lower()), None)


def _merged(hub: Hub, found: Repository, pull: PullRequest) -> str | None:
    """Make the commit that merging would make; None where that would conflict."""
    base = gitstore.branches(found).get(pull.base_branch)
    if base is None:
        return None
    env = {
        **gitstore.writing_to(hub, found),
        **{f"GIT_{who}_NAME": "GitHub" for who in _BOTH},
        **{f"GIT_{who}_EMAIL": "noreply@example.org" for who in _BOTH},
        **{f"GIT_{who}_DATE": f"{int(pull.created_at.timestamp())} +0000" for who in _BOTH},
    }
    said = run_git(
        ["merge-tree", "--write-tree", base, pull.head],
        git_dir=found.git_dir,
        check=False,
        extra_env=env,
    )
    if said.code:
        return None
    tree = said.stdout.decode().split()[0]
    parents = ["-p", base, "-p", pull.head]
    made = run_git(
        ["commit-tree", tree, *parents, "-m", f"Merge {pull.head} into {base}"],
        git_dir=found.git_dir,
        extra_env=env,
    )
    return made.stdout.decode().strip()
