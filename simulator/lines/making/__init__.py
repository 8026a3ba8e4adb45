"""What making models takes: training, fine-tuning, data, and what of it becomes an asset."""
