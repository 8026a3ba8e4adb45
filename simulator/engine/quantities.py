"""The quantities of the business, each with its unit and the range that makes sense.

A line's return type and an assumption's annotation come from here; a line that needs another declares it in its own
module. A line of a group (`DirectCost`, ...) is part of `total_` and the group's name, so that a new cost line counts
as soon as it is written.
"""

from __future__ import annotations

from typing import Annotated

from simulator.engine.model import Array
from simulator.engine.units import Constant, quantity

# Each month, member and trial has a number of its own, or all share one.
Numbers = Array | float

Share = Annotated[Numbers, quantity("share", 0, 1)]
Number = Annotated[Numbers, quantity("1")]
Factor = Annotated[Numbers, quantity("1", 0)]
# What comes on top of something, as a share of it, which may be more than all of it.
Surcharge = Annotated[Numbers, quantity("share", 0)]
Markup = Annotated[Numbers, quantity("1", 1)]
# What a cohort has by its age cannot also change with the calendar.
SteadyShare = Annotated[Numbers, quantity("share", 0, 1, steady=True)]
SteadyFactor = Annotated[Numbers, quantity("1", 0, steady=True)]
SteadyGrowth = Annotated[Numbers, quantity("share", -1, steady=True)]
SteadyMonths = Annotated[Numbers, quantity("month", 0, steady=True)]
Term = Annotated[Numbers, quantity("month", 1, 120, steady=True)]
Months = Annotated[Numbers, quantity("month", 0)]
# A month of the scenario, counted from 0, which people give as one of the calendar.
CalendarMonth = Annotated[Numbers, quantity("month", 0, asks="calendar")]
Days = Annotated[Numbers, quantity("day", 0, 365)]
Growth = Annotated[Numbers, quantity("share", -1)]
AnnualRate = Annotated[Numbers, quantity("share", -1, per="year")]
Switch = Annotated[Numbers, quantity("share", 0, 1, asks="choice")]
PositiveFactor = Annotated[Numbers, quantity("1", 0.001)]
# The share of customers that a shock takes in one month; lines divide by those who are left, so some must be.
ShockShare = Annotated[Numbers, quantity("share", 0, 0.9)]

# Money that moves in the month, or is held at its end.
Money = Annotated[Numbers, quantity("money")]
Amount = Annotated[Numbers, quantity("money", 0)]
MonthlyAmount = Annotated[Numbers, quantity("money", 0, per="month")]
Income = Annotated[Numbers, quantity("money", group="income")]
DirectCost = Annotated[Numbers, quantity("money", group="direct_cost")]
SellingCost = Annotated[Numbers, quantity("money", group="selling_cost")]
ResearchCost = Annotated[Numbers, quantity("money", group="research_cost")]
GeneralCost = Annotated[Numbers, quantity("money", group="general_cost")]
InterestCost = Annotated[Numbers, quantity("money", group="interest_cost")]
OtherIncome = Annotated[Numbers, quantity("money", group="other_income")]

# What makes cash differ from profit, and what the company owns and owes at the end of the month.
NonCashCost = Annotated[Numbers, quantity("money", group="noncash_cost")]
Adjustment = Annotated[Numbers, quantity("money", group="adjustment")]
Investing = Annotated[Numbers, quantity("money", group="investing")]
Financing = Annotated[Numbers, quantity("money", group="financing")]
Asset = Annotated[Numbers, quantity("money", group="asset")]
Liability = Annotated[Numbers, quantity("money", group="liability")]
# Balances that have one sign: a negative debt or stock at the start is a slip of whoever typed it.
Held = Annotated[Numbers, quantity("money", 0, group="asset")]
Owed = Annotated[Numbers, quantity("money", 0, group="liability")]
Capital = Annotated[Numbers, quantity("money", group="capital")]

Users = Annotated[Numbers, quantity("user", 0)]
UsersPerMonth = Annotated[Numbers, quantity("user", 0, per="month")]
PositiveUsers = Annotated[Numbers, quantity("user", 1)]
Customers = Annotated[Numbers, quantity("customer", 0)]
ConvertedShare = Annotated[Numbers, quantity("customer/user", 0, 1)]
PositiveMoneyPerUser = Annotated[Numbers, quantity("money/user", 0.01)]
MoneyPerCustomer = Annotated[Numbers, quantity("money/customer", 0)]

