"""Serving: the cost of tokens and requests, their revenue, and the use of devices and electricity."""

from __future__ import annotations

from simulator.answers.kpis.registry import also, kpi, part
from simulator.engine.units import Constant
from simulator.engine.windows import given, over, total

NO_TOKENS = "No tokens are served."
NO_TASKS = "No feature takes more than one call of its model."
# One step of a task without failures is one call.
ONE_REQUEST_A_CALL = Constant(1, "request/call", "1 request/call")
# Two sums of the same numbers in another order differ by less.
MORE_THAN_ROUNDING = 1 + 1e-9
NO_REQUESTS = "There are no requests in the last year."


@kpi("Cost per million tokens", "money/Mtoken", variant="allocation")
def cost_per_million_tokens(ever_total_serving_cost, ever_total_tokens_served):
    """Serving cost per million tokens over all months, idle devices included; input tokens count at their weight."""
    return over(total(ever_total_serving_cost), total(ever_total_tokens_served), NO_TOKENS)


@part("money", per="pool")
def busy_device_cost(device_cost, utilisation):
    """Device cost of the pool this month for the busy share of its device-hours."""
    return device_cost * utilisation


@also("cost_per_million_tokens", "usage")
def busy_cost_per_million_tokens(ever_total_kpi_busy_device_cost, ever_total_own_tokens):
    """Device cost per million tokens over all months, for the busy share of device-hours only.

    A benchmark shows this cost.
    """
    return over(total(ever_total_kpi_busy_device_cost), total(ever_total_own_tokens), NO_TOKENS)


@part("device*hour", per="pool")
def busy_hours(device_hours, utilisation):
    """Busy device-hours of the pool this month."""
    return device_hours * utilisation


@kpi("Mean utilisation", "share")
def mean_utilisation(ever_total_kpi_busy_hours, ever_total_device_hours):
    """Busy share of all device-hours paid for, over all months."""
    return over(total(ever_total_kpi_busy_hours), total(ever_total_device_hours), "No devices serve.")


@kpi("Revenue per request", "money/request")
def revenue_per_request(year_revenue, year_total_requests):
    """Revenue of the last year over all requests, those of free plans included."""
    return over(total(year_revenue), total(year_total_requests), NO_REQUESTS)


@kpi("Cost per request", "money/request")
def cost_per_request(year_total_serving_cost, year_total_requests):
    """Cost of devices, busy or idle, and of vendors in the last year over all requests, those of free plans too."""
    return over(total(year_total_serving_cost), total(year_total_requests), NO_REQUESTS)


@kpi("Tasks that finish", "share")
def tasks_that_finish(year_total_model_calls, year_total_feature_requests, year_total_finished_tasks):
    """Share of the last year's requests to features, each a task of one or more steps, whose task finished."""
    asked = total(year_total_feature_requests)
    several = total(year_total_model_calls) * ONE_REQUEST_A_CALL > asked * MORE_THAN_ROUNDING
    tasks = given(several, asked, NO_TASKS)
    return over(total(year_total_finished_tasks), tasks, NO_REQUESTS)


@kpi("Revenue per finished task", "money/request")
def revenue_per_finished_task(year_revenue, year_total_finished_tasks, kpi_tasks_that_finish):
    """Revenue of the last year over all tasks that finished, those of free plans included."""
    finished = given(kpi_tasks_that_finish > 0, total(year_total_finished_tasks), NO_TASKS)
    return over(total(year_revenue), finished, NO_TASKS)


@kpi("Cost per finished task", "money/request")
def cost_per_finished_task(
    year_total_serving_cost, year_total_request_care, year_total_finished_tasks, kpi_tasks_that_finish
):
    """Cost of tokens, tools and review in the last year over all tasks that finished; tasks that failed cost, too."""
    finished = given(kpi_tasks_that_finish > 0, total(year_total_finished_tasks), NO_TASKS)
    return over(total(year_total_serving_cost) + total(year_total_request_care), finished, NO_TASKS)


@kpi("Energy per million tokens", "kW*hour/Mtoken")
def energy_per_million_tokens(ever_total_serving_energy, ever_total_own_tokens):
    """Electricity per million tokens served on own devices over all months, cooling included."""
    spent = total(ever_total_serving_energy)
    known = given(spent > 0, spent, "No pool states the power of its devices.")
    return over(known, total(ever_total_own_tokens), NO_TOKENS)


@kpi("Carbon of serving", "kg")
def carbon_of_serving(year_total_carbon):
    """Carbon dioxide emitted by serving in the last year."""
    emitted = total(year_total_carbon)
    return given(emitted > 0, emitted, "No pool states the carbon intensity of its electricity.")
