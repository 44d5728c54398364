"""The context ledger over the composer: what the tokens go to, what is dropped, and each message in it.

It knows no service and keeps no key from the composer: one can write on while it is open. Main thread only.
"""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QActionGroup, QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop.domain.conversation import InContext
from desktop.domain.ledger import Ledger
from desktop.domain.parameter_specs import Choice
from desktop.domain.parameters import SPEC_BY_NAME
from desktop.ui import words
from desktop.ui.composer.context_meter import Reading
from desktop.ui.composer.ledger_turns import TurnsView
from desktop.ui.composer.share_bar import ShareBar, ShareTable
from desktop.ui.icons import IconName, Icons
from desktop.ui.theme import GRID, Theme
from desktop.ui.widgets.flow_layout import FlowLayout
from desktop.ui.widgets.icon_button import icon_button
from desktop.ui.widgets.menu_button import MenuButton

_LINES = 5
"""Messages that are seen at least."""


class LedgerPanel(QFrame):
    """Lies over ``column``, above ``composer``."""

    context_chosen = Signal(str, object)
    """A message's id and an :class:`InContext`."""
    policy_chosen = Signal(str)
    closed = Signal()

    def __init__(self, theme: Theme, icons: Icons, column: QWidget, composer: QWidget) -> None:
        super().__init__(column)
        self._theme = theme
        self._column = column
        self._composer = composer
        self._policy = ""
        self.setObjectName("ledger")
        self.setProperty("panel", "card")
        self.setAccessibleName(self.tr("Context"))
        self._bar = ShareBar(theme, self)
        self._table = ShareTable(theme, self)
        self._summary = self._label("ledger-summary")
        self._dropped = self._label("ledger-dropped")
        self._policies = self._make_policies(icons)
        self.turns = TurnsView(theme, icons, self)
        self.turns.marked.connect(self.context_chosen)
        self.turns.selectionModel().currentChanged.connect(lambda *_: self._update_buttons())
        self._pin = self._mark_button("ledger-pin", InContext.PINNED)
        self._exclude = self._mark_button("ledger-exclude", InContext.EXCLUDED)
        self._close = self._make_close(icons)
        self._arrange()
        theme.changed.connect(self._on_theme_changed)
        for widget in (column, composer):
            widget.installEventFilter(self)
        self.hide()

    def open(self) -> None:
        self.show()
        self._place()
        self.raise_()
        self.turns.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def show_reading(self, reading: Reading, policy: str) -> None:
        """``policy`` is the chat's ``context_policy``."""
        self._policy = policy
        self._policies.set_words(_policy_name(policy))
        self._policies.setAccessibleName(
            self.tr("When the context is full: %1").replace("%1", _policy_name(policy))
        )
        ledger = reading.ledger
        for widget in (self._bar, self._table, self.turns, self._dropped):
            widget.setVisible(ledger is not None)
        if ledger is None:
            self._summary.setText(self._rough(reading))
        else:
            self._bar.show_shares(ledger.shares, reading.total)
            self._table.show_shares(ledger.shares, about=ledger.foresight.is_estimate)
            self._summary.setText(self._in_words(ledger))
            self._dropped.setText(self._dropped_in_words(ledger))
            self.turns.show_turns(ledger.turns)
        self._update_buttons()
        self._place()

    @property
    def summary(self) -> str:
        """What is said in words."""
        return "\n".join(label.text() for label in (self._summary, self._dropped) if not label.isHidden())

    def focus_widgets(self) -> list[QWidget]:
        return [self._close, self._policies, self.turns, self._pin, self._exclude]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._on_closed()
        else:
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Move) and not self.isHidden():
            self._place()
        return False

    # -- In words

    def _in_words(self, ledger: Ledger) -> str:
        foresight = ledger.foresight
        about = foresight.is_estimate
        text = self.tr("about %1 of %2 tokens") if about else self.tr("%1 of %2 tokens")
        used = words.number(foresight.prompt_tokens, about=about)
        total = words.number(foresight.context_length)
        said = [words.filled(text, used, total)]
        if foresight.reused_tokens:
            said.append(self.tr("%1 already read").replace("%1", words.number(foresight.reused_tokens)))
        if (seconds := foresight.first_token_s) is not None:
            said.append(self.tr("first word after about %1").replace("%1", words.duration(seconds)))
        return " · ".join(said)

    def _dropped_in_words(self, ledger: Ledger) -> str:
        dropped, cut = ledger.dropped, ledger.foresight.cut
        if ledger.foresight.overflows:
            return self.tr("This does not fit. Leave messages out, or let the oldest be dropped.")
        if cut and dropped:
            is_one = dropped == 1
            text = self.tr("1 message will be dropped") if is_one else self.tr("%1 messages will be dropped")
            tokens = words.tokens(cut.tokens, about=ledger.foresight.is_estimate)
            return f"{text.replace('%1', words.number(dropped))} · {tokens}"
        if cut:
            return self.tr("A part in the middle will be dropped: %1").replace("%1", words.tokens(cut.tokens))
        return self.tr("Nothing will be dropped.")

    def _rough(self, reading: Reading) -> str:
        if reading.problem is not None:
            return str(reading.problem)
        text = self.tr("About %1. This is a rough estimate while no model is loaded.")
        return text.replace("%1", words.tokens(reading.used))

    # -- Building

    def _label(self, name: str) -> QLabel:
        label = QLabel(self)
        label.setObjectName(name)
        label.setProperty("textsize", "small")
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        return label

    def _make_policies(self, icons: Icons) -> MenuButton:
        button = MenuButton(self._theme, icons, self)
        button.setObjectName("ledger-policy")
        button.setProperty("textsize", "small")
        button.setToolTip(self.tr("What becomes of a conversation that no longer fits, in this chat"))
        menu = QMenu(button)
        menu.aboutToShow.connect(lambda: self._fill_policies(menu))
        button.setMenu(menu)
        return button

    def _fill_policies(self, menu: QMenu) -> None:
        menu.clear()
        group = QActionGroup(menu)
        for value in _policies():
            action = menu.addAction(_policy_name(value))
            action.setCheckable(True)
            action.setChecked(value == self._policy)
            action.triggered.connect(lambda _checked, value=value: self.policy_chosen.emit(value))
            group.addAction(action)

    def _mark_button(self, name: str, context: InContext) -> QPushButton:
        button = QPushButton(self)
        button.setObjectName(name)
        button.setProperty("textsize", "small")
        button.clicked.connect(lambda: self.turns.mark(context))
        return button

    def _make_close(self, icons: Icons) -> QToolButton:
        tip = self.tr("Hides what the context is used for (Esc)")
        close = icon_button(icons, IconName.CLOSE, "ledger-close", self, label=self.tr("Close"), tip=tip)
        close.clicked.connect(self._on_closed)
        return close

    def _arrange(self) -> None:
        title = QLabel(self.tr("Context of the next message"), self)
        title.setProperty("weight", "bold")
        title.setWordWrap(True)
        head = QHBoxLayout()
        head.addWidget(title, 1)
        head.addWidget(self._close)
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 2 * GRID, 0)
        column.setSpacing(2 * GRID)
        for widget in (self._bar, self._summary, self._table, self._dropped):
            column.addWidget(widget)
        column.addLayout(self._policy_row())
        column.addWidget(self.turns, 1)
        buttons = QWidget(body)
        flow = FlowLayout(2 * GRID, buttons)
        flow.addWidget(self._pin)
        flow.addWidget(self._exclude)
        column.addWidget(buttons)
        self._body = body
        scroll = QScrollArea(self)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidgetResizable(True)
        scroll.setWidget(body)
        body.setAutoFillBackground(False)
        scroll.viewport().setAutoFillBackground(False)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(4 * GRID, 2 * GRID, 2 * GRID, 3 * GRID)
        whole.setSpacing(GRID)
        whole.addLayout(head)
        whole.addWidget(scroll, 1)
        self._on_theme_changed()

    def _policy_row(self) -> FlowLayout:
        label = QLabel(self.tr("When it is full:"), self)
        label.setProperty("textsize", "small")
        label.setProperty("tone", "muted")
        label.setBuddy(self._policies)
        row = FlowLayout(2 * GRID)
        row.addWidget(label)
        row.addWidget(self._policies)
        return row

    def _place(self) -> None:
        """Above the composer, as wide as it, and as high as there is room and need."""
        top = self._composer.mapTo(self._column, QPoint(0, 0))
        room = top.y() - 2 * GRID
        wanted = self._body.sizeHint().height() + 16 * GRID
        height = max(min(wanted, room), 40 * GRID)
        self.setGeometry(top.x(), top.y() - GRID - height, self._composer.width(), height)

    def _update_buttons(self) -> None:
        turn = self.turns.current if not self.turns.isHidden() else None
        context = turn.context if turn is not None else InContext.AUTO
        is_pinned, is_excluded = context is InContext.PINNED, context is InContext.EXCLUDED
        for button, text, tip in (
            (
                self._pin,
                self.tr("Send as needed") if is_pinned else self.tr("Always send"),
                self.tr("Keeps the chosen message when others are dropped (P)"),
            ),
            (
                self._exclude,
                self.tr("Send again") if is_excluded else self.tr("Never send"),
                self.tr("Leaves the chosen message out of what the model is sent (X)"),
            ),
        ):
            button.setText(text)
            button.setAccessibleName(text)
            button.setToolTip(tip)
            button.setEnabled(turn is not None and turn.message_id is not None)
            button.setVisible(not self.turns.isHidden())

    def _on_theme_changed(self) -> None:
        line = self.turns.sizeHintForRow(0) if self.turns.turns.rowCount() else 7 * GRID
        self.turns.setMinimumHeight(_LINES * max(line, self._theme.grown(7 * GRID)))
        if not self.isHidden():
            self._place()

    def _on_closed(self) -> None:
        self.hide()
        self.closed.emit()


def _policies() -> list[str]:
    spec = SPEC_BY_NAME["context_policy"]
    assert isinstance(spec, Choice)
    return [value for value, _ in spec.choices]


def _policy_name(policy: str) -> str:
    spec = SPEC_BY_NAME["context_policy"]
    assert isinstance(spec, Choice)
    return QCoreApplication.translate("Parameters", dict(spec.choices).get(policy, policy))
