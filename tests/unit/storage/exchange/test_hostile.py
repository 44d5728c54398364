"""Files from strangers: whatever is in them, reading ends soon, in words, and touches nothing else."""

import json
import os
import struct
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop.domain.conversation import MessageTree
from desktop.domain.exchange import FoundChat
from desktop.storage.exchange import assembly, reading, sources
from desktop.storage.exchange.loose import count, moment, name, number
from desktop.storage.exchange.reading import READERS
from tests.unit.storage.exchange import samples
from tests.unit.storage.exchange.samples import archive, read, read_one, write, write_lines

ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**400), 10**400)
    | st.floats(allow_nan=True)
    | st.sampled_from([2**63, 10**30, -1, "", "\ud800", "\x00", "a" * 5000, "<think>", "all", "assistant"])
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


def check(found: FoundChat) -> None:
    """It is a chat that the database and the window can take."""
    chat = found.chat
    ids = [message.id for message in chat.messages]
    assert len(set(ids)) == len(ids)
    seen: set[str | None] = {None}
    for message in chat.messages:
        assert message.parent_id in seen
        assert message.conversation_id == chat.conversation.id
        assert 0 <= message.created_at < 1e11
        assert 0 <= message.position < len(ids)
        assert {type(text) for part in message.parts for text in (part.text, part.name)} <= {str}
        seen.add(message.id)
    assert chat.conversation.leaf_id in seen
    assert 0 < chat.conversation.created_at < 1e11
    assert len(chat.conversation.title) <= 200
    assert len(chat.conversation.id) <= 64
    MessageTree(chat.messages).path(chat.conversation.leaf_id)


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every container and key in a value."""
    found: list[tuple[Any, Any]] = []
    waiting = [value]
    while waiting:
        inside = waiting.pop()
        keys = (
            list(inside)
            if isinstance(inside, dict)
            else list(range(len(inside)))
            if isinstance(inside, list)
            else []
        )
        for key in keys:
            found.append((inside, key))
            waiting.append(inside[key])
    return found


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_an_export_with_anything_anywhere_never_fails(data: st.DataObject, tmp_path: Path) -> None:
    value = data.draw(st.sampled_from(samples.every_kind()))
    value = json.loads(json.dumps(value))
    for _ in range(data.draw(st.integers(1, 4))):
        container, key = data.draw(st.sampled_from(places(value)))
        if data.draw(st.booleans()):
            container[key] = data.draw(ANYTHING)
        elif isinstance(container, dict):
            container[data.draw(st.text(max_size=4))] = container.pop(key)
        if not places(value):
            break
    path = tmp_path / "mutated"
    path.write_text(json.dumps(value), "utf-8", "surrogatepass")

    chats, _, _ = read(path)

    for found in chats:
        check(found)
    assert [entry.name for entry in tmp_path.iterdir()] == ["mutated"]


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_bytes_never_fail(data: st.DataObject, tmp_path: Path) -> None:
    whole = json.dumps(samples.every_kind()).encode()
    if packed := data.draw(st.booleans()):
        whole = archive(tmp_path / "a.zip", {"a.json": whole, "b": "text"}).read_bytes()
    cut = data.draw(st.integers(0, len(whole)))
    damaged = bytearray(whole[: cut if data.draw(st.booleans()) else len(whole)])
    for _ in range(data.draw(st.integers(0, 5))):
        if damaged:
            damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / ("damaged.zip" if packed else "damaged.json")
    path.write_bytes(damaged)

    for found in read(path)[0]:
        check(found)


def test_one_broken_chat_does_not_hide_the_others(tmp_path: Path) -> None:
    good = json.dumps(samples.share_gpt())
    path = tmp_path / "c.json"
    path.write_text(f'[{good}, {{"mapping": {{ broken }}, {good[:-1]}, "x": "\\ud83d"}}, 7, {good}')

    chats, broken, others = read(path)

    assert (len(chats), len(broken)) == (1, 1)
    assert broken[0].where == "c.json, entry 2"
    assert "damaged" in broken[0].reason
    path.write_text(f'[{good}, {{"mapping": nothing}}, 7, {good[:-1]}, "x": "\\ud83d", "y": NaN}}]')
    chats, broken, others = read(path)
    assert (len(chats), len(broken)) == (2, 1)
    assert [item.what for item in others] == ["1 of its entries are no chats."]


def test_a_broken_line_costs_itself(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "c.jsonl", *[samples.share_gpt()] * 3)
    lines = path.read_text().split("\n")
    path.write_text("\n".join([lines[0], lines[1][:50], "", lines[2]]))

    chats, broken, _ = read(path)

    assert (len(chats), len(broken)) == (2, 1)


def test_a_first_line_that_is_broken_costs_itself(tmp_path: Path) -> None:
    good = json.dumps(samples.share_gpt())
    path = tmp_path / "c.jsonl"
    path.write_text(f'{{"messages": [nothing]}}\n{good}\n{good}\n')

    chats, (broken,), _ = read(path)

    assert len(chats) == 2
    assert broken.where == "c.jsonl, entry 1"


def test_a_first_line_that_is_too_large_is_not_parsed_to_find_out_that_there_are_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MAX_CHAT", 5_000)
    large, good = json.dumps({"messages": ["x" * 5_000]}), json.dumps(samples.share_gpt())
    path = tmp_path / "c.jsonl"
    path.write_text(f"{large}\n{good}\n")
    parsed: list[int] = []
    loads = json.loads

    def counted(text: str) -> object:
        parsed.append(len(text))
        return loads(text)

    monkeypatch.setattr(json, "loads", counted)

    (found,), (broken,), _ = read(path)

    assert found.chat.conversation.title == "Two plus two?"
    assert "too large" in broken.reason
    assert parsed == [len(good)]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_other_encodings_are_read(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "c.json"
    path.write_text(json.dumps([samples.share_gpt()], ensure_ascii=False), encoding)

    assert read_one(path).chat.path[0].text == "Two plus two?"


@pytest.mark.parametrize("opening", ['{"a":', "["])
def test_deep_nesting_is_refused_in_words(tmp_path: Path, opening: str) -> None:
    deep = opening * 200_000
    path = tmp_path / "deep.json"
    path.write_text(f'[{{"mapping": {deep}}}, {json.dumps(samples.share_gpt())}]')

    chats, broken, _ = read(path)

    assert len(chats) + len(broken) >= 1
    assert any("nested" in item.reason or "damaged" in item.reason for item in broken)


def test_a_branch_of_40_000_messages_is_read_in_a_moment(tmp_path: Path) -> None:
    chat = samples.chatgpt()
    said = chat["mapping"]["second"]["message"]
    thought = chat["mapping"]["think"]["message"]
    chat["mapping"] = {
        str(at): {"parent": str(at - 1) if at else None, "message": thought if at % 2 else said}
        for at in range(40_000)
    }
    start = time.process_time()

    found = read_one(write(tmp_path / "c.json", [chat]))

    check(found)
    assert len(found.chat.messages) == 20_001  # The last thought has no answer.
    assert time.process_time() - start < 60


def test_more_messages_than_anybody_writes_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assembly, "MAX_MESSAGES", 5)

    _, (broken,), _ = read(write(tmp_path / "c.json", [samples.chatgpt()]))

    assert broken.reason == "It has 10 messages; at most 5 can be taken over."


def test_a_chat_that_is_too_large_costs_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_CHAT", 5_000)
    large = samples.chatgpt() | {"title": "x" * 5_000}

    (found,), (broken,), _ = read(write(tmp_path / "c.json", [large, samples.share_gpt()]))

    assert found.chat.conversation.title == "Two plus two?"
    assert "too large" in broken.reason


def test_not_all_of_an_archive_s_threads_are_held_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[int] = []
    read_threads = reading._Threads.read

    def watched(self: reading._Threads, now: float):
        held.append(self.size)
        return read_threads(self, now)

    monkeypatch.setattr(reading._Threads, "read", watched)
    lines = [line | {"thread_id": name} for name in "abc" for line in samples.jan_messages()]
    files = {f"{name}/messages.jsonl": "" for name in "abc"}
    for line in lines:
        files[f"{line['thread_id']}/messages.jsonl"] += json.dumps(line) + "\n"
    files |= {f"{name}/thread.json": json.dumps(samples.jan_thread() | {"id": name}) for name in "abc"}

    chats, broken, _ = read(archive(tmp_path / "jan.zip", dict(files)))

    assert ([found.chat.conversation.title for found in chats], broken) == (["Bread"] * 3, [])
    assert max(held) < sum(held) / 2


def test_loops_and_gaps_in_the_tree_are_mended_and_said(tmp_path: Path) -> None:
    chat = samples.chatgpt()
    chat["mapping"]["ask"]["parent"] = "more"
    chat["mapping"]["first"]["parent"] = "lost"

    found = read_one(write(tmp_path / "c.json", [chat]))

    check(found)
    assert len(found.chat.messages) == 4
    assert {"link in a loop of replies", "reply to a message that is missing"} <= {
        i.what for i in found.left_out
    }


def test_ids_that_occur_twice_are_told_apart(tmp_path: Path) -> None:
    lines = samples.jan_messages()
    for line in lines:
        line["id"] = "same"

    found = read_one(write_lines(tmp_path / "m.jsonl", *lines))

    check(found)
    assert len(found.chat.messages) == 3


def test_a_file_that_is_too_large_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.json"
    with path.open("wb") as file:
        file.write(b"[")
        file.truncate(1_100_000_000)

    _, _, (left_out,) = read(path)

    assert left_out.what == "It is too large: 1.1 GB, and at most 536.9 MB can be read."


def test_a_bomb_in_an_archive_is_refused_before_it_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "MAX_DOCUMENT", 1_000_000)
    path = archive(
        tmp_path / "bomb.zip", {"a.json": b"[" + b" " * 2_000_000, "b.json": json.dumps([samples.chatgpt()])}
    )

    (found,), _, (left_out,) = read(path)

    check(found)
    assert "too large: 2.0 MB" in left_out.what
    assert left_out.where == "bomb.zip/a.json"


def test_an_archive_that_lies_about_a_size_gives_no_more_than_it_says(tmp_path: Path) -> None:
    path = archive(tmp_path / "liar.zip", {"a.json": b"[" + b" " * 500_000})
    content = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<L", content, content.rfind(mark) + offset, 10)
    path.write_bytes(content)

    chats, broken, left_out = read(path)

    assert (chats, broken) == ([], [])
    assert len(left_out) == 1


def test_all_of_an_archive_together_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "MAX_ARCHIVE", 10_000)
    chat = json.dumps([samples.chatgpt()])
    path = archive(tmp_path / "many.zip", {f"{at}.json": chat for at in range(9)})

    chats, _, (left_out,) = read(path)

    assert 0 < len(chats) < 9
    assert left_out.what == "Only 10.0 kB of the archive were read."


def test_an_archive_s_list_of_files_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "MAX_DIRECTORY", 100)
    path = archive(tmp_path / "many.zip", {f"{at}.json": "[]" for at in range(9)})

    assert [item.what for item in read(path)[2]] == ["The archive has too many files in it."]
    # Also where only the record for large archives says so.
    end = path.read_bytes()[-22:]
    large = struct.pack("<LQHHLLQQQQ", 0x06064B50, 44, 45, 45, 0, 0, 9, 9, 10**9, 0)
    locator = struct.pack("<LLQL", 0x07064B50, 0, 4, 1)
    path.write_bytes(b"PK\x03\x04" + large + locator + end)
    assert [item.what for item in read(path)[2]] == ["The archive has too many files in it."]


def test_names_that_lead_out_of_an_archive_lead_nowhere(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    names = ["../../evil.json", "/etc/evil.json", "C:\\evil.json", "a/../../b\x1b[31m.json", "con.json"]
    path = archive(inside / "slip.zip", dict.fromkeys(names, json.dumps([samples.chatgpt()])))

    chats, broken, left_out = read(path)

    assert (len(chats), broken, left_out) == (5, [], [])
    assert [entry.name for entry in tmp_path.rglob("*")] == ["inside", "slip.zip"]


def test_encrypted_and_strangely_packed_members_are_said(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.zip", {"a.json": "[]", "folder/": ""})
    content = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.find(mark) + offset] |= 1
    path.write_bytes(content)

    assert [item.what for item in read(path)[2]] == ["It is encrypted."]
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.find(mark) + offset] = 0
        content[content.find(mark) + offset + 2] = 99
    path.write_bytes(content)
    assert [item.what for item in read(path)[2]] == ["It is damaged."]


def test_links_and_pipes_in_a_folder_are_not_followed(tmp_path: Path) -> None:
    folder, secret = tmp_path / "chats", write(tmp_path / "secret.json", [samples.chatgpt()])
    folder.mkdir()
    (folder / "link.json").symlink_to(secret)
    (folder / "loop").symlink_to(folder)
    os.mkfifo(folder / "pipe.json")
    write(folder / "mine.json", samples.own())

    chats, _, left_out = read(folder)

    assert [found.chat.conversation.title for found in chats] == ["Mine"]
    assert [item.what for item in left_out] == ["2 other files, without chats (images and the like)."]
    assert [item.what for item in read(folder / "pipe.json")[2]] == ["This is no file."]


def test_a_folder_with_too_many_files_is_read_so_far(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "MAX_FILES", 3)
    for at in range(5):
        write(tmp_path / f"{at}.json", [samples.chatgpt()])

    chats, _, left_out = read(tmp_path)

    assert len(chats) == 3
    assert [item.what for item in left_out] == ["Only its first 3 files were looked at."]


@pytest.mark.parametrize(
    "content", [b"", b"hello", b"<html>", b"\x00" * 100, b"[1, 2]", b"{}", b"[[[]]]", b"PK\x05\x06"]
)
def test_a_file_without_chats_is_said(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "strange.json"
    path.write_bytes(content)

    chats, broken, left_out = read(path)

    assert (chats, broken, len(left_out)) == ([], [], 1)


def test_a_file_that_is_missing_or_private_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [item.what for item in read(tmp_path / "none")[2]] == ["There is no such file."]
    path = write(tmp_path / "mine.json", samples.own())

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    assert [item.what for item in read(path)[2]] == ["It cannot be read: Permission denied."]
    assert [item.what for item in read(tmp_path)[2]] == ["It cannot be read: Permission denied."]


def test_a_file_that_vanishes_while_it_is_read_is_said(tmp_path: Path) -> None:
    path = write(tmp_path / "mine.json", samples.own())
    (document,) = sources.documents(path)
    assert isinstance(document, sources.Document)
    path.unlink()

    with pytest.raises(sources.UnreadableSource, match="cannot be read"):
        document.read()


def test_numbers_and_times_of_any_kind() -> None:
    assert [moment(value) for value in (1.7e9, 1.7e12, 1.7e15, 1.7e18)] == [1.7e9] * 4
    no_times: list[object] = [-1, 0, "x", None, True, 1e300, float("nan"), 10**400, []]
    assert {moment(value) for value in no_times} == {0.0}
    assert moment("2023-11-14T22:13:20+00:00") == moment("2023-11-14T22:13:20") == 1_700_000_000.0
    assert [number(value) for value in (float("inf"), 10**400, "1", True)] == [None] * 4
    assert [count(value) for value in (5, -5, 1e300, "5", float("nan"))] == [5, 0, 0, 0, 0]
    assert [name(value) for value in (5, "5", True, 2**64, None)] == ["5", "5", "", "", ""]


def test_every_reader_recognises_its_own_sample_and_no_other() -> None:
    names = [
        [reader.name for reader in READERS if reader.recognises(value)] for value in samples.every_kind()
    ]

    assert names == [
        ["ChatGPT"], ["ShareGPT"], ["ShareGPT"], ["LM Studio"], ["Open WebUI"], ["Locution"], *[[]] * 5
    ]  # fmt: skip
