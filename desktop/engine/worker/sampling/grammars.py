"""Grammars and schemas of requests, made ready for one vocabulary."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from desktop.domain.errors import ParameterError
from desktop.domain.parameters import Parameters
from desktop.engine.worker.llama.vocabulary import Vocabulary
from desktop.engine.worker.sampling.constraint import Constraint, contained, limits
from desktop.engine.worker.sampling.gbnf import to_lark

if TYPE_CHECKING:
    from llguidance import LLTokenizer

_SPECIAL = b"\xff"
"""Begins the name of a token that stands for no text; in text the byte cannot occur."""


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
            return self._begun(to_lark(parameters.grammar), "grammar", prefill)
        if parameters.json_schema:
            from desktop.engine.worker.sampling.schema import to_grammar

            return self._begun(to_grammar(parameters.json_schema), "json_schema", prefill)
        return None

    def _begun(self, grammar: str, setting: str, prefill: str) -> Constraint:
        from llguidance import LLMatcher

        tokenizer = self._tokenizer = self._tokenizer or _tokenizer(self._vocabulary)
        try:
            matcher = contained(lambda: LLMatcher(tokenizer, grammar, log_level=0, limits=limits()))
            error = matcher.get_error()
        except ValueError as panic:
            error = str(panic)
        if error:
            raise ParameterError(
                "The answer's form cannot be used.",
                action="Make it simpler.",
                setting=setting,
                detail=error[:500],
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
