"""What is kept of a reader's work: the changes of a draft by name, the list of drafts, and the bin."""
