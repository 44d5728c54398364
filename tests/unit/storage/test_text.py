"""Whatever a model emits or a user pastes comes back character for character."""

import asyncio
import tempfile
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from desktop.domain.conversation import Conversation, Message, Origin, Part, PartKind, Role, Status
from desktop.storage.conversations import ConversationRepository
from desktop.storage.messages import MessageRepository
from desktop.storage.settings import SettingsRepository
from tests.unit.storage.chats import chat, opened, streaming

TEXTS = st.text(st.characters(), max_size=30)
KINDS = st.sampled_from([PartKind.TEXT, PartKind.THINKING])
NASTY = "a\0b\ud83d\ude00\udcff😀👩\u200d👩\u200d👧\u202eabc\r\n\ufeff"


@settings(max_examples=40)
@given(texts=st.tuples(TEXTS, TEXTS, TEXTS, TEXTS))
@example(texts=(NASTY, "\0", "\ud83d", ""))
def test_any_text_survives(texts: tuple[str, str, str, str]) -> None:
    first, second, third, fourth = texts
    values: dict[str, object] = {first: second, third: [fourth]}
    head = Conversation("c", first, 1.0, 1.0, None, "p", second, values, third)
    message = Message(
        "m",
        "c",
        None,
        Role.USER,
        (Part(PartKind.TEXT, first), Part(PartKind.ATTACHMENT, second, third)),
        origin=Origin(model_name=fourth, parameters=values),
        error=third,
    )

    async def round_trip() -> None:
        with tempfile.TemporaryDirectory() as folder:
            async with opened(Path(folder) / "chats.db") as db:
                conversations, messages, stored = (
                    ConversationRepository(db),
                    MessageRepository(db),
                    SettingsRepository(db),
                )
                await conversations.create(head)
                assert await conversations.list() == [head]
                await stored.set(first, values)
                assert await stored.all() == {first: values}
                await messages.add(message, leaf_id="m", title=fourth)
                assert await messages.tree("c") == [message]
                assert (await conversations.get("c")).title == fourth

    asyncio.run(round_trip())


@settings(max_examples=40)
@given(
    before=st.lists(st.tuples(KINDS, TEXTS), max_size=2),
    deltas=st.lists(st.tuples(KINDS, TEXTS), max_size=6),
    alive=st.booleans(),
)
@example(before=[], deltas=[(PartKind.TEXT, "\ud83d"), (PartKind.TEXT, "\ude00")], alive=False)
def test_any_stream_is_kept_in_full(
    before: list[tuple[PartKind, str]], deltas: list[tuple[PartKind, str]], alive: bool
) -> None:
    expected = [Part(kind, text) for kind, text in before]
    for kind, text in deltas:
        if expected and expected[-1].kind is kind:
            expected[-1] = Part(kind, expected[-1].text + text)
        else:
            expected.append(Part(kind, text))

    async def stream() -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "chats.db"
            async with opened(path) as db:
                await ConversationRepository(db).create(chat("c"))
                messages = MessageRepository(db)
                await messages.add(
                    streaming("m", "c", None, *(Part(kind, text) for kind, text in before)), leaf_id="m"
                )
                for kind, text in deltas:
                    await messages.append("m", kind, text)
                (seen,) = await messages.tree("c")
                assert seen.parts == tuple(expected)
                if alive:
                    await messages.finish("m", seen.parts, Status.COMPLETE)
            async with opened(path) as db:
                assert await MessageRepository(db).recover() == ([] if alive else ["m"])
                (kept,) = await MessageRepository(db).tree("c")
                assert kept.parts == tuple(expected)
                assert kept.status is (Status.COMPLETE if alive else Status.INTERRUPTED)

    asyncio.run(stream())
