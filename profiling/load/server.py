"""One server as a client speaks to it: its dialect, and prompts that have the wanted tokens by its own count."""

from __future__ import annotations

from dataclasses import dataclass
from secrets import randbits

import aiohttp

from profiling.load import endpoint
from profiling.load.endpoint import Dialect, Reply
from profiling.load.prompts import prompt, words
from profiling.load.traffic import Asked, Conversation, Traffic

# Vocabularies of letters have six tokens a word.
FEWER_WORDS = (1, 8)


@dataclass(frozen=True)
class Spoken:
    """How to speak to a server that answered a first request; plain, so that other processes can be told."""

    address: str
    model: str
    dialect: Dialect
    words_a_token: float
    # What all prompts of this load begin with: another one each time, since the server remembers the last.
    prefix: str = ""

    @classmethod
    async def found(cls, session: aiohttp.ClientSession, base: str, model: str, traffic: Traffic) -> Spoken:
        """Ask once, with a word for each wanted token; raise LoadError where no answer comes.

        Where a word takes several tokens, this may be more than the server's context, and fewer words are asked.
        """
        first = traffic.asked(0)
        tried = [max(1, first.prompt_tokens // fewer) for fewer in FEWER_WORDS]
        prompts = [prompt(count, traffic.seed, 0) for count in tried]
        dialect, reply, taken = await endpoint.negotiate(session, base, model, prompts, first.new_tokens)
        sent = tried[prompts.index(taken)]
        ratio = sent / (reply.usage.get("prompt_tokens") or sent)
        prefix = words(round(traffic.point.get("prefix_tokens", 0) * ratio), [randbits(64)])
        return cls(base + dialect.path, model, dialect, ratio, prefix)


@dataclass(frozen=True)
class Server:
    """A server that one client asks."""

    session: aiohttp.ClientSession
    spoken: Spoken
    traffic: Traffic

    async def ask(self, index: int, before: Conversation) -> tuple[Asked, Reply]:
        """Send the request of that number in its conversation, to which question and answer are added."""
        spoken, asked = self.spoken, self.traffic.asked(index, before.tokens)
        own = prompt(max(1, round(asked.own_tokens * spoken.words_a_token)), self.traffic.seed, index)
        before.said.append(own if before.said or not spoken.prefix else f"{spoken.prefix} {own}")
        body = spoken.dialect.body(spoken.model, before.said, asked.new_tokens)
        reply = await endpoint.stream(self.session, spoken.address, body)
        before.said.append("".join(reply.text))
        before.tokens = reply.usage.get("prompt_tokens", asked.prompt_tokens) + reply.output_tokens
        reply.text.clear()
        return asked, reply
