"""Real git against the stand-in: what is served, what is refused, and in which words."""

import json
import urllib.request
from pathlib import Path
from urllib.error import HTTPError

import pytest

from breachkit.drill.hub import furnish, gitstore, support
from breachkit.drill.hub.server import HubServer
from breachkit.drill.hub.state import TokenLimits
from tests.support.hubs import Served


@pytest.fixture
def clone(hub: Served) -> Path:
    """A clone of the study with a commit that was not pushed."""
    folder = hub.folder / "clone"
    done = hub.git("clone", "--quiet", hub.url(), str(folder))
    assert done.returncode == 0, done.stderr
    commit(hub, folder, "new.md")
    return folder


def commit(hub: Served, clone: Path, name: str) -> str:
    (clone / name).write_text(name)
    hub.git("add", name, cwd=clone)
    hub.git("commit", "--quiet", f"--message={name}", cwd=clone)
    return hub.git("rev-parse", "HEAD", cwd=clone).stdout.strip()


def free(hub: Served) -> None:
    """Take everything off that stands before a push."""
    hub.small.study.protections.clear()
    hub.small.study.rulesets.clear()
    hub.small.organisation.rulesets.clear()


def status(server: HubServer, path: str, token: str = "") -> tuple[int, str]:
    """Give the status and text of a page."""
    headers = {"Authorization": f"token {token}"} if token else {}
    request = urllib.request.Request(server.base + path, headers=headers)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.read().decode("utf-8", "replace")
    except HTTPError as error:
        with error:
            return error.code, error.read().decode()


def fetches(hub: Served, oid: str, name: str = "example-org/study", token: str = "") -> bool:
    """Say whether an empty repository gets an object by its id alone."""
    empty = hub.folder / f"empty-{len(list(hub.folder.iterdir()))}"
    hub.git("init", "--quiet", str(empty))
    url = hub.url(token, name)
    got = hub.git("fetch", "--quiet", "--depth=1", url, oid, cwd=empty).returncode == 0
    return got and hub.git("cat-file", "-e", oid, cwd=empty).returncode == 0


def test_a_clone_has_branches_and_no_pull_requests(hub: Served, clone: Path) -> None:
    refs = hub.git("for-each-ref", "--format=%(refname)", cwd=clone).stdout
    assert "refs/remotes/origin/main" in refs
    assert "pull" not in refs


def test_ls_remote_and_a_mirror_show_the_refs_of_pull_requests(hub: Served) -> None:
    listed = hub.git("ls-remote", hub.url()).stdout
    assert f"{hub.small.orphan.head}\trefs/pull/1/head" in listed
    assert "refs/pull/2/merge" in listed
    hub.git("clone", "--quiet", "--mirror", hub.url(), str(hub.folder / "mirror"))
    refs = hub.git("for-each-ref", "refs/pull", cwd=hub.folder / "mirror").stdout
    assert refs.count("refs/pull") == 4


def test_t33_a_mirror_push_updates_all_but_pull_requests_and_exits_with_1(hub: Served) -> None:
    free(hub)
    mirror = hub.folder / "mirror"
    hub.git("clone", "--quiet", "--mirror", hub.url(), str(mirror))
    parent = hub.git("rev-parse", "main~1", cwd=mirror).stdout.strip()
    hub.git("update-ref", "refs/heads/main", parent, cwd=mirror)
    hub.git("update-ref", "refs/pull/1/head", parent, cwd=mirror)
    pushed = hub.git("push", "--mirror", "--porcelain", hub.url(hub.small.token), cwd=mirror)
    assert pushed.returncode == 1
    refused = [line for line in pushed.stdout.splitlines() if line.startswith("!")]
    assert len(refused) == 4
    assert all(
        line.startswith("!\trefs/pull/")
        and line.endswith("\t[remote rejected] (deny updating a hidden ref)")
        for line in refused
    )
    assert gitstore.branches(hub.small.study) == {"main": parent}


