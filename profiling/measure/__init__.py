"""Inside a profile run: the worker, its fresh processes, repeats, and what is computed from their times.

Only the modules that run models import torch: `repeat`, `trace`, `counters`.
"""
