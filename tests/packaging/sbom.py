"""Write down every library that an installation with every extra brings: a CycloneDX bill of materials.

Run before a release, with a Python that has `cyclonedx-bom`:

    python tests/packaging/sbom.py dist/breachkit-0.1.0-py3-none-any.whl

The wheel is installed into an environment of its own, which cyclonedx-py reads. What it says of the
wheel itself, its version, digest and name in package registries, is added. The same wheel and
libraries make the same bytes. It is checked by CycloneDX's own schema, and lies beside the wheel.
"""

import hashlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator


EXTRAS = "[formats,stamp,dask,tauargus,forms]"
PROJECT = Path(__file__).parents[2] / "pyproject.toml"
SCHEMA = SchemaVersion.V1_6


def installed(wheel: Path, folder: Path) -> Path:
    """Install the wheel with every extra, and give the Python that has it."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    python = folder / "bin/python"
    install = ("-m", "pip", "--python", python, "install", "--quiet", f"{wheel}{EXTRAS}")
    subprocess.run([sys.executable, *install], check=True)
    return python


def environment(python: Path) -> dict[str, Any]:
    """Have cyclonedx-py say what is installed, without a time or a number of its own."""
    read = (
        "-m",
        "cyclonedx_py",
        "environment",
        "--output-reproducible",
        "--spec-version",
        SCHEMA.to_version(),
    )
    said = subprocess.run(
        [sys.executable, *read, "--pyproject", PROJECT, python], check=True, stdout=subprocess.PIPE
    )  # fmt: skip
    made: dict[str, Any] = json.loads(said.stdout)
    return made


def with_wheel(bill: dict[str, Any], wheel: Path) -> dict[str, Any]:
    """Add which wheel it is, which the project's own file does not say: its version stands in the code."""
    version = wheel.name.split("-")[1]
    about = bill["metadata"]["component"]
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    about |= {
        "version": version,
        "purl": f"pkg:pypi/breachkit@{version}",
        "hashes": [{"alg": "SHA-256", "content": digest}],
    }
    return bill


def main(wheel: Path) -> int:
    """Write the bill beside the wheel."""
    with tempfile.TemporaryDirectory() as scratch:
        bill = with_wheel(environment(installed(wheel, Path(scratch) / "installed")), wheel)
        text = json.dumps(bill, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
        if scratch in text:
            sys.exit("it names a folder of this machine")
    if error := JsonStrictValidator(SCHEMA).validate_str(text):
        sys.exit(f"CycloneDX {SCHEMA.to_version()} does not allow it: {error}")
    made = wheel.with_name(f"{'-'.join(wheel.name.split('-')[:2])}.cdx.json")
    made.write_text(text, encoding="utf-8")
    print(f"{made.name}: {len(bill['components'])} libraries")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve()))
