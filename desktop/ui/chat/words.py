"""Numbers and states in the words the chat pane uses. Text only; main thread (translations)."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from desktop.domain.conversation import InContext, Message, Origin, Status
from desktop.ui.words import decimal, duration, number, per_second, tokens

translate = QCoreApplication.translate


def timing(origin: Origin | None) -> str:
    """One line about how fast an answer was: ``212 tokens · 138 tok/s · first token after 0.09 s``."""
    if origin is None or not origin.completion_tokens:
        return ""
    parts = [tokens(origin.completion_tokens)]
    if origin.tokens_per_s > 0:
        parts.append(per_second(origin.tokens_per_s))
    if origin.first_token_s > 0:
        parts.append(translate("Chat", "first token after %1").replace("%1", duration(origin.first_token_s)))
    return " · ".join(parts)


def thought(duration_s: float) -> str:
    """Over what a model thought before it answered."""
    if duration_s <= 0:
        return translate("Chat", "Thought before answering")
    if duration_s < 1:
        return translate("Chat", "Thought for less than a second")
    if duration_s < 90:
        word = translate("Chat", "Thought for %1 s")
        return word.replace("%1", number(round(duration_s)))
    return translate("Chat", "Thought for %1 min").replace("%1", decimal(duration_s / 60, 1))


def left_out(turns: int, count: int) -> str:
    """What of the conversation the model was not sent, or an empty string."""
    if turns == 1:
        return translate("Chat", "1 earlier message was not sent")
    if turns:
        return translate("Chat", "%1 earlier messages were not sent").replace("%1", number(turns))
    if count:
        text = translate("Chat", "A part of the conversation was not sent: %1")
        return text.replace("%1", tokens(count))
    return ""


def status(message: Message) -> str:
    """Why an answer is not whole, or an empty string."""
    match message.status:
        case Status.CANCELLED:
            return message.error or translate("Chat", "You stopped this answer.")
        case Status.LENGTH:
            return _length(message.origin)
        case Status.FAILED:
            return message.error or translate("Chat", "The answer could not be finished.")
        case Status.INTERRUPTED:
            return translate("Chat", "The app closed while this was being written.")
        case Status.COMPLETE | Status.STREAMING:
            return ""


def unanswered() -> str:
    """Under the last message, if it is the user's own."""
    return translate("Chat", "Not answered yet.")


def can_go_on(message: Message) -> bool:
    """Whether an answer that is not whole could simply be continued."""
    if not message.text or (message.status is Status.LENGTH and _is_full(message.origin)):
        return False
    return message.status not in (Status.COMPLETE, Status.STREAMING)


def in_context(context: InContext) -> str:
    """A sign at a message that goes to the model always, or never; otherwise an empty string."""
    match context:
        case InContext.PINNED:
            return translate("Chat", "Always sent")
        case InContext.EXCLUDED:
            return translate("Chat", "Never sent to the model")
        case InContext.AUTO:
            return ""


def _length(origin: Origin | None) -> str:
    if _is_full(origin):
        return translate(
            "Chat", "The context is full, so the answer ends here. A new chat or a larger context helps."
        )
    limit = _limit(origin)
    if limit is None:
        return translate("Chat", "The answer reached its limit of tokens.")
    return translate("Chat", "The answer reached its limit of %1 tokens.").replace("%1", number(limit))


def _is_full(origin: Origin | None) -> bool:
    """Whether an answer at its limit ended for want of room, and not at the limit that was set."""
    limit = _limit(origin)
    return origin is not None and limit is not None and origin.completion_tokens < limit


def _limit(origin: Origin | None) -> int | None:
    limit = origin.parameters.get("max_tokens") if origin else None
    return limit if isinstance(limit, int) else None
