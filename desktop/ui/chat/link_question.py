"""Asks before a link from an answer is opened: the model wrote it, and it may lead anywhere.

Main thread only.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QMessageBox, QWidget

from desktop.ui.markdown.spans import safe_address

translate = QCoreApplication.translate


def open_externally(address: str) -> None:
    QDesktopServices.openUrl(QUrl(address))


def ask_to_open(parent: QWidget, address: str, opener: Callable[[str], None] = open_externally) -> None:
    """Shows the whole address; opens it in the browser only if the user says so."""
    if not (address := safe_address(address)):
        return
    box = QMessageBox(parent)
    box.setObjectName("link-question")
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setIcon(QMessageBox.Icon.Question)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setWindowTitle(translate("Chat", "Open a link"))
    box.setText(translate("Chat", "Open this address in your browser?"))
    shown = address if len(address) <= 600 else address[:600] + "…"
    box.setInformativeText("\u200b".join(shown[at : at + 60] for at in range(0, len(shown), 60)))
    accept = box.addButton(translate("Chat", "Open"), QMessageBox.ButtonRole.AcceptRole)
    copy = box.addButton(translate("Chat", "Copy address"), QMessageBox.ButtonRole.ActionRole)
    cancel = box.addButton(QMessageBox.StandardButton.Cancel)
    box.setDefaultButton(cancel)
    accept.setToolTip(translate("Chat", "Opens the address outside of Locution"))
    copy.setToolTip(translate("Chat", "Puts the address on the clipboard"))
    cancel.setToolTip(translate("Chat", "Opens nothing"))

    def on_finished() -> None:
        if box.clickedButton() is accept:
            opener(address)
        elif box.clickedButton() is copy:
            QGuiApplication.clipboard().setText(address)

    box.finished.connect(on_finished)
    box.open()
