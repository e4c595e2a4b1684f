"""What happens in the drill's story beside the commands, and what is looked up after each step."""

from collections.abc import Iterable, Iterator

from breachkit.drill import arrivals, hosting, proofs, scans
from breachkit.drill.guess import guess
from breachkit.drill.hosting import platform_of
from breachkit.drill.hub import networks
from breachkit.drill.plaingit import clone
from breachkit.drill.planted import plant
from breachkit.drill.recover import PREFIX, recover
from breachkit.drill.report import Check, CommandResult
from breachkit.drill.stage import Scene
from breachkit.drill.support import act_on_request
from breachkit.report.words import counted


FRESH = "fresh"
CHECKLIST = "checklist.md"
CONTACTS = ("incidents@example.org", "dpo@example.org")


def show_recovery(scene: Scene) -> Iterator[str]:
    """Show the value; everything that holds data carries the prefix."""
    for recovery in recover(scene.world):
        yield f"$ git ls-tree --name-only main {recovery.path}"
        yield "  (nothing: the newest commit looks clean)"
        yield f"$ {recovery.found_by}"
        yield from (f"  {subject}" for subject in recovery.subjects)
        yield f"$ {recovery.shown_by}"
        yield from (f"{PREFIX}{row}" for row in recovery.rows.reveal())


def recovered(scene: Scene, _: CommandResult) -> Iterator[Check]:
    """After the demonstration: the newest commit is clean, and the files came back all the same."""
    for recovery in recover(scene.world):
        yield Check(name=f"main's newest commit lacks {recovery.path}", ok=not recovery.in_main)
        yield Check(name="and the whole file came back from its history", ok=recovery.complete)


def scanned(scene: Scene, _: CommandResult) -> Iterable[Check]:
    """After the scan: everything planted was found, and nothing harmless."""
    return scans.scan_finds_everything(scene)


def scanned_tables(scene: Scene, _: CommandResult) -> Iterator[Check]:
    """After the scan of released tables: also what only a pull request holds is named so."""
    yield from scans.scan_finds_everything(scene)
    yield scans.reached_by_a_pull_request_alone(scene, plant().single_year)


def alerted(scene: Scene, _: CommandResult) -> Iterable[Check]:
    """After the alert: each named contact has a message of their own."""
    return proofs.mails_written(scene, "internal-alert", CONTACTS)


def only_looked(scene: Scene, _: CommandResult) -> Iterable[Check]:
    """After the look at what would leave: nothing left."""
    return arrivals.nothing_left(scene)


def told(scene: Scene, _: CommandResult) -> Iterable[Check]:
    """After sending: the contacts have what was checked."""
    return arrivals.arrived_as_checked(scene, "internal-alert", CONTACTS)


def holders_told(scene: Scene, _: CommandResult) -> Iterator[Check]:
    """After sending to the holders: each has their message, with the script."""
    yield from arrivals.arrived_as_checked(scene, "clone-holder", proofs.HOLDERS)
    yield from arrivals.carries_the_verifier(scene, proofs.HOLDERS)


def untouched(scene: Scene, _: CommandResult) -> Iterator[Check]:
    """After a plan: nothing changed."""
    yield proofs.server_untouched(scene)


def rewritten(scene: Scene, _: CommandResult) -> Iterator[Check]:
    """After the rewrite: the server knows nothing of it, and the backup opens."""
    yield proofs.server_untouched(scene)
    yield from proofs.backup_can_be_opened(scene)


def recorded(scene: Scene, _: CommandResult) -> Iterator[Check]:
    """After the snapshot: what closing destroys is written down."""
    yield from hosting.snapshot_names_the_fork(scene)
    yield proofs.server_untouched(scene)


def planned_closing(scene: Scene, _: CommandResult) -> Iterator[Check]:
    """After the plan: nothing is closed yet."""
    yield proofs.server_untouched(scene)
    yield hosting.strangers(scene, see=True)


def closed(scene: Scene, _: CommandResult) -> Iterable[Check]:
    """After closing: strangers get nothing."""
    return hosting.closed(scene)


def pushed(scene: Scene, _: CommandResult) -> Iterator[Check]:
    """After the push: branches are clean, nothing else changed, the protections are back."""
    yield from proofs.branches_clean(scene)
    yield from proofs.pulls_remain(scene)
    yield hosting.protected_as_before(scene)


def pushed_past_pulls(scene: Scene, _: CommandResult) -> Iterator[Check]:
    """After the push of a study whose protections nobody looks at again."""
    yield from proofs.branches_clean(scene)
    yield from proofs.pulls_remain(scene)


def fork_holds(scene: Scene, _: CommandResult) -> Iterable[Check]:
    """After the study is clean: its fork is not."""
    return hosting.fork_holds_the_data(scene)


