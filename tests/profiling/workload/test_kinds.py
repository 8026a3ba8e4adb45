"""A kind of case, a training method and a metric are each named in their own file alone."""

import ast
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from example import RECORD

from profiling import registry
from profiling.architecture.source import TASKS
from profiling.methods import METHODS, Method
from profiling.results import record, report
from profiling.results.metrics import METRICS
from profiling.workload.kinds import KINDS, Kind

ROOT = Path(__file__).parents[3]
OWN = ("profiling/workload/kinds", "profiling/methods", "profiling/workload/presets")
# Names that are ordinary words, too, mean other things elsewhere: train, load, full, head and prompt.
DISTINCTIVE = {*KINDS, *METHODS} - {"train", "load", "full", "head", "prompt"}

TOY_KIND = """
from profiling.workload.kinds.kind import Kind
TOY = Kind("toy", "Toying", 9, ("text",), ("batch", "wheels"), "course", "profiling.workload.kinds.toy:run",
           takes_method=True, rates=("toys_per_second",))
"""
TOY_METHOD = """
from profiling.methods.method import Method, Settings
TOY = Method("toying", "Toying", 99, "all", Settings(1.0), "profiling.methods.toy:make")
"""
TOY_METRIC = '\nregister(Metric("toys_per_second", "toy/s", "lower", "Toys a second, of which fewer are better."))\n'
USE = """
import json, sys
from dataclasses import replace
from profiling.results import compare, figures, record, report
from profiling.results.record import CaseResult, Estimate
from profiling.workload import presets, sweep
from profiling.workload.workload import Workload

plain = presets.find("classifier-quick").workload.to_json()
point = {"method": "toying", "batch": 2, "wheels": 4}
asked = Workload.parse({**plain, "cases": [{"kind": "toy", "point": point}]}, "mine.json")
old, new = (
    replace(
        record.load(__import__("pathlib").Path(sys.argv[1])),
        cases=(CaseResult("toy", point, "ok", None, {"toys_per_second": Estimate(x, x, x, 0.95, "toy/s", 3)}, {}, None,
                          None, {}),),
    )
    for x in (2.0, 1.0)
)
print(json.dumps({
    "fields": sweep.fields_to_sweep(asked)[:3],
    "welcome": [change.welcome for change in compare.compare(old, new).changes],
    "defined": "Toys a second, of which fewer are better." in report.text(new),
    "drawn": [figure.key for figure in figures.of(new)],
}))
"""


def constants(path: Path) -> Iterator[str]:
    """Yield the texts that a file's code writes out."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def test_no_other_file_names_a_kind_or_a_method() -> None:
    """Everything else asks the registries."""
    files = [ROOT / "app.py", *(ROOT / "profiling").rglob("*.py"), *(ROOT / "dashboard").rglob("*.py")]
    others = [path for path in files if not path.relative_to(ROOT).as_posix().startswith(OWN)]
    found = {path.relative_to(ROOT).as_posix(): DISTINCTIVE & set(constants(path)) for path in others}
    assert {path: names for path, names in found.items() if names} == {}


def test_a_kind_a_method_and_a_metric_need_their_own_definition_alone(tmp_path: Path) -> None:
    """Workloads, sweeps, comparisons, reports and figures know them, with no other file touched."""
    shutil.copytree(ROOT / "profiling", tmp_path / "profiling", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "profiling/workload/kinds/toy.py").write_text(TOY_KIND)
    (tmp_path / "profiling/methods/toy.py").write_text(TOY_METHOD)
    with (tmp_path / "profiling/results/metrics.py").open("a") as metrics:
        metrics.write(TOY_METRIC)
    command = [sys.executable, "-c", USE, str(RECORD)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "fields": ["method", "batch", "wheels"],
        "welcome": [True],
        "defined": True,
        "drawn": ["throughput"],
    }


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_a_kind_is_complete(kind: Kind) -> None:
    """Its tasks and metrics are known, its code is there, and steps have a work and metrics."""
    named = {*kind.rates, *kind.outcomes, kind.utilisation, *(name for names in kind.stages.values() for name in names)}
    assert named <= set(METRICS)
    assert set(kind.tasks) <= set(TASKS)
    assert callable(kind.run)
    assert callable(registry.load(kind.result)) if kind.result else kind.way == "steps"
    assert (kind.way == "steps") == bool(kind.stages) == bool(kind.work) == bool(kind.quotients)


@pytest.mark.parametrize("method", METHODS.values(), ids=lambda method: method.name)
def test_a_method_is_complete(method: Method) -> None:
    """The code that it names is there, and what stands for it is published for itself."""
    assert callable(registry.load(method.maker))
    assert callable(registry.load(method.course))
    assert not method.published_as or METHODS[method.published_as].published_as == method.published_as


def test_an_unknown_kind_in_a_record_is_named() -> None:
    """A record of a newer version is read, and the report says what it does not know."""
    shipped = record.load(RECORD)
    newer = replace(shipped, cases=(replace(shipped.cases[0], kind="dream"),))
    assert record.Record.parse(json.loads(json.dumps(newer.to_json())), "newer.json").cases[0].kind == "dream"
    assert "dream is a kind of case that this version does not know" in report.text(newer)
