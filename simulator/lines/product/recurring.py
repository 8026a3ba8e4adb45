"""Monthly recurring revenue (MRR), per plan, and the bridge from month to month that investors ask for.

Usage counts only as far as a commitment guarantees it, and seats only once they are billed. A customer who upgrades
takes its recurring revenue along: the old plan's mean leaves one plan and enters the other, and what the new plan asks
beyond it is expansion, or contraction if it asks less. A customer who paid nothing recurring is new business when it
begins to. Per plan, MRR before + new + upgraded in + expansion - contraction - upgraded out - churned is MRR; over all
plans the upgrades cancel. Expansion and contraction are net within a plan and month.
"""

from typing import Any

import numpy as np

from simulator.engine.ages import over_ages
from simulator.engine.choice import where
from simulator.engine.quantities import Customers, Money, MoneyPerCustomer, Seats

PER = "plan"


def recurring_fee(fee, seat_fee, seats_per_customer, commitment, net_level) -> MoneyPerCustomer:
    """Monthly recurring revenue that a new customer of the plan adds: fee, seats and commitment."""
    return (fee + seat_fee * seats_per_customer + commitment) * net_level


def opening_prepaid(unearned, opening_customers=0.0) -> Customers:
    """Customers from before the scenario who have not been invoiced in it yet, before the stay index.

    Their prepaid periods end evenly over the months of one.
    """
    return opening_customers * unearned


def paid_for(past_customers_invoiced, past_recognition, opening_prepaid, prepaid_months, customers) -> Customers:
    """Customers who have paid for this month of the plan, whether they are still there or not."""
    return where(
        prepaid_months > 1,
        lambda invoiced, parts, months, opened: over_ages(invoiced, parts) * months + opened,
        customers,
        past_customers_invoiced,
        past_recognition,
        np.ceil(prepaid_months),
        opening_prepaid,
    )


def paid_customers(paid_for, customers, free, refund_on_leaving) -> Customers:
    """Customers who have paid for this month; 0 for a free plan.

    Those who have left within their prepaid period are included, as far as they are not refunded.
    """
    return (paid_for + refund_on_leaving * (customers - paid_for)) * (1 - free)


def customers_due(customers_invoiced, stay_index) -> Customers:
    """Customers of the plan invoiced this month, before the stay index."""
    return customers_invoiced / stay_index


def seats_due(seats_invoiced, stay_index) -> Seats:
    """Seats of the plan invoiced this month, before the stay index."""
    return seats_invoiced / stay_index


def seats_billed(
    past_customers_due,
    past_seats_due,
    past_recognition,
    opening_prepaid,
    prepaid_months,
    first_seats_per_customer,
    customers,
    seats,
) -> Seats:
    """Seats of the plan's customers at the end of the month as last invoiced: seats added since then are not billed."""
    return where(
        prepaid_months > 1,
        _as_invoiced,
        seats,
        past_customers_due,
        past_seats_due,
        past_recognition,
        opening_prepaid,
        np.ceil(prepaid_months),
        first_seats_per_customer,
        customers,
    )


def _as_invoiced(
    past_customers: Any, past_seats: Any, past_parts: Any, running: Any, months: Any, each: Any, customers: Any
) -> Any:
    """Return customers times the mean seats on the invoices whose period still runs; `past_parts` is 1/months each."""
    invoiced = over_ages(past_customers, past_parts) * months + running
    billed = over_ages(past_seats, past_parts) * months + running * each
    return np.where(invoiced > 0, customers * billed / invoiced, 0)


def mrr(customers, signed_fee, seats_billed, signed_seat_fee, signed_commitment, net_level) -> Money:
    """Monthly recurring revenue (MRR) of the plan at the end of the month: signed fees, seats and commitments.

    A contract for a year counts with a twelfth; metered use beyond the commitment does not count.
    """
    return (customers * (signed_fee + signed_commitment) + seats_billed * signed_seat_fee) * net_level


def usage_revenue(overage_revenue, metered_revenue, credit_revenue, customers, signed_commitment, net_level) -> Money:
    """Revenue from use of the plan beyond commitments this month: overage, metered tokens and credits used."""
    # Metered revenue contains the commitments, which are recurring fees.
    return overage_revenue + metered_revenue + credit_revenue - customers * signed_commitment * net_level


