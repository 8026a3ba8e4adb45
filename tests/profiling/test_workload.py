"""A workload says what is measured, and nothing that cannot be."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from profiling import presets, workload
from profiling.errors import WorkloadError
from profiling.sensor import SHORTEST_ENERGY_WINDOW_SECONDS
from profiling.workload import Workload


def a_generation(**coordinates: int) -> dict[str, Any]:
    return {"kind": "generate", "point": {"batch": 1, "prompt_tokens": 1, **coordinates}}


@pytest.mark.parametrize("name", list(presets.PRESETS))
def test_every_preset_is_a_valid_workload_file(name: str, tmp_path: Path) -> None:
    """What ships passes the checks that a file of one's own must pass."""
    path = tmp_path / "workload.json"
    path.write_text(json.dumps(presets.PRESETS[name].workload.to_json()))
    assert workload.load(path) == presets.PRESETS[name].workload


@pytest.mark.parametrize("preset", presets.PRESETS.values())
def test_every_preset_looks_long_enough_for_the_energy_counter(preset: presets.Preset) -> None:
    """In a shorter window its steps show, and sampled power would have to stand in for it."""
    assert preset.workload.effort.seconds >= SHORTEST_ENERGY_WINDOW_SECONDS


def test_an_unknown_preset_is_answered_with_those_there_are() -> None:
    """The message is the list."""
    with pytest.raises(WorkloadError, match="classifier-quick, classifier-full, generation-quick, generation-full"):
        presets.find("quick")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"cases": []}, "'cases' is empty"),
        ({"name": "../up"}, "names a folder"),
        ({"speed": 1}, "'speed' is not known"),
        ({"precision": "float8"}, "must be one of auto, float32"),
        ({"cases": [a_generation(new_tokens=9)]}, "needs a llama"),
        ({"cases": [{"kind": "classify", "point": {"batch": 1, "tokens": 65}}]}, "65 tokens exceed"),
        ({"cases": [{"kind": "classify", "point": {"batch": 1, "tokens": 8, "speed": 1}}]}, "no coordinate"),
        ({"model": vars(presets.SMOL_135M), "cases": [a_generation(new_tokens=1)]}, "ask for at least 2"),
        ({"cases": [{"kind": "train", "point": {"batch": 1, "tokens": 8}}]}, "'method' is missing"),
    ],
)
def test_what_cannot_be_measured_is_refused(classifier: Workload, change: dict[str, Any], words: str) -> None:
    """The sentence says where, and what to do."""
    with pytest.raises(WorkloadError, match=words):
        Workload.parse({**classifier.to_json(), **change}, "mine.json")


@pytest.mark.parametrize(("name", "value"), [("repeats", 2), ("steps", 3), ("seconds", -1)])
def test_too_little_effort_is_refused(classifier: Workload, name: str, value: float) -> None:
    """Two processes have no useful interval, and three steps no trend."""
    data = classifier.to_json()
    data["effort"][name] = value
    with pytest.raises(WorkloadError, match=r"effort|steps show no trend"):
        Workload.parse(data, "mine.json")


def test_heads_must_share_the_width(classifier: Workload) -> None:
    """A model that torch could not build is refused before a process starts."""
    data = classifier.to_json()
    data["model"]["heads"] = 3
    with pytest.raises(WorkloadError, match="must divide hidden"):
        Workload.parse(data, "mine.json")


def test_the_hash_changes_with_whatever_decides_the_measurement(classifier: Workload) -> None:
    """Two records with one hash measured the same thing."""
    assert classifier.hash == replace(classifier).hash
    assert (
        len({classifier.hash, replace(classifier, seed=21).hash, replace(classifier, precision="bfloat16").hash}) == 3
    )
