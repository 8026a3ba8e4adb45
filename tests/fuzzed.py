"""`python -m fuzzed KIND SEED COUNT`: mutated files of one kind, read and computed as a user's would be.

Prints one JSON object: how many were taken and refused, and what failed. A failure is a traceback, a message over 5 kB,
or a file that takes more than ten seconds of the processor. `test_soak` runs it in a process of limited memory.
"""

from __future__ import annotations

import json
import random
import resource
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta, timezone
from pathlib import Path
from typing import Any

import numpy as np
from ruamel.yaml import YAML

from dashboard.desk.desk import scenario_at
from dashboard.desk.drafts import Draft, Shelf
from profiling.errors import ProfilingError, RecordError
from profiling.estimates.before import before
from profiling.results import compare, figures, record, report
from profiling.results.costs import Priced
from profiling.results.html_report import html
from profiling.workload import sweep
from profiling.workload.presets import PRESETS
from profiling.workload.workload import Workload
from simulator.answers.projection import project
from simulator.errors import BreakevenError
from simulator.scenario.overlays import parse_overlay
from simulator.scenario.reading import parse
from simulator.scenario.records.attach import METRICS, references
from simulator.scenario.records.measured import resolve

SCENARIOS = Path(__file__).parents[1] / "scenarios"
FILES = {path.stem: path.read_text(encoding="utf-8") for path in sorted(SCENARIOS.glob("*.yaml"))}
OVERLAYS = [path.read_text(encoding="utf-8") for path in sorted((SCENARIOS / "overlays").glob("*.yaml"))]
RECORDS = [json.loads(path.read_text(encoding="utf-8")) for path in sorted((SCENARIOS / "measurements").glob("*.json"))]
RECORDED = [record.Record.parse(plain, "shipped") for plain in RECORDS]
WORKLOADS = [preset.workload.to_json() for preset in PRESETS.values()]
PRICE = Priced.given(2.0)
# The smallest scenario is the one that most mutants are made of, since the others take longer to compute.
SMALLEST = min(FILES.values(), key=len)

MOST_SECONDS = 10
MOST_MESSAGE_BYTES = 5_000
FEW_TRIALS = 5
# A reader's time zone.
AHEAD = timezone(timedelta(hours=8))

# Values where others belong: of another kind, at an end of what a number can be, or long.
STRANGE: list[Any] = [
    *(None, True, False, [], {}, [[]], {"a": {}}, [1, 2], {"value": []}, {"value": {"value": 1}}, {0: 1, 3: [2]}),
    *(0, -1, 1, 2, 0.5, 1e-300, 1e18, -1e18, 1e19, 1e308, 5e-324, 10**30, 2**63, 1.5, 240, 241, 100_000),
    *("", " ", "x", "0", "4%", "101%", "-5%", "90% between 1 and 2", "90% between 5 and 1", "99.9% between -1 and 1e9"),
    *("2027-01", "2027-13", "2027-02-30", "USD", "EUR", "month", "USD/hour", "*", "<b>", "a" * 200, "é" * 3_000),
    *("http://x.y", "../../etc/passwd", "/dev/zero", "\u202e", "\ud83d\ude00", "null", "~", "1e400", "=1+1", "0x10"),
    *({"times": 2}, {"times": 0}, {"times": "x"}, {"times": 1e18}, {"chance": "30%"}, {"chance": 2}, {"walk": 1}),
    *({"pert": [1, 2, 3]}, {"pert": [1, 2]}, {"normal": [0, 0]}, {"normal": [5, 1e18]}, {"lognormal": [1, 9.9]}),
    *({"uniform": [0, 1e18]}, {"samples": [1]}, {"samples": [1, 2]}, {"start": 1, "monthly_growth": "500%"}),
    *({"start": 1e18, "monthly_growth": -1}, {"from": 1, "to": 0, "over": 6}, {"from": [], "to": {}, "over": []}),
    {"walk": 5, "monthly_volatility": "90%"},
    {"walk": {"from": 1, "to": 2, "over": 3}, "monthly_volatility": 1, "half_life": 0.1},
    {"curve": {1: [51.7, 0.0186], 25: [623, 0.0388]}, "within": 0.03},
    {"curve": {1: [1e-300, 1e300]}, "within": 1e18},
    {"measured": "measurements/none.json", "metric": "tokens_per_second", "within": {"over": [], "tpot_seconds": 1}},
    {"measured": "a" * 5_000 + ".json", "metric": "m"},
]


