"""The steps of a guided response that are a command, or its plan and then the command."""

from collections.abc import Sequence

from breachkit.incident.guards import Action, missing, refusal
from breachkit.model.ids import display
from breachkit.workflows import case_files
from breachkit.workflows.held import still_held
from breachkit.workflows.next_action import name_to_type
from breachkit.workflows.purging import is_on_platform
from breachkit.workflows.respond_mails import write_and_send
from breachkit.workflows.respond_sitting import LEFT_ALONE, Sitting
from breachkit.workflows.watch_refs import is_pushed, keep_for_watching


_ASKED = {
    "restrict": Action.CONTAIN,
    "rewrite": Action.REWRITE,
    "push": Action.PUSH,
    "restore": Action.RESTORE,
}
"""Whose guards have to let a change pass."""

_NOTHING_CHOSEN = 3
"""How `scope` ends where nothing is found that has to go by itself, and nothing was named."""

_CAN_GO_ON = frozenset({0, 5})
"""Codes of a plan that can be carried out: whole, or with something in it that could not be read."""


def plan_then_act(sitting: Sitting, words: Sequence[str]) -> int | None:
    """Show the plan of a change, ask for the name to be typed, and carry it out.

    Gives None where nothing was changed.
    """
    verb, options = words[0], _options(sitting, words[0])
    plan = sitting.on_case(verb, *options)
    code = sitting.run(plan)
    lacking = missing(sitting.incident, _ASKED[verb]) if sitting.incident.is_open else ()
    if code in _CAN_GO_ON and lacking:
        sitting.talk.say("", *refusal(sitting.incident, _ASKED[verb], lacking).split("\n"))
    if code not in _CAN_GO_ON or lacking:
        return code
    name = name_to_type(sitting.incident)
    if name is None:
        return code
    if not sitting.talk.typed_in_full(name):
        sitting.talk.say(
            LEFT_ALONE + " The plan is there; it is shown anew before it is asked again."
        )
        return None
    return sitting.run((*plan, "--execute", "--confirm", name))


def _options(sitting: Sitting, verb: str) -> tuple[str, ...]:
    """Ask for what only people know about a change."""
    if verb != "restrict":
        return ()
    given = sitting.talk.text(
        "Who may handle the data and keeps their access? Account names with commas between them; "
        "leave it, and nobody from outside does. The plan names whom it would shut out; nothing is done "
        "before you have read it."
    )
    logins = [each.strip().removeprefix("@") for each in given.split(",")]
    return tuple(word for login in logins if login for word in ("--authorised", login))


def search(sitting: Sitting) -> int | None:
    """Search the history; where nothing that is grave is found, ask what is meant."""
    code = sitting.run(sitting.on_case("scope"))
    if code != _NOTHING_CHOSEN:
        return code
    options = (
        "the file that was reported: I know its path",
        "every file with a finding of medium severity or worse",
        "no file: only words of a commit's message, or names",
    )
    chosen = sitting.talk.choice("What has to go?", options)
    if chosen is None:
        sitting.talk.say(LEFT_ALONE + " `breachkit scan` shows every finding.")
        return None
    if chosen == 0:
        path = sitting.talk.text("Its path in the repository, as in `git log`.")
        return sitting.run(sitting.on_case("scope", "--path", path)) if path else None
    more = ("--severity", "medium") if chosen == 1 else ("--no-files",)
    return sitting.run(sitting.on_case("scope", *more))


def have_it_removed(sitting: Sitting, words: Sequence[str]) -> int | None:
    """Look again where the server is one's own and rid of it, or write what to ask of who runs it.

    Args:
        sitting: In which.
        words: Of the command that writes it.
    """
    if is_on_platform(sitting.incident):
        return write_and_send(sitting, words)
    answers = (
        "we do: the commands above were run there, so look again whether it is gone",
        "somebody else does: write down what to ask of them, in the words of GitHub's form",
    )
    chosen = sitting.talk.choice("Who runs the server?", answers)
    if chosen is None:
        sitting.talk.say(LEFT_ALONE)
        return None
    return sitting.run(sitting.on_case("verify")) if chosen == 0 else write_and_send(sitting, words)


def settle_backup(sitting: Sitting) -> int | None:
    """Ask what becomes of the backup, and of all else in the case's folder that holds the data."""
    there = still_held(sitting.case)
    if there:
        sitting.talk.say("", "The case's folder still holds the data. They are in:")
        sitting.talk.show([(f"  {display(str(path))}",) for path in there])
        _keep_for_later(sitting)
        sitting.talk.say(
            "Nothing brings back what you delete. Lists of ids stay in private/: `breachkit watch`, usual for 90 "
            "days, and `breachkit verify-clone` go by them. What outlives private/, too: `breachkit verifier --seal`."
        )
    answers = ("all of it is deleted: I did that", "it is kept until a day, for a reason")
    chosen = sitting.talk.choice("What becomes of the backup and the rest?", answers)
    if chosen is None:
        sitting.talk.say(LEFT_ALONE)
        return None
    answer = "destroyed" if chosen == 0 else "{day}"
    template = f'breachkit decide retention --answer {answer} --by {{by}} --reason "{{reason}}" --case {{case}}'
    return sitting.fill_and_run(sitting.command(template))


def _keep_for_later(sitting: Sitting) -> None:
    """Keep what late clones are compared with, in a case that was pushed before that was kept by itself."""
    is_there = case_files.has_mirror(sitting.case)
    if is_there and is_pushed(sitting.case):
        keep_for_watching(sitting.case)


def settle_access(sitting: Sitting) -> int | None:
    """Ask whether a repository that breachkit did not open is open again, or stays closed."""
    answers = (
        "it is as it was before: somebody gave access back by hand, or it was never closed",
        "it stays private for good: the controller decided so",
        "it is deleted: the controller decided so",
    )
    chosen = sitting.talk.choice("Is the repository open again?", answers)
    if chosen is None:
        sitting.talk.say(LEFT_ALONE)
        return None
    return sitting.fill_and_run(sitting.command(_ACCESS[chosen]))


_STAYS = 'breachkit decide stays-closed --answer {word} --by {{by}} --reason "{{reason}}" --case {{case}}'
_ACCESS = (
    'breachkit checklist tick F04 --evidence "{evidence}" --case {case}',
    _STAYS.format(word="private"),
    _STAYS.format(word="deleted"),
)


def tick_items(sitting: Sitting) -> int | None:
    """Show what is left on the checklist, and take what is done."""
    code: int | None = sitting.run(sitting.on_case("checklist", "show"))
    while True:
        item = sitting.talk.text("Which item is done? Its id, such as A05.")
        if not item:
            return code
        evidence = sitting.talk.text("What shows it? Who did it and when; nothing out of the data.")
        if not evidence:
            sitting.talk.say(LEFT_ALONE)
            return code
        words = sitting.on_case("checklist", "tick", item, "--evidence", evidence)
        if sitting.agreed(words):
            code = sitting.run(words)
