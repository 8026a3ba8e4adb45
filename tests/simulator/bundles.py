"""Material for the tests of bundles: the bundle of a small scenario that cites a record, and forged ones."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from made import SMALL, case, measurement

from simulator.output.bundle import crate
from simulator.output.bundle.contents import Bundle, bundle_of
from simulator.scenario.reading import parse

RECORD = "measurements/run.json"
CITED = (
    SMALL.replace("months: 14", "months: 5")
    .replace("trials: 50", "trials: 10")
    .replace("tokens_per_second: 900", f"tokens_per_second: {{measured: {RECORD}, metric: tokens_per_second}}")
)
# Five repeats of a batch of 8 texts with 100 tokens each, in steps of about half a second: 1,600 tokens a second.
STEPS = [[0.5, 0.49, 0.51], [0.5, 0.5, 0.5], [0.52, 0.5, 0.51], [0.49, 0.48, 0.5], [0.5, 0.5, 0.5]]


def recorded() -> dict[str, object]:
    """Return a record whose rate, with its interval, follows from its samples."""
    from profiling.results import intervals

    seconds, tokens = [sum(one) for one in STEPS], [800.0 * len(one) for one in STEPS]
    one = case(1.0, batch=8, tokens=100)
    one["metrics"] = {"tokens_per_second": intervals.ratio(tokens, seconds, "token/s").to_json()}
    return measurement({**one, "samples": {"step_seconds": STEPS}})


@cache
def small_bundle() -> Bundle:
    """Return the bundle of the small scenario over a few months, whose larger pool was measured."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / RECORD
        path.parent.mkdir()
        path.write_text(json.dumps(recorded()))
        return bundle_of(parse(CITED, Path(folder)))


@cache
def small_zip() -> bytes:
    """Return the same as a zip file."""
    return small_bundle().zipped()


def forged(changes: Mapping[str, bytes], members: Mapping[str, bytes] | None = None) -> dict[str, bytes]:
    """Return a bundle's members with some of them changed, and a manifest that lists the changed ones' hashes."""
    found = {**(small_bundle().members if members is None else members), **changes}
    manifest = json.loads(found[crate.MANIFEST])
    for entity in manifest["@graph"]:
        if entity["@type"] == "File" and entity["@id"] in changes:
            content = changes[entity["@id"]]
            entity |= {"sha256": crate.sha256(content), "contentSize": str(len(content))}
    found[crate.MANIFEST] = f"{json.dumps(manifest, indent=2, ensure_ascii=False)}\n".encode()
    return found