def mutated(tree: Any, draw: random.Random, depth: int = 0) -> Any:
    """Return plain data with one part taken out, doubled, renamed, moved, or put in the place of another."""
    if not isinstance(tree, dict | list) or not tree or (depth and draw.random() < 0.15):
        return draw.choice(STRANGE)
    if isinstance(tree, list):
        place = draw.randrange(len(tree))
        new = mutated(tree[place], draw, depth + 1)
        return draw.choice([[*tree[:place], new, *tree[place + 1 :]]] * 8 + [tree[:place], tree * 3, [*tree, new]])
    name = draw.choice(list(tree))
    how = draw.random()
    if how < 0.75:
        return {**tree, name: mutated(tree[name], draw, depth + 1)}
    if how < 0.83:
        return {key: part for key, part in tree.items() if key != name}
    other = draw.choice([*tree, "*", "x" * 300, "1", 1, "measured", "breakeven", "<script>", "é" * 50, ""])
    if how < 0.91:
        return {other if key == name else key: part for key, part in tree.items()}
    return {**tree, other: tree[name]}


def garbled(text: str, draw: random.Random) -> str:
    """Return a text with a line or a few characters changed, as by an editor that slipped."""
    lines = text.splitlines(keepends=True)
    first, second = sorted(draw.choices(range(len(lines) + 1), k=2))
    how = draw.randrange(6)
    if how == 0:
        return "".join(lines[:first] + lines[second:])
    if how == 1:
        return "".join(lines[:first] + lines[first : first + 20] * draw.choice([2, 50]) + lines[first:])
    if how == 2:
        return "".join(lines[:first]) + draw.choice([" ", "    ", "\t", "- ", "? ", "#"]) + "".join(lines[first:])
    place = draw.randrange(len(text) + 1)
    marks = [
        "{",
        "}",
        "[",
        "]",
        ":",
        ": ",
        "&a ",
        "*a",
        "!",
        "<<: {a: 1}",
        "'",
        '"',
        "|",
        ">",
        "%",
        "\0",
        "\x85",
        "9" * 80,
    ]
    marks += ["? {a: b}\n: 1\n", "\ufeff", "\r", "---\n", "...\n", "#" * 3_000, "{a: " * 30, "\n" * 50, "0o7", "é"]
    return text[:place] + draw.choice(marks) * draw.choice([1, 1, 1, 40]) + text[place + draw.choice([0, 1, 5]) :]


def as_yaml(tree: Any) -> str:
    """Return plain data as YAML on one line; unlike JSON, it keeps the months of schedules numbers."""
    if isinstance(tree, dict):
        return f"{{{', '.join(f'{as_yaml(name)}: {as_yaml(part)}' for name, part in tree.items())}}}"
    if isinstance(tree, list):
        return f"[{', '.join(map(as_yaml, tree))}]"
    return json.dumps(tree, ensure_ascii=False, default=str)


def trees(texts: list[str]) -> list[Any]:
    """Return the plain data of YAML files."""
    return [YAML(typ="safe", pure=True).load(text) for text in texts]


def often(tree: Any, draw: random.Random) -> Any:
    """Return plain data after one to four mutations."""
    for _ in range(draw.choice([1, 1, 1, 2, 4])):
        tree = mutated(tree, draw)
    return tree


def scenario(draw: random.Random, folder: Path) -> Callable[[], object]:
    """A mutated scenario: read, computed over a few trials, and read again from its own text."""
    text = draw.choice([*FILES.values(), *[SMALLEST] * 20])
    text = garbled(text, draw) if draw.random() < 0.4 else as_yaml(often(trees([text])[0], draw))

    def read() -> None:
        found = parse(text, SCENARIOS, "mutant.yaml")
        project(found, min(FEW_TRIALS, found.trials), evidence=draw.random() < 0.1)
        _ = found.warnings
        assert parse(found.to_yaml(), SCENARIOS).hash == found.hash

    return kept(read, text)


def overlay(draw: random.Random, folder: Path) -> Callable[[], object]:
    """A mutated what-if, applied to a scenario and computed."""
    text = draw.choice(OVERLAYS)
    text = garbled(text, draw) if draw.random() < 0.4 else as_yaml(often(trees([text])[0], draw))

    def read() -> None:
        found = parse(SMALLEST, SCENARIOS, "plain.yaml", [parse_overlay(text, "mutant.yaml")])
        project(found, FEW_TRIALS, evidence=False)

    return kept(read, text)


