"""Panels of the business: a sale of the company, a vendor's bill, and the figures of customers and owners.

Panels may import the other parts, `desk` and the simulator.
"""
