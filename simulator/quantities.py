"""What the numbers of the business count, each with its unit and the range that makes sense.

A line's return type and an assumption's annotation are taken from here; a line that needs another writes it
beside itself. Money that leaves or enters through a group (`DirectCost`, ...) is summed by reading `total_`
and the group's name, so that a new cost line is in the plan as soon as it is written.
"""

from __future__ import annotations

from typing import Annotated

from simulator.model import Array
from simulator.units import Constant, quantity

# A trial, a member or a month may have its own number, or share one.
Numbers = Array | float

Share = Annotated[Numbers, quantity("share", 0, 1)]
Number = Annotated[Numbers, quantity("1")]
Factor = Annotated[Numbers, quantity("1", 0)]
Markup = Annotated[Numbers, quantity("1", 1)]
# What describes a cohort by its age cannot also change with the calendar.
SteadyShare = Annotated[Numbers, quantity("share", 0, 1, steady=True)]
SteadyFactor = Annotated[Numbers, quantity("1", 0, steady=True)]
Months = Annotated[Numbers, quantity("month", 0)]
Growth = Annotated[Numbers, quantity("share", -1)]

# Money moved this month, or held at its end.
Money = Annotated[Numbers, quantity("money")]
Amount = Annotated[Numbers, quantity("money", 0)]
Income = Annotated[Numbers, quantity("money", group="income")]
DirectCost = Annotated[Numbers, quantity("money", group="direct_cost")]
SellingCost = Annotated[Numbers, quantity("money", group="selling_cost")]
ResearchCost = Annotated[Numbers, quantity("money", group="research_cost")]
GeneralCost = Annotated[Numbers, quantity("money", group="general_cost")]
Financing = Annotated[Numbers, quantity("money", group="financing")]

Users = Annotated[Numbers, quantity("user", 0)]
PositiveUsers = Annotated[Numbers, quantity("user", 1)]
Customers = Annotated[Numbers, quantity("customer", 0)]
ConvertedShare = Annotated[Numbers, quantity("customer/user", 0, 1)]
PositiveMoneyPerUser = Annotated[Numbers, quantity("money/user", 0.01)]
MoneyPerCustomer = Annotated[Numbers, quantity("money/customer", 0)]

# A price or a usage that a logarithm or a quotient reads has to be above zero.
PricePerCustomer = Annotated[Numbers, quantity("money/customer", 0.01)]
RequestsPerCustomer = Annotated[Numbers, quantity("request/customer", 0)]
PositiveRequestsPerCustomer = Annotated[Numbers, quantity("request/customer", 0.001)]
Spread = Annotated[Numbers, quantity("1", 0.01, 5)]
MoneyPerRequest = Annotated[Numbers, quantity("money/request", 0)]
Requests = Annotated[Numbers, quantity("request", 0)]
TokensPerRequest = Annotated[Numbers, quantity("token/request", 0)]
MillionTokens = Annotated[Numbers, quantity("Mtoken", 0)]
Tokens = Annotated[Numbers, quantity("token", 0)]

# A device is one GPU, or one machine without, as the measurement or the data sheet counts it.
Devices = Annotated[Numbers, quantity("device", 0)]
TokensPerSecond = Annotated[Numbers, quantity("token/s/device", 0.001)]
MillionTokensPerDevice = Annotated[Numbers, quantity("Mtoken/device", 0)]
DevicePrice = Annotated[Numbers, quantity("money/device/hour", 0)]
DeviceHours = Annotated[Numbers, quantity("device*hour", 0)]
Hours = Annotated[Numbers, quantity("hour", 1, 744)]
MoneyPerMillionTokens = Annotated[Numbers, quantity("money/Mtoken", 0)]

Runs = Annotated[Numbers, quantity("run", 0)]
ExamplesPerRun = Annotated[Numbers, quantity("example/run", 0)]
Examples = Annotated[Numbers, quantity("example", 0)]
TokensPerExample = Annotated[Numbers, quantity("token/example", 0)]
MoneyPerExample = Annotated[Numbers, quantity("money/example", 0)]

Heads = Annotated[Numbers, quantity("head", 0)]
Salary = Annotated[Numbers, quantity("money/head/year", 0)]
MoneyPerHead = Annotated[Numbers, quantity("money/head", 0)]

SECONDS_PER_HOUR = Constant(3600, "s/hour", "3600 s/hour")
TOKENS_PER_MILLION = Constant(1e6, "token/Mtoken", "1e6 token/Mtoken")
MONTHS_PER_YEAR = Constant(12, "1/year", "12 months/year")
ONE_YEAR = Constant(1, "year", "1 year")
EVERY_USER = Constant(1, "customer/user", "1 customer/user")
