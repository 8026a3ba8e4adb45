"""Strongly connected sets of a graph: which of its nodes lie on a circle with each other.

`scipy.sparse` has the same, but importing it takes longer than building the whole model.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

Node = TypeVar("Node")


def circles(graph: Mapping[Node, Iterable[Node]]) -> Iterator[list[Node]]:
    """Yield the sets of nodes that reach each other, each set after all those that it leads to.

    `graph` names each node's successors. Tarjan's algorithm (1972), with a stack of its own instead of recursion,
    since a chain of lines may be longer than Python's limit on nested calls.
    """
    found: dict[Node, int] = {}  # the order of discovery
    earliest: dict[Node, int] = {}  # of the nodes in no set yet: the first discovered node that each reaches
    for root in graph:
        path: list[tuple[Node, Iterator[Node]]] = []
        upcoming = [] if root in found else [root]
        while upcoming or path:
            if upcoming:
                node = upcoming.pop()
                found[node] = earliest[node] = len(found)
                path.append((node, iter(graph[node])))
            node, successors = path[-1]
            for successor in successors:
                if successor not in found:
                    upcoming.append(successor)
                    break
                if successor in earliest:
                    earliest[node] = min(earliest[node], earliest[successor])
            else:
                path.pop()
                if path:
                    above = path[-1][0]
                    earliest[above] = min(earliest[above], earliest[node])
                if earliest[node] == found[node]:
                    closed = [one for one in earliest if found[one] >= found[node]]
                    for one in closed:
                        del earliest[one]
                    yield closed
