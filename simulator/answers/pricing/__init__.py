"""Prices: the best of one or several charges, what they rest on, maps, models of pricing, and competitors."""
