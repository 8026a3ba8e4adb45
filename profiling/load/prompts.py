"""Prompts of a wanted length, each unlike any that the server has seen."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from zlib import crc32

import numpy as np

# Common enough that the vocabularies in use hold most of them, with the space before, as one token.
_LIST = """
    about above after again air all along also always and animal another answer any are around ask away back
    because been before began being below between big both boy but call came can car change children city close
    come could country cut day did different does done down each earth eat end enough even every example eyes
    face family far father feet few find first follow food for found four from get girl give good got great
    group grow had hand hard has have head hear help her here high him his home house how idea important into
    its just keep kind knew know land large last later learn leave left let letter life light like line list
    little live long look made make man many may mean men might mile miss most mother mountain move much must
    name near need never new next night not now number off often oil old once one only open other our out over
    own page paper part people picture place plant play point put question quick quite read really right river
    run said same saw say school sea second see seem sentence set she should show side small some something
    sometimes song soon sound spell start state still stop story study such take talk tell than that the their
    them then there these they thing think this those thought three through time together took tree try turn
    two under until use very walk want was watch water way well went were what when where which while white who
    why will with without word work world would write year you young your
"""
WORDS = tuple(_LIST.split())
# Two prompts begin with the same eight of these words by chance once in 10^19 pairs.
FRESH_WORDS = 8


def words(count: int, seed: Sequence[int]) -> str:
    """Return that number of random words, the same ones for the same seed."""
    drawn = np.random.default_rng(seed).integers(len(WORDS), size=count)
    return " ".join(WORDS[place] for place in drawn)


def prompt(count: int, seed: int, index: int) -> str:
    """Return random words for the request of that number.

    The first eight come from the system's own randomness: a running server remembers the prompts of the last
    measurement, and would answer a repeated seed from its prefix cache.
    """
    fresh = min(count, FRESH_WORDS)
    first = " ".join(secrets.choice(WORDS) for _ in range(fresh))
    return f"{first} {words(count - fresh, [seed, crc32(b'prompts'), index])}".rstrip()
