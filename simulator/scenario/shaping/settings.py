"""Settings at the head of a scenario changed, and its currency with all that is stated in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from profiling.errors import Phrase
from simulator.engine.model import Input
from simulator.errors import BadValue, PlanError, about
from simulator.lines import business
from simulator.scenario.assumption import Assumption, is_described, read_assumption
from simulator.scenario.cards.pool import CARD, CURRENCY
from simulator.scenario.checks.stated_units import RATE, own_names
from simulator.scenario.document import plain
from simulator.scenario.overlays import SECTIONS
from simulator.scenario.reading import OLDER_REFERENCE, scenario_in
from simulator.scenario.scaling import scaled
from simulator.scenario.scenario import Scenario
from simulator.scenario.settings import SETTINGS
from simulator.scenario.shaping.layout import CORRELATIONS, TOP, Layout


def with_setting(scenario: Scenario, name: str, literal: Any) -> Scenario:
    """Return the scenario with one setting of its head set to a literal as in a file; None or "" means its default.

    Another currency renames what amounts are in and converts nothing. Another start moves all months along, because
    they are counted from it. Raises BreakevenError.
    """
    if name not in SETTINGS or name == "breakeven":
        raise PlanError(Phrase("{name} is not a setting that can be changed", name=name), "choose another")
    if name == "currency":
        return with_currency(scenario, str(literal))
    if name == "second_currency":
        _unused(scenario, str(literal or ""))
    layout = Layout(scenario.to_yaml(), scenario.file)
    if literal not in {None, ""} if not isinstance(literal, dict | list) else literal:
        _checked(name, literal)
        layout.put(name, literal)
    elif SETTINGS[name].default is None:
        raise PlanError(Phrase("{name} is empty", name=name), "fill it in")
    elif name in layout.document:
        layout.drop(name)
    return scenario_in(layout.document, layout.text, scenario.folder, scenario.file)


def _checked(name: str, literal: Any) -> None:
    try:
        SETTINGS[name].read(literal)
    except BadValue as error:
        raise PlanError(about(name, error.what), error.todo) from None


def _unused(scenario: Scenario, code: str) -> None:
    """Raise PlanError where amounts are stated in a second currency that is no longer the scenario's."""
    second = scenario.settings.second_currency
    stated = [one.path for one in scenario.assumptions.values() if one.is_foreign]
    if stated and code != second:
        what = Phrase(
            "{count} amounts are stated in {second}, such as {path}",
            count=len(stated),
            second=second,
            path=stated[0],
        )
        todo = Phrase(
            "keep {second}, state them in {currency}, or make {second} the currency",
            second=second,
            currency=scenario.currency,
        )
        raise PlanError(what, todo)


def with_currency(scenario: Scenario, code: str, rate: float | None = None) -> Scenario:
    """Return the scenario in another currency; without a rate, every amount keeps its number under the new name.

    `rate` is what one unit of the old currency costs in the new one. It multiplies all amounts stated in the old
    currency, those of each month alike. Where a pool takes dollar prices from a card, the dollar becomes the second
    currency at that rate. The second currency may become the only one; amounts in it stay. Raises BreakevenError.
    """
    _checked("currency", code)
    old, second = scenario.currency, scenario.settings.second_currency
    if code == old:
        return scenario
    if rate is not None and not 0 < rate < float("inf"):
        raise PlanError(
            Phrase("{rate:g} is not an exchange rate", rate=rate),
            Phrase("give the {code} that one {old} costs, such as 0.9", code=code, old=old),
        )
    layout = Layout(scenario.to_yaml(), scenario.file)
    edits: dict[tuple[str, ...], Any] = {("currency",): code}
    for path, needed, literal in _stated(layout):
        one = read_assumption(".".join(path), literal, needed, scenario.currencies, scenario.folder)
        if (new := _in_currency(literal, one, needed, (old, code), rate)) != literal:
            edits[path] = new
    if rate and scenario.settings.cash_floor:
        edits[("cash_floor",)] = scaled(scenario.settings.cash_floor, rate)
    if old == CURRENCY and any(CARD in fields for fields in (layout.document.get("pools") or {}).values()):
        if rate is None:
            what = Phrase("pools take prices in {currency} from a price card", currency=CURRENCY)
            raise PlanError(
                what,
                Phrase("give the {code} that one {currency} costs, which converts them", code=code, currency=CURRENCY),
            )
        layout.put("second_currency", CURRENCY)
        edits[TOP, RATE] = {"value": rate, "unit": f"{code}/{CURRENCY}"}
    elif code == second:
        edits.pop((TOP, RATE), None)
        _drop_second(layout)
    layout.put("currency", code)
    layout.edit(edits)
    return scenario_in(layout.document, layout.text, scenario.folder, scenario.file)


def _drop_second(layout: Layout) -> None:
    """Remove the second currency, its exchange rate, and the correlations with that rate."""
    layout.drop("second_currency")
    pairs = [at for at, entry in enumerate(layout.document.get(CORRELATIONS) or ()) if RATE in entry[:2]]
    if pairs:
        layout.remove(CORRELATIONS, pairs)
    if RATE in (layout.document.get(TOP) or {}):
        layout.remove(TOP, [RATE])


def _stated(layout: Layout) -> Iterator[tuple[tuple[str, ...], Input, Any]]:
    """Yield the place, the input and the literal of every assumption that a document states."""
    inputs = {**business().inputs, OLDER_REFERENCE: business().inputs["reference_bill"]}
    holders: list[tuple[tuple[str, ...], Any]] = [((TOP,), layout.document.get(TOP) or {})]
    for section in SECTIONS:
        holders += [((section, name), fields) for name, fields in (layout.document.get(section) or {}).items()]
    for place, fields in holders:
        yield from (((*place, name), inputs[name], plain(fields[name])) for name in fields if name in inputs)


def _in_currency(literal: Any, one: Assumption, needed: Input, codes: tuple[str, str], rate: float | None) -> Any:
    """Return a literal in another currency; one that is no amount in the old currency stays."""
    old, new = codes
    is_money = needed.quantity is not None and "money" in dict(needed.quantity.unit.powers)
    if one.is_foreign or not (is_money or needed.name == RATE):
        return literal
    entry = literal if is_described(literal) else {"value": literal}
    if "unit" in entry:
        unit = own_names(str(entry["unit"]))
        entry = {**entry, "unit": re.sub(rf"\b{old}\b", new, unit)} if re.search(rf"\b{old}\b", unit) else entry
    # A number that stands for something, such as no limit, is no amount.
    if rate is not None and entry["value"] != needed.default and not one.measured and not one.on_curve:
        entry = {**entry, "value": scaled(entry["value"], rate)}
    return entry if is_described(literal) else entry["value"]
