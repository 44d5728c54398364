"""What to call a model. Pure text work, any thread.

Converters fill ``general.name`` from whatever folder the weights lay in ("Smollm2 135M 8k Lc100K Mix1
Ep2"), while the person who published the file named it for others ("SmolLM2-135M-Instruct.Q4_1.gguf"). So
the file's name wins where it agrees with the model's own base name; otherwise, as for "model.gguf", the
metadata is the better source.
"""

from __future__ import annotations

import re

from desktop.library.ggml_types import FILE_TYPES
from desktop.library.shards import ShardName
from desktop.system.printable import one_line

_QUANTIZATION = re.compile(
    r"[-._ ](?:ud[-._])?(?:"
    + "|".join(
        sorted(
            (re.escape(name) for name in {*FILE_TYPES.values(), "FP16", "FP32", "MXFP4"}),
            key=len,
            reverse=True,
        )
    )
    + r")(?:_XL|_L)?$",
    re.IGNORECASE,
)
_LETTERS = re.compile(r"[^\w]|_")


def model_name(file_name: str, name: str, base_name: str, size_label: str) -> str:
    """A one-line name from the file's name and ``general.name``, ``.basename`` and ``.size_label``."""
    shard = ShardName.parse(file_name)
    stem = shard.stem if shard else re.sub(r"\.gguf$", "", file_name, flags=re.IGNORECASE)
    stem = _QUANTIZATION.sub("", stem)
    if _bare(base_name) and _bare(base_name) in _bare(stem):
        return one_line(re.sub(r"[-_]+", " ", stem))
    from_metadata = one_line(name) or one_line(f"{base_name} {size_label}")
    return from_metadata or one_line(stem) or one_line(file_name)


def _bare(text: str) -> str:
    """Letters and digits alone, to compare names that differ in hyphens and capitals."""
    return _LETTERS.sub("", text).casefold()
