"""`python -m tools.architectures`: walk the models that ship, and write profiling/architecture/shipped.json.

Run it after a model, a preset or a record is added, or transformers has another version.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from profiling import architecture
from profiling.architecture import kept, source
from profiling.models import walk
from profiling.reference import datasheets
from profiling.results import record
from profiling.workload.presets import PRESETS

RECORDS = Path(__file__).parents[1] / "scenarios" / "measurements"


def requests() -> Iterator[str]:
    """Yield what is asked for the models of the tables, of the presets, and of the records that ship.

    A model in a folder of the computer that was measured is left out: its config is not here.
    """
    for row in datasheets.rows(datasheets.Model):
        yield architecture.request(row.config)
    for preset in PRESETS.values():
        yield from _of(preset.workload.model, preset.workload.purpose)
    for path in sorted(RECORDS.glob("*.json")):
        yield from _of(record.load(path).workload["model"], None)


def _of(model: Mapping[str, Any], task: str | None) -> Iterator[str]:
    config = None if "path" in model else source.config_of(model)
    if config is not None:
        yield architecture.request(config, task)


def main() -> None:
    """Walk each model, and write one line for each."""
    lines = []
    for request in dict.fromkeys(requests()):
        found = walk.answered(**json.loads(request))
        lines.append(f"{json.dumps(kept.key(request))}: {json.dumps(found, separators=(',', ':'))}")
    kept.SHIPPED.write_text("{\n" + ",\n".join(sorted(lines)) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
