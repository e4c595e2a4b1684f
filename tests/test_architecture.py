"""The house rules hold, and each check notices when one does not."""

from pathlib import Path

import pytest

from tests.support import architecture


ROOT = Path(__file__).parent.parent

CHECKS = (
    architecture.long_modules,
    architecture.function_lengths,
    architecture.undocumented,
    architecture.misplaced_imports,
    architecture.hidden_processes,
    architecture.clocks,
    architecture.environment,
    architecture.input_output_in_core,
    architecture.prints,
    architecture.unfinished,
    architecture.layers,
    architecture.rules,
)

LONG_FUNCTION = "def _f():\n" + "    pass\n" * 30
RULE = 'about = About(id="{}")\n'

BREACHES = [
    (architecture.long_modules, "sdc/a.py", "x = 1\n" * 401, "sdc/a.py: 401 lines"),
    (architecture.function_lengths, "sdc/a.py", LONG_FUNCTION * 20, "median of function lengths"),
    (architecture.undocumented, "sdc/a.py", "def shown():\n    pass\n", "sdc/a.py:1: shown"),
    (architecture.undocumented, "sdc/a.py", "class Shown:\n    x = 1\n", "sdc/a.py:1: Shown"),
    (
        architecture.undocumented,
        "sdc/a.py",
        'class Shown:\n    """Doc."""\n    async def shown(self):\n        pass\n',
        "sdc/a.py:3: shown",
    ),
    (architecture.misplaced_imports, "git/a.py", "import subprocess\n", "imports subprocess"),
    (
        architecture.misplaced_imports,
        "report/a.py",
        "def f():\n    from rich.text import Text\n",
        "report/a.py:2: imports rich.text",
    ),
    (
        architecture.misplaced_imports,
        "workflows/a.py",
        "import importlib\nimportlib.import_module('typer')\n",
        "workflows/a.py:2: imports typer",
    ),
    (
        architecture.misplaced_imports,
        "git/a.py",
        "import multiprocessing.pool\n",
        "multiprocessing",
    ),
    (architecture.misplaced_imports, "git/a.py", "__import__('pyrage')\n", "pyrage"),
    (architecture.misplaced_imports, "cli/a.py", "import git_filter_repo\n", "git_filter_repo"),
    (
        architecture.misplaced_imports,
        "git/a.py",
        "from concurrent.futures import ProcessPoolExecutor\n",
        "Pool",
    ),
    (architecture.hidden_processes, "git/a.py", "import os\nos.system('x')\n", "os.system"),
    (architecture.hidden_processes, "git/a.py", "from os import execvp\n", "os.execvp"),
    (
        architecture.hidden_processes,
        "git/a.py",
        "futures.ProcessPoolExecutor()\n",
        "futures.Process",
    ),
    (architecture.clocks, "sdc/a.py", "datetime.now(UTC)\n", "sdc/a.py:1: datetime.now"),
    (architecture.clocks, "cli/a.py", "import time\ntime.time()\n", "time.time"),
    (architecture.clocks, "cli/a.py", "from time import time\n", "time.time"),
    (architecture.environment, "workflows/a.py", "import os\nos.environ['X']\n", "os.environ"),
    (architecture.environment, "report/a.py", "from os import getenv\n", "os.getenv"),
    (architecture.input_output_in_core, "sdc/a.py", "import os.path\n", "imports os.path"),
    (architecture.input_output_in_core, "model/a.py", "from time import sleep\n", "imports time"),
    (architecture.input_output_in_core, "detect/a.py", "open('x')\n", "detect/a.py:1: open()"),
    (architecture.input_output_in_core, "model/a.py", "exec('x')\n", "model/a.py:1: exec()"),
    (architecture.input_output_in_core, "model/records.py", "eval('x')\n", "records.py:1: eval()"),
    (architecture.input_output_in_core, "actions/a.py", "Path('x').read_text()\n", "Path()"),
    (architecture.prints, "report/a.py", "print('x')\n", "report/a.py:1: print"),
    (architecture.prints, "drill/a.py", "import sys\nsys.stdout.write('x')\n", "sys.stdout"),
    (architecture.unfinished, "sdc/a.py", "x = 1  # TO" + "DO later\n", "sdc/a.py:1: x = 1"),
    (architecture.layers, "extra/__init__.py", "", "extra: in the package, not in the contract"),
    (architecture.layers, "bare/a.py", "", "bare: in the package, not in the contract"),
    (architecture.rules, "detect/rules/new_99.py", RULE.format("NEW-99"), "not in the registry"),
    (architecture.rules, "detect/rules/new_99.py", RULE.format("NEW-99"), "no positive sample"),
    (architecture.rules, "detect/rules/new_99.py", RULE.format("NEW-99"), "no negative sample"),
    (architecture.rules, "detect/rules/cnt_01.py", RULE.format("CNT-02"), "its id is not CNT-01"),
]


@pytest.fixture
def house(tmp_path):
    """A small project that keeps every rule."""
    files = {
        "pyproject.toml": '[[tool.importlinter.contracts]]\ntype = "layers"\n'
        'layers = ["cli", "drill", "workflows", "git | report", "actions", "detect", "sdc", "model"]\n',
        "breachkit/git/process.py": "import subprocess\nimport os\nos.environ\n",
        "breachkit/cli/app.py": "import typer\nprint('x')\n",
        "breachkit/model/time.py": "from datetime import datetime\ndatetime.now()\n",
        "breachkit/sdc/counts.py": "def _f():\n    pass\n\n\ndef _g():\n    pass\n",
        "breachkit/detect/registry.py": "from breachkit.detect.rules.cnt_01 import SmallCounts\n",
        "breachkit/detect/rules/cnt_01.py": RULE.format("CNT-01"),
        "tests/rules/cnt-01/positive/n.csv": "n\n3\n",
        "tests/rules/cnt-01/negative/rounded.csv": "n\n10\n",
    }
    rooms = ("cli", "drill", "workflows", "git", "report", "actions", "detect", "sdc", "model")
    files |= {f"breachkit/{room}/__init__.py": "" for room in rooms}
    for name, text in files.items():
        write(tmp_path / name, text)
    return tmp_path


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_breachkit_keeps_the_house_rules(check):
    assert check(ROOT) == []


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_a_house_in_order_passes(house, check):
    assert check(house) == []


@pytest.mark.parametrize(
    ("check", "name", "text", "noticed"),
    BREACHES,
    ids=[f"{number}-{check.__name__}" for number, (check, *_) in enumerate(BREACHES)],
)
def test_a_planted_breach_is_noticed(house, check, name, text, noticed):
    write(house / "breachkit" / name, text)

    assert any(noticed in line for line in check(house))


def test_a_room_that_only_the_contract_knows_is_noticed(house):
    (house / "breachkit/drill/__init__.py").unlink()

    assert "drill: in the contract, not in the package" in architecture.layers(house)


def test_every_check_has_a_planted_breach():
    assert {check for check, *_ in BREACHES} == set(CHECKS)


def test_every_rule_says_the_same_in_the_registry_and_its_file():
    from breachkit.detect.registry import ALL_RULES

    assert [rule.about.id for rule in ALL_RULES] == list(
        dict.fromkeys(rule.about.id for rule in ALL_RULES)
    )
    for rule in ALL_RULES:
        stem = rule.about.id.lower().replace("-", "_")
        assert type(rule).__module__ == f"breachkit.detect.rules.{stem}"
        assert all(getattr(rule.about, part).strip() for part in rule.about.__slots__[4:])
