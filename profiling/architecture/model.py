"""A model as a bill of materials: its matrices, the copies of each, and the rows that pass through them.

Every size follows from the bill: parameters, operations, bytes.  A multiplication and an addition count as two
operations.  Attention is not halved for causality and recomputation is not counted, as in the model FLOPs of PaLM
(arXiv:2204.02311, appendix B).  Norms, activations, softmax and position rotations are not counted either, as
`torch.utils.flop_counter` does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from profiling import methods
from profiling.errors import WorkloadError
from profiling.methods import Place
from profiling.methods.lora import RANK
from profiling.methods.prompt_tuning import VIRTUAL_TOKENS

# A plain matrix of the body keeps 16 bits where a checkpoint packs the others.
Role = Literal["body", "plain", "vocabulary", "classifier"]


@dataclass(frozen=True)
class Rows:
    """How many rows pass through a matrix for one example: for each token, and apart from tokens."""

    per_token: int
    per_example: int = 0

    def of(self, tokens: int) -> int:
        """Return the rows of one example of `tokens`."""
        return self.per_token * tokens + self.per_example


PER_TOKEN = Rows(1)
ONCE = Rows(0, 1)


@dataclass(frozen=True)
class Matrix:
    """One kind of weight matrix or convolution, with all its copies in the model.

    `name` is the framework's path of the module without the numbers of layers, as `model.layers.self_attn.q_proj`.
    """

    name: str
    inputs: int
    outputs: int
    copies: int = 1  # in the whole model
    copies_used: int | None = None  # by one token of a mixture of experts; None: all
    bias: bool = False
    rows: Rows = PER_TOKEN
    role: Role = "body"
    tied: bool = False  # shares the weights of the embedding, and is counted there
    from_data: bool = False  # multiplies the data itself, which needs no gradient
    decodes: bool = True  # runs in every decoding step; an encoder does not

    @property
    def weights(self) -> int:
        """Weights of all copies, without biases."""
        return self.copies * self.inputs * self.outputs

    @property
    def biases(self) -> int:
        """Biases of all copies."""
        return self.copies * self.outputs if self.bias else 0

    @property
    def parameters(self) -> int:
        """Parameters that the matrix adds to the model."""
        return self.biases + (0 if self.tied else self.weights)

    @property
    def used_share(self) -> float:
        """Share of the copies that one example passes through, or one token of a mixture of experts."""
        if not (self.rows.per_token or self.rows.per_example):
            return 0.0
        return 1.0 if self.copies_used is None else self.copies_used / self.copies

    def ends_in(self, name: str) -> bool:
        """Return whether the path ends in a name, as peft finds the modules for adapters."""
        return f".{self.name}".endswith(f".{name}")

    def flops(self, tokens: int) -> float:
        """Return the operations of one forward pass over one example."""
        return 2 * self.weights * self.used_share * self.rows.of(tokens)

    def touched_share(self, rows: float) -> float:
        """Return the expected share of copies that `rows` pass through, with experts chosen at random.

        The share is 1 - (1 - k/E)^rows: a batch reads more experts than one token, and a large batch reads all.
        """
        missed: float = (1 - self.used_share) ** rows
        return 1 - missed


@dataclass(frozen=True)
class Attention:
    """Products without weights, of queries with keys and of scores with values; None stands for the tokens."""

    layers: int
    key_width: int  # heads x size of a key
    value_width: int
    queries: int | None = None
    keys: int | None = None
    window: int | None = None  # keys that a query sees at most
    each: int = 1  # tokens that one key stands for

    def flops(self, tokens: int) -> float:
        """Return the operations of one forward pass over one example, 2·L·T·T·(key width + value width)."""
        queries, keys = self.shape(tokens)
        return 2 * self.layers * queries * keys * (self.key_width + self.value_width)

    def shape(self, tokens: int) -> tuple[int, int]:
        """Return the queries of one example, and the keys that each of them sees."""
        keys = (tokens if self.keys is None else self.keys) // self.each
        return tokens if self.queries is None else self.queries, min(keys, self.window or keys)


@dataclass(frozen=True)
class Cache:
    """What layers of one kind keep of a sequence: numbers for each token, of the last ones where there is a window."""

    per_token: int  # in all layers of the kind; or for a few tokens together
    window: int | None = None  # tokens
    read: int | None = None  # tokens, at most, whose numbers a decoding step reads; None: all that are kept
    each: int = 1  # tokens that the numbers stand for

    def of(self, tokens: float) -> int:
        """Return the numbers that are kept of the last tokens of a sequence."""
        return self.per_token * int(min(tokens, self.window or tokens) // self.each)


@dataclass(frozen=True)
class Architecture:
    """The sizes that follow from a model's config; an example is a text of `tokens`, an image, or 30 s of speech."""

    model_type: str
    layers: int
    hidden: int
    heads: int
    vocab: int  # 0 where the model reads no words
    matrices: tuple[Matrix, ...]
    attentions: tuple[Attention, ...] = ()
    lookups: int = 0  # weights of tables from which an example picks rows: words, positions, segments
    vectors: int = 0  # norms and learned tokens
    caches: tuple[Cache, ...] = ()  # of keys and values
    cached_per_example: int = 0  # numbers that an encoder leaves there, and states of a fixed size
    fixed_positions: int = 0  # positions of an example besides its tokens: patches, frames
    longest: int | None = None  # tokens with learned positions; None: positions are not learned
    adapted: tuple[str, ...] = ()  # matrices that adapters are usually attached to

    @property
    def parameters(self) -> int:
        """N: every weight and bias of the model, with tied matrices counted once."""
        return self.lookups + self.vectors + sum(matrix.parameters for matrix in self.matrices)

    @property
    def active_parameters(self) -> int:
        """Parameters without those of the experts that a token does not pass through."""
        idle = sum(matrix.parameters * (1 - matrix.used_share) for matrix in self.matrices)
        return self.parameters - round(idle)

    @property
    def matmul_parameters(self) -> int:
        """Weights that are multiplied, N - V·d without norms and biases; of a mixture, the active ones.

        A lookup takes no multiplication; a tied matrix is also the output's, and counts.
        """
        return round(sum(matrix.weights * matrix.used_share for matrix in self.matrices))

    @property
    def only_attends(self) -> bool:
        """Whether this is a decoder that keeps nothing of a sequence but keys and values of its tokens."""
        return bool(self.vocab and self.caches) and not (self.cached_per_example or self.fixed_positions)

    @property
    def output(self) -> Matrix:
        """The last matrix, over the vocabulary or over the classes."""
        return self.matrices[-1]

    @property
    def head(self) -> list[Matrix]:
        """Matrices of the head, the output last: a classifier may have several."""
        return [one for one in self.matrices if one.role == self.output.role]

    def tokens_per_example(self, tokens: int) -> int:
        """Return the positions of one example: tokens, patches of an image, frames of speech; at least 1."""
        return max(1, self.fixed_positions + (tokens if self.vocab else 0))

    def kv_bytes_per_token(self, bytes_per_number: float) -> float:
        """Return the bytes of one token's keys and values in all layers, 2·L·K·h·bytes (arXiv:2309.06180, section 3).

        Latent attention caches the latent and the shared rotated key (arXiv:2405.04434, section 2.1).  A model that
        does not decode caches nothing.  Beyond a window the token leaves some layers again: see `cached_numbers`.
        """
        return sum(cache.per_token / cache.each for cache in self.caches) * bytes_per_number

    def cached_numbers(self, context_tokens: float) -> float:
        """Return the numbers that one sequence keeps: each layer's up to its window, and states of a fixed size."""
        return sum(cache.of(context_tokens) for cache in self.caches) + self.cached_per_example

    def read_numbers(self, context_tokens: float) -> float:
        """Return the numbers of one sequence that a decoding step reads: sparse attention leaves most of them out."""
        read = (cache.of(min(context_tokens, cache.read or context_tokens)) for cache in self.caches)
        return sum(read) + self.cached_per_example

    def forward_flops(self, tokens: int) -> float:
        """Return the operations of one forward pass over one example: 2·(N - V·d) + 4·L·d·T per token of a decoder."""
        return sum(matrix.flops(tokens) for matrix in self.matrices) + self.attention_flops(tokens)

    def attention_flops(self, tokens: int) -> float:
        """Return the operations of one forward pass over one example that multiply no weights."""
        return sum(attention.flops(tokens) for attention in self.attentions)

    def prefill_flops(self, prompt_tokens: int) -> float:
        """Return the operations of one prompt, with the output matrix applied to the last token only."""
        spared = self.output.rows.of(prompt_tokens) - 1
        return self.forward_flops(prompt_tokens) - 2 * self.output.weights * spared

    def training_flops(self, tokens: int, method: str) -> float:
        """Return the operations of one example forward and backward; raise WorkloadError for an unknown method.

        Training all weights takes 6·(N - V·d) + 12·L·d·T per token, less the gradient with respect to the data.  An
        adapter saves the gradients of the frozen weights, 4·(N - V·d) + 12·L·d·T; the adapter's own few operations
        are not counted, and neither are the gradients saved below the lowest adapter.  A head alone takes the forward
        pass and the gradient of the head's weights.  A learned prompt passes through the model like other tokens.
        For `distil` the result is the student's; the teacher's `forward_flops` come on top.
        """
        way = methods.find(method)
        if way.trains == "head":
            head = [one.flops(tokens) for one in self.head]
            return self.forward_flops(tokens) + 2 * sum(head) - head[0]
        tokens += way.virtual_tokens
        passes = 3 if way.trains == "all" else 2
        products = sum((passes - matrix.from_data) * matrix.flops(tokens) for matrix in self.matrices)
        return products + 3 * self.attention_flops(tokens)

    def decode_bytes(
        self, batch: int, context_tokens: float, bytes_per_number: float, cache_bytes_per_number: float | None = None
    ) -> float:
        """Return the bytes that one decoding step reads: the weights once, and every sequence's cache.

        A mixture reads the experts that the batch is expected to use.  The cache has the weights' precision unless
        `cache_bytes_per_number` is given.
        """
        read = [matrix for matrix in self.matrices if matrix.decodes and matrix.rows.per_token]
        weights = sum((matrix.weights + matrix.biases) * matrix.touched_share(batch) for matrix in read)
        cached, each = batch * self.read_numbers(context_tokens), cache_bytes_per_number
        return (weights + self.vectors) * bytes_per_number + cached * (bytes_per_number if each is None else each)

    def trainable_parameters(
        self,
        method: str,
        *,
        rank: int = RANK,
        modules: Sequence[str] | None = None,
        feedforward: Sequence[str] = (),
        virtual_tokens: int = VIRTUAL_TOKENS,
    ) -> int:
        """Return the parameters that a method trains.

        A classifier's output always learns, a language model's only where all weights do.  AdaLoRA adds r singular
        values to each adapter (arXiv:2303.10512).  IA3 scales the outputs of `modules`, and the inputs of those in
        `feedforward` (arXiv:2205.05638).  Prompt tuning learns `virtual_tokens` rows of the hidden size
        (arXiv:2104.08691).  Raise WorkloadError for an unknown method or module.
        """
        way = methods.find(method)
        if way.trains == "all":
            return self.parameters
        if way.trains == "head":
            return sum(one.biases + one.weights for one in self.head)
        head = 0 if self.output.role == "vocabulary" else sum(one.parameters for one in self.head)
        learned = head + (virtual_tokens * self.hidden if way.virtual_tokens else 0)
        if way.adapter_parameters is None:
            return learned
        places = [
            Place(one.inputs, one.outputs, one.copies, any(one.ends_in(name) for name in feedforward))
            for one in self.named(modules)
        ]
        return learned + sum(way.adapter_parameters(place, rank) for place in places)

    def named(self, modules: Iterable[str] | None = None) -> list[Matrix]:
        """Return the matrices whose paths end in those names, as peft finds them; raise WorkloadError.

        The default names are the usual ones for adapters.
        """
        wanted = list(self.adapted if modules is None else modules)
        if unknown := [name for name in wanted if not any(one.ends_in(name) for one in self.matrices)]:
            raise WorkloadError(
                f"a {self.model_type} has no module {unknown[0]!r} for adapters",
                todo=f"it has {', '.join(sorted({one.name for one in self.matrices}))}",
            )
        if not wanted:
            raise WorkloadError(f"a {self.model_type} has no usual place for adapters", todo="name the modules")
        return [one for one in self.matrices if any(one.ends_in(name) for name in wanted)]
