"""What a running answer says before it has text, and how fast it is once it has.

Main thread (translations).
"""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from desktop.services.live_answer import LiveAnswer, Phase
from desktop.ui.words import filled, number, per_second, tokens

translate = QCoreApplication.translate


def progress_text(live: LiveAnswer) -> str:
    """The one line under a running answer; real numbers only."""
    match live.phase:
        case Phase.LOADING:
            percent = number(round(live.load_fraction * 100))
            return translate("Chat", "Loading model %1 %").replace("%1", percent)
        case Phase.QUEUED if live.ahead == 1:
            return translate("Chat", "Waiting for 1 other")
        case Phase.QUEUED:
            return translate("Chat", "Waiting for %1 others").replace("%1", number(live.ahead))
        case Phase.READING if live.prompt_total > 0:
            text = translate("Chat", "Reading %1 of %2 tokens")
            text = filled(text, number(live.prompt_done), number(live.prompt_total))
            return " · ".join(filter(None, (text, _left(live.prompt_left_s))))
        case Phase.READING:
            return translate("Chat", "Reading the prompt …")
        case Phase.THINKING | Phase.WRITING:
            rate = f" · {per_second(live.tokens_per_s)}" if live.tokens_per_s > 0 else ""
            return f"{tokens(live.tokens)}{rate}"


def _left(seconds: float | None) -> str:
    """Nothing for what is over before it is read."""
    if seconds is None or seconds < 1:
        return ""
    if seconds < 90:
        return translate("Chat", "about %1 s left").replace("%1", number(round(seconds)))
    return translate("Chat", "about %1 min left").replace("%1", number(round(seconds / 60)))


def progress_fraction(live: LiveAnswer) -> float | None:
    """0 to 1 while there is something to wait for, else ``None``."""
    match live.phase:
        case Phase.LOADING:
            return live.load_fraction
        case Phase.READING:
            return live.prompt_done / live.prompt_total if live.prompt_total else 0.0
        case Phase.QUEUED | Phase.THINKING | Phase.WRITING:
            return None
