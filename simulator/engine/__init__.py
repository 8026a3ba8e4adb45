"""The language that the business is written in: lines as functions of one month, and what reads them.

`model` finds lines and their order, `wiring` joins their members, `run` computes months, `formula` traces a line into
its formula, and `units` and `quantities` say what its numbers count. Imports nothing of the project but `errors`.
"""
