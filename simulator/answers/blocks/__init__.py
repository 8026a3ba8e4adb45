"""Work in blocks: where blocks of trials and changes run, how far they are, and percentiles of more than memory holds."""
