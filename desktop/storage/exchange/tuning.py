"""Chats as training data, JSON Lines in the shapes that fine-tuning tools read. Thinking is left out.

``sft``: the shown branch as ``{"messages": [{"role": …, "content": …}, …]}``, up to its last good answer. An
answer before it that is not to be learned from has ``"weight": 0``: one rated down, failed, or cut short.

``preferences``: ``{"prompt": [messages], "chosen": [message], "rejected": [message]}``. A pair is made of two
versions of one answer, in any branch, where one of these holds; nothing else says which is better:

1. the first is rated up and the second is rated down;
2. the first was written or edited by the user, the second is the newest answer of a model before it, and no
   rating says otherwise (the first is not rated down, the second not rated up).

A pair comes once; versions with the same text, or without any, make none. An answer that failed or was cut
short counts only if it is rated. What is excluded from the context is in no prompt.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from desktop.domain.conversation import InContext, Message, PartKind, Role, Status
from desktop.domain.exchange import PortableChat
from desktop.domain.text import well_formed
from desktop.storage.exchange import labels

Turn = dict[str, object]


def write_sft(chat: PortableChat) -> Iterator[str]:
    turns = _system(chat)
    whole = 0
    for message in _sent(chat.path):
        if not (content := _content(message)):
            continue
        turn: Turn = {"role": message.role.value, "content": content}
        if message.role is Role.ASSISTANT and (message.rating < 0 or message.status is not Status.COMPLETE):
            turn["weight"] = 0
        turns.append(turn)
        if message.role is Role.ASSISTANT and "weight" not in turn:
            whole = len(turns)
    if whole:
        yield _line({"messages": turns[:whole]})


def write_preferences(chat: PortableChat) -> Iterator[str]:
    tree = chat.tree
    parents = dict.fromkeys(message.parent_id for message in chat.messages)
    for parent in parents:
        answers = [found for found in tree.children(parent) if found.role is Role.ASSISTANT]
        pairs = _pairs([found for found in answers if _content(found)]) if len(answers) > 1 else []
        if not pairs:
            continue
        path = [_turn(message) for message in _sent(tree.path(parent)) if _content(message)]
        prompt = [*_system(chat), *path]
        for chosen, rejected in pairs:
            yield _line({"prompt": prompt, "chosen": [_turn(chosen)], "rejected": [_turn(rejected)]})


def _pairs(versions: Sequence[Message]) -> list[tuple[Message, Message]]:
    """``versions`` in the order they were made."""
    found = [(up, down) for up in versions for down in versions if up.rating > 0 > down.rating]
    made: Message | None = None
    for version in versions:
        if version.origin is not None:
            if version.status is Status.COMPLETE or version.rating < 0:
                made = version
        elif made is not None and version.rating >= 0 >= made.rating and (version, made) not in found:
            found.append((version, made))
    return [(better, worse) for better, worse in found if _content(better) != _content(worse)]


def _system(chat: PortableChat) -> list[Turn]:
    """The instructions the answers were made with: the chat's own, or else those of its last answer."""
    prompts = [found.origin.system_prompt for found in chat.path if found.origin is not None]
    prompt = chat.conversation.system_prompt
    if prompt is None:
        prompt = prompts[-1] if prompts else ""
    return [{"role": Role.SYSTEM.value, "content": well_formed(prompt)}] if prompt.strip() else []


def _sent(path: Sequence[Message]) -> list[Message]:
    return [message for message in path if message.context is not InContext.EXCLUDED]


def _turn(message: Message) -> Turn:
    return {"role": message.role.value, "content": _content(message)}


def _content(message: Message) -> str:
    """Text and attached files, as one text."""
    texts = [
        f"{labels.attachment_name(part)}:\n{part.text}" if part.kind is PartKind.ATTACHMENT else part.text
        for part in message.parts
        if part.kind is not PartKind.THINKING
    ]
    return well_formed("\n\n".join(text for text in texts if text)).strip()


def _line(value: object) -> str:
    return json.dumps(value, ensure_ascii=False) + "\n"
