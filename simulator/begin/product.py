"""The product: the model that answers, what it learns from, what a request takes, and the plans that are sold."""

from __future__ import annotations

import math
from collections.abc import Mapping

from profiling.errors import Phrase
from simulator.begin.entries import (
    Entry,
    Members,
    around,
    from_month,
    noted,
    percent,
    rounded,
    said,
    slug,
    stated,
    usual,
    within,
)
from simulator.begin.questions import Answers
from simulator.scenario.cards.catalogue import find_card

# Beside a free plan, few sign-ups buy at once.
BUY_AT_ONCE = 0.08
# Cap on the use of a free customer, as a multiple of the mean of all free customers.
FREE_CAP = 3
# A step of an agent is tried once more before the task is given up.
MOST_TRIES = 2
# The least and the most that may be wrong, as multiples of what was answered.
WRONG = (0.6, 1.6)
FEATURES = {"api": "calls", "agents": "tasks"}
BY_THE_SEAT = ("developers", "companies")
BY_THE_TASK = ("api", "agents")
REQUESTS_PRICED = {"api": 1000, "agents": 1}  # requests for which the price is asked
SIZES = {"small": "8b", "large": "70b"}
FREE = "free"
WHOLE = 100.0  # percent


def pool_name(answers: Answers) -> str:
    """Return the name of the pool."""
    if answers["model"] == "vendor":
        return slug(answers["card"].rpartition("/")[2], "vendor")
    if answers["model"] == "own":
        return f"own-{SIZES[answers['size']]}"
    return slug(usual()["pool"][answers["size"]]["title"], "model")


def plan_name(answers: Answers) -> str:
    """Return the name of the plan that is paid for."""
    name = slug(answers["product"], "product")
    return "paid" if name == FREE else name


def pools(answers: Answers) -> Members:
    """Return the pool: a vendor's price card, or a model on rented devices."""
    if answers["model"] == "vendor":
        card = find_card(answers["card"])
        title = Phrase("{model} by {vendor}", model=card.name.rpartition("/")[2], vendor=card.vendor)
        return {pool_name(answers): {"title": title, "card": card.name}}
    known = usual()["pool"]
    own = {**known[answers["size"]]}
    if answers["model"] == "own":
        own["title"] = f"Own model with {SIZES[answers['size']].upper()} parameters"
        same = Phrase("Rate of {model}, an open model of the same size.", model=known[answers["size"]]["title"])
        own["tokens_per_second"] = {**own["tokens_per_second"], "note": same}
    note = "One from the launch; a second, so that one may fail, doubles what stands idle."
    running = noted(from_month(answers, 1), "device", note)
    if answers["devices"] == "bought":
        own |= _owned(answers)
    load = {"peak_to_mean": known["peak"][answers["customer"]], "headroom": known["headroom"]}
    return {pool_name(answers): {**own, **load, "fewest_devices": running}}


def _owned(answers: Answers) -> dict[str, Entry]:
    """Return what devices that the company buys cost, and how many there are from the launch on."""
    known = usual()["pool"]["owning"]
    count = noted(from_month(answers, answers["bought"]), "device", said(answers, "bought"))
    return {"wanted_devices": count, **known["all"], **known[answers["size"]]}


def programs(answers: Answers) -> Members:
    """Return what the model learns from: tests of a vendor's model, tuning, and pre-training."""
    found: Members = {}
    if answers["model"] == "own":
        found["pretraining"] = _pretraining(answers)
    if answers["examples"]:
        name, title = ("testing", "Tests") if answers["model"] == "vendor" else ("tuning", "Tuning")
        found[name] = {
            "title": f"{title}, every quarter",
            "run_every": noted(3, "month", "A quarter."),
            "examples_per_run": stated(answers, "examples", "example/run"),
            **({} if answers["model"] == "vendor" else _tuning(answers)),
            "label_price": usual()["program"]["label_price"][answers["customer"]],
            "evaluation_price": usual()["program"]["evaluation_price"][answers["model"]],
        }
        if answers["model"] == "vendor":
            found[name]["labelled_share"] = noted("100%", "share", "People write or check every test.")
    return found


