"""Parts of the pages on hardware: starting and watching profile runs, reading records, attaching them.

Imports `desk` and `parts`, of profiling `runs`, `workload`, `estimates`, `reference` and `results`, never `pages`.
"""
