"""Work in blocks: where trials and changes run, how far they are, and percentiles of more trials than memory holds."""