def test_t37_refs_that_are_no_pull_requests_can_be_pushed_and_deleted(
    hub: Served, clone: Path
) -> None:
    free(hub)
    ref = "refs/github-services/pull/1"
    gitstore.set_ref(hub.small.study, ref, hub.small.lost)
    assert ref in hub.git("ls-remote", hub.url()).stdout
    assert hub.git("push", hub.url(hub.small.token), f":{ref}", cwd=clone).returncode == 0
    assert ref not in hub.git("ls-remote", hub.url()).stdout


def test_t36_the_default_branch_is_not_deleted(hub: Served, clone: Path) -> None:
    free(hub)
    pushed = hub.git("push", "--porcelain", hub.url(hub.small.token), ":main", cwd=clone)
    assert pushed.returncode == 1
    assert "[remote rejected]" in pushed.stdout
    assert "main" in gitstore.branches(hub.small.study)


def test_a_protected_branch_refuses_in_githubs_words(hub: Served, clone: Path) -> None:
    free(hub)
    furnish.protect(hub.small.study, "main")
    hub.git("reset", "--quiet", "--hard", "HEAD~2", cwd=clone)
    commit(hub, clone, "other.md")
    push = ("push", "--force", "--porcelain", hub.url(hub.small.token))
    refused = hub.git(*push, "main", cwd=clone)
    assert refused.returncode == 1
    assert "remote: error: GH006: Protected branch update failed for refs/heads/main." in (
        refused.stderr
    )
    assert "!\trefs/heads/main:refs/heads/main\t[remote rejected]" in refused.stdout
    hub.small.study.protections.clear()
    assert hub.git(*push, "main", cwd=clone).returncode == 0


def test_a_protected_branch_takes_a_fast_forward_of_an_administrator(
    hub: Served, clone: Path
) -> None:
    free(hub)
    body = {**furnish.EVERY_PROTECTION, "enforce_admins": False}
    furnish.protect(hub.small.study, "main", **body)
    assert hub.git("push", hub.url(hub.small.token), "main", cwd=clone).returncode == 0
    hub.small.study.protections["main"]["enforce_admins"] = True
    commit(hub, clone, "second.md")
    refused = hub.git("push", hub.url(hub.small.token), "main", cwd=clone)
    assert "GH006" in refused.stderr
    assert "Changes must be made through a pull request." in refused.stderr


@pytest.mark.parametrize("kind", ["repository", "organisation"])
def test_t30_a_ruleset_refuses_in_githubs_words(hub: Served, clone: Path, kind: str) -> None:
    free(hub)
    holder = hub.small.study if kind == "repository" else hub.small.organisation
    furnish.ruleset(hub.small.world.hub, holder, "closed", rules=["update"])
    refused = hub.git("push", hub.url(hub.small.token), "main", cwd=clone)
    assert "remote: error: GH013: Repository rule violations found for refs/heads/main." in (
        refused.stderr
    )
    next(iter(holder.rulesets.values()))["enforcement"] = "disabled"
    assert hub.git("push", hub.url(hub.small.token), "main", cwd=clone).returncode == 0


def test_who_may_bypass_a_ruleset_pushes(hub: Served, clone: Path) -> None:
    free(hub)
    bypass = {"actor_id": 1, "actor_type": "OrganizationAdmin", "bypass_mode": "always"}
    furnish.ruleset(
        hub.small.world.hub, hub.small.study, "closed", rules=["update"], bypass=[bypass]
    )
    refused = hub.git("push", hub.url(hub.token("dan")), "main", cwd=clone)
    assert "GH013" in refused.stderr
    assert hub.git("push", hub.url(hub.small.token), "main", cwd=clone).returncode == 0


