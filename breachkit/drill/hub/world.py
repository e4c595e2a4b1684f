r"""Builds a hub: accounts, tokens, repositories with real git, forks of forks, pull requests.

    world = HubWorld(folder, clock)
    org = world.organisation("example-org", plan="team")
    admin = world.person("ada")
    study = world.repository(org, "study", files={"README.md": b"A study.\n"})
    with world.serve() as server:
        ...  # server.api, server.git_url("example-org/study"), world.token(admin)

What hangs on a repository, such as keys, hooks and protections, comes from `drill.hub.furnish`.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from breachkit.drill.fastimport import SCAFFOLD, Change, History, Person
from breachkit.drill.hub import gitstore, networks, operations, pulls, pushes
from breachkit.drill.hub.server import HubServer
from breachkit.drill.hub.state import (
    Account,
    Hub,
    Plan,
    PullRequest,
    Repository,
    Team,
    TokenLimits,
)
from breachkit.git.process import run_git
from breachkit.model.time import Clock


Files = Mapping[str, bytes]

CLASSIC_SCOPES = "admin:org, delete_repo, read:packages, repo"
_SETTLED = timedelta(days=400)
"""How long ago the repositories of a world were made."""


class HubWorld:
    """A hub while it is built.

    Args:
        folder: Where its git directories go; an absolute path to an existing folder.
        clock: The time that the hub goes by.
    """

    def __init__(self, folder: Path, clock: Clock) -> None:
        self.hub = Hub(folder, clock)

    def serve(self) -> HubServer:
        """Give the server of this hub, to be entered."""
        return operations.serve(self.hub)

    def person(self, login: str, *, name: str = "", email: str = "") -> Account:
        """Add a person."""
        number = self.hub.next_id()
        account = Account(
            id=number,
            login=login,
            name=name or login.title(),
            email=email or f"{login}@example.org",
        )
        self.hub.accounts[number] = account
        return account

    def token(
        self,
        person: Account,
        *,
        scopes: str | None = CLASSIC_SCOPES,
        limits: TokenLimits | None = None,
    ) -> str:
        """Give a person a token.

        Args:
            person: Whose it is.
            scopes: Of a classic token; None makes a fine-grained one.
            limits: What it may not do that its person may.
        """
        kind = "github_pat" if scopes is None else "ghp"
        token = f"{kind}_{person.login}{self.hub.next_id()}"
        self.hub.tokens[token] = person.id
        if scopes is not None:
            self.hub.scopes[token] = scopes
        if limits is not None:
            self.hub.limits[token] = limits
        return token

    def organisation(
        self,
        login: str,
        *,
        plan: Plan = "team",
        base_permission: str = "read",
        admins: Iterable[Account] = (),
        members: Iterable[Account] = (),
    ) -> Account:
        """Add an organisation with its people."""
        number = self.hub.next_id()
        account = Account(
            id=number,
            login=login,
            name=login.title(),
            plan=plan,
            is_organisation=True,
            base_permission=base_permission,
        )
        account.members |= {one.id: "member" for one in members}
        account.members |= {one.id: "admin" for one in admins}
        self.hub.accounts[number] = account
        return account

    def team(
        self, organisation: Account, slug: str, members: Iterable[Account], roles: Mapping[int, str]
    ) -> Team:
        """Add a team; `roles` is what it may do, by the id of a repository."""
        made = Team(
            id=self.hub.next_id(),
            slug=slug,
            name=slug.replace("-", " ").title(),
            members={one.id for one in members},
            repositories=dict(roles),
        )
        organisation.teams[slug] = made
        return made

    def repository(
        self,
        owner: Account,
        name: str,
        *,
        source: Path | None = None,
        files: Files | None = None,
        visibility: Literal["public", "private", "internal"] = "public",
        default_branch: str = "main",
    ) -> Repository:
        """Add a repository.

        Args:
            owner: A person or an organisation.
            name: Without the owner.
            source: A bare repository whose objects and refs it gets, pull requests' refs too.
            files: What its first commit holds, where there is no source; none leaves it empty.
            visibility: Who may see it.
            default_branch: What `HEAD` names.
        """
        number, network = self.hub.next_id(), self.hub.next_id()
        made = Repository(
            id=number,
            owner=owner,
            name=name,
            git_dir=gitstore.create(self.hub.folder, network, number, default_branch),
            network=network,
            created_at=self.hub.clock.now() - _SETTLED,
            pushed_at=None,
            visibility=visibility,
            default_branch=default_branch,
        )
        self.hub.repositories[number] = made
        if source is not None:
            gitstore.add_objects(self.hub.folder, network, source)
            gitstore.write_refs(made.git_dir, gitstore.refs_of(source))
            made.pushed_at = self.hub.clock.now()
        if files:
            self.commit(made, files)
        return made

    def fork(
        self,
        parent: Repository,
        owner: Account,
        *,
        name: str | None = None,
        files: Files | None = None,
        created_at: datetime | None = None,
    ) -> Repository:
        """Fork a repository, and commit to the fork where it has `files` of its own."""
        made = networks.make_fork(self.hub, parent, owner, name=name or parent.name)
        made.created_at = created_at or made.created_at
        forkee = {"forkee": {"id": made.id, "full_name": made.full_name}}
        parent.events.append(pushes.event(self.hub, owner, "ForkEvent", forkee))
        if files:
            self.commit(made, files, author=owner)
        return made

    def commit(
        self,
        repository: Repository,
        files: Files,
        *,
        branch: str = "",
        message: str = "Change files",
        author: Account | None = None,
        delete: Iterable[str] = (),
    ) -> str:
        """Commit to a branch as a push would, and give the id.

        Args:
            repository: Where.
            files: What is written, by path.
            branch: The default branch unless given; made from that one where it is new.
            message: Of the commit.
            author: Of the commit; the owner unless given.
            delete: Paths to take away.
        """
        who = author or repository.owner
        before = gitstore.refs(repository)
        chosen = branch or repository.default_branch
        start = before.get(f"refs/heads/{chosen}") or before.get(
            f"refs/heads/{repository.default_branch}"
        )
        change = Change(
            message=message,
            author=Person(name=who.name, email=who.email or f"{who.login}@example.org"),
            when=self.hub.clock.now(),
            write=files,
            delete=tuple(delete),
        )
        history = History()
        mark = history.commit(change)
        history.ref(f"refs/heads/{chosen}", mark)
        stream = history.take()
        if start is not None:
            stream = stream.replace(b"deleteall\n", f"from {start}\n".encode(), 1)
        self._import(repository, stream)
        pushes.record(self.hub, repository, who, before, gitstore.refs(repository))
        return gitstore.branches(repository)[chosen]

    def replace_tip(self, repository: Repository, files: Files, *, author: Account) -> str:
        """Replace the last commit of the default branch by a force-push, and give the new one's id."""
        ref = f"refs/heads/{repository.default_branch}"
        before = gitstore.refs(repository)
        parent = gitstore.resolve(repository, f"{before[ref]}~1")
        gitstore.set_ref(repository, ref, parent)
        tip = self.commit(repository, files, author=author)
        del repository.activity[-1:], repository.events[-1:]
        pushes.record(self.hub, repository, author, before, gitstore.refs(repository))
        return tip

    def branch(self, repository: Repository, name: str) -> None:
        """Add a branch where the default branch is."""
        tip = gitstore.branches(repository)[repository.default_branch]
        gitstore.set_ref(repository, f"refs/heads/{name}", tip)

    def pull(
        self,
        base: Repository,
        source: Repository,
        branch: str,
        *,
        title: str = "A change",
        author: Account | None = None,
        body: str = "",
        state: Literal["open", "closed"] = "open",
    ) -> PullRequest:
        """Add a pull request from a branch, of a fork or of the repository itself."""
        who = author or source.owner
        made = PullRequest(
            number=max(base.pulls, default=0) + 1,
            title=title,
            author=who.id,
            head_branch=branch,
            head_repository=source.id,
            base_branch=base.default_branch,
            head=gitstore.branches(source)[branch],
            created_at=self.hub.clock.now(),
            state=state,
            body=body,
        )
        return pulls.open_pull(self.hub, base, made)

    def adopt_pulls(self, base: Repository, author: Account) -> list[PullRequest]:
        """Add the pull requests whose refs a repository's source had, from forks that are gone."""
        refs = gitstore.refs(base, "refs/pull/")
        heads = {int(ref.split("/")[2]): oid for ref, oid in refs.items() if ref.endswith("/head")}
        for number, head in sorted(heads.items()):
            base.pulls[number] = PullRequest(
                number=number,
                title=f"Change {number}",
                author=author.id,
                head_branch=f"change-{number}",
                head_repository=None,
                base_branch=base.default_branch,
                head=head,
                created_at=self.hub.clock.now(),
                state="closed",
            )
        return list(base.pulls.values())

    def delete(self, repository: Repository) -> None:
        """Delete a repository, as its owner would."""
        networks.delete_repository(self.hub, repository)

    def rename(self, repository: Repository, name: str) -> None:
        """Rename a repository, which is found under its old name from now on as well."""
        repository.former_names.add(repository.full_name.lower())
        repository.name = name

    def transfer(self, repository: Repository, owner: Account) -> None:
        """Give a repository to another owner."""
        repository.former_names.add(repository.full_name.lower())
        repository.owner = owner

    def _import(self, repository: Repository, stream: bytes) -> None:
        environment = gitstore.writing_to(self.hub, repository)
        run_git(
            ["fast-import", "--quiet", "--force", "--done"],
            git_dir=repository.git_dir,
            stdin=stream,
            extra_env=environment,
        )
        gitstore.set_ref(repository, SCAFFOLD, None)
