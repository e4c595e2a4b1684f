"""A notebook was committed with what it had printed: clearing it afterwards clears nothing."""

import json
from collections.abc import Iterator
from dataclasses import replace

from breachkit.drill import acts
from breachkit.drill.guarding import commit_is_refused
from breachkit.drill.recover import PREFIX, Recovery, bring_back
from breachkit.drill.report import Check, CommandResult
from breachkit.drill.setting import Setting
from breachkit.drill.stage import Scene, Step
from breachkit.drill.stories import steps
from breachkit.drill.stories.furnishing import furnish_plainly
from breachkit.drill.stories.notebook_study import NOTEBOOK, PAGE, plant, write
from breachkit.drill.stories.story import DAYS_ONLY, Story


CLEARED = "explore-cleared.ipynb"

_SETTING = Setting(
    planted=plant, write=write, brought_in="run", left_off="export", furnish=furnish_plainly
)


def _printed(content: bytes) -> tuple[str, ...]:
    """Give the first two lines that a notebook's table shows, or that a page's does."""
    if not content.startswith(b"{"):
        rows = [line for line in content.decode().splitlines() if line.startswith("<tr>")]
        return (rows[0],)
    for cell in json.loads(content)["cells"]:
        for output in cell.get("outputs", ()):
            return tuple(line.rstrip("\n") for line in output["data"]["text/plain"][:2])
    return ()


def _come_back(scene: Scene) -> tuple[Recovery, ...]:
    ran, page = plant().files
    return bring_back(scene.world, ((NOTEBOOK, ran), (PAGE, page)), _printed)


def _show_outputs(scene: Scene) -> Iterator[str]:
    for recovery in _come_back(scene):
        yield f"$ {recovery.found_by}"
        yield from (f"  {subject}" for subject in recovery.subjects)
        yield f"$ {recovery.shown_by}"
        yield from (f"{PREFIX}{row}" for row in recovery.rows.reveal())


def _outputs_came_back(scene: Scene, _: CommandResult) -> Iterator[Check]:
    notebook, page = _come_back(scene)
    newest = scene.world.server.git("show", f"main:{NOTEBOOK}")
    yield Check(name="the newest notebook holds no output", ok=not _outputs(newest))
    yield Check(name="the page is not in the newest commit", ok=not page.in_main)
    whole = notebook.complete and page.complete
    yield Check(name="and both came back whole, from their history", ok=whole)


def _clear(scene: Scene) -> Iterator[str]:
    """Clear the outputs of the notebook as it was run, and of nothing else."""
    notebook = json.loads(
        scene.world.before.git("show", f"{scene.world.commits['run']}:{NOTEBOOK}")
    )
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell.update(outputs=[], execution_count=None)
    text = json.dumps(notebook, indent=1, ensure_ascii=False)
    (scene.world.folder / CLEARED).write_text(f"{text}\n", encoding="utf-8")
    yield "$ jupyter nbconvert --clear-output explore.ipynb      (on your own machine)"
    yield f"In this drill the drill itself clears it, and writes $DRILL/{CLEARED}."


def _cleared(scene: Scene, _: CommandResult) -> Iterator[Check]:
    content = (scene.world.folder / CLEARED).read_bytes()
    yield Check(name="no output is left in it", ok=not _outputs(content))
    same = _sources(content) == _sources(plant().files[0].content)
    yield Check(name="and every line of its code is", ok=same)


def _pushed(scene: Scene, outcome: CommandResult) -> Iterator[Check]:
    """After the push: other versions are the very same, and the bad one is there without outputs."""
    yield from acts.pushed_past_pulls(scene, outcome)
    before, after = _versions(scene, "before"), _versions(scene, "server")
    kept = before.keys() == after.keys() and len(before) == 3
    yield Check(name="the notebook still has its three versions", ok=kept)
    same = all(before[one] == after[one] for one in (_EARLY, _CLEAR))
    yield Check(name="the two without outputs are the very same", ok=same)
    code = _sources(before[_RUN]) == _sources(after[_RUN])
    yield Check(name="the third has its code", ok=code)
    yield Check(name="and no output", ok=bool(_outputs(before[_RUN])) and not _outputs(after[_RUN]))


_EARLY, _RUN, _CLEAR = "Begin a notebook", "Explore admissions", "Clear the notebook's outputs"


