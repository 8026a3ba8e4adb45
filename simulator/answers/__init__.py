"""Answers read off a scenario: the projection, its explanation, its statements and its verdict.

`inputs` and `draws` feed the engine, `ledger` holds the base case, and `projection` joins everything. `kpis/` computes
the KPIs, `customers/` looks at cohorts and deciles, and `variations/` runs a scenario many times with changes.
Imports `equity`, `scenario`, `lines` and `engine`.
"""
