"""Ways of answering with a model: precisions, pruning, compiling, and what they cost in quality."""
