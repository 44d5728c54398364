"""An open chat is kept up to date with what the change bus tells of, and is what it would be if read anew."""

from pathlib import Path

from desktop.domain.changes import Kind
from desktop.domain.conversation import InContext, Rating, Status
from desktop.domain.outline import Outline
from desktop.services.assembly import Services
from tests.helpers.scripted import Gate
from tests.unit.services.scripted_app import ask, held, use, writing


def shape(outline: Outline) -> list[tuple[object, ...]]:
    return [(*node, [one.id for one in outline.tree.siblings(node.id)]) for node in outline.path]


async def test_every_change_reaches_who_shows_the_chat(
    services: Services, chat_id: str, tmp_path: Path
) -> None:
    outline, _ = await services.conversations.outline(chat_id)
    told: list[frozenset[str]] = []
    services.bus.subscribe(
        lambda change: told.append(change.messages) if change.kind is Kind.MESSAGES else None
    )

    async def follow() -> int:
        """The first place that is another; the chat as followed must be the chat as read."""
        nonlocal outline
        first, everything = len(outline.path), not told
        for messages in told:
            if not messages:
                everything = True
            first = min(first, (await services.conversations.refresh(outline, messages))[0])
        if everything:
            outline, _ = await services.conversations.outline(chat_id)
        told.clear()
        anew, _ = await services.conversations.outline(chat_id)
        assert shape(outline) == shape(anew)
        assert outline.conversation == anew.conversation
        return first

    await use(services, tmp_path)
    await ask(services, chat_id, "one")
    assert await follow() == 0
    second = await ask(services, chat_id, "two")
    assert await follow() == 2
    await services.chat.edit(second.id, chat_id, "corrected")
    assert await follow() == 3
    await services.chat.show(second.id, chat_id)
    assert await follow() == 3
    await services.chat.rate(second.id, chat_id, Rating.UP)
    assert await follow() == 4
    await services.chat.set_context(outline.path[0].id, chat_id, InContext.EXCLUDED)
    assert await follow() == 0
    await services.chat.regenerate(second.id, chat_id)
    await services.chat.settle()
    assert await follow() == 3
    await services.chat.edit(outline.path[2].id, chat_id, "another two")
    await services.chat.settle()
    assert await follow() == 2
    while await services.undo.undo():
        await follow()
    assert len(outline.path) == 4


async def test_what_is_seen_first_comes_with_the_shape_and_the_rest_when_asked_for(
    services: Services, chat_id: str, tmp_path: Path, gate: Gate
) -> None:
    await use(services, tmp_path, **held(gate))
    answer_id = await services.chat.send(chat_id, "go")
    await writing(services, chat_id)

    outline, bodies = await services.conversations.outline(chat_id)

    assert [bodies[node.id].role for node in outline.path] == [node.role for node in outline.path]
    assert outline.path[-1].status is Status.STREAMING
    await services.chat.stop(chat_id)
    await services.chat.settle()
    first, bodies = await services.conversations.refresh(outline, {answer_id})
    assert first == 1
    assert bodies[answer_id].status is outline.path[1].status is Status.CANCELLED
    assert outline.path[1].characters == len(bodies[answer_id].text) > 0
    assert await services.conversations.bodies(chat_id, ["gone"]) == {}
