"""Breakeven's simulator: the monthly projection of an AI startup, its chances, and the reasons behind each number.

Run from the repository's folder:

>>> from simulator import explain, load, project, settle
>>> scenario = load("scenarios/support-copilot.yaml")
>>> projection = settle(project(scenario))
>>> print(f"gross margin {projection.kpis['gross_margin'].value:.0%}, {projection.verdict.grade}")
gross margin 85%, bubble
>>> number = explain(scenario, "gross_profit", month=12)
>>> print(f"{number.value:,.0f} {number.unit} = {number.formula}")
31,942 USD = revenue − cost_of_revenue
>>> for one in number.inputs:
...     print(f"{one.key} {one.value:,.0f}")
revenue 46,285
cost_of_revenue 14,343
>>> dearer = scenario.with_value("plans.team.price", 1590)
>>> print(f"{explain(dearer, 'gross_profit', month=12).value:,.0f} {number.unit}")
32,469 USD

`project` runs the trials that the scenario states, and `settle` adds more until they decide the verdict.
`Projection.series` has every line by month, with P5, P50 and P95 of its trials. KPIs, lines and assumptions carry
their definitions and units. `python -m simulator` prints the same from a terminal.
"""

from simulator.answers import kpis  # noqa: F401  # registers the KPI variants that a scenario may choose
from simulator.answers.explain import explain
from simulator.answers.projection import Projection, project, settle
from simulator.scenario.reading import load, parse
from simulator.scenario.scenario import Scenario

__all__ = ["Projection", "Scenario", "explain", "load", "parse", "project", "settle"]
