"""Changes of a scenario's members, settings and origins: each makes a new text, with comments and order kept.

`members` adds, duplicates, renames and removes; `wholes` keeps shares of one whole legal; `settings` changes the head
of the file and its currency; `origins` says where a value comes from. `layout` edits the lines of the text, and
`starting.yaml` holds the first values of a new member.
"""
