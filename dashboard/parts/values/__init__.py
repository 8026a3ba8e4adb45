"""Fields and editors for the values of assumptions: numbers, ranges, schedules, growth, shares of one whole.

A field acts only on what somebody typed into it; `standing` tells that from what a browser merely repeats.
"""