def _tuning(answers: Answers) -> dict[str, Entry]:
    known = usual()["program"]["tuning"]
    tokens = noted(_length(answers), "token/example", "A request and its answer.")
    refreshes = noted("100%", "share", "Customers get each tuned model.")
    return {"tokens_per_example": tokens, "refreshes_model": refreshes, **known["all"], **known[answers["size"]]}


def _pretraining(answers: Answers) -> dict[str, Entry]:
    known, again = usual()["program"]["pretraining"], answers["generations"]
    # A single run, or one every `generations` months.
    once = {"runs": noted({0: 1, 1: 0}, "run", "One run.")}
    runs = {"run_every": stated(answers, "generations", "month")} if again else once
    tokens = stated(answers, "pretraining_tokens", "token/run", answers["pretraining_tokens"] * 1e9)
    rare = {0: Phrase("Pre-training, once"), 1: Phrase("Pre-training, every month")}
    title = rare.get(again, Phrase("Pre-training, every {count} months", count=again))
    return {"title": title, **runs, "pretraining_tokens": tokens, **known[answers["size"]], **known["all"]}


def features(answers: Answers) -> Members:
    """Return what a request takes, and the check by a second call where there is one."""
    known, customer = usual()["feature"], answers["customer"]
    reads: dict[str, Entry] = {"cached_share": {"value": "0%"}}
    if answers["model"] != "vendor":
        reads = {"cached_share": known["cached_open"]}
    elif answers["cached"]:
        reads = {"cached_share": around(answers, "cached", "share"), "cache_write_share": known["cache_write_share"]}
    main = {
        "title": answers["product"],
        "pool": pool_name(answers),
        "input_tokens_per_request": around(answers, "input_tokens", "token/request"),
        "tokens_per_request": around(answers, "output_tokens", "token/request"),
        **reads,
        **(_agent(answers) if customer == "agents" else _repeated(answers)),
        "storage_price": known["storage"][customer],
    }
    if answers["checker"] == "people":
        main["review_share"] = around(answers, "review_share", "share")
        main["review_price"] = known["review_price"][customer]
    found = {FEATURES.get(customer, "answers"): main}
    if answers["checker"] == "model":
        found["check"] = {"title": "Check by a second call", "pool": pool_name(answers), **_check(answers), **reads}
        if customer in BY_THE_TASK:
            found["check"]["charged_share"] = noted(
                "0%", "share", "Customers pay for results, and not for their check."
            )
    return found


def _length(answers: Answers) -> float:
    """Return the tokens of a request and its answer, or of a task with all that its steps wrote and found."""
    further = answers.get("steps", 1) - 1
    added = further * max(answers["output_tokens"], _agent_value("context_growth"))
    return float(answers["input_tokens"] + answers["output_tokens"] + added)


def _check(answers: Answers) -> dict[str, Entry]:
    length = answers["input_tokens"] + answers["output_tokens"] * answers.get("steps", 1)
    note = "The request and the result, which the check reads."
    return {"input_tokens_per_request": noted(length, "token/request", note), "tokens_per_request": usual()["check"]}


def _wrong(answers: Answers) -> tuple[float, float, float]:
    """Return the least, the answered and the largest percentage of results that are wrong; never all of them."""
    wrong = WHOLE - answers["right"]
    return WRONG[0] * wrong, wrong, min(WRONG[1] * wrong, (wrong + WHOLE) / 2)


def _repeated(answers: Answers) -> dict[str, Entry]:
    if answers["right"] == WHOLE:
        return {}
    return {"retry_share": within(answers, "right", "share", *map(percent, _wrong(answers)))}


def _agent(answers: Answers) -> dict[str, Entry]:
    """Return the fields of a task of several steps, whose tries fail so often that as many tasks finish as answered."""
    steps, known = answers["steps"], usual()["feature"]["agent"]
    found = {"steps": around(answers, "steps", "1", least=1.0)}
    found |= {name: one for name, one in known.items() if steps > 1 or name.startswith("tool")}
    if answers["right"] < WHOLE:
        fails = (percent(rounded(WHOLE * _step_failure(steps, 1 - wrong / WHOLE))) for wrong in _wrong(answers))
        more = Phrase(
            "{share:g} % of tasks finish when each step has {tries} tries. The range is assumed.",
            share=answers["right"],
            tries=MOST_TRIES,
        )
        found["step_failure"] = noted({"pert": list(fails)}, "share", said(answers, "right", more=more))
        found["most_tries"] = noted(MOST_TRIES, "1", "A step is tried once more before the task is given up.")
    return found


