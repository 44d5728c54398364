"""What an answer is made with: the preset, and what the chat or one request changes of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace

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


@dataclass(frozen=True, slots=True)
class Using:
    """What one answer is made with in place of what its chat says; empty is as the chat says.

    ``model`` is a REF. Another preset brings its own parameters; ``overrides`` are put over those.
    ``system_prompt`` takes the place of the preset's and the chat's.
    """

    preset_id: str = ""
    model: str = ""
    overrides: Mapping[str, object] = field(default_factory=dict)
    system_prompt: str | None = None

    def instead(self, conversation: Conversation) -> Conversation:
        """The conversation as if it said all this itself."""
        if self.preset_id and self.preset_id != conversation.preset_id:
            conversation = replace(
                conversation, preset_id=self.preset_id, system_prompt=None, overrides=self.overrides
            )
        elif self.overrides:
            conversation = replace(conversation, overrides={**conversation.overrides, **self.overrides})
        if self.system_prompt is not None:
            conversation = replace(conversation, system_prompt=self.system_prompt)
        return conversation


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
