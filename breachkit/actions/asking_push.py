"""The exact words to send to who can let a push through, where the person at the keyboard cannot."""

from collections.abc import Callable, Iterator, Sequence

from breachkit.actions.protections import Hurdle, Whom


Named = Callable[[Hurdle], str]
"""How a rule is shown; a branch may have a name that is itself evidence."""


def ask_for_push_token(name: str, web: str) -> str:
    """Say what a token has to be able to do so that a push gets through, and whom to ask for one.

    Args:
        name: `owner/name`.
        web: Address of the platform's pages, such as `https://github.com`.
    """
    return "\n".join(
        (
            f"No token: what protects the branches of {name} is neither seen nor lifted, and only what",
            "passes is pushed. Somebody who administers it makes one and gives it to this shell alone:",
            f"  {web}/settings/personal-access-tokens/new",
            f"    only the repository {name}; read and write: Administration, Contents",
            "  read -rs BREACHKIT_GITHUB_TOKEN && export BREACHKIT_GITHUB_TOKEN",
        )
    )


def ask_to_lift(
    name: str, web: str, login: str, hurdles: Sequence[Hurdle], named: Named = lambda one: one.name
) -> str:
    """Say whom to ask to lift what this account cannot.

    Args:
        name: `owner/name`.
        web: Address of the platform's pages.
        login: Of the account that pushes.
        hurdles: What it cannot lift.
        named: How each is shown.
    """
    lines: list[str] = []
    for whom, words in _WORDS.items():
        mine = [each for each in hurdles if each.whom == whom]
        if mine:
            lines += ["", *words(name, web, login), *_rules(mine, named)]
    after = (
        "Then run the push again. Afterwards set all of it back, and compare with what was noted."
    )
    return "\n".join((*lines[1:], after)) if lines else ""


def ask_to_look(name: str, web: str) -> str:
    """Say whom to ask where refs were refused by something that this account does not see."""
    return "\n".join(
        (
            f"Something that this account does not see refuses them. Ask somebody who administers {name}",
            f"to look at {web}/{name}/settings/branches and {web}/{name}/settings/rules,",
            "and, where nothing is found there, an owner to look at the rulesets of the organisation.",
        )
    )


def _rules(hurdles: Sequence[Hurdle], named: Named) -> Iterator[str]:
    for each in hurdles:
        kind = "the branch protection" if each.kind == "protection" else "the ruleset"
        yield f"  - {kind} {named(each)}: {each.why}"


def _administrator(name: str, web: str, login: str) -> Iterator[str]:
    yield f"Ask somebody who administers {name}:"
    yield f"  Please give {login} the role Admin for an hour: {web}/{name}/settings/access"
    yield "  breachkit then lifts by itself what it has to, and puts it back as it was. Or, by hand,"
    yield "  until the push is through; note every setting first:"
    yield f"  {web}/{name}/settings/branches: allow force pushes for everyone, and untick that"
    yield f"  nobody may bypass the rest; {web}/{name}/settings/rules: Enforcement, Disabled"


def _organisation(name: str, web: str, login: str) -> Iterator[str]:
    owner = name.partition("/")[0]
    yield f"Ask an owner of {owner} ({web}/orgs/{owner}/people?query=role%3Aowner):"
    yield f"  Please add {login} to the bypass list (always) of the rulesets below, until the push is"
    yield f"  through: {web}/organizations/{owner}/settings/rules"


def _enterprise(name: str, _web: str, login: str) -> Iterator[str]:
    owner = name.partition("/")[0]
    yield f"Ask an owner of the enterprise that {owner} belongs to:"
    yield f"  Please add {login} to the bypass list (always) of the rulesets below, until the push is"
    yield "  through: the enterprise's settings, Policies, Code, Rulesets"


_WORDS: dict[Whom, Callable[[str, str, str], Iterator[str]]] = {
    "administrator": _administrator,
    "organisation owner": _organisation,
    "enterprise owner": _enterprise,
}
