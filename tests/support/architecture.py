"""What the house rules say that no other tool checks.

Each check takes the root of a project and gives one line for each breach; none imports what it
checks, so each can be tried on a planted breach in a temporary folder.
"""

import ast
import re
import statistics
import tomllib
from collections.abc import Iterator
from pathlib import Path


PACKAGE = "breachkit"
LONGEST_MODULE = 400
MEDIAN_FUNCTION = 10
P90_FUNCTION = 30

ONLY_IN = {
    "subprocess": {"git/process.py", "git/apart.py", "git/attended.py", "cli/paging.py"},
    "multiprocessing": {"git/parallel.py", "git/workers.py", "git/children.py"},
    "pyrage": {"git/backup.py"},
    "git_filter_repo": {"git/filter_repo_runner.py"},
    "github": {"github/transport.py"},
    "requests": {"github/transport.py"},
    "smtplib": {"smtp/*"},
    "sqlite3": {"store/*", "documents/formats/sqlite.py"},
    "typer": {"cli/*"},
    "click": {"cli/*"},
    "rich": {"cli/*", "report/terminal.py", "report/progress.py"},
    "concurrent.futures.process": set(),
    "concurrent.futures.ProcessPoolExecutor": set(),
    "ctypes": {"documents/formats/pdf_library.py", "git/children.py"},
    "pty": set(),
    "pickle": {"git/parallel.py"},
}
"""Module to the files that may import it."""

PROCESS_STARTERS = re.compile(
    r"os\.(system|popen|fork|forkpty|posix_spawnp?|spawn\w+|exec\w+)|.*ProcessPoolExecutor"
)

CORE = ("model", "documents", "sdc", "detect", "actions")
NOT_IN_CORE = {
    "asyncio",
    "glob",
    "io.open",
    "logging.handlers",
    "os",
    "random",
    "secrets",
    "shutil",
    "smtplib",
    "socket",
    "tempfile",
    "threading",
    "time",
    "urllib",
}
CLOCKS = re.compile(
    r"(datetime\.)?(datetime\.(now|utcnow|today)|date\.today)|time\.(time|time_ns|localtime|gmtime)"
)
ENVIRONMENT = re.compile(r"os\.(environ|environb|getenv|getenvb|putenv|unsetenv)")


def modules(root: Path) -> Iterator[tuple[str, ast.Module, str]]:
    """Every module as (path inside the package, tree, text)."""
    package = root / PACKAGE
    for path in sorted(package.rglob("*.py")):
        text = path.read_text("utf-8")
        yield path.relative_to(package).as_posix(), ast.parse(text), text


def long_modules(root: Path) -> list[str]:
    return [
        f"{name}: {len(text.splitlines())} lines"
        for name, _, text in modules(root)
        if len(text.splitlines()) > LONGEST_MODULE
    ]


