"""Commands that help to decide: what an assumption has to be, and what follows from it."""
