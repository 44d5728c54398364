"""Chats as other programs export them, small and with everything in them that matters."""

import json
import zipfile
from pathlib import Path
from typing import Any

from desktop.domain.exchange import BrokenChat, FoundChat, LeftOut
from desktop.storage.exchange.reading import read_chats

NOW = 1_800_000_000.0
Json = dict[str, Any]


def _gpt(identity: str, parent: str | None, children: list[str], message: Json | None) -> Json:
    return {"id": identity, "parent": parent, "children": children, "message": message}


def _said(role: str, text: str, at: float = 1_700_000_000.0, **more: Any) -> Json:
    return {
        "id": "inner",
        "author": {"role": role, "name": None, "metadata": {}},
        "create_time": at,
        "content": {"content_type": "text", "parts": [text]},
        "status": "finished_successfully",
        "recipient": "all",
        "metadata": {},
    } | more


def chatgpt() -> Json:
    """A question with two answers; the shown one has thoughts, a tool call and a reply with a picture."""
    thoughts = {"content_type": "thoughts", "thoughts": [{"summary": "Plan", "content": "Look it up."}]}
    picture = {"content_type": "image_asset_pointer", "asset_pointer": "file-service://file-1"}
    nodes = [
        _gpt("root", None, ["sys"], None),
        _gpt(
            "sys",
            "root",
            ["ask"],
            _said("system", "", metadata={"is_visually_hidden_from_conversation": True}),
        ),
        _gpt("ask", "sys", ["first", "think"], _said("user", "How high is the tower?", 1_700_000_001.5)),
        _gpt("first", "ask", [], _said("assistant", "330 metres.", metadata={"model_slug": "gpt-4o"})),
        _gpt("think", "ask", ["recap"], _said("assistant", "", content=thoughts)),
        _gpt(
            "recap",
            "think",
            ["call"],
            _said("assistant", "", content={"content_type": "reasoning_recap", "content": "Thought for 8s"}),
        ),
        _gpt(
            "call",
            "recap",
            ["result"],
            _said("assistant", "", recipient="web", content={"content_type": "code", "text": "search()"}),
        ),
        _gpt("result", "call", ["second"], _said("tool", "found it")),
        _gpt(
            "second",
            "result",
            ["more"],
            _said("assistant", "It is 330 m high.", 1_700_000_060.0, metadata={"model_slug": "o3"}),
        ),
        _gpt(
            "more",
            "second",
            [],
            _said(
                "user", "", content={"content_type": "multimodal_text", "parts": [picture, "And this one?"]}
            ),
        ),
    ]
    return {
        "title": "The tower",
        "create_time": 1_700_000_000.25,
        "update_time": 1_700_000_100.0,
        "mapping": {node["id"]: node for node in nodes},
        "current_node": "more",
        "conversation_id": "c-1",
    }


def share_gpt() -> Json:
    return {
        "id": "identity_0",
        "conversations": [
            {"from": "system", "value": "Be brief."},
            {"from": "human", "value": "Two plus two?"},
            {"from": "gpt", "value": "<think>Easy.</think>\n\nFour."},
            {"from": "function_call", "value": "{}"},
            {"from": "wizard", "value": "Abracadabra"},
            {"from": "human", "value": "Thanks"},
        ],
    }


def open_ai() -> Json:
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    return {
        "messages": [
            {"role": "developer", "content": "Be kind."},
            {"role": "user", "content": [{"type": "text", "text": "What is this?"}, image]},
            {"role": "assistant", "content": None, "tool_calls": [{"id": "1"}]},
            {"role": "tool", "content": "a cat"},
            {"role": "assistant", "content": "A cat.", "reasoning_content": "Whiskers."},
        ]
    }


def lm_studio() -> Json:
    def block(text: str, **more: Any) -> Json:
        return {"type": "contentBlock", "content": [{"type": "text", "text": text}]} | more

    stats = {
        "stopReason": "userStopped",
        "tokensPerSecond": 41.5,
        "timeToFirstTokenSec": 0.25,
        "promptTokensCount": 12,
        "predictedTokensCount": 34,
    }
    answer = {
        "type": "multiStep",
        "role": "assistant",
        "senderInfo": {"senderName": "qwen3-4b"},
        "steps": [
            block("It rhymes.", style={"type": "thinking", "ended": True}),
            {"type": "debugInfoBlock", "debugInfo": "x"},
            {"type": "toolStatus", "callId": 1},
            block("Roses are red.", genInfo={"identifier": "qwen3-4b", "stats": stats}),
        ],
    }
    other = answer | {"steps": [block("Violets are blue.")]}
    question = {"type": "singleStep", "role": "user", "content": [{"type": "text", "text": "A poem, please"}]}
    picture = {"type": "file", "fileType": "image", "fileIdentifier": "1.png"}
    thanks = question | {"content": [{"type": "text", "text": "Lovely"}, picture]}
    return {
        "name": "Poem",
        "createdAt": 1_700_000_000_500,
        "userLastMessagedAt": 1_700_000_002_000,
        "assistantLastMessagedAt": 1_700_000_001_000,
        "systemPrompt": "You are a poet.",
        "messages": [
            {"versions": [question], "currentlySelected": 0},
            {"versions": [other, answer], "currentlySelected": 1},
            {"versions": [thanks], "currentlySelected": 0},
        ],
    }


