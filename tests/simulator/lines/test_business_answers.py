"""Lines of the business against published answers: Excel's help pages, tax law, papers and model cards."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from companies import alone, written
from made import by_month
from scipy import integrate, stats

from simulator.answers.projection import project
from simulator.engine.lognormal import excess, spread_of_top_tenth
from simulator.engine.model import Array
from simulator.lines.company.people import recruiting
from simulator.lines.company.tax import losses_used, macrs_weight, tax_before_credit
from simulator.lines.devices.fleet import cloud_rent
from simulator.lines.making.training import pretraining_flops, training_device_hours, training_rent
from simulator.lines.market.channels import paid_signups
from simulator.lines.market.events import happening
from simulator.lines.market.market import open_market, word_of_mouth
from simulator.lines.product.balances import receivables
from simulator.lines.product.learning import quality
from simulator.lines.product.plans import conversion_at_price
from simulator.lines.product.response import price_effect
from simulator.lines.product.usage import expected_capped, metered_fee, used_up
from simulator.lines.serving.features import work_per_request
from simulator.lines.serving.pools import carbon, cost_per_million_input_tokens, in_service, rate_in_time
from simulator.lines.serving.prices import vendor_output_bill
from simulator.lines.serving.replicas import devices_at
from simulator.scenario.reading import parse


def by_year(bonus: float) -> Array:
    """Return the tax depreciation of each of seven years, with a share of bonus."""
    return np.asarray(macrs_weight(np.arange(84.0), bonus).reshape(7, 12).sum(axis=1))


# What one line gives, the answer, and how far apart they may be, relative to the answer.
ANSWERS = {
    "BLOOM: 433,196 kWh at 57 g/kWh are 24.69 t (Luccioni, Viguier and Ligozat 2022)":
        (carbon(433_196.0, 0.057) / 1000, 24.69, 2e-4),
    "100M of losses, a profit of 1M, at most 80 % of it offset, at 21 %: 42,000":
        (tax_before_credit(1e6, losses_used(1e6, 100e6, 0.8), 0.21), 42_000, 1e-6),
    "IRS Publication 946, table A-1, five-year property: 20, 32, 19.2, 11.52, 11.52 and 5.76 %":
        (by_year(0.0), [0.2, 0.32, 0.192, 0.1152, 0.1152, 0.0576, 0], 1e-6),
    "In a market of 1,000, of whom 600 came before and 150 come now, a quarter is open":
        (open_market(600.0, 150.0, 1_000.0), 0.25, 1e-6),
    "An event that starts in month 2.4 and lasts two months is under way in months 3 and 4":
        (happening(np.arange(7.0), 2.4, 2.0, 1.0), [0, 0, 0, 1, 1, 0, 0], 0),
    "With eight times the scale of data and exponent 1/3 (1 + 7 = 2³), half of the gap is left":
        (quality(7e5, 0.0, 0.0, 0.0, 0.0, 0.6, 0.9, 1e5, 1 / 3, 0.0), 0.75, 1e-6),
    "400 written, 4,000 read of which half is cached: 400 + 2,000 / 4 + 2,000 / 40 = 950 tokens of work":
        (work_per_request(400, 4_000, 2_000, 0.25, 0.025), 950 / 1e6, 1e-6),
    "$2.50 a device-hour against $.004 a request: 625 requests an hour":
        (625 * 730 * vendor_output_bill(1_000, 0.0, 1.0, 4.0), cloud_rent(730, 0.0, 0.0, 1.0, 2.5), 1e-6),
    "NVIDIA's NIM page: 623.4 token/s in answers of 500, each of .689 s and 499 times 38.75 ms, are 25 at once":
        (in_service(623.4 / 500 * 3600 * 730, 730, 1.0, 0.68869 + 499 * 0.03875), 25, 0.002),
    "At a limit of four times the wait of a lone request, a device reaches three quarters of its rate":
        (rate_in_time(0.01, 0.04), 0.75, 1e-6),
    "A need of 2.1 devices takes three and a spare": (devices_at(2.1, 1.0, 1.0, 1.0, 1.0, 0.0, 1.0), 4, 0),
    "Two and a half devices cannot be rented, but three": (devices_at(0.3, 1.0, 2.5, 0.0, 1.0, 0.0, 1.0), 3, 0),
    "GPT-3 175B and 300 billion tokens (Brown et al. 2020, table D.1)":
        (pretraining_flops(1.0, 174_600e6, 300e9), 3.14e23, 0.005),
    "GPT-3 13B and 300 billion tokens (Brown et al. 2020, table D.1)":
        (pretraining_flops(1.0, 12_850e6, 300e9), 2.31e22, 0.005),
    "GPT-3 6.7B and 300 billion tokens (Brown et al. 2020, table D.1)":
        (pretraining_flops(1.0, 6_660e6, 300e9), 1.20e22, 0.005),
    "LLaMA-65B: 1.4 trillion tokens at 380 a second and device took 1,022,362 hours (Touvron et al. 2023)":
        (training_device_hours(1.0, 1.4e12, 0.0, 380.0, 1e15, 0.4, 1.0, 0.0), 1_022_362, 0.002),
    "Megatron, 174.6B parameters and 300B tokens at 153 Tflop/s, a quarter of it recomputed: 84 days × 384 devices":
        (training_device_hours(1.0, 0.0, pretraining_flops(1.0, 174.6e9, 300e9), 1.0, 153e12, 0.75, 1.0, 0.0),
         84 * 24 * 384, 0.02),
    "DeepSeek-V3: 2.788M hours at $2 are $5.576M (arXiv:2412.19437, table 1)":
        (training_rent(2.788e6, 0, 1.0, 2.0), 5.576e6, 1e-6),
    "At twice the reference price and elasticity 1, half as many buy":
        (conversion_at_price(price_effect(100, 50, 1.0), 1, 0.06), 0.03, 1e-6),
    "Nobody buys twice at a low price": (conversion_at_price(price_effect(1, 50, 1.0), 1, 0.06), 1, 0),
    "A small budget wins budget / cost sign-ups": (paid_signups(1.0, 115.0, 900.0), 1 / 115, 1e-4),
    "A channel without bounds wins exactly that, to the last digits": (paid_signups(1.0, 500.0, 1e12), 0.002, 1e-12),
    "No budget brings more than the channel's most sign-ups": (paid_signups(1e12, 115.0, 900.0), 900, 0),
    "A budget of cost × most brings 1 - 1/e of them":
        (paid_signups(115.0 * 900, 115.0, 900.0), 900 * (1 - np.exp(-1)), 1e-6),
    "Two join at 120,000 a year and a fee of 10 %: 24,000": (recruiting(5, 120_000, 3, 0.1), 24_000, 1e-6),
    "When one leaves, no recruiting fee comes back": (recruiting(4, 120_000, 5, 0.1), 0, 0),
}  # fmt: skip


@pytest.mark.parametrize("fact", ANSWERS)
def test_a_line_gives_the_answer(fact: str):
    """One call of one line gives the number of the paper, the law or the page."""
    found, answer, within = ANSWERS[fact]
    assert found == pytest.approx(answer, rel=within)


# Loans: the examples on Excel's help pages of PMT, CUMPRINC, CUMIPMT, IPMT and PPMT


def loan(principal: float, rate: float, months: int, interest_only: int = 0) -> dict[str, list[float]]:
    """Return the lines of a loan by month, from the month in which it is drawn."""
    inputs = {"drawn_month": 0, "principal": principal, "interest_rate": rate, "months": months, "opening_debt": 0}
    names = ("loan_drawn", "loan_interest", "repaid", "debt")
    return alone(names, inputs | {"interest_only": interest_only}, months + 3)


def test_payments_of_a_loan_are_level():
    """PMT(8 %/12, 60, 15000) = -304.1459143262 in each of sixty months, and nothing after."""
    found = loan(15_000, 0.08, 60)
    paid = np.add(found["loan_interest"], found["repaid"])
    assert paid[0] == 0
    assert paid[1:61] == pytest.approx(304.1459143262, rel=1e-10)
    assert paid[61:] == pytest.approx(0, abs=1e-8)


def test_principal_paid_in_the_second_year():
    """CUMPRINC(9 %/12, 360, 125000, 13, 24) = -934.1071234208758, and CUMIPMT = -11135.23213075."""
    found = loan(125_000, 0.09, 360)
    assert sum(found["repaid"][13:25]) == pytest.approx(934.1071234208758, rel=1e-9)
    assert sum(found["loan_interest"][13:25]) == pytest.approx(11_135.23213075, rel=1e-9)


def test_first_payments_of_two_small_loans():
    """IPMT(10 %/12, 1, 36, 8000) = -66.67 and PPMT(10 %/12, 1, 24, 2000) = -75.62."""
    assert loan(8_000, 0.10, 36)["loan_interest"][1] == pytest.approx(66.67, abs=5e-3)
    assert loan(2_000, 0.10, 24)["repaid"][1] == pytest.approx(75.62, abs=5e-3)


def test_interest_alone_comes_first():
    """After a year of interest alone, a loan of three years repays like a loan of two."""
    late, short = loan(9_000, 0.12, 36, interest_only=12), loan(9_000, 0.12, 24)
    assert late["debt"][:13] == pytest.approx([9_000] * 13)
    assert late["repaid"][13:37] == pytest.approx(short["repaid"][1:25])


# Devices and depreciation

WRITTEN_OFF = ("device_capex", "book_weight", "device_depreciation")


def test_straight_line_depreciation():
    """SLN(30000, 7500, 10) = 2250 a year, and the salvage value is what is left."""
    inputs = {
        "devices_bought": by_month(1, *[0] * 129), "device_list_price": 30_000, "depreciation_of_start": 0,
        "residual_share": 0.25, "book_life": 120, "economic_life": 120,
    }  # fmt: skip
    found = alone(WRITTEN_OFF, inputs, 130)["device_depreciation"]
    assert np.reshape(found[:120], (10, 12)).sum(axis=1) == pytest.approx(2_250)
    assert sum(found) == pytest.approx(22_500)


def test_bonus_depreciation_comes_at_once():
    """With 60 % of bonus, the first year takes 60 % and a fifth of the rest; all of it is taken in the end."""
    found = by_year(0.6)
    assert (found[0], found.sum()) == pytest.approx((0.6 + 0.4 * 0.2, 1))


def test_an_owned_hour_costs_capital_power_and_hosting():
    """Capex (1 - residual) / life / 8760 + W × PUE × price + opex: $1.0274 + $.1001 + $.2055 an hour."""
    names = (*WRITTEN_OFF, "mean_power", "power_cost", "hosting_cost", "device_cost")
    inputs = {
        "devices_bought": 1, "owned_devices": 1, "device_list_price": 40_000, "book_life": 48, "economic_life": 48,
        "residual_share": 0.1, "depreciation_of_start": 0, "hours_per_month": 730, "device_power": 0.7, "cloud_rent": 0,
        "power_overhead": 1.3, "power_price": 0.11, "hosting_price": 150, "reserved_rent": 0,
        "working_share": 1, "idle_power_share": 0,
    }  # fmt: skip
    hour = alone(names, inputs)["device_cost"][0] / 730
    assert hour == pytest.approx(40_000 * 0.9 / 4 / 8760 + 0.7 * 1.3 * 0.11 + 150 / 730)
    assert hour == pytest.approx(1.0274 + 0.1001 + 0.2055, abs=1e-4)


# Tax


def settled(*income: float, **said: float) -> dict[str, list[float]]:
    """Return the lines of tax by month on taxable income by month."""
    names = (
        "new_year", "income_of_year", "losses_at_new_year", "losses_used", "tax_losses", "tax_before_credit",
        "research_of_year", "credit_at_new_year", "credit_used", "research_credit", "tax_of_year", "tax", "tax_due",
        "tax_payable",
    )  # fmt: skip
    openings = ("income_of_year", "losses_at_new_year", "tax_losses", "research_of_year", "credit_at_new_year",
                "research_credit", "tax_of_year", "tax_payable")  # fmt: skip
    inputs = {f"opening_{name}": 0.0 for name in openings} | {
        "taxable_income": by_month(*income), "tax_rate": 0.2, "loss_limit": 1.0, "loss_threshold": 0.0,
        "first_year_months": 12, "research_credit_rate": 0.0,
        "research_and_development": 0.0, **said,
    }  # fmt: skip
    return alone(names, inputs, len(income))


def test_a_year_is_taxed_as_one():
    """Months of profit and loss are taxed on the sum of the year."""
    assert sum(settled(*[500, -300] * 6)["tax"]) == pytest.approx(0.2 * 1_200)


def test_losses_of_one_year_serve_the_next():
    """Of a year's profit of 1,000, at most 80 % is offset by last year's loss of 5,000."""
    found = settled(-5_000, *[0] * 11, *[250] * 4, *[0] * 8, loss_limit=0.8)
    assert sum(found["tax"]) == pytest.approx(0.2 * 200)
    assert found["tax_losses"][-1] == pytest.approx(4_200)


def test_credit_beyond_the_tax_waits():
    """6 % of 10,000 a month of research against a tax of 2,400: 2,400 is used in the year, 4,800 is carried."""
    found = settled(*[1_000] * 12, research_and_development=10_000.0, research_credit_rate=0.06)
    assert sum(found["tax"]) == pytest.approx(0)
    assert found["research_credit"][-1] == pytest.approx(7_200 - 2_400)


def test_tax_is_paid_by_the_quarter():
    """The third month of a quarter pays the tax of all three."""
    found = settled(*[100] * 6)
    assert found["tax_due"] == pytest.approx([0, 0, 60, 0, 0, 60])
    assert found["tax_payable"] == pytest.approx([20, 40, 0, 20, 40, 0])


# Billing


def test_a_year_paid_ahead_is_deferred():
    """12,000 invoiced for a year: 11,000, 6,000 and nothing are deferred after 1, 6 and 12 months."""
    names = ("subscription_billings", "recognition", "opening_earned", "fees_due")
    inputs = {
        "customers_invoiced": by_month(1, *[0] * 13), "seats_invoiced": 0, "fee": 1_000, "seat_fee": 0,
        "prepaid_months": 12, "refund_share": 0, "deferred_at_start": 0, "opening_deferred_revenue": 0,
        "contract_months": 12, "invoiced_fee": 0, "invoiced_seat_fee": 0, "net_level": 1,
    }  # fmt: skip
    found = alone(names, inputs, 14)
    assert found["fees_due"] == pytest.approx([1_000] * 12 + [0] * 2)
    deferred = np.cumsum(found["subscription_billings"]) - np.cumsum(found["fees_due"])
    assert deferred[[0, 5, 11, 13]] == pytest.approx([11_000, 6_000, 0, 0])


def test_fees_prepaid_before_the_scenario_are_earned_once():
    """Of 120 at 100 a month, a tenth renews its ten months each month: 1,200 × (9 + … + 1) is what is deferred."""
    customer = {
        "price": 100, "conversion": 0, "churn": 0, "opening_customers": 120, "requests_per_customer": 1,
        "prepaid_months": 10, "opening_deferred_revenue": 54_000,
    }  # fmt: skip
    text = written({"plan": {"one": customer}}, {"opening_cash": 0, "tax_rate": 0, "hours_per_month": 730}, months=20)
    series = project(parse(text, Path()), 0).series
    assert series["revenue"].base == pytest.approx([12_000] * 20)
    assert series["deferred_revenue[one]"].base == pytest.approx([54_000] * 20)


def test_refunds_are_no_revenue():
    """Of 1,000 invoiced, 5 % goes back: 950 is billed and earned."""
    inputs = {"customers_invoiced": 10, "seats_invoiced": 0, "fee": 100, "seat_fee": 0, "prepaid_months": 1}
    inputs |= {"refund_share": 0.05, "contract_months": 1, "invoiced_fee": 100, "invoiced_seat_fee": 0, "net_level": 1}
    assert alone(("subscription_billings",), inputs)["subscription_billings"] == [pytest.approx(950)]


@pytest.mark.parametrize("days", [0, 15, 45, 90])
def test_level_sales_leave_the_days_to_pay_unpaid(days: float):
    """Days sales outstanding: of 1,000 billed, 20 are never paid, and days / (days in a month) of the rest is owed."""
    owed = 0.0
    for _ in range(400):
        owed = receivables(1_000.0, 20.0, 0.0, days, owed)
    assert owed == pytest.approx(980 * days / (365 / 12))


def test_prepaid_credits_become_revenue_as_they_are_used():
    """Level sales of 100 with 40 % used a month leave 150 owed; a tenth of revenue is breakage."""
    inputs = {
        "customers": 10,
        "credits_per_customer": 10,
        "price_level": 1,
        "net_level": 1,
        "credit_use": 0.4,
        "breakage": 0.1,
    }
    names = ("credit_sales", "credit_revenue", "credit_breakage", "credit_balance")
    found = alone(names, {**inputs, "opening_credit_balance": 0}, 60)
    assert found["credit_revenue"][0] == pytest.approx(40)
    assert found["credit_balance"][-1] == pytest.approx(150)
    assert found["credit_breakage"][-1] == pytest.approx(10)


# Growth

P, Q, PEOPLE = 0.005, 0.84, 1e6


def bass(month: float) -> float:
    """Return the share of the market reached by a month, by Bass's closed form."""
    left = np.exp(-(P + Q) * month)
    return float((1 - left) / (1 + Q / P * left))


