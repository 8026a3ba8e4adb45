"""Price elasticities that studies measured, for founders who have none of their own."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Study:
    """A published range of an elasticity: by how many percent a price 1 % higher lowers demand."""

    who: str
    year: int
    what: str
    low: float
    high: float
    source: str
    url: str


STUDIES = (
    # The estimate is 1.11 with a standard error of 0.22; the range is that of two standard errors.
    Study(
        *("Demirer, Fradkin, Tadelis and Peng", 2025, "tokens of an open model, by provider", 0.67, 1.55),
        *("The Emerging Market for Intelligence, NBER Working Paper 34608", "https://www.nber.org/papers/w34608"),
    ),
    Study(
        *("Enache, Friberg and Wiklander", 2023, "conversion to purchases in freemium apps", 1.0, 4.0),
        *("International Journal of Industrial Organization 88", "https://doi.org/10.1016/j.ijindorg.2023.102945"),
    ),
    Study(
        *("Goolsbee and Petrin", 2004, "household subscriptions to cable television", 1.5, 1.5),
        *("Econometrica 72(2)", "https://ideas.repec.org/a/ecm/emetrp/v72y2004i2p351-381.html"),
    ),
    Study(
        *("Flath", 2012, "subscriptions to newspapers", 1.2, 1.3),
        *("Nonlinear Pricing of Japanese Newspapers", "https://econpapers.repec.org/paper/dprwpaper/0851.htm"),
    ),
    Study(
        *("Carare, McGovern, Noriega and Schwarz", 2014, "first subscriptions of households to broadband", 0.62, 0.62),
        "The Willingness to Pay for Broadband of Non-Adopters in the U.S.",
        "https://papers.ssrn.com/sol3/papers.cfm?abstract_id=2375867",
    ),
    Study(
        *("Dewenter and Haucap", 2007, "mobile contracts, private and business, by operator", 0.47, 1.1),
        *("Ruhr Economic Papers 17", "https://en.rwi-essen.de/publikationen/ruhr-economic-papers/229/"),
    ),
    Study(
        *("Bijmolt, van Heerde and Pieters", 2005, "one brand among similar ones, mean of 81 studies", 2.62, 2.62),
        *("Journal of Marketing Research 42", "https://studylib.net/doc/8861132/"),
    ),
)
