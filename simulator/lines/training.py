"""Fine-tuning, per program: data, device-hours from a training rate, and the rent for them."""

from simulator.quantities import (
    SECONDS_PER_HOUR,
    DeviceHours,
    DevicePrice,
    Examples,
    ExamplesPerRun,
    Factor,
    Markup,
    MoneyPerExample,
    ResearchCost,
    Runs,
    Share,
    Tokens,
    TokensPerExample,
    TokensPerSecond,
)

PER = "program"


def examples_trained(runs: Runs, examples_per_run: ExamplesPerRun) -> Examples:
    """Examples that go through training this month, counted once a run."""
    return runs * examples_per_run


def training_tokens(examples_trained, tokens_per_example: TokensPerExample, epochs: Factor) -> Tokens:
    """Tokens that training processes this month: examples times their length times passes over the data."""
    return examples_trained * tokens_per_example * epochs


def training_device_hours(
    training_tokens, training_tokens_per_second: TokensPerSecond, step_to_run_factor: Markup, failed_share: Share = 0.0
) -> DeviceHours:
    """Hours of devices for the month's runs.

    The rate is that of training steps; `step_to_run_factor` adds evaluation, checkpoints and restarts, and
    failed runs are paid for on top.
    """
    return training_tokens / training_tokens_per_second / SECONDS_PER_HOUR * step_to_run_factor * (1 + failed_share)


def training_rent(training_device_hours, training_device_price: DevicePrice) -> ResearchCost:
    """What the month's training costs in device rent."""
    return training_device_hours * training_device_price


def labelling_cost(examples_trained, labelled_share: Share = 0.0, label_price: MoneyPerExample = 0.0) -> ResearchCost:
    """What people are paid to label or check the examples that are new in each run."""
    return examples_trained * labelled_share * label_price
