"""Rules that hold in every month of every trial of any scenario; `check` returns the broken ones.

Each rule computes its subject a second way: directly, cohort by cohort, or from the other side of the books."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from simulator.engine.model import Array
from simulator.engine.run import Simulation
from simulator.lines.market.retention import SMALL_INDEX

# Allowed difference, as a share of the sum of all amounts in a rule: a smaller one is rounding.
SLACK = 1e-9
INCOME = ("subscription_revenue", "overage_revenue", "metered_revenue", "credit_revenue", "service_revenue")
PAY = ("support_payroll", "selling_payroll", "research_payroll", "general_payroll")
CREDITS = ("credits_for_customers", "credits_for_free_plans", "credits_for_training")


class Violation(NamedTuple):
    """A broken rule: the first month in which it fails, and the largest difference."""

    rule: str
    month: int
    off: float


def check(simulation: Simulation) -> list[Violation]:
    """Return all rules that a simulation breaks."""
    books = _Books(simulation)
    broken = [Violation(f"{name} is finite", *_first(~np.isfinite(line))) for name, line in books.lines.items()]
    if broken := [violation for violation in broken if violation.month >= 0]:
        return broken
    rules = (
        _statements,
        _billing,
        _trials,
        _equipment,
        _models,
        _loans,
        _recurring,
        _cohorts,
        _serving,
        _clouds,
        _tax,
        _vat,
        _bounds,
    )
    return [violation for rule in rules for violation in rule(books) if violation.month >= 0]


def _first(wrong: Array, off: Array | None = None) -> tuple[int, float]:
    """Return the first month in which something is wrong, -1 if none, and the largest difference."""
    months = np.flatnonzero(wrong.any(axis=(1, 2)))
    return (int(months[0]), float("nan" if off is None else off[wrong].max())) if len(months) else (-1, 0.0)


def equal(rule: str, left: list[Array], right: list[Array]) -> Violation:
    """Check that two sums of lines, each (months, members, trials), are equal but for rounding."""
    off = np.abs(sum(left) - sum(right))  # type: ignore[arg-type]
    size = sum(np.abs(term) for term in (*left, *right))
    return Violation(rule, *_first(~(off <= SLACK * size + 1e-12), off))


def at_least(rule: str, line: Array, low: Array | float, size: Array | float = 1.0) -> Violation:
    """Check that a line never falls below a number, but for rounding of amounts of that size."""
    off = low - line
    return Violation(rule, *_first(~(off <= SLACK * (np.abs(size) + np.abs(line))), off))


class _Books:
    """Lines of a simulation as arrays (months, members, trials), its assumptions, and last month's values."""

    def __init__(self, simulation: Simulation) -> None:
        self.simulation, self.lines = simulation, simulation.keep()
        self.months = simulation.months

    def __getitem__(self, name: str) -> Array:
        """Return a line with its members, or an assumption in every month."""
        if name in self.lines:
            return self.lines[name]
        values = self.simulation.inputs[name]
        return np.broadcast_to(values, (self.months, *values.shape[1:]))

    def all(self, name: str) -> Array:
        """Return a line summed over its members, of shape (months, 1, trials)."""
        return self[name].sum(axis=1, keepdims=True)

    def before(self, name: str) -> Array:
        """Return the line a month earlier."""
        line = self.lines[name]
        opening = np.broadcast_to(self.simulation.inputs[f"opening_{name}"][:1], line[:1].shape)
        return np.concatenate([opening, line[:-1]])

    def all_before(self, name: str) -> Array:
        """Return the line a month earlier, summed over its members."""
        return self.before(name).sum(axis=1, keepdims=True)

    def is_fixed(self, name: str) -> bool:
        """Return whether an assumption is the same in all months."""
        return len(self.simulation.inputs[name]) == 1

    def aged(self, name: str, share: Array) -> Array:
        """Return what is left of all months of a line when `share` (ages, members, trials) is left at each age."""
        line = self.lines[name]
        left = [
            sum((line[start] * share[month - start] for start in range(month + 1)), start=np.zeros(line.shape[1:]))
            for month in range(self.months)
        ]
        return np.stack(left)


Found = Iterator[Violation]


