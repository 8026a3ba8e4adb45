"""What customers buy and pay: plans, contracts, usage, billing, recurring revenue, and what feedback improves."""
