"""Making models: runs, what they take, what they cost, and what is capitalised."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from benchmarks.by_hand.parts import MILLION, SECONDS_PER_HOUR, Array, aged, total


def known(given: SimpleNamespace) -> dict[str, Array]:
    """What an example and a run take, in tokens, operations and hours of devices, and what they cost."""
    passes = given.epochs * (1 + given.augmentation + given.replay_share)
    on_top = given.step_to_run_factor * (1 + given.failed_share) / SECONDS_PER_HOUR
    speed = given.device_flops * np.maximum(given.model_flops_utilisation, 0.001)
    return {
        "training_tokens_per_example": given.tokens_per_example * passes,
        "flops_per_run": given.parameters * given.pretraining_tokens * 6,
        "hours_per_token": on_top / given.training_tokens_per_second,
        "hours_per_flop": on_top / speed,
        "label_cost": given.labelled_share * given.label_price,
        "example_cost": given.collection_price + given.cleaning_price,
        "teaching_per_run": given.teacher_tokens * given.teacher_price / MILLION,
        "evaluation_per_run": given.evaluation_price + given.staff_price,
    }


def runs(now: SimpleNamespace, month: int) -> None:
    """Runs that begin this month."""
    turn = np.maximum(np.ceil(now.run_every), 1)
    since = month - np.ceil(now.first_run)
    due = (now.run_every > 0) & (since >= 0) & (since == turn * np.floor(since / turn))
    now.runs_started = now.runs + np.where(due, 1, 0)
    now.refreshing_runs = now.runs_started * now.refreshes_model
    now.examples_trained = now.runs_started * now.examples_per_run


def clouds(now: SimpleNamespace, last: SimpleNamespace, month: int, training_rent: Array) -> None:
    """Cloud credits, and what they pay for."""
    cloud_usage = now.clouds_for_serving + training_rent
    valid = np.where(month < np.ceil(now.credits_expire), 1, 0)
    credits_available = (last.cloud_credits + now.credits_granted) * valid * np.exp(now.credits_withdrawn)
    credits_applied = np.minimum(credits_available, cloud_usage)
    now.cloud_credits = credits_available - credits_applied
    _cloud_paid = cloud_usage - credits_applied
    now.credited_share = np.where(cloud_usage > 0, credits_applied / cloud_usage, 0)
    now.credits_for_free_plans = -now.credited_share * now.clouds_for_free_plans
    now.credits_for_customers = -now.credited_share * (now.clouds_for_serving - now.clouds_for_free_plans)
    now.credits_for_training = -now.credited_share * training_rent


def costs(now: SimpleNamespace, last: SimpleNamespace, past: SimpleNamespace, age: SimpleNamespace, month: int) -> None:
    """What the month's runs cost, and what of it becomes an asset."""
    training_tokens = now.examples_trained * now.training_tokens_per_example
    pretraining_flops = now.runs_started * now.flops_per_run
    training_device_hours = training_tokens * now.hours_per_token + pretraining_flops * now.hours_per_flop
    training_rent = training_device_hours * now.training_device_price * now.device_price_index
    labelling_cost = now.examples_trained * now.label_cost * (1 - now.labels_saved)
    data_cost = now.data_licence + now.examples_trained * now.example_cost + now.runs_started * now.data_price_per_run
    teacher_cost = now.runs_started * now.teaching_per_run
    evaluation_cost = now.runs_started * now.evaluation_per_run
    program_cost = training_rent + labelling_cost + data_cost + teacher_cost + evaluation_cost
    clouds(now, last, month, total(training_rent))
    capitalised = (program_cost - now.credited_share * training_rent) * now.capitalised_share
    past.capitalised[..., month] = capitalised
    of_start = now.opening_model_assets * age.model_weight[..., month]
    amortisation = aged(past.capitalised, age.model_weight, month) + of_start
    amortisation_of_revenue, capitalised_away = amortisation, -capitalised
    now.model_assets = last.model_assets + capitalised - amortisation
    now.training_rent, now.capitalised = total(training_rent), total(capitalised)
    now.amortisation = total(amortisation_of_revenue)
    now.programs_in_research = total(program_cost + capitalised_away)
