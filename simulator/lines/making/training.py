"""Making models, per program: training runs by month, their device-hours and data, and the cost that is capitalised.

Fine-tuning takes its hours from a measured or published rate of tokens, pre-training from floating-point operations, 6
for each parameter and token (Kaplan et al. 2020). A program of prompting alone has costs of staff and evaluation.
"""

from typing import Annotated

import numpy as np

from simulator.engine.ages import is_multiple, over_ages
from simulator.engine.quantities import (
    FLOPS_PER_PARAMETER,
    ONE_DEVICE,
    ONE_RUN,
    SECONDS_PER_HOUR,
    TOKENS_PER_MILLION,
    Amount,
    CalendarMonth,
    DeviceHours,
    DevicePrice,
    DirectCost,
    Examples,
    ExamplesPerRun,
    Factor,
    Flops,
    FlopsPerSecond,
    Held,
    Investing,
    Markup,
    Money,
    MoneyPerExample,
    MoneyPerMillionTokens,
    MoneyPerRun,
    Months,
    NonCashCost,
    Numbers,
    Parameters,
    ResearchCost,
    Runs,
    RunsPerMonth,
    Share,
    SteadyShare,
    Surcharge,
    Term,
    Tokens,
    TokensPerExample,
    TokensPerRun,
    TokensPerSecond,
)
from simulator.engine.units import quantity

PER = "program"

SecondsPerRun = Annotated[Numbers, quantity("s/run", 0)]


def runs_started(month, runs: RunsPerMonth = 0.0, run_every: Months = 0.0, first_run: CalendarMonth = 0.0) -> Runs:
    """Training runs of the program started this month: those listed by month, and those that recur.

    runs: Training runs that start in a month, besides those that recur.
    run_every: Months from one recurring training run to the next; 0 for none.
    first_run: Month of the first recurring training run.
    """
    turn = np.maximum(np.ceil(run_every), 1)
    since = month - np.ceil(first_run)
    due = np.logical_and(np.logical_and(run_every > 0, since >= 0), is_multiple(since, turn))
    return runs + np.where(due, ONE_RUN, 0)


def refreshing_runs(runs_started, refreshes_model: Share = 0.0) -> Runs:
    """Training runs of the program this month that give customers a newly trained model.

    refreshes_model: Share of the training runs that give customers a newly trained model.
    """
    return runs_started * refreshes_model


def examples_trained(runs_started, examples_per_run: ExamplesPerRun = 0.0) -> Examples:
    """Examples in the program's training runs this month, each counted once per run.

    examples_per_run: Examples in one training run.
    """
    return runs_started * examples_per_run


def training_tokens(
    examples_trained,
    tokens_per_example: TokensPerExample = 0.0,
    epochs: Factor = 1.0,
    augmentation: Factor = 0.0,
    replay_share: Surcharge = 0.0,
) -> Tokens:
    """Tokens that the program's training processes this month: examples, times their length, times passes.

    Augmented copies and replayed old examples come on top, each as a multiple of the new ones.

    tokens_per_example: Tokens in one training example.
    epochs: Passes of a training run over its examples.
    augmentation: Augmented copies of examples, relative to the examples themselves.
    replay_share: Old examples replayed in training, relative to the new ones.
    """
    return examples_trained * tokens_per_example * epochs * (1 + augmentation + replay_share)


def pretraining_flops(runs_started, parameters: Parameters = 0.0, pretraining_tokens: TokensPerRun = 0.0) -> Flops:
    """Floating-point operations of the program's pre-training this month: six for each parameter and token.

    parameters: Parameters of the pre-trained model that work on each token.
    pretraining_tokens: Tokens on which a run pre-trains the model; 0 for fine-tuning alone.
    """
    return runs_started * parameters * pretraining_tokens * FLOPS_PER_PARAMETER


def training_device_hours(
    runs_started,
    training_tokens,
    pretraining_flops,
    training_tokens_per_second: TokensPerSecond = 1.0,
    device_flops: FlopsPerSecond = 1e15,
    model_flops_utilisation: Share = 0.4,
    step_to_run_factor: Markup = 1.0,
    failed_share: Surcharge = 0.0,
    seconds_per_run: SecondsPerRun = 0.0,
) -> DeviceHours:
    """Device-hours of the program's training this month.

    The rate is that of training steps; `step_to_run_factor` adds evaluation, checkpoints and restarts, and failed runs
    and ablations are paid for on top. Pre-training reaches a share of the device's peak (MFU). A fine-tuning run whose
    whole time is known takes that time instead.

    training_tokens_per_second: Tokens that one device fine-tunes on a second, in training steps.
    device_flops: Peak operations that one device computes a second in pre-training.
    model_flops_utilisation: Share of the peak operations that pre-training reaches (MFU).
    step_to_run_factor: Time of a whole run relative to its training steps: evaluation, checkpoints, restarts.
    failed_share: Failed runs and ablations, relative to the runs that succeed.
    seconds_per_run: Seconds of one device for a whole fine-tuning run, where that was measured; 0 to use the rate.
    """
    # Either term may be zero: a program fine-tunes, pre-trains or does both.
    reached = device_flops * np.maximum(model_flops_utilisation, 0.001)
    by_rate = training_tokens / training_tokens_per_second * step_to_run_factor
    tuning = np.where(seconds_per_run > 0, runs_started * seconds_per_run * ONE_DEVICE, by_rate)
    return (tuning + pretraining_flops / reached * step_to_run_factor) / SECONDS_PER_HOUR * (1 + failed_share)


