"""The language that the business is written in: lines as functions of one month, and what reads them.

`model` finds lines and their order; `circles` finds those that read each other; `wiring` connects their members;
`run` computes the months; `formula` traces a line into its formula; `units` and `quantities` say what numbers count;
`ages`, `counts`, `lognormal` and `dates` are for lines to use. Imports nothing of the project but `errors`.
"""
