"""Ways of making a model, step by step or from its start to what it has learned."""
