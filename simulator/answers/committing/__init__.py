"""Commitments: what to reserve, to own, to rent on demand and to leave to a vendor, decided before demand is known.

`offers` reads off trials what a pool needs and what each way to serve it costs, `program` finds the cheapest choice on
expected costs, and `commitments` tells what the choice costs in each trial and how to write it into the scenario.
"""
