"""The unit that a scenario states beside a number: whether it is what the model needs, and what would be."""

from __future__ import annotations

import re
from dataclasses import dataclass

from profiling.errors import Phrase
from simulator.engine.units import SIZES, WITHOUT_DIMENSION, Quantity, Unit
from simulator.errors import BadValue, UnitError

RATE = "exchange_rate"
# A month counts here, so that an amount per year is told from one per month.
WITH_MONTHS = WITHOUT_DIMENSION - {"month"}
TIMES = {name for name, (thing, _) in SIZES.items() if thing == "time"}
CODE = re.compile(r"\b[A-Z]{3}\b")
# Names that people use for a unit's own.
ALIASES = {
    **{"$": "USD", "€": "EUR", "£": "GBP", "%": "share", "GPU": "device", "gpu": "device", "TPU": "device"},
    **{"gpus": "device", "tok": "token", "sec": "s", "second": "s", "seconds": "s", "hr": "hour", "req": "request"},
    **{f"{name}s": name for name in ("day", "month", "year", "hour", "week", "seat", "token", "customer", "user")},
    **{f"{name}s": name for name in ("request", "device", "example", "run", "call", "head", "Mtoken")},
}
NAME = re.compile("|".join([*(re.escape(sign) for sign in "$€£%"), r"[A-Za-z]+"]))


def own_names(text: str) -> str:
    """Return a unit with the names that the model uses: `token/s/device` for `tok/s/GPU`."""
    return NAME.sub(lambda match: ALIASES.get(match[0], match[0]), text)


@dataclass(frozen=True)
class Currencies:
    """The currency of a scenario, and a second one in which it may state amounts; "" where there is none."""

    own: str
    second: str = ""

    def of(self, unit: str) -> str:
        """Return the currency of a unit; raises BadValue for one that the scenario has no exchange rate for."""
        found = CODE.findall(own_names(unit))
        known = [code for code in (self.own, self.second) if code in found]
        if known or not found:
            return known[0] if known else self.own
        strange = found[0]
        if self.second:
            what = Phrase(
                "the file's currencies are {own} and {second}, not {strange}",
                own=self.own,
                second=self.second,
                strange=strange,
            )
            raise BadValue(what, Phrase("convert the number to {own} or {second}", own=self.own, second=self.second))
        what = Phrase("the file's currency is {own}, and the number is in {strange}", own=self.own, strange=strange)
        add = Phrase(
            "add `second_currency: {strange}` at the top and `{rate}:` under assumptions", strange=strange, rate=RATE
        )
        raise BadValue(
            what, Phrase("{add}, the {own} that one {strange} costs", add=add, own=self.own, strange=strange)
        )


def check_unit(text: str, number: float | None, needed: Quantity, currency: str) -> None:
    """Raise BadValue where a stated unit is not that of the quantity; the advice converts the number where it can.

    `number` is None for a value that is not one number. A period of the quantity may be left out of the text.
    """
    wanted, what = needed.text(currency), Phrase("the unit {text!r} does not fit", text=text[:80])
    text = own_names(text)
    try:
        given, short = Unit.parse(text, currency, WITH_MONTHS), Unit.parse(text, currency)
    except UnitError:
        raise BadValue(what, Phrase("convert the number to {wanted}", wanted=wanted)) from None
    full = Unit.parse(wanted, currency, WITH_MONTHS)
    if needed.per and needed.label:
        full = full / Unit.parse(needed.per, without=WITH_MONTHS)
    if given == full or (short == needed.unit and not (needed.per == "year" and "month" in dict(given.powers))):
        return
    if needed.label == "share" and set(dict(given.powers)) <= TIMES:
        period = f"one {needed.per}" if needed.per else "the period that the assumption is about"
        raise BadValue(
            what,
            Phrase("give the share of {period}, which is no simple multiple of that of another period", period=period),
        )
    factor = (given / full).size()
    if factor is None:
        raise BadValue(what, Phrase("convert the number to {wanted}", wanted=wanted))
    old = 1.0 if number is None else number
    ends = [f"{_written(old)} {_each(given, text)}", f"{_written(old * factor)} {_each(full, wanted)}"]
    raise BadValue(what, Phrase("give it in {wanted}: {ends}", wanted=wanted, ends=" is ".join(ends)))


def _each(unit: Unit, text: str) -> str:
    """Return the period of a rate, such as `a year`; the text of a unit without one."""
    periods = [name for name, power in unit.powers if name in TIMES and power == -1]
    return f"{'an' if periods[0] == 'hour' else 'a'} {periods[0]}" if len(periods) == 1 else text


def _written(number: float) -> str:
    """Return a number as people write an amount: 30, 2.50, 0.00114."""
    number = float(f"{number:.9g}")  # a conversion may leave a rounding error
    if number == round(number):
        return f"{number:,.0f}"
    return f"{number:,.2f}" if abs(number) >= 1 else f"{number:.3g}"


def check_rate_unit(text: str, number: float | None, currencies: Currencies) -> None:
    """Raise BadValue where the stated unit of the exchange rate is not that of the file's two currencies."""
    own, second = currencies.own, currencies.second
    if not second:
        raise BadValue("the file names no second currency", "add `second_currency:` at the top, such as USD")
    if text.replace(" ", "") in {f"{own}/{second}", "1"}:
        return
    what, todo = (
        Phrase("the unit {text!r} does not fit", text=text[:80]),
        Phrase("give it in {own}/{second}: the {own} that one {second} costs", own=own, second=second),
    )
    if text.replace(" ", "") == f"{second}/{own}" and number:
        todo = Phrase("{todo}, here {value:.4g}", todo=todo, value=1 / number)
    raise BadValue(what, todo)