def come_by_word_of_mouth(months: int) -> list[float]:
    """Return the people reached by the end of each month, by the line alone."""
    reached = [0.0]
    for _ in range(months):
        reached.append(reached[-1] + float(word_of_mouth(reached[-1], PEOPLE, P, Q)))
    return reached


def test_word_of_mouth_is_the_diffusion_of_bass():
    """In every month the line has reached as many people as the closed form of Bass (1969)."""
    assert come_by_word_of_mouth(40) == pytest.approx([PEOPLE * bass(month) for month in range(41)], rel=1e-10)


def test_word_of_mouth_peaks_in_the_month_of_the_closed_form():
    """ln(q / p) / (p + q) = 6.06 months from the start, at .2125 of the market a month."""
    monthly = np.diff(come_by_word_of_mouth(20))
    assert monthly.argmax() == 6  # the month from 6 to 7
    assert 0.2 * PEOPLE < monthly.max() < 0.212507 * PEOPLE


# Serving


def test_a_device_hour_splits_into_input_and_output():
    """Google's GKE example: $2.5 an hour, 8,000 in and 2,000 out a second, ratio 4: $.173611 and $.0434028."""
    inputs = {
        "tokens_per_second": 2_000, "rate_in_time": 1, "speedup": 1, "hours_per_month": 730, "input_weight": 0.25,
        "benchmark_input_per_output": 4, "serving_cost": 2.5 * 730,
    }  # fmt: skip
    served = alone(("device_capacity",), {name: inputs[name] for name in [*inputs][:-1]})["device_capacity"][0]
    output = inputs["serving_cost"] / served
    assert output == pytest.approx(0.173611, abs=1e-6)
    assert cost_per_million_input_tokens(output, 0.25) == pytest.approx(0.0434028, abs=1e-7)


