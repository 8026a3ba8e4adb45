"""The measurement record as a JSON schema, for tools that read records.

The rules are those that `record` itself checks. That a value lies within its own interval is beyond a schema.
"""

from __future__ import annotations

from profiling.checks import Rule
from profiling.results.record import RECORD

DRAFT = "https://json-schema.org/draft/2020-12/schema"


def record_schema() -> Rule:
    """Return the schema of a record; fields beyond it are allowed."""
    return {"$schema": DRAFT, "title": "Breakeven measurement record", **RECORD}
