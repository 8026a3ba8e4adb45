"""What a profile run is asked to measure: workloads, sweeps over their fields, limits, and the presets that ship.

Plain data, checked before anything runs. Imports `models` for the size of a model, and never torch.
"""
