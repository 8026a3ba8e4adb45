"""Price cards: the bill of one request, held to genai-prices, to a vendor's own table, and to arithmetic."""

import random
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from genai_prices.types import Usage
from hypothesis import given
from hypothesis import strategies as st

from simulator.__main__ import main
from simulator.errors import BadValue
from simulator.scenario.cards.card import Card, Counts, bill, total
from simulator.scenario.cards.catalogue import FOLDER, cards, find_card, matching
from tools import price_cards

MORNING = time(8, tzinfo=UTC)
DAY = date(2026, 11, 1)


def counts(rng: random.Random) -> Counts:
    """Return the counts of a random request, from a few tokens to a million."""
    tokens, output = int(10 ** rng.uniform(0, 6)), int(10 ** rng.uniform(0, 5))
    one, two, three = sorted(rng.randint(0, tokens) for _ in range(3))
    return Counts(tokens, output, one, two - one, three - two, rng.randint(0, output), rng.randint(0, 3))


def usage(asked: Counts) -> Usage:
    """Return the same counts as genai-prices names them."""
    return Usage(
        input_tokens=asked.input,
        output_tokens=asked.output,
        cache_read_tokens=asked.cached,
        cache_write_tokens=asked.written + asked.written_hour,
        cache_write_1h_tokens=asked.written_hour,
        output_reasoning_tokens=asked.reasoning,
        web_searches=asked.searches,
    )


def test_every_card_bills_as_genai_prices_does():
    """Random requests to every card on random days, in batch and not, cost the same to the last digit."""
    rng, checked = random.Random(7), Counter[bool]()
    for provider, model in price_cards.models():
        card = cards()[f"{provider.id}/{model.id}"]
        for _ in range(6):
            asked, day = counts(rng), date(2024, 1, 1) + timedelta(rng.randint(0, 1_200))
            for batch in (False, True) if card.tiers(day, batch=True) else (False,):
                expected = model.calc_price(
                    usage(asked),
                    provider,
                    genai_request_timestamp=datetime.combine(day, MORNING),
                    price_context={"processing": "batch"} if batch else None,
                )
                assert total(bill(card, asked, day, batch=batch)) == expected.total_price, (card.name, day, asked)
                checked[batch] += 1
    assert checked[False] > 6_000
    assert checked[True] > 80


def test_every_card_has_a_vendor_and_the_data_are_those_that_the_tool_makes():
    """The files that ship are what the tool writes from genai-prices 0.2.3."""
    head = "card,since,batch,above," + ",".join(price_cards.PRICES)
    rows = [",".join(row[name] for name in head.split(",")) for row in price_cards.rows()]
    assert (FOLDER / "prices.csv").read_text(encoding="utf-8").splitlines() == [head, *rows]
    assert len(cards()) > 1_000
    assert {card.as_of for card in cards().values()} == {price_cards.AS_OF}
    assert all(card.source.startswith("https://") for card in cards().values())


def test_the_product_does_without_genai_prices():
    """The tool that makes the data needs the package; nothing that ships does."""
    root = FOLDER.parents[2]
    sources = [path for package in ("simulator", "profiling", "dashboard") for path in (root / package).rglob("*.py")]
    assert [path for path in sources if "genai_prices" in path.read_text(encoding="utf-8")] == []
    assert "genai" not in (root / "requirements.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "vendor", ["openai", "anthropic", "google", "mistral", "x-ai", "deepseek", "aws", "azure", "cohere", "groq", "meta"]
)
def test_every_large_vendor_has_cards(vendor: str):
    """A founder finds the vendors that most companies use."""
    assert [name for name in cards() if name.startswith(f"{vendor}/")]


