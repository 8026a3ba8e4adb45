"""A small real corpus that is wherever Python is: what its own library says of itself.

The texts are the docstrings of functions and classes in eight packages of the standard library, the class of a
text is its package, and its group the module.  The same Python version has the same texts.
"""

from __future__ import annotations

import ast
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from profiling.data.example import Example
from profiling.errors import WorkloadError

# Packages with five documented modules or more that every Python from 3.11 on has, whatever the system left out.
PACKAGES = ("asyncio", "email", "http", "importlib", "multiprocessing", "unittest", "urllib", "xml")
# "Return x." names nothing by which its package could be told.
SHORTEST_CHARACTERS = 20

_Documented = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def examples() -> Iterator[Example]:
    """Every docstring once, in the order of packages, modules and lines; raises WorkloadError without sources."""
    root, seen = Path(sysconfig.get_path("stdlib")), set[str]()
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            if "test" in path.parts:  # which some systems leave out
                continue
            module = path.relative_to(root).with_suffix("").as_posix().replace("/", ".")
            for text in _texts(path):
                if text not in seen:
                    seen.add(text)
                    yield Example(text, package, module)
    if not seen:
        raise WorkloadError(f"{root}: no sources of Python's library; choose another `data`, or install them")


def _texts(path: Path) -> Iterator[str]:
    """The docstrings of a module's functions and classes."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, _Documented):
            text = ast.get_docstring(node) or ""
            if len(text) >= SHORTEST_CHARACTERS:
                yield text
