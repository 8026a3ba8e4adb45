"""The business around the product: market and channel, team, cash and rounds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from profiling.errors import Phrase
from simulator.begin.entries import (
    Entry,
    Members,
    around,
    from_month,
    noted,
    rounded,
    said,
    slug,
    stated,
    usual,
    within,
)
from simulator.begin.product import plan_name
from simulator.begin.questions import DOLLAR, Answers, fields

# Companies that buy for a year, or hand work to an agent, ask for a certificate.
AUDITED = ("companies", "agents")
FOUNDERS_SHARES, OPTIONS = 8_500_000, 1_500_000
# An exchange rate moves by so much within a year.
SWING = 0.1
# A round may bring less, or come later.
LESS, MORE, SOONER, LATER = 0.6, 1.2, 1, 4
# The least valuation relative to the money, with which investors get a quarter of the company: the cap of a SAFE counts
# the money, and the pre-money of a round does not.
CAP_OVER_MONEY, PRE_MONEY_OVER_MONEY = 4, 3
# Pay of those who are hired: the least and the most, relative to what was answered.
PAID = (0.88, 1.25)
# Months after the launch in which the founders and the first engineers do it alone, and in which sellers double.
SUPPORT_WAITS, ENGINEERS_WAIT, SELLERS_DOUBLE = 12, 18, 18
# Months for which grants are paid.
GRANTED = 24
# Words for the number of founders.
NUMBERS = ("One", "Two", "Three", "Four", "Five")


def assumptions(answers: Answers) -> dict[str, Entry]:
    """Return what holds for the company as a whole."""
    known, customer, currency = usual()["company"], answers["customer"], answers["currency"]
    found: dict[str, Entry] = {"opening_cash": stated(answers, "cash", currency)}
    if currency != DOLLAR:
        found["exchange_rate"] = _rate(answers)
    if answers["grants"]:
        found["grants"] = noted(
            {0: answers["grants"], GRANTED: 0}, currency, said(answers, "grants", more="two years.")
        )
    found |= {"fixed_overhead": known["overhead"][customer], **known["all"]}
    found |= known["tax"].get(currency, known["tax"]["other"])
    found["market_size"] = around(answers, "market", "user", least=1.0)
    found["imitation"] = known["imitation"][customer]
    if answers.get("sellers"):
        found["sales_cycle"] = known["sales_cycle"][customer]
    return found


def _rate(answers: Answers) -> Entry:
    rate = answers["rate"]
    ends = [rounded(rate * (1 - SWING)), rate, rounded(rate * (1 + SWING))]
    more = "costs in dollars are converted by it. A tenth either way is usual within a year."
    return noted({"pert": ends}, f"{answers['currency']}/{DOLLAR}", said(answers, "rate", more=more))


def channel_name(answers: Answers) -> str:
    """Return the name of the channel."""
    return str(answers["channel"])


def channels(answers: Answers) -> Members:
    """Return the channel with its budget and the sign-ups that come by themselves, both from the launch on."""
    found: dict[str, Entry] = {"title": fields()["channel"].options[answers["channel"]]}
    now, later = answers["budget"], answers["budget_later"]
    if now or later:
        cost = usual()["channel"][answers["channel"]][answers["customer"]]
        first = cost["value"]["pert"][1] * answers.get("rate", 1.0)
        room = max(1.0, rounded(usual()["channel_room"] * max(now, later) / first))
        note = said(answers, "budget", "budget_later")
        found["budget"] = noted(from_month(answers, now, (12, later)), answers["currency"], note)
        found["cost_per_signup"] = cost
        found["most_signups"] = noted(room, "user", "Three times what the larger budget buys at the likely price.")
    free = around(answers, "signups", "user")
    found["organic_signups"] = {**free, "value": from_month(answers, free["value"])}
    return {channel_name(answers): found}


def roles(answers: Answers) -> Members:
    """Return founders, engineers, sellers and support."""
    known, customer, pay = usual()["role"], answers["customer"], f"{answers['currency']}/head/year"
    founder = {
        "title": "Founders" if answers["founders"] > 1 else "Founder",
        "heads": stated(answers, "founders", "head"),
        "salary": stated(answers, "founder_pay", pay),
        **known["all"],
        "research_share": noted("50%", "share", "Founders build for half of their time."),
        "selling_share": noted("30%", "share", "They sell for a third of it, and run the company in the rest."),
    }
    paid = answers["engineer_pay"]
    engineer = {
        "title": "Engineers",
        "heads": stated(answers, "engineers", "head"),
        "customers_per_head": _joining(answers, known["engineers_join"][customer], ENGINEERS_WAIT),
        "salary": within(answers, "engineer_pay", pay, rounded(paid * PAID[0]), paid, rounded(paid * PAID[1])),
        **known["all"],
        "recruiting_fee": known["recruiting_fee"],
        "research_share": noted("100%", "share", "Engineers build."),
    }
    supporter = {
        "title": "Support",
        "heads": noted(0, "head", "The founders help the first customers."),
        "customers_per_head": _joining(answers, known["support_joins"][customer], SUPPORT_WAITS),
        "salary": _paid_here(answers, known["support_pay"][customer]),
        **known["all"],
        "support_share": noted("100%", "share", "Support is all that they do."),
    }
    sellers = {"seller": _seller(answers, known)} if answers.get("sellers") else {}
    return {"founder": founder, "engineer": engineer, **sellers, "supporter": supporter}


def _joining(answers: Answers, each: Any, wait: int) -> Entry:
    note = "Nobody at first; the number of paying customers per further person is assumed."
    return noted({0: 0, answers["launch"] + wait: each}, "customer/head", note)


def _seller(answers: Answers, known: Mapping[str, Any]) -> dict[str, Entry]:
    count, more = answers["sellers"], "twice as many a year and a half after the launch is assumed."
    return {
        "title": "Sellers",
        "heads": noted(
            from_month(answers, count, (SELLERS_DOUBLE, 2 * count)), "head", said(answers, "sellers", more=more)
        ),
        "quota": known["quota"][answers["customer"]],
        **known["seller"],
        "salary": _paid_here(answers, known["seller"]["salary"]),
        **known["all"],
        "recruiting_fee": known["recruiting_fee"],
        "selling_share": noted("100%", "share", "Selling is all that they do."),
    }


def _paid_here(answers: Answers, known: Entry) -> Entry:
    """Return usual pay: that of the USA as it is, or in another currency relative to what engineers are paid there."""
    if answers["currency"] == DOLLAR:
        return known
    relative = answers["engineer_pay"] / fields()["engineer_pay"].default
    ends = [rounded(end * relative) for end in known["value"]["pert"]]
    note = "Pay in the USA, times what engineers are paid here relative to there."
    return noted({"pert": ends}, f"{answers['currency']}/head/year", note)


def overheads(answers: Answers) -> Members:
    """Return the certificate that companies ask for before they buy."""
    if answers["customer"] not in AUDITED:
        return {}
    begins = noted(answers["launch"], "month", "With the launch, since companies ask for it.")
    return {"soc2": {"title": "SOC 2 Type II", "begins": begins, **usual()["audit"]}}


def safes(answers: Answers) -> Members:
    """Return the pre-seed round."""
    if not answers["preseed"]:
        return {}
    own = {
        "signed_month": noted(0, "month", "In the first month."),
        "investment": stated(answers, "preseed", answers["currency"]),
    }
    cap = _worth(answers, "preseed", usual()["funding"]["valuation_cap"], CAP_OVER_MONEY)
    return {"pre-seed": {"title": "Pre-seed, as a SAFE", **own, "valuation_cap": cap}}


def rounds(answers: Answers) -> Members:
    """Return the priced rounds that were answered."""
    known, found = usual()["funding"], {}
    for key, title in (("seed", "Seed round"), ("series_a", "Series A")):
        if amount := answers.get(key):
            found[slug(title, key)] = {
                "title": title,
                "close_month": _closing(answers, f"{key}_month"),
                "amount": noted(
                    {"pert": [rounded(amount * LESS), amount, rounded(amount * MORE)]},
                    answers["currency"],
                    said(answers, key, more="rounds bring less more often than they bring more."),
                ),
                "closing_cost": known["closing_cost"],
                "pre_money": _worth(answers, key, known[key], PRE_MONEY_OVER_MONEY),
                "options_after": known["options_after"],
            }
    return found


def _closing(answers: Answers, key: str) -> Entry:
    month = answers[key]
    ends = [max(0, month - SOONER), month, month + LATER]
    return noted({"pert": ends}, "month", said(answers, key, more="rounds slip by some months."))


def _worth(answers: Answers, key: str, known: Entry, least: float) -> Entry:
    """Return the usual valuation, or a higher one where the money asked for would otherwise buy the company."""
    ends, rate = known["value"]["pert"], answers.get("rate", 1.0)
    money = answers[key] * least
    if money <= ends[1] * rate:
        return known
    grown = [rounded(money * end / ends[1]) for end in ends]
    note = Phrase("{least:g} times the money, so that investors get a quarter of the company for it.", least=least)
    return noted({"pert": grown}, answers["currency"], note)


def holders(answers: Answers) -> Members:
    """Return who owns the company at the start."""
    count = answers["founders"]
    several = f"{NUMBERS[count - 1]} founders" if count <= len(NUMBERS) else Phrase("{count} founders", count=count)
    split = "Ten million shares at the start, 15 % of them for staff, are usual."
    founders = {
        "title": "Founder" if count == 1 else several,
        "shares": noted(FOUNDERS_SHARES, "stock", split),
    }
    options = {
        "title": "Options for staff",
        "shares": noted(OPTIONS, "stock", split),
        "set_aside": noted(1, "share", "Not yet granted to anybody."),
    }
    return {"founders": founders, "options": options}


def correlations(answers: Answers) -> list[tuple[str, str, float, str]]:
    """Return what moves together, and why."""
    if not (answers["budget"] or answers["budget_later"]):
        return []
    cost = f"channels.{channel_name(answers)}.cost_per_signup"
    why = Phrase("Cheaper sign-ups tend to fit the product less well.")
    return [(cost, f"plans.{plan_name(answers)}.conversion", 0.4, why)]
