"""Warnings: values that are each in range, and together are not what anyone means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from profiling.errors import Phrase
from simulator.engine.wiring import Members
from simulator.lines import CHARGES
from simulator.scenario.assumption import Assumption
from simulator.scenario.chances import Fixed, legal_shares
from simulator.scenario.checks.contradictions import Contradiction
from simulator.scenario.checks.idle import idle, unpriced
from simulator.scenario.checks.said import Check, Said
from simulator.scenario.settings import Settings

# Of a range, so many of its draws may lie where they make no sense before a reader is told.
MOST_CUT = 0.02
# A spread at which churn halves with the second month; larger ones leave customers who never go.
MOST_SPREAD = 1.0
# Deals a month that one seller can start.
MOST_DEALS = 50
# A salary a year below this is that of a month.
LEAST_SALARY = 5_000
# When something happens, by the kind of member that it happens to.
DATES: Mapping[str, str] = {
    "round": "close_month",
    "safe": "signed_month",
    "loan": "drawn_month",
    "event": "starts",
    "plan": "launch_month",
    "option_grant": "grant_month",
}


def warnings(assumptions: Mapping[str, Assumption], members: Members, settings: Settings) -> tuple[Contradiction, ...]:
    """Return every warning: the path of an assumption, what is odd, and what to do."""
    said = Said(assumptions, members, settings)
    return tuple(one for check in CHECKS for one in check(said))


def _lost_upgraders(said: Said) -> Iterator[Contradiction]:
    taken = sum(said.most("share_of_upgrades", plan) for plan in said.names("plan"))
    for plan in said.names("plan"):
        if said.most("upgrade_rate", plan) and taken < 1:
            what = Phrase("of the customers who upgrade, {lost:.0%} find no plan and are lost", lost=1 - taken)
            todo = "let `share_of_upgrades` of the plans that they change to add up to 100%"
            yield said.of("upgrade_rate", plan).path, what, todo


def _won_by_nobody(said: Said) -> Iterator[Contradiction]:
    """Yield channels and sellers whose sign-ups and deals become customers of no plan."""
    buying = any(_signs_up(said, plan) for plan in said.names("plan"))
    # Where sellers win all customers, a channel's spending may help them.
    selling = any(said.most("quota", role) for role in said.names("role"))
    for channel in said.names("channel"):
        if not (buying or selling) and (said.most("budget", channel) or said.most("organic_signups", channel)):
            todo = "give the plans `share_of_signups` and `conversion`"
            yield said.of("budget", channel).path, "the channel's sign-ups become customers of no plan", todo
        elif 0 < said.most("budget", channel) * said.settings.months < said.most("cost_per_signup", channel):
            what = "the channel's spending of all months buys less than one sign-up"
            yield said.of("budget", channel).path, what, "raise the budget, or lower `cost_per_signup`"
    if not sum(said.most("share_of_deals", plan) for plan in said.names("plan")):
        for role in said.names("role"):
            if said.most("quota", role):
                what = "the sellers' deals become customers of no plan"
                yield said.of("quota", role).path, what, "give the plans that they sell `share_of_deals`"


def _signs_up(said: Said, plan: str) -> bool:
    """Return whether some who sign up may become customers of a plan."""
    return all(said.may_differ(name, plan, 0) for name in ("share_of_signups", "conversion"))


def _unwanted_plans(said: Said) -> Iterator[Contradiction]:
    """Yield plans that nobody can have."""
    for plan in said.names("plan"):
        ways = ("opening_customers", "share_of_deals", "share_of_upgrades")
        if not _signs_up(said, plan) and not any(said.may_differ(name, plan, 0) for name in ways):
            todo = "give it `share_of_signups`, `share_of_deals`, `share_of_upgrades` or `opening_customers`"
            yield said.of("conversion", plan).path, "nobody can become a customer of the plan", todo


def _prepaid_beyond_contract(said: Said) -> Iterator[Contradiction]:
    for plan in said.names("plan"):
        ahead, term = (np.ceil(said.most(name, plan)) for name in ("prepaid_months", "contract_months"))
        if ahead > term and said.most("churn", plan) and said.most("refund_on_leaving", plan) < 1:
            what = Phrase(
                "customers pay {ahead:.0f} months ahead and may leave after {term:.0f}, so they pay for unused months",
                ahead=ahead,
                term=term,
            )
            yield (
                said.of("prepaid_months", plan).path,
                what,
                Phrase("set `contract_months:` to {ahead:.0f} as well, or `refund_on_leaving:` to 100%", ahead=ahead),
            )


def _refunds_never_due(said: Said) -> Iterator[Contradiction]:
    for plan in said.names("plan"):
        ahead, term = (np.ceil(said.most(name, plan)) for name in ("prepaid_months", "contract_months"))
        if said.most("refund_on_leaving", plan) and 1 < ahead <= term:
            what = Phrase(
                "nobody leaves within the {ahead:.0f} months paid ahead, since contracts last {term:.0f}",
                ahead=ahead,
                term=term,
            )
            yield said.of("refund_on_leaving", plan).path, what, "shorten `contract_months:`, or remove it"


def _forgotten_openings(said: Said) -> Iterator[Contradiction]:
    """Yield what customers and devices from before the scenario leave open."""
    for plan in said.names("plan"):
        owed = said.of("opening_receivables", plan)
        if said.most("opening_customers", plan) and said.most("days_to_pay", plan) and owed.is_default:
            what = "the opening customers pay their invoices late, and owe nothing at the start"
            yield (
                said.of("days_to_pay", plan).path,
                what,
                Phrase("add `opening_receivables:` to plans.{plan}", plan=plan),
            )
    for pool in said.names("pool"):
        age, spread, value = (
            said.of(name, pool) for name in ("opening_device_age", "opening_age_spread", "opening_equipment")
        )
        if not said.most("opening_owned_devices", pool):
            continue
        if not age.is_default and spread.is_default:
            what = "the other devices are taken to be older, evenly up to the age at which they retire"
            yield (
                age.path,
                what,
                Phrase("add `opening_age_spread:` to pools.{pool}, 0 if all are of one age", pool=pool),
            )
        if value.is_default:
            what = "the books hold nothing for the owned devices"
            yield (
                said.of("opening_owned_devices", pool).path,
                what,
                Phrase("add `opening_equipment:` to pools.{pool}", pool=pool),
            )


def _notes_due_early(said: Said) -> Iterator[Contradiction]:
    """Yield notes that are repaid before a round converts them."""
    closings = [np.ceil(said.of("close_month", name).central) for name in said.names("round")]
    for note in said.names("safe"):
        signed, lasts = (np.ceil(said.of(name, note).central) for name in ("signed_month", "maturity_months"))
        due = signed + lasts
        repaid = said.most("maturity_months", note) and not said.most("converts_at_maturity", note)
        if repaid and due < said.settings.months and not any(signed <= month <= due for month in closings):
            what = Phrase("the note is repaid in cash in month {due:.0f}, before any round converts it", due=due)
            yield said.of("maturity_months", note).path, what, "lengthen it, or add `converts_at_maturity: 1`"


def _idle_routes(said: Said) -> Iterator[Contradiction]:
    """Yield routes that send nothing on, or come from a pool that no request reaches before any other."""
    pointers = said.members.pointers
    led = set(pointers.get(("route", "feature"), ()))
    first = {pool for feature, pool in enumerate(pointers.get(("feature", "pool"), ())) if feature not in led}
    for route, pool in zip(said.names("route"), pointers.get(("route", "pool"), ()), strict=True):
        if pool not in first:
            what = "it sends nothing on, since the pool answers no request first"
            yield said.of("escalated_share", route).path, what, "set `pool:` to the one that answers first"
        elif said.of("moved_share", route).is_default and not said.most("escalated_share", route):
            what = "the route neither escalates nor moves any request"
            todo = "add `escalated_share:`, or `moved_share:`, 0% to compare only"
            yield said.of("escalated_share", route).path, what, todo


def _unissued_shares(said: Said) -> Iterator[Contradiction]:
    """Yield warrants without a price, and options without a pool, with which no cap table can be drawn."""
    closings = [said.of("close_month", name).central for name in said.names("round")]
    for loan in said.names("loan"):
        drawn = said.of("drawn_month", loan).central
        if said.most("warrant_coverage", loan) and said.names("holder") and not any(at <= drawn for at in closings):
            what = "no round before the loan sets the price of its warrants, so there is no cap table"
            yield said.of("warrant_coverage", loan).path, what, "draw the loan after a round"
    pooled = any(said.most("set_aside", name) for name in said.names("holder"))
    rounds = said.names("round")
    if not pooled and not any(said.most(name, one) for one in rounds for name in ("options_after", "options_added")):
        for grant in said.names("option_grant"):
            what = "there is no pool to grant the options from"
            yield (
                said.of("options", grant).path,
                what,
                "add a holder with `set_aside: 1`, or `options_after:` to a round",
            )


def _extremes(said: Said) -> Iterator[Contradiction]:
    for plan in said.names("plan"):
        if (spread := said.of("churn_spread", plan)).central > MOST_SPREAD:
            what = Phrase(
                "churn falls to 1/{factor:.3g} of itself in a month, so most customers never leave",
                factor=1 + spread.central,
            )
            yield spread.path, what, "fit it to a cohort with `python -m simulator retention`"
        if 0 < said.most("tier_2_discount", plan) < said.most("tier_discount", plan):
            path = said.of("tier_2_discount", plan).path
            yield path, "the second tier is dearer than the first", "raise it, or lower `tier_discount`"
    for role in said.names("role"):
        if (quota := said.of("quota", role)).central > MOST_DEALS:
            yield (
                quota.path,
                Phrase("each seller starts {deals:,.0f} deals a month", deals=quota.central),
                "give the deals of one seller",
            )


def _endless_shocks(said: Said) -> Iterator[Contradiction]:
    for event in said.names("event"):
        for name, each in (("customers_lost", Phrase("takes customers")), ("cost_per_month", Phrase("costs money"))):
            if said.most(name, event) and said.of("lasts", event).is_default:
                what = Phrase("the event {each} in every month until the projection ends", each=each)
                yield (
                    said.of(name, event).path,
                    what,
                    Phrase("add `lasts:` to events.{event}, in months, such as 1", event=event),
                )


def _served_by_nothing(said: Said) -> Iterator[Contradiction]:
    """Yield plans whose requests cost nothing, and pools that serve nothing."""
    for plan in said.names("plan"):
        if not said.names("feature"):
            uses = said.of("requests_per_customer", plan)
            yield uses.path, "the file lists no features, so requests cost nothing", "list them under `features:`"
    used = {said.members.pointers["feature", "pool"][place] for place in range(len(said.names("feature")))}
    for place, pool in enumerate(said.names("pool")):
        if place not in used and said.names("feature"):
            what = "no feature uses the pool, whose devices are paid for idle"
            yield (
                said.of("fewest_devices", pool).path,
                what,
                Phrase("set `pool: {pool}` in a feature, or remove the pool", pool=pool),
            )


def _cut_ranges(said: Said) -> Iterator[Contradiction]:
    """Yield ranges of which a good part lies where the value makes no sense."""
    for one in said.assumptions.values():
        for part, (low, high) in zip(one.value.parts, one.value.bounds(one.low, one.high), strict=True):
            if isinstance(part, Fixed):
                continue
            below, up_to = legal_shares(part, low, high)
            if (cut := below + 1 - up_to) > MOST_CUT:
                edge = Phrase("below {low:g}", low=low) if below > 1 - up_to else Phrase("above {high:g}", high=high)
                what = Phrase(
                    "{cut:.0%} of the range lies {edge} and is cut off; the base case is {central}",
                    cut=cut,
                    edge=edge,
                    central=_short(part.central),
                )
                yield one.path, what, "write {pert: [least, most likely, most]} within the limits, or narrow the range"


def _short(number: float) -> str:
    """Return a number with four digits that matter and no exponent."""
    return f"{float(f'{number:.4g}'):,.12g}"


def _missing_cash(said: Said) -> Iterator[Contradiction]:
    if (cash := said.of("opening_cash")).central < 0:
        yield (
            cash.path,
            Phrase("the company begins with {cash:,.0f} in cash", cash=cash.central),
            "give the amount in the bank, or 0",
        )
    if said.settings.cash_floor < 0:
        what = Phrase(
            "cash may fall to {cash_floor:,.0f} before the company has run out of it",
            cash_floor=said.settings.cash_floor,
        )
        yield "cash_floor", what, "give the least cash that the company must hold, or 0"


def _tame_customers(said: Said) -> Iterator[Contradiction]:
    """Yield prices that begin or rise while the projection runs, and to which no customer responds."""
    for plan in said.names("plan"):
        # A stated elasticity of 0 says that it is meant.
        responds = not all(said.of(name, plan).is_default for name in ("price_elasticity", "churn_elasticity"))
        stay = said.of("stay_when_charged", plan)
        for charge in (said.of(name, plan) for name in CHARGES):
            price = charge.base(said.settings.months)
            before, now = price[:-1], price[1:]
            if np.any((before == 0) & (now > 0)) and stay.central == 1 and not stay.is_default:
                what = "the fee begins, and every customer of the free plan stays"
                yield charge.path, what, Phrase("lower `stay_when_charged` of plans.{plan}", plan=plan)
            elif np.any(now > before) and np.any(before) and not responds:
                what = "the price rises, and nobody stays away or leaves because of it"
                yield (
                    charge.path,
                    what,
                    Phrase("add `price_elasticity` and `churn_elasticity` to plans.{plan}", plan=plan),
                )


def _beyond_the_end(said: Said) -> Iterator[Contradiction]:
    for kind, date in DATES.items():
        for member in said.names(kind):
            when = said.of(date, member)
            triggered = kind == "round" and said.most("cash_trigger", member)
            if when.central >= said.settings.months and not triggered:
                what = Phrase(
                    "month {month:.0f} comes after the projection's last, {last}",
                    month=when.central,
                    last=said.settings.months - 1,
                )
                yield when.path, what, "give an earlier month, or more `months:` at the top"


def _monthly_salaries(said: Said) -> Iterator[Contradiction]:
    for role in said.names("role"):
        if 0 < said.most("salary", role) < LEAST_SALARY:
            salary = said.of("salary", role)
            yield (
                salary.path,
                Phrase("{salary:,.0f} a year is little for a salary", salary=salary.central),
                "give the pay of a year",
            )


def _counted_twice(said: Said) -> Iterator[Contradiction]:
    for plan in said.names("plan"):
        revenue = said.of("opening_mrr", plan)
        if revenue.central and said.of("opening_customers", plan).central:
            what = "it comes on top of what the opening customers pay by the plan's prices"
            yield revenue.path, what, "remove it"
    for loan in said.names("loan"):
        owed = said.of("opening_debt", loan)
        if owed.central and said.of("principal", loan).central:
            what = "it is owed from the start, and the principal is drawn on top of it"
            yield owed.path, what, "keep one of the two: a loan from before the start has a principal of 0"


CHECKS: tuple[Check, ...] = (
    _lost_upgraders,
    _won_by_nobody,
    _unwanted_plans,
    _prepaid_beyond_contract,
    _refunds_never_due,
    _forgotten_openings,
    _notes_due_early,
    _idle_routes,
    _unissued_shares,
    _extremes,
    _endless_shocks,
    _served_by_nothing,
    _cut_ranges,
    _missing_cash,
    _tame_customers,
    _beyond_the_end,
    _monthly_salaries,
    _counted_twice,
    idle,
    unpriced,
)
