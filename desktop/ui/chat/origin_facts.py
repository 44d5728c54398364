"""How an answer was made, in words for people and as JSON for programs. Main thread (translations)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from PySide6.QtCore import QCoreApplication

from desktop.domain.conversation import Message, Origin, Role
from desktop.domain.generation import Turn
from desktop.domain.parameters import NAMES, SPEC_BY_NAME, Parameters, as_dict
from desktop.services.effective import Using
from desktop.ui.chat import words
from desktop.ui.words import duration, filled, number, per_second, tokens

translate = QCoreApplication.translate
_DEFAULTS = as_dict(Parameters())


def facts(origin: Origin, preset_name: str) -> list[tuple[str, str]]:
    """What it was made with, and how long that took: a name and a value each, without what is not known."""
    rows = (
        (translate("Origin", "Model"), origin.model_name),
        (translate("Origin", "File"), origin.model_hash),
        (translate("Origin", "Chat template"), origin.template_hash),
        (translate("Origin", "Engine"), origin.engine_build),
        (translate("Origin", "Preset"), preset_name),
        (translate("Origin", "Seed"), str(origin.seed) if origin.seed >= 0 else ""),
        (translate("Origin", "Read"), _with_time(origin.prompt_tokens, origin.prompt_s)),
        (translate("Origin", "First token"), duration(origin.first_token_s) if origin.first_token_s else ""),
        (translate("Origin", "Thought"), duration(origin.thinking_s) if origin.thinking_s else ""),
        (translate("Origin", "Wrote"), tokens(origin.completion_tokens) if origin.completion_tokens else ""),
        (translate("Origin", "Speed"), per_second(origin.tokens_per_s) if origin.tokens_per_s else ""),
        (translate("Origin", "Left out"), words.left_out(origin.left_out_turns, origin.left_out_tokens)),
    )
    return [(name, value) for name, value in rows if value]


def parameters(origin: Origin) -> list[tuple[str, str, bool]]:
    """Name, value, and whether it is another than the default; those come first."""
    rows = []
    for name in (*NAMES, *(name for name in origin.parameters if name not in SPEC_BY_NAME)):
        if name not in origin.parameters:
            continue
        value = origin.parameters[name]
        spec = SPEC_BY_NAME.get(name)
        label = translate("Parameters", spec.label) if spec is not None else name
        rows.append((label, _shown(value), value != _DEFAULTS.get(name)))
    return sorted(rows, key=lambda row: not row[2])


def context(turns: Sequence[Turn]) -> str:
    """Turns to read, each under who says it."""
    names = {
        Role.SYSTEM: translate("Origin", "Instructions"),
        Role.USER: translate("Origin", "User"),
        Role.ASSISTANT: translate("Origin", "Model"),
    }
    return "\n\n".join(f"── {names[turn.role]} ──\n{turn.content}" for turn in turns)


def as_json(message: Message, origin: Origin, turns: Sequence[Turn], prompt: str) -> str:
    """Everything, complete. ``prompt`` is the rendered text, where it could be made."""
    whole: dict[str, object] = {
        "answer_id": message.id,
        "origin": asdict(origin),
        "context": [{"role": turn.role.value, "content": turn.content} for turn in turns],
    }
    if prompt:
        whole["prompt"] = prompt
    return json.dumps(whole, ensure_ascii=False, indent=2)


def using(origin: Origin, model: str = "") -> Using:
    """What makes it again; parameters that this version does not know are left out. ``model`` is a REF."""
    known = {name: value for name, value in origin.parameters.items() if name in SPEC_BY_NAME}
    return Using(origin.preset_id, model, known | {"seed": origin.seed}, origin.system_prompt)


def _with_time(count: int, time_s: float) -> str:
    if not count:
        return ""
    if not time_s:
        return tokens(count)
    return filled(translate("Origin", "%1 in %2"), tokens(count), duration(time_s))


def _shown(value: object) -> str:
    match value:
        case bool():
            return translate("Origin", "on") if value else translate("Origin", "off")
        case int():
            return str(value) if value < 0 else number(value)
        case float():
            return f"{value:g}"
        case str():
            return value
        case _:
            return json.dumps(value, ensure_ascii=False)
