"""`retention`: fit churn and its spread to the shares of a cohort that stayed."""

from __future__ import annotations

import argparse
from functools import partial
from typing import Any

import numpy as np

from simulator import terminal
from simulator.answers.customers.cohorts import fit_retention, survival_of
from simulator.engine.dates import YEAR

HELP = "churn and its spread, fitted to the shares of a cohort that stayed"
KEYS = {
    "churn": "mean share of new customers that leave in the first month",
    "churn_spread": "how much customers differ, as the scenario's `churn_spread`",
    "survival": "list of {months, share, given}: the fitted curve, 12 months beyond the shares given",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the observed shares."""
    share = partial(terminal.number, most=1, what="a share from 0 to 1")
    help_text = "share of the cohort left after 1, 2, … months, as in 0.87 0.74"
    parser.add_argument("shares", nargs="+", type=share, metavar="SHARE", help=help_text)


def run(options: argparse.Namespace) -> int:
    """Print the fit and its curve."""
    churn, spread = fit_retention(np.array(options.shares))
    curve = survival_of(churn, spread, len(options.shares) + YEAR).tolist()
    given = dict(enumerate(options.shares, start=1))
    survival = [{"months": age, "share": share, "given": given.get(age)} for age, share in enumerate(curve)]
    return terminal.show(options, {"churn": churn, "churn_spread": spread, "survival": survival}, _table)


def _table(fit: dict[str, Any]) -> str:
    lines = [f"churn: {fit['churn']:.4f}", f"churn_spread: {fit['churn_spread']:.4f}"]
    for one in fit["survival"]:
        given = "" if one["given"] is None else f"   {one['given']:.3f} given"
        lines.append(f"{one['months']:>4} months {one['share']:.3f}{given}")
    return "\n".join(lines)
