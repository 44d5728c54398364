"""The map of a chat: every branch is on it, and every message can be gone to from it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QLabel

from desktop.domain.conversation import Message, MessageTree, Node, Part, PartKind, Role
from desktop.domain.errors import StorageError
from desktop.ui.actions import ActionId
from desktop.ui.chat.rows import rows_of
from desktop.ui.chat.tree_map import TreeMapPanel
from desktop.ui.chat.tree_map_layout import TreeMap, lay_out
from desktop.ui.theme import Token
from tests.helpers import chats
from tests.helpers.qt_loop import until

COUNT = 120


def tree_of(parents: dict[str, str | None], role: Role = Role.USER) -> MessageTree[Node]:
    messages = [Message(name, "c", parent, role, ()) for name, parent in parents.items()]
    nodes = rows_of(messages, MessageTree(messages))._path
    return MessageTree([node._replace(position=at) for at, node in enumerate(nodes)])


def laid_out(tree: MessageTree[Node]) -> TreeMap:
    steps = lay_out(tree)
    while True:
        try:
            next(steps)
        except StopIteration as done:
            made: TreeMap = done.value
            return made


def test_branches_stand_side_by_side_below_the_message_they_part_from() -> None:
    made = laid_out(tree_of({"a": None, "b": "a", "c": "b", "d": "a", "e": "d", "f": "d", "g": None}))
    places = {knot.ids[0]: (knot.column, knot.row) for knot in made.knots}
    assert places == {
        "a": (0, 0),
        "b": (0, 1),
        "c": (0, 2),
        "d": (1, 1),
        "e": (1, 2),
        "f": (2, 2),
        "g": (3, 0),
    }
    assert (made.columns, made.rows) == (4, 3)
    assert made.siblings(made.of["d"]) == [made.of["b"], made.of["d"]]
    assert made.siblings(made.of["g"]) == [made.of["a"], made.of["g"]]


def test_a_long_stretch_without_branches_is_short_on_the_map() -> None:
    made = laid_out(tree_of({f"m{n}": f"m{n - 1}" if n else None for n in range(10_000)}))
    assert len(made.knots) == 5
    assert made.rows < 20
    run = made.of["m5000"]
    assert made.knots[run].is_run
    middle = made.middle("m5000")
    assert middle is not None
    assert made.message(run, middle) == "m5000"
    assert made.message(run, -1.0) == "m2" and made.message(run, 1e9) == "m9997"
    assert made.middle("unknown") is None


def test_instructions_are_no_part_of_the_map() -> None:
    parents = {f"m{n}": f"m{n - 1}" if n else None for n in range(5000)}
    assert laid_out(tree_of(parents, Role.SYSTEM)).knots == []


@given(st.lists(st.integers(0, 30), max_size=60))
def test_no_two_messages_stand_on_each_other(choices: list[int]) -> None:
    parents: dict[str, str | None] = {"0": None}
    for number, choice in enumerate(choices, 1):
        parents[str(number)] = str(choice % number) if choice < 29 else None
    made = laid_out(tree_of(parents))
    assert set(made.of) == set(parents)
    taken = [(knot.column, row) for knot in made.knots for row in range(knot.row, knot.row + knot.rows)]
    assert len(taken) == len(set(taken))
    for number, knot in enumerate(made.knots):
        for name in knot.ids:
            middle = made.middle(name)
            assert middle is not None and made.message(number, middle) == name
    assert sorted(made.between(0, made.rows)) == list(range(len(made.knots)))


@pytest.fixture
async def branched(services) -> str:
    """120 messages; another branch of two from the 11th on, and one from the 101st."""
    made = await services.conversations.new()
    path = list(chats.turns(made.id, COUNT))
    text = (Part(PartKind.TEXT, "Something *else* entirely, as $x^2$ is"),)
    others = [
        Message("other", made.id, path[10].id, Role.ASSISTANT, text, created_at=1e6),
        Message("more", made.id, "other", Role.USER, text, created_at=1e6),
        replace(path[101], id="late", parts=text, created_at=1e300),
    ]
    await services.chat._stores.disk.messages.add(*path, *others, leaf_id=path[-1].id, title="Branched")
    return made.id


def point_at(view: QAbstractScrollArea, place: QPoint) -> None:
    """As the pointer does; QTest's own way handles other events meanwhile."""
    none, globally = Qt.MouseButton.NoButton, view.viewport().mapToGlobal(QPointF(place))
    move = QMouseEvent(
        QEvent.Type.MouseMove, QPointF(place), globally, none, none, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(view.viewport(), move)


async def shown_map(chat, conversation_id: str) -> TreeMapPanel:
    await chat.show(conversation_id)
    chat.actions.action(ActionId.TREE_MAP).trigger()
    panel = chat.open.findChild(TreeMapPanel)
    await until(lambda: panel.view.current, "the map")
    return panel


async def test_the_map_opens_where_the_reader_is_and_says_what_is_there(chat, branched):
    panel = await shown_map(chat, branched)
    assert panel.isVisible() and panel.view.hasFocus()
    assert panel.y() >= chat.open.header.geometry().bottom()
    assert panel.view.current == chat.transcript.seen()[0]
    count = panel.findChild(QLabel, "tree-map-count")
    assert count is not None and count.text() == "Messages: 123 · Branches: 3"
    await until(lambda: panel.detail(), "the first words")
    QTest.keyClick(panel.view, Qt.Key.Key_Home)
    await until(lambda: "Why is the sky blue?" in panel.detail(), "of the first message")
    assert panel.detail().startswith("You · ")
    assert panel.view.accessibleDescription().startswith("You · ")


async def test_arrows_walk_along_the_branches_and_enter_goes_there(chat, branched):
    panel = await shown_map(chat, branched)
    view = panel.view
    view.set_current(f"{branched}-11")
    QTest.keyClick(view, Qt.Key.Key_Left)
    assert view.current == f"{branched}-11"
    QTest.keyClick(view, Qt.Key.Key_Right)
    assert view.current == "other"
    await until(lambda: "Something else entirely, as … is" in panel.detail(), "its words")
    QTest.keyClick(view, Qt.Key.Key_Down)
    assert view.current == "more"
    QTest.keyClick(view, Qt.Key.Key_Down)
    assert view.current == "more"
    QTest.keyClick(view, Qt.Key.Key_Up)
    QTest.keyClick(view, Qt.Key.Key_Return)
    await until(lambda: chat.transcript.current_message() == "other", "the other branch")
    assert chat.transcript.widget_of("other").isVisible()
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_End)
    assert view.current == "more", "the branch that is shown"
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert not panel.isVisible()
    assert QApplication.focusWidget() is chat.composer.edit


