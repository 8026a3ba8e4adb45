"""Who owns the company and what a sale pays: in the base case, and in all trials."""
