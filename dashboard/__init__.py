"""Pages that show a finished projection, and the words and charts they are made of."""
