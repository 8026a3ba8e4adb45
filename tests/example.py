"""The example that tests of pages and files edit: it has records, plans of two kinds, and a team."""

EXAMPLE = "support-copilot.yaml"
