"""Answers that compare many projections of one scenario, each with some assumptions changed."""
