"""What the rows of all kinds of parameters have in common: name, reset, and what there is to say about it."""

from __future__ import annotations

from enum import IntEnum

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from desktop.domain.parameter_specs import Number, Spec
from desktop.ui.icons import IconName, Icons
from desktop.ui.stylesheet import restyle
from desktop.ui.theme import GRID
from desktop.ui.widgets.icon_button import icon_button


def translated(text: str) -> str:
    """Words of the parameter table, which lives in the domain, in the user's language."""
    return QCoreApplication.translate("Parameters", text)


class Line(IntEnum):
    """The small lines under a control, from the top down."""

    NOTE = 0
    """What the value means, or why it has no effect."""
    PROBLEM = 1
    EXPLANATION = 2


_NAMES = {Line.NOTE: "band", Line.PROBLEM: "problem", Line.EXPLANATION: "explanation"}


class ParameterRow(QWidget):
    """``edited`` comes with every change the user makes, ``settled`` when the hand leaves the control.

    A kind of row puts its controls in with :meth:`beside` or :meth:`below` and says how to show a value.
    """

    edited = Signal(str, object)
    settled = Signal()
    reset_requested = Signal(str)

    def __init__(self, spec: Spec, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.spec = spec
        self.label = translated(spec.label)
        self._controls: list[QWidget] = []
        self._lines: dict[Line, QLabel] = {}
        self._band = ""
        self._hint = ""
        self._idle = ""
        self._head = QHBoxLayout()
        self._head.setSpacing(GRID)
        self._head.addWidget(self._make_label())
        self._head.addStretch(1)
        self._reset = self._make_reset(icons)
        self._head.addWidget(self._reset)
        self._column = QVBoxLayout(self)
        # What only says more of another parameter stands a little to the right, under it.
        self._column.setContentsMargins(3 * GRID if len(spec.needs) == 1 else 0, 0, 0, GRID)
        self._column.setSpacing(0)
        self._column.addLayout(self._head)
        self._foot = QVBoxLayout()
        self._foot.setSpacing(0)
        self._column.addLayout(self._foot)

    # -- For the sidebar

    def set_value(self, value: object, *, changed: bool) -> None:
        """Shows a value without reporting an edit; ``changed`` says that it differs from the preset's."""
        self.show_value(value)
        self.show_problem("")
        self.mark(changed)

    def mark(self, changed: bool) -> None:
        """Offers the way back where the value differs from the preset's."""
        self._reset.setVisible(changed)

    def set_idle(self, reason: str) -> None:
        """Why the value has no effect now; the control rests meanwhile. Empty: it has."""
        self._idle = reason
        for control in self._controls:
            control.setEnabled(not reason)
        self._say_note()

    def set_hint(self, text: str) -> None:
        """What turning this on would bring."""
        self._hint = text
        self._say_note()

    def show_problem(self, text: str) -> None:
        """What is wrong with what was entered; empty if nothing is."""
        self._say(Line.PROBLEM, text, "danger")

    # -- For the kinds of rows

    def show_value(self, value: object) -> None:
        raise NotImplementedError

    def beside(self, control: QWidget) -> None:
        """At the end of the line with the name."""
        self._head.addWidget(control)
        self._controls.append(control)

    def below(self, control: QWidget) -> None:
        """On a line of its own, under what is already there."""
        self._column.insertWidget(self._column.count() - 1, control)
        self._controls.append(control)

    def set_band(self, word: str) -> None:
        """What the present value means."""
        self._band = word
        self._say_note()

    def band(self) -> str:
        return self._band

    def say_correction(self, text: str) -> None:
        """What became of what was typed: not an error any more."""
        self._say(Line.PROBLEM, text, "warning")

    def help(self, gap: str) -> str:
        """What the parameter does and what is usual."""
        text = translated(self.spec.help)
        if not isinstance(self.spec, Number):
            return text
        usual = self.tr("Usual: %1").replace("%1", translated(self.spec.recommended))
        return f"{text}{gap}{usual}."

    # -- Parts

    def _say_note(self) -> None:
        parts = [self._idle] if self._idle else [part for part in (self._band, self._hint) if part]
        self._say(Line.NOTE, " · ".join(parts), "muted")

    def _say(self, line: Line, text: str, tone: str) -> None:
        label = self._lines.get(line)
        if label is None:
            if not text:
                return
            label = self._lines[line] = self._make_line(line)
        restyle(label, tone=tone)
        label.setText(text)
        label.setVisible(bool(text))

    def _make_line(self, line: Line) -> QLabel:
        label = QLabel(self)
        label.setObjectName(f"{_NAMES[line]}-{self.spec.name}")
        label.setProperty("textsize", "small")
        label.setWordWrap(True)
        self._foot.insertWidget(sum(other < line for other in self._lines), label)
        return label

    def _make_label(self) -> QPushButton:
        label = QPushButton(self.label, self)
        label.setProperty("kind", "flat")
        label.setObjectName(f"explain-{self.spec.name}")
        label.setAccessibleName(self.tr("Explain %1").replace("%1", self.label))
        label.setToolTip(self.help("\n"))
        label.clicked.connect(self._on_label_clicked)
        return label

    def _on_label_clicked(self) -> None:
        shown = self._lines.get(Line.EXPLANATION)
        self._say(Line.EXPLANATION, "" if shown and shown.text() else self.help("\n"), "muted")

    def _make_reset(self, icons: Icons) -> QToolButton:
        reset = icon_button(
            icons,
            IconName.RESET,
            f"reset-{self.spec.name}",
            self,
            label=self.tr("Reset %1").replace("%1", self.label),
            tip=self.tr("Back to the preset's value"),
        )
        policy = QSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        policy.setRetainSizeWhenHidden(True)
        reset.setSizePolicy(policy)
        reset.clicked.connect(lambda: self.reset_requested.emit(self.spec.name))
        return reset
