"""What-ifs with mistakes, or from strangers: each mistake is reported with its file and line."""

import time
from pathlib import Path

import pytest
from laid import FIRST, HEAD, overlay, under
from made import SMALL

from simulator.errors import ScenarioError
from simulator.scenario.document import DEEPEST
from simulator.scenario.overlays import parse_overlay, read_overlay
from simulator.scenario.reading import parse


def problems(changes: str, text: str = SMALL) -> list[tuple[str, int, str]]:
    """Return the mistakes of the small scenario under a what-if, as (file, line, what; what to do)."""
    with pytest.raises(ScenarioError) as caught:
        under(changes, text=text)
    return [(one.file, one.line, f"{one.what}; {one.todo}") for one in caught.value.problems]


# Mistakes

MISTAKES = [
    ("assumptions:\n  tax_rat: 3\n", 1, "'tax_rat' is not an assumption; did you mean tax_rate?"),
    ("assumptions:\n  tax_rate: 300%\n", 1, "tax_rate: 300% is too large; give 0% to 100%"),
    ("assumptions:\n  tax_rate: {times: 50}\n", 1, "tax_rate: 1,000% is too large; give 0% to 100%"),
    (
        "assumptions:\n  tax_rate: {value: 1%, unit: EUR}\n",
        1,
        "tax_rate: the unit 'EUR' does not fit; convert the number to share",
    ),
    ("assumptions:\n  tax_rate: {value: {times: 2}, unit: EUR}\n", 1, "tax_rate: the unit 'EUR' does not fit"),
    ("assumptions:\n  tax_rate: {value: {times: 2}, sauce: x}\n", 1, "'sauce' is not a field of an assumption"),
    ("assumptions:\n  tax_rate:\n", 1, "tax_rate: 'None' is not a number"),
    ("assumptions:\n  tax_rate: {0: {times: 2}}\n", 1, "{times} is not a value"),
    ("assumptions:\n  opening_cash: {times: 1e18}\n", 1, "is not a usable number"),
    ('plans:\n  "*":\n    churn: {times: 30}\n', 2, "plans.basic.churn: 150% is too large"),
    ('plans:\n  "*":\n    prise: 3\n', 2, "'prise' is not an assumption per plan; did you mean price?"),
    (
        'plans:\n  "*":\n    prise: {times: 3}\n',
        2,
        "plans.*.prise is not an assumption, so it cannot be scaled; did",
    ),
    ("plans:\n  team:\n    title: {times: 3}\n", 2, "plans.team.title is not an assumption, so it cannot be scaled"),
    ("features:\n  sorting:\n    pool: {times: 3}\n", 2, "features.sorting.pool is not an assumption, so it cannot"),
    ("features:\n  sorting:\n    pool: none\n", 2, "'none' is not in pools; set `pool:` to one of large, small"),
    ("plans:\n  team:\n    tax_rate: 1%\n", 2, "tax_rate is an assumption of the company; move it to assumptions"),
    ("rounds:\n  late:\n    amount: 4\n", 1, "rounds.late has no close_month; add `close_month: …`"),
    ("rounds:\n  late: {}\n", 1, "rounds.late has no close_month; add `close_month: …`"),
    ("rounds:\n  late: {close_month: {times: 2}, amount: 1}\n", 1, "rounds.late has no close_month"),
    ("rounds:\n  l te: {close_month: 2, amount: 1}\n", 1, "'l te' is not a valid name; begin with a letter"),
    ('plans:\n  "*":\n    share_of_signups: {times: 1.2}\n', 2, "shares of one whole add up to 120%"),
]


@pytest.mark.parametrize(("changes", "below", "says"), MISTAKES, ids=[changes for changes, _, _ in MISTAKES])
def test_a_mistake_is_told_with_the_overlays_line(changes: str, below: int, says: str):
    """A mistake in a what-if has its file and line, and is reported once for all members."""
    found = problems(changes)
    assert ("change.yaml", FIRST + below) in [place[:2] for place in found if says in place[2]]
    assert len(set(found)) == len(found)


def test_the_scenarios_own_mistakes_stay_its_own():
    """Several mistakes at once each have the file that made them and their line in it."""
    text = SMALL.replace("tax_rate:\n    value: 20%", "tax_rate:\n    value: a lot").replace(
        "    price: 400", "    price: -4"
    )
    found = problems('rounds: {late: {close_month: 1, amount: -1}}\nplans: {"*": {churn: {times: 1.1}}}', text)
    lines = text.splitlines()
    assert [(file, line) for file, line, _ in found] == [
        ("change.yaml", FIRST),
        ("small.yaml", 1 + lines.index("  tax_rate:")),
        ("small.yaml", 1 + lines.index("    price: -4")),
    ]


def test_what_is_no_value_is_not_scaled():
    """A scenario's invalid value is reported on its own line."""
    text = SMALL.replace("opening_cash: 500000", "opening_cash: {gamma: [1, 2]}")
    ((file, line, what),) = problems("assumptions: {opening_cash: {times: 2}}", text)
    assert (file, text.splitlines()[line - 1]) == ("small.yaml", "  opening_cash: {gamma: [1, 2]}")
    assert "{gamma} is not a value" in what


