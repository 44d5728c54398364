"""What the sidebar shows and edits, as a value: a preset and what the user changed of it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from desktop.domain.parameters import NAMES, Parameters, as_dict, make
from desktop.domain.preset import Preset

PROMPT = "system_prompt"
"""The instructions' name among the names of parameters."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """``system_prompt`` and ``parameters`` are the ones in effect, whether the preset's or the user's."""

    preset: Preset
    system_prompt: str
    parameters: Parameters

    @classmethod
    def of(cls, preset: Preset) -> Configuration:
        return cls(preset, preset.system_prompt, preset.parameters)

    @property
    def changed(self) -> frozenset[str]:
        """Names that differ from the preset, :data:`PROMPT` among them."""
        names = {n for n in NAMES if getattr(self.parameters, n) != getattr(self.preset.parameters, n)}
        return frozenset(names | ({PROMPT} if self.system_prompt != self.preset.system_prompt else set()))

    @property
    def overrides(self) -> dict[str, object]:
        """The parameters to store with a conversation: only those that differ."""
        values = as_dict(self.parameters)
        return {name: values[name] for name in NAMES if name in self.changed}

    @property
    def own_prompt(self) -> str | None:
        """``None`` where the preset's instructions stand."""
        return self.system_prompt if PROMPT in self.changed else None

    def with_value(self, name: str, value: object) -> Configuration:
        """Raises :class:`~desktop.domain.errors.ParameterError` for a value out of range."""
        return replace(self, parameters=make({name: value}, self.parameters))

    def with_prompt(self, text: str) -> Configuration:
        return replace(self, system_prompt=text)

    def reset(self, name: str) -> Configuration:
        """One thing back to the preset's."""
        if name == PROMPT:
            return replace(self, system_prompt=self.preset.system_prompt)
        return self.with_value(name, getattr(self.preset.parameters, name))