async def test_a_click_goes_to_the_message_far_up(chat, branched):
    panel = await shown_map(chat, branched)
    view = panel.view
    name = f"{branched}-5"
    view.set_current(f"{branched}-0")
    place = view.point_of(name)
    point_at(view, place)
    await until(lambda: chats.ORIGIN.model_name in panel.detail(), "who wrote it")
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert view.current == name
    await until(lambda: (w := chat.transcript.widget_of(name)) and w.isVisible() and w.row.loaded, "it")
    assert chat.transcript.seen()[0] in (name, f"{branched}-4")
    before = view.current
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(view.viewport().width() - 2, 2))
    assert view.current == before, "nothing is there"
    QApplication.sendEvent(view, QEvent(QEvent.Type.Leave))


@pytest.mark.parametrize("mode", ["light", "dark"])
async def test_the_shown_branch_and_the_place_on_it_are_marked(chat, theme, branched, mode):
    theme.set_mode(mode)
    panel = await shown_map(chat, branched)
    picture = panel.view.viewport().grab().toImage()
    colors = {picture.pixel(x, y) for x in range(picture.width()) for y in range(picture.height())}
    for token in (Token.ACCENT, Token.TEXT_MUTED, Token.ACCENT_SOFT):
        assert theme.color(token).rgb() in colors


async def test_the_map_follows_the_chat(chat, services, branched):
    panel = await shown_map(chat, branched)
    await services.chat.delete_branch("other", branched)
    count = panel.findChild(QLabel, "tree-map-count")
    assert count is not None
    await until(lambda: count.text() == "Messages: 121 · Branches: 2", "a smaller map")
    bar = chat.transcript.verticalScrollBar()
    bar.setValue(0)
    assert panel.view._seen[0] == f"{branched}-0"
    chat.open.resize(chat.open.width() - 100, chat.open.height())
    await until(lambda: panel.geometry().right() < chat.open.width(), "it stays inside")
    chat.actions.action(ActionId.TREE_MAP).trigger()
    assert not panel.isVisible()


async def test_the_map_is_mirrored_where_one_reads_from_right_to_left(chat, qapp, branched):
    qapp.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    try:
        panel = await shown_map(chat, branched)
        view = panel.view
        assert view.point_of("other").x() < view.point_of(f"{branched}-11").x()
        assert panel.x() < chat.open.width() // 2
        view.set_current(f"{branched}-11")
        QTest.keyClick(view, Qt.Key.Key_Left)
        assert view.current == "other"
    finally:
        qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


async def test_a_message_that_cannot_be_read_is_told(chat, services, branched, monkeypatch):
    async def fail(*_):
        raise StorageError("The disk is gone.")

    panel = await shown_map(chat, branched)
    monkeypatch.setattr(type(services.conversations), "bodies", fail)
    panel.view.set_current("late")
    await until(lambda: "The disk is gone." in chat.open.banner.text(), "the words")


async def test_an_impossible_date_is_left_out(chat, branched):
    panel = await shown_map(chat, branched)
    panel.view.set_current("late")
    await until(lambda: "Something else" in panel.detail(), "its words")
    assert panel.detail().splitlines()[0] == chats.ORIGIN.model_name


async def test_an_empty_chat_has_no_map(chat):
    await chat.show()
    chat.actions.action(ActionId.TREE_MAP).trigger()
    assert not chat.open.findChild(TreeMapPanel).isVisible()
