"""What the house rules say that no other tool checks.

Each check takes the root of a project and gives one line for each breach; none imports what it
checks, so each can be tried on a planted breach in a temporary folder.
"""

import ast
import functools
import re
import statistics
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


PACKAGE = "breachkit"
LONGEST_MODULE = 400
MEDIAN_FUNCTION = 10
P90_FUNCTION = 30

ONLY_IN = {
    "subprocess": {"git/process.py", "git/apart.py", "git/attended.py", "cli/paging.py"},
    "multiprocessing": {"git/parallel.py", "git/workers.py", "git/children.py"},
    "pyrage": {"git/backup.py", "git/sealing.py"},
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


Place = tuple[int, str]
"""A line, and what stands there."""


@dataclass(frozen=True)
class Code:
    """What the checks ask of a module, looked for once for all of them."""

    text: str
    lengths: tuple[int, ...]
    """Lines of each function."""
    undocumented: tuple[Place, ...]
    imports: tuple[Place, ...]
    attributes: tuple[Place, ...]
    calls: tuple[Place, ...]


@functools.cache
def read(text: str) -> Code:
    """Take from the text of a module what the checks ask for."""
    tree = ast.parse(text)
    nodes = list(ast.walk(tree))
    functions = [each for each in nodes if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)]
    return Code(
        text,
        tuple((each.end_lineno or each.lineno) - each.lineno + 1 for each in functions),
        tuple(
            (each.lineno, each.name) for each in _public(tree) if ast.get_docstring(each) is None
        ),
        tuple(_imports(nodes)),
        tuple((each.lineno, _written(each)) for each in nodes if isinstance(each, ast.Attribute)),
        tuple((each.lineno, _written(each.func)) for each in nodes if isinstance(each, ast.Call)),
    )


def _written(node: ast.expr) -> str:
    """Give an expression as it is written; names with dots, which most are, in a quicker way."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name | ast.Attribute):
        return f"{_written(node.value)}.{node.attr}"
    return ast.unparse(node)


def modules(root: Path) -> Iterator[tuple[str, Code]]:
    """Every module by its path inside the package."""
    package = root / PACKAGE
    for path in sorted(package.rglob("*.py")):
        yield path.relative_to(package).as_posix(), read(path.read_text("utf-8"))


def long_modules(root: Path) -> list[str]:
    return [
        f"{name}: {len(code.text.splitlines())} lines"
        for name, code in modules(root)
        if len(code.text.splitlines()) > LONGEST_MODULE
    ]


def function_lengths(root: Path) -> list[str]:
    lengths = sorted(length for _, code in modules(root) for length in code.lengths)
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
        f"{name}:{line}: {called}"
        for name, code in modules(root)
        for line, called in code.undocumented
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
        for name, code in modules(root)
        for line, imported in code.imports
        for module, allowed in ONLY_IN.items()
        if f"{imported}.".startswith(f"{module}.") and not _is_among(name, allowed)
    ]


def _is_among(name: str, patterns: set[str]) -> bool:
    return any(Path(name).match(pattern) for pattern in patterns)


def _imports(nodes: list[ast.AST]) -> Iterator[Place]:
    """Every module that is imported, by statement or by name, anywhere in the file."""
    for node in nodes:
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
    for name, code in modules(root):
        if _is_among(name, allowed):
            continue
        found += [
            f"{name}:{line}: {used}"
            for line, used in [*code.attributes, *code.imports]
            if pattern.fullmatch(used)
        ]
    return found


def input_output_in_core(root: Path) -> list[str]:
    found = []
    for name, code in modules(root):
        if name.partition("/")[0] not in CORE:
            continue
        found += [
            f"{name}:{line}: imports {imported}"
            for line, imported in code.imports
            if imported in NOT_IN_CORE or imported.partition(".")[0] in NOT_IN_CORE
        ]
        openers = _OPENERS - _MAY_CALL.get(name, set())
        found += [f"{name}:{line}: {call}()" for line, call in code.calls if call in openers]
    return found


_MAY_CALL = {"model/records.py": {"exec"}}
"""Methods of records are compiled from the names of their fields, as `dataclasses` does it."""
_OPENERS = {"open", "input", "breakpoint", "exec", "eval", "compile", "Path", "pathlib.Path"}


def prints(root: Path) -> list[str]:
    """Words that go past the renderers: `print`, and the standard streams, outside of the cli."""
    found = []
    for name, code in modules(root):
        if name.startswith("cli/"):
            continue
        found += [f"{name}:{line}: print" for line, call in code.calls if call == "print"]
        found += [
            f"{name}:{line}: {used}"
            for line, used in code.attributes
            if re.fullmatch(r"sys\.(__)?std(out|err)(__)?", used)
        ]
    return found


def unfinished(root: Path) -> list[str]:
    return [
        f"{name}:{number}: {line.strip()}"
        for name, code in modules(root)
        for number, line in enumerate(code.text.splitlines(), start=1)
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
    registered = {imported for _, imported in _imports(list(ast.walk(registry)))}
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
