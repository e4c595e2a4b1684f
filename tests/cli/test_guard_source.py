"""A workflow installs breachkit from where a person says, and nothing else gets into its script."""

import json
import shlex

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st
from packaging.requirements import Requirement

from breachkit import __version__
from breachkit.actions.guard_source import UnfitSourceError, requirement_of
from breachkit.report.guarding import workflow_file


COMMIT = "0123456789abcdef0123456789abcdef01234567"
HERE = f"https://git.example.org:8443/health/breachkit.git@{COMMIT}"


def install_step(text: bytes) -> str:
    """Give the script of the step that installs, as the runner reads it."""
    made = yaml.load(text, Loader=yaml.BaseLoader)
    scripts = [str(step.get("run", "")) for step in made["jobs"]["guard"]["steps"]]
    [found] = [script for script in scripts if "pip" in script]
    return found


@pytest.mark.parametrize(
    ("source", "url"),
    [
        (HERE, f"git+{HERE}"),
        (f"git+{HERE}", f"git+{HERE}"),
        (f"https://github.com/o/breachkit@{COMMIT}{COMMIT[:24]}", f"git+https://github.com/o/breachkit@{COMMIT}{COMMIT[:24]}"),
        ("1.2.0", None),
        ("2.0rc1.post3.dev4", None),
    ],
)  # fmt: skip
def test_the_workflow_installs_breachkit_from_where_it_is_told(source, url):
    text = workflow_file(requirement_of(source))

    *words, last = shlex.split(install_step(text))
    named = Requirement(last)
    assert words[:4] == ["python", "-m", "pip", "install"]
    assert (named.name, named.extras, named.url) == ("breachkit", {"formats"}, url)
    assert url or str(named.specifier) == f"=={source}"
    assert b"@FROM@" not in text
    assert (b"--from https://" in text) == (url is None)


@pytest.mark.parametrize(
    "source",
    [
        "", " 1.2.0", "1.2.0\n", "1.2.0; curl example.org", "1.2.0 --index-url https://example.org", "==1.2.0", "latest",
        "https://github.com/o/breachkit", "https://github.com/o/breachkit@main", f"http://github.com/o/b@{COMMIT}",
        f"ssh://git@github.com/o/b@{COMMIT}", f"git@github.com:o/b@{COMMIT}", f"file:///srv/b@{COMMIT}",
        f"https://secret@github.com/o/b@{COMMIT}", f"https://me:secret@github.com/o/b@{COMMIT}",
        f"https://github.com/o/b$(id)@{COMMIT}", f"https://github.com/o/b`id`@{COMMIT}", f"https://github.com/o/b'@{COMMIT}",
        f'https://github.com/o/b"@{COMMIT}', f"https://github.com/o/${{{{ github.token }}}}@{COMMIT}",
        f"https://github.com/o/../b@{COMMIT}", f"https://github.com/o/b@{COMMIT}\n", f"https://github.com/o/b@{COMMIT}#egg=x",
        f"https://github.com/o/b?x=1@{COMMIT}", f"https://github.com/o/b\\n@{COMMIT}", f"https://github.com/o /b@{COMMIT}",
        f"https://github.com/o/b@{COMMIT.upper()}", f"https://github.com/o/b@{COMMIT[:12]}", f"https://github.com/\u00f6/b@{COMMIT}",
        "1.2.\u0663", f"https:///o/b@{COMMIT}", f"https://github.com@{COMMIT}",
    ],
)  # fmt: skip
def test_nothing_else_is_put_into_the_workflow_and_no_password_is_repeated(source):
    with pytest.raises(UnfitSourceError) as caught:
        requirement_of(source)

    assert caught.value.exit_code == 2
    assert "secret" not in str(caught.value)


@given(st.text(st.sampled_from("ab1.:/@-+~_ \n\t\"'`$(){};&|#\\é"), max_size=60))
@example(HERE)
def test_whatever_is_taken_stays_one_word_of_the_shell_and_of_yaml(source):
    try:
        requirement = requirement_of(source)
    except UnfitSourceError:
        return
    install = install_step(workflow_file(requirement))

    assert shlex.split(install)[-1] == requirement
    assert "$" not in install


def test_a_branch_is_refused_with_the_reason():
    with pytest.raises(UnfitSourceError, match="can be moved"):
        requirement_of("https://github.com/o/breachkit@main")


def test_the_command_writes_it_and_says_what_it_installs(breachkit):
    ran = breachkit.expect(0, "guard", "workflow", "--from", HERE, "--json")
    assert json.loads(ran.out)["installs"] == f"breachkit[formats] @ git+{HERE}"
    assert f"=={__version__}" in breachkit.expect(0, "guard", "workflow").out

    bad = breachkit.expect(
        2, "guard", "workflow", "--from", f"https://t0ken@example.org/b@{COMMIT}"
    )

    assert "name no password" in bad.err
    assert "t0ken" not in bad.all
