"""Commands that help to decide: what moves an answer, what a target needs, and what is worth measuring."""