# Heavy tails

TAILS = [(400.0, 500.0, 1.1), (5500.0, 2000.0, 0.9), (100.0, 1000.0, 0.3), (1000.0, 10.0, 2.0)]


@pytest.mark.parametrize(("mean", "cap", "spread"), TAILS)
def test_capped_use_is_the_limited_expected_value(mean: float, cap: float, spread: float):
    """The mean of capped requests is E[min(X, cap)] of scipy's lognormal."""
    usage = stats.lognorm(spread, scale=mean * np.exp(-(spread**2) / 2))
    below = usage.expect(lambda x: x, ub=cap, epsrel=1e-11) + cap * usage.sf(cap)
    assert expected_capped(mean, cap, spread) == pytest.approx(below, rel=1e-7)
    assert excess(mean, cap, spread) == pytest.approx(mean - below, rel=1e-6)


def test_the_top_tenth_decides_the_spread():
    """A top tenth with three quarters of all usage means a deviation of 1.956, and the reverse."""
    spread = spread_of_top_tenth(0.75)
    assert spread == pytest.approx(1.956, abs=5e-4)
    assert stats.norm.cdf(spread - stats.norm.ppf(0.9)) == pytest.approx(0.75)


def one_tier_fee(worth: float, cap: float, spread: float, *terms: float) -> float:
    """Return the mean metered fee at a price of 1 a request; `terms` are commitment, start and discount of a tier."""
    commitment, tier, discount = terms
    last = tier + (1e12 - tier) * (1 - discount)
    used = used_up(commitment, tier, last, last, discount, 0, 0)
    return float(metered_fee(worth, cap, 1.0, 1.0, spread, commitment, used, tier, discount, 1e12, 0, 1e12, 0))


