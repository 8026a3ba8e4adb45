"""Solving: the value of an assumption that meets a target, on the base case or on common trials.

`target` reads what is wanted, `lever` moves an assumption, `columns` runs many variants of a scenario side by side,
`outcome` gives what each variant comes to, and `search` finds the value. `frontier` does so for two assumptions, and
`remedies` for each condition that a verdict lacks.
"""
