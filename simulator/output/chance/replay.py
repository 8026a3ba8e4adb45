"""One trial as plain values and as a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from simulator.answers.chance.replay import Replay
from simulator.output.tables import precise, told_apart

MOST_SHOWN, EVERY = 12, 6
Values = Mapping[str, Any]


def replay_json(found: Replay) -> dict[str, Any]:
    """Return the trial's cash beside the base case, and what it draws."""
    return {
        "scenario": found.scenario.title,
        "currency": found.scenario.currency,
        "seed": found.scenario.seed,
        "number": found.number,
        "broke": found.broke,
        "cash": found.cash.tolist(),
        "base": found.base.tolist(),
        "assumptions": [asdict(one) for one in found.drawn],
        "sentence": _sentence(found),
    }


def _sentence(found: Replay) -> str:
    if found.broke is None:
        return f"Trial {found.number} never runs out of cash."
    return f"Trial {found.number} runs out of cash in month {found.broke}."


def replay_table(shown: Values) -> str:
    """Return cash twice a year, and the most unusual assumptions."""
    return "\n".join(_lines(shown))


def _lines(shown: Values) -> Iterator[str]:
    currency = shown["currency"]
    yield f"{shown['scenario']} · trial {shown['number']} of seed {shown['seed']}"
    yield f"\n{'Cash':<16}{'in this trial':>22}{'base case':>22}"
    for month in range(EVERY - 1, len(shown["cash"]), EVERY):
        amounts = "".join(f"{precise(shown[name][month], currency):>22}" for name in ("cash", "base"))
        yield f"  {f'month {month}':<14}{amounts}"
    yield f"\n{'Draws':<46}{'in this trial':>26}{'base case':>26}{'higher than':>14}"
    for one in shown["assumptions"][:MOST_SHOWN]:
        amounts = "".join(f"  {end:>24}" for end in told_apart((one["value"], one["base"]), one["unit"]))
        yield f"  {one['path']:<44}{amounts}{one['rank']:>14.0%}"
    yield f"\n{shown['sentence']}"
