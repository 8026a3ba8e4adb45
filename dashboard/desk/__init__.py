"""What a person works on: the draft with its undo history, files, and the cached projection of it."""
