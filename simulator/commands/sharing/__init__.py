"""Commands for what is sent and received: what changed between two versions, and bundles that prove their numbers."""
