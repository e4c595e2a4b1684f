"""Every screen that a person meets, in the order of a response on the practice world."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from breachkit.drill import acts
from breachkit.drill.plaingit import clone
from breachkit.drill.stage import Scene
from tests.screens.terminal import Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """A command whose screen is wanted."""

    name: str
    args: tuple[str, ...]
    """May name places of the world in braces."""
    code: int = 0
    """How it has to end."""
    answers: tuple[Answer, ...] = ()
    before: Callable[[Scene], object] | None = None
    """What happens in the world first."""
    environment: Mapping[str, str] = field(default_factory=dict)
    looks: bool = True
    """It changes nothing, so that it can be played again as others see it."""
    needed: bool = False
    """What comes later needs it."""
    later_h: int = 0
    """How many hours have passed since the one before."""


def _shot(name: str, *args: str, code: int = 0, **more: object) -> Shot:
    return Shot(name=name, args=args, code=code, **more)  # type: ignore[arg-type]


def _act(name: str, *args: str, code: int = 0, **more: object) -> Shot:
    return _shot(name, *args, code=code, looks=False, needed=True, **more)


def _play(act: Callable[[Scene], object]) -> Callable[[Scene], object]:
    """Let something happen whose words nobody needs."""
    return lambda scene: list(act(scene))  # type: ignore[call-overload]


def _folders(scene: Scene) -> None:
    """Make folders of outputs: one that may be released, one that may not."""
    good, bad = (scene.world.folder / name for name in ("outputs-good", "outputs-bad"))
    for folder in (good, bad):
        (folder / "tables").mkdir(parents=True)
        (folder / "README.md").write_text("# Outputs\n\nCounts of patients by region, rounded.\n")
    (good / "tables" / "by_region.csv").write_text("region,patients\nNorth,120\nSouth,95\n")
    (bad / "tables" / "by_region.csv").write_text(
        "region,sex,patients\nNorth,F,120\nNorth,M,3\nSouth,F,95\nSouth,M,88\nEast,F,64\nEast,M,2\n"
    )
    (bad / "tables" / "extract.csv").write_text(
        "patient_id,sex,age,died\n"
        + "".join(f"{90000 + n},F,{40 + n % 50},{n % 2}\n" for n in range(60))
    )
    (bad / "model.pkl").write_bytes(b"\x80\x04N.")


def _clone(scene: Scene) -> None:
    """Clone the study as it is now."""
    clone(scene.world.server.git_dir, scene.world.folder / "fresh")


WORDS: Sequence[Shot] = (
    _shot("help", "--help"),
    _shot("help-scan", "scan", "--help"),
    _shot("help-notify", "notify", "--help"),
    _shot("help-rewrite", "rewrite", "--help"),
    _shot("no-command", code=2),
    _shot("explain", "explain", "CNT-01"),
    _shot("config", "config", "show", "--origin"),
)

RESPONSE: Sequence[Shot] = (
    _shot("doctor", "doctor"),
    _shot("status-none", "status", code=3),
    _shot("next-none", "next", code=3),
    _shot("scan-findings", "scan", "{server}", code=14),
    _shot("scan-verbose", "scan", "{server}", "-v", code=14),
    _act(
        "open",
        *("open", "{server}", "--kind", "suspected", "--path", "output/tables/death_by_sex.csv"),
        *("--found-by", "Ben Okafor", "--contacts", "{contacts}"),
    ),
    _shot("status-opened", "status"),
    _shot("next-opened", "next"),
    _act("notify-render", "notify", "render", "alert"),
    _shot("notify-list", "notify", "list"),
    _shot("notify-preview", "notify", "send", "--all-waiting"),
    _act(
        "notify-send",
        *("notify", "send", "--all-waiting", "--execute"),
        *("--confirm", "{case}", "--by", "Ada Hartley"),
    ),
    _act("notify-ack", "notify", "ack", "N-001", "--by", "Ada Hartley"),
    _shot("notify-chase", "notify", "chase", "N-002", later_h=1),
    _act("snapshot", "snapshot"),
    _shot("restrict-plan", "restrict", needed=True),
    _act("restrict", "restrict", "--execute", "--confirm", "{name}"),
    _act("scope", "scope"),
    _act("amend", "amend", "engineer", "Ada Hartley"),
    _act("notify-freeze", "notify", "render", "freeze"),
    _act("mark-sent", "notify", "mark-sent", "N-003", "--by", "Ada Hartley"),
    _act("mark-sent-2", "notify", "mark-sent", "N-004", "--by", "Ada Hartley"),
    _shot("status-middle", "status", later_h=20),
    _shot("next-middle", "next"),
    _shot("rewrite-plan", "rewrite", needed=True),
    _act("rewrite", "rewrite", "--execute", "--confirm", "{name}"),
    _shot("push-unconfirmed", "push", "--execute", "--confirm", "wrong/name", code=6),
    _shot("push-plan", "push", needed=True),
    _act("push", "push", "--execute", "--confirm", "{name}"),
    _act("verify-7", "verify", code=7),
    _act("notify-support", "notify", "render", "support"),
    _act("mark-sent-3", "notify", "mark-sent", "N-005", "--by", "Ada Hartley"),
    _act("verify-fork", "verify", "--server", code=7, before=_play(acts.ask_support)),
    _act("verify-0", "verify", before=_play(acts.ask_fork_owner), later_h=30),
    _act("trace", "trace", "--allow", "{archives}"),
    _shot("copies-list", "copies", "list"),
    _shot("copies-show", "copies", "show", "K-001"),
    _act("notify-holders", "notify", "render", "holders"),
    _shot("checklist", "checklist", "show"),
    _shot("status-late", "status", later_h=40),
    _shot("next-late", "next"),
    _shot("close-refused", "close", "--reason", "done", "--decided-by", "Ada Hartley", code=6),
    _shot("log", "log", "show", "--last", "12"),
    _shot("log-verify", "log", "verify"),
    _shot("report", "report", "--audience", "internal", "--format", "md"),
    _shot("evidence", "evidence", "list"),
    _act(
        "holders-sent",
        *("notify", "send", "--all-waiting", "--execute"),
        *("--confirm", "{case}", "--by", "Ada Hartley"),
    ),
    _act("verify-again", "verify", "--server", "--again", before=_play(acts.answer_all)),
    _shot("restore-plan", "restore", needed=True),
    _act("restore", "restore", "--execute", "--confirm", "{name}"),
    _shot("status-end", "status"),
    _shot("scan-clean", "scan", "{folder}/fresh", before=_clone, needed=True),
    _shot("status-all", "status", "--all"),
    _shot("watch", "watch"),
)

RESPOND: Sequence[Shot] = (
    _shot("respond-dry-run", "respond", "{server}", "--dry-run", "--contacts", "{contacts}"),
    _shot(
        "respond",
        *("respond", "{server}", "--contacts", "{contacts}"),
        answers=tuple(
            Answer(after=after, typed=typed)
            for after, typed in (
                ("[y/n]", "y\n"),
                ("leave it out; n: stop) >", "\n"),
                ("leave it out; n: stop) >", "Ada Hartley\n"),
                ("[y/n]", "n\n"),
            )
        ),
    ),
)

OUTPUTS: Sequence[Shot] = (
    _shot("check-findings", "check", "{folder}/outputs-bad", code=14, before=_folders, needed=True),
    _shot("check-clean", "check", "{folder}/outputs-good"),
    _act("redact", "redact", "{folder}/outputs-bad/tables/by_region.csv"),
    _shot("redact-refused", "redact", "{folder}/outputs-bad/tables/extract.csv", code=5),
    _shot("release-refused", "release", "{folder}/outputs-bad", "--to", "{folder}/fresh", code=6),
    _shot("request", "request", "{folder}/outputs-good"),
    _act("guard", "guard", "install", "{folder}/fresh"),
    _shot("verify-clone", "verify-clone", "{folder}/colleague/study-practice", code=7),
    _act("sweep", "sweep", "{folder}/repositories.txt", code=14),
    _act("sweep-again", "sweep", "{folder}/repositories.txt"),
    _act("drill", "drill"),
)

ERRORS: Sequence[Shot] = (
    _shot("error-typo", "scna", ".", code=2),
    _shot("error-option", "close", code=2),
    _shot("error-path", "scan", "/no/such/place", code=3),
    _shot("error-network", "scan", "http://127.0.0.1:9/asthma/study-practice.git", code=5),
    _shot("error-rule", "explain", "XXX-99", code=2),
    _shot("error-acceptances", "scan", ".", "--acceptances", "{contacts}", code=3),
    _shot("error-token", "snapshot", code=4, environment={"BREACHKIT_GITHUB_TOKEN": "ghp_wrong"}),
    _shot(
        "error-mail",
        *("notify", "send", "N-002", "--execute", "--confirm", "{case}"),
        code=6,
    ),
    _shot("error-case", "status", "--case", "BK-1999-0001", code=3),
    _shot("error-undone", "restore", "--execute", "--confirm", "{name}", code=3),
)
