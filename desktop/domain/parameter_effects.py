"""Which parameters have no effect beside the others or with a model, and why. Pure."""

from __future__ import annotations

from desktop.domain.model import LoadedModel
from desktop.domain.parameter_specs import DRAW, SAMPLER_LABELS, Choice, Number
from desktop.domain.parameters import SPEC_BY_NAME, Parameters

_AT_ZERO = ("", "penalties", "dry")
"""Samplers that still matter at temperature 0: they change which token is the likeliest."""
_WITH_MIROSTAT = (*_AT_ZERO, "temperature", DRAW)


def is_on(name: str, parameters: Parameters) -> bool:
    """Whether a parameter's own value lets it have an effect."""
    spec, value = SPEC_BY_NAME[name], getattr(parameters, name)
    match spec:
        case Number():
            return bool(value != spec.off)
        case Choice():
            return bool(value != "off")
        case _:
            return bool(value)


def details(name: str) -> tuple[str, ...]:
    """The parameters that only say more of this one."""
    return tuple(other for other, spec in SPEC_BY_NAME.items() if spec.needs == (name,))


def without_effect(name: str, parameters: Parameters, model: LoadedModel | None = None) -> str:
    """Why a parameter has no effect now, as a sentence; empty if it has. ``model`` is the one in use."""
    spec = SPEC_BY_NAME[name]
    if name == "thinking" and model is not None and not _can_be_told_to_think(model):
        return "No effect: this model cannot be told whether to think."
    if spec.needs and not any(is_on(other, parameters) for other in spec.needs):
        labels = [SPEC_BY_NAME[other].label for other in spec.needs]
        return f"No effect while {_joined(labels)} {'is' if len(labels) == 1 else 'are'} off."
    if parameters.temperature == 0 and name != "temperature" and spec.sampler not in _AT_ZERO:
        return "No effect at temperature 0."
    if parameters.mirostat != "off" and spec.sampler not in _WITH_MIROSTAT:
        return "No effect while Mirostat is on."
    if spec.sampler in SAMPLER_LABELS and spec.sampler not in parameters.samplers:
        return f"No effect: the sampler order leaves out {SAMPLER_LABELS[spec.sampler]}."
    return ""


def _can_be_told_to_think(model: LoadedModel) -> bool:
    return model.can_switch_thinking or model.speaks_of_thinking


def _joined(words: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))
