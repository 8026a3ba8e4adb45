"""Drafts damaged in thousands of ways: each is missing, refused in words, or computed; see `make soak`."""

from __future__ import annotations

import copy
import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from example import EXAMPLE

from dashboard.desk.cached import projected
from dashboard.desk.desk import SHIPPED, scenario_at, shipped
from dashboard.desk.drafts import Shelf, read
from simulator.errors import BreakevenError
from simulator.scenario.reading import load

DRAFTS = 10_000
PATHS = [*load(SHIPPED / EXAMPLE).assumptions, "x", "plans", "plans.x.price", "roles..heads", "", ".", "months"]
ODD: list[Any] = [
    *(None, True, False, 0, -1, 0.5, 1e308, float("nan"), float("inf"), 10**400, "", "x", "5%", "nan", "1e999"),
    *("90% between 2 and 5", "x" * 5000, "\ud800", "\0", [], [1, 2], [[1, 2]], [None], {}, {"a": 1}, {"": ""}),
    *({"value": 5}, {"value": [1]}, {"value": None, "unit": 3}, {"value": {"value": {"value": 1}}}, {"0": "x"}),
    *({"value": 5, "source": [1], "as_of": 5, "note": {}}, {"99999999999999999999": 1}, {"start": {"a": 1}}),
    *({"from": 1, "to": 2, "over": 0}, {"pert": [3, 2, 1]}, {"lognormal": [0.02, 9]}, {"normal": ["a", "b"]}),
    *({"measured": "../x", "metric": "y"}, {"measured": 5}, {"samples": []}, {"walk": 1}, {"uniform": {"a": 1}}),
]


def damaged(node: Any, chance: random.Random) -> Any:
    """The node with one thing in it changed."""
    if isinstance(node, str):
        return damaged_text(node, chance)
    if isinstance(node, (dict, list)) and node:
        key = chance.choice(list(node)) if isinstance(node, dict) else chance.randrange(len(node))
        if (way := chance.random()) < 0.15:
            node.pop(key)
        else:
            node[key] = copy.deepcopy(chance.choice(ODD)) if way < 0.4 else damaged(node[key], chance)
        return node
    return copy.deepcopy(chance.choice(ODD))


def damaged_text(text: str, chance: random.Random) -> Any:
    """Other edits, where the text holds edits; another value, or the text with a hole, where it does not."""
    if text.startswith("["):
        edits = [[chance.choice(PATHS), chance.choice(ODD)] for _ in range(chance.randrange(1, 4))]
        return json.dumps(edits)
    if chance.random() < 0.3:
        return copy.deepcopy(chance.choice(ODD))
    place = chance.randrange(len(text) + 1)
    return text[:place] + chance.choice(["", "\0", "{", "-", "\ud800", ": "]) + text[place + chance.randrange(20) :]


@pytest.mark.soak
def test_no_damaged_draft_takes_a_page_down(tmp_path: Path):
    """Reading, listing and computing raise nothing but errors in words."""
    chance, shelf, draft = random.Random(20), Shelf(tmp_path), shipped(EXAMPLE)
    for path, literal in (("plans.team.price", {0: 49, 12: 59}), ("tax_rate", "4%")):
        draft = draft.stepped(replace(draft.now, edits={**draft.now.edits, path: literal}, name=path))
    shelf.save(draft)
    whole = json.loads((tmp_path / f"{draft.id}.json").read_text(encoding="utf-8"))
    path = tmp_path / "damaged00.json"
    for _ in range(DRAFTS):
        fields = copy.deepcopy(whole)
        for _ in range(chance.randint(1, 3)):
            damaged(fields, chance)
        path.write_text(json.dumps(fields), encoding="utf-8")
        assert shelf.listed()
        if found := read(path):
            try:
                projected(scenario_at(found.now, found.file), 0)
            except BreakevenError:
                continue
