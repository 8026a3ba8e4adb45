"""Measures fine-tuning and serving on the hardware at hand; `profiling.results.record` is what the plan reads of it.

Nothing is imported here, so that the record and the jobs can be read without torch.
"""
