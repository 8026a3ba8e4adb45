"""Explaining a number: links from tiles and cells to the page Explain, and the names of numbers on it."""
