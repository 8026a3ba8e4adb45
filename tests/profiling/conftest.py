"""Small workloads, and answers as a measuring process would send them."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from played import EXAMINED, MEASURED

from profiling.files import write_atomic
from profiling.runs import jobs
from profiling.runs.jobs import Job
from profiling.workload.workload import Case, Effort, Workload

_SHAPE = {
    **{"num_hidden_layers": 2, "hidden_size": 32, "intermediate_size": 64},
    **{"vocab_size": 200, "max_position_embeddings": 64},
}
_GROUPED = {**_SHAPE, "num_attention_heads": 4, "num_key_value_heads": 2}
BERT = {"config": {"model_type": "bert", **_SHAPE, "num_attention_heads": 2, "num_labels": 2}}
LLAMA = {"config": {"model_type": "llama", **_GROUPED, "tie_word_embeddings": True}}
EFFORT = Effort(repeats=3, warmup_steps=2, warmup_seconds=0.05, steps=8, seconds=0.1)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Runs and locks of a test stay in its own folder."""
    monkeypatch.setenv("BREAKEVEN_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def parsed(made: Workload) -> Workload:
    """Return the workload as its file is read: its model is walked here, and kept for processes that read it."""
    return Workload.parse(made.to_json(), made.name)


@pytest.fixture
def classifier() -> Workload:
    """One training case and one classifying case of a tiny BERT."""
    train = Case("train", {"method": "full", "batch": 4, "tokens": 16})
    cases = train, Case("classify", {"batch": 2, "tokens": 16})
    return parsed(Workload("tiny-classifier", BERT, cases, EFFORT))


@pytest.fixture
def generator() -> Workload:
    """Generation at two batch sizes by a tiny Llama."""
    points = ({"batch": batch, "prompt_tokens": 8, "new_tokens": 8} for batch in (1, 2))
    return parsed(Workload("tiny-generator", LLAMA, tuple(Case("generate", point) for point in points), EFFORT))


@pytest.fixture
def job(classifier: Workload) -> Job:
    """A run's folder with its request, and no process."""
    made = Job(jobs.default_root() / "20261122T000000-tiny-classifier-0000")
    made.folder.mkdir(parents=True)
    request: dict[str, Any] = {"id": made.id, "created": "2026-11-22T00:00:00Z", "wait": True}
    write_atomic(made.folder / "request.json", json.dumps({**request, "workload": classifier.to_json()}))
    return made


@pytest.fixture
def examined() -> dict[str, Any]:
    """What examining a device answers."""
    return deepcopy(EXAMINED)


@pytest.fixture
def measured() -> dict[str, Any]:
    """What one repeat of any case answers."""
    return deepcopy(MEASURED)
