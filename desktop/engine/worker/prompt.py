"""Rendered text to tokens. Only what the template itself wrote may become a control token.

llama.cpp cuts a text at its control tokens and tokenises what lies between. This module does the cutting,
and cuts only where every character of the control token is the template's own; the runs between are
tokenised natively with control tokens off. For a prompt in which nobody else wrote a control token the
result is llama.cpp's own, token for token.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from desktop.domain.generation import RenderedPrompt, Token, TokenOrigin, Turn
from desktop.engine.worker.native import Vocabulary
from desktop.engine.worker.template import ChatTemplate
from desktop.engine.worker.traced import (
    ASSISTANT,
    SYSTEM,
    TEMPLATE,
    UNKNOWN,
    USER,
    Traced,
    join_with,
)

_ORIGINS = {
    UNKNOWN: TokenOrigin.TEMPLATE,
    TEMPLATE: TokenOrigin.TEMPLATE,
    SYSTEM: TokenOrigin.SYSTEM,
    USER: TokenOrigin.USER,
    ASSISTANT: TokenOrigin.ASSISTANT,
}
_OWN = bytes((TEMPLATE,))


@dataclass(frozen=True, slots=True)
class Prompt:
    """``ids`` is what the model reads; ``origins`` has one origin byte for each of them."""

    text: str
    ids: tuple[int, ...]
    origins: bytes


class PromptBuilder:
    """Turns to tokens, for one model. No ``template``, a base model: the turns' text is the prompt."""

    def __init__(self, vocabulary: Vocabulary, template: ChatTemplate | None) -> None:
        self._vocabulary = vocabulary
        self._template = template

    def build(self, turns: Sequence[Turn]) -> Prompt:
        """Raises :class:`TemplateError`."""
        if self._template is not None:
            text = self._template.render(turns)
        else:
            origin = {"system": SYSTEM, "user": USER, "assistant": ASSISTANT}
            contents = (Traced(turn.content, origin[turn.role.value]) for turn in turns)
            text = join_with(Traced("\n\n", TEMPLATE), contents)
        return self.encode(text)

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
                run = vocabulary.tokenize(str.__str__(part))
                ids += run
                origins += self._align(part, run)
        if vocabulary.add_bos and vocabulary.bos >= 0 and ids[:1] != [vocabulary.bos]:
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

    def _cut(self, text: Traced) -> Iterator[int | Traced]:
        """``text`` as control tokens and the runs between them, in order."""
        own = _own_text(text)
        parts: list[int | Traced] = [text] if text else []
        for control, token, strip_left, strip_right in self._vocabulary.control:
            if control not in own:
                continue
            cut: list[int | Traced] = []
            for part in parts:
                cut += (
                    [part] if isinstance(part, int) else _split(part, control, token, strip_left, strip_right)
                )
            parts = cut
        return iter(parts)

    def _align(self, run: Traced, ids: Sequence[int]) -> bytes:
        """The origin of each of a run's tokens: that of the character its first byte belongs to."""
        if len(groups := list(groupby(run.origins))) == 1:
            return bytes((groups[0][0],)) * len(ids)
        by_byte = b"".join(
            bytes((origin,)) * len(char.encode("utf-8", "replace"))
            for char, origin in zip(str.__iter__(run), run.origins, strict=True)
        )
        pieces = [len(self._vocabulary.label(token)) for token in ids]
        # Some tokenizers put a space in front of a run; it belongs to the run's first character.
        at = len(by_byte) - sum(pieces)
        origins = bytearray()
        for size in pieces:
            origins.append(by_byte[min(max(at, 0), len(by_byte) - 1)])
            at += size
        return bytes(origins)


def _own_text(text: Traced) -> str:
    """The template's own text only; a NUL stands wherever somebody else's begins."""
    runs, at = [], 0
    for origin, group in groupby(text.origins):
        size = sum(1 for _ in group)
        runs.append(str.__str__(text[at : at + size]) if origin == TEMPLATE else "\0")
        at += size
    return "".join(runs)


def _split(part: Traced, control: str, token: int, strip_left: bool, strip_right: bool) -> list[int | Traced]:
    """``part`` cut at each ``control`` that is the template's own."""
    found: list[int | Traced] = []
    start = at = 0
    while (at := str.find(part, control, at)) >= 0:
        end = at + len(control)
        if part.origins.count(_OWN, at, end) != len(control):
            at += 1
            continue
        before = part[start:at].rstrip() if strip_left else part[start:at]
        if before:
            found.append(before)
        found.append(token)
        start = at = end
        if strip_right:
            start = at = len(part) - len(part[end:].lstrip())
    if start < len(part):
        found.append(part[start:])
    return found