def test_t34_one_refused_ref_leaves_the_others_unless_github_stops_all(
    hub: Served, clone: Path
) -> None:
    free(hub)
    furnish.protect(hub.small.study, "main", lock_branch=True)
    push = ("push", "--porcelain", hub.url(hub.small.token), "main", "main:refs/heads/beside")
    assert hub.git(*push, cwd=clone).returncode == 1
    assert set(gitstore.branches(hub.small.study)) == {"main", "beside"}
    gitstore.set_ref(hub.small.study, "refs/heads/beside", None)
    hub.small.world.hub.rejects_whole_pushes = True
    whole = hub.git(*push, cwd=clone)
    assert whole.stdout.count("[remote rejected]") == 2
    assert set(gitstore.branches(hub.small.study)) == {"main"}


def test_t35_a_lease_fails_once_somebody_else_pushed(hub: Served, clone: Path) -> None:
    free(hub)
    lease = f"--force-with-lease=refs/heads/main:{hub.small.tip}"
    hub.small.world.commit(hub.small.study, {"late.md": b"late"})
    pushed = hub.git("push", "--porcelain", lease, hub.url(hub.small.token), "main", cwd=clone)
    assert pushed.returncode == 1
    assert "[rejected] (stale info)" in pushed.stdout


def test_any_object_is_given_to_who_knows_its_id(hub: Served) -> None:
    blob = gitstore.resolve(hub.small.study, f"{hub.small.lost}:output/table.csv")
    assert blob
    assert fetches(hub, hub.small.lost)
    assert fetches(hub, blob)


def test_the_old_protocol_gives_only_what_some_ref_leads_to(hub: Served) -> None:
    for fork in (hub.small.grandfork, hub.small.fork):
        hub.small.world.delete(fork)
    for ref in gitstore.refs(hub.small.study, "refs/pull/"):
        gitstore.set_ref(hub.small.study, ref, None)
    assert fetches(hub, hub.small.lost)
    old = ("-c", "protocol.version=0", "fetch", hub.url(), hub.small.lost)
    hub.git("init", "--quiet", str(hub.folder / "old"))
    refused = hub.git(*old, cwd=hub.folder / "old")
    assert refused.returncode == 128
    assert "not our ref" in refused.stderr or "unadvertised object" in refused.stderr


def test_t40_the_parent_gives_away_what_only_a_fork_has(hub: Served) -> None:
    own = gitstore.branches(hub.small.fork)["main"]
    hub.small.study.pulls.clear()
    for ref in gitstore.refs(hub.small.study, "refs/pull/"):
        gitstore.set_ref(hub.small.study, ref, None)
    assert fetches(hub, own)
    read = hub.githubkit().rest.git.get_commit("example-org", "study", own)
    assert read.status_code == 200


def test_reads_and_pushes_of_strangers(hub: Served, clone: Path) -> None:
    anonymous = hub.git("push", hub.url(), "main", cwd=clone)
    assert "could not read Username" in anonymous.stderr
    reader = hub.git("push", hub.url(hub.token("gil")), "main", cwd=clone)
    assert "Permission to example-org/study.git denied to gil." in reader.stderr
    hub.small.study.visibility = "private"
    assert "could not read Username" in hub.git("ls-remote", hub.url()).stderr
    hidden = hub.git("ls-remote", hub.url(hub.token("gil")))
    assert "Repository not found." in hidden.stderr
    assert hub.git("ls-remote", hub.url(hub.small.token)).returncode == 0
    wrong = hub.git("ls-remote", hub.url("wrong"))
    assert "Authentication failed" in wrong.stderr


def test_a_token_that_may_only_read_pushes_nothing(hub: Served, clone: Path) -> None:
    free(hub)
    limits = TokenLimits(read_only=True)
    token = hub.small.world.token(hub.login("ada"), scopes=None, limits=limits)
    assert "denied to ada" in hub.git("push", hub.url(token), "main", cwd=clone).stderr


def test_an_archived_repository_takes_no_push(hub: Served, clone: Path) -> None:
    free(hub)
    hub.small.study.archived = True
    refused = hub.git("push", hub.url(hub.small.token), "main", cwd=clone)
    assert "archived so it is read-only" in refused.stderr
    assert fetches(hub, hub.small.tip)


