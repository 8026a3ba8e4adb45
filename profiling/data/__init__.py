"""What models read and learn from: made up, from files, or from the library of Python itself."""
