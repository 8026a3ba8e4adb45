"""The measurement record, and everything that reads one: curves, costs, comparison, figures and reports.

`record`, `metrics` and `curve` need the standard library alone, because the simulator reads them. Imports
`architecture`, `methods`, `reference` and `workload.kinds`, and nothing that measures.
"""