def test_git_follows_a_repository_to_its_new_name(hub: Served, clone: Path) -> None:
    free(hub)
    hub.small.world.rename(hub.small.study, "renamed")
    assert hub.small.tip in hub.git("ls-remote", hub.url()).stdout
    assert hub.git("push", hub.url(hub.small.token), "main", cwd=clone).returncode == 0


def test_a_push_is_written_down(hub: Served, clone: Path) -> None:
    free(hub)
    study, token = hub.small.study, hub.small.token
    before = study.pushed_at
    new = hub.git("rev-parse", "HEAD", cwd=clone).stdout.strip()
    hub.git("push", hub.url(token), "main", cwd=clone)
    hub.git("push", hub.url(token), "main:refs/heads/second", cwd=clone)
    hub.git("reset", "--quiet", "--hard", "HEAD~1", cwd=clone)
    hub.git("push", "--force", hub.url(token), "main", cwd=clone)
    hub.git("push", hub.url(token), ":second", cwd=clone)
    kit = hub.githubkit().rest
    lines = kit.repos.list_activities("example-org", "study", per_page=4).parsed_data
    assert [(one.activity_type, one.before[:7], one.after[:7]) for one in lines] == [
        ("branch_deletion", new[:7], "0000000"),
        ("force_push", new[:7], hub.small.tip[:7]),
        ("branch_creation", "0000000", new[:7]),
        ("push", hub.small.tip[:7], new[:7]),
    ]
    assert all(one.actor and one.actor.login == "ada" for one in lines)
    events = kit.activity.list_repo_events("example-org", "study", per_page=4).parsed_data
    assert [one.type for one in events] == ["DeleteEvent", "PushEvent", "CreateEvent", "PushEvent"]
    assert study.pushed_at
    assert before
    assert study.pushed_at > before


def test_t48_the_activity_still_names_the_lost_commit_after_the_rewrite(hub: Served) -> None:
    kit = hub.githubkit().rest.repos
    lines = kit.list_activities("example-org", "study", activity_type="force_push").parsed_data
    assert [one.before for one in lines] == [hub.small.lost]


def test_pushing_to_the_branch_of_an_open_pull_request_moves_its_head(hub: Served) -> None:
    own = hub.folder / "own"
    name, token = "eve/study", hub.token("eve")
    hub.git("clone", "--quiet", hub.url(name=name), str(own))
    new = commit(hub, own, "more.md")
    assert hub.git("push", hub.url(token, name), "main", cwd=own).returncode == 0
    refs = gitstore.refs(hub.small.study, "refs/pull/")
    assert refs["refs/pull/2/head"] == new
    assert refs["refs/pull/1/head"] == hub.small.orphan.head


def test_t47_a_pull_request_of_a_deleted_fork_keeps_its_commits(hub: Served) -> None:
    pull = hub.githubkit().rest.pulls.get("example-org", "study", 1).parsed_data
    assert pull.head.repo is None
    assert fetches(hub, pull.head.sha)


def test_a_pull_request_that_is_opened_again_has_its_refs_again(hub: Served) -> None:
    study = hub.small.study
    kit = hub.githubkit().rest.pulls
    kit.update("example-org", "study", 2, state="closed")
    gitstore.set_ref(study, "refs/pull/2/head", None)
    kit.update("example-org", "study", 2, state="open")
    assert set(gitstore.refs(study, "refs/pull/2/")) == {"refs/pull/2/head"}  # main conflicts now
    gitstore.set_ref(study, "refs/heads/main", hub.small.lost)
    kit.update("example-org", "study", 2, state="closed")
    kit.update("example-org", "study", 2, state="open")
    assert set(gitstore.refs(study, "refs/pull/2/")) == {"refs/pull/2/head", "refs/pull/2/merge"}


