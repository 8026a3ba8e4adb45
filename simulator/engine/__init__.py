"""The language that the business is written in: lines as functions of one month, and what reads them.

`model` finds lines and their order; `circles` finds those that read each other; `wiring` connects their members, by
`steps` that `run` goes through; `formula` traces a line into its formula; `units` and `quantities` say what numbers
count; `ages`, `choice`, `counts`, `lognormal` and `dates` are for lines to use; `meanings` reads what docstrings say of
assumptions, and `windows` is the language of key figures. Imports nothing of the project but the errors.
"""
