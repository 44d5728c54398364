"""What an answer is made with: the preset's values, and what the conversation changes of them. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from desktop.domain.conversation import Conversation
from desktop.domain.errors import ParameterError
from desktop.domain.parameters import Parameters, make
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
    parameters, changed = preset.parameters, set()
    for name, value in conversation.overrides.items():
        try:
            parameters = make({name: value}, parameters)
        except ParameterError:
            continue
        if getattr(parameters, name) != getattr(preset.parameters, name):
            changed.add(name)
    own = conversation.system_prompt
    if own is not None and own != preset.system_prompt:
        changed.add("system_prompt")
    return Effective(preset, preset.system_prompt if own is None else own, parameters, frozenset(changed))
