"""Commands for what is sent and received."""
