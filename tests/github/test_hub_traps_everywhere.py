"""Two promises about every command that reaches the platform: nobody sees the token, and plans change nothing.

The commands are run in the order of an incident, against a platform that answers, one that takes the
token for none, and one that ends every connection.
"""

import base64
import contextlib
import logging
import subprocess
from pathlib import Path

import pytest
from typer.main import get_command

from breachkit.cli.app import program
from breachkit.drill.hub.faults import Effect, Fault
from breachkit.drill.hub.world import CLASSIC_SCOPES
from breachkit.workflows import changing
from tests.support.command_line import OUTPUT, SMALL_COUNTS
from tests.support.containing import CONFIRMED, NAME, Responder, files


FIRST = "the first case"
FOLDER = "the folder of a release"
"""Stands for its id."""
CANARY = "ghp_quokka7731quokka7731quokka7731quok"
CONTACTS = Path(__file__).parents[1] / "support" / "contacts.toml"
TABLE = OUTPUT.decode()


def _leaves(command, name=()):
    children = getattr(command, "commands", None)
    if children is None:
        yield " ".join(name), {option for each in command.params for option in each.opts}
        return
    for child, inner in children.items():
        yield from _leaves(inner, (*name, child))


PLANNING = {
    name for name, options in _leaves(get_command(program())) if {"--execute", "--confirm"} <= options
}  # fmt: skip
REACHING = {
    name for name, options in _leaves(get_command(program())) if {"--github-api"} & options
}  # fmt: skip


def story(url):
    """Give every command that reaches the platform or its git: a false alarm, then an incident."""
    yield ["scan", url, "-vv"]
    yield from (["doctor", "--target", url, "-vv"], ["doctor", "--target", NAME, "--json"])
    yield from (["sweep", "example-org", "-vv"], ["sweep", "example-org", "--json"])
    yield from plans(
        "release", FOLDER, "--to", url, "--by", "Jo <jo@example.org>", "--checked-by", "Jo"
    )
    yield from (["snapshot", "-vv"], ["snapshot", "--fast", "--json"])
    yield from plans("restrict", "--team", "analysts")
    yield ["restrict", *CONFIRMED, "-vv"]
    yield from (["watch", "-vv"], ["watch", "--json"])
    yield ["close", "--false-alarm", "--reason", "none", "--decided-by", "Jo"]
    yield from plans("restore", "--case", FIRST)
    yield ["restore", *CONFIRMED, "-vv", "--case", FIRST]

    yield ["open", url, "--contacts", CONTACTS, "--path", TABLE]
    yield ["notify", "render", "alert", "-vv"]
    yield from plans("notify", "send", "--all-waiting", "--from", "Jo <jo@example.org>")
    yield ["notify", "mark-sent", "N-001", "--by", "Jo"]
    yield ["restrict", *CONFIRMED, "--json"]
    yield ["scope", "-vv", "--path", TABLE]
    yield ["scope", "--json"]
    yield from plans("rewrite")
    yield ["rewrite", *CONFIRMED, "-vv", "--override", "nobody else pushes"]
    yield from plans("push")
    yield from (["verify", "-vv"], ["trace", "-vv"])
    yield ["push", *CONFIRMED, "-vv"]
    yield from (["verify", "--json"], ["verify", "--server", "-vv"])
    yield from (["trace", "-vv"], ["trace", "--json"])
    yield from (["status", "--json"], ["log", "show"])
    yield from (["respond"], ["respond", "--dry-run", "--json"])


def plans(*command):
    """Give a command as it is run before it is confirmed, and where its confirmation is wrong."""
    yield [*command, "-vv"]
    yield [*command, "--json"]
    yield [*command, "--execute"]
    yield [*command, "--execute", "--confirm", "example-org/other"]


class Everybody(Responder):
    """Runs the story, and looks at whatever others could see."""

    def __init__(self, hub, breachkit, monkeypatch):
        world = hub.small.world
        world.hub.tokens[CANARY] = hub.login("ada").id
        world.hub.scopes[CANARY] = CLASSIC_SCOPES
        world.commit(hub.small.study, {TABLE: SMALL_COUNTS}, author=hub.login("ada"))
        super().__init__(hub, breachkit, monkeypatch)
        monkeypatch.setattr(changing, "PAUSES_S", ())
        self.use(CANARY)
        self.started = []
        self.processes = set()
        self._watch_processes()

    def _watch_processes(self):
        popen, answer = subprocess.Popen.__init__, self.hub.server.answer

        def started(popen_self, args, *rest, **more):
            self.started.append(repr(args))
            popen(popen_self, args, *rest, **more)

        def answered(request):
            self.processes |= set(command_lines())
            return answer(request)

        self.monkeypatch.setattr(subprocess.Popen, "__init__", started)
        self.monkeypatch.setattr(self.hub.server, "answer", answered)

    def runs(self):
        """Run the story; give each command with what it gave back and the changes it sent."""
        first = self.case.incident.id
        for args in story(self.hub.url()):
            named = {FIRST: first, FOLDER: str(self.released())}
            given = [named.get(each, each) for each in args]
            before = len(self.hub.server.writes)
            ran = self.run(*given)
            yield args, ran, self.hub.server.writes[before:]

    def released(self):
        """Give a folder that passes the check before a release."""
        folder = self.run.home.parent / "release"
        folder.mkdir(exist_ok=True)
        (folder / "by_region.csv").write_text("region,patients\nNorth,120\nSouth,340\nEast,560\n")
        return folder

    def everything(self):
        """Give whatever others could see, by where they could see it."""
        server = self.hub.server
        yield "terminal", "".join(self.run.printed)
        yield "arguments of processes", "\n".join(self.started)
        yield "list of processes", "\n".join(self.processes)
        for each in server.log:
            yield f"address {each.method} {each.path}", f"{each.path} {each.query}"
            yield f"body {each.method} {each.path}", each.body.decode("latin-1")
        for path in files(self.run.home):
            yield str(path), path.read_bytes().decode("latin-1")


