"""Colours, fonts and sizes: the one place they are written down.

Views ask for a token, never for a colour, and repaint on ``Theme.changed``. Two ways to use a token:
``theme.color`` in a ``paintEvent``, or the properties that ``ui/stylesheet.py`` understands.
Main thread only. One ``Theme`` is made by the composition root and handed to every view.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, StrEnum

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette

GRID = 4
"""Pixels; every distance is a multiple of it."""
RADIUS = 8
"""Pixels; corners of cards, bubbles and panels. Buttons and fields use ``RADIUS - 2``."""
MINIMUM_POINTS = 10.5
"""Many bare X11 set-ups report 9 pt or less, too small to read for an hour."""


class Token(StrEnum):
    """What a colour is for."""

    WINDOW = "window"
    """The frame: rail, list, sidebar, status line."""
    SURFACE = "surface"
    """The content: transcript, pages."""
    SURFACE_RAISED = "surface-raised"
    """Cards, menus, fields, buttons."""
    SURFACE_SUNKEN = "surface-sunken"
    """Wells and tracks."""
    HOVER = "hover"
    """Under the pointer, on any surface."""
    BORDER = "border"
    TEXT = "text"
    TEXT_MUTED = "text-muted"
    TEXT_ON_ACCENT = "text-on-accent"
    ACCENT = "accent"
    ACCENT_SOFT = "accent-soft"
    """Behind the chosen item."""
    SELECTION = "selection"
    """Behind selected text."""
    SUCCESS = "success"
    WARNING = "warning"
    DANGER = "danger"
    DANGER_SOFT = "danger-soft"
    CODE_BACKGROUND = "code-background"
    USER_BUBBLE = "user-bubble"
    HIGHLIGHT = "highlight"
    """Behind what a search found."""
    HIGHLIGHT_CURRENT = "highlight-current"
    """Behind the one of the found places that the user is at."""
    TEXT_ON_HIGHLIGHT = "text-on-highlight"
    """On the place that the user is at."""
    LINK = "link"


PALETTE: dict[Token, tuple[str, str]] = {
    Token.WINDOW: ("#f3f4f3", "#17191a"),
    Token.SURFACE: ("#ffffff", "#1e2122"),
    Token.SURFACE_RAISED: ("#ffffff", "#272b2c"),
    Token.SURFACE_SUNKEN: ("#e9ebe9", "#111314"),
    Token.HOVER: ("#e8eae8", "#2d3233"),
    Token.BORDER: ("#d8dbd8", "#373c3e"),
    Token.TEXT: ("#1b1f20", "#e6e9e9"),
    Token.TEXT_MUTED: ("#565d5f", "#a4acae"),
    Token.TEXT_ON_ACCENT: ("#ffffff", "#0a1f1d"),
    Token.ACCENT: ("#0b6b66", "#5fc9bf"),
    Token.ACCENT_SOFT: ("#dcefec", "#1f3c3a"),
    Token.SELECTION: ("#b9e0da", "#2a5b57"),
    Token.SUCCESS: ("#17703a", "#6ccb8a"),
    Token.WARNING: ("#7d5100", "#e5b75f"),
    Token.DANGER: ("#ae231b", "#f4938a"),
    Token.DANGER_SOFT: ("#fce9e7", "#43221f"),
    Token.CODE_BACKGROUND: ("#f5f6f5", "#15181a"),
    Token.USER_BUBBLE: ("#ebf3f1", "#28322f"),
    Token.HIGHLIGHT: ("#ffe48a", "#6a5410"),
    Token.HIGHLIGHT_CURRENT: ("#f7a13e", "#f2b042"),
    Token.TEXT_ON_HIGHLIGHT: ("#1b1405", "#1b1405"),
    Token.LINK: ("#0a5cad", "#82baf6"),
}
"""Token to (light, dark)."""

_BACKGROUNDS = (
    Token.WINDOW,
    Token.SURFACE,
    Token.SURFACE_RAISED,
    Token.SURFACE_SUNKEN,
    Token.HOVER,
    Token.ACCENT_SOFT,
    Token.CODE_BACKGROUND,
    Token.USER_BUBBLE,
)
READABLE_ON: dict[Token, tuple[Token, ...]] = {
    Token.TEXT: (*_BACKGROUNDS, Token.SELECTION, Token.DANGER_SOFT, Token.HIGHLIGHT),
    Token.TEXT_MUTED: _BACKGROUNDS,
    Token.TEXT_ON_ACCENT: (Token.ACCENT, Token.DANGER),
    Token.TEXT_ON_HIGHLIGHT: (Token.HIGHLIGHT_CURRENT,),
    Token.ACCENT: _BACKGROUNDS,
    Token.SUCCESS: _BACKGROUNDS,
    Token.WARNING: _BACKGROUNDS,
    Token.DANGER: (*_BACKGROUNDS, Token.DANGER_SOFT),
    Token.LINK: _BACKGROUNDS,
}
"""Which text may stand on what: a contrast of at least 4.5 to 1 is tested for every pair."""


class TextSize(Enum):
    """A share of the normal size."""

    SMALL = 0.87
    NORMAL = 1.0
    LARGE = 1.3


class Theme(QObject):
    """The tokens in the mode and at the scale the user chose."""

    changed = Signal()

    def __init__(
        self, parent: QObject | None = None, *, desktop_is_dark: Callable[[], bool] | None = None
    ) -> None:
        super().__init__(parent)
        self._desktop_is_dark = desktop_is_dark or _desktop_is_dark
        self._mode = "system"
        self._scale = 100
        general = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
        self._family = general.family()
        self._mono_family = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont).family()
        self._points = max(general.pointSizeF(), MINIMUM_POINTS)
        self._dark = self._wants_dark()
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._on_color_scheme_changed)

    @property
    def dark(self) -> bool:
        return self._dark

    @property
    def mode(self) -> str:
        """``system``, ``light`` or ``dark``."""
        return self._mode

    @property
    def scale(self) -> int:
        """Text size in per cent."""
        return self._scale

    def color(self, token: Token) -> QColor:
        return QColor(self.css(token))

    def css(self, token: Token) -> str:
        """The colour as ``#rrggbb``."""
        return PALETTE[token][self._dark]

    def points(self, size: TextSize = TextSize.NORMAL) -> float:
        """Text size in points at the user's scale."""
        return self._points * size.value * self._scale / 100

    def grown(self, pixels: int) -> int:
        """A width that grows with the text, so that a line keeps its number of words."""
        return round(pixels * max(1.0, self.points() / MINIMUM_POINTS))

    def font(self, size: TextSize = TextSize.NORMAL, *, mono: bool = False, bold: bool = False) -> QFont:
        font = QFont(self._mono_family if mono else self._family)
        if mono:
            font.setStyleHint(QFont.StyleHint.Monospace)
        font.setPointSizeF(self.points(size))
        font.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
        return font

    def set_mode(self, mode: str) -> None:
        """``system``, ``light`` or ``dark``; ``system`` follows the desktop, also when it changes later."""
        self.set(mode, self._scale)

    def set_scale(self, percent: int) -> None:
        self.set(self._mode, percent)

    def set(self, mode: str, scale: int) -> None:
        """Both at once: everything that follows ``changed`` is costly."""
        before = (self._dark, self._scale)
        self._mode = mode
        self._scale = scale
        self._dark = self._wants_dark()
        if (self._dark, self._scale) != before:
            self.changed.emit()

    def palette(self) -> QPalette:
        """The tokens as Qt's own roles, so that what no style sheet reaches looks right too."""
        palette = QPalette()
        for role, token in _ROLES.items():
            palette.setColor(role, self.color(token))
        for role in (QPalette.ColorRole.Text, QPalette.ColorRole.WindowText, QPalette.ColorRole.ButtonText):
            palette.setColor(QPalette.ColorGroup.Disabled, role, self.color(Token.TEXT_MUTED))
        return palette

    def _wants_dark(self) -> bool:
        if self._mode == "system":
            return self._desktop_is_dark()
        return self._mode == "dark"

    def _on_color_scheme_changed(self) -> None:
        self.set(self._mode, self._scale)


