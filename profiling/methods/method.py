"""What a training method is, as far as plain numbers tell: settings, what learns, and what memory and time follow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple


@dataclass(frozen=True)
class Settings:
    """Optimiser settings: AdamW (arXiv:1711.05101) where there are moments, else gradient descent."""

    learning_rate: float
    betas: tuple[float, float] | None = (0.9, 0.999)  # None: gradient descent, without moments
    weight_decay: float = 0.01


class Place(NamedTuple):
    """A kind of matrix that an adapter goes to, as often as the model has it."""

    inputs: int
    outputs: int
    copies: int
    feedforward: bool  # whether it reads the inner activations of a feed-forward layer


@dataclass(frozen=True)
class Method:
    """A way of training a model.

    `trains` says which weights move: all of them, a new head alone, or adapters over frozen weights. `maker` names
    the code that makes a model ready: a function from `making.methods.Making` to `making.methods.Made`.
    """

    name: str
    title: str  # for people
    order: int  # position in listings
    trains: Literal["all", "head", "adapters"]
    settings: Settings
    maker: str
    # Where the model starts from random weights; None: always `settings`. Small steps of fine-tuning suit weights
    # that know something already.
    settings_from_random: Settings | None = None
    adapter_parameters: Callable[[Place, int], int] | None = None  # weights that an adapter of a rank adds at a place
    virtual_tokens: int = 0  # learned tokens before each text
    packed: str = ""  # the format in which frozen weights are kept, unpacked for each use; empty: as they are
    whole_matrices: bool = False  # looks at whole matrices, of which FSDP leaves each device a share
    student: bool = False  # trains a model of half the layers on the answers of the whole one
    replays: bool = False  # trains on a second task, with a share of the first one's examples
    course: str = "profiling.making.learning:straight"  # how its learning is followed from start to end
    stretches: int = 1  # how often that course trains for the case's steps
    published_as: str = ""  # the method whose published runs stand for it; empty: none are comparable
    from_scratch: bool = False  # its published runs start from random weights, and are fitted by arithmetic alone
    sheet_stages: tuple[int, ...] = ()  # stages of ZeRO at which `size` shows its memory; 0: on one device