def _statements(books: _Books) -> Found:
    yield equal("assets = liabilities + equity", [books["assets"]], [books["liabilities"], books["equity"]])
    flows = [books[f"{kind}_cash_flow"] for kind in ("operating", "investing", "financing")]
    yield equal("cash moves by its flows", [books["cash"]], [books.before("cash"), *flows])
    earned = [books.before("retained_earnings"), books["net_income"], -books["dividends"]]
    yield equal("retained earnings move by net income less dividends", [books["retained_earnings"]], earned)
    revenue = [books.all("plan_revenue")]
    yield equal("revenue is that of all plans", [books["revenue"]], revenue)
    yield equal("a plan's revenue is all its income", [books["plan_revenue"]], [books[name] for name in INCOME])
    before_tax = [books["revenue"], -books["costs"], books["other_operating_income"], books["interest_income"]]
    profit = [*before_tax, -books["interest_expense"], -books["tax"]]
    yield equal("net income is revenue less costs", [books["net_income"]], profit)
    yield equal("the parts of the payroll are the whole", [books["staff_cost"]], [books[name] for name in PAY])
    yield from _direct(books)


def _direct(books: _Books) -> Found:
    """Check the cash flows by the direct method: receipts less payments, instead of profit and its adjustments."""
    supplied = [books["purchases"], books["input_vat"], books.before("payables"), -books["payables"]]
    received = [books.all("collections"), books["interest_income"], books["grants"]]
    received += [-books.all("payment_fees"), -books.all("refunds"), -books.all("vat_refunded")]
    interest = [books["interest_expense"], -books.all("note_interest")]
    state = [books["tax_due"], books["vat_settled"], books["investment_vat"]]
    pay = [books.all("payroll"), books.all("commission")]
    paid = [*supplied, *pay, books.all("loan_fee"), *interest, *state]
    # Changes of what is owed round like the balances, so these set the scale.
    owed = books.all("credit_balance")
    cash = books["operating_cash_flow"]
    yield equal("operating cash is collections less payments", [cash, *paid, owed], [*received, owed])
    used = [books.all("capex_paid"), books.all("disposal_proceeds"), -books.all("capitalised")]
    yield equal("investing cash is devices and models", [books["investing_cash_flow"]], used)
    sources = ("equity_raised", "safe_raised", "note_repaid", "loan_drawn", "repayment")
    raised = [*(books.all(name) for name in sources), -books["dividends"]]
    yield equal("financing cash is what investors and lenders gave", [books["financing_cash_flow"]], raised)


def _billing(books: _Books) -> Found:
    owed = ("deferred_revenue", "credit_balance")
    before = np.concatenate([books["deferred_at_start"][:1], books["deferred_revenue"][:-1]])
    rolled = [books["billings"], -books["plan_revenue"], -books["refunds"], before, books.before("credit_balance")]
    yield equal("service owed moves by billings less revenue and refunds", [books[name] for name in owed], rolled)
    kept = np.maximum(1 - (np.arange(books.months)[:, None, None] + 1) / np.ceil(books["prepaid_months"][:1]), 0)
    rest = np.maximum(np.ceil(books["prepaid_months"][:1]) - 1 - np.arange(books.months)[:, None, None], 0)
    of_start = rest * (rest - 1) / np.maximum(rest[:1] * (rest[:1] + 1), 1)
    ahead = [books.aged("subscription_billings", kept), books["deferred_at_start"][:1] * of_start]
    size = books["subscription_billings"].cumsum(axis=0) + books["deferred_at_start"]
    gone = np.cumsum(books["fees_due"] - books["subscription_revenue"] - books["refunds"], axis=0)
    deferred = [books["deferred_revenue"], -gone]
    yield equal("each invoice is earned in equal parts, or refunded", [*deferred, size], [*ahead, size])
    yield at_least("refunds are not negative", books["refunds"], 0, size + 1)
    yield at_least("refunds are at most what was deferred", before - books["refunds"], 0, size + 1)
    invoiced = [books["billings"], books["vat_charged"]]
    due = [books.before("receivables"), *invoiced, -books["bad_debt"], -books["collections"]]
    yield equal("receivables move by billings less collections", [books["receivables"]], due)
    size = (books["billings"] + books["vat_charged"]).cumsum(axis=0) + books["opening_receivables"]
    for name in ("receivables", "deferred_revenue", "credit_balance", "collections"):
        yield at_least(f"{name} is not negative", books[name], 0, size + books["deferred_at_start"] + 1)


