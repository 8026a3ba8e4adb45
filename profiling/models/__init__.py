"""Models: where one comes from, what its config says of its size (`architecture/`), and how torch builds it."""
