"""Ownership of the company: share classes, SAFE conversion, the cap table, exit waterfalls and investors' returns.

Shares and payouts are exact: whole numbers and fractions. Rates of return are floats. Imports `scenario.settings` for
the names of the pricing conventions, `engine.dates` and the errors.
"""
