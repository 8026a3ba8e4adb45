"""Groups of what a scenario draws: correlated assumptions together, the luck of counts, and areas of the business."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from scipy.sparse.csgraph import connected_components

from simulator.answers.draws import has_ranges
from simulator.lines import business
from simulator.scenario.scenario import Scenario

# The name of the group of all counts, whose luck is drawn beside the assumptions.
LUCK = "luck of counts"
# Rooms of the model → the area of the business that their assumptions are about; the rest are about money. Areas have
# capitals, which no path has.
MARKET, HARDWARE, PEOPLE, MONEY = "Market", "Hardware", "People", "Money"
AREAS: Mapping[str, str] = {
    **dict.fromkeys(("market", "product"), MARKET),
    **dict.fromkeys(("serving", "devices", "making"), HARDWARE),
    "people": PEOPLE,
}
# Prices of devices are about hardware, even where the model of the market moves them.
DEVICES = "device_"


def drawn_groups(scenario: Scenario) -> dict[str, tuple[str, ...]]:
    """Return the paths of each group by its name, which joins them: assumptions that correlate move together."""
    paths = scenario.uncertain
    place = {path: at for at, path in enumerate(paths)}
    tied = np.zeros((len(paths), len(paths)))
    for one, other, rank in scenario.correlations:
        if rank and {one, other} <= place.keys():
            tied[place[one], place[other]] = 1
    _, labels = connected_components(tied, directed=False)
    groups = [tuple(path for path in paths if labels[place[path]] == label) for label in dict.fromkeys(labels)]
    return {" + ".join(group): group for group in groups}


def areas_of(groups: Iterable[tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Return the paths of each area; a group whose assumptions belong to several is an area of its own."""
    found: dict[str, tuple[str, ...]] = {}
    for group in groups:
        area = " + ".join(sorted({area_of(path) for path in group}))
        found[area] = (*found.get(area, ()), *group)
    return dict(sorted(found.items()))


def area_of(path: str) -> str:
    """Return the area of the business that an assumption is about: market, hardware, people or money."""
    name = path.rpartition(".")[2]
    if name.startswith(DEVICES):
        return HARDWARE
    model = business()
    _, _, room, topic = model.lines[model.inputs[name].readers[0]].function.__module__.split(".")
    return AREAS.get(room, AREAS.get(topic, MONEY))


def has_luck(scenario: Scenario) -> bool:
    """Return whether the trials of a scenario draw counts."""
    return scenario.settings.counts == "drawn"


def draws_anything(scenario: Scenario) -> bool:
    """Return whether trials of the scenario may differ."""
    return has_ranges(scenario) or has_luck(scenario)
