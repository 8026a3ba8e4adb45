"""Explaining: links to the page Explain, names of numbers and assumptions, and why something was refused."""
