"""Models: where one comes from (`source`), its sizes (`architecture/`), and how torch builds it (`models`).

`source` and `architecture` do not import torch.  `models` and `own_models` import torch and transformers, and know
`data` for the classes and `workload` for the limits.
"""