def _versions(scene: Scene, where: str) -> dict[str, bytes]:
    """Give every version of the notebook by the subject of the commit that wrote it."""
    repository = scene.world.before if where == "before" else scene.world.server
    log = repository.lines("log", "--no-merges", "--format=%H %s", "main", "--", NOTEBOOK)
    commits = [line.partition(" ") for line in log]
    return {subject: repository.git("show", f"{oid}:{NOTEBOOK}") for oid, _, subject in commits}


def _outputs(notebook: bytes) -> list[object]:
    cells = json.loads(notebook)["cells"]
    return [output for cell in cells for output in cell.get("outputs", ())]


def _sources(notebook: bytes) -> list[object]:
    return [cell["source"] for cell in json.loads(notebook)["cells"]]


def _commit_it_again(_: Scene) -> Iterator[str]:
    """Run the notebook again in your own clone, and try to commit it with what it printed."""
    yield "$ git add analysis/explore.ipynb"
    yield "$ git commit --message='Explore again'"


def _refused(scene: Scene, _: CommandResult) -> Iterator[Check]:
    yield from commit_is_refused(scene.world.yours, NOTEBOOK, plant().files[0].content)


_STEPS = (
    Step(
        id="clearing-is-not-enough",
        title="Why clearing the outputs is not enough",
        words="A notebook keeps what it printed. Chen cleared the outputs and committed again; Ben "
        "deleted the page that was made of it. Both are one command away. This step alone shows "
        "practice values.",
        act=_show_outputs,
        prove=_outputs_came_back,
    ),
    replace(
        steps.SCAN,
        words="The scan opens notebooks and pages as a person would see them, in every commit. It "
        "says in which cell and output something is, never what. Nobody meant to release these "
        "files, so they count as medium: read them all the same.",
        expected=(12,),
    ),
    replace(
        steps.opened(PAGE, kind="confirmed"),
        words="You looked: there are small counts of people. Name the page, of which every version has "
        "to go, but not the notebook, which has versions worth keeping.",
    ),
    steps.ALERT,
    steps.SEND,
    replace(
        steps.SCOPE,
        title="Choose what has to go, and nothing else",
        words="Scope chooses by itself what is high or worse. The page was named "
        "when the case was opened. Of the notebook you name the finding: that content goes, under "
        "whatever name, and its other versions stay.",
        command=("scope", "--finding", "F-0001"),
    ),
    steps.ENGINEER,
    steps.FREEZE_ALL,
    steps.frozen_all(3),
    Step(
        id="clear",
        title="Make the version that should have been committed",
        words="The commit in which the notebook was run has code worth keeping. So the notebook is not "
        "taken out of it, but put in again without outputs.",
        act=_clear,
        prove=_cleared,
    ),
    replace(
        steps.REWRITE_PLAN,
        title="Plan: the page goes, the notebook is replaced",
        words="Read which version is replaced by what. Nothing is changed yet, and --execute takes "
        "the plan as it stands here.",
        command=("rewrite", "--replace", f"F-0001={{folder}}/{CLEARED}"),
    ),
    steps.REWRITE,
    steps.PUSH_PLAN,
    replace(steps.PUSH, prove=_pushed),
    steps.VERIFY_NOT_YET,
    steps.SUPPORT,
    steps.support_sent(4),
    steps.SUPPORT_ACTS,
    steps.VERIFY,
    Step(
        id="guard",
        title="So that it does not happen again",
        words="A guard in your own clone: hooks of git that refuse what was taken out, under whatever "
        "name. With --outputs they refuse results that nobody has checked, too.",
        command=("guard", "install", "{yours}"),
    ),
    Step(
        id="again",
        title="The notebook is run again, and committed with what it prints",
        words="In your own clone, by habit. Nothing has to leave the machine to be stopped.",
        act=_commit_it_again,
        prove=_refused,
    ),
    steps.SCAN_AGAIN,
    steps.LOG_VERIFY,
    steps.QUIET,
)

NOTEBOOK_STORY = Story(
    name="notebook",
    teaches="What a notebook printed is an output: clearing it leaves it in the history, and a rewrite "
    "can put the cleared version in its place.",
    seconds=10,
    opening="It is Tuesday. A colleague writes: I had left some output in a notebook, but I cleared it "
    "and committed again. Nobody releases notebooks, so all is well?",
    ending="The outputs are gone from every commit, the code of every version is still there, and a "
    "guard refuses the next notebook that is committed as it was run.",
    setting=_SETTING,
    steps=_STEPS,
    not_practised=(
        "closing the repository, and opening it again",
        "tracing copies and asking their holders",
        *DAYS_ONLY,
    ),
)
