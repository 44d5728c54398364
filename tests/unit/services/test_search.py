"""Looking for something in all chats, through the services."""

from pathlib import Path

from desktop.services.assembly import Services
from tests.unit.services.scripted_app import ask, new_chat, use


async def test_what_was_asked_and_answered_is_found_with_the_way_to_it(
    services: Services, chat_id: str, tmp_path: Path
) -> None:
    await use(services, tmp_path, reply="The keeper found a **letter**.")
    answer = await ask(services, chat_id, "Tell me of the lighthouse")
    await ask(services, await new_chat(services), "Something else")

    title, asked = await services.search.search("lighthouse")
    _, found = await services.search.search("lett model:model")

    assert (title.conversation_id, title.message_id) == (chat_id, None)
    assert (asked.conversation_id, asked.title) == (chat_id, "Tell me of the lighthouse")
    assert (found.conversation_id, found.message_id) == (chat_id, answer.id)
    assert [found.text[first:last] for first, last in found.ranges] == ["letter"]
    assert len(await services.search.search("keeper", limit=1)) == 1
    assert await services.search.search("") == []