def _trials(books: _Books) -> Found:
    # Without free trials, people who were on one before the scenario are left out.
    opened = np.where(books["trial_months"] > 0, books.before("trial_users"), 0)
    moved = [opened, books["trials_started"], -books["trials_ended"]]
    yield equal("people on free trials move by those who begin and end", [books["trial_users"]], moved)
    left = books["trials_ended"] - books["trials_converted"]
    yield at_least("who buys after a free trial had one", left, 0, books["trials_ended"] + 1)
    at_once = np.where(books["trial_months"] > 0, books["trials_converted"], books["customers_from_signups"])
    yield equal("who has a free trial buys at its end alone", [books["customers_from_signups"]], [at_once])
    unsold = np.where(np.arange(books.months)[:, None, None] < np.ceil(books["launch_month"]), 1, 0)
    joined = (books["trials_started"] + books["new_customers"] - books["trials_converted"]) * unsold
    yield equal("nobody chooses a plan before its launch", [joined], [np.zeros_like(joined)])


def _equipment(books: _Books) -> Found:
    """Check each purchase by itself: written off over the book life, and retired after the economic life."""
    ages = np.arange(books.months)[:, None, None]
    economic, book = (np.ceil(books[name][:1]) for name in ("economic_life", "book_life"))
    opened = books["opening_owned_devices"][:1]
    written_off = (1 - books["residual_share"][:1]) * np.minimum(ages + 1, book) / book
    there = np.where(ages < economic, 1.0, 0.0)
    by_book = np.maximum(1 - (ages + 1) / book, 0)
    of_start = books["opening_equipment"][:1] * np.where(opened > 0, _to_serve(books), by_book)
    left = [books.aged("device_capex", (1 - written_off) * there), of_start]
    size = books["device_capex"].cumsum(axis=0) + books["opening_equipment"]
    yield equal("equipment is what is not written off of devices there", [books["equipment"], size], [*left, size])
    yield at_least("equipment is not negative", books["equipment"], 0, size)
    bought = books.aged("devices_bought", there)
    left = np.minimum(np.ceil(np.round(_of_start(books, opened)[: books.months], 9)), opened)
    yield equal("devices retire", [books["owned_devices"]], [bought, left])
    lost = [-books["device_depreciation"], -books["devices_disposed"]]
    moved = [books.before("equipment"), books["device_capex"], *lost]
    yield equal("equipment rolls", [books["equipment"], size], [*moved, size])


def _of_start(books: _Books, amount: Array | float) -> Array:
    """Return what is left of an amount at the start at the end of each month of a century, as its devices retire."""
    youngest = np.maximum(np.ceil(books["economic_life"][:1]) - np.ceil(books["opening_device_age"][:1]), 0)
    spread = np.minimum(np.ceil(books["opening_age_spread"][:1]), youngest)
    steps = np.maximum(spread, 1)
    gone = (np.arange(1_200)[:, None, None] + 1 - youngest + spread) / steps
    return amount * (1 - np.clip(gone, 0, 1))


def _to_serve(books: _Books) -> Array:
    """Return the share of the service of the devices there at the start that is still to come after each month."""
    served = _of_start(books, 1.0)
    total = served.sum(axis=0)
    return np.where(total > 0, 1 - served.cumsum(axis=0) / np.where(total > 0, total, 1), 0)[: books.months]


def _models(books: _Books) -> Found:
    ages = np.arange(books.months)[:, None, None]
    kept = np.maximum(1 - (ages + 1) / np.ceil(books["model_life"][:1]), 0)
    left = [books.aged("capitalised", kept), books["opening_model_assets"][:1] * kept]
    size = books["capitalised"].cumsum(axis=0) + books["opening_model_assets"]
    yield equal("capitalised models are written off in equal parts", [books["model_assets"], size], [*left, size])
    yield at_least("capitalised models are not negative", books["model_assets"], 0, size)


def _loans(books: _Books) -> Found:
    moved = [books.before("debt"), books["loan_drawn"], -books["repaid"]]
    yield equal("debt moves by what is drawn and repaid", [books["debt"]], moved)
    lent = books["loan_drawn"].cumsum(axis=0) + books["opening_debt"]
    yield equal("repayments sum to the loan", [lent], [books["repaid"].cumsum(axis=0), books["debt"]])
    yield at_least("debt is not negative", books["debt"], 0, lent)
    if books.is_fixed("drawn_month") and books.is_fixed("months"):
        month = np.arange(books.months)[:, None, None]
        over = month > np.ceil(books["drawn_month"]) + np.ceil(books["months"])
        over |= month == np.ceil(books["drawn_month"]) + np.maximum(np.ceil(books["months"]), 1)
        owed = np.where(over, books["debt"], 0)
        yield equal("a loan is paid back in its time", [owed, lent], [lent])


