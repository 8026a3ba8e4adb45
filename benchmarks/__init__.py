"""Speed and memory of whole commands and whole edits, as ratios to something measured in the same run.

A ratio survives a slower computer and a busy moment; a second does not.  Nothing here fails: people judge the figures.
May import every package of the project; nothing imports it.
"""
