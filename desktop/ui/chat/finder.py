"""Find in chat: what is typed into the find bar is counted in all messages and marked in those that are seen.

Messages without a widget are read and counted in slices, so that ten thousand keep nobody waiting.
Main thread, on the loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication, QWidget

from desktop.domain.conversation import Message, Status
from desktop.domain.outline import Outline
from desktop.ui.actions import ActionId
from desktop.ui.chat.find_bar import FindBar
from desktop.ui.chat.find_index import FindIndex, Match, readable
from desktop.ui.chat.transcript.transcript import Transcript
from desktop.ui.markdown.plain_text import rendered_text
from desktop.ui.operation import run
from desktop.ui.slices import Slices
from desktop.ui.toolkit import Toolkit

T = TypeVar("T")

_TYPED_MS = 120
"""After a key, until nobody is expected to type on."""
_CHANGED_MS = 200
_BATCH = 100
"""Messages read at once."""
_HEAVY = 64 * 1024
"""Characters that take longer to make readable than a slice: that is done on another thread."""


class Finder(QObject):
    """``place`` is where failures are shown; ``opened`` gives the chat that is shown, if there is one."""

    closed = Signal()
    """The search is over, and the keyboard was in its field."""

    def __init__(
        self, kit: Toolkit, transcript: Transcript, opened: Callable[[], Outline | None], place: QWidget
    ) -> None:
        super().__init__(place)
        self._conversations = kit.services.conversations
        self._chat = kit.services.chat
        self._tasks = kit.tasks
        self._transcript = transcript
        self._opened = opened
        self._place = place
        self._index = FindIndex()
        self._chat_id = ""
        self._current: Match | None = None
        self._from: str | None = None
        """The message from which on the first match is looked for, while none is current."""
        self._task: asyncio.Task[None] | None = None
        self._scanning = False
        self._typed = self._timer(_TYPED_MS, self._search)
        self._changed = self._timer(_CHANGED_MS, self._scan)
        self._corrected = self._timer(0, self._on_corrected)
        self._grown = self._timer(_CHANGED_MS, self._on_grown)
        self.bar = FindBar(kit.icons, kit.actions, place)
        self.bar.searched.connect(self._on_typed)
        self.bar.stepped.connect(self._on_stepped)
        self.bar.closed.connect(self.close)
        transcript.path_changed.connect(self._on_path_changed)
        transcript.streamed.connect(self._on_streamed)
        transcript.match_counted.connect(self._on_match_counted)
        for action_id, slot in (
            (ActionId.FIND, self.open),
            (ActionId.FIND_NEXT, lambda: self._on_stepped(1)),
            (ActionId.FIND_PREVIOUS, lambda: self._on_stepped(-1)),
        ):
            kit.actions.action(action_id).triggered.connect(slot)

    def open(self) -> None:
        """Shows the bar and takes the keyboard; what was found last is there again."""
        self.bar.show()
        self.bar.take_focus()
        self._search()

    def find(self, words: str, message_id: str) -> None:
        """Shows these words from a message on; the keyboard stays where it is."""
        self.bar.show()
        self.bar.take_words(words)
        self._typed.stop()
        self._from = message_id
        self._current = None
        self._search()

    def close(self) -> None:
        """Ends the search and forgets what it read."""
        had_focus = (focused := QApplication.focusWidget()) is not None and self.bar.isAncestorOf(focused)
        self._stop()
        self._index.clear()
        self._chat_id = ""
        self._current = self._from = None
        self._transcript.mark("")
        self.bar.hide()
        if had_focus:
            self.closed.emit()

    @property
    def _is_on(self) -> bool:
        return not self.bar.isHidden() and bool(self.bar.words)

    def _timer(self, milliseconds: int, slot: Callable[[], None]) -> QTimer:
        timer = QTimer(self, singleShot=True, interval=milliseconds)
        timer.timeout.connect(slot)
        return timer

    def _stop(self) -> None:
        for timer in (self._typed, self._changed, self._corrected, self._grown):
            timer.stop()
        if self._task is not None:
            self._task.cancel()
        self._task = None
        self._scanning = False

    # -- Counting

    def _search(self) -> None:
        """For what stands in the field now."""
        words = self.bar.words
        if self._current is not None:
            self._from, self._current = self._current.message_id, None
        elif self._from is None:
            self._from = self._transcript.seen()[0]
        self._index.look_for(words)
        self._transcript.mark(words)
        self._scan()

    def _scan(self) -> None:
        """Counts what is not counted yet, then shows how many there are."""
        self._stop()
        chat = self._opened()
        if chat is None or not self._is_on:
            self.bar.show_count(0, 0)
            return
        if chat.conversation.id != self._chat_id:
            self._chat_id = chat.conversation.id
            self._index.clear()
            self._index.look_for(self.bar.words)
        self._index.follow(chat.path)
        self._scanning = True
        self._task = run(
            self._place,
            self._count_all(self._chat_id),
            tasks=self._tasks,
            name="find in chat",
            on_success=lambda _: self._settle(),
        )

    async def _count_all(self, chat_id: str) -> None:
        index = self._index
        unread = index.unread()
        for first in range(0, len(unread), _BATCH):
            bodies = await self._conversations.bodies(chat_id, unread[first : first + _BATCH])
            await self._in_slices(bodies.values(), self._read)
            await self._in_slices(bodies, index.count)
            self.bar.show_count(0, index.total, more=True)
        await self._in_slices(index.uncounted(), index.count)

    async def _in_slices(self, things: Iterable[T], work: Callable[[T], Awaitable[None] | None]) -> None:
        """Lets the window in between."""
        slices = Slices()
        for thing in things:
            if (rest := work(thing)) is not None:
                await rest
            await slices.rest()

    def _read(self, message: Message) -> Awaitable[None] | None:
        if message.status is Status.STREAMING:
            self._take_live(message)
        elif len(message.text) > _HEAVY:
            return self._read_beside(message)
        else:
            self._index.put(message.id, readable(message))
        return None

    async def _read_beside(self, message: Message) -> None:
        self._index.put(message.id, await asyncio.to_thread(readable, message))

    def _take_live(self, message: Message) -> None:
        """What an answer says that is being written: more than is on the disk."""
        live = self._chat.running(self._chat_id)
        text = live.text if live is not None and live.message_id == message.id else message.text
        self._index.put(message.id, (rendered_text(text),), unfinished=True)

    # -- Showing

    def _settle(self) -> None:
        """All is counted: goes to the first match from where the user was, unless there is one already."""
        self._scanning = False
        if self._current is None and self._index.total:
            place = self._place_of(self._from) or 0
            self._go(self._index.first_from(place))
        else:
            self._show_count()
        self.bar.say_count()

    def _go(self, number: int) -> None:
        match = self._index.match(number % total) if (total := self._index.total) else None
        self._current = match
        if match is not None:
            self._transcript.show_match(match.message_id, match.part, match.index)
        self._show_count()

    def _show_count(self) -> None:
        number = (
            self._index.number(self._current, self._place_of(self._current.message_id))
            if (self._current is not None)
            else None
        )
        self.bar.show_count(0 if number is None else number + 1, self._index.total)

    def _place_of(self, message_id: str | None) -> int | None:
        chat = self._opened()
        return chat.place(message_id) if chat is not None and message_id is not None else None

    # -- What happened

    def _on_typed(self) -> None:
        self._typed.start()

    def _on_stepped(self, step: int) -> None:
        if self.bar.isHidden():
            self.open()
        elif self._typed.isActive():
            self._typed.stop()
            self._search()
        elif self._is_on and not self._scanning:
            place = self._place_of(self._current.message_id) if self._current is not None else None
            at = self._index.number(self._current, place) if self._current is not None else None
            self._go(0 if at is None else at + step)

    def _on_path_changed(self) -> None:
        chat = self._opened()
        if not self._is_on or chat is None:
            return
        if chat.conversation.id != self._chat_id:
            self._current = self._from = None
        self._changed.start()

    def _on_streamed(self) -> None:
        if self._is_on and not self._grown.isActive():
            self._grown.start()

    def _on_grown(self) -> None:
        live = self._chat.running(self._chat_id)
        if live is None or self._scanning or not self._index.knows(live.message_id):
            return
        if not self._transcript.mark_again(live.message_id):
            self._index.put(live.message_id, (rendered_text(live.text),), unfinished=True)
            self._index.count(live.message_id)
        self._show_count()

    def _on_match_counted(self, message_id: str, part: int, number: int) -> None:
        if self._is_on and self._index.correct(message_id, part, number):
            self._corrected.start()

    def _on_corrected(self) -> None:
        """A message that is shown has fewer or more than was counted; the current one may be none."""
        current = self._current
        place = self._place_of(current.message_id) if current is not None else None
        if self._scanning or current is None or place is None:
            return
        if self._index.number(current, place) is None:
            self._go(self._index.following(current, place))
        else:
            self._show_count()