def command_lines():
    """Give the command line of every process of this machine, where the system shows them."""
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            yield process.read_bytes().decode("latin-1")


def forms():
    """Give the token as it is, and as it stands in a header that git sends."""
    yield CANARY
    for before in ("x-access-token:", "x:", "ada:"):
        yield base64.b64encode(f"{before}{CANARY}".encode()).decode().rstrip("=")[:-2]


def leaks(text):
    return [form for form in forms() if form in text]


@pytest.fixture
def jo(hub, breachkit, monkeypatch):
    return Everybody(hub, breachkit, monkeypatch)


def test_the_search_for_the_token_can_find_it():
    pair = base64.b64encode(f"x-access-token:{CANARY}".encode()).decode()

    assert leaks(f"https://x:{CANARY}@git.example.org") == [CANARY]
    assert len(leaks(f"Authorization: Basic {pair}")) == 1
    assert leaks("ghp_another") == []


def test_every_command_that_reaches_the_platform_is_in_the_story():
    told = {" ".join(map(str, args)) for args in story("URL")}
    begun = {name for name in REACHING | PLANNING if any(each.startswith(name) for each in told)}

    assert {"push", "restore", "restrict", "rewrite"} <= PLANNING
    assert {"restore", "restrict", "snapshot", "watch"} <= REACHING
    assert begun == REACHING | PLANNING


def seen_by_nobody(jo, caplog):
    assert {place: leaks(text) for place, text in jo.everything() if leaks(text)} == {}
    assert leaks(caplog.text) == []


def test_t54_t56_nobody_sees_the_token_and_whatever_is_not_confirmed_sends_no_change(jo, caplog):
    caplog.set_level(logging.DEBUG)
    sent, codes = {}, {}
    for args, ran, writes in jo.runs():
        assert ran.code not in {1, 2}, (args, ran.err)
        if not {*CONFIRMED} <= {*map(str, args)}:
            assert [(each.method, each.path) for each in writes] == [], args
        sent[" ".join(map(str, args))] = len(writes)
        codes[args[0]] = ran.code

    assert [codes[name] for name in ("scope", "rewrite", "push", "trace")] == [0, 0, 0, 0]
    assert codes["verify"] == 7  # nobody let go of what no ref reaches
    seen_by_nobody(jo, caplog)
    assert any("ls-remote" in each for each in jo.started)
    assert any("example-org/study" in each for each in jo.processes)
    assert sent[f"restrict {' '.join(CONFIRMED)} -vv"] > 5
    assert sent[f"push {' '.join(CONFIRMED)} -vv"] > 2
    assert sent[f"restore {' '.join(CONFIRMED)} -vv --case {FIRST}"] > 5


@pytest.mark.parametrize("platform", ["takes the token for none", "ends connections"])
def test_t54_nobody_sees_the_token_where_nothing_works(jo, caplog, platform):
    caplog.set_level(logging.DEBUG)
    if platform == "takes the token for none":
        del jo.hub.small.world.hub.tokens[CANARY]
    if platform == "ends connections":
        jo.hub.server.faults.add(Fault(effect=Effect.RESET, path="/api/.*", times=10**6))
    for args, ran, writes in jo.runs():
        assert ran.code not in {1, 2}, (args, ran.err)
        assert "Traceback" not in ran.err, args
        assert [each for each in writes if each.status in range(200, 300)] == []

    seen_by_nobody(jo, caplog)


def test_t54_a_token_in_the_url_that_a_case_is_opened_on_is_kept_nowhere(jo, caplog):
    caplog.set_level(logging.DEBUG)
    jo.monkeypatch.delenv("BREACHKIT_GITHUB_TOKEN")
    url = jo.hub.url(CANARY)
    jo.run("open", "--another", url, "-vv")
    jo.run("scan", url, "-vv", "--json")

    seen_by_nobody(jo, caplog)
