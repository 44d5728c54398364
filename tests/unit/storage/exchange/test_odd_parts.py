"""What other programs' exports have besides messages: kept where there is a place for it, and told if not."""

from collections import Counter
from pathlib import Path

import pytest

from desktop.domain.conversation import PartKind, Status
from desktop.domain.exchange import FoundChat
from tests.unit.storage.exchange import samples
from tests.unit.storage.exchange.samples import read_one, write, write_lines


def left_out(found: FoundChat) -> dict[str, int]:
    return dict(Counter(item.what for item in found.left_out))


def gained(found: FoundChat, plain: FoundChat) -> dict[str, int]:
    """What is left out of one chat and not of the other."""
    return dict(Counter(left_out(found)) - Counter(left_out(plain)))


def test_where_chatgpt_kept_a_chat_and_what_it_wrote_beside_it(tmp_path: Path) -> None:
    chat = samples.chatgpt() | {"is_archived": True, "gizmo_id": "g-p-1", "pinned_time": 1_700_000_000.5}
    nodes = chat["mapping"]
    nodes["call"]["message"] |= {"recipient": "canmore.create_textdoc"}
    nodes["second"]["message"]["metadata"]["citations"] = [{}, {}]
    nodes["think"]["message"]["content"] = {"content_type": "thoughts", "thoughts": "Look it up."}

    found = read_one(write(tmp_path / "c.json", [chat]))

    assert found.chat.conversation.pinned
    assert found.chat.path[1].thinking == "Look it up."
    plain = read_one(write(tmp_path / "c.json", [samples.chatgpt()]))
    assert gained(found, plain) == {
        "mark as archived": 1,
        "project": 1,
        "document in a canvas": 1,
        "source": 2,
    }
    own = read_one(write(tmp_path / "c.json", [samples.chatgpt() | {"gizmo_id": "g-1"}]))
    assert gained(own, plain) == {"custom GPT": 1}


def test_an_open_webui_answer_whose_parts_stand_in_a_list(tmp_path: Path) -> None:
    chat = samples.open_webui()
    answer = chat["chat"]["history"]["messages"]["b"]
    answer["output"] = [
        {"type": "reasoning", "summary": [], "content": [{"type": "output_text", "text": "Which one?"}]},
        {"type": "function_call", "name": "look"},
        {"type": "function_call_output", "output": []},
        {"type": "open_webui:code_interpreter", "code": "1"},
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Milk."}]},
    ]
    expected = [(PartKind.THINKING, "Which one?"), (PartKind.TEXT, "Milk.")]

    for said in ("", "Milk."):
        answer["content"] = said
        found = read_one(write(tmp_path / "c.json", [chat]))
        assert [(part.kind, part.text) for part in found.chat.path[-1].parts] == expected
        assert left_out(found) == {
            "image": 1,
            "tool call": 1,
            "tool result": 1,
            "block “open_webui:code_interpreter”": 1,
        }


def test_where_open_webui_kept_a_chat_and_what_is_beside_its_text(tmp_path: Path) -> None:
    chat = samples.open_webui() | {"archived": True, "folder_id": "f", "meta": {"tags": ["home"]}}
    chat["chat"]["params"]["temperature"] = 0.2
    chat["chat"]["files"] = [{"name": "all.pdf"}]
    chat["current_message_id"] = chat["chat"]["history"].pop("currentId")
    answer = chat["chat"]["history"]["messages"]["b"]
    answer |= {"sources": [{}], "code_executions": [{}], "embeds": [{}], "merged": {"content": "Both."}}

    found = read_one(write(tmp_path / "c.json", [chat]))

    assert found.chat.path[-1].text == "Milk."
    plain = read_one(write(tmp_path / "c.json", [samples.open_webui()]))
    assert gained(found, plain) == {
        "mark as archived": 1,
        "folder": 1,
        "tag “home”": 1,
        "attached file “all.pdf”": 1,
        "setting “temperature”": 1,
        "source": 1,
        "run of code": 1,
        "embedded page": 1,
        "answer merged out of several": 1,
    }