def test_t44_a_wiki_is_a_repository_of_its_own(hub: Served) -> None:
    study = hub.small.study
    study.wiki = gitstore.create(hub.folder, 1, 1, "master")
    study.has_wiki = True
    url = hub.url(hub.small.token, "example-org/study.wiki")
    pages = hub.folder / "pages"
    hub.git("init", "--quiet", "--initial-branch=master", str(pages))
    commit(hub, pages, "Home.md")
    assert hub.git("push", url, "master", cwd=pages).returncode == 0
    assert "refs/heads/master" in hub.git("ls-remote", url).stdout
    study.has_wiki = False
    assert hub.git("ls-remote", url).returncode == 128


def test_t38_pages_of_commits_and_files_show_what_no_branch_holds(hub: Served) -> None:
    lost, tip, server = hub.small.lost, hub.small.tip, hub.server
    note = "This commit does not belong to any branch"
    shown = status(server, f"/example-org/study/commit/{lost}")
    assert shown[0] == 200
    assert note in shown[1]
    assert note not in status(server, f"/example-org/study/commit/{tip}")[1]
    path = f"{lost}/output/table.csv"
    assert status(server, f"/raw/example-org/study/{path}") == (200, "group,count\na,3\nb,20\n")
    assert status(server, f"/example-org/study/raw/{path}")[0] == 200
    assert "a,3" in status(server, f"/example-org/study/blob/{path}")[1]
    assert status(server, f"/example-org/study/archive/{tip}.tar.gz")[0] == 200
    assert status(server, "/example-org/study")[0] == 200
    hub.small.study.visibility = "private"
    for page in (f"/example-org/study/commit/{tip}", f"/raw/example-org/study/{path}"):
        assert status(server, page)[0] == 404
        assert status(server, page, hub.small.token)[0] == 200
        assert status(server, page, hub.token("gil"))[0] == 404


def test_t41_a_short_id_finds_a_commit_where_github_takes_one(hub: Served) -> None:
    short = hub.small.lost[:10]
    requester = hub.pygithub().requester
    assert requester.requestJson("GET", f"/repos/example-org/study/commits/{short}")[0] == 200
    assert requester.requestJson("GET", f"/repos/example-org/study/git/commits/{short}")[0] == 404
    assert status(hub.server, f"/example-org/study/commit/{short}")[0] == 200


def test_an_unknown_commit_is_422_by_name_and_404_by_id(hub: Served) -> None:
    requester = hub.pygithub().requester
    unknown = "1" * 40
    assert requester.requestJson("GET", f"/repos/example-org/study/commits/{unknown}")[0] == 422
    assert requester.requestJson("GET", f"/repos/example-org/study/git/commits/{unknown}")[0] == 404
    assert not fetches(hub, unknown)


def test_support_refuses_while_a_fork_or_a_branch_holds_the_data(hub: Served) -> None:
    small = hub.small
    refused = support.act(small.world.hub, small.study, [small.tip])
    assert refused.refused == "a branch or tag still holds a named commit"
    refused = support.act(small.world.hub, small.study, [small.lost])
    assert refused.refused == "a fork still holds a named commit"
    assert fetches(hub, small.lost)
    assert "refs/pull/1/head" in gitstore.refs(small.study)


def test_support_takes_the_data_away_for_good(hub: Served) -> None:
    small, server = hub.small, hub.server
    for fork in (small.grandfork, small.fork):
        small.world.delete(fork)
    blob = gitstore.resolve(small.study, f"{small.lost}:output/table.csv")
    assert blob
    page = f"/example-org/study/commit/{small.lost}"
    assert status(server, page)[0] == 200
    body = json.dumps({"repository": "example-org/study", "ids": [small.lost, blob]})
    request = urllib.request.Request(f"{server.base}/__admin/support", body.encode(), method="POST")
    with urllib.request.urlopen(request) as answer:
        said = answer.read().decode()
    assert '"refused": null' in said
    assert '"left": []' in said
    assert gitstore.refs(small.study, "refs/pull/") == {}
    assert not fetches(hub, small.lost)
    assert not fetches(hub, blob)
    assert fetches(hub, small.tip)
    assert status(server, page)[0] == 404
    requester = hub.pygithub().requester
    for path in (f"git/commits/{small.lost}", f"git/blobs/{blob}"):
        assert requester.requestJson("GET", f"/repos/example-org/study/{path}")[0] == 404
    assert hub.git("clone", hub.url(), str(hub.folder / "after")).returncode == 0