def mrr_before(month, last_mrr, recurring_fee, opening_mrr=0.0, opening_customers=0.0) -> Money:
    """Monthly recurring revenue of the plan when the month begins.

    In the first month, that of the customers from before the scenario.

    opening_mrr: Recurring revenue at the start, on top of what opening customers pay by the plan's own prices.
    """
    return np.where(month == 0, opening_mrr + opening_customers * recurring_fee, last_mrr)


def upgrades_with_mrr(upgrades, mrr_before) -> Customers:
    """Customers who leave the plan for a better one this month and have paid recurring revenue so far."""
    return np.where(mrr_before > 0, upgrades, 0)


def arrivals_with_mrr(upgraded_to, recurring_upgraders) -> Customers:
    """Customers who upgrade to the plan this month and have paid recurring revenue in another plan."""
    return upgraded_to * recurring_upgraders


def upgraded_out_mrr(mrr_before, upgrades, upgrades_placed, customers, churned_customers, new_customers) -> Money:
    """Monthly recurring revenue that customers who leave for another plan this month take along, at the plan's mean."""
    there = customers + churned_customers - new_customers
    return np.where(there > 0, mrr_before * upgrades * upgrades_placed / there, 0)


def upgraded_in_mrr(upgraded_mrr, upgraded_to, upgraded_of_all) -> Money:
    """Monthly recurring revenue that customers who upgrade to the plan this month bring along from their old plans."""
    return np.where(upgraded_of_all > 0, upgraded_mrr * upgraded_to / upgraded_of_all, 0)


def upgrade_change(arrivals_with_mrr, recurring_fee, upgraded_in_mrr) -> Money:
    """Monthly recurring revenue that this month's upgrades to the plan add to what they bring; negative if they cut."""
    return arrivals_with_mrr * recurring_fee - upgraded_in_mrr


def churned_mrr(mrr_before, churned_customers, upgrades, upgrades_placed, customers, new_customers) -> Money:
    """Monthly recurring revenue lost with customers who left the company this month, at the mean per customer."""
    # Customers at the start of the month; who left is assumed to have paid their mean.
    there = customers + churned_customers - new_customers
    # Where all who leave the plan upgrade, rounding may leave a residue below zero.
    lost = np.maximum(churned_customers - upgrades * upgrades_placed, 0)
    return np.where(there > 0, mrr_before * lost / there, 0)


def changed_mrr(mrr, mrr_before, new_customers, recurring_fee, churned_mrr, upgraded_out_mrr) -> Money:
    """Monthly recurring revenue added this month by customers who stayed in the plan; negative if they cut.

    Seats and prices change the amount.
    """
    return mrr - mrr_before - new_customers * recurring_fee + churned_mrr + upgraded_out_mrr


def started_mrr(changed_mrr, mrr_before, customers_staying) -> Money:
    """Monthly recurring revenue of customers who were in the plan and pay a recurring fee for the first time."""
    starts = np.logical_and(mrr_before <= 0, customers_staying > 0)
    return np.where(starts, np.maximum(changed_mrr, 0), 0)


def new_mrr(new_customers, arrivals_with_mrr, recurring_fee, started_mrr) -> Money:
    """Monthly recurring revenue added by customers of the plan who paid no recurring revenue before this month."""
    return (new_customers - arrivals_with_mrr) * recurring_fee + started_mrr


def expansion_mrr(changed_mrr, started_mrr, upgrade_change) -> Money:
    """Monthly recurring revenue added by customers who stayed in the plan and, separately, by those who upgraded to it.

    0 from either group if it cut in total.
    """
    return np.maximum(changed_mrr, 0) - started_mrr + np.maximum(upgrade_change, 0)


def contraction_mrr(changed_mrr, upgrade_change) -> Money:
    """Monthly recurring revenue cut by customers who stayed in the plan and, separately, by those who moved to it.

    0 from either group if it added in total.
    """
    return np.maximum(-changed_mrr, 0) + np.maximum(-upgrade_change, 0)
