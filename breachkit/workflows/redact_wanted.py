"""What somebody says to `redact`, made into what a plan takes."""

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial

from breachkit.actions.redaction_plan import Options
from breachkit.actions.redaction_protect import Protect
from breachkit.documents.table import column_label
from breachkit.model.errors import ConfigurationError, UsageError
from breachkit.model.ids import display
from breachkit.model.policy import Policy
from breachkit.model.records import dataclass
from breachkit.report.escape import shell
from breachkit.sdc.protection.exact import Exact
from breachkit.sdc.protection.heuristic import Heuristic
from breachkit.sdc.protection.problem import Engine, NoPatternError, Pattern, Problem
from breachkit.sdc.protection.protect import protect
from breachkit.sdc.rounding import Regime
from breachkit.tauargus.calls import is_installed
from breachkit.tauargus.engine import TauArgus


BY_POLICY = "policy"
AUTO = "auto"

_ROUNDING = re.compile(r"(mid-?point-?)?(\d{1,3})", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """The words of a command line."""

    rounding: str | None = None
    columns: Sequence[str] = ()
    keep: Sequence[str] = ()
    whole_table: bool = False
    engine: str = AUTO
    policy: str = AUTO

    @property
    def words(self) -> str:
        """The same as words of a command line, each with a blank before it.

        The name of a column in which a number stands, such as a count, is not repeated.
        """
        named = {"--column": self.columns, "--keep": self.keep}
        said = [f"--round {shell(self.rounding)}"] if self.rounding else []
        said += [f"{option} {_column(each)}" for option, names in named.items() for each in names]
        said += ["--whole-table"] if self.whole_table else []
        said += [f"--engine {self.engine}"] if self.engine != AUTO else []
        said += [f"--policy {shell(self.policy)}"] if self.policy != AUTO else []
        return "".join(f" {each}" for each in said)


def _column(name: str) -> str:
    return shell(name) if column_label((name,), 0) == name else "..."


def options_of(said: Said, policy: Policy) -> Options:
    """Give the options of a plan.

    Raises:
        UsageError: the rounding is no way of rounding.
        ConfigurationError: the policy does not allow it.
    """
    options = Options(
        rounding=_rounding(said.rounding, policy),
        columns=frozenset(said.columns),
        keep=frozenset(said.keep),
        whole_table=said.whole_table,
    )
    options.check(policy)
    return options


def _rounding(text: str | None, policy: Policy) -> Regime | None:
    if text is None:
        return None
    if text == BY_POLICY:
        if policy.rounding_bases:
            return Regime(policy.rounding_bases[0])
        if policy.midpoint_bases:
            return Regime(policy.midpoint_bases[0], midpoint=True)
        raise UsageError(f"policy {policy.name} names no way of rounding: leave --round out")
    found = _ROUNDING.fullmatch(text)
    if found is None or int(found[2]) < 2:
        raise UsageError(
            f"--round {display(text)!r} is no way of rounding: say 5, 10, midpoint6 or policy"
        )
    return Regime(int(found[2]), midpoint=bool(found[1]))


def protect_by(engine: str) -> Protect:
    """Give who finds complementary cells.

    Args:
        engine: `auto` for HiGHS, with a heuristic where that takes too long and then Tau-Argus where
            it is installed; or the name of one.

    Raises:
        ConfigurationError: it is not installed.
    """
    if engine == AUTO:
        return _best
    if engine == TAU_ARGUS and not is_installed():
        raise ConfigurationError(
            "Tau-Argus is not installed: add it with `pip install 'breachkit[tauargus]'`, or leave "
            "--engine out"
        )
    return partial(protect, engines=(_ENGINES[engine](),))


TAU_ARGUS = "tau-argus"
_ENGINES: Mapping[str, Callable[[], Engine]] = {
    "highs": Exact,
    "heuristic": Heuristic,
    TAU_ARGUS: TauArgus,
}


def _best(problem: Problem) -> Pattern:
    """Ask a second engine where the first does not prove that no cheaper pattern protects."""
    try:
        own = protect(problem)
    except NoPatternError:
        if is_installed():
            with suppress(NoPatternError):
                return protect(problem, engines=(TauArgus(),))
        raise  # it names the cells, which Tau-Argus does not
    if own.is_least or not is_installed():
        return own
    try:
        other = protect(problem, engines=(TauArgus(),))
    except NoPatternError:
        return own
    bounds = [one.least for one in (own, other) if one.least is not None]
    cheaper = min(own, other, key=lambda one: one.cost)
    return replace(cheaper, least=max(bounds, default=None))
