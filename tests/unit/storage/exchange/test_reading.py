"""What each program's export becomes."""

import json
from collections import Counter
from pathlib import Path

import pytest

from desktop.domain.conversation import PartKind, Rating, Role, Status
from desktop.domain.exchange import FoundChat, LeftOut
from desktop.storage.exchange.reading import read_chats
from tests.unit.storage.exchange import samples
from tests.unit.storage.exchange.samples import read, read_one, write, write_lines


def shown(found: FoundChat) -> list[tuple[str, str]]:
    return [(message.role.value, message.text) for message in found.chat.path]


def left_out(found: FoundChat) -> dict[str, int]:
    return dict(Counter(item.what for item in found.left_out))


def test_chatgpt(tmp_path: Path) -> None:
    found = read_one(write(tmp_path / "conversations.json", [samples.chatgpt()]))

    head = found.chat.conversation
    assert (head.title, head.created_at, head.updated_at) == ("The tower", 1_700_000_000.25, 1_700_000_100.0)
    assert shown(found) == [
        ("user", "How high is the tower?"),
        ("assistant", "It is 330 m high."),
        ("user", "And this one?"),
    ]
    first, second = found.chat.tree.children(found.chat.path[0].id)
    assert (first.text, first.origin and first.origin.model_name) == ("330 metres.", "gpt-4o")
    assert [(part.kind, part.text) for part in second.parts] == [
        (PartKind.THINKING, "Plan\n\nLook it up."),
        (PartKind.TEXT, "It is 330 m high."),
    ]
    assert [message.created_at for message in found.chat.path] == [
        1_700_000_001.5,
        1_700_000_060.0,
        1_700_000_000.0,
    ]
    assert left_out(found) == {
        "image": 1,
        "tool call": 1,
        "tool result": 1,
        "note on how long was thought": 1,
    }
    assert next(item.where for item in found.left_out if item.what == "image") == "more"


def test_thoughts_that_led_to_no_answer_are_an_answer(tmp_path: Path) -> None:
    chat = samples.chatgpt()
    chat["mapping"]["think"]["children"] = []
    del chat["mapping"]["recap"], chat["mapping"]["call"], chat["mapping"]["result"]
    del chat["mapping"]["second"], chat["mapping"]["more"]
    chat["current_node"] = "think"

    found = read_one(write(tmp_path / "c.json", [chat]))

    assert found.chat.path[-1].parts[0].kind is PartKind.THINKING
    assert len(found.chat.tree.children(found.chat.path[0].id)) == 2


def test_what_nobody_said_to_anybody_is_noted(tmp_path: Path) -> None:
    hidden = {"is_visually_hidden_from_conversation": True}
    chat = samples.chatgpt()
    chat["mapping"]["first"]["message"]["metadata"] = hidden | {"attachments": [{"name": "a.pdf"}]}
    chat["mapping"]["sys"]["message"]["content"] = {
        "content_type": "user_editable_context",
        "user_profile": "x",
    }
    chat["mapping"]["result"]["message"]["author"]["role"] = "wizard"
    chat["mapping"]["odd"] = "no node"
    chat["mapping"]["second"]["message"]["content"]["parts"] = ["330 m\ue200cite\ue202turn0search0\ue201."]
    chat["mapping"]["call"]["message"]["content"] = {
        "content_type": "hologram",
        "parts": [{"content_type": "?"}, "x"],
    }

    found = read_one(write(tmp_path / "c.json", [chat]))

    assert left_out(found) == {
        "image": 1,
        "hidden message": 1,
        "attached file “a.pdf”": 1,
        "custom instructions": 1,
        "message of the unknown role “wizard”": 1,
        "broken entry": 1,
        "content of the unknown kind “hologram”": 1,
        "piece of the unknown kind “?”": 1,
        "tool call": 1,
        "note on how long was thought": 1,
        "citation mark": 1,
    }
    assert found.chat.path[1].text == "330 m."


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"status": "in_progress"}, Status.INTERRUPTED),
        ({"metadata": {"finish_details": {"type": "max_tokens"}}}, Status.LENGTH),
        ({"metadata": {"finish_details": {"type": "interrupted"}}}, Status.CANCELLED),
        ({"content": {"content_type": "code", "language": "python", "text": "print(1)"}}, Status.COMPLETE),
        (
            {
                "content": {
                    "content_type": "multimodal_text",
                    "parts": [{"content_type": "audio_transcription", "text": "spoken"}],
                }
            },
            Status.COMPLETE,
        ),
    ],
)
def test_how_a_chatgpt_answer_ended_and_what_it_is_made_of(
    tmp_path: Path, more: dict, status: Status
) -> None:
    chat = samples.chatgpt()
    chat["mapping"]["first"]["message"] |= more
    chat["current_node"] = "first"

    answer = read_one(write(tmp_path / "c.json", [chat])).chat.path[-1]

    assert answer.status is status
    assert answer.text in ("330 metres.", "```python\nprint(1)\n```", "spoken")


