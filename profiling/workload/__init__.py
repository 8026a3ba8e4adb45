"""What a profile run is asked to measure: workloads, sweeps over their fields, limits, and the presets that ship.

Plain data, checked before anything runs. `kinds` holds one object for each kind of case.
Imports `methods` and `architecture`, and never torch.
"""
