"""What tokens and requests cost, what they bring, and what they take of machines and of the grid."""

from __future__ import annotations

from simulator.answers.kpis.registry import Figures, also, kpi
from simulator.errors import Undefined


def _tokens(figures: Figures, name: str = "tokens_served") -> float:
    served = float(figures.total(name).sum())
    if served <= 0:
        raise Undefined("No tokens are served.")
    return served


@kpi(
    "money/Mtoken",
    "Serving cost per million tokens over the whole plan, idle devices included; an input token counts at its weight.",
    variant="allocation",
)
def cost_per_million_tokens(figures: Figures) -> float:
    """Everything that is paid for, over everything that is served."""
    return float(figures.total("serving_cost").sum()) / _tokens(figures)


@also("cost_per_million_tokens", "usage", "Device cost per million tokens for the busy share of devices alone.")
def busy_cost_per_million_tokens(figures: Figures) -> float:
    """What a benchmark shows; it differs from the allocation basis by utilisation."""
    busy = (figures.ledger.lines["device_cost"] * figures.ledger.lines["utilisation"]).sum()
    return float(busy) / _tokens(figures, "own_tokens")


@kpi("share", "The busy share of all device-hours that are paid for, over the whole plan.")
def mean_utilisation(figures: Figures) -> float:
    """Weighted by hours."""
    hours = figures.ledger.lines["device_hours"]
    if hours.sum() <= 0:
        raise Undefined("No devices serve.")
    return float((figures.ledger.lines["utilisation"] * hours).sum() / hours.sum())


def _per_request(figures: Figures, name: str) -> float:
    asked = figures.last_year("requests")
    if asked <= 0:
        raise Undefined("Nobody asks for anything in the last year.")
    return figures.last_year(name) / asked


@kpi("money/request", "Revenue of the last year over its requests, free plans included.")
def revenue_per_request(figures: Figures) -> float:
    """What a request brings."""
    return _per_request(figures, "revenue")


@kpi("money/request", "What serving cost in the last year over its requests, free plans included.")
def cost_per_request(figures: Figures) -> float:
    """What a request costs in tokens, idle devices included."""
    return _per_request(figures, "serving_cost")


@kpi("kW*hour/Mtoken", "Electricity per million tokens served over the whole plan, cooling included.")
def energy_per_million_tokens(figures: Figures) -> float:
    """Known only where a pool says what its devices draw."""
    energy = float(figures.total("serving_energy").sum())
    if energy <= 0:
        raise Undefined("No pool says what its devices draw.")
    return energy / _tokens(figures, "own_tokens")


@kpi("kg", "Carbon dioxide of serving in the last year.")
def carbon_of_serving(figures: Figures) -> float:
    """Known only where a pool says how clean its electricity is."""
    carbon = figures.last_year("carbon")
    if carbon <= 0:
        raise Undefined("No pool says how clean its electricity is.")
    return carbon
