"""Parts of pages on chance: when and why trials run out of cash, how exact figures are, what differs and depends.

They may import the other parts, `desk` and the simulator.
"""
