"""Strongly connected sets of a graph."""

from simulator.engine.circles import circles


def test_nodes_that_reach_each_other_are_one_set():
    """Two circles joined by an arrow stay two sets, and a node that points at itself is one."""
    graph = {1: [2], 2: [1, 3], 3: [4], 4: [3], 5: [5]}
    assert {frozenset(found) for found in circles(graph)} == {frozenset({1, 2}), frozenset({3, 4}), frozenset({5})}


def test_a_set_comes_after_those_that_it_leads_to():
    """The end of a chain comes first."""
    assert list(circles({"a": ["b"], "b": ["c"], "c": []})) == [["c"], ["b"], ["a"]]


def test_a_long_chain_is_no_problem():
    """Ten thousand nodes in a circle, more than Python's limit on nested calls, are one set."""
    (found,) = circles({node: [(node + 1) % 10_000] for node in range(10_000)})
    assert len(found) == 10_000
