"""Data that models read and learn from: synthetic data, files, and the docstrings of Python's own library.

`corpus` and `textfiles` read examples without torch; `batches` makes tensors of them for a workload's model.
"""
