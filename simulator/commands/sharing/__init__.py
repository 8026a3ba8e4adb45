"""Commands for what is sent and received: workbooks, live files, bundles that prove numbers, and what changed."""
