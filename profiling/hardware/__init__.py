"""The device: choosing it, timing on it, its ceiling, and the figures of its driver.

Only `nvml` imports pynvml.  Nothing here knows of runs or records, except `sensor`, which reports live values.
"""
