"""What shapes a company: its members, its settings, and the origin of each value."""
