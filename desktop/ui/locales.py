"""Which languages the system is used in. Main thread."""

from __future__ import annotations

from PySide6.QtCore import QLocale


def spelling_locales() -> list[str]:
    """For a dictionary, likeliest first: ``de_AT``, ``de``. English where the system names none."""
    name = QLocale.system().name()
    return [name, name.split("_")[0]] if name != "C" else ["en_US", "en"]
