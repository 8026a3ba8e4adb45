"""Moves of requests to another feature, such as from a prompt to a fine-tuned model: in sentences, and as a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from simulator.answers.variations.instead import Move
from simulator.output.prices import Plain, Speaker
from simulator.scenario.scenario import Scenario

# Costs of a request are too small to be read; those of so many are bills.
MANY = 1_000
# How the two ways are called, by the key of `Move.to_json`.
WAYS_LABELS = {"usual": "as now", "other": "moved"}
NONE = (
    "No route moves requests: list one under `routes:` with a `pool`, a `feature` that would answer instead, a "
    "`moved_share`, and the `program` that makes its model."
)
HEADS = ("right", "device s a request", f"cost of {MANY:,}", "of it corrections", "fewest devices", "program")
Values = Mapping[str, Any]


def moves_json(scenario: Scenario, found: list[Move], month: int) -> dict[str, Any]:
    """Return every move by month, and what is said of it at the prices of one month."""
    currency = scenario.currency
    moves = [{**move.to_json(), "sentence": sentence(move, month, currency, Plain())} for move in found]
    return {"scenario": scenario.title, "currency": currency, "month": month, "moves": moves}


def sentence(move: Move, month: int, currency: str, say: Speaker) -> str:
    """Return from how many requests a month, and from which month on, the move pays, and what it changes besides."""
    return " ".join(_sentences(move, month, currency, say))


def _sentences(move: Move, month: int, currency: str, say: Speaker) -> Iterator[str]:
    usual, other, least = move.usual[month], move.other[month], move.pays_from(month)
    values = {
        "requests": say.quantity(float(move.requests[month]), "1"),
        "when": say.quantity(month, "month index"),
        "usual": say.quantity(MANY * usual.request, currency),
        "other": say.quantity(MANY * other.request, currency),
    }
    if least is None:
        yield say("At the prices of {when} the move never pays, however many requests there are.", **values)
    elif least == 0:
        yield say("At the prices of {when} the move pays from the first request on.", **values)
    else:
        more = {"least": say.quantity(round(least), "1")}
        yield say(
            "At the prices of {when} the move pays from {least} requests a month on; the scenario has {requests}.",
            **values,
            **more,
        )
    yield say("A thousand more requests cost {other} instead of {usual}, corrections included.", **values)
    if other.program:
        yield say("The training program costs {program} a month.", program=say.quantity(other.program, currency))
    elif not move.program:
        yield say("The route names no `program`, so that no training is counted.")
    if usual.right != other.right:
        shares = {"usual": say.quantity(usual.right, "share"), "other": say.quantity(other.right, "share")}
        yield say("{other} of the answers are right instead of {usual}.", **shares)
    yield _when(move, say)
    gain = say.quantity(abs(move.cash_moved - move.cash_unmoved), currency)
    text = "With all of these requests moved from the start, cash at the end is {gain} lower than with none."
    if move.cash_moved >= move.cash_unmoved:
        text = "With all of these requests moved from the start, cash at the end is {gain} higher than with none."
    yield say(text, gain=gain)
    yield say("There, the program and the fewest devices of each pool are paid for in either case.")


def _when(move: Move, say: Speaker) -> str:
    if move.from_month is None:
        return say("At the scenario's own requests it does not pay by the end.")
    if move.from_month == 0:
        return say("At the scenario's own requests it pays in every month.")
    return say(
        "At the scenario's own requests it pays from {when} on.", when=say.quantity(move.from_month, "month index")
    )


def moves_table(shown: Values) -> str:
    """Return each move with both ways at the prices of one month, and its sentence."""
    return "\n".join(_lines(shown)) if shown["moves"] else NONE


def _lines(shown: Values) -> Iterator[str]:
    month, currency = shown["month"], shown["currency"]
    yield f"{shown['scenario']} · month {month}, {currency}"
    for move in shown["moves"]:
        yield f"\n{move['route']}: requests move to {move['feature']}"
        yield " " * 8 + "".join(f"{head:>20}" for head in HEADS)
        for key, title in WAYS_LABELS.items():
            way = move[key][month]
            costs = (
                MANY * way["request_cost"],
                MANY * way["correction_cost"],
                way["fewest_devices_cost"],
                way["program_cost"],
            )
            amounts = "".join(f"{cost:>20,.4g}" for cost in costs)
            yield f"  {title:<6}{way['right_share']:>20.1%}{way['device_seconds']:>20.4g}{amounts}"
        yield move["sentence"]
