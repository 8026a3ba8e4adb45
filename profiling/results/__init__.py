"""The measurement record, and everything that reads one: curves, costs, comparison, figures and reports.

`record` needs the standard library alone, because the simulator reads it. Nothing here imports torch.
"""
