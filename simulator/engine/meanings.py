"""What a line's docstring says: the line itself, and each assumption that the line is the first to read.

A docstring ends with a paragraph for its assumptions, one to a line; a longer sentence goes on indented:

    Monthly fee of a new customer of the plan.

    price: Fee that each customer pays a month, whatever the use.
"""

from __future__ import annotations

import re

# What a docstring says of an opening value that only lets a line read its last month; no page lists such a field.
STATE = "State of the model that no scenario needs to give."
MEANING = re.compile(r"([a-z]\w*): (.+(?:\n .+)*)", re.MULTILINE)


def meanings_of(docstring: str) -> tuple[str, dict[str, str]]:
    """Return a cleaned docstring's description of the line, and what it says of each assumption by name."""
    description, _, last = docstring.rpartition("\n\n")
    matches = list(MEANING.finditer(last))
    if not description or MEANING.sub("", last).strip():
        return docstring, {}
    return description, {match[1]: " ".join(match[2].split()) for match in matches}