# A price or a usage of which a line takes the logarithm, or by which it divides, must be above zero.
PricePerCustomer = Annotated[Numbers, quantity("money/customer", 0, per="month")]
Seats = Annotated[Numbers, quantity("seat", 0)]
SeatsPerCustomer = Annotated[Numbers, quantity("seat/customer", 0)]
PricePerSeat = Annotated[Numbers, quantity("money/seat", 0, per="month")]
RequestsPerCustomer = Annotated[Numbers, quantity("request/customer", 0, per="month")]
RequestsPerSeat = Annotated[Numbers, quantity("request/seat", 0, per="month")]
PositiveRequestsPerCustomer = Annotated[Numbers, quantity("request/customer", 0.001)]
Spread = Annotated[Numbers, quantity("1", 0.01, 5)]
MoneyPerRequest = Annotated[Numbers, quantity("money/request", 0)]
Requests = Annotated[Numbers, quantity("request", 0)]
# A request may call its model several times, as an agent does at each step of a task.
Calls = Annotated[Numbers, quantity("call", 0)]
CallsPerRequest = Annotated[Numbers, quantity("call/request", 0)]
MoneyPerCall = Annotated[Numbers, quantity("money/call", 0)]
TokensPerRequest = Annotated[Numbers, quantity("token/request", 0)]
MillionTokens = Annotated[Numbers, quantity("Mtoken", 0)]
MillionTokensPerRequest = Annotated[Numbers, quantity("Mtoken/request", 0)]
Tokens = Annotated[Numbers, quantity("token", 0)]
TokensPerRun = Annotated[Numbers, quantity("token/run", 0)]
MoneyPerRun = Annotated[Numbers, quantity("money/run", 0)]

# A device is one GPU or other accelerator, or one computer without, as the record or the data sheet counts it.
Devices = Annotated[Numbers, quantity("device", 0)]
TokensPerSecond = Annotated[Numbers, quantity("token/s/device", 0.001)]
MillionTokensPerDevice = Annotated[Numbers, quantity("Mtoken/device", 0)]
DevicePrice = Annotated[Numbers, quantity("money/device/hour", 0)]
DeviceHours = Annotated[Numbers, quantity("device*hour", 0)]
MoneyPerDevice = Annotated[Numbers, quantity("money/device", 0)]
HostingPrice = Annotated[Numbers, quantity("money/device", 0, per="month")]
KilowattsPerDevice = Annotated[Numbers, quantity("kW/device", 0)]
KilowattHours = Annotated[Numbers, quantity("kW*hour", 0)]
MoneyPerKilowattHour = Annotated[Numbers, quantity("money/kW/hour", 0)]
KilogramsPerKilowattHour = Annotated[Numbers, quantity("kg/kW/hour", 0)]
Kilograms = Annotated[Numbers, quantity("kg", 0)]
SecondsPerToken = Annotated[Numbers, quantity("s/token", 0)]
SecondsPerRequest = Annotated[Numbers, quantity("s/request", 0)]
PlacesPerDevice = Annotated[Numbers, quantity("1/device", 0)]
Flops = Annotated[Numbers, quantity("FLOP", 0)]
Parameters = Annotated[Numbers, quantity("parameter", 0)]
FlopsPerSecond = Annotated[Numbers, quantity("FLOP/s/device", 1)]
Hours = Annotated[Numbers, quantity("hour", 1, 744)]
MoneyPerMillionTokens = Annotated[Numbers, quantity("money/Mtoken", 0)]

Runs = Annotated[Numbers, quantity("run", 0)]
RunsPerMonth = Annotated[Numbers, quantity("run", 0, per="month")]
PositiveExamples = Annotated[Numbers, quantity("example", 1)]
ExamplesPerRun = Annotated[Numbers, quantity("example/run", 0)]
Examples = Annotated[Numbers, quantity("example", 0)]
TokensPerExample = Annotated[Numbers, quantity("token/example", 0)]
MoneyPerExample = Annotated[Numbers, quantity("money/example", 0)]

Heads = Annotated[Numbers, quantity("head", 0)]
Salary = Annotated[Numbers, quantity("money/head/year", 0)]
MoneyPerHead = Annotated[Numbers, quantity("money/head", 0, per="month")]
CustomersPerHead = Annotated[Numbers, quantity("customer/head", 0)]
Quota = Annotated[Numbers, quantity("customer/head", 0, per="month")]
Stock = Annotated[Numbers, quantity("stock", 0)]

SECONDS_PER_HOUR = Constant(3600, "s/hour", "3600 s/hour")
TOKENS_PER_MILLION = Constant(1e6, "token/Mtoken", "1e6 token/Mtoken")
# The least amount of money whose logarithm is taken; no figure is precise enough to show it.
TINY_MONEY = Constant(1e-9, "money/customer", "1e-9 money/customer")
# Formulas take the logarithm of a use, so it must be above zero.
FEWEST_REQUESTS = Constant(1e-3, "request/customer", "0.001 requests/customer")
# A month is one twelfth of 365 days.
DAYS_PER_MONTH = Constant(365 / 12, "day", "30.42 days")
ONE_DEVICE = Constant(1, "device", "1 device")
ONE_RUN = Constant(1, "run", "1 run")
FEWEST_PER_HEAD = Constant(1e-6, "customer/head", "1e-6 customer/head")
ONE_EXAMPLE = Constant(1, "example/request", "1 example/request")
FLOPS_PER_PARAMETER = Constant(6, "FLOP/parameter/token", "6 FLOP/parameter/token")
MONTHS_PER_YEAR = Constant(12, "1/year", "12 months/year")
ONE_YEAR = Constant(1, "year", "1 year")
EVERY_USER = Constant(1, "customer/user", "1 customer/user")
