"""Which lines the list of chats has, and what it means to let go of something over one of them."""

from __future__ import annotations

import math
import time
from datetime import date, datetime, timedelta

import pytest

from desktop.domain.conversation import Conversation
from desktop.domain.folders import Folder, FolderTree
from desktop.ui.conversations.dropping import (
    Half,
    MoveFolder,
    PinChats,
    PutChats,
    drop_of_chats,
    drop_of_folder,
)
from desktop.ui.conversations.entries import (
    ChatLine,
    FolderLine,
    Heading,
    Section,
    entries,
    heading_of,
    listing,
)
from desktop.ui.conversations.model import ConversationModel
from tests.helpers import chats

TODAY = date(2026, 3, 15)
NOON = datetime(2026, 3, 15, 12).timestamp()
FOLDERS = FolderTree(
    [
        Folder("work", "Work", None, 0),
        Folder("home", "Home", None, 1),
        Folder("2026", "2026", "work", 0),
    ]
)


def chat(identity: str, **fields: object) -> Conversation:
    return Conversation(identity, identity.title(), 0, NOON, **fields)  # type: ignore[arg-type]


CHATS = (
    chat("secret", temporary=True),
    chat("star", pinned=True, folder_id="work"),
    chat("report", folder_id="work"),
    chat("budget", folder_id="2026"),
    chat("lost", folder_id="a folder that is gone"),
    chat("loose"),
)


def shown(closed: frozenset[str] = frozenset()) -> list[str]:
    """The lines in short, further in by a blank for each level."""
    found = []
    for entry in entries(CHATS, FOLDERS, TODAY, closed):
        match entry:
            case Heading(section=section):
                found.append(f"# {section.value}")
            case FolderLine(folder=folder, depth=depth, count=count):
                found.append(f"{' ' * depth}{folder.name}/{count}")
            case ChatLine(conversation=conversation, depth=depth):
                found.append(f"{' ' * depth}{conversation.id}")
    return found


WHOLE = [
    "# temporary", "secret", "# pinned", "star", "# folders", "Work/2", " 2026/1", "  budget", " report",
    "Home/0", "# today", "lost", "loose",
]  # fmt: skip


def row(name: str) -> int:
    return WHOLE.index(name)


def test_each_chat_has_one_line_in_its_place():
    assert shown() == WHOLE


def test_of_a_closed_folder_only_the_line_is_there():
    assert shown(frozenset({"work"})) == [*WHOLE[:6], *WHOLE[9:]]


@pytest.mark.parametrize(
    ("days", "heading"),
    [
        (-3, Heading(Section.TODAY)),
        (0, Heading(Section.TODAY)),
        (1, Heading(Section.YESTERDAY)),
        (6, Heading(Section.WEEK)),
        (29, Heading(Section.MONTH)),
        (90, Heading(Section.OLDER, 2025, 12)),
    ],
)
def test_a_chat_stands_under_the_day_it_was_used(days, heading):
    assert heading_of(TODAY - timedelta(days=days), TODAY) == heading


def test_each_heading_comes_once_and_only_over_something():
    made = [Conversation(f"{n}", f"Title {n}", 0, NOON - n * 86_400) for n in range(40)]
    found = entries(made, FolderTree(()), TODAY)
    assert [entry.section for entry in found if isinstance(entry, Heading)] == [
        Section.TODAY, Section.YESTERDAY, Section.WEEK, Section.MONTH, Section.OLDER,
    ]  # fmt: skip


@pytest.mark.parametrize("when", [math.inf, -math.inf, math.nan, 1e18, -1e18])
def test_a_time_that_is_none_counts_as_today(when):
    found = entries([Conversation("odd", "Odd", 0, when)], FolderTree(()), TODAY)
    assert found[0] == Heading(Section.TODAY)


