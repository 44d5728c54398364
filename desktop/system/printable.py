"""Text from a stranger, made safe to show on one line.

File names, metadata of model files and error texts of other libraries can hold line breaks, terminal
escapes and bidirectional overrides. Messages and logs pass them through here; pure, any thread.
"""

from __future__ import annotations


def one_line(text: str, limit: int = 120) -> str:
    """``text`` for a label or message: unprintable characters become spaces, the end is cut at ``limit``."""
    head = text[: limit * 4]
    kept = head
    if not head.isprintable():
        kept = "".join(character if character.isprintable() else " " for character in head)
    shown = " ".join(kept.split())
    return shown if len(shown) <= limit and len(head) == len(text) else shown[: limit - 1].rstrip() + "…"


def escaped(text: str) -> str:
    r"""``text`` with unprintable characters written out (``\x1b``, ``\u202e``, ``\n``); nothing is lost."""
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode("ascii")
        for character in text
    )


def size_in_words(size: int) -> str:
    """A number of bytes the way file managers show it: ``"98.3 MB"`` (decimal units)."""
    if size < 1000:
        return f"{size} bytes"
    amount = float(size)
    for unit in ("kB", "MB", "GB"):
        amount /= 1000
        if amount < 999.95:
            return f"{amount:.1f} {unit}"
    return f"{amount / 1000:.1f} TB"
