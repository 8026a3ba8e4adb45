"""Models as torch builds them: from a config with random weights, or read from where they were saved."""