def test_lm_studio_s_settings_draft_times_and_marks(tmp_path: Path) -> None:
    chat = samples.lm_studio() | {"systemPrompt": "", "clientInput": "And another", "notes": [{}]}
    chat["perChatPredictionConfig"] = {
        "fields": [
            {"key": "llm.prediction.systemPrompt", "value": "Rhyme."},
            {"key": "llm.prediction.temperature", "value": 0.1},
        ]
    }
    answer = chat["messages"][1]["versions"][1]
    answer["steps"][0] |= {"stepIdentifier": "1700000001500-0.25"}
    answer["steps"][0]["content"].insert(0, {"type": "text", "text": "<think>", "isStructural": True})
    answer["steps"][3]["genInfo"]["stats"]["stopReason"] = "modelUnloaded"
    answer["steps"][3]["stepIdentifier"] = "later"

    found = read_one(write(tmp_path / "c.json", chat))

    head = found.chat.conversation
    assert (head.system_prompt, head.draft) == ("Rhyme.", "And another")
    made = found.chat.path[1]
    assert (made.thinking, made.created_at, made.status) == (
        "It rhymes.",
        1_700_000_001.5,
        Status.INTERRUPTED,
    )
    plain = read_one(write(tmp_path / "c.json", samples.lm_studio()))
    assert gained(found, plain) == {"setting “temperature”": 1, "note": 1}


@pytest.mark.parametrize("packed", [False, True])
def test_lm_studio_s_folders_are_those_on_disk(tmp_path: Path, packed: bool) -> None:
    place = tmp_path / "LM Studio" / "conversations" / "Poems" / "Short"
    place.mkdir(parents=True)
    file = write(place / "1.conversation.json", samples.lm_studio())
    path = tmp_path / "LM Studio"
    if packed:
        names: dict[str, str | bytes] = {
            "LM Studio/conversations/Poems/Short/1.conversation.json": file.read_bytes()
        }
        path = samples.archive(tmp_path / "all.zip", names)

    assert read_one(path).chat.folder == ("Poems", "Short")
    assert read_one(file).chat.folder == ()


def test_jan_s_projects_favourites_and_messages_without_a_time(tmp_path: Path) -> None:
    thread = samples.jan_thread()
    thread["metadata"] = {"is_favorite": True, "project": {"id": "p", "name": "Kitchen"}}
    thread["assistants"][0]["model"]["id"] = "*"
    answer, question, _, thanks = samples.jan_messages()
    answer |= {
        "status": "error",
        "metadata": {"error": "Out of memory", "tokenSpeed": {"tokenSpeed": 9.5, "tokenCount": 40}},
    }
    thanks["created_at"] = 0
    path = write_lines(tmp_path / "jan", thread, question, answer, thanks)

    found = read_one(path)

    assert (found.chat.conversation.pinned, found.chat.folder) == (True, ("Kitchen",))
    assert [message.text for message in found.chat.path] == ["It does not rise", "Too cold.", "Thanks"]
    made = found.chat.path[1]
    assert (made.status, made.error) == (Status.FAILED, "Out of memory")
    assert made.origin is not None
    assert (made.origin.model_name, made.origin.completion_tokens, made.origin.tokens_per_s) == ("", 40, 9.5)


def test_a_data_set_s_other_columns_and_old_calls_are_noted(tmp_path: Path) -> None:
    row = samples.open_ai() | {"source": "web", "tools": []}
    row["messages"][2] = {"role": "assistant", "content": None, "function_call": {"name": "look"}}

    found = read_one(write(tmp_path / "c.json", row))

    assert left_out(found) == {
        "field “source”": 1,
        "field “tools”": 1,
        "image": 1,
        "tool call": 1,
        "tool result": 1,
    }
