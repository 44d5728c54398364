"""What an answer is made with: the preset's values, and what the conversation changes of them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from desktop.domain.conversation import Conversation
from desktop.domain.errors import ParameterError
from desktop.domain.parameters import NAMES, Parameters, make
from desktop.domain.preset import Preset


@dataclass(frozen=True, slots=True)
class Effective:
    """``changed`` names what differs from the preset: parameters, and ``system_prompt``."""

    preset: Preset
    system_prompt: str
    parameters: Parameters
    changed: frozenset[str]


def effective(conversation: Conversation, preset: Preset) -> Effective:
    """A change that no longer fits, from an older version or a damaged file, is left out."""
    parameters = _applied(conversation.overrides, preset.parameters)
    changed = {name for name in NAMES if getattr(parameters, name) != getattr(preset.parameters, name)}
    own = conversation.system_prompt
    if own is not None and own != preset.system_prompt:
        changed.add("system_prompt")
    return Effective(preset, preset.system_prompt if own is None else own, parameters, frozenset(changed))


def _applied(overrides: Mapping[str, object], base: Parameters) -> Parameters:
    """All of them at once, because two may be valid only together; one by one if that fails."""
    try:
        return make(overrides, base)
    except ParameterError:
        for name, value in overrides.items():
            with suppress(ParameterError):
                base = make({name: value}, base)
        return base
