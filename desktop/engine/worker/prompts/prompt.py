"""Rendered text to tokens. Only what the template itself wrote may become a control token.

llama.cpp cuts a text at its control tokens and tokenises what lies between. This module does the cutting,
and cuts only where every character of the control token is the template's own; the runs between are
tokenised natively with control tokens off. For a prompt in which nobody else wrote a control token the
result is llama.cpp's own, token for token.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from desktop.domain.errors import ContextOverflowError
from desktop.domain.generation import RenderedPrompt, Token, TokenOrigin, Turn
from desktop.engine.worker.llama.vocabulary import ControlToken, Vocabulary
from desktop.engine.worker.prompts.known import Runs
from desktop.engine.worker.prompts.template import ChatTemplate, traced
from desktop.engine.worker.prompts.thinking import USUAL, Tags, left_open, without_thinking
from desktop.engine.worker.prompts.traced import (
    ASSISTANT,
    SYSTEM,
    TEMPLATE,
    UNKNOWN,
    USER,
    Traced,
    join_all,
    join_with,
)

BLOCK = 1 << 16
"""Characters of a text of unreasonable size that are looked at in one go."""
FEW_CHARACTERS = 8
"""Characters a token has in the densest of ordinary texts."""
MAX_DROPPED = 64
"""Bytes in a row that a vocabulary may have no token for."""
_ORIGINS = {
    UNKNOWN: TokenOrigin.TEMPLATE,
    TEMPLATE: TokenOrigin.TEMPLATE,
    SYSTEM: TokenOrigin.SYSTEM,
    USER: TokenOrigin.USER,
    ASSISTANT: TokenOrigin.ASSISTANT,
}
_OWN = bytes((TEMPLATE,))
_SWITCH = {"auto": None, "on": True, "off": False}


@dataclass(frozen=True, slots=True)
class Prompt:
    """``ids`` is what the model reads; ``origins`` has one origin byte for each of them."""

    text: str
    ids: tuple[int, ...]
    origins: bytes
    opened: Tags | None = None
    """The block of thinking that it leaves open."""


class PromptBuilder:
    """Turns to tokens, for one model. No ``template``, a base model: the turns' text is the prompt."""

    def __init__(self, vocabulary: Vocabulary, template: ChatTemplate | None) -> None:
        self._vocabulary = vocabulary
        self._template = template
        self._runs = Runs(self._encode)

    @property
    def tags(self) -> tuple[Tags, ...]:
        """What thinking may stand between in an answer; what a base model writes is text as it is."""
        return () if self._template is None else self._template.tags or USUAL

    def build(self, turns: Sequence[Turn], *, thinking: str = "auto", prefill: str = "") -> Prompt:
        """``thinking`` as in the parameters, where the template can be told so.

        Where it cannot, ``off`` leaves an empty block of thinking behind it, if it speaks of such blocks. The
        answer begins with ``prefill``, which is the answer proper: a model does not think before it.
        Raises :class:`TemplateError`.
        """
        template = self._template
        if template is None:
            text = join_with(Traced("\n\n", TEMPLATE), map(traced, turns))
            return self.encode(join_all((text, Traced(prefill, ASSISTANT))))
        text = template.render(turns, thinking=_SWITCH[thinking])
        if thinking == "off" or prefill:
            add_block = thinking == "off" and not template.can_switch_thinking
            text = without_thinking(text, template.tags, add_block=add_block)
        opened = left_open(text, self.tags)
        return replace(self.encode(join_all((text, Traced(prefill, ASSISTANT)))), opened=opened)

    def encode(self, text: Traced) -> Prompt:
        """BOS is put in front where the vocabulary wants it and the template has not written it."""
        vocabulary = self._vocabulary
        ids: list[int] = []
        origins = bytearray()
        for part in self._cut(text):
            if isinstance(part, int):
                ids.append(part)
                origins += _OWN
            else:
                run, whose = self._runs.of(part)
                ids += run
                origins += whose
        wants_bos = vocabulary.add_bos or not ids
        if wants_bos and vocabulary.bos >= 0 and ids[:1] != [vocabulary.bos]:
            ids.insert(0, vocabulary.bos)
            origins[:0] = _OWN
        return Prompt(str.__str__(text), tuple(ids), bytes(origins))

    def show(self, prompt: Prompt) -> RenderedPrompt:
        """The prompt with every token's text and origin."""
        vocabulary = self._vocabulary
        tokens = (
            Token(
                id=token,
                piece=vocabulary.label(token).decode("utf-8", "replace"),
                special=vocabulary.is_control(token),
                origin=_ORIGINS[origin],
            )
            for token, origin in zip(prompt.ids, prompt.origins, strict=True)
        )
        return RenderedPrompt(prompt.text, tuple(tokens))

    def refuse_if_far_too_long(self, turns: Sequence[Turn], length: int) -> None:
        """Spares texts that are many times the context's ``length`` the work of being rendered and tokenised.

        Raises :class:`ContextOverflowError`.
        """
        if sum(len(turn.content) for turn in turns) <= 2 * length * FEW_CHARACTERS:
            return
        # Cut into blocks a text has a few tokens more than whole; twice the context is far beyond that.
        tokens = 0
        for turn in turns:
            for at in range(0, len(turn.content), BLOCK):
                tokens += len(self._vocabulary.tokenize(turn.content[at : at + BLOCK]))
                if tokens > 2 * length:
                    raise ContextOverflowError.of(2 * length, length, at_least=True)

    def _encode(self, run: Traced) -> tuple[list[int], bytes]:
        ids = self._vocabulary.tokenize(str.__str__(run))
        return ids, self._align(run, ids)

    def _cut(self, text: Traced) -> list[int | Traced]:
        """``text`` as control tokens and the runs between them, in order."""
        own = _own_text(text)
        parts: list[int | Traced] = [text] if text else []
        for control in self._vocabulary.control:
            if control.text in own:
                cut: list[int | Traced] = []
                for part in parts:
                    cut += [part] if isinstance(part, int) else _split(part, control)
                parts = cut
        return parts

    def _align(self, run: Traced, ids: Sequence[int]) -> bytes:
        """The origin of each of a run's tokens: that of the character its first byte belongs to."""
        origins = np.frombuffer(run.origins, np.uint8)
        if (origins == origins[0]).all():
            return run.origins[:1] * len(ids)
        codes = np.frombuffer(str.__str__(run).encode("utf-32-le", "surrogatepass"), np.uint32)
        by_byte = origins.repeat(1 + (codes > 0x7F) + (codes > 0x7FF) + (codes > 0xFFFF))
        sizes = self._vocabulary.sizes(ids)
        if sizes.sum() == len(by_byte):
            starts = sizes.cumsum() - sizes
        else:
            starts = self._find(str.__str__(run).encode("utf-8", "replace"), ids)
        return bytes(by_byte[starts.clip(0, len(by_byte) - 1)])

    def _find(self, data: bytes, ids: Sequence[int]) -> NDArray[np.int64]:
        """Where each token's text is in ``data``, for tokenizers that add a space or drop unknown bytes."""
        starts, at = np.zeros(len(ids), np.int64), 0
        for entry, token in enumerate(ids):
            label = self._vocabulary.label(token)
            found = data.find(label, at, at + len(label) + MAX_DROPPED)
            starts[entry] = at = at if found < 0 else found
            at += len(label) if found >= 0 else 0
        return starts


def _own_text(text: Traced) -> str:
    """The template's own text only; a NUL stands wherever somebody else's is."""
    own = np.frombuffer(text.origins, np.uint8) == TEMPLATE
    codes = np.frombuffer(str.__str__(text).encode("utf-32-le", "surrogatepass"), np.uint32)
    return np.where(own, codes, np.uint32(0)).tobytes().decode("utf-32-le", "surrogatepass")


def _split(part: Traced, control: ControlToken) -> list[int | Traced]:
    """``part`` cut at each ``control`` that is the template's own."""
    found: list[int | Traced] = []
    start = at = 0
    while (at := str.find(part, control.text, at)) >= 0:
        end = at + len(control.text)
        if part.origins.count(_OWN, at, end) != len(control.text):
            at += 1
            continue
        before = part[start:at].rstrip() if control.strips_left else part[start:at]
        if before:
            found.append(before)
        found.append(control.id)
        start = at = end
        if control.strips_right:
            start = at = len(part) - len(part[end:].lstrip())
    if start < len(part):
        found.append(part[start:])
    return found