def _desktop_is_dark() -> bool:
    return QGuiApplication.styleHints().colorScheme() is Qt.ColorScheme.Dark


_ROLES = {
    QPalette.ColorRole.Window: Token.WINDOW,
    QPalette.ColorRole.WindowText: Token.TEXT,
    QPalette.ColorRole.Base: Token.SURFACE,
    QPalette.ColorRole.AlternateBase: Token.WINDOW,
    QPalette.ColorRole.Text: Token.TEXT,
    QPalette.ColorRole.PlaceholderText: Token.TEXT_MUTED,
    QPalette.ColorRole.Button: Token.SURFACE_RAISED,
    QPalette.ColorRole.ButtonText: Token.TEXT,
    QPalette.ColorRole.BrightText: Token.DANGER,
    QPalette.ColorRole.Highlight: Token.SELECTION,
    QPalette.ColorRole.HighlightedText: Token.TEXT,
    QPalette.ColorRole.Accent: Token.ACCENT,
    QPalette.ColorRole.Link: Token.LINK,
    QPalette.ColorRole.LinkVisited: Token.LINK,
    QPalette.ColorRole.ToolTipBase: Token.SURFACE_RAISED,
    QPalette.ColorRole.ToolTipText: Token.TEXT,
    QPalette.ColorRole.Light: Token.SURFACE_RAISED,
    QPalette.ColorRole.Midlight: Token.HOVER,
    QPalette.ColorRole.Mid: Token.BORDER,
    QPalette.ColorRole.Dark: Token.BORDER,
    QPalette.ColorRole.Shadow: Token.BORDER,
}