@pytest.mark.parametrize("lines", [False, True])
def test_share_gpt(tmp_path: Path, lines: bool) -> None:
    values = [samples.share_gpt(), samples.share_gpt() | {"id": "other"}]
    path = tmp_path / "data"
    chats, broken, others = read(write_lines(path, *values) if lines else write(path, values))

    assert (len(chats), broken, others) == (2, [], [])
    found = chats[0]
    assert found.chat.conversation.system_prompt == "Be brief."
    assert found.chat.conversation.title == "Two plus two?"
    assert found.chat.conversation.created_at == samples.NOW
    assert shown(found) == [("user", "Two plus two?"), ("assistant", "Four."), ("user", "Thanks")]
    assert found.chat.path[1].parts[0].text == "Easy."
    assert left_out(found) == {"tool call": 1, "message of the unknown role “wizard”": 1}
    assert chats[0].chat.conversation.id != chats[1].chat.conversation.id


def test_messages_in_open_ai_s_words(tmp_path: Path) -> None:
    found = read_one(write(tmp_path / "one.json", samples.open_ai()))

    assert shown(found) == [("user", "What is this?"), ("assistant", "A cat.")]
    assert [part.text for part in found.chat.path[1].parts] == ["Whiskers.", "A cat."]
    assert found.chat.conversation.system_prompt == "Be kind."
    assert left_out(found) == {"image": 1, "tool call": 1, "tool result": 1}


def test_lm_studio(tmp_path: Path) -> None:
    found = read_one(write(tmp_path / "1.conversation.json", samples.lm_studio()))

    head = found.chat.conversation
    assert (head.title, head.system_prompt) == ("Poem", "You are a poet.")
    assert (head.created_at, head.updated_at) == (1_700_000_000.5, 1_700_000_002.0)
    assert shown(found) == [("user", "A poem, please"), ("assistant", "Roses are red."), ("user", "Lovely")]
    other, answer = found.chat.tree.siblings(found.chat.path[1].id)
    assert other.text == "Violets are blue."
    assert [part.kind for part in answer.parts] == [PartKind.THINKING, PartKind.TEXT]
    assert answer.status is Status.CANCELLED
    assert answer.origin is not None
    assert (answer.origin.model_name, answer.origin.prompt_tokens, answer.origin.completion_tokens) == (
        "qwen3-4b",
        12,
        34,
    )
    assert (answer.origin.first_token_s, answer.origin.tokens_per_s) == (0.25, 41.5)
    assert left_out(found) == {"image": 1, "tool call": 1}


def test_lm_studio_s_odd_entries_are_noted(tmp_path: Path) -> None:
    chat = samples.lm_studio()
    chat["messages"] += [{"versions": []}, {"versions": [{"role": "ghost"}], "currentlySelected": 7}]
    chat["messages"][1]["versions"][1]["steps"] += [
        {"type": "dance"},
        {
            "type": "contentBlock",
            "content": [{"type": "toolCallRequest"}, {"type": "file", "fileIdentifier": "x"}],
        },
    ]

    found = read_one(write(tmp_path / "c.json", chat))

    assert len(found.chat.path) == 3
    assert left_out(found) == {
        "image": 1,
        "tool call": 2,
        "broken entry": 1,
        "message of the unknown role “ghost”": 1,
        "step of the unknown kind “dance”": 1,
        "attached file “x”": 1,
    }


@pytest.mark.parametrize("packed", [False, True])
def test_jan(tmp_path: Path, packed: bool) -> None:
    folder = tmp_path / "threads" / "t-1"
    folder.mkdir(parents=True)
    thread = write(folder / "thread.json", samples.jan_thread())
    messages = write_lines(folder / "messages.jsonl", *samples.jan_messages())
    path = tmp_path / "threads"
    if packed:
        path = samples.archive(
            tmp_path / "jan.zip",
            {"t-1/thread.json": thread.read_bytes(), "t-1/messages.jsonl": messages.read_bytes()},
        )

    found = read_one(path)

    head = found.chat.conversation
    assert (head.title, head.system_prompt) == ("Bread", "Be helpful.")
    assert (head.created_at, head.updated_at) == (1_700_000_000.0, 1_700_000_010.5)
    assert shown(found) == [("user", "It does not rise"), ("assistant", "Too cold."), ("user", "Thanks")]
    answer = found.chat.path[1]
    assert (answer.parts[0].text, answer.status) == ("Yeast?", Status.CANCELLED)
    assert answer.origin is not None and answer.origin.model_name == "llama3.2-3b"
    assert left_out(found) == {"image": 1, "tool result": 1}


def test_jan_s_messages_without_their_thread_are_a_chat(tmp_path: Path) -> None:
    lines = samples.jan_messages()
    lines[0]["content"] = [
        {"type": "reasoning", "text": {"value": "Hm"}},
        {"type": "tool_call"},
        {"type": "?"},
    ]
    lines[0] |= {"attachments": [{}], "metadata": {"tool_calls": [{}], "modelId": "own"}}
    lines[3]["content"] = "Thanks"

    found = read_one(write_lines(tmp_path / "messages.jsonl", *lines))

    assert found.chat.conversation.title == "It does not rise"
    assert found.chat.path[1].parts[0].kind is PartKind.THINKING
    assert left_out(found) == {
        "image": 1,
        "tool result": 1,
        "tool call": 2,
        "attached file": 1,
        "piece of the unknown kind “?”": 1,
    }


