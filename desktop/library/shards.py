"""Models in several files: llama.cpp's split naming, ``NAME-00001-of-00003.gguf``.

The first part is the one that is opened; native code finds the others by name (``llama_split_path`` in
llama.cpp).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

_PATTERN = re.compile(
    r"(?P<stem>.+)-(?P<number>[0-9]{5})-of-(?P<count>[0-9]{5})\.gguf", re.DOTALL | re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class ShardName:
    """A file name that says it is part ``number`` (from 1) of ``count``."""

    stem: str
    number: int
    count: int

    @classmethod
    def parse(cls, name: str) -> ShardName | None:
        """``None`` where ``name`` is not that of a part."""
        match = _PATTERN.fullmatch(name)
        if match is None:
            return None
        number, count = int(match["number"]), int(match["count"])
        return cls(match["stem"], number, count) if 1 <= number <= count else None

    def name(self, number: int) -> str:
        """The file name of another part of the same model."""
        return f"{self.stem}-{number:05d}-of-{self.count:05d}.gguf"

    def paths(self, folder: Path) -> tuple[Path, ...]:
        """Where every part has to be, in order."""
        return tuple(folder / self.name(number) for number in range(1, self.count + 1))
