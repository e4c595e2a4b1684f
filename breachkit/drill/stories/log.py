"""A log was released that prints rows of people; beside it lies a table that only looks bad."""

from collections.abc import Iterator
from dataclasses import replace

from breachkit.drill import acts, proofs, scans
from breachkit.drill.recover import PREFIX, Recovery, bring_back
from breachkit.drill.report import Check, CommandResult
from breachkit.drill.setting import Setting
from breachkit.drill.stage import Scene, Step
from breachkit.drill.stories import steps
from breachkit.drill.stories.furnishing import furnish_plainly
from breachkit.drill.stories.log_study import CLEAN_LOGS, LOG, PRACTICES, plant, write
from breachkit.drill.stories.story import DAYS_ONLY, Story


ACCEPTED = "accepted.toml"

_SETTING = Setting(
    planted=plant, write=write, brought_in="release-1", left_off="report", furnish=furnish_plainly
)
_WHY = "numbers of practices, not of people"


def _first_rows(content: bytes) -> tuple[str, ...]:
    lines = content.decode().splitlines()
    header = next(number for number, line in enumerate(lines) if "patient_id" in line)
    return tuple(lines[header : header + 2])


def _come_back(scene: Scene) -> Recovery:
    [log] = plant().files
    return bring_back(scene.world, ((LOG, log),), _first_rows)[0]


def _show_log(scene: Scene) -> Iterator[str]:
    recovery = _come_back(scene)
    yield f"$ {recovery.found_by}"
    yield from (f"  {subject}" for subject in recovery.subjects)
    yield f"$ {recovery.shown_by}"
    yield from (f"{PREFIX}{row}" for row in recovery.rows.reveal())


def _log_came_back(scene: Scene, _: CommandResult) -> Iterator[Check]:
    newest = scene.world.server.git("show", f"main:{LOG}")
    yield Check(name="the newest log has no rows of people", ok=not scene.detector.finds_in(newest))
    yield Check(name="and the whole log came back from its history", ok=_come_back(scene).complete)


def _scanned(scene: Scene, _: CommandResult) -> Iterator[Check]:
    """After the scan: the log was found, the other logs were not, and one alarm is false."""
    found = scans.loud_findings(scene)
    [log] = plant().files
    loud = {path: {one["severity"] for one in found if path in one["paths"]} for path in _paths()}
    rows = {one["rule"] for one in found if one["blob"] == log.blob}
    yield Check(name="found: the log, by its rows of people", ok="PAT-01" in rows)
    yield Check(name="the other logs are not reported", ok=not any(loud[one] for one in CLEAN_LOGS))
    yield Check(
        name="the table of practices is: it looks like small counts", ok=bool(loud[PRACTICES])
    )
    named = {path for one in found for path in one["paths"]}
    yield Check(name="and nothing else is", ok=named == {LOG, PRACTICES})


def _paths() -> tuple[str, ...]:
    return (LOG, PRACTICES, *CLEAN_LOGS)


def _chosen(scene: Scene, names: tuple[str, ...]) -> Iterator[Check]:
    yield proofs.server_untouched(scene)
    chosen = scans.paths_in_scope(scene)
    yield Check(name=f"what has to go: {' and '.join(names)}", ok=chosen == {*names})


def _both_chosen(scene: Scene, _: CommandResult) -> Iterator[Check]:
    yield from _chosen(scene, (LOG, PRACTICES))


def _log_chosen(scene: Scene, _: CommandResult) -> Iterator[Check]:
    yield from _chosen(scene, (LOG,))


def _not_accepted(scene: Scene, _: CommandResult) -> Iterator[Check]:
    written = (scene.world.handed_over / ACCEPTED).exists()
    yield Check(name="nothing was accepted", ok=not written)


def _pushed(scene: Scene, outcome: CommandResult) -> Iterator[Check]:
    """After the push: the table and the other logs are the very same, and so is the shortened log."""
    yield from acts.pushed_past_pulls(scene, outcome)
    before, after = scene.world.before, scene.world.server
    for path in _paths():
        same = before.lines("rev-parse", f"main:{path}") == after.lines("rev-parse", f"main:{path}")
        yield Check(name=f"the very same in main: {path}", ok=same)


def _fresh_clone_cries(scene: Scene, _: CommandResult) -> Iterator[Check]:
    held = scans.planted_in_clone(scene, scene.world.folder / acts.FRESH)
    yield Check(name="the clone holds no planted object", ok=not held)


def _accepted(scene: Scene, _: CommandResult) -> Iterator[Check]:
    text = (scene.world.handed_over / ACCEPTED).read_text(encoding="utf-8")
    yield Check(name="it says who accepted it, and why", ok="Ada Hartley" in text and _WHY in text)
    until = f"{scene.places['later']}"
    yield Check(name=f"and until when: {until}", ok=until in text)


