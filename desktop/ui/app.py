"""The ``QApplication``: style, window icon, and the theme's way onto every widget.

Called once, by the composition root, on the main thread.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QLocale, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from desktop.ui import stylesheet
from desktop.ui.garbage import GarbageCollector
from desktop.ui.theme import Theme


def create_application(argv: Sequence[str]) -> QApplication:
    """An application that ends when it is told to, not when its last window closes: shutdown has an order."""
    QGuiApplication.setHighDpiScaleFactorRoundingPolicy(
        Qt.HighDpiScaleFactorRoundingPolicy.PassThrough,
    )
    app = QApplication(list(argv))
    app.setApplicationName("Locution")
    app.setApplicationDisplayName("Locution")
    app.setDesktopFileName("locution")
    app.setQuitOnLastWindowClosed(False)
    app.setStyle("Fusion")
    GarbageCollector(app)
    if QLocale.system().language() is QLocale.Language.C:
        QLocale.setDefault(QLocale(QLocale.Language.English))  # a bare system: 4,096 rather than 4096
    return app


def dress(app: QApplication, theme: Theme) -> None:
    """Puts the theme on the application, now and whenever it changes."""

    def restyle() -> None:
        app.setPalette(theme.palette())
        app.setFont(theme.font())
        app.setStyleSheet(stylesheet.build(theme))

    theme.changed.connect(restyle)
    restyle()
