"""What every measurement shares: the protocol of a method, counted operations and bytes, intervals and steadiness.

`metrics`, `statistics` and `summary` work on plain data; `counters`, `flops` and `trace` ask torch.
"""