def _agent_value(name: str) -> float:
    """Return the likely value of what is usual for an agent."""
    value = usual()["feature"]["agent"][name]["value"]
    return float(value["pert"][1] if isinstance(value, Mapping) else value)


def _step_failure(steps: float, finished: float) -> float:
    """Return the chance that a try of a step fails with which this share of tasks finishes.

    The inverse of `task_success` among the lines of serving: the hazard of a step solves a quadratic equation.
    """
    further, spread, whole = steps - 1, _agent_value("steps_spread"), -math.log(finished)
    later = 2 * further * whole / (steps + math.sqrt(steps * steps + 2 * spread * spread * further * whole))
    return math.pow(1 - math.exp(later - whole), 1 / MOST_TRIES)


def plans(answers: Answers) -> Members:
    """Return the plan that is paid for, and the free one where there is one."""
    known, customer, free = usual()["plan"], answers["customer"], answers["free"]
    beside = free == "plan"
    wins: dict[str, Entry] = {"share_of_signups": noted("100%", "share", "There is no other plan.")}
    if beside:
        at_once = noted(
            percent(WHOLE * BUY_AT_ONCE), "share", "Few look at this plan before they have tried the free one."
        )
        wins = {
            "share_of_signups": at_once,
            "share_of_upgrades": noted("100%", "share", "There is no other paid plan."),
        }
    if answers.get("sellers"):
        sold = noted("100%", "share", "Sellers sell what is paid for.")
        wins |= {"share_of_deals": sold, "commission_share": usual()["role"]["commission_share"]}
    paid = {
        "title": answers["product"],
        **_price(answers),
        **_use(answers),
        **_launched(answers),
        **wins,
        **known[free][customer],
        **{name: _since_launch(answers, one) for name, one in known["by_customer"][customer].items()},
    }
    found: Members = {plan_name(answers): paid}
    return {FREE: _free(answers), **found} if beside else found


def _free(answers: Answers) -> dict[str, Entry]:
    part = usual()["free_use"]
    one = {
        "title": "Free",
        "price": noted(0, f"{answers['currency']}/customer/month", "Free."),
        "requests_per_customer": around(answers, "requests", "request/customer", part),
        **_launched(answers),
        "share_of_signups": noted(percent(WHOLE * (1 - BUY_AT_ONCE)), "share", "All others begin here."),
        **usual()["free"][answers["customer"]],
    }
    if cap := FREE_CAP * part * answers["requests"]:
        note = "The limit of the free plan: three times the mean."
        one["requests_cap"] = noted(max(1.0, rounded(cap)), "request/customer", note)
    return one


def _price(answers: Answers) -> dict[str, Entry]:
    currency, price = answers["currency"], answers["price"]
    if answers["customer"] in BY_THE_SEAT:
        seats = around(answers, "seats", "seat/customer", least=1.0)
        return {
            "price": noted(0, f"{currency}/customer/month", "Paid by the seat."),
            "seat_price": stated(answers, "price", f"{currency}/seat/month"),
            "seats_per_customer": seats,
        }
    if answers["customer"] in BY_THE_TASK:
        each = float(f"{price / REQUESTS_PRICED[answers['customer']]:.12g}")
        return {
            "price": noted(0, f"{currency}/customer/month", "Paid by use."),
            "task_price": stated(answers, "price", f"{currency}/request", each),
        }
    return {"price": stated(answers, "price", f"{currency}/customer/month")}


def _use(answers: Answers) -> dict[str, Entry]:
    of = "seat" if answers["customer"] in BY_THE_SEAT else "customer"
    return {f"requests_per_{of}": around(answers, "requests", f"request/{of}")}


def _launched(answers: Answers) -> dict[str, Entry]:
    return {"launch_month": stated(answers, "launch", "month")} if answers["launch"] else {}


def _since_launch(answers: Answers, entry: Entry) -> Entry:
    """Return an entry whose later steps count from the launch, before which nobody pays."""
    value = entry["value"]
    if not isinstance(value, Mapping) or 0 not in value:
        return entry
    return {**entry, "value": {month and month + answers["launch"]: step for month, step in value.items()}}
