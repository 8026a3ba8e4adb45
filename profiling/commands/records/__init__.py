"""Commands that read records: show one, report its costs, choose between its ways, compare two, and merge several."""