_ACCEPT = ("--by", "Ada Hartley", "--until", "{later}", "--file", f"{{handed_over}}/{ACCEPTED}")

_STEPS = (
    Step(
        id="shortening-is-not-enough",
        title="Why a shorter log is not enough",
        words="A log was released beside the tables, because nobody reads logs. A shorter one was "
        "released as soon as somebody read it. This step alone shows practice values.",
        act=_show_log,
        prove=_log_came_back,
    ),
    replace(
        steps.SCAN,
        words="Two files raise the alarm, and two other logs do not. The scan cannot know what a person "
        "knows: read each file yourself, on your own machine, before you believe it or dismiss it.",
        expected=(14,),
        prove=_scanned,
    ),
    Step(
        id="explain",
        title="What does that rule mean?",
        words="Before you call an alarm false: what would make it true, and who can tell?",
        command=("explain", "CNT-01"),
    ),
    replace(
        steps.opened(kind="confirmed"),
        words="Rows of people are no suspicion. From now on everything is journalled and the clock of "
        "72 hours is visible.",
    ),
    steps.ALERT,
    steps.SEND,
    replace(
        steps.SCOPE,
        title="Find everything, and look twice at what is chosen",
        words="Without a person's word both files would go. One of them is a table of practices: "
        "public, and wanted in the paper.",
        prove=_both_chosen,
    ),
    Step(
        id="tempting",
        title="The wrong way out",
        words="It is tempting to accept the finding that hurts. That rows of people can be read is "
        "accepted by nobody in passing: code 6, and nothing is written.",
        command=(
            *("accept", "{server}", "F-0001", "--reason", "only a log"),
            *_ACCEPT,
        ),
        expected=(6,),
        prove=_not_accepted,
    ),
    Step(
        id="dismiss",
        title="Say who judged it, and why",
        words="Rosa, who answers for data protection, read the table: these are practices. Whoever "
        "asks in a year finds her name and the reason in the journal.",
        command=(
            *("decide", "finding", "--finding", "F-0002", "--answer", "dismissed"),
            *("--by", "Rosa Lindqvist", "--reason", _WHY),
        ),
    ),
    replace(
        steps.SCOPE,
        id="scope-without",
        title="Choose again, without it",
        words="Now the log goes, and the table stays.",
        command=("scope", "--exclude", "F-0002", "--reason", _WHY),
        prove=_log_chosen,
    ),
    steps.ENGINEER,
    steps.FREEZE_ALL,
    steps.frozen_all(3),
    steps.REWRITE_PLAN,
    steps.REWRITE,
    steps.PUSH_PLAN,
    replace(steps.PUSH, prove=_pushed),
    steps.VERIFY_NOT_YET,
    steps.SUPPORT,
    steps.support_sent(4),
    steps.SUPPORT_ACTS,
    steps.VERIFY,
    replace(
        steps.SCAN_AGAIN,
        title="The nightly scan still cries",
        words="The table is in its place, and so is the false alarm: every night, for everybody. Soon "
        "nobody reads it any more, and that is how the next log is missed.",
        expected=(13,),
        prove=_fresh_clone_cries,
    ),
    Step(
        id="accept",
        title="Accept the false alarm, by name and for a time",
        words="For this rule in this version of this file, and for nothing worse. When the day has "
        "come, somebody looks again.",
        command=("accept", f"{{folder}}/{acts.FRESH}", "F-0001", "--reason", _WHY, *_ACCEPT),
        prove=_accepted,
    ),
    Step(
        id="scan-accepted",
        title="And the nightly scan is quiet, until something new comes",
        words="",
        command=(
            *("scan", f"{{folder}}/{acts.FRESH}"),
            *("--acceptances", f"{{handed_over}}/{ACCEPTED}"),
        ),
    ),
    steps.LOG_VERIFY,
    steps.QUIET,
)

LOG_STORY = Story(
    name="log",
    teaches="Logs are outputs, too; and a false alarm beside a true one is judged by a person, by name "
    "and for a time, never by getting used to it.",
    seconds=10,
    opening="It is Thursday, before lunch. The scan that runs every night has written: two files of "
    "our study. One is a log that nobody reads. The other is in the paper.",
    ending="The log is gone with its rows, the table of practices is the very same, and who accepted it "
    "stands beside it.",
    setting=_SETTING,
    steps=_STEPS,
    not_practised=(
        "closing the repository, and opening it again",
        "tracing copies and asking their holders",
        *DAYS_ONLY,
    ),
)