def jan_thread() -> Json:
    assistant = {"id": "jan", "name": "Jan", "instructions": "Be helpful.", "model": {"id": "llama3.2-3b"}}
    return {
        "id": "t-1",
        "object": "thread",
        "title": "Bread",
        "assistants": [assistant],
        "created": 1_700_000_000,
        "updated": 1_700_000_010.5,
    }


def jan_messages() -> list[Json]:
    def message(identity: str, role: str, at: int, *content: Json, **more: Any) -> Json:
        return {
            "id": identity,
            "object": "thread.message",
            "thread_id": "t-1",
            "role": role,
            "content": list(content),
            "created_at": at,
            "status": "ready",
            "metadata": {},
        } | more

    def text(value: str) -> Json:
        return {"type": "text", "text": {"value": value, "annotations": []}}

    return [
        message(
            "m-2", "assistant", 1_700_000_002_000, text("<think>Yeast?</think>Too cold."), status="stopped"
        ),
        message("m-1", "user", 1_700_000_001_000, text("It does not rise"), {"type": "image_url"}),
        message("m-3", "tool", 1_700_000_003_000, text("{}")),
        message("m-4", "user", 1_700_000_004_000, text("Thanks")),
    ]


def open_webui() -> Json:
    reasoning = (
        '<details type="reasoning" done="true" duration="3">\n<summary>Thought for 3 seconds</summary>\n'
        "&gt; Which one?\n&gt; Both.\n</details>\n"
    )
    tools = '<details type="tool_calls" done="true"><summary>Called</summary></details>\n'
    document = {"type": "file", "name": "notes.txt", "file": {"data": {"content": "Buy milk"}}}
    messages = {
        "a": {
            "id": "a",
            "parentId": None,
            "childrenIds": ["c", "b"],
            "role": "user",
            "content": "Read this",
            "timestamp": 1_700_000_001,
            "files": [document, {"type": "image", "url": "data:image/png;base64,AAAA"}],
        },
        "b": {
            "id": "b",
            "parentId": "a",
            "childrenIds": [],
            "role": "assistant",
            "content": f"{reasoning}{tools}Milk.",
            "model": "llama3:8b",
            "modelName": "Llama 3",
            "timestamp": 1_700_000_002,
            "done": True,
            "usage": {"prompt_tokens": 20, "completion_tokens": 5},
            "annotation": {"rating": 1, "comment": "Right"},
        },
        "c": {
            "id": "c",
            "parentId": "a",
            "childrenIds": [],
            "role": "assistant",
            "content": "",
            "model": "llama3:8b",
            "timestamp": 1_700_000_003,
            "error": {"content": "Out of memory"},
        },
    }
    chat = {
        "title": "Shopping",
        "models": ["llama3:8b"],
        "params": {"system": "Read closely."},
        "history": {"messages": messages, "currentId": "b"},
        "timestamp": 1_700_000_000_000,
    }
    return {
        "id": "w-1",
        "user_id": "u",
        "title": "Shopping",
        "chat": chat,
        "created_at": 1_700_000_000,
        "updated_at": 1_700_000_009,
        "pinned": True,
    }


def own() -> Json:
    text = [{"kind": "text", "text": "Hello", "name": ""}]
    return {
        "format": "locution-chat",
        "version": 1,
        "folder": ["Work"],
        "conversation": {
            "id": "own-1",
            "title": "Mine",
            "created_at": 5.0,
            "updated_at": 6.0,
            "leaf_id": "q",
        },
        "messages": [{"id": "q", "parent_id": None, "role": "user", "parts": text, "created_at": 5.5}],
    }


def every_kind() -> list[Json]:
    return [
        chatgpt(),
        share_gpt(),
        open_ai(),
        lm_studio(),
        open_webui(),
        own(),
        jan_thread(),
        *jan_messages(),
    ]


def write(path: Path, value: object) -> Path:
    path.write_text(json.dumps(value), "utf-8")
    return path


def write_lines(path: Path, *values: object) -> Path:
    path.write_text("\n".join(json.dumps(value) for value in values), "utf-8")
    return path


def archive(path: Path, files: dict[str, str | bytes], how: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", how) as made:
        for name, content in files.items():
            made.writestr(name, content)
    return path


def read(path: Path) -> tuple[list[FoundChat], list[BrokenChat], list[LeftOut]]:
    found = [item for _, item in read_chats(path, now=NOW)]
    return (
        [item for item in found if isinstance(item, FoundChat)],
        [item for item in found if isinstance(item, BrokenChat)],
        [item for item in found if isinstance(item, LeftOut)],
    )


def read_one(path: Path) -> FoundChat:
    """The one chat in a file where all is well."""
    (chat,), broken, left_out = read(path)
    assert (broken, left_out) == ([], [])
    return chat