def test_a_bill_by_hand():
    """Sonnet 4.6 lists 3 and 15 dollars, cache reads 0.30, writes 3.75 for five minutes and 6 for an hour."""
    card, asked = find_card("anthropic/claude-sonnet-4-6"), Counts(10_000, 2_000, 4_000, 1_000, 1_000, 500, 2)
    items = bill(card, asked, DAY)
    assert [(item.title, item.count, str(item.price)) for item in items] == [
        ("input", 4_000, "3"),
        ("cached input", 4_000, "0.3"),
        ("cache writes", 1_000, "3.75"),
        ("cache writes for an hour", 1_000, "6"),
        ("output", 1_500, "15"),
        ("reasoning", 500, "15"),
        ("web searches", 2, "10"),
    ]
    assert total(items) == Decimal("0.07295")
    assert total(bill(card, Counts(1_000_000, 1_000_000), DAY, batch=True)) == 9


def test_above_a_threshold_the_whole_request_is_dearer():
    """One token more than 200,000 doubles the price of all input, and raises that of the output by half."""
    card = find_card("google/gemini-2.5-pro")
    short, long = (total(bill(card, Counts(tokens, 1_000), DAY)) for tokens in (200_000, 200_001))
    assert (short, long) == (Decimal("0.26"), Decimal("0.5150025"))


def test_prices_change_on_their_day():
    """A price holds from its day on, and the one before it until then."""
    card = find_card("google/gemini-3.8-flash")
    (day,) = card.days()
    before, after = (total(bill(card, Counts(1_000_000), one)) for one in (day - timedelta(1), day))
    assert (day, before, after) == (date(2027, 1, 1), Decimal("0.75"), Decimal("1.5"))


@given(st.sampled_from(sorted(cards())), st.integers(0, 10_000), st.integers(0, 10_000), st.integers(0, 10_000))
def test_a_bill_grows_with_its_tokens(name: str, tokens: int, output: int, more: int):
    """More tokens at the same prices never cost less."""
    card = find_card(name)
    less, dearer = (total(bill(card, one, DAY)) for one in (Counts(tokens, output), Counts(tokens + more, output)))
    assert less <= dearer


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (lambda: Counts(100, cached=60, written=50), "more tokens are cached"),
        (lambda: Counts(100, 10, reasoning=11), "more tokens are reasoning"),
        (lambda: Counts(-1), "input is below zero"),
        (lambda: bill(find_card("anthropic/claude-2"), Counts(1), DAY, batch=True), "no batch price on 2026-11-01"),
        (lambda: find_card("claude-sonnet-4-6"), "is not a price card; did you mean anthropic/claude-sonnet-4-6"),
        (lambda: find_card("gpt " * 250_000), "is not a price card; did you mean"),
        (lambda: find_card("openai/gpt5"), "did you mean openai/gpt-5"),
    ],
)
def test_impossible_requests_are_refused(make: Callable[[], object], what: str):
    """An error says what does not fit."""
    with pytest.raises(BadValue) as error:
        make()
    assert what in str(error.value)


def test_cards_are_found_by_words():
    """Words may stand in any order and case."""
    assert "anthropic/claude-sonnet-4-6" in matching("Sonnet anthropic 4-6")
    assert matching("no such model") == []
    assert isinstance(find_card("openai/gpt-5"), Card)


def test_the_commands_print_bills_and_cards(capsys: pytest.CaptureFixture[str]):
    """`bill` prints each line and the total, `cards` the prices by threshold."""
    assert main(["bill", "google/gemini-2.5-pro", "--input", "200001", "--output", "1000", "--on", "2026-11-01"]) == 0
    shown = capsys.readouterr().out
    assert "0.51500250 USD" in shown
    assert "prices as of 2026-11-04" in shown
    assert main(["cards", "gemini-2.5-pro", "google/", "--on", "2026-11-01"]) == 0
    assert "above 200,000 tokens" in capsys.readouterr().out
    assert main(["cards", "nothing", "like", "it"]) == 0
    assert "no price card has this name" in capsys.readouterr().out
    assert main(["bill", "gemini-2.5-pro"]) == 2
