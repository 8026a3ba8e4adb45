"""Numbers are written for people, and every text can be read in every language."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest
from page_text import MARK, forgotten
from streamlit.testing.v1 import AppTest

from dashboard.parts.words import JOINER, Words, escape
from profiling.results.curve import LOADS
from profiling.results.sentence import Counted, Sentence
from simulator.answers.messages import Message

SHARES = [(0.62, "62%"), (0.0423, "4.2%"), (0.0035, "0.35%"), (1, "100%"), (0.999, "99.9%"), (0.99995, "99.995%")]


@pytest.mark.parametrize(
    ("value", "text"), [(1_240_000, "$1.24M"), (42_000, "$42,000"), (-3.2, "-$3.20"), (0.1736, "$0.174"), (0, "$0")]
)
def test_money_is_short(value: float, text: str):
    """Millions are shortened, cents shown only where they matter."""
    assert Words().money(value) == text


@pytest.mark.parametrize(("value", "text"), SHARES)
def test_shares_are_per_cent(value: float, text: str):
    """Two digits are enough for a share, unless it would read as all or nothing."""
    assert Words().share(value) == text


@pytest.mark.parametrize(
    ("currency", "value", "text"),
    [
        ("PLN", -5.4e6, "-PLN\N{NO-BREAK SPACE}5.4M"),
        ("SEK", 42_000, "SEK\N{NO-BREAK SPACE}42,000"),
        ("JPY", 1.2, "¥1.2"),
        ("JPY", 42_000, "¥42,000"),
        ("USD", 3e-12, "3E-12 USD"),
        ("USD", -1.000000000001773e18, "-1E18 USD"),
    ],
)
def test_money_without_a_sign_or_a_coin_can_be_read(currency: str, value: float, text: str):
    """Letters stand apart from the number, and the price of a request is not rounded to a whole yen."""
    assert Words(currency=currency).money(value) == text


@pytest.mark.parametrize(("value", "text"), [(2.6e-95, "<0.0001%"), (-1e-9, "0%"), (1.2e-6, "0.00012%"), (0, "0%")])
def test_a_tiny_share_has_no_row_of_zeros(value: float, text: str):
    """Nobody counts ninety zeros."""
    assert Words().share(value) == text


def test_chinese_has_its_own_punctuation():
    """A name and its unit, the parts of a sentence, and two sentences are joined in the reader's way."""
    say = Words("zh")
    assert (say.beside("价格", "", "¥"), say.listed(["一", "二"])) == ("价格，¥", "一；二")
    assert (Words().beside("Price", "$"), Words().listed(["a", "b"])) == ("Price, $", "a; b")
    assert escape("第一句。 第二句。") == "第一句。第二句。"
    assert escape("预留 2 台; 续签 2 台, 余下按需") == "预留 2 台；续签 2 台\N{FULLWIDTH COMMA}余下按需"


def test_a_line_never_breaks_after_a_minus():
    """A minus at the end of a line makes a debt look like cash."""
    assert escape("from -$5 to -3") == f"from \\-{JOINER}\\$5 to \\-3"


def test_a_quantity_is_written_with_its_unit():
    """Money comes first, spans of time in months, a month of the plan by its date."""
    say = Words(start=date(2027, 1, 1))
    assert say.quantity(2.3, "USD/device/hour") == "$2.30 / device / hour"
    assert say.quantity(14, "month") == "14 months"
    assert say.quantity(14, "month index") == "Mar 2028"
    assert say.quantity(900, "token/s/device") == "900 tokens / s / device"


@pytest.mark.parametrize(
    ("language", "count", "text"),
    [("en", 1, "at 1 request at a time."), ("en", 2500, "at 2,500 requests at a time."), ("zh", 2, "2 个并发请求。")],
)
def test_things_in_a_records_sentence_agree_with_their_number(language: str, count: float, text: str):
    """English alone has a singular, and the things are translated."""
    sentence = Sentence("The highest rate is {rate}, in {name} at {load}.", {"rate": "9", "name": "load"})
    values = {**sentence.values, "load": Counted(count, LOADS["concurrency"])}
    assert Words(language)(sentence.template, **values).endswith(text)


def test_numbers_and_months_are_written_in_the_readers_way():
    """Chinese counts in ten thousands and writes the year before the month."""
    say = Words("zh", "CNY", date(2027, 1, 1))
    assert (say.money(1_240_000), say.money(124e6), say.money(42_000)) == ("¥124万", "¥1.24亿", "¥42,000")
    assert (say.number(12_345_678), say.share(0.0423)) == ("1234.6万", "4.2%")
    assert (say.month_number(14), say.months(14)) == ("2028年3月", "14个月")
    assert say.quantity(2.3, "CNY/device/hour") == "¥2.30 / 设备 / 小时"
    assert (say.money(23_251_600), say.money(1.68e8)) == ("¥2325万", "¥1.68亿")


def test_a_text_without_a_translation_is_english():
    """A new sentence is readable before it is translated."""
    assert Words("zh")("A sentence that nobody has translated.") == "A sentence that nobody has translated."


def test_a_message_of_the_simulator_is_translated_with_its_numbers():
    """Text and values come apart, so that each can be written in the reader's way."""
    message = Message("Gross margin is {margin}: {fair} or more is fair for software.", {
        "margin": (0.725, "share"), "fair": (0.5, "share"),
    })  # fmt: skip
    assert Words().message(message).startswith("Gross margin is 72%")
    assert Words("pseudo").message(message).startswith("⟦Gross margin is 72%")


def test_markup_in_a_text_stays_text():
    """A title from a stranger's file is no link, no picture and no formula."""
    assert escape("![x](http://y) $a$ :red[b]") == rf"\!\[x\]\(http\:{JOINER}//y\) \$a\$ \:red\[b\]"


def test_nothing_that_streamlit_would_make_live_stays_in_one_piece():
    """Streamlit looks for addresses and icons after Markdown has taken escapes and entities away."""
    text = "see https://a.b, www.a.b, me@a.b, :material/home: and :smile: or &#104;ttp"
    shown = re.sub(r"\\(.)", r"\1", escape(text))
    assert shown.replace(JOINER, "") == text
    assert not re.search(r"://|www\.|@\w|:material/|:smile:", shown)
    assert r"\&" in escape(text)


def test_no_text_of_the_frame_misses_the_catalogue(app: Callable[..., AppTest]):
    """The sidebar, the title and the pages' names are translated, too."""
    session = app(lang="pseudo")
    assert session.title[0].value.startswith(MARK)
    assert forgotten(session) == []


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [(0.4, "kg/hour/kW", "0.4 kg / kWh"), (0.1, "USD/hour/kW", "$0.10 / kWh"), (16, "1/device", "16 / device")],
)
def test_a_unit_is_said_as_people_say_it(value: float, unit: str, said: str):
    """Energy is told in kWh, and what only counts per something has no unit of its own."""
    assert Words(currency="USD").quantity(value, unit) == said