def ask_fork_owner(scene: Scene) -> Iterator[str]:
    """Let the owner of the fork delete it."""
    fork = platform_of(scene).fork
    yield f"{fork.owner.login} answers your message: deleted. Check it all the same."
    networks.delete_repository(platform_of(scene).hub, fork)


def answer_all(scene: Scene) -> Iterator[str]:
    """Let everybody in the register answer."""
    yield "for each copy, and for each place that is none:"
    yield '$ breachkit copies set ID deleted --note "practice: an answer"'
    yield '$ breachkit copies na ID --note "practice: an answer"'
    yield f"  {hosting.answer_every_question(scene)} entries closed"


def all_answered(scene: Scene, _: CommandResult) -> Iterator[Check]:
    """After the answers: nothing is open."""
    yield hosting.no_copy_is_open(scene)


def opened(scene: Scene, _: CommandResult) -> Iterable[Check]:
    """After the way back: everything is as it was written down."""
    return hosting.opened_again(scene)


def show_guess(_: Scene) -> Iterator[str]:
    """Show what an old id gives away; everything that holds data carries the prefix."""
    guessed = guess()
    yield f"The redacted table and {guessed.letters} letters of the old file's id are enough."
    yield f"$ try every filling of {guessed.gaps} gaps with 1 to {guessed.largest}"
    yield f"  {guessed.tries:,} tries in {guessed.seconds:.1f} seconds"
    yield from (f"{PREFIX}{row}" for row in guessed.rows.reveal())


def guessed(_: Scene, _outcome: CommandResult) -> Iterator[Check]:
    """After the guesses: the whole file came back."""
    guessed = guess()
    yield Check(name="the redacted counts came back from an old id alone", ok=guessed.complete)


def still_there(scene: Scene, _: CommandResult) -> Iterable[Check]:
    """After a verification that says "not gone": it is right."""
    return proofs.pulls_remain(scene)


def requested(scene: Scene, _: CommandResult) -> Iterable[Check]:
    """After the request was written: it names the right pull requests."""
    return proofs.request_names_the_right_pulls(scene)


def ask_support(scene: Scene) -> Iterator[str]:
    """Let support read the request and act on it."""
    request = proofs.written_text(scene, "github-support")
    ids = proofs.ids_for_support(scene)
    answer = act_on_request(platform_of(scene), request, ids)
    if answer.refused is not None:
        yield f"Support answers: we cannot help yet, {answer.refused}."
        return
    removed = counted(len(answer.removed), "pull request")
    yield f"Support answers: {removed} removed, garbage collected:"
    yield from (f"  {ref}" for ref in answer.removed)


def gone(scene: Scene, _: CommandResult) -> Iterable[Check]:
    """After a verification that says "gone": it is right."""
    return proofs.gone_everywhere(scene)


def asked_to_stop(scene: Scene, _: CommandResult) -> Iterable[Check]:
    """After the messages to who can push: each account has one, which tells nothing of the data."""
    return proofs.writers_asked(scene, ("ada", "chen"))


def asked_all_to_stop(scene: Scene, _: CommandResult) -> Iterable[Check]:
    """After one message to all who can push: it is for everybody, and tells nothing of the data."""
    return proofs.writers_asked(scene, ())


def asked_holders(scene: Scene, _: CommandResult) -> Iterable[Check]:
    """After the messages to holders: each has one of their own."""
    return proofs.mails_written(scene, "clone-holder", proofs.HOLDERS)


def traced(scene: Scene, _: CommandResult) -> Iterable[Check]:
    """After tracing: everybody who worked on it is in the register."""
    return proofs.copies_registered(scene)


def handed_over(scene: Scene, _: CommandResult) -> Iterable[Check]:
    """After the export: the list has every contact and every holder."""
    return proofs.checklist_handed_over(scene, CHECKLIST)


def tamper(scene: Scene, _: CommandResult) -> Iterable[Check]:
    """After the journal was checked: a changed letter is found out."""
    return proofs.tampering_is_found_out(scene)


def clone_again(scene: Scene) -> Iterator[str]:
    """Clone the study as anybody can from now on."""
    yield f"$ git clone {scene.world.target} $DRILL/{FRESH}"
    clone(scene.world.server.git_dir, scene.world.folder / FRESH)


def cloned_clean(scene: Scene, _: CommandResult) -> Iterable[Check]:
    """After the last scan: the new clone is clean."""
    return scans.fresh_clone_scans_clean(scene, scene.world.folder / FRESH)


def push_from_stale_clone(_: Scene) -> Iterator[str]:
    """Tell of the push that brings it back."""
    yield "$ git push origin chen/sensitivity        (in the colleague's clone, no force)"


def back_again(scene: Scene, _: CommandResult) -> Iterable[Check]:
    """After that push, on a copy: the data are back."""
    return proofs.stale_clone_brings_it_back(scene)


def quiet(scene: Scene, _: CommandResult) -> Iterable[Check]:
    """After everything: no value is anywhere."""
    return proofs.nothing_leaked(scene)
