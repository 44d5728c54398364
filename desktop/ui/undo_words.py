"""What can be taken back, in words. Main thread (translations)."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from desktop.domain.parameter_specs import SPECS
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
    if done.count == 1 or not several:
        return one.replace("%1", _parameter(done.name))
    return several.replace("%1", number(done.count))


def _parameter(name: str) -> str:
    """As it is called in the sidebar."""
    return next((translate("Parameters", spec.label) for spec in SPECS if spec.name == name), name)


def _words(act: Act) -> tuple[str, str]:
    """Of one thing, whose name may be ``%1``, and of ``%1`` things where there can be more."""
    return {
        Act.RENAME: (translate("Undo", "renaming a chat"), ""),
        Act.PIN: (translate("Undo", "pinning or unpinning a chat"), translate("Undo", "pinning %1 chats")),
        Act.MOVE: (translate("Undo", "moving a chat"), translate("Undo", "moving %1 chats")),
        Act.DELETE: (translate("Undo", "deleting a chat"), translate("Undo", "deleting %1 chats")),
        Act.DUPLICATE: (translate("Undo", "copying a chat"), translate("Undo", "copying %1 chats")),
        Act.DELETE_BRANCH: (translate("Undo", "deleting a message and what follows it"), ""),
        Act.NEW_VERSION: (translate("Undo", "making another version"), ""),
        Act.SHOW: (translate("Undo", "showing another version"), ""),
        Act.RATE: (translate("Undo", "rating an answer"), ""),
        Act.CONTEXT: (translate("Undo", "choosing what is sent to the model"), ""),
        Act.PRESET: (translate("Undo", "choosing a preset"), ""),
        Act.INSTRUCTIONS: (translate("Undo", "changing the instructions"), ""),
        Act.PARAMETERS: (translate("Undo", "changing “%1”"), translate("Undo", "changing %1 parameters")),
        Act.IMPORT: (translate("Undo", "importing a chat"), translate("Undo", "importing %1 chats")),
        Act.NEW_FOLDER: (translate("Undo", "making a folder"), ""),
        Act.RENAME_FOLDER: (translate("Undo", "renaming a folder"), ""),
        Act.MOVE_FOLDER: (translate("Undo", "moving a folder"), ""),
        Act.DELETE_FOLDER: (translate("Undo", "deleting a folder"), ""),
        Act.REMOVE_NEXT: (translate("Undo", "removing the message that waited"), ""),
        Act.DETACH: (translate("Undo", "taking a file off the message"), ""),
    }[act]
