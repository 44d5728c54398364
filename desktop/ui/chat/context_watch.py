"""What the next message of the open chat costs: on the gauge, on the chips, in words, and in the panel.

Main thread, on the loop.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from desktop.domain.changes import Change, Kind
from desktop.domain.conversation import InContext, Part
from desktop.domain.ledger import Share
from desktop.domain.outline import Outline
from desktop.services.live_answer import LiveAnswer
from desktop.system.printable import one_line
from desktop.ui import words
from desktop.ui.actions import ActionId
from desktop.ui.composer.composer import Composer
from desktop.ui.composer.context_meter import ContextMeter, Reading
from desktop.ui.composer.hint import Help
from desktop.ui.operation import run
from desktop.ui.toolkit import Toolkit
from desktop.ui.widgets.banner import Banner

if TYPE_CHECKING:
    from desktop.ui.composer.ledger_panel import LedgerPanel

_ROOM = 0.9
"""Of what is free, a file's beginning takes so much: it is cut by its mean tokens per character."""


class ContextWatch(QObject):
    """``opened`` gives the chat that is shown, if there is one."""

    def __init__(
        self,
        kit: Toolkit,
        composer: Composer,
        banner: Banner,
        column: QWidget,
        opened: Callable[[], Outline | None],
    ) -> None:
        super().__init__(column)
        self._kit = kit
        self._composer = composer
        self._banner = banner
        self._opened = opened
        self._reading: Reading | None = None
        self._counts: dict[Part, int] = {}
        self.meter = ContextMeter(kit.services.ledger, kit.services.models, kit.tasks, self)
        self.meter.measured.connect(self._on_measured)
        self.meter.counted.connect(self._on_counted)
        self._is_there: Callable[[], bool] = lambda: True
        """Whether the composer still holds what the hint speaks of."""
        composer.changed.connect(self._on_prompt)
        action = kit.actions.action(ActionId.LEDGER)
        action.triggered.connect(self._toggle)
        composer.gauge.clicked.connect(action.trigger)
        kit.actions.put_tip(composer.gauge, ActionId.LEDGER)
        self._column = column
        self._panel: LedgerPanel | None = None
        self._unsubscribe = kit.services.bus.subscribe(self._on_changed)
        self.destroyed.connect(self._unsubscribe)

    def show_chat(self, chat: Outline) -> None:
        """The chat that is open, as it is now."""
        self.meter.set_chat(chat.conversation.id, chat.path)

    def show_running(self, live: LiveAnswer) -> None:
        if live.prompt_total:
            model = self._kit.services.models.current
            total = model.context_length if model else 0
            self._composer.gauge.show_running(live.prompt_total + live.tokens, total)

    def leave(self) -> None:
        """Looks at nothing that happens from now on."""
        self._unsubscribe()

    def _on_changed(self, change: Change) -> None:
        if change.kind in (Kind.MODEL, Kind.CONVERSATIONS, Kind.PRESETS):
            self.meter.refresh()

    def _on_prompt(self) -> None:
        self.meter.set_prompt(self._composer.prompt)
        if not self._is_there():
            # The rest can be said once it is measured.
            self._composer.hint.say("")
            self._say_what_is_too_large()

    def _on_measured(self, reading: Reading) -> None:
        self._reading = reading
        chat = self._opened()
        running = self._kit.services.chat.running(chat.conversation.id) if chat is not None else None
        if running is None or not running.prompt_total:  # It knows better how long its prompt is.
            self._composer.gauge.show_reading(reading)
        self._say()
        self._fill()

    def _on_counted(self, part: Part, count: int, about: bool) -> None:
        self._counts = {
            kept: self._counts[kept] for kept in self._composer.prompt.attachments if kept in self._counts
        }
        self._counts[part] = count
        is_too_large = self._is_too_large(part)
        self._composer.attachments.show_tokens(part, count, about=about, is_too_large=is_too_large)
        self._say()

    def _is_too_large(self, part: Part) -> bool:
        total = self._reading.total if self._reading else 0
        return 0 < total <= self._counts.get(part, 0)

    # -- The panel

    def _toggle(self) -> None:
        """Opens it, or closes the open one."""
        if self._panel is not None and self._panel.isVisible():
            self._panel.hide()
            self._composer.focus_edit()
            return
        if self._panel is None:
            from desktop.ui.composer.ledger_panel import LedgerPanel

            self._panel = LedgerPanel(self._kit.theme, self._kit.icons, self._column, self._composer)
            self._panel.closed.connect(self._composer.focus_edit)
            self._panel.context_chosen.connect(self._set_context)
            self._panel.policy_chosen.connect(self._set_policy)
        self._panel.open()
        self._fill()
        self.meter.refresh()

    def _fill(self) -> None:
        chat = self._opened()
        if self._panel is not None and self._panel.isVisible() and chat is not None and self._reading:
            effective = self._kit.services.conversations.effective(chat.conversation)
            self._panel.show_reading(self._reading, effective.parameters.context_policy)

    def _set_context(self, message_id: str, context: InContext) -> None:
        if (chat := self._opened()) is not None:
            work = self._kit.services.chat.set_context(message_id, chat.conversation.id, context, actor=self)
            run(self._column, work, tasks=self._kit.tasks, name="choose what is sent")

    def _set_policy(self, policy: str) -> None:
        if (chat := self._opened()) is not None:
            overrides = {**chat.conversation.overrides, "context_policy": policy}
            work = self._kit.services.conversations.configure(
                chat.conversation.id, overrides=overrides, actor=self
            )
            run(self._column, work, tasks=self._kit.tasks, name="choose a context policy")

    # -- In words

    def _say(self) -> None:
        """What does not fit, and what helps. Only said, not enforced: the engine is the judge."""
        hint, ledger = self._composer.hint, self._reading.ledger if self._reading else None
        if self._say_what_is_too_large():
            return
        if ledger is None:
            hint.say("")
        elif ledger.shares[Share.NEW] >= ledger.foresight.context_length:
            text = self.tr(
                "This text alone is larger than the context. Shorten it, or raise the context length."
            )
            hint.say(text, self._longer(), is_problem=True)
            self._is_there = lambda: bool(self._composer.text)
        elif ledger.foresight.overflows:
            text = self.tr("This no longer fits. Start a new chat, or raise the context length.")
            hint.say(text, self._look(), self._longer(), is_problem=True)
        elif cut := ledger.foresight.cut:
            text = (
                self.tr("This no longer fits: earlier messages will not be sent.")
                if cut.policy == "drop_oldest"
                else self.tr("This no longer fits: a part in the middle will not be sent.")
            )
            hint.say(text)
        else:
            hint.say("")

    def _say_what_is_too_large(self) -> bool:
        """Of the attachments; whether there was anything to say."""
        self._is_there = lambda: True
        large = next((part for part in self._composer.prompt.attachments if self._is_too_large(part)), None)
        if large is None:
            return False
        text = self.tr(
            "“%1” alone is larger than the context. Attach a part of it, or raise the context length."
        )
        beginning = Help(
            self.tr("Attach its beginning"),
            self.tr("Keeps as much of the file as fits; it can be taken back"),
            lambda: self._attach_beginning(large),
        )
        words_ = text.replace("%1", one_line(large.name, 60))
        self._composer.hint.say(words_, beginning, self._longer(), is_problem=True)
        self._is_there = lambda: large in self._composer.prompt.attachments
        return True

    def _longer(self) -> Help:
        return Help(
            self.tr("Context length…"),
            self.tr("Opens the settings, where models are given a longer context"),
            self._kit.actions.action(ActionId.SETTINGS).trigger,
        )

    def _look(self) -> Help:
        return Help(
            self.tr("Show the context"),
            self.tr("Says what the context's tokens go to, and what will not be sent"),
            self._kit.actions.action(ActionId.LEDGER).trigger,
        )

    def _attach_beginning(self, part: Part) -> None:
        """In the place of a file, as much of it as there is room for."""
        reading, count = self._reading, self._counts.get(part, 0)
        if reading is None or not count or part not in self._composer.prompt.attachments:
            return
        reserve = reading.ledger.foresight.reserve if reading.ledger else reading.total // 4
        free = max(reading.total // 8, reading.total - reserve - max(0, reading.used - count))
        length = int(len(part.text) * min(1.0, _ROOM * free / count))
        name = self.tr("%1 (beginning)").replace("%1", part.name)
        short = Part(part.kind, part.text[: max(1, length)], name)
        self._replace(part, short)
        text = self.tr("Only the first %1 of “%2” are attached.")
        text = words.filled(text, words.size_of_text(length), one_line(part.name, 60))
        self._banner.show_notice(text, self.tr("Undo"), lambda: self._replace(short, part))

    def _replace(self, before: Part, after: Part) -> None:
        prompt = self._composer.prompt
        if before in prompt.attachments:
            self._composer.replace_attachment(before, after)
