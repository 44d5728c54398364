"""The model's own chat template: turns in, prompt out, every failure in words.

A template is a program from a downloaded file. It runs in a sandbox (:mod:`sandbox`) that keeps it from
Python's insides and bounds what it may build, under a deadline (:mod:`deadline`). Its output remembers who
wrote each character (:mod:`traced`), so that afterwards the template's own text can be told from all other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from jinja2 import TemplateError as JinjaError
from jinja2 import meta

from desktop.domain.conversation import Role
from desktop.domain.errors import TemplateError
from desktop.domain.generation import Turn
from desktop.engine.worker.prompts.deadline import within
from desktop.engine.worker.prompts.sandbox import Refused, Sandbox
from desktop.engine.worker.prompts.thinking import tags_of
from desktop.engine.worker.prompts.traced import (
    ASSISTANT,
    SYSTEM,
    TEMPLATE,
    UNKNOWN,
    USER,
    TooLong,
    Traced,
    join_with,
)

_T = TypeVar("_T")

DEADLINE_S = 2.0
"""Seconds; real templates take milliseconds."""
CHARACTERS_PER_S = 500_000
"""Added to the deadline for long texts: what even a template that escapes every character manages."""
SPARE_OUTPUT = 1_000_000
"""Characters a template may add to what the turns hold."""
_SWITCHES = {"enable_thinking", "thinking"}
_ORIGIN = {Role.SYSTEM: SYSTEM, Role.USER: USER, Role.ASSISTANT: ASSISTANT}


class ChatTemplate:
    """One model's template, compiled once. :meth:`render` may be called from one thread at a time."""

    def __init__(self, source: str, *, bos: str = "", eos: str = "") -> None:
        """Raises :class:`TemplateError` if it cannot be compiled."""
        self.hash = hashlib.sha256(source.encode()).hexdigest()[:16]
        self._sandbox = Sandbox()
        self.tags = tags_of(source)
        """What thinking stands between, if the template speaks of it."""
        self._special = {"bos_token": Traced(bos, TEMPLATE), "eos_token": Traced(eos, TEMPLATE)}
        try:
            self._template = _in_time(DEADLINE_S, lambda: self._sandbox.from_string(source))
            self._switches = _in_time(DEADLINE_S, lambda: _switches(self._sandbox, source))
        except (JinjaError, TooLong, RecursionError, MemoryError, SyntaxError, ValueError) as error:
            raise _error("The model's chat template is broken.", error) from error

    @property
    def can_switch_thinking(self) -> bool:
        """Whether it can be told to let the model think or not."""
        return bool(self._switches)

    def render(
        self, turns: Sequence[Turn], *, add_generation_prompt: bool = True, thinking: bool | None = None
    ) -> Traced:
        """The prompt. A system turn that the template refuses or leaves out begins the next turn instead.

        ``thinking`` is told to a template that asks for it; ``None`` lets it do as it does by itself.

        Raises :class:`TemplateError`, with the template's own words if it refuses the turns.
        """
        messages = _messages(turns)
        values: dict[str, object] = {"add_generation_prompt": add_generation_prompt}
        if thinking is not None:
            values |= dict.fromkeys(self._switches, thinking)
        can_fold = len(turns) > 1 and turns[0].role is Role.SYSTEM
        try:
            text = self._render(messages, values)
            if can_fold and not _holds(text, turns[0]):
                text = self._render(_folded(messages), values)
        except Refused as refusal:
            if not can_fold:
                raise _refusal(refusal) from refusal
            text = self._render_folded(messages, values)
        if turns and not _holds(text, turns[-1]):
            raise TemplateError(
                "The model's chat template leaves out what is said.", action="Choose another model."
            )
        return text

    def _render_folded(self, messages: list[dict[str, Traced]], values: Mapping[str, object]) -> Traced:
        try:
            return self._render(_folded(messages), values)
        except Refused as refusal:
            raise _refusal(refusal) from refusal

    def _render(self, messages: list[dict[str, Traced]], values: Mapping[str, object]) -> Traced:
        size = sum(len(message["content"]) for message in messages)
        values = {**values, "messages": messages, **self._special}
        limit = SPARE_OUTPUT + 2 * size
        try:
            return _in_time(DEADLINE_S + size / CHARACTERS_PER_S, lambda: self._run(values, limit))
        except (Refused, TemplateError):
            raise
        except TooLong as error:
            raise _error("The model's chat template makes a prompt without end.", error) from error
        except Exception as error:  # a template may raise anything Python can
            raise _error("The model's chat template failed.", error) from error

    def _run(self, values: Mapping[str, object], limit: int) -> Traced:
        with self._sandbox.limited(limit):
            context = self._template.new_context(dict(values))
            return self._sandbox.concat(self._template.root_render_func(context))


def _switches(sandbox: Sandbox, source: str) -> list[str]:
    """The variables by which this template can be told to let the model think or not."""
    return sorted(meta.find_undeclared_variables(sandbox.parse(source)) & _SWITCHES)


def traced(turn: Turn) -> Traced:
    """A turn's text, marked as its author's."""
    return Traced(turn.content, _ORIGIN[turn.role])


def _messages(turns: Sequence[Turn]) -> list[dict[str, Traced]]:
    return [{"role": Traced(turn.role.value, TEMPLATE), "content": traced(turn)} for turn in turns]


def _folded(messages: list[dict[str, Traced]]) -> list[dict[str, Traced]]:
    """Without the system message; its text now begins the next one."""
    system, first, *rest = messages
    content = join_with(Traced("\n\n", TEMPLATE), (system["content"], first["content"]))
    return [{"role": first["role"], "content": content}, *rest]


def _holds(text: Traced, turn: Turn) -> bool:
    """Whether a turn got into the prompt, in whatever form; where that cannot be told, it is believed."""
    origins = text.origins
    if _ORIGIN[turn.role] in origins or UNKNOWN in origins:
        return True
    return str.__contains__(text, turn.content.strip())


def _in_time(seconds: float, work: Callable[[], _T]) -> _T:
    try:
        return within(seconds, work)
    except TimeoutError as error:
        raise _error("The model's chat template does not come to an end.", error) from error


def _error(message: str, cause: BaseException) -> TemplateError:
    return TemplateError(
        message,
        action="Choose another model.",
        detail=f"{type(cause).__name__}: {str.__str__(str(cause))[:500]}",
    )


def _refusal(refusal: Refused) -> TemplateError:
    return TemplateError(
        f"The model's chat template refuses these messages: “{refusal}”.", action="Edit the messages."
    )
