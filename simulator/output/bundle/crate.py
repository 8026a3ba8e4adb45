"""The manifest: the hash of every member, what it is, and what it was made from, as an RO-Crate.

Source: RO-Crate Metadata Specification 1.2, https://w3id.org/ro/crate/1.2. A file's hash is schema.org's `sha256`.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path, PurePath
from typing import Any

from profiling.checks import TEXT, check, fields, items, parse_json
from profiling.errors import RecordError
from simulator.scenario.scenario import Scenario

MANIFEST = "ro-crate-metadata.json"
SIGNATURE = f"{MANIFEST}.sig"
SCENARIO, RESULTS, CARDS = "scenario.yaml", "results.json", "cards.json"
WORKBOOK, LIVE, README = "plan.xlsx", "plan.html", "README.txt"
CONTEXT, CONFORMS = "https://w3id.org/ro/crate/1.2/context", "https://w3id.org/ro/crate/1.2"
# What each member is; `contents.MADE` makes all of them but the first and the last.
DESCRIBED = {
    SCENARIO: "Every assumption, with its unit, source, date and evidence.",
    RESULTS: "What the scenario comes to, as `run --json` prints it: KPIs, lines, verdict.",
    CARDS: "The vendors' prices that the scenario names, with the days from which they hold.",
    WORKBOOK: "The base case as a workbook of live formulas.",
    LIVE: "The plan as a page that computes itself: open it in a browser, with or without a network.",
    README: "What is in here, and how to check it.",
}
RECORD = "A measurement that the scenario cites, with its raw samples."
TYPES = {
    ".yaml": "application/yaml",
    ".json": "application/json",
    ".txt": "text/plain",
    ".html": "text/html",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
LICENCE = "Whoever sends this file decides who may read it and use it."
# What the format of a zip file can say.
EARLIEST, LATEST = datetime(1980, 1, 1, tzinfo=UTC), datetime(2107, 12, 31, tzinfo=UTC)
# The sources that decide a figure; the rest of them only shows it.
SOURCES = Path(__file__).parents[2]
SOURCE_KINDS = (".py", ".yaml", ".csv")
LIBRARIES = ("numpy", "scipy")


@dataclass(frozen=True)
class Listed:
    """What a manifest claims: hash and size of each member, the moment and the software that the bundle was made by."""

    files: Mapping[str, tuple[str, int]]
    moment: datetime
    software: Mapping[str, str]


def sha256(content: bytes) -> str:
    """Return the SHA-256 of bytes, in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


@cache
def software() -> dict[str, str]:
    """Return what decides the figures: a hash of Breakeven's sources, and the versions of Python and its libraries."""
    found = hashlib.sha256()
    for path in sorted(path for path in SOURCES.rglob("*") if path.suffix in SOURCE_KINDS):
        name = path.relative_to(SOURCES).as_posix().encode()
        found.update(name + b"\0" + path.read_bytes().replace(b"\r\n", b"\n") + b"\0")
    libraries = {name: version(name) for name in LIBRARIES}
    return {"Breakeven": found.hexdigest()[:12], "Python": platform.python_version(), **libraries}


def manifest(members: Mapping[str, bytes], scenario: Scenario, moment: datetime, made_by: Mapping[str, str]) -> bytes:
    """Return the manifest of all other members, the signature left out."""
    graph = list(_graph(members, scenario, moment, made_by))
    text = json.dumps({"@context": CONTEXT, "@graph": graph}, indent=2, ensure_ascii=False)
    return f"{text}\n".encode()


def _graph(
    members: Mapping[str, bytes], scenario: Scenario, moment: datetime, made_by: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    """Yield the entities of the manifest: itself, the whole, each member, the two hashes, and how all was made."""
    names = sorted(name for name in members if name not in (MANIFEST, SIGNATURE))
    made = [name for name in DESCRIBED if name != SCENARIO]
    yield {"@id": MANIFEST, "@type": "CreativeWork", "about": _ref("./"), "conformsTo": _ref(CONFORMS)}
    yield {
        "@id": "./",
        "@type": "Dataset",
        "name": one_line(scenario.title),
        "description": one_line(scenario.settings.description) or "A scenario of Breakeven with its results.",
        "datePublished": moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "license": LICENCE,
        "identifier": [_ref("#numbers"), _ref("#file")],
        "hasPart": [_ref(name) for name in names],
        "mainEntity": _ref(SCENARIO),
    }
    for name in names:
        yield {
            "@id": name,
            "@type": "File",
            "name": name,
            "description": DESCRIBED.get(name, RECORD),
            "encodingFormat": TYPES.get(PurePath(name).suffix, "application/octet-stream"),
            "contentSize": str(len(members[name])),
            "sha256": sha256(members[name]),
        }
    for name, value, says in (
        ("numbers", scenario.hash, "Hash of the numbers; order and comments do not change it"),
        ("file", scenario.file_hash, f"SHA-256 of {SCENARIO}, sources and notes included"),
    ):
        yield {"@id": f"#{name}", "@type": "PropertyValue", "propertyID": name, "name": says, "value": value}
    yield {
        "@id": "#made",
        "@type": "CreateAction",
        "name": f"python -m simulator bundle {SCENARIO} --out again.zip",
        "object": [_ref(name) for name in names if name not in made],
        "result": [_ref(name) for name in names if name in made],
        "instrument": [_ref(f"#{name}") for name in made_by],
    }
    for name, number in made_by.items():
        yield {"@id": f"#{name}", "@type": "SoftwareApplication", "name": name, "softwareVersion": number}


def _ref(name: str) -> dict[str, str]:
    return {"@id": name}


def one_line(text: str) -> str:
    """Return a text with its white space as single blanks."""
    return " ".join(text.split())


ENTITIES = fields({"@graph": items(fields({"@id": TEXT}))})
FILE = fields({"sha256": TEXT, "contentSize": TEXT})


def listed(content: bytes) -> Listed:
    """Return what a manifest claims; raise ValueError where it is none."""
    try:
        graph = check(parse_json(content), ENTITIES, MANIFEST, RecordError)["@graph"]
        by_id = {one["@id"]: one for one in graph}
        files = {
            name: (check(one, FILE, MANIFEST, RecordError)["sha256"], int(one["contentSize"]))
            for name, one in by_id.items()
            if one.get("@type") == "File"
        }
        root = check(by_id["./"], fields({"datePublished": TEXT}), MANIFEST, RecordError)
        moment = datetime.strptime(root["datePublished"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        if not EARLIEST <= moment <= LATEST:
            raise ValueError("its date is none that a file can have")
        made_by = [one for one in graph if one.get("@type") == "SoftwareApplication"]
        return Listed(files, moment, {str(one.get("name")): str(one.get("softwareVersion")) for one in made_by})
    except (RecordError, KeyError, ValueError) as error:
        raise ValueError(str(error)) from None
