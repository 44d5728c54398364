"""How much of a prompt need not be read, because a sequence begins like it. Pure.

**What a cold run leaves.** Rounding depends on how tokens were put together in batches and on which cells of
the cache they lie, and a rounding may tip the choice of a token. A request that must be reproducible
therefore reads its prompt alone, from the first cell on, in chunks that begin at multiples of
:data:`CANONICAL_CHUNK`. Chunks read that way are *canonical*: as long as they stay where they are, a later
reproducible request that begins with the same tokens may keep them, and ends up with exactly the state of a
run from nothing. Everything else makes way for it.

**What a model cannot forget.** A recurrent state only goes forward: such a sequence can be extended at its
end, and nothing else. So a :class:`~desktop.engine.worker.kv.state.Checkpoint` of it is taken just before the
end of a prompt, and the next turn of a chat starts from there where the answer does not come back token for
token. Sliding layers overwrite what lies behind their window: a sequence can be cut back only as far as
what the next token looks back on is still there.
"""

from __future__ import annotations

from dataclasses import dataclass

from desktop.engine.worker.kv.state import Outline, Tokens

CANONICAL_CHUNK = 128
"""Tokens. Smaller ones leave less to be read again, and are slower to read."""


@dataclass(frozen=True, slots=True)
class Reuse:
    """Under one context: whether it ``forgets_tokens``, its ``window``, and the ``chunk`` of a cold run."""

    forgets_tokens: bool
    window: int
    chunk: int

    def reusable(self, prompt: Tokens, outline: Outline) -> int:
        """How much of a prompt can be had. At least the prompt's last token is always read."""
        shared = min(common_length(outline.tokens, prompt), len(prompt) - 1)
        is_whole = shared == len(outline.tokens)
        if is_whole or (self.forgets_tokens and self.sees_enough(shared, outline.oldest)):
            return shared
        return outline.point if outline.point <= shared else 0

    def sees_enough(self, size: int, oldest: int) -> bool:
        """Whether a token after the first ``size`` ones finds all that it looks back on."""
        return oldest <= max(0, size - self.window + 1)

    def canonical(self, prompt: Tokens, outline: Outline) -> int:
        """How much of a prompt is there as a cold run would leave it, in whole chunks."""
        shared = min(common_length(outline.tokens, prompt), outline.canonical, len(prompt) - 1)
        kept = shared // self.chunk * self.chunk
        if self.forgets_tokens:
            # Where a window has moved on, cells were used again, and lie elsewhere than in a cold run.
            return 0 if outline.oldest else kept
        if self.window:
            return 0
        if kept < len(outline.tokens):
            return outline.point if outline.point <= kept and outline.point % self.chunk == 0 else 0
        return kept


def common_length(left: Tokens, right: Tokens) -> int:
    """Of the longest common beginning."""
    size = min(len(left), len(right))
    differs = left[:size] != right[:size]
    return int(differs.argmax()) if differs.any() else size
