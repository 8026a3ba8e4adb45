"""The examples that a model learns from, without torch: files of texts and labels, and Python's own docstrings."""
