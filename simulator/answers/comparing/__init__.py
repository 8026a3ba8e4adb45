"""What differs between scenarios: assumptions and members by meaning, and what changed from one version to the next."""
