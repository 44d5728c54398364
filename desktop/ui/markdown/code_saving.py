"""A code block as a file: under which name it is offered, and the asking. Main thread only.

The name comes from a stranger's text: it is one that every system takes, in no folder but the chosen one.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from PySide6.QtCore import QCoreApplication, QIODevice, QSaveFile
from PySide6.QtWidgets import QFileDialog, QWidget

from desktop.system.file_names import safe_name

_PATTERN = re.compile(r"\*(\.[A-Za-z0-9_+-]{1,12})")
_TOLD = re.compile(
    r"\s*(?:#|//|--|/\*|<!--|;|%)[ \t]*(?:[Ff]ile:?[ \t]+)?"
    r"([\w.:/\\-]{1,200}\.[A-Za-z0-9]{1,8})[ \t*/>-]*$"
)
"""A first line that says what the file is called, as models like to write."""


def suffix_of(language: str) -> str:
    """The usual ending of a language's files, with its dot; ``.txt`` for what nobody knows."""
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    try:
        patterns = get_lexer_by_name(language).filenames if language else []
    except ClassNotFound:
        patterns = []
    return next((found[1] for pattern in patterns if (found := _PATTERN.fullmatch(pattern))), ".txt")


def suggested_name(language: str, code: str) -> str:
    """A file name for the code: the one its first line tells, else ``code`` with the language's ending."""
    told = _TOLD.match(code.split("\n", 1)[0][:300])
    if told is not None:
        path = PurePosixPath(told[1].replace("\\", "/"))
        return safe_name(path.stem, "code") + path.suffix
    return "code" + suffix_of(language)


def ask_and_save(place: QWidget, language: str, code: str, then: Callable[[str, str], None]) -> None:
    """Asks where, and writes. ``then`` gets the file's name and, if it could not be written, why."""
    dialog = QFileDialog(place.window(), QCoreApplication.translate("CodeWidget", "Save this code"))
    dialog.setObjectName("code-save-dialog")
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.selectFile(suggested_name(language, code))
    dialog.fileSelected.connect(lambda out: then(Path(out).name, save(out, code)))
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()


def save(path: str, code: str) -> str:
    """Writes the code with a line break at its end, whole or not at all; returns why not, else nothing."""
    data = (code.rstrip("\n") + "\n").encode("utf-8", "replace")
    file = QSaveFile(path)
    if file.open(QIODevice.OpenModeFlag.WriteOnly) and file.write(data) == len(data) and file.commit():
        return ""
    return file.errorString()
