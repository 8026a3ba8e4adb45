"""What moves an answer, in words and as plain values, for the terminal and for pages."""
