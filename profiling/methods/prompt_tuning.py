"""Prompt tuning: learned tokens before each text (arXiv:2104.08691)."""

from __future__ import annotations

from profiling.methods.method import Method, Settings

# Longer prompts than 20 tokens gain little (section 3.2).
VIRTUAL_TOKENS = 20

PROMPT = Method(
    "prompt_tuning",
    "Prompt tuning",
    6,
    "adapters",
    Settings(3e-2, weight_decay=0.0),  # prompts are few, and want large steps: peft's own example
    "profiling.making.adapters:prompt",
    virtual_tokens=VIRTUAL_TOKENS,
)
