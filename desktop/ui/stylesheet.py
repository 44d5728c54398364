"""The theme's tokens as one style sheet for the whole application; ``ui/app.py`` sets it on every change.

Views choose a look by dynamic properties, set before the widget is first shown or later by :func:`restyle`:

    QToolButton                kind = heading                        (its icon stands over the text below)
    QPushButton, QToolButton   kind = primary | quiet | danger | flat     (unset: a plain bordered button)
    QFrame                     panel = window | surface | card | well | danger | line   (unset: nothing drawn)
    QTextEdit, QPlainTextEdit  bare = true                           (no frame: text on what is behind it)
    QListView                  framed = true                         (a field like the others)
    QLabel                     tone = muted | accent | success | warning | danger
    QLabel, QPushButton …      textsize = caption | small | large | title;  weight = bold

``QWidget`` subclasses do not paint style-sheet backgrounds by themselves: use a ``QFrame`` for a panel.
"""

from __future__ import annotations

from string import Template

from PySide6.QtWidgets import QWidget

from desktop.ui.theme import GRID, RADIUS, TextSize, Theme, Token

CAPTION = 0.78
"""Under the rail's icons."""
TITLE = 1.6
"""A page's title, as a share of the normal text size."""

_TEMPLATE = Template("""
QToolTip { background: $surface_raised; color: $text; border: 1px solid $border; padding: 4px 6px; }
QFrame[panel="window"] { background: $window; border: none; }
QFrame[panel="surface"] { background: $surface; border: none; }
QFrame[panel="card"] { background: $surface_raised; border: 1px solid $border; border-radius: ${radius}px; }
QFrame[panel="line"] { background: $border; border: none; }
QFrame[panel="danger"] { background: $danger_soft; border: none; border-radius: ${radius}px; }
QFrame[panel="well"] { background: $surface_sunken; border: none; border-radius: ${radius}px; }

QLabel { background: transparent; }
QLabel[tone="muted"] { color: $text_muted; }
QLabel[tone="accent"] { color: $accent; }
QLabel[tone="success"] { color: $success; }
QLabel[tone="warning"] { color: $warning; }
QLabel[tone="danger"] { color: $danger; }
*[textsize="caption"] { font-size: ${caption}pt; }
*[textsize="small"] { font-size: ${small}pt; }
*[textsize="large"] { font-size: ${large}pt; }
*[textsize="title"] { font-size: ${title}pt; }
*[weight="bold"] { font-weight: 600; }

QPushButton {
    background: $surface_raised; color: $text; border: 1px solid $border; border-radius: ${control}px;
    padding: 5px 12px;
}
QPushButton:hover { background: $hover; }
QPushButton:pressed { background: $surface_sunken; }
QPushButton:focus { border-color: $accent; }
QPushButton:disabled { color: $text_muted; background: transparent; }
QPushButton::menu-indicator { image: none; width: 0; }
QPushButton[kind="primary"] { background: $accent; color: $text_on_accent; border-color: $accent; }
QPushButton[kind="primary"]:hover { border-color: $text; }
QPushButton[kind="primary"]:focus { border: 2px solid $text; padding: 4px 11px; }
QPushButton[kind="primary"]:disabled {
    background: $surface_sunken; color: $text_muted; border-color: $border;
}
QPushButton[kind="danger"] { color: $danger; }
QPushButton[kind="quiet"] { background: transparent; border-color: transparent; padding: 4px 8px; }
QPushButton[kind="quiet"]:hover { background: $hover; }
QPushButton[kind="quiet"]:pressed { background: $surface_sunken; }
QPushButton[kind="quiet"]:focus { border-color: $accent; }
QPushButton[kind="flat"] {
    background: transparent; border: 1px solid transparent; padding: 2px 4px 2px 0; text-align: left;
}
QPushButton[kind="flat"][tone="muted"] { color: $text_muted; }
QPushButton[kind="flat"]:hover { color: $accent; }
QPushButton[kind="flat"]:focus { border-color: $accent; }
QPushButton:checked { background: $accent_soft; border-color: $accent; color: $text; }

QToolButton {
    background: transparent; color: $text; border: 1px solid transparent; border-radius: ${control}px;
    padding: 4px;
}
QToolButton[kind="heading"] { padding-left: -3px; }
QToolButton:hover { background: $hover; }
QToolButton[kind="heading"]:hover { background: transparent; color: $accent; }
QToolButton:pressed { background: $surface_sunken; }
QToolButton:focus { border-color: $accent; }
QToolButton:checked { background: $accent_soft; }
QToolButton:disabled { color: $text_muted; }
QToolButton::menu-indicator { image: none; width: 0; }
QPushButton, QToolButton { icon-size: ${icon}px; }

QLineEdit, QPlainTextEdit, QTextEdit, QSpinBox, QDoubleSpinBox {
    background: $surface_raised; color: $text; border: 1px solid $border; border-radius: ${control}px;
    selection-background-color: $selection; selection-color: $text;
}
QLineEdit { padding: 4px 8px; }
QSpinBox, QDoubleSpinBox { padding: 3px 0; }
QAbstractSpinBox QLineEdit { background: transparent; border: none; padding: 0 6px; }
/* Not NoButtons: with a style sheet Qt then gives the text no width. */
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button { width: 0; height: 0; border: none; }
QLineEdit:hover, QPlainTextEdit:hover, QSpinBox:hover, QDoubleSpinBox:hover { border-color: $text_muted; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus {
    border-color: $accent;
}
QLineEdit:disabled, QPlainTextEdit:disabled, QSpinBox:disabled, QDoubleSpinBox:disabled {
    color: $text_muted;
}

QComboBox {
    background: $surface_raised; color: $text; border: 1px solid $border; border-radius: ${control}px;
    padding: 4px 8px;
}
QComboBox::drop-down { border: none; width: 24px; }
QComboBox::down-arrow { image: none; }
QComboBox:hover { border-color: $text_muted; }
QComboBox:focus { border-color: $accent; }
QComboBox:disabled { color: $text_muted; }
QComboBox QAbstractItemView { background: $surface_raised; color: $text; border: 1px solid $border; }
QDialogButtonBox { dialogbuttonbox-buttons-have-icons: 0; }

QPlainTextEdit[tone="muted"] { color: $text_muted; }
QTextEdit[bare="true"], QPlainTextEdit[bare="true"] { background: transparent; border: none; padding: 0; }

QTabWidget::pane { border: none; border-top: 1px solid $border; }
QTabBar::tab {
    background: transparent; color: $text_muted; padding: 6px 12px; border-bottom: 2px solid transparent;
}
QTabBar::tab:hover { color: $text; }
QTabBar::tab:selected { color: $text; border-bottom-color: $accent; }
QTabBar::tab:focus { background: $hover; }
QTreeView::item { padding: 3px 0; }
QHeaderView::section {
    background: transparent; color: $text_muted; border: none; border-bottom: 1px solid $border;
    padding: 4px 2px;
}

QSlider { min-height: ${slider}px; }
QSlider::groove:horizontal { height: 4px; border-radius: 2px; background: $border; }
QSlider::sub-page:horizontal { height: 4px; border-radius: 2px; background: $accent; }
QSlider::handle:horizontal {
    width: ${handle}px; height: ${handle}px; margin: -${overhang}px 0; border-radius: ${roundness}px;
    background: $accent;
    border: 1px solid $surface_raised;
}
QSlider::sub-page:horizontal:disabled { background: $border; }
QSlider::handle:horizontal:disabled { background: $border; }
QSlider::handle:horizontal:hover { border-color: $text; }
QSlider::handle:horizontal:focus { border-color: $text; }

QMenu { background: $surface_raised; color: $text; border: 1px solid $border; padding: 4px; }
QMenu::item { padding: 6px 20px 6px 12px; border-radius: 4px; }
QMenu::item:selected { background: $accent_soft; color: $text; }
QMenu::item:disabled { color: $text_muted; }
QMenu::icon { padding-left: 8px; }
QMenu::separator { height: 1px; background: $border; margin: 4px 8px; }
QMenu::indicator { width: 12px; height: 12px; }

QScrollBar:vertical { background: transparent; width: 12px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 12px; margin: 0; }
QScrollBar::handle { background: $border; border-radius: 3px; }
QScrollBar::handle:vertical { min-height: 32px; margin: 2px 3px; }
QScrollBar::handle:horizontal { min-width: 32px; margin: 3px 2px; }
QScrollBar::handle:hover { background: $text_muted; }
QScrollBar::handle:disabled { background: transparent; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QScrollArea { background: transparent; border: none; }
QScrollArea > QWidget > QWidget[panel="window"] { background: $window; }

QSplitter::handle { background: $border; }
QSplitter::handle:hover { background: $accent; }

QProgressBar { background: $border; border: none; border-radius: 2px; max-height: 4px; }
QProgressBar::chunk { background: $accent; border-radius: 2px; }

QListView, QTreeView { background: transparent; border: none; outline: none; }
QListView[framed="true"] {
    background: $surface_raised; border: 1px solid $border; border-radius: ${control}px; padding: 3px;
}
QListView[framed="true"]:focus { border-color: $accent; }
QListView::item:selected, QTreeView::item:selected { background: $accent_soft; color: $text; }
QListView::item:hover, QTreeView::item:hover { background: $hover; }

QDialog#command-palette { background: $surface_raised; border: 1px solid $border; }
QFrame#banner { border: none; border-radius: ${control}px; background: $accent_soft; }
QFrame#banner[kind="error"] { background: $danger_soft; }
QFrame#banner[kind="error"] QLabel#banner-message { color: $danger; font-weight: 600; }
""")


def build(theme: Theme) -> str:
    """The sheet in the theme's present colours and sizes."""
    colours = {token.name.lower(): theme.css(token) for token in Token}
    grown = max(1.0, theme.scale / 100)
    handle = 2 * round(6 * grown)
    return _TEMPLATE.substitute(
        colours,
        handle=handle,
        overhang=(handle - GRID) // 2 + 1,
        roundness=handle // 2 + 1,
        slider=handle + 2 * GRID,
        icon=round(16 * grown),
        radius=RADIUS,
        control=RADIUS - GRID // 2,
        caption=f"{theme.points() * CAPTION:.2f}",
        small=f"{theme.points(TextSize.SMALL):.2f}",
        large=f"{theme.points(TextSize.LARGE):.2f}",
        title=f"{theme.points() * TITLE:.2f}",
    )


def restyle(widget: QWidget, **properties: str) -> None:
    """Gives a widget another look; of properties that change later Qt takes no notice by itself."""
    changed = {name: value for name, value in properties.items() if widget.property(name) != value}
    if changed:
        for name, value in changed.items():
            widget.setProperty(name, value)
        widget.style().unpolish(widget)
        widget.style().polish(widget)