def _recurring(books: _Books) -> Found:
    gained = ("mrr_before", "new_mrr", "expansion_mrr")
    moved = [books[name] for name in gained] + [-books[name] for name in ("contraction_mrr", "churned_mrr")]
    changed_plan = [books["upgraded_in_mrr"], -books["upgraded_out_mrr"]]
    yield equal("recurring revenue moves along its bridge", [books["mrr"]], moved + changed_plan)
    whole = [amounts.sum(axis=1, keepdims=True) for amounts in moved]
    yield equal("changes of plan cancel in the company's bridge", [books.all("mrr")], whole)
    yield equal("the bridge begins where last month ended", [books["mrr_before"][1:]], [books["mrr"][:-1]])
    for name in ("mrr", "new_mrr", "churned_mrr", "expansion_mrr", "contraction_mrr", "upgraded_out_mrr"):
        yield at_least(f"{name} is not negative", books[name], 0, books["mrr_before"] + books["mrr"])


def _opening_left(books: _Books) -> Array:
    """Return what age leaves of opening customers, in groups whose terms end in the months 0, 1, 2 and so on."""
    names = ("contract_months", "opening_age", "churn", "churn_spread", "opening_customers")
    term, age, churn, spread, opened = (books[name][0] for name in names)
    term = np.ceil(term)
    longest = int(term.max(initial=0)) if opened.any() else 0
    group = np.arange(longest)[:, None, None]
    # A monthly contract does not end in the first month.
    ends = np.where(term > 1, group, 1)
    kept = np.where(group < term, opened / term, 0)
    left = np.zeros((books.months, *books["customers"].shape[1:]))
    for month in range(books.months):
        since = month - ends
        renews = (since >= 0) & (since % term == 0)
        for passed in range(longest):
            at = np.maximum(age + ends - term, 0) + np.maximum(since, 0) + passed
            kept = kept * np.where(renews & (passed < term), 1 - churn / (1 + spread * at), 1)
        left[month] = kept.sum(axis=0)
    return left


def _cohorts(books: _Books) -> Found:
    survival, stay = books["contract_survival"], books["stay_index"]
    counted = _opening_left(books) * stay
    for start in range(books.months):
        left = books["new_customers"][start] * survival[: books.months - start] * stay[start:] / stay[start]
        counted[start:] += left
    # A billionth of customers who have all gone stays in the cohorts, and more once all have gone many times over.
    counted = np.where(stay > SMALL_INDEX, counted, books["customers"])
    most = np.maximum.accumulate(books["customers"] + books.before("customers"))
    yield equal("cohorts sum to customers", [books["customers"], most], [counted, most])
    moved = [books.before("customers"), books["new_customers"], -books["churned_customers"]]
    yield equal("customers move by who joins and who leaves", [books["customers"]], moved)
    there = books.before("customers") + books["new_customers"]
    yield at_least("nobody leaves twice", books["churned_customers"], 0, there)
    in_force = [books.aged("contracts_signed", books["in_term"]), books["opening_running"]]
    yield equal("contracts in their term are all there are", [books["contracts"]], in_force)
    for name in ("fee", "seat_fee", "level"):
        asked = books[{"level": "price_level"}.get(name, name)]
        size = np.maximum.accumulate(asked)
        yield at_least(f"signed {name} was asked at some time", size, books[f"signed_{name}"], size)
    yield at_least("survival only falls", -np.diff(books["survival"], axis=0), 0)
    yield at_least("who goes to a better plan leaves this one", books["churned_customers"], books["upgrades"], there)


