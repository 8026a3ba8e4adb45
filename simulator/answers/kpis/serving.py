"""Serving: the cost of tokens and requests, their revenue, and the use of devices and electricity."""

from __future__ import annotations

from simulator.answers.kpis.registry import Figures, also, kpi, over
from simulator.errors import Undefined


def _per_token(figures: Figures, amount: float, name: str = "tokens_served") -> float:
    return over(amount, float(figures.total(name).sum()), "No tokens are served.")


@kpi(
    "Cost per million tokens",
    "money/Mtoken",
    "Serving cost per million tokens over all months, idle devices included; input tokens count at their weight.",
    variant="allocation",
)
def cost_per_million_tokens(figures: Figures) -> float:
    """Return all serving cost over all tokens served."""
    return _per_token(figures, float(figures.total("serving_cost").sum()))


@also(
    "cost_per_million_tokens",
    "usage",
    "Device cost per million tokens over all months, for the busy share of device hours only.",
)
def busy_cost_per_million_tokens(figures: Figures) -> float:
    """Return the cost that a benchmark shows: the allocation basis times utilisation."""
    busy = (figures.ledger.lines["device_cost"] * figures.ledger.lines["utilisation"]).sum()
    return _per_token(figures, float(busy), "own_tokens")


@kpi("Mean utilisation", "share", "Busy share of all device hours paid for, over all months.")
def mean_utilisation(figures: Figures) -> float:
    """Return the mean utilisation, weighted by device hours."""
    hours = figures.ledger.lines["device_hours"]
    busy = float((figures.ledger.lines["utilisation"] * hours).sum())
    return over(busy, float(hours.sum()), "No devices serve.")


def _per_request(figures: Figures, name: str) -> float:
    return over(figures.last_year(name), figures.last_year("requests"), "There are no requests in the last year.")


@kpi(
    "Revenue per request", "money/request", "Revenue of the last year over all requests, those of free plans included."
)
def revenue_per_request(figures: Figures) -> float:
    """Return revenue over requests."""
    return _per_request(figures, "revenue")


@kpi(
    "Cost per request",
    "money/request",
    "Serving cost of the last year over all requests, those of free plans included; idle devices count.",
)
def cost_per_request(figures: Figures) -> float:
    """Return serving cost over requests."""
    return _per_request(figures, "serving_cost")


@kpi(
    "Energy per million tokens",
    "kW*hour/Mtoken",
    "Electricity per million tokens served on own devices over all months, cooling included.",
)
def energy_per_million_tokens(figures: Figures) -> float:
    """Return energy over tokens; known only if a pool states its devices' power."""
    energy = float(figures.total("serving_energy").sum())
    if energy <= 0:
        raise Undefined("No pool states the power of its devices.")
    return _per_token(figures, energy, "own_tokens")


@kpi("Carbon of serving", "kg", "Carbon dioxide emitted by serving in the last year.")
def carbon_of_serving(figures: Figures) -> float:
    """Return emissions; known only if a pool states the carbon intensity of its electricity."""
    carbon = figures.last_year("carbon")
    if carbon <= 0:
        raise Undefined("No pool states the carbon intensity of its electricity.")
    return carbon
