"""Answering, measured: one step is one classified batch, or one generated request."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import torch
from transformers import Cache, DynamicCache, EncoderDecoderCache, StaticCache

from profiling.data import batches
from profiling.data.rows import Batch
from profiling.errors import UnsupportedError
from profiling.hardware.meter import Window
from profiling.measure import counters
from profiling.measure.method import Timing
from profiling.runs import live
from profiling.runs.live import Report
from profiling.serving import quality
from profiling.serving.inference import Inference, Inputs, first_batches
from profiling.workload.workload import Case, Workload

# A recommender's answer: as many items as a page shows.
BEST_ITEMS = 100


class Classification(Inference):
    """Batches answered in one forward pass each: classes, numbers, or the items that come next."""

    def __init__(
        self, workload: Workload, case: Case, precision: str, device: torch.device, report: Report = live.nothing
    ) -> None:
        super().__init__(workload, case, precision, device, report)
        self.step_tokens = int(case.point["batch"]) * int(case.point.get("tokens", 0))
        asked = (self.readied(batches.inputs(batch)) for batch in batches.of(workload, case))
        self.batches = batches.pooled(workload, asked, device)
        # A causal model would score every item after every step of the history, and keep a cache for more.
        self.ranks = workload.purpose == "recommend"
        self.options: Inputs = {"logits_to_keep": 1, "use_cache": False} if self.ranks else {}
        self.forward = self.maybe_compiled(self.model)

    @torch.inference_mode()
    def run(self, steps: int) -> Timing:
        """Answer batches, each fetched from the host, and return their times."""
        with Window(self.device) as window:
            for _ in range(steps):
                self.answer(next(self.batches))
                window.mark()
                self.pace.step(self.step_tokens)
        return Timing(window.seconds, window.step_seconds)

    def answer(self, batch: Batch) -> torch.Tensor:
        """Return logits of shape (batch, classes); for a recommender the best items, of shape (batch, at most 100)."""
        logits: torch.Tensor = self.forward(**self.placed(batch), **self.options).logits
        return logits[:, -1].topk(min(BEST_ITEMS, logits.shape[-1])).indices if self.ranks else logits

    def step_inputs(self) -> Inputs:
        """Return the first batch."""
        return next(self._questions(1))

    def questions(self) -> Iterator[Inputs]:
        """Return the first batches."""
        return self._questions(quality.ANSWERS)

    def _questions(self, answers: int) -> Iterator[Inputs]:
        for batch in first_batches(self.workload, self.case, self.seed, answers):
            yield {**self.placed(batch), **self.options}


class Generation(Inference):
    """Greedy generation to a forced length, with a key-value cache that starts empty at each request."""

    def __init__(
        self, workload: Workload, case: Case, precision: str, device: torch.device, report: Report = live.nothing
    ) -> None:
        if workload.compile != "no" and workload.cache != "static":
            raise UnsupportedError("compiled decoding needs a cache that keeps its shape", todo="set cache to static")
        super().__init__(workload, case, precision, device, report)
        self.batch, self.new_tokens = int(case.point["batch"]), int(case.point["new_tokens"])
        self.prompt = self.placed({"prompt": batches.prompts(workload, case)})["prompt"]
        # Models that keep states alone call their cache otherwise.
        arguments = inspect.signature(self.model.forward).parameters
        self.cache_name = "cache_params" if "cache_params" in arguments else "past_key_values"
        self.cache = self.new_cache()
        self.forward = self.maybe_compiled(self.model.forward)

    def run(self, steps: int) -> Timing:
        """Answer requests one after the other and return their times; prefill and decode have a window each."""
        parts: dict[str, list[float]] = {"prefill_seconds": [], "decode_seconds": []}
        gaps: list[float] = []
        for _ in range(steps):
            with Window(self.device) as first:
                token = self.prefill()
            with Window(self.device) as rest:
                for _ in range(self.new_tokens - 1):
                    token = self.decode(token)
                    rest.mark()
                    self.pace.step(self.batch)
            parts["prefill_seconds"].append(first.seconds)
            parts["decode_seconds"].append(rest.seconds)
            gaps += rest.step_seconds
        return Timing(sum(map(sum, parts.values())), gaps, parts)

    @torch.inference_mode()
    def prefill(self) -> torch.Tensor:
        """Read the prompt into an empty cache; return the first token, of shape (batch, 1)."""
        self.empty_cache()
        return likeliest(self.model(self.prompt, **self._options()).logits)

    @torch.inference_mode()
    def decode(self, token: torch.Tensor) -> torch.Tensor:
        """Return the next token of every sequence, of shape (batch, 1)."""
        return likeliest(self.forward(token, **self._options()).logits)

    def answer(self) -> torch.Tensor:
        """Return one request's tokens, of shape (batch, new_tokens)."""
        tokens = [self.prefill()]
        while len(tokens) < self.new_tokens:
            tokens.append(self.decode(tokens[-1]))
        return torch.cat(tokens, 1)

    def new_cache(self) -> Any:
        """Return an empty cache."""
        return self.cache_of(int(self.case.point["prompt_tokens"]) + self.new_tokens)

    def cache_of(self, length: int) -> Cache:
        """Return a cache that grows up to the config's windows, or one with room for `length` tokens from the start."""
        config = self.model.config.get_text_config(decoder=True)
        return StaticCache(config, length) if self.workload.cache == "static" else DynamicCache(config=config)

    def empty_cache(self) -> None:
        """Empty the cache for a new request; a static cache is reused, as a server does."""
        if self.workload.cache == "static":
            self.cache.reset()
        else:
            self.cache = self.new_cache()

    def step_inputs(self) -> Inputs:
        """Return the inputs of the prefill, whose output matrix is applied to the last token alone."""
        return {"input_ids": self.prompt, "use_cache": False, "logits_to_keep": 1}

    def questions(self) -> list[Inputs]:
        """Return the questions which token follows each of the prompts' first tokens."""
        rows = -(-quality.ANSWERS // self.prompt.shape[1])
        return [{"input_ids": self.prompt[:rows, : quality.ANSWERS], "use_cache": False}]

    def held_bytes(self) -> dict[str, int]:
        """Return the stored bytes, with the cache as the last request left it."""
        return {**super().held_bytes(), "cache": counters.cache_bytes(self.cache)}

    def _options(self) -> Inputs:
        return {self.cache_name: self.cache, "use_cache": True, "logits_to_keep": 1}


class Transcription(Generation):
    """Transcription of 30 s of speech a sequence; prefill is the encoder's pass and the decoder's first token."""

    @torch.inference_mode()
    def prefill(self) -> torch.Tensor:
        """Encode the speech; return the first token, of shape (batch, 1)."""
        self.empty_cache()
        self.heard = self.model.get_encoder()(self.prompt)
        return self.decode(self._start())

    @torch.inference_mode()
    def decode(self, token: torch.Tensor) -> torch.Tensor:
        """Return the next token of every sequence, of shape (batch, 1)."""
        options = {"encoder_outputs": self.heard, "past_key_values": self.cache, "use_cache": True}
        return likeliest(self.forward(decoder_input_ids=token, **options).logits)

    def new_cache(self) -> EncoderDecoderCache:
        """Return a cache of the written tokens and one of the encoded speech, which is filled once a request."""
        heard = self.cache_of(self.model.config.max_source_positions)
        return EncoderDecoderCache(self.cache_of(1 + self.new_tokens), heard)

    def step_inputs(self) -> Inputs:
        """Return the inputs of the prefill."""
        return {"input_features": self.prompt, "decoder_input_ids": self._start(), "use_cache": False}

    def questions(self) -> list[Inputs]:
        """Return the questions which token follows each token of this model's own answer."""
        written = torch.cat([self._start(), self.answer()[:, :-1]], 1)
        return [{"input_features": self.prompt, "decoder_input_ids": written, "use_cache": False}]

    def _start(self) -> torch.Tensor:
        token = int(self.model.config.decoder_start_token_id)
        return torch.full((self.batch, 1), token, dtype=torch.long, device=self.device)


def generation(
    workload: Workload, case: Case, precision: str, device: torch.device, report: Report = live.nothing
) -> Generation:
    """Return the generator of text, or of transcripts for a speech model."""
    made = Transcription if workload.purpose == "speech" else Generation
    return made(workload, case, precision, device, report)


def likeliest(logits: torch.Tensor) -> torch.Tensor:
    """Return the likeliest token after the last one, of shape (batch, 1)."""
    return torch.argmax(logits[:, -1:], -1)
