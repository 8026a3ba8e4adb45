"""A vendor's bill, per plan and feature: each plan bears what its own requests cost at the vendor's prices."""

from simulator.engine.choice import where
from simulator.engine.quantities import Money

PER = ("plan", "feature")


def vendor_bill(feature_requests, feature_vendor_request_cost) -> Money:
    """Vendor's bill on demand this month for the plan's requests to the feature."""
    return where(
        feature_vendor_request_cost > 0,
        lambda requests, cost: requests * cost,
        0,
        feature_requests,
        feature_vendor_request_cost,
    )


def free_vendor_bill(vendor_bill, plan_unpaid_share) -> Money:
    """Vendor's bill on demand this month for requests for which nobody pays, of a free plan or of free trials."""
    return where(plan_unpaid_share > 0, lambda bill, unpaid: bill * unpaid, 0, vendor_bill, plan_unpaid_share)