@pytest.mark.parametrize("chosen", ["thread.json", "messages.jsonl"])
def test_one_of_jan_s_two_files_brings_the_other(tmp_path: Path, chosen: str) -> None:
    write(tmp_path / "thread.json", samples.jan_thread())
    write_lines(tmp_path / "messages.jsonl", *samples.jan_messages())

    found = read_one(tmp_path / chosen)

    assert (found.chat.conversation.title, len(found.chat.path)) == ("Bread", 3)


def test_jan_s_thread_without_messages_is_said(tmp_path: Path) -> None:
    _, (broken,), _ = read(write(tmp_path / "thread.json", samples.jan_thread()))

    assert (broken.where, broken.reason) == ("thread t-1", "There is no message in it.")


def test_open_webui(tmp_path: Path) -> None:
    found = read_one(write(tmp_path / "chat-export.json", [samples.open_webui()]))

    head = found.chat.conversation
    assert (head.title, head.system_prompt) == ("Shopping", "Read closely.")
    assert (head.created_at, head.updated_at) == (1_700_000_000.0, 1_700_000_009.0)
    asked, answer = found.chat.path
    assert [(part.kind, part.text, part.name) for part in asked.parts] == [
        (PartKind.ATTACHMENT, "Buy milk", "notes.txt"),
        (PartKind.TEXT, "Read this", ""),
    ]
    assert [(part.kind, part.text) for part in answer.parts] == [
        (PartKind.THINKING, "Which one?\nBoth."),
        (PartKind.TEXT, "Milk."),
    ]
    assert answer.origin is not None
    assert (answer.origin.model_name, answer.origin.prompt_tokens) == ("Llama 3", 20)
    assert (answer.rating, answer.comment, head.pinned) == (Rating.UP, "Right", True)
    failed, _ = found.chat.tree.siblings(answer.id)
    assert (failed.status, failed.error, failed.parts) == (Status.FAILED, "Out of memory", ())
    assert left_out(found) == {"image": 1, "tool call": 1}


def test_an_old_open_webui_chat_is_a_row_of_messages(tmp_path: Path) -> None:
    chat = samples.open_webui()
    rows = list(chat["chat"].pop("history")["messages"].values())
    chat["chat"]["messages"] = [
        *rows[:2],
        {"role": "ghost"},
        rows[2] | {"done": False, "sources": [{}], "error": None},
    ]

    found = read_one(write(tmp_path / "c.json", chat))

    assert [message.role for message in found.chat.path] == [Role.USER, Role.ASSISTANT, Role.ASSISTANT]
    assert found.chat.path[-1].status is Status.INTERRUPTED
    assert left_out(found) == {
        "image": 1,
        "tool call": 1,
        "source": 1,
        "message of the unknown role “ghost”": 1,
    }


def test_files_of_every_kind_in_one_folder_are_told_apart_by_what_is_in_them(tmp_path: Path) -> None:
    for number, value in enumerate(samples.every_kind()):
        write(tmp_path / f"{number}.dat", value)
    (tmp_path / "picture.json").write_bytes(b"\x89PNG")

    chats, broken, others = read(tmp_path)

    assert len(chats) == 7
    assert broken == []
    assert [item.what for item in others] == ["1 other file, without chats (images and the like)."]


def test_the_same_file_gives_the_same_ids_and_a_longer_chat_keeps_them(tmp_path: Path) -> None:
    short, long = samples.lm_studio(), samples.lm_studio()
    del short["messages"][2]

    before = read_one(write(tmp_path / "1", short)).chat
    again = read_one(write(tmp_path / "2", short)).chat
    later = read_one(write(tmp_path / "3", long)).chat

    assert again == before
    assert later.conversation.id == before.conversation.id
    assert {message.id for message in before.messages} < {message.id for message in later.messages}


def test_an_archive_in_a_folder_is_read_and_how_far_it_is_is_told(tmp_path: Path) -> None:
    picture = b"\x89PNG" + b"p" * 100_000
    chats = [samples.chatgpt() | {"id": f"chat {number}"} for number in range(4)]
    packed: dict[str, str | bytes] = {
        "conversations.json": json.dumps(chats),
        "more.json": json.dumps(chats),
        "image.png": picture,
    }
    samples.archive(tmp_path / "b.zip", packed)
    write(tmp_path / "c.json", chats[:2])
    (tmp_path / "a.png").write_bytes(b"\x89PNG" + b"p" * 10)

    found = list(read_chats(tmp_path, now=1.0))

    assert [type(item) for _, item in found].count(FoundChat) == 10
    shares = [share for share, item in found if isinstance(item, FoundChat)]
    assert shares == sorted(shares)
    assert 0 < shares[0] < shares[4] < shares[7] < shares[8] < shares[9] <= 1
    assert {item.what for _, item in found if isinstance(item, LeftOut)} == {
        "1 other file, without chats (images and the like)."
    }
