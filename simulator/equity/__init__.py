"""Ownership of the company: share classes, SAFE conversion, the cap table, exit waterfalls and investors' returns.

All arithmetic is exact, over whole shares and fractions. Imports `scenario.settings` for the names of the pricing
conventions, and `engine.dates`.
"""
