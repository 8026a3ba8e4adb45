"""The open scenario: its draft with undo history, its files, and its cached projection.

Imports the simulator, and of profiling what reads records and checks workloads; nothing that runs a model.
"""
