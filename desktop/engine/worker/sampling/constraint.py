"""Answers that must follow a grammar: which tokens may come next.

The matching itself is llguidance's, for GBNF grammars (:mod:`gbnf`) and JSON schemas (:mod:`schema`) alike:
its work at each token is bounded, whatever the grammar, and it fails with words and never with an abort.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from desktop.domain.errors import ParameterError

if TYPE_CHECKING:
    from llguidance import LLMatcher, LLParserLimits

_T = TypeVar("_T")

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


def contained(work: Callable[[], _T]) -> _T:
    """Does ``work``, and makes a panic of the library's, which is no ``Exception``, a ``ValueError``."""
    try:
        return work()
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise ValueError("it is not understood") from error


def limits() -> LLParserLimits:
    """What a grammar may cost."""
    from llguidance import LLParserLimits

    return LLParserLimits(max_items_in_row=ROW_ITEMS, step_max_items=STEP_ITEMS, verbose_errors=False)