FEES = [(100, 1.0, 0, 1e12, 0), (100, 1.0, 60, 300, 0.3), (80, 1.5, 200, 150, 0.4), (50, 0.5, 30, 30, 1.0)]


@pytest.mark.parametrize(("worth", "spread", "commitment", "tier", "discount"), FEES)
def test_a_metered_fee_is_the_mean_over_customers(
    worth: float, spread: float, commitment: float, tier: float, discount: float
):
    """The closed form equals the integral of max(commitment, use up to the tier + cheaper use beyond)."""

    def fee(z: float) -> float:
        used = worth * np.exp(spread * z - spread**2 / 2)
        return max(commitment, min(used, tier) + (1 - discount) * max(used - tier, 0)) * stats.norm.pdf(z)

    edges = [(np.log(edge / worth) + spread**2 / 2) / spread for edge in (commitment or 1e-9, tier)]
    points = sorted({*(edge for edge in edges if abs(edge) < 12), 0.0, spread})
    pieces = [-14.0, *points, 14.0]
    parts = [integrate.quad(fee, low, high, epsabs=1e-12, epsrel=1e-11)[0] for low, high in pairwise(pieces)]
    assert one_tier_fee(worth, 1e12, spread, commitment, tier, discount) == pytest.approx(sum(parts), rel=1e-6)