def measurement(draw: random.Random, folder: Path) -> Callable[[], object]:
    """A mutated record: read, referred to, planned with, and reported."""
    text = json.dumps(RECORDS[0])
    text = garbled(text, draw) if draw.random() < 0.2 else json.dumps(often(draw.choice(RECORDS), draw))
    path = folder / "measurements" / "mutant.json"

    def read() -> None:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        found = record.load(path)
        report.text(found)
        html(found)
        figures.of(found, PRICE)
        figures.runs_priced(found, PRICE)
        compare.text(compare.compare(RECORDED[0], found))
        before(Workload.parse(WORKLOADS[0], "preset"), folder, [found])
        for metrics in METRICS.values():
            for reference in _references(path, metrics):
                # What a record states as a plain number, such as devices per replica, refers to nothing.
                if isinstance(reference["value"], dict):
                    value = {**reference["value"], "measured": "measurements/mutant.json"}
                    _drawn(resolve(value, folder))

    return kept(read, text)


def _drawn(part: Any) -> None:
    """Raise where a measured number draws what is no number."""
    assert np.isfinite(part.quantile(np.array([0.001, 0.5, 0.999]))).all()


def _references(path: Path, metrics: Any) -> list[Any]:
    try:
        return list(references(path, metrics, {}).values())
    except BreakevenError as error:
        bounded(str(error))
        return []


def workload(draw: random.Random, folder: Path) -> Callable[[], object]:
    """A mutated workload: parsed, written back, swept over and estimated."""
    text = json.dumps(often(draw.choice(WORKLOADS), draw), default=str)

    def read() -> None:
        found = Workload.parse(json.loads(text), "mutant.json")
        assert Workload.parse(found.to_json(), "again") == found
        for name in [*sweep.fields_to_change(found), *sweep.fields_to_sweep(found)]:
            sweep.present(found, name)
        before(found, folder, RECORDED)

    return kept(read, text)


def draft(draw: random.Random, folder: Path) -> Callable[[], object]:
    """A mutated draft, which is listed, opened and computed with its edits, or counts as missing."""
    shelf = Shelf(folder)
    opened = Draft.of("mine.yaml", SCENARIOS, SMALLEST)
    edit = replace(opened.now, edits={"tools_per_head": {0: 600, 12: 650}}, name="tools_per_head")
    whole = draw.choice([opened, opened.stepped(edit), opened.stepped(edit).undone()])
    shelf.save(whole)
    path = folder / f"{whole.id}.json"
    text = path.read_text(encoding="utf-8")
    text = garbled(text, draw) if draw.random() < 0.2 else json.dumps(often(json.loads(text), draw))

    def read() -> None:
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        found = shelf.load(whole.id)
        for one in shelf.listed():
            one.updated.astimezone(AHEAD)
        path.unlink()
        if found is not None:
            for one in (found.undone(), found.redone(), found):
                computed = scenario_at(one.now, one.file)
            project(computed, 0, evidence=False)

    return kept(read, text)


def kept(read: Callable[[], object], text: str) -> Callable[[], object]:
    """Return what reads a mutant, with its text for the case that it fails."""
    read.text = text  # type: ignore[attr-defined]
    return read


def bounded(message: str) -> None:
    """Raise where a message has more than 5 kB."""
    size = len(message.encode("utf-8", "replace"))
    if size > MOST_MESSAGE_BYTES:
        raise OverflowError(f"a message of {size:,} bytes: {message[:200]}")


KINDS = {"scenario": scenario, "overlay": overlay, "record": measurement, "workload": workload, "draft": draft}


def main(kind: str, seed: int, count: int) -> int:
    """Try mutants of one kind, and print what became of them."""
    found: dict[str, Any] = {"tried": 0, "taken": 0, "refused": 0, "slowest": 0.0, "failed": []}
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as name:
        for number in range(seed, seed + count):
            read = KINDS[kind](random.Random(number), Path(name))
            before_seconds = time.process_time()
            try:
                read()
                found["taken"] += 1
            except (BreakevenError, ProfilingError, RecordError) as error:
                found["refused"] += 1
                failure = _over(str(error))
            except Exception:
                failure = traceback.format_exc()[-1500:]
            else:
                failure = None
            seconds = time.process_time() - before_seconds
            found["tried"] += 1
            found["slowest"] = max(found["slowest"], round(seconds, 2))
            failure = failure or (f"{seconds:.1f} s" if seconds > MOST_SECONDS else None)
            if failure:
                case = Path(tempfile.gettempdir()) / f"mutant-{kind}-{number}"
                case.write_bytes(read.text.encode("utf-8", "surrogatepass"))  # type: ignore[attr-defined]
                found["failed"].append({"seed": number, "case": str(case), "what": failure})
    found["megabytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps(found))
    return 1 if found["failed"] else 0


def _over(message: str) -> str | None:
    try:
        bounded(message)
    except OverflowError as error:
        return str(error)
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
