"""The product as customers buy it: plans, contracts, usage, billing, recurring revenue, and gains from feedback."""
