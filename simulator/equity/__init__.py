"""Who owns the company: share classes, SAFE conversion, the cap table, exit waterfalls and investors' returns.

Exact arithmetic over whole shares and fractions. Imports `scenario` for the conventions it names, and `engine.dates`.
"""
