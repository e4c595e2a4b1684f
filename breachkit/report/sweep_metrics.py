"""A sweep's result as metrics for Prometheus, in the text format that its node exporter picks up from a file.

Numbers of findings and repositories, and times; of names only the target's, which tells one sweep from
another. So whoever sees the graphs learns no more than that there is something to look at.

Source: Prometheus documentation, "Exposition formats"; node_exporter, "Textfile Collector".
"""

from collections.abc import Iterator

from breachkit.actions.sweeping import Life, Standing, Sweep
from breachkit.model.findings import Severity
from breachkit.model.ids import display


def to_text(made: Sweep) -> str:
    """Give the metrics; every one of them is there each time, so that 0 and "not there" are told apart."""
    return "".join(f"{line}\n" for line in _lines(made))


def _lines(made: Sweep) -> Iterator[str]:
    target = f'target="{_escaped(made.target)}"'
    yield from _about(
        "breachkit_sweep_findings", "Findings of the last sweep, by life and severity."
    )
    for life in Life:
        for severity in Severity:
            if severity:
                number = _number(made, life, severity)
                labels = f'{target},life="{life}",severity="{severity.label}"'
                yield f"breachkit_sweep_findings{{{labels}}} {number}"
    yield from _about(
        "breachkit_sweep_repositories", "Repositories of the last sweep, by standing."
    )
    for standing in Standing:
        number = len(made.standing(standing))
        yield f'breachkit_sweep_repositories{{{target},standing="{standing}"}} {number}'
    outcomes = [one.outcome for one in made.repositories]
    for name, help_, value in (
        ("complete", "1 where everything was looked at.", int(made.complete)),
        ("undone", "1 where a letter or a draft case is left to do.", int(bool(made.undone))),
        ("objects", "Objects in all repositories.", sum(one.objects for one in outcomes)),
        (
            "objects_recalled",
            "Those known from earlier scans.",
            sum(one.recalled for one in outcomes),
        ),
        (
            "not_examined",
            "Objects that could not be examined.",
            sum(one.unread for one in outcomes),
        ),
        ("mirrors_bytes", "What copies take on disk.", sum(one.disk_bytes for one in outcomes)),
        ("began_timestamp_seconds", "When it began.", int(made.began_at.timestamp())),
        ("ended_timestamp_seconds", "When it ended.", int(made.ended_at.timestamp())),
    ):
        yield from _about(f"breachkit_sweep_{name}", help_)
        yield f"breachkit_sweep_{name}{{{target}}} {value}"


def _about(name: str, help_: str) -> Iterator[str]:
    yield f"# HELP {name} {help_}"
    yield f"# TYPE {name} gauge"


def _number(made: Sweep, life: Life, severity: Severity) -> int:
    records = (record for one in made.repositories for record in one.of(life))
    return sum(record.seen.severity is severity for record in records)


def _escaped(text: str) -> str:
    return display(text).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
