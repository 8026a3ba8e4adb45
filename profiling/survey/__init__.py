"""What a device can do, within minutes: which models to measure on it, and one page of what they cost.

`ladder` chooses models and cases by the device's memory and ceilings, `page` says what was found. Imports
`architecture`, `estimates.footprint`, `workload` and `results`, and never torch.
"""
