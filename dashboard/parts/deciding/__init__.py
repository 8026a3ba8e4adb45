"""Parts that help to decide: the value that meets a target, and the changes that a better grade needs."""
