"""Commands for what is sent and received: live files, what changed between versions, and bundles that prove numbers."""
