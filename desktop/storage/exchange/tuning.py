"""Chats as training data, JSON Lines in the shapes that fine-tuning tools read. Thinking is left out.

``sft``: the shown branch as ``{"messages": [{"role": …, "content": …}, …]}``, up to its last good answer.
Every answer has a ``weight``, as OpenAI's tools read it: 0 for one that is not to be learned from, because it
was rated down, failed, or cut short. All have one: Hugging Face's reader fails at a column that only some
lines have.

``preferences``: ``{"prompt": [messages], "chosen": [message], "rejected": [message]}``. A pair is made of two
versions of one answer, in any branch, where one of these holds; nothing else says which is better:

1. the first is rated up and the second is rated down;
2. the first was written or edited by the user, the second is the newest answer of a model before it, and no
   rating says otherwise (the first is not rated down, the second not rated up).

A pair comes once; versions with the same text, or without any, make none. An answer that failed or was cut
short counts only if it is rated. What is excluded from the context is in no prompt; what nobody asked for
makes no pair.

Roles alternate, as many templates insist: neighbours with the same role become one turn.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import groupby, islice, product

from desktop.domain.conversation import InContext, Message, PartKind, Role, Status
from desktop.domain.exchange import PortableChat
from desktop.domain.text import well_formed
from desktop.storage.exchange import labels

Turn = dict[str, str | int]

MAX_PAIRS = 1000
"""Of the versions of one answer: more than anybody rates, and an imported chat may have very many."""


def write_sft(chat: PortableChat) -> Iterator[str]:
    turns = _turns(chat, chat.path)
    for turn, said in turns:
        if turn["role"] == Role.ASSISTANT:
            turn["weight"] = int(all(_is_good(message) for message in said))
    while turns and not turns[-1][0].get("weight"):
        turns.pop()
    if turns:
        yield _line({"messages": [turn for turn, _ in turns]})


def write_preferences(chat: PortableChat) -> Iterator[str]:
    tree = chat.tree
    parents = dict.fromkeys(message.parent_id for message in chat.messages)
    for parent in parents:
        answers = [found for found in tree.children(parent) if found.role is Role.ASSISTANT]
        pairs = _pairs([found for found in answers if _content(found)]) if len(answers) > 1 else []
        if not pairs:
            continue
        prompt = [turn for turn, _ in _turns(chat, tree.path(parent))]
        if not prompt or prompt[-1]["role"] != Role.USER:
            continue
        for chosen, rejected in pairs:
            yield _line({"prompt": prompt, "chosen": [_turn(chosen)], "rejected": [_turn(rejected)]})


def _is_good(answer: Message) -> bool:
    return answer.rating >= 0 and answer.status is Status.COMPLETE


def _pairs(versions: Sequence[Message]) -> list[tuple[Message, Message]]:
    """``versions`` in the order they were made."""
    liked = [version for version in versions if version.rating > 0]
    disliked = [version for version in versions if version.rating < 0]
    found = list(islice(product(liked, disliked), MAX_PAIRS))
    known = {(better.id, worse.id) for better, worse in found}
    made: Message | None = None
    for version in versions:
        if version.origin is not None:
            if version.status is Status.COMPLETE or version.rating < 0:
                made = version
        elif made is not None and version.rating >= 0 >= made.rating and (version.id, made.id) not in known:
            found.append((version, made))
    return [(better, worse) for better, worse in found[:MAX_PAIRS] if _content(better) != _content(worse)]


def _turns(chat: PortableChat, path: Sequence[Message]) -> list[tuple[Turn, list[Message]]]:
    """The instructions and what is sent of ``path``; with each turn the messages that it is made of."""
    said = [found for found in path if found.context is not InContext.EXCLUDED and _content(found)]
    turns: list[tuple[Turn, list[Message]]] = []
    if prompt := _system(chat):
        turns.append(({"role": Role.SYSTEM.value, "content": prompt}, []))
    for role, neighbours in groupby(said, lambda message: message.role):
        messages = list(neighbours)
        content = "\n\n".join(map(_content, messages))
        turns.append(({"role": role.value, "content": content}, messages))
    return turns


def _system(chat: PortableChat) -> str:
    """The instructions the answers were made with: the chat's own, or else those of its last answer."""
    prompts = [found.origin.system_prompt for found in chat.path if found.origin is not None]
    prompt = chat.conversation.system_prompt
    if prompt is None:
        prompt = prompts[-1] if prompts else ""
    return well_formed(prompt) if prompt.strip() else ""


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
