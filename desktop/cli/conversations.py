"""See what chats there are, read one, find something in all of them."""

from __future__ import annotations

import argparse
import asyncio
from datetime import datetime

from desktop.cli.exit_code import ExitCode
from desktop.cli.output import say, say_json
from desktop.cli.session import open_data
from desktop.domain.conversation import Conversation, Message, PartKind, Role
from desktop.domain.folders import FolderTree
from desktop.domain.search import Hit
from desktop.services.assembly import Services
from desktop.system.printable import one_line

_LINE = 200
"""Characters of a title or a snippet."""
_NAMES = {Role.SYSTEM: "System", Role.USER: "You", Role.ASSISTANT: "Model"}


def conversations(options: argparse.Namespace) -> ExitCode:
    if options.verb in ("export", "import"):
        from desktop.cli.exchange import conversations as exchange

        return exchange(options)
    return asyncio.run(_run(options))


async def _run(options: argparse.Namespace) -> ExitCode:
    async with open_data(options) as services:
        match options.verb:
            case "list":
                await _list(services, options)
            case "show":
                await _show(services, options)
            case _:
                await _search(services, options)
    return ExitCode.DONE


async def _list(services: Services, options: argparse.Namespace) -> None:
    tree = await services.folders.tree()
    chats = await services.conversations.list()
    if options.folder is not None:
        within = {inner for found in tree.named(options.folder) for inner in tree.within(found)}
        chats = [chat for chat in chats if chat.folder_id in within]
    for chat in chats[: options.limit]:
        if options.json:
            say_json(_head(chat, tree))
            continue
        folder = _folder(chat, tree)
        marks = [mark for mark in ("pinned" if chat.pinned else "", f"in {folder}" if folder else "") if mark]
        title = one_line(chat.title or "New chat", _LINE)
        say("  ".join((chat.id, _moment(chat.updated_at), title, *(one_line(mark, _LINE) for mark in marks))))


async def _show(services: Services, options: argparse.Namespace) -> None:
    chat = await services.conversations.open(options.id)
    if options.json:
        tree = await services.folders.tree()
        messages = [_message(message) for message in sorted(chat.tree, key=lambda m: m.created_at)]
        say_json(
            _head(chat.conversation, tree) | {"leaf_id": chat.conversation.leaf_id, "messages": messages}
        )
        return
    for message in chat.path:
        name = message.origin.model_name if message.origin else ""
        say(f"── {one_line(name, _LINE) or _NAMES[message.role]} · {_moment(message.created_at)}\n")
        for part in message.parts:
            if part.kind is PartKind.ATTACHMENT:
                say(f"[{one_line(part.name, _LINE)}]\n")
        for text in filter(None, (message.text, message.error)):
            say(f"{text}\n")


async def _search(services: Services, options: argparse.Namespace) -> None:
    for hit in await services.search.search(" ".join(options.words) + " ", options.limit):
        if options.json:
            say_json(_hit(hit))
        else:
            place = f"{hit.conversation_id}  {_moment(hit.at)}  {one_line(hit.title, _LINE)}"
            say(place if hit.message_id is None else f"{place}\n    {one_line(hit.text, 2 * _LINE)}")


def _head(chat: Conversation, tree: FolderTree) -> dict[str, object]:
    return {
        "id": chat.id,
        "title": chat.title,
        "created_at": chat.created_at,
        "updated_at": chat.updated_at,
        "folder": _folder(chat, tree),
        "pinned": chat.pinned,
        "preset": chat.preset_id,
    }


def _message(message: Message) -> dict[str, object]:
    return {
        "id": message.id,
        "parent_id": message.parent_id,
        "role": message.role.value,
        "status": message.status.value,
        "created_at": message.created_at,
        "model": message.origin.model_name if message.origin else None,
        "rating": message.rating.value,
        "comment": message.comment,
        "context": message.context.value,
        "thinking": message.thinking,
        "attachments": [
            {"name": part.name, "text": part.text}
            for part in message.parts
            if part.kind is PartKind.ATTACHMENT
        ],
        "text": message.text,
        "error": message.error,
    }


def _hit(hit: Hit) -> dict[str, object]:
    return {
        "conversation_id": hit.conversation_id,
        "message_id": hit.message_id,
        "title": hit.title,
        "text": hit.text,
        "ranges": [list(found) for found in hit.ranges],
        "at": hit.at,
    }


def _folder(chat: Conversation, tree: FolderTree) -> str:
    """The folder's way from the top, with strokes between; empty at the top."""
    if chat.folder_id is None or chat.folder_id not in tree:
        return ""
    return "/".join(folder.name for folder in tree.path(chat.folder_id))


def _moment(timestamp: float) -> str:
    try:
        return datetime.fromtimestamp(timestamp).strftime("%Y-%m-%d %H:%M")
    except (OverflowError, OSError, ValueError):
        return "????-??-?? ??:??"
