"""Making models, per program: runs by month, the device-hours that each takes, its data, and what is capitalised.

A program trains from a measured or published rate (fine-tuning), from floating-point operations at 6 for each
parameter and token (pre-training; Kaplan et al. 2020), or not at all (prompting: staff and evaluation alone).
"""

import numpy as np

from simulator.engine.ages import over_ages
from simulator.engine.quantities import (
    FLOPS_PER_PARAMETER,
    ONE_RUN,
    SECONDS_PER_HOUR,
    TOKENS_PER_MILLION,
    Amount,
    Asset,
    DeviceHours,
    DevicePrice,
    DirectCost,
    Examples,
    ExamplesPerRun,
    Factor,
    Flops,
    FlopsPerSecond,
    Investing,
    Markup,
    Money,
    MoneyPerExample,
    MoneyPerMillionTokens,
    MoneyPerRun,
    Months,
    NonCashCost,
    Parameters,
    ResearchCost,
    Runs,
    Share,
    SteadyShare,
    Term,
    Tokens,
    TokensPerExample,
    TokensPerRun,
    TokensPerSecond,
)

PER = "program"


def runs_started(month, runs: Runs = 0.0, run_every: Months = 0.0, first_run: Months = 0.0) -> Runs:
    """Runs this month: those listed by month, and one every so many months from the first on."""
    turn = np.maximum(np.ceil(run_every), 1)
    since = month - np.ceil(first_run)
    due = np.logical_and(np.logical_and(run_every > 0, since >= 0), since == turn * np.floor(since / turn))
    return runs + np.where(due, ONE_RUN, 0)


def refreshing_runs(runs_started, refreshes_model: Share = 0.0) -> Runs:
    """Runs that put a newly trained model before the customers."""
    return runs_started * refreshes_model


def examples_trained(runs_started, examples_per_run: ExamplesPerRun = 0.0) -> Examples:
    """Examples that go through training this month, counted once a run."""
    return runs_started * examples_per_run


def training_tokens(
    examples_trained,
    tokens_per_example: TokensPerExample = 0.0,
    epochs: Factor = 1.0,
    augmentation: Factor = 0.0,
    replay_share: Factor = 0.0,
) -> Tokens:
    """Tokens that training processes this month: examples times their length times passes over the data.

    Augmented copies and replayed old examples come on top, each as a multiple of the new ones.
    """
    return examples_trained * tokens_per_example * epochs * (1 + augmentation + replay_share)


def pretraining_flops(runs_started, parameters: Parameters = 0.0, pretraining_tokens: TokensPerRun = 0.0) -> Flops:
    """Floating-point operations of the month's pre-training: six for each parameter and token."""
    return runs_started * parameters * pretraining_tokens * FLOPS_PER_PARAMETER


def training_device_hours(
    training_tokens,
    pretraining_flops,
    training_tokens_per_second: TokensPerSecond = 1.0,
    device_flops: FlopsPerSecond = 1e15,
    model_flops_utilisation: Share = 0.4,
    step_to_run_factor: Markup = 1.0,
    failed_share: Factor = 0.0,
) -> DeviceHours:
    """Hours of devices for the month's runs.

    The rate is that of training steps; `step_to_run_factor` adds evaluation, checkpoints and restarts, and failed
    runs and ablations are paid for on top. Pre-training reaches a share of the device's peak (MFU).
    """
    seconds = training_tokens / training_tokens_per_second + pretraining_flops / (
        device_flops * np.maximum(model_flops_utilisation, 0.001)
    )
    return seconds / SECONDS_PER_HOUR * step_to_run_factor * (1 + failed_share)


def training_rent(training_device_hours, device_price_index, training_device_price: DevicePrice = 0.0) -> ResearchCost:
    """What the month's training costs in device rent."""
    return training_device_hours * training_device_price * device_price_index


def labelling_cost(
    examples_trained, labels_saved, labelled_share: Share = 0.0, label_price: MoneyPerExample = 0.0
) -> ResearchCost:
    """What people are paid to label or check the examples that are new in each run, but for those feedback labels."""
    return examples_trained * labelled_share * label_price * (1 - labels_saved)


def data_cost(
    examples_trained,
    runs_started,
    data_licence: Amount = 0.0,
    collection_price: MoneyPerExample = 0.0,
    cleaning_price: MoneyPerExample = 0.0,
    data_price_per_run: MoneyPerRun = 0.0,
) -> ResearchCost:
    """Data: licences by the month, collecting and cleaning by the example, whole corpora by the run."""
    by_example = examples_trained * (collection_price + cleaning_price)
    return data_licence + by_example + runs_started * data_price_per_run


def teacher_cost(
    runs_started, teacher_tokens: TokensPerRun = 0.0, teacher_price: MoneyPerMillionTokens = 0.0
) -> ResearchCost:
    """What a larger model is paid for to teach this one, or to make its synthetic data."""
    return runs_started * teacher_tokens * teacher_price / TOKENS_PER_MILLION


def evaluation_cost(runs_started, evaluation_price: MoneyPerRun = 0.0, staff_price: MoneyPerRun = 0.0) -> ResearchCost:
    """Evaluation, red-teaming and outside people for each run."""
    return runs_started * (evaluation_price + staff_price)


def program_cost(training_rent, labelling_cost, data_cost, teacher_cost, evaluation_cost) -> Money:
    """Everything that the program costs this month."""
    return training_rent + labelling_cost + data_cost + teacher_cost + evaluation_cost


def capitalised(program_cost, training_rent, credited_share, capitalised_share: SteadyShare = 0.0) -> Amount:
    """What of it becomes an asset, because the model will serve for years (ASC 350-40, IAS 38).

    What credits pay for cost nothing, and so is no asset.
    """
    return (program_cost - credited_share * training_rent) * capitalised_share


def capitalised_away(capitalised) -> ResearchCost:
    """What of it is therefore no cost of this month."""
    return -capitalised


def development_paid(capitalised) -> Investing:
    """Cash that goes into capitalised models."""
    return -capitalised


def model_weight(month, model_life: Term = 24.0) -> Share:
    """The part of a capitalised model that is written off at that age."""
    return np.where(month < np.ceil(model_life), 1 / np.ceil(model_life), 0)


def amortisation(past_capitalised, past_model_weight, model_weight, opening_model_assets=0.0) -> NonCashCost:
    """Straight-line amortisation of capitalised models; those there at the start are written off anew."""
    return over_ages(past_capitalised, past_model_weight) + opening_model_assets * model_weight


def models_at_start(opening_model_assets) -> Money:
    """Book value of capitalised models when the plan began."""
    return opening_model_assets


def amortisation_of_revenue(amortisation) -> DirectCost:
    """Capitalised models serve customers, so that writing them off is a cost of revenue."""
    return amortisation


def model_assets(capitalised, amortisation, last_model_assets) -> Asset:
    """Book value of capitalised models."""
    return last_model_assets + capitalised - amortisation
