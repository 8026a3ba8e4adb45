"""A small real corpus that comes with Python: the docstrings of the standard library.

The texts are the docstrings of functions and classes in eight packages.  The class of a text is the package, and the
group the module.  Equal Python versions have equal texts.
"""

from __future__ import annotations

import ast
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from profiling.errors import WorkloadError
from profiling.examples.example import Example

# Packages with at least five documented modules that every Python from 3.11 on has, on every system.
PACKAGES = ("asyncio", "email", "http", "importlib", "multiprocessing", "unittest", "urllib", "xml")
# A shorter text, such as "Return x.", has nothing that would tell its package.
SHORTEST_CHARACTERS = 20

_Documented = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def examples() -> Iterator[Example]:
    """Yield every docstring once, in the order of packages, modules and lines; raise WorkloadError without sources."""
    root, seen = Path(sysconfig.get_path("stdlib")), set[str]()
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            place = path.relative_to(root).with_suffix("")
            if "test" in place.parts:  # some systems leave tests out
                continue
            module = place.as_posix().replace("/", ".")
            for text in _texts(path):
                if text not in seen:
                    seen.add(text)
                    yield Example(text, package, module)
    if not seen:
        raise WorkloadError(
            f"{root}: has no sources of Python's library", todo="choose other `data`, or install the sources"
        )


def _texts(path: Path) -> Iterator[str]:
    """Yield the docstrings of a module's functions and classes."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, _Documented):
            text = ast.get_docstring(node) or ""
            if len(text) >= SHORTEST_CHARACTERS:
                yield text
