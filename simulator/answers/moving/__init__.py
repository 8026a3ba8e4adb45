"""What moves an answer: shares of its variance, the causes of a difference, and what measuring is worth.

Each answer is a function of outcomes or of a model of a few names, which the same code runs for a scenario.
"""
