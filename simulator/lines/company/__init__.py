"""The company as a whole: people, overheads, tax, the income statement and the balance sheet."""
