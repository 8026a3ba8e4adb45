"""The frame around every page: its language and its menu."""
