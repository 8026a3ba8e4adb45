"""Profile runs as folders: start, follow, cancel and resume one from any process, with one lock on the device.

Imports `workload` and `results`, and never torch.
"""
