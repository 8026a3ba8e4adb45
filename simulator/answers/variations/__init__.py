"""Answers that take many projections of one scenario, each with something changed."""