def test_only_rows_that_are_others_are_told_to_the_view(qapp):
    model = ConversationModel()
    before = listing(CHATS, FOLDERS, TODAY)
    model.show(before)
    resets, changes = [], []
    model.modelReset.connect(lambda: resets.append(True))
    model.dataChanged.connect(lambda first, last, _: changes.append((first.row(), last.row())))
    renamed = [*CHATS[:-1], Conversation("loose", "Another", 0, NOON)]
    after = listing(renamed, FOLDERS, TODAY)
    model.show(after, after.changed_from(before))
    assert (resets, changes) == ([], [(row("loose"), row("loose"))])
    assert model.index(row("loose")).data() == "Another"
    assert listing(CHATS[1:], FOLDERS, TODAY).changed_from(after) is None


def test_a_chat_costs_no_more_in_a_list_of_ten_thousand(qapp):
    def spent(count: int) -> float:
        """Seconds of the processor: a slow or busy machine is no failure."""
        model = ConversationModel()
        now = time.time()
        made = [
            Conversation(f"{n}", chats.TITLES[n % len(chats.TITLES)], 0, now - n * 3000) for n in range(count)
        ]
        start = time.thread_time()
        model.show(listing(made, FOLDERS, date.today()))
        took = time.thread_time() - start
        assert model.rowCount() > count
        return took

    few = min(spent(1_000) for _ in range(3))
    assert min(spent(10_000) for _ in range(3)) < 30 * few


@pytest.mark.parametrize(
    ("name", "drop"),
    [
        ("Work/2", PutChats("work", (row("Work/2"), row(" report")))),
        (" report", PutChats("work", (row("Work/2"), row(" report")))),
        ("  budget", PutChats("2026", (row(" 2026/1"), row("  budget")))),
        ("Home/0", PutChats("home", (row("Home/0"), row("Home/0")))),
        ("loose", PutChats(None, (row("# today"), row("loose")))),
        ("# today", PutChats(None, (row("# today"), row("loose")))),
        ("# folders", PutChats(None, (row("# today"), row("loose")))),
        ("star", PinChats((row("# pinned"), row("star")))),
        ("# pinned", PinChats((row("# pinned"), row("star")))),
        ("secret", None),
    ],
)
def test_chats_go_where_the_line_under_them_is(name, drop):
    assert drop_of_chats(entries(CHATS, FOLDERS, TODAY), row(name)) == drop


def test_below_the_last_line_is_the_top_of_the_list():
    whole = entries(CHATS, FOLDERS, TODAY)
    assert drop_of_chats(whole, -1) == drop_of_chats(whole, row("loose"))
    only_folders = whole[: row("# today")]
    assert drop_of_chats(only_folders, -1) == PutChats(None, (len(only_folders), len(only_folders)))


FOLDER_DROPS = [
    ("home", "Work/2", Half.ON, MoveFolder("work", None, (5, 5))),
    ("home", "Work/2", Half.BEFORE, MoveFolder(None, 0, (5, 5), (5, Half.BEFORE))),
    ("home", "Work/2", Half.BEHIND, MoveFolder("work", None, (5, 5))),
    ("home", " 2026/1", Half.BEHIND, MoveFolder("work", 1, (7, 7), (7, Half.BEHIND))),
    ("home", " report", Half.ON, MoveFolder("work", None, (5, 5))),
    ("home", "Home/0", Half.BEFORE, MoveFolder(None, 1, (9, 9), (9, Half.BEFORE))),
    ("2026", "loose", Half.ON, MoveFolder(None, None, (4, 9))),
    ("work", " 2026/1", Half.ON, None),
    ("work", "  budget", Half.ON, None),
    ("work", "Home/0", Half.BEHIND, MoveFolder(None, 1, (9, 9), (9, Half.BEHIND))),
]


@pytest.mark.parametrize(("folder", "name", "half", "drop"), FOLDER_DROPS)
def test_a_folder_goes_into_another_or_beside_it_but_not_into_itself(folder, name, half, drop):
    whole = entries(CHATS, FOLDERS, TODAY)
    assert drop_of_folder(whole, FOLDERS, folder, row(name), half) == drop
