"""Keys of actions as values: what is stored is checked, clashes are settled, typing keeps its own keys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from PySide6.QtCore import QKeyCombination, Qt
from PySide6.QtGui import QKeySequence

Keys = tuple[QKeySequence, ...]

MOST = 4
"""Keys that one action can have."""
_LONGEST = 80
"""Characters of a key's text."""
_NATIVE, _PORTABLE = QKeySequence.SequenceFormat.NativeText, QKeySequence.SequenceFormat.PortableText
_NO, _SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier
_CONTROL, _KEYPAD = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.KeypadModifier
_ALONE = frozenset(
    {Qt.Key.Key_Escape, Qt.Key.Key_Pause, Qt.Key.Key_Insert, Qt.Key.Key_Help, Qt.Key.Key_Menu}
    | {Qt.Key(value) for value in range(Qt.Key.Key_F1.value, Qt.Key.Key_F35.value + 1)}
)
"""Keys that write nothing and move nothing."""
_OF_EDITING = frozenset(
    QKeyCombination(_CONTROL, key).toCombined()
    for key in (Qt.Key.Key_A, Qt.Key.Key_C, Qt.Key.Key_V, Qt.Key.Key_X, Qt.Key.Key_Return, Qt.Key.Key_Enter)
)
"""Select all, copy, paste, cut, and what sends."""


def parse(texts: Iterable[object]) -> Keys:
    """Keys from their portable form; what is none, or more than one stroke, is left out."""
    read = (
        QKeySequence.fromString(text, _PORTABLE)
        for text in texts
        if isinstance(text, str) and len(text) < _LONGEST
    )
    found = (key for key in read if key.count() == 1 and _stroke(key).key() != Qt.Key.Key_unknown)
    return tuple(dict.fromkeys(found))


def portable(keys: Keys) -> list[str]:
    """What :func:`parse` reads."""
    return [key.toString(_PORTABLE) for key in keys]


def written(keys: Keys) -> str:
    """As this system writes them, with a comma between them."""
    return ", ".join(key.toString(_NATIVE) for key in keys)


def needed_for_typing(key: QKeySequence) -> bool:
    """Whether a text field could not do without it."""
    stroke = _stroke(key)
    if stroke.keyboardModifiers() & ~_KEYPAD in (_NO, _SHIFT):
        return stroke.key() not in _ALONE
    return stroke.toCombined() in _OF_EDITING


def settle(defaults: Mapping[str, Keys], chosen: Mapping[str, object]) -> dict[str, Keys]:
    """The keys in force: those that were chosen, and for all other actions the default ones.

    Whatever is stored is believed no further than it makes sense: unknown ids, texts that are no keys and
    keys that typing needs are left out. Two actions never share a key, which would disable both: one that
    was chosen goes before a default one, and of two alike the one that is earlier in the table has it.
    """
    own = {
        name: tuple(key for key in parse(texts) if not needed_for_typing(key))[:MOST]
        for name in defaults
        if isinstance(texts := chosen.get(name), list)
    }
    taken: set[str] = set()
    settled: dict[str, Keys] = {}
    for wanted in (own, {name: keys for name, keys in defaults.items() if name not in own}):
        for name, keys in wanted.items():
            settled[name] = tuple(key for key in keys if key.toString() not in taken)
            taken.update(key.toString() for key in settled[name])
    return {name: settled[name] for name in defaults}


def _stroke(key: QKeySequence) -> QKeyCombination:
    combination: QKeyCombination = key[0]  # type: ignore[index]
    return combination
