"""Parts of pages on what moves an answer: swings, shares of the variance, attribution, the value of measuring.

They may import the other parts, `desk` and the simulator.
"""
