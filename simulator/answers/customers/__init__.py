"""Customers one by one: who stays, the cost of each tenth of them, and the value of one.

Imports the rest of `answers`, `lines` and `engine`.
"""