def _serving(books: _Books) -> Found:
    spent = [books.all("token_cost"), books.all("idle_serving")]
    yield equal("tokens and idle pools cost what serving costs", [books.all("serving_cost")], spent)
    split = [books.all("paid_inference"), books.all("free_inference"), books.all("idle_serving")]
    yield equal("paid and free inference are all of it", [books.all("serving_cost")], split)
    yield equal("tokens used are tokens served", [books.all("tokens_used")], [books.all("tokens_served")])
    parts = [books[name] for name in ("cloud_rent", "reserved_rent", "power_cost", "hosting_cost")]
    parts += [books["device_depreciation"], books["vendor_cost"]]
    yield equal("serving costs devices and vendors", [books["serving_cost"]], parts)
    can_serve = books["mean_pull"] > 1e-6
    yield at_least("no device is busier than it can be", np.where(can_serve, 1 - books["utilisation"], 1), 0)
    hours = len(books.simulation.members.names["hour"])
    replicas = books["devices_at"] / np.repeat(books["replica_size"], hours, axis=1)
    by_hour = np.repeat(books["billed_by_second"] == 0, hours, axis=1)
    yield equal("replicas are whole", [replicas * by_hour], [np.rint(replicas) * by_hour])


def _clouds(books: _Books) -> Found:
    spent = [books["credits_applied"], books["cloud_paid"]]
    yield equal("usage is paid in credits or cash", [books["cloud_usage"]], spent)
    credited = [-books.all(name) for name in CREDITS]
    yield equal("credits are taken off the costs", [books["credits_applied"]], credited)
    bill = [books.all("cloud_rent"), books.all("reserved_rent"), books.all("training_rent")]
    bill.append((books["vendor_cost"] * books["credits_pay_vendor"]).sum(axis=1, keepdims=True))
    yield equal("credits pay what clouds charge", [books["cloud_usage"]], bill)
    charged, free = books["cloud_bill"], books["free_cloud_bill"]
    yield at_least("credits for serving follow rent", charged, free, charged)
    yield at_least("credits are never overdrawn", books["cloud_credits"], 0, books["credits_available"])
    held = books.before("cloud_credits") + books["credits_granted"]
    yield at_least("no credits come from nowhere", held, books["credits_applied"] + books["cloud_credits"])


def _tax(books: _Books) -> Found:
    moved = [books.before("tax_payable"), books["tax"], -books["tax_due"]]
    yield equal("tax owed moves by tax booked and paid", [books["tax_payable"]], moved)
    profit = np.maximum(books["income_of_year"], 0)
    size = np.abs(books["income_of_year"]) + books["tax_losses"]
    yield at_least("losses are not negative", books["tax_losses"], 0, size)
    yield at_least("a year's tax is not negative", books["tax_of_year"], 0, size)
    yield at_least("a year's tax is not more than its rate", profit * books["tax_rate"], books["tax_of_year"], size)
    kept = [books["losses_at_new_year"], -books["losses_used"], np.maximum(-books["income_of_year"], 0)]
    yield equal("losses grow by losses and shrink by use", [books["tax_losses"]], kept)
    yield at_least("credit is not negative", books["research_credit"], 0, books["research_of_year"])


def _vat(books: _Books) -> Found:
    charged = [books.all("vat_charged"), -books.all("vat_refunded")]
    given_back = [-books["input_vat"], -books["investment_vat"], -books["vat_settled"]]
    moved = [books.before("vat_payable"), *charged, *given_back]
    yield equal("VAT owed moves by what is charged, paid and settled", [books["vat_payable"]], moved)
    paid = (books["billings"] - books["bad_debt"]) * books["vat_rate"]
    yield equal("VAT is its rate on what customers pay", [books["vat_charged"]], [paid])
    back = books["refunds"] * books["vat_rate"]
    yield equal("VAT on what customers get back is given back", [books["vat_refunded"]], [back])


def _bounds(books: _Books) -> Found:
    for name, line in books.simulation.model.lines.items():
        low, high = line.quantity.low, line.quantity.high
        values = books[name]
        size = np.abs(values).max(axis=0, initial=1)
        if low is not None:
            yield at_least(f"{name} is at least {low:g}", values, low, size)
        if high is not None:
            yield at_least(f"{name} is at most {high:g}", high - values, 0, size)
    if books.is_fixed("market_size"):
        most = np.maximum(books["market_size"], books["opening_reached"])
        yield at_least("the market is not passed", most - books["reached"], 0, most)
    yield at_least("customers at a cap ask no more than it", books["requests_cap"], books["capped_requests"])
    safes = [books.before("safe_balance"), books["safe_raised"], books["note_interest"]]
    gone = [books["safe_converted"], -books["note_repaid"]]
    yield equal("SAFEs move by what is signed, earned, converted and repaid", [books["safe_balance"], *gone], safes)
    yield at_least("SAFEs are not negative", books["safe_balance"], 0)
