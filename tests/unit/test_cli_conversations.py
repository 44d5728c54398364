"""Chats listed, shown and found on the command line."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import pytest

from desktop.domain.conversation import Conversation, Part, PartKind
from desktop.domain.folders import Folder
from desktop.storage.conversations import ConversationRepository
from desktop.storage.database import Database
from desktop.storage.folders import FolderRepository
from desktop.storage.messages import MessageRepository
from tests.helpers import chats
from tests.helpers.command_line import Result, run


async def fill(path: Path) -> None:
    db = await Database.open(path)
    conversations, messages, folders = ConversationRepository(db), MessageRepository(db), FolderRepository(db)
    await folders.create(Folder("work", "Work"))
    await folders.create(Folder("north", "North", "work"))
    for name, folder in (("sky", None), ("anagrams", "north")):
        await conversations.create(
            Conversation(name, "", 1_700_000_000.0, 1_700_000_000.0, folder_id=folder, preset_id="chatbot")
        )
        path_there = list(chats.turns(name, 4, start=1_700_000_000.0))
        await messages.add(*path_there, leaf_id=f"{name}-3", title=f"About {name}")
    other = replace(path_there[1], id="other", parts=(Part(PartKind.TEXT, "Another\x1b[31m answer"),))
    await messages.add(other, leaf_id="other")
    await conversations.pin("anagrams", pinned=True)
    await conversations.create(Conversation("evil", "Red \x1b[31m\nalert", 1e300, 1e300))
    await db.close()


@pytest.fixture
def stored(data_dir: Path) -> Path:
    asyncio.run(fill(data_dir / "locution.db"))
    return data_dir


def conversations(data_dir: Path, *arguments: str) -> Result:
    return run(data_dir, "conversations", *arguments)


def test_chats_are_listed_the_last_one_first(stored: Path) -> None:
    evil, anagrams, sky = conversations(stored, "list").out.splitlines()

    assert evil.split("  ") == ["evil", "????-??-?? ??:??", "Red [31m alert"]
    assert anagrams.startswith("anagrams  2023-11-14 ") and anagrams.endswith("  pinned  in Work/North")
    assert sky.endswith("About sky")
    listed = conversations(stored, "list", "--folder", "work", "--json").lines
    (chat,) = listed
    assert (chat["id"], chat["folder"], chat["pinned"]) == ("anagrams", "Work/North", True)
    assert len(conversations(stored, "list", "--limit", "1", "--json").lines) == 1
    assert conversations(stored, "list", "--folder", "nowhere") == Result(0, "", "")


def test_a_chat_is_shown(stored: Path) -> None:
    shown = conversations(stored, "show", "sky").out

    assert shown.count("── You · 2023-11-14 ") == 2
    assert "── SmolLM2 135M Instruct · " in shown
    assert chats.QUESTIONS[0] in shown and chats.ANSWERS[1] in shown
    whole = conversations(stored, "show", "anagrams", "--json").json
    assert [message["id"] for message in whole["messages"]][:2] == ["anagrams-0", "anagrams-1"]
    assert len(whole["messages"]) == 5
    assert (whole["title"], whole["leaf_id"]) == ("About anagrams", "other")
    assert "no chat “gone”" in conversations(stored, "show", "gone").complaint


def test_what_belongs_to_a_message_is_shown_with_it(data_dir: Path) -> None:
    parts = [
        {"kind": "thinking", "text": "Count the boats."},
        {"kind": "attachment", "text": "seven\n", "name": "boats.txt"},
        {"kind": "text", "text": "Seven."},
    ]
    answer = {"id": "a", "role": "assistant", "parts": parts, "status": "failed", "error": "It broke."}
    said = {"rating": 1, "comment": "right", "context": "pinned"}
    chat = {
        "format": "locution-chat",
        "version": 1,
        "conversation": {"id": "c", "title": "Boats", "leaf_id": "a"},
    }
    file = data_dir.parent / "chat.json"
    file.write_text(json.dumps(chat | {"messages": [answer | said]}), "utf-8")
    assert conversations(data_dir, "import", str(file)).code == 0

    shown = conversations(data_dir, "show", "c").out
    assert "[boats.txt]" in shown and "Seven." in shown and "It broke." in shown
    (message,) = conversations(data_dir, "show", "c", "--json").json["messages"]
    assert message["attachments"] == [{"name": "boats.txt", "text": "seven\n"}]
    assert (message["thinking"], message["text"], message["error"]) == (
        "Count the boats.",
        "Seven.",
        "It broke.",
    )
    assert (message["rating"], message["comment"], message["context"]) == (1, "right", "pinned")


def test_words_are_found_in_titles_and_messages(stored: Path) -> None:
    title, *found = conversations(stored, "search", "sky", "--json").lines
    assert (title["conversation_id"], title["message_id"], title["ranges"]) == ("sky", None, [[6, 9]])
    assert {"sky-0", "anagrams-0"} <= {hit["message_id"] for hit in found}
    narrowed = conversations(stored, "search", "anagrams", "in:Work", "--limit", "2", "--json").lines
    assert {hit["conversation_id"] for hit in narrowed} == {"anagrams"} and len(narrowed) == 2
    in_words = conversations(stored, "search", '"rainbow. When"').out
    assert "About sky" in in_words and "\n    " in in_words
    assert conversations(stored, "search", '("*', "--json") == Result(0, "", "")
    assert conversations(stored, "search").code == 2
    assert "\x1b" not in conversations(stored, "search", "another").out
