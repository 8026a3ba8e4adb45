"""What takes too long for the suite: every scenario under every what-if and ten seeds, and mutants of every file.

See `make soak`, and `fuzzed` for what becomes of a mutant.
"""

import json
import os
import secrets
import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest
from invariants import check

from simulator.answers.draws import draw
from simulator.answers.projection import project, settle
from simulator.scenario.numbers import simulation_of
from simulator.scenario.reading import load

try:
    import resource
except ImportError:  # Windows
    resource = None

HERE = Path(__file__).parent
SCENARIOS = Path(__file__).parents[1] / "scenarios"
PAIRS = list(product(sorted(SCENARIOS.glob("*.yaml")), sorted((SCENARIOS / "overlays").glob("*.yaml"))))


@pytest.mark.soak
@pytest.mark.parametrize(("path", "overlay"), PAIRS, ids=lambda path: path.stem)
def test_books_of_every_scenario_balance_under_every_overlay(path: Path, overlay: Path):
    """In every month of a few trials all rules hold, and the verdict has a grade."""
    scenario = load(path, [overlay])
    assert check(simulation_of(scenario, draw(scenario, 10))) == []
    assert project(scenario, 20).verdict.grade


@pytest.mark.soak
@pytest.mark.parametrize("path", sorted(SCENARIOS.glob("*.yaml")), ids=lambda path: path.stem)
def test_no_grade_is_decided_by_the_seed(path: Path):
    """Over ten seeds, the grades that the trials decide are all the same; others are undecided."""
    scenario = load(path)
    verdicts = [settle(project(scenario.with_seed(seed), evidence=False)).verdict for seed in range(10)]
    assert len({verdict.grade for verdict in verdicts if not verdict.between}) <= 1


# Mutants are tried in batches, so that one process does not grow old, and each batch has a seed of its own.
MUTANTS, BATCH = 10_000, 500
MOST_MEGABYTES = 1_000


@pytest.mark.soak
@pytest.mark.parametrize("batch", range(MUTANTS // BATCH))
@pytest.mark.parametrize("kind", ["scenario", "overlay", "record", "workload", "draft"])
def test_no_mutant_gives_a_traceback_or_takes_long(kind: str, batch: int):
    """A mutated file is taken, or refused within 5 kB, 10 s of the processor and a gigabyte."""
    seed = secrets.randbelow(2**40)
    command = [sys.executable, "-m", "fuzzed", kind, str(seed), str(BATCH)]
    print(f"to repeat: {' '.join(command[1:])}")
    environment = {**os.environ, "PYTHONPATH": f"{HERE.parent}{os.pathsep}{HERE}"}
    told = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, preexec_fn=_limit if resource else None
    )
    assert told.returncode in {0, 1}, told.stderr[-2000:]
    found = json.loads(told.stdout)
    assert (found["failed"], found["tried"]) == ([], BATCH)
    assert found["megabytes"] < MOST_MEGABYTES


def _limit() -> None:
    """Bound the memory of this process, some of which libraries only reserve."""
    resource.setrlimit(resource.RLIMIT_AS, (4 * MOST_MEGABYTES * 10**6, 4 * MOST_MEGABYTES * 10**6))
