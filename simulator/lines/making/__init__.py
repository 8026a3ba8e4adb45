"""The making of models: training, fine-tuning, data, and the part of the cost that becomes an asset."""