def function_lengths(root: Path) -> list[str]:
    lengths = sorted(
        (node.end_lineno or node.lineno) - node.lineno + 1
        for _, tree, _ in modules(root)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    if len(lengths) < 2:
        return ["too few functions to measure"]
    median, p90 = statistics.median(lengths), statistics.quantiles(lengths, n=10)[-1]
    return [
        f"{name} of function lengths is {value}, more than {limit}"
        for name, value, limit in (
            ("median", median, MEDIAN_FUNCTION),
            ("90th percentile", p90, P90_FUNCTION),
        )
        if value > limit
    ]


def undocumented(root: Path) -> list[str]:
    """Public functions, classes and methods of public classes without a docstring."""
    return [
        f"{name}:{node.lineno}: {node.name}"
        for name, tree, _ in modules(root)
        for node in _public(tree)
        if ast.get_docstring(node) is None
    ]


Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def _public(parent: ast.Module | ast.ClassDef) -> Iterator[Definition]:
    for node in parent.body:
        if isinstance(node, Definition) and not node.name.startswith("_"):
            if not _repeats(node):
                yield node
            if isinstance(node, ast.ClassDef):
                yield from _public(node)


def _repeats(node: Definition) -> bool:
    """Whether a definition only restates one that is documented elsewhere."""
    return any(
        ast.unparse(decorator).endswith(("overload", "override", ".setter"))
        for decorator in node.decorator_list
    )


def misplaced_imports(root: Path) -> list[str]:
    return [
        f"{name}:{line}: imports {imported}"
        for name, tree, _ in modules(root)
        for line, imported in _imports(tree)
        for module, allowed in ONLY_IN.items()
        if f"{imported}.".startswith(f"{module}.") and not _is_among(name, allowed)
    ]


def _is_among(name: str, patterns: set[str]) -> bool:
    return any(Path(name).match(pattern) for pattern in patterns)


def _imports(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Every module that is imported, by statement or by name, anywhere in the file."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from ((node.lineno, alias.name) for alias in names)
            case ast.ImportFrom(module=str(module), names=names):
                yield node.lineno, module
                yield from ((node.lineno, f"{module}.{alias.name}") for alias in names)
            case ast.Call(func=function, args=[ast.Constant(value=str(module)), *_]) if ast.unparse(
                function
            ).endswith(("import_module", "__import__")):
                yield node.lineno, module


def hidden_processes(root: Path) -> list[str]:
    """Processes started by way of `os`, which no ban on `subprocess` notices."""
    return _uses(root, PROCESS_STARTERS, allowed=set())


def clocks(root: Path) -> list[str]:
    return _uses(root, CLOCKS, allowed={"model/time.py"})


def environment(root: Path) -> list[str]:
    return _uses(root, ENVIRONMENT, allowed={"cli/*", "git/process.py"})


def _uses(root: Path, pattern: re.Pattern[str], *, allowed: set[str]) -> list[str]:
    """Attributes written `a.b.c`, or imported as `from a import b`, that match a pattern."""
    found = []
    for name, tree, _ in modules(root):
        if _is_among(name, allowed):
            continue
        uses = [
            (node.lineno, ast.unparse(node))
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute)
        ]
        found += [
            f"{name}:{line}: {used}"
            for line, used in [*uses, *_imports(tree)]
            if pattern.fullmatch(used)
        ]
    return found


def input_output_in_core(root: Path) -> list[str]:
    found = []
    for name, tree, _ in modules(root):
        if name.partition("/")[0] not in CORE:
            continue
        found += [
            f"{name}:{line}: imports {imported}"
            for line, imported in _imports(tree)
            if imported in NOT_IN_CORE or imported.partition(".")[0] in NOT_IN_CORE
        ]
        openers = _OPENERS - _MAY_CALL.get(name, set())
        found += [f"{name}:{line}: {call}()" for line, call in _calls(tree) if call in openers]
    return found


_MAY_CALL = {"model/records.py": {"exec"}}
"""Methods of records are compiled from the names of their fields, as `dataclasses` does it."""
_OPENERS = {"open", "input", "breakpoint", "exec", "eval", "compile", "Path", "pathlib.Path"}


def prints(root: Path) -> list[str]:
    """Words that go past the renderers: `print`, and the standard streams, outside of the cli."""
    found = []
    for name, tree, _ in modules(root):
        if name.startswith("cli/"):
            continue
        found += [f"{name}:{line}: print" for line, call in _calls(tree) if call == "print"]
        found += [
            f"{name}:{node.lineno}: {ast.unparse(node)}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute)
            and re.fullmatch(r"sys\.(__)?std(out|err)(__)?", ast.unparse(node))
        ]
    return found


def _calls(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield node.lineno, ast.unparse(node.func)


def unfinished(root: Path) -> list[str]:
    return [
        f"{name}:{number}: {line.strip()}"
        for name, _, text in modules(root)
        for number, line in enumerate(text.splitlines(), start=1)
        if re.search(r"\b(TODO|FIXME|XXX|HACK)\b|NotImplementedError", line)
    ]


def layers(root: Path) -> list[str]:
    """Rooms that the contract names and that are not there, and the other way round."""
    settings = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    named = {
        room
        for contract in contracts
        if contract["type"] == "layers"
        for layer in contract["layers"]
        for room in re.split(r"[\s|:()]+", layer)
        if room
    }
    built = {path.parent.name for path in (root / PACKAGE).glob("*/__init__.py")}
    folders = {path.parent.name for path in (root / PACKAGE).glob("*/*.py")}
    return [
        *(f"{room}: in the contract, not in the package" for room in sorted(named - built)),
        *(f"{room}: in the package, not in the contract" for room in sorted(folders - named)),
    ]


def rules(root: Path) -> list[str]:
    """Rule files with another id than their name's, that are not registered, or lack samples."""
    folder = root / PACKAGE / "detect"
    registry = ast.parse((folder / "registry.py").read_text("utf-8"))
    registered = {imported for _, imported in _imports(registry)}
    found = []
    for path in sorted((folder / "rules").glob("[a-z]*.py")):
        rule = path.stem.upper().replace("_", "-")
        if f'id="{rule}"' not in path.read_text("utf-8"):
            found.append(f"{path.name}: its id is not {rule}")
        if f"{PACKAGE}.detect.rules.{path.stem}" not in registered:
            found.append(f"{path.name}: not in the registry")
        found += [
            f"{path.name}: no {kind} sample in tests/rules/{rule.lower()}"
            for kind in ("positive", "negative")
            if not _samples(root, rule.lower(), kind)
        ]
    return found


def _samples(root: Path, rule: str, kind: str) -> list[Path]:
    folder = root / "tests" / "rules" / rule / kind
    return [path for path in folder.rglob("*") if path.is_file()]
