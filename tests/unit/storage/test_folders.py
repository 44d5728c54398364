"""Folders: nested, moved, dissolved and put back."""

from dataclasses import replace

import pytest

from desktop.domain.errors import LocutionError, NotFoundError
from desktop.domain.folders import Folder, FolderTree
from desktop.storage.conversations import ConversationRepository
from desktop.storage.folders import FolderRepository
from tests.unit.storage.chats import chat


async def outline(folders: FolderRepository) -> dict[str, list[str]]:
    """Each folder's inner ones in order; the top is called so."""
    tree = FolderTree(await folders.list())
    inner = {name: [child.id for child in tree.children(name or None)] for name in ("", *map(str, ids(tree)))}
    return {name or "top": children for name, children in inner.items() if children}


def ids(tree: FolderTree) -> list[str]:
    return [folder.id for folder in tree]


@pytest.fixture(autouse=True)
async def some(folders: FolderRepository, conversations: ConversationRepository) -> None:
    """top: a (a1, a2 (deep)), b, c; a chat in each of a and a2, one at the top."""
    for name, parent in (("a", None), ("b", None), ("c", None), ("a1", "a"), ("a2", "a"), ("deep", "a2")):
        await folders.create(Folder(name, f"Folder {name}", parent))
    for name, folder in (("in-a", "a"), ("in-a2", "a2"), ("loose", None)):
        await conversations.create(replace(chat(name), folder_id=folder))


WHOLE = {"top": ["a", "b", "c"], "a": ["a1", "a2"], "a2": ["deep"]}


async def places(conversations: ConversationRepository) -> dict[str, str | None]:
    return {found.id: found.folder_id for found in await conversations.list()}


async def test_folders_are_kept_in_the_order_they_were_made(folders: FolderRepository) -> None:
    assert await outline(folders) == WHOLE


async def test_folders_are_moved_among_their_siblings_and_into_others(folders: FolderRepository) -> None:
    await folders.move("c", None, 0)
    assert (await outline(folders))["top"] == ["c", "a", "b"]

    await folders.move("b", "a", 1)
    await folders.move("deep", None)
    await folders.move("a1", "b", 99)

    assert await outline(folders) == {"top": ["c", "a", "deep"], "a": ["b", "a2"], "b": ["a1"]}


async def test_a_move_into_itself_changes_nothing(folders: FolderRepository) -> None:
    with pytest.raises(LocutionError, match="into itself"):
        await folders.move("a", "deep")

    assert await outline(folders) == WHOLE


async def test_what_was_in_a_folder_stays_when_it_is_deleted(
    folders: FolderRepository, conversations: ConversationRepository
) -> None:
    gone = await folders.dissolve("a")

    assert await outline(folders) == {"top": ["a1", "a2", "b", "c"], "a2": ["deep"]}
    assert await places(conversations) == {"in-a": None, "in-a2": "a2", "loose": None}

    await folders.put_back(gone)
    assert await outline(folders) == WHOLE
    assert await places(conversations) == {"in-a": "a", "in-a2": "a2", "loose": None}


async def test_a_folder_is_put_back_although_others_have_gone_meanwhile(folders: FolderRepository) -> None:
    gone = await folders.dissolve("a2")
    await folders.dissolve("a")
    await folders.dissolve("deep")

    await folders.put_back(gone)

    assert await outline(folders) == {"top": ["a1", "a2", "b", "c"]}


async def test_names_are_kept_as_they_are_typed(folders: FolderRepository) -> None:
    await folders.rename("b", "Ünïcode \ud83d half")

    assert FolderTree(await folders.list())["b"].name == "Ünïcode \ud83d half"


async def test_what_is_gone_is_said(folders: FolderRepository, conversations: ConversationRepository) -> None:
    for attempt in (
        folders.rename("x", "y"),
        folders.move("x", None),
        folders.move("a", "x"),
        folders.dissolve("x"),
        folders.create(Folder("new", "New", "x")),
    ):
        with pytest.raises(NotFoundError, match="no folder “x”"):
            await attempt
    with pytest.raises(NotFoundError):
        await conversations.move({"in-a": "b", "loose": "x"})
    with pytest.raises(NotFoundError, match="no chat “x”"):
        await conversations.move({"in-a": "b", "x": None})
    assert await places(conversations) == {"in-a": "a", "in-a2": "a2", "loose": None}


async def test_chats_are_moved_and_pinned_and_keep_their_place_in_the_list(
    conversations: ConversationRepository,
) -> None:
    before = [found.id for found in await conversations.list()]

    await conversations.move({"in-a": None, "loose": "deep"})
    await conversations.pin("loose", pinned=True)

    assert await places(conversations) == {"in-a": None, "in-a2": "a2", "loose": "deep"}
    assert [found.id for found in await conversations.list() if found.pinned] == ["loose"]
    assert [found.id for found in await conversations.list()] == before
