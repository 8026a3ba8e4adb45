"""Training, step by step or from its start to what was learned; the half of each method that needs torch.

The numbers of a method stand in `profiling.methods`, which names the code here. Imports `data`, `hardware`, `models`,
`runs`, `workload`, and the times and statistics of `measure`.
"""
