"""Answering with a model: precisions, pruning, compiling, and their cost in quality.

Imports `data`, `hardware`, `models`, `runs`, `workload`, and the times and counters of `measure`.
"""
