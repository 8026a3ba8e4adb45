"""Batches of tensors that models read and learn from: synthetic data, and the examples of a corpus.

Imports torch, `models` for the config of a model, and `examples`.
"""
