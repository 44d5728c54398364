"""Generation parameters as one checked value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

from desktop.domain.errors import ParameterError
from desktop.domain.parameter_specs import NO_BUDGET, RANDOM_SEED, SAMPLERS, SPECS, WHOLE_CONTEXT, Bias, Spec

SPEC_BY_NAME = {spec.name: spec for spec in SPECS}


@dataclass(frozen=True, slots=True)
class Parameters:
    """How one answer is generated; :data:`SPECS` says what each is.

    Raises :class:`ParameterError` for a value out of range, and for two that contradict each other.
    """

    max_tokens: int = 1024
    temperature: float = 0.7
    top_k: int = 40
    top_p: float = 0.95
    min_p: float = 0.05
    repeat_penalty: float = 1.05
    stop: tuple[str, ...] = ()
    seed: int = RANDOM_SEED
    presence_penalty: float = 0.0
    frequency_penalty: float = 0.0
    penalty_window: int = 64
    dry_multiplier: float = 0.0
    dry_base: float = 1.75
    dry_allowed_length: int = 2
    dry_window: int = WHOLE_CONTEXT
    dry_breakers: tuple[str, ...] = ("\n", ":", '"', "*")
    typical_p: float = 1.0
    top_n_sigma: float = 0.0
    xtc_probability: float = 0.0
    xtc_threshold: float = 0.1
    dynatemp_range: float = 0.0
    dynatemp_exponent: float = 1.0
    mirostat: str = "off"
    mirostat_tau: float = 5.0
    mirostat_eta: float = 0.1
    adaptive_target: float = 0.0
    adaptive_decay: float = 0.9
    samplers: tuple[str, ...] = SAMPLERS
    context_policy: str = "stop"
    thinking: str = "auto"
    thinking_budget: int = NO_BUDGET
    banned: tuple[str, ...] = ()
    logit_bias: tuple[Bias, ...] = ()
    ignore_eos: bool = False
    grammar: str = ""
    json_schema: str = ""

    def __post_init__(self) -> None:
        for name, spec in SPEC_BY_NAME.items():
            object.__setattr__(self, name, spec.check(getattr(self, name)))
        if self.grammar and self.json_schema:
            raise ParameterError(
                "An answer follows a grammar or a JSON schema, not both.",
                action="Remove one of them.",
                setting="json_schema",
            )


NAMES: tuple[str, ...] = tuple(field.name for field in fields(Parameters))


def make(values: Mapping[str, object], base: Parameters | None = None) -> Parameters:
    """``base`` (or the defaults) with ``values`` put in, each checked.

    Raises :class:`ParameterError` naming the parameter and its range. Unknown names are errors.
    """
    for name in values:
        _spec(name)
    return replace(base or Parameters(), **values)  # type: ignore[arg-type]


def parse(name: str, text: str) -> object:
    """A value as typed on the command line."""
    return _spec(name).parse(text)


def as_dict(parameters: Parameters) -> dict[str, object]:
    """Plain values, for JSON and storage."""
    return {name: _plain(getattr(parameters, name)) for name in NAMES}


def _plain(value: object) -> object:
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def _spec(name: str) -> Spec:
    spec = SPEC_BY_NAME.get(name)
    if spec is None:
        raise ParameterError(
            f"There is no parameter “{name}”.", action=f"Known: {', '.join(NAMES)}.", setting=name
        )
    return spec