@pytest.mark.parametrize(("commitment", "tier", "discount"), [(800, 1e12, 0), (0, 800, 0.5), (1_200, 600, 0.5)])
def test_a_cap_bounds_what_is_metered(commitment: float, tier: float, discount: float):
    """Nobody pays for use beyond the cap: the fee is the mean over a large sample of capped customers."""
    mean, spread, cap = 1_000, 1.5, 1_500
    sample = np.exp(np.random.default_rng(3).normal(np.log(mean) - spread**2 / 2, spread, 2_000_000))
    used = np.minimum(sample, cap)
    paid = np.maximum(commitment, np.minimum(used, tier) + (1 - discount) * np.maximum(used - tier, 0)).mean()
    assert one_tier_fee(mean, cap, spread, commitment, tier, discount) == pytest.approx(paid, rel=2e-3)


# Training


def test_hours_of_a_run_beyond_its_steps():
    """Llama 3.1 405B at 41 % of 989.5 Tflop/s took 30.84M hours: steps alone explain them but for 7 to 34 %."""
    flops = pretraining_flops(1.0, 405_853_388_800, 15.6e12)
    steps = training_device_hours(1.0, 0.0, flops, 1.0, 989.5e12, 0.41, 1.0, 0.0)
    assert 1.07 < 30.84e6 / steps < 1.34
