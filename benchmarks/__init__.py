"""Speed and memory of whole commands and whole edits, as ratios to something measured in the same run.

A ratio survives a slower computer and a busy moment; a second does not.  People judge the figures; only meters that
cost more than 2 % on a quiet computer fail.
May import every package of the project; nothing imports it.
"""
