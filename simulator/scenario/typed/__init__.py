"""Values as people type and read them: amounts, entries over a value that stood before, and what a range comes to."""
