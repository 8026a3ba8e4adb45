"""Cloud credits: the charges that they pay, and the costs that they lower."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from companies import written

from simulator.answers.ledger import Ledger
from simulator.lines.serving.clouds import cloud_usage, credits_applied
from simulator.scenario.reading import parse

PLAN = {"conversion": 0, "churn": 0, "opening_customers": 1_000, "requests_per_customer": 100}
RENTED = {"tokens_per_second": 500, "device_price": 2, "peak_to_mean": 1}
OWNED = RENTED | {"device_price": 9, "opening_owned_devices": 1, "hosting_price": 700}
VENDOR = RENTED | {"vendor_share": 1, "vendor_output_price": 40}


def ledger(feature: dict[str, Any], pool: dict[str, Any], credits: float) -> Ledger:
    """Return the ledger of a paying and a free plan with these features, pools and credits."""
    plan = {"paid": PLAN | {"price": 50}, "free": PLAN | {"price": 0}}
    top = {"opening_cash": 0, "tax_rate": 0, "hours_per_month": 730, "opening_cloud_credits": credits}
    return Ledger.of(parse(written({"plan": plan, "feature": feature, "pool": pool}, top, months=3), Path()))


def books(serves_paying: dict[str, Any], serves_free: dict[str, Any], credits: float = 1e6) -> Ledger:
    """Return the ledger of a paying and a free plan, each with a feature and a pool of its own, and these credits."""
    good = {"pool": "first", "tokens_per_request": 500, "free_use_share": 0}
    plain = {"pool": "second", "tokens_per_request": 500, "use_share": 0}
    return ledger({"good": good, "plain": plain}, {"first": serves_paying, "second": serves_free}, credits)


def test_credits_pay_before_cash():
    """Credits of 600 leave 300 to pay in cash of a usage of 900."""
    usage = cloud_usage(600.0, 300.0)
    assert usage - credits_applied(600.0, usage) == 300


@pytest.mark.parametrize("second", [OWNED, VENDOR], ids=["owned", "vendor"])
def test_credits_go_to_those_whose_devices_are_rented(second: dict[str, Any]):
    """Free plans served by owned devices or a vendor get no credits."""
    found = books(RENTED, second)
    assert found.total("free_inference").min() > 0
    assert found.total("credits_for_free_plans") == pytest.approx([0] * 3)
    assert -found.total("credits_for_customers") == pytest.approx(found.of_member("cloud_rent", "first"))


def test_credits_for_free_plans_are_their_rent():
    """If a vendor serves paying customers, all credits lower the cost of free plans."""
    found = books(VENDOR, RENTED)
    assert -found.total("credits_for_free_plans") == pytest.approx(found.of_member("cloud_rent", "second"))
    assert found.total("credits_for_customers") == pytest.approx([0] * 3)


def test_scarce_credits_are_shared_by_rent():
    """Two pools with the same rent get the same share of scarce credits, though one also pays a vendor."""
    found = books(RENTED | {"tokens_per_second": 250, "vendor_share": 0.5, "vendor_output_price": 40}, RENTED, 500)
    rents = [found.of_member("cloud_rent", pool)[0] for pool in ("first", "second")]
    assert rents[0] == pytest.approx(rents[1])
    assert -found.total("credits_for_customers")[0] == pytest.approx(250)
    assert -found.total("credits_for_free_plans")[0] == pytest.approx(250)


def test_one_pool_is_split_by_its_tokens():
    """Free plans that take half of a shared pool's tokens get half of its credits."""
    found = ledger({"good": {"pool": "only", "tokens_per_request": 500}}, {"only": RENTED}, 1e6)
    assert found.total("credits_for_customers") == pytest.approx(found.total("credits_for_free_plans"))
    assert -found.total("credits_for_customers") == pytest.approx(found.total("cloud_rent") / 2)


def test_a_cloud_that_sells_a_vendors_tokens_takes_credits_for_them():
    """With `credits_pay_vendor`, credits pay for the vendor's tokens, too."""
    found = books(VENDOR | {"credits_pay_vendor": 1}, OWNED)
    assert -found.total("credits_for_customers") == pytest.approx(found.of_member("vendor_cost", "first"))
    assert np.all(found.total("credits_for_customers") < 0)
