"""Answers that must follow a grammar: which tokens may come next.

The matching itself is llguidance's, for GBNF grammars (:mod:`gbnf`) and JSON schemas (:mod:`schema`) alike:
its work at each token is bounded, whatever the grammar, and it fails with words and never with an abort.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from desktop.domain.errors import ParameterError
from desktop.domain.parameters import Parameters
from desktop.engine.worker.vocabulary import Vocabulary

if TYPE_CHECKING:
    from llguidance import LLMatcher, LLParserLimits, LLTokenizer

_SPECIAL = b"\xff"
"""Begins the name of a token that stands for no text; in text the byte cannot occur."""
ROW_ITEMS = 8_000
"""Ways to go on that the matcher may consider at one place."""
STEP_ITEMS = 2_000_000
"""States of the matcher that one token may take; about a tenth of a second."""


class Constraint:
    """One answer on its way through its grammar. ``setting`` is the parameter that demands it."""

    def __init__(self, matcher: LLMatcher, size: int, setting: str) -> None:
        self._matcher = matcher
        self._size = size
        self.setting = setting

    def another(self) -> Constraint:
        """For another answer, as far on its way as this one."""
        return Constraint(self._matcher.deep_copy(), self._size, self.setting)

    @property
    def may_stop(self) -> bool:
        """Whether what has come so far follows the grammar as it is."""
        return self._matcher.is_accepting()

    @property
    def is_complete(self) -> bool:
        """Whether it does, and nothing more may come."""
        return self._matcher.is_stopped() and not self._matcher.is_error()

    def allows(self, token: int) -> bool:
        """Whether a token that stands for text may come next."""
        return self._matcher.validate_tokens([token]) == 1

    def allowed(self) -> NDArray[np.bool_]:
        """For each token of the vocabulary, whether it may come next.

        Raises :class:`ParameterError` if the grammar is too intricate to say.
        """
        bits = np.frombuffer(self._matcher.compute_bitmask(), np.uint8)
        self._check()
        return np.unpackbits(bits, count=self._size, bitorder="little").astype(np.bool_)

    def take(self, token: int) -> None:
        """Goes on by a token. Raises :class:`ParameterError` if the grammar is too intricate."""
        self._matcher.consume_token(token)
        self._check()

    def _check(self) -> None:
        if self._matcher.is_error():
            raise ParameterError(
                "The grammar is too intricate to follow.",
                action="Make it simpler.",
                setting=self.setting,
                detail=self._matcher.get_error()[:500],
            )


class Grammars:
    """Compiles grammars for one vocabulary. On the prompts' thread."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._tokenizer: LLTokenizer | None = None

    def constraint(self, parameters: Parameters, prefill: str) -> Constraint | None:
        """What the parameters demand of an answer that begins with ``prefill``; none if they demand nothing.

        Raises :class:`ParameterError`, saying where a grammar or a schema is wrong, and if the answer's
        beginning does not follow it.
        """
        if parameters.grammar:
            from desktop.engine.worker.gbnf import to_lark

            return self._begun(to_lark(parameters.grammar), "grammar", prefill)
        if parameters.json_schema:
            from desktop.engine.worker.schema import to_grammar

            return self._begun(to_grammar(parameters.json_schema), "json_schema", prefill)
        return None

    def _begun(self, grammar: str, setting: str, prefill: str) -> Constraint:
        from llguidance import LLMatcher

        tokenizer = self._tokenizer = self._tokenizer or _tokenizer(self._vocabulary)
        matcher = LLMatcher(tokenizer, grammar, log_level=0, limits=limits())
        if matcher.is_error():
            raise ParameterError(
                "The answer's form cannot be used.",
                action="Make it simpler.",
                setting=setting,
                detail=matcher.get_error()[:500],
            )
        tokens = tokenizer.greedy_tokenize(prefill)
        if matcher.try_consume_tokens(tokens) < len(tokens):
            raise ParameterError(
                "What the answer is to begin with does not follow its grammar.",
                action="Change one of them.",
                setting=setting,
            )
        matcher.compute_bitmask()
        if matcher.is_error():
            raise ParameterError(
                "No answer can ever follow this.",
                action="Make it simpler, or correct what contradicts itself.",
                setting=setting,
                detail=matcher.get_error()[:500],
            )
        return Constraint(matcher, self._vocabulary.size, setting)


def limits() -> LLParserLimits:
    """What a grammar may cost."""
    from llguidance import LLParserLimits

    return LLParserLimits(max_items_in_row=ROW_ITEMS, step_max_items=STEP_ITEMS, verbose_errors=False)


class _Tokens:
    """A vocabulary as llguidance wants to see it."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.eos_token_id = vocabulary.ending[0] if vocabulary.ending else 0
        self.bos_token_id = None
        self.special_token_ids: list[int] = []
        self.tokens = []
        for token in range(vocabulary.size):
            piece = vocabulary.piece(token)
            if not piece or vocabulary.ends(token):
                self.special_token_ids.append(token)
                piece = _SPECIAL + f"[{token}]".encode()
            self.tokens.append(piece)
        self._tokenize: Callable[[str], list[int]] = vocabulary.tokenize

    def __call__(self, text: bytes | str) -> list[int]:
        return self._tokenize(text if isinstance(text, str) else text.decode("utf-8", "replace"))


def _tokenizer(vocabulary: Vocabulary) -> LLTokenizer:
    from llguidance import LLTokenizer, TokenizerWrapper

    return LLTokenizer(TokenizerWrapper(_Tokens(vocabulary)), eos_token=list(vocabulary.ending) or None)