def test_the_second_overlay_is_named_for_its_mistake():
    """Of two what-ifs, the one with the mistake is named."""
    good, bad = overlay("assumptions: {tax_rate: 1%}"), overlay("\nassumptions: {tax_rate: -1}", "bad.yaml")
    with pytest.raises(ScenarioError, match=rf"^bad\.yaml:{FIRST + 1}: tax_rate: -1 is below 0"):
        parse(SMALL, Path(), "small.yaml", [good, bad])
    assert parse(SMALL, Path(), "small.yaml", [bad, good]).assumptions["tax_rate"].central == 0.01


# Hostile files

REFUSED = [
    ("", "the file has no `name: value` lines"),
    (SMALL, "the file is not a what-if; choose another, or add `overlay: 1` at the top"),
    ("overlay: 2\ntitle: x\n", "change.yaml:1: overlay: '2' is not a version"),
    ("overlay: true\ntitle: x\n", "overlay: 'True' is not a version"),
    ("overlay: 1\n", "the file has no title"),
    ("overlay: 1\ntitle: [a]\n", "change.yaml:2: title is not a text"),
    (f"overlay: 1\ntitle: {'a' * 200}\n", "title has 200 characters; use at most 120"),
    (f"overlay: 1\ntitle: a\ndescription: {'a' * 3000}\n", "description has 3,000 characters; use at most 2,000"),
    (HEAD + "plan: {}\n", "change.yaml:3: 'plan' is not a section of a what-if; did you mean plans?"),
    (HEAD + "months: 3\n", "'months' is not a section of a what-if"),
    (HEAD + "correlations: []\n", "'correlations' is not a section of a what-if"),
    (HEAD + "plans: [a]\n", "plans has no `name: value` lines"),
    (HEAD + "plans: {team: 3}\n", "plans.team is empty"),
    (HEAD + "assumptions: {tax_rate: {times: -1}}\n", "`times` takes one number of 0 or more; write {times: 0.8}"),
    (HEAD + "assumptions: {tax_rate: {times: 2, unit: share}}\n", "`times` takes one number of 0 or more"),
    (HEAD + "assumptions: {tax_rate: {times: soon}}\n", "tax_rate: 'soon' is not a number"),
    (HEAD + "assumptions: {tax_rate: {times: .nan}}\n", "nan is not a usable number"),
    (HEAD + "assumptions: {tax_rate: {times: {pert: [1, 2, 3]}}}\n", "is not a number"),
    (HEAD + "pools: {large: {headroom: {measured: a.json, metric: b}}}\n", "headroom refers to a measurement, which"),
    (HEAD + "pools: {large: {headroom: {value: {0: {measured: a.json}}}}}\n", "refers to a measurement"),
    (HEAD + "a: &a [x, x]\nb: &b [*a, *a]\n", "change.yaml:3: aliases and anchors are not supported"),
    (HEAD + "plans: !!python/object/apply:os.system [ls]\n", "tags such as !!python are not supported"),
    (HEAD + "plans: " + "[" * 100 + "]" * 100, f"nested deeper than {DEEPEST}"),
    (HEAD + "plans: [" + "1," * 26_000 + "]", "the file has more than 25,000 names and values"),
    ("x" * 1_000_001, "may have at most 1,000,000"),
    (HEAD + "plans: {team: {price: 1, price: 2}}\n", "a name is given twice"),
    (HEAD + 'plans: {team: {title: "a\\0b"}}\n', "a control character is hidden here"),
]


@pytest.mark.parametrize(("text", "says"), REFUSED, ids=[text[-40:] for text, _ in REFUSED])
def test_what_is_no_overlay_is_refused(text: str, says: str):
    """A what-if is checked without a scenario, and each mistake has a line."""
    with pytest.raises(ScenarioError) as caught:
        parse_overlay(text, "change.yaml")
    assert says in str(caught.value)
    assert all(one.file == "change.yaml" and one.line >= 1 for one in caught.value.problems)


def test_an_overlay_file_is_read_like_a_scenario(tmp_path: Path):
    """A what-if's file must exist, be small enough and be text."""
    large, binary, good = (tmp_path / name for name in ("large.yaml", "binary.yaml", "good.yaml"))
    large.write_bytes(b"a" * 10_000_000)
    binary.write_bytes(bytes(range(128, 256)))
    good.write_bytes(b"\xef\xbb\xbf" + HEAD.replace("\n", "\r\n").encode())
    for path, says in ((large, "is too large"), (binary, "is not text"), (tmp_path / "none", "No such file")):
        with pytest.raises(ScenarioError, match=says):
            read_overlay(path)
    assert read_overlay(good).title == "A change"


@pytest.mark.parametrize(
    "changes",
    [
        'plans: {"*": {churn: {samples: [' + "0.01," * 9_000 + "]}}}",
        'plans: {"*": {' + ",".join(f"a{number}: {{b: 1}}" for number in range(1_500)) + "}}",
        "plans: {" + ",".join(f"p{number}: {{price: 1}}" for number in range(1_500)) + "}",
        'plans: {"*": {' + ",".join(f"pri{number}: {{times: 2}}" for number in range(1_500)) + "}}",
    ],
    ids=["long", "wide", "many members", "much to scale"],
)
def test_a_bomb_is_refused_in_time(changes: str):
    """The product of changes and members is bounded."""
    members = "".join(f"  p{number}: {{}}\n" for number in range(30))
    started = time.process_time()
    with pytest.raises(ScenarioError):
        under(changes, text=SMALL.replace("plans:\n", f"plans:\n{members}"))
    assert time.process_time() - started < 30