def test_a_page_that_was_looked_at_is_shown_after_the_objects_are_gone(hub: Served) -> None:
    small, server = hub.small, hub.server
    for fork in (small.grandfork, small.fork):
        small.world.delete(fork)
    for ref in gitstore.refs(small.study, "refs/pull/"):
        gitstore.set_ref(small.study, ref, None)
    page = f"/example-org/study/commit/{small.lost}"
    assert status(server, page)[0] == 200
    gitstore.collect_garbage(small.world.hub, small.study.network)
    assert not fetches(hub, small.lost)
    assert status(server, page)[0] == 200
    support.act(small.world.hub, small.study, [small.lost])
    assert status(server, page)[0] == 404


def test_deleting_refs_alone_leaves_everything_served(hub: Served) -> None:
    for ref in gitstore.refs(hub.small.study, "refs/pull/"):
        gitstore.set_ref(hub.small.study, ref, None)
    for ref in gitstore.refs(hub.small.fork, "refs/"):
        gitstore.set_ref(hub.small.fork, ref, None)
    assert fetches(hub, hub.small.lost)


def test_former_forks_still_serve_what_the_private_repository_hides(hub: Served) -> None:
    hub.githubkit().rest.repos.update("example-org", "study", visibility="private")
    assert not fetches(hub, hub.small.lost)
    assert fetches(hub, hub.small.lost, "eve/study")
    assert fetches(hub, hub.small.lost, "fay/study-again")
    assert fetches(hub, hub.small.lost, token=hub.small.token)
    for ref in gitstore.refs(hub.small.study, "refs/pull/"):
        gitstore.set_ref(hub.small.study, ref, None)
    done = support.act(hub.small.world.hub, hub.small.study, [hub.small.lost])
    assert done.refused is None
    assert not fetches(hub, hub.small.lost, token=hub.small.token)
    assert fetches(hub, hub.small.lost, "eve/study")


def test_a_wiki_or_a_fork_of_a_private_repository_goes_with_it(hub: Served) -> None:
    small = hub.small
    kit = hub.githubkit().rest.repos
    kit.update("example-org", "study", visibility="private")
    private = small.world.fork(small.study, small.people["bea"])
    assert private.visibility == "private"
    kit.delete("example-org", "study")
    assert private.id not in small.world.hub.repositories
    assert small.fork.id in small.world.hub.repositories


def test_a_large_push_arrives_in_pieces(hub: Served, clone: Path) -> None:
    free(hub)
    noise = b"".join((number * 2654435761 % 2**32).to_bytes(4, "big") for number in range(600_000))
    (clone / "large.bin").write_bytes(noise)
    new = commit(hub, clone, "small.md")
    hub.git("add", "large.bin", cwd=clone)
    hub.git("commit", "--quiet", "--amend", "--no-edit", cwd=clone)
    pushed = hub.git("push", hub.url(hub.small.token), "main", cwd=clone)
    assert pushed.returncode == 0, pushed.stderr
    new = hub.git("rev-parse", "HEAD", cwd=clone).stdout.strip()
    assert gitstore.branches(hub.small.study)["main"] == new


def test_t54_the_log_of_the_stand_in_names_people_and_no_tokens(hub: Served, clone: Path) -> None:
    free(hub)
    hub.git("push", hub.url(hub.small.token), "main", cwd=clone)
    assert hub.server.log[-1].login == "ada"
    assert hub.small.token not in repr(hub.server.log)


def test_t56_reading_by_git_counts_as_no_write(hub: Served, clone: Path) -> None:
    fetches(hub, hub.small.lost)
    assert hub.server.writes == []
    free(hub)
    hub.git("push", hub.url(hub.small.token), "main", cwd=clone)
    assert [one.path for one in hub.server.writes] == ["/example-org/study.git/git-receive-pack"]
