"""The plan: a monthly model of a large-model startup, its chances, and the reasons behind each number."""
