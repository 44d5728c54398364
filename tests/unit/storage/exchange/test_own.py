"""Locution's own file: what goes out comes in again."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from desktop.domain.conversation import Conversation, Message, Part, PartKind, Role, Status
from desktop.domain.exchange import BrokenChat, FoundChat, PortableChat
from desktop.domain.folders import DEEPEST, LONGEST_NAME
from desktop.storage.exchange import own
from desktop.storage.exchange.assembly import Entry
from desktop.storage.exchange.json_values import parse
from tests.unit.storage.exchange import samples, trees
from tests.unit.storage.exchange.samples import NOW, read, read_one, write


def through_a_file(chat: PortableChat) -> FoundChat:
    value = parse("".join(own.write(chat)).encode())
    assert isinstance(value, dict)
    return own.read(value, Entry("key", NOW))


@settings(max_examples=150, deadline=None)
@given(trees.chats())
def test_what_is_written_is_read_back_as_it_was(chat: PortableChat) -> None:
    found = through_a_file(chat)

    assert found.left_out == ()
    assert found.chat.conversation == chat.conversation
    assert found.chat.folder == chat.folder
    assert {message.id: message for message in found.chat.messages} == {m.id: m for m in chat.messages}


def test_folders_with_the_longest_names_come_back_as_they_were() -> None:
    folder = ("x" * LONGEST_NAME,) * DEEPEST
    chat = PortableChat(Conversation("c", "t", 1.0, 1.0), (), folder)

    assert through_a_file(chat).chat.folder == folder


def test_half_a_surrogate_survives(tmp_path: Path) -> None:
    part = Part(PartKind.TEXT, "half \ud83d of it")
    message = Message("m", "c", None, Role.USER, (part,), created_at=1.0)
    chat = PortableChat(Conversation("c", "t", 1.0, 1.0, leaf_id="m"), (message,))
    path = tmp_path / "c.json"
    path.write_bytes("".join(own.write(chat)).encode())

    assert read_one(path).chat.messages == (message,)


def test_an_answer_that_was_being_written_is_an_interrupted_one() -> None:
    message = Message("m", "c", None, Role.ASSISTANT, (), Status.STREAMING, created_at=1.0)
    chat = PortableChat(Conversation("c", "t", 1.0, 1.0, leaf_id="m"), (message,))

    assert through_a_file(chat).chat.messages == (replace(message, status=Status.INTERRUPTED),)


@pytest.fixture
def broken() -> Iterator[dict[str, Any]]:
    yield json.loads(json.dumps(samples.own()))


def noted(tmp_path: Path, value: object) -> tuple[FoundChat, dict[str, int]]:
    found = read_one(write(tmp_path / "c.json", value))
    return found, dict(Counter(item.what for item in found.left_out))


def test_unknown_and_wrong_fields_are_noted_one_by_one(tmp_path: Path, broken: dict[str, Any]) -> None:
    broken["extra"] = 1
    broken["conversation"] |= {
        "id": "../../x",
        "mood": "good",
        "overrides": {"top_k": 5, "warmth": 1, "top_p": 9},
    }
    broken["messages"][0] |= {"created_at": float("nan"), "error": 5, "colour": "red"}
    broken["messages"][0]["parts"] += ["x", {"kind": "text"}]
    broken["messages"] += [
        {"id": "r", "parent_id": "q", "role": "wizard", "parts": []},
        {"id": "s", "parent_id": "r", "role": "assistant", "origin": {"seed": "x", "prompt_s": float("inf")}},
        5,
    ]

    found, notes = noted(tmp_path, broken)

    assert notes == {
        "unknown field “extra”": 1,
        "unknown field “mood”": 1,
        "unknown field “colour”": 1,
        "parameter “warmth” with a value that cannot be": 1,
        "parameter “top_p” with a value that cannot be": 1,
        "broken field “created_at”": 1,
        "broken field “error”": 1,
        "broken field “role”": 1,
        "broken field “seed”": 1,
        "broken field “prompt_s”": 1,
        "message without a role": 1,
        "broken entry": 3,
    }
    assert found.chat.conversation.overrides == {"top_k": 5}
    assert len(found.chat.conversation.id) == 32
    assert [(m.id, m.parent_id) for m in found.chat.messages] == [("q", None), ("s", "q")]


def test_a_file_of_a_newer_version_is_refused_in_words(tmp_path: Path, broken: dict[str, Any]) -> None:
    for version in (2, None, "1", 10**30):
        _, (refused,), _ = read(write(tmp_path / "c.json", broken | {"version": version}))

        assert isinstance(refused, BrokenChat)
        assert "newer version of Locution" in refused.reason


def test_a_chat_without_messages_is_one(tmp_path: Path, broken: dict[str, Any]) -> None:
    found = read_one(write(tmp_path / "c.json", broken | {"messages": [], "folder": ["", "a\nb", 5]}))

    assert (found.chat.messages, found.chat.conversation.leaf_id) == ((), None)
    assert found.chat.folder == ("a b",)
