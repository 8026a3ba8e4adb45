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


def free_vendor_bill(vendor_bill, plan_free) -> Money:
    """Vendor's bill on demand this month for a free plan's requests to the feature; otherwise 0."""
    return where(plan_free > 0, lambda bill, free: bill * free, 0, vendor_bill, plan_free)
