"""Parts of the pages about hardware: starting and watching profile runs, reading records, attaching them."""
