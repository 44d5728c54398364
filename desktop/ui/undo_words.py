"""What can be taken back, in words. Main thread (translations)."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from desktop.services.undo import Act, Done
from desktop.ui.words import number

translate = QCoreApplication.translate


def undo(done: Done) -> str:
    """For the action: “Undo deleting 3 chats”."""
    return translate("Undo", "Undo %1").replace("%1", _doing(done))


def undone(done: Done) -> str:
    """When it was taken back: “Undone: deleting 3 chats”."""
    return translate("Undo", "Undone: %1").replace("%1", _doing(done))


def _doing(done: Done) -> str:
    one, several = _words(done.act)
    return one if done.count == 1 or not several else several.replace("%1", number(done.count))


def _words(act: Act) -> tuple[str, str]:
    """Of one thing, and of ``%1`` things where there can be more."""
    match act:
        case Act.RENAME:
            return translate("Undo", "renaming a chat"), ""
        case Act.PIN:
            return translate("Undo", "pinning or unpinning a chat"), translate("Undo", "pinning %1 chats")
        case Act.MOVE:
            return translate("Undo", "moving a chat"), translate("Undo", "moving %1 chats")
        case Act.DELETE:
            return translate("Undo", "deleting a chat"), translate("Undo", "deleting %1 chats")
        case Act.DUPLICATE:
            return translate("Undo", "copying a chat"), translate("Undo", "copying %1 chats")
        case Act.DELETE_BRANCH:
            return translate("Undo", "deleting a message and what follows it"), ""
        case Act.NEW_VERSION:
            return translate("Undo", "making another version"), ""
        case Act.SHOW:
            return translate("Undo", "showing another version"), ""
        case Act.RATE:
            return translate("Undo", "rating an answer"), ""
        case Act.CONTEXT:
            return translate("Undo", "choosing what is sent to the model"), ""
        case Act.IMPORT:
            return translate("Undo", "importing a chat"), translate("Undo", "importing %1 chats")
        case Act.NEW_FOLDER:
            return translate("Undo", "making a folder"), ""
        case Act.RENAME_FOLDER:
            return translate("Undo", "renaming a folder"), ""
        case Act.MOVE_FOLDER:
            return translate("Undo", "moving a folder"), ""
        case Act.DELETE_FOLDER:
            return translate("Undo", "deleting a folder"), ""