def training_rent(
    training_device_hours, trained_on_fleet, device_price_index, training_device_price: DevicePrice = 0.0
) -> ResearchCost:
    """Rent of devices for the program's training this month, beyond what idle devices of pools do.

    training_device_price: Price of a rented device-hour for training.
    """
    return training_device_hours * (1 - trained_on_fleet) * training_device_price * device_price_index


def labelling_cost(
    examples_trained, labels_saved, labelled_share: Share = 0.0, label_price: MoneyPerExample = 0.0
) -> ResearchCost:
    """Pay for people who label or check the program's new examples this month, without labels that feedback saves.

    labelled_share: Share of new examples that people label or check.
    label_price: Cost of labelling or checking one example.
    """
    # Feedback from customers labels some of the examples for free.
    return examples_trained * labelled_share * label_price * (1 - labels_saved)


def data_cost(
    examples_trained,
    runs_started,
    data_licence: Amount = 0.0,
    collection_price: MoneyPerExample = 0.0,
    cleaning_price: MoneyPerExample = 0.0,
    data_price_per_run: MoneyPerRun = 0.0,
) -> ResearchCost:
    """Cost of the program's data this month: licences, examples collected and cleaned, corpora for its runs.

    data_licence: Licence fees for data this month.
    collection_price: Cost of collecting one example.
    cleaning_price: Cost of cleaning one example.
    data_price_per_run: Cost of a corpus for one training run.
    """
    by_example = examples_trained * (collection_price + cleaning_price)
    return data_licence + by_example + runs_started * data_price_per_run


def teacher_cost(
    runs_started, teacher_tokens: TokensPerRun = 0.0, teacher_price: MoneyPerMillionTokens = 0.0
) -> ResearchCost:
    """Cost this month of a larger model that teaches the program's model or writes its synthetic data.

    teacher_tokens: Tokens that a larger model writes for one training run.
    teacher_price: Price of a million tokens of the larger model.
    """
    return runs_started * teacher_tokens * teacher_price / TOKENS_PER_MILLION


def evaluation_cost(runs_started, evaluation_price: MoneyPerRun = 0.0, staff_price: MoneyPerRun = 0.0) -> ResearchCost:
    """Cost this month of evaluation, red-teaming and outside staff for the program's training runs.

    evaluation_price: Cost of evaluating and red-teaming the model of one run.
    staff_price: Cost of outside staff for one training run.
    """
    return runs_started * (evaluation_price + staff_price)


def program_cost(training_rent, labelling_cost, data_cost, teacher_cost, evaluation_cost) -> Money:
    """Total cost of the training program this month, before capitalisation: rent, labels, data, teacher, evaluation."""
    return training_rent + labelling_cost + data_cost + teacher_cost + evaluation_cost


def capitalised(program_cost, training_rent, credited_share, capitalised_share: SteadyShare = 0.0) -> Amount:
    """Part of the program's cost this month that becomes an asset, as the model serves for years (ASC 350-40, IAS 38).

    Training that cloud credits pay for costs nothing, and so is no asset.

    capitalised_share: Share of the program's cost that becomes an asset.
    """
    return (program_cost - credited_share * training_rent) * capitalised_share


def capitalised_away(capitalised) -> ResearchCost:
    """Program cost capitalised this month, taken out of research costs; negative."""
    return -capitalised


def development_paid(capitalised) -> Investing:
    """Cash paid this month for the part of the program's cost that becomes an asset; negative."""
    return -capitalised


def model_weight(month, model_life: Term = 24.0) -> Share:
    """Share of a capitalised model written off at an age in months: straight line over its life.

    model_life: Months over which the books write off a capitalised model.
    """
    return np.where(month < np.ceil(model_life), 1 / np.ceil(model_life), 0)


def amortisation(past_capitalised, past_model_weight, model_weight, opening_model_assets=0.0) -> NonCashCost:
    """Straight-line amortisation of the program's capitalised models this month, older ones included.

    Models from before the scenario are written off anew, over a full life.

    opening_model_assets: Book value of the program's capitalised models when the scenario begins.
    """
    # This month's number as an age: models from before the scenario count as made in the first month.
    return over_ages(past_capitalised, past_model_weight) + opening_model_assets * model_weight


def models_at_start(opening_model_assets) -> Money:
    """Book value of the program's capitalised models when the scenario begins."""
    return opening_model_assets


def amortisation_of_revenue(amortisation) -> DirectCost:
    """Amortisation of the program's models this month as a cost of revenue, since the models serve customers."""
    return amortisation


def model_assets(capitalised, amortisation, last_model_assets) -> Held:
    """Book value of the program's capitalised models at the end of the month."""
    return last_model_assets + capitalised - amortisation
