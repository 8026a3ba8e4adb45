"""Work in blocks: where blocks of trials and changes run, and percentiles of more trials than memory holds."""
