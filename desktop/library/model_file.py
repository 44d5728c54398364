"""What a model file is: its kind, its name, its figures. The one question asked before native code opens a
file.

``inspect`` answers with a value or raises ``ModelFileError`` in words for the user. Any thread; reads
headers only, so a 40 GB model costs milliseconds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import assert_never

from desktop.domain.errors import ModelFileError
from desktop.domain.model import FileKind, ModelFile
from desktop.domain.text import well_formed
from desktop.library.ggml_types import FILE_TYPES, GUESSED
from desktop.library.gguf import read_header
from desktop.library.gguf_values import Header, LongText
from desktop.library.header_bytes import CHOOSE_ANOTHER, DOWNLOAD_AGAIN
from desktop.library.model_name import model_name
from desktop.library.shards import ShardName
from desktop.system.printable import one_line

MAX_CONTEXT = 2**31 - 1
"""A longer one is not believed."""
MAX_PARTS = 1000
"""A file that names more is not believed."""

_EMBEDDING_ARCHITECTURES = frozenset(
    {
        *("bert", "modern-bert", "nomic-bert", "nomic-bert-moe", "neo-bert", "jina-bert-v2", "jina-bert-v3"),
        *("eurobert", "gemma-embedding", "llama-embed", "t5encoder"),
    }
)
_PROJECTOR_TYPES = frozenset(("mmproj", "clip-vision"))
_POOLING_NONE = 0  # enum llama_pooling_type; every other value makes one vector of a whole text


def inspect(path: Path) -> ModelFile:
    """Say what the file at ``path`` is, all parts of a split model included."""
    path = path.absolute()
    header = read_header(path)
    headers = (header, *_other_parts(path, header))
    architecture = _text(header, "general.architecture")
    if not architecture:
        raise ModelFileError(
            f'"{one_line(path.name)}" does not say which kind of model it is.',
            action=CHOOSE_ANOTHER,
            detail="general.architecture is missing",
        )
    tensors = [tensor for part in headers for tensor in part.tensors]
    context_length = _number(header, f"{architecture}.context_length")
    return ModelFile(
        path=path,
        kind=_kind(path, header, architecture, len(tensors)),
        name=model_name(
            path.name,
            _text(header, "general.name"),
            _text(header, "general.basename"),
            _text(header, "general.size_label"),
        ),
        architecture=one_line(architecture, 60),
        size=sum(part.file_size for part in headers),
        quantization=_quantization(headers),
        context_length=context_length if context_length <= MAX_CONTEXT else 0,
        parameter_count=sum(tensor.elements for tensor in tensors),
        has_template=_has_template(header),
        license=one_line(_text(header, "general.license.name") or _text(header, "general.license")),
    )


def check_main_model(file: ModelFile, *, to_embed: bool = False) -> None:
    """Raise ``ModelFileError`` unless ``file`` can be chatted with, or, if so asked, embed texts."""
    match file.kind:
        case FileKind.MODEL:
            return
        case FileKind.EMBEDDING if to_embed:
            return
        case FileKind.PROJECTOR:
            what = "This is a projector for images, not a model to chat with."
            action = "Choose the model that it belongs to."
        case FileKind.ADAPTER:
            what = "This is an adapter, which changes another model; it is not a model to chat with."
            action = "Choose the model that it was made for."
        case FileKind.EMBEDDING:
            what = "This is an embedding model: it turns text into numbers and cannot answer."
            action = "Choose a model made for chat."
        case FileKind.ENCODER_DECODER:
            what = "This is an encoder-decoder model, which cannot be chatted with."
            action = "Choose a model made for chat."
        case FileKind.VOCABULARY:
            what = "This file holds only a vocabulary, no model."
            action = "Choose a model made for chat."
        case _:
            assert_never(file.kind)
    raise ModelFileError(what, action=action, detail=f"{file.path}: {file.kind.value}, {file.architecture}")


def check_adapter(file: ModelFile, model: ModelFile) -> None:
    """Raise ``ModelFileError`` unless ``file`` is an adapter that ``model`` can be loaded with."""
    name = one_line(file.path.name)
    if file.kind is not FileKind.ADAPTER:
        raise ModelFileError(
            f'"{name}" is not an adapter.',
            action="Choose a LoRA adapter in GGUF format.",
            detail=f"{file.path}: {file.kind.value}",
        )
    if file.architecture != model.architecture:
        raise ModelFileError(
            f'The adapter "{name}" is for models of the kind {file.architecture}, '
            f"and this one is {model.architecture}.",
            action="Choose an adapter that was made for this model.",
        )
    if well_formed(str(file.path)) != str(file.path):
        # Unlike a model's, its path goes to the engine as text.
        raise ModelFileError(f'The name of "{name}" is not text.', action="Rename the file.")


def _kind(path: Path, header: Header, architecture: str, tensor_count: int) -> FileKind:
    declared = _text(header, "general.type")
    if declared == "imatrix" or architecture == "imatrix":
        raise ModelFileError(
            f'"{one_line(path.name)}" is an importance matrix, a by-product of making models smaller.',
            action=CHOOSE_ANOTHER,
            detail="general.type imatrix",
        )
    if declared in _PROJECTOR_TYPES or architecture in ("clip", "mmproj"):
        return FileKind.PROJECTOR
    if declared == "adapter" or "adapter.type" in header.metadata or architecture == "controlvector":
        return FileKind.ADAPTER
    if tensor_count == 0:
        return FileKind.VOCABULARY
    if architecture == "t5":
        return FileKind.ENCODER_DECODER
    pools = _number(header, f"{architecture}.pooling_type") != _POOLING_NONE
    return FileKind.EMBEDDING if pools or architecture in _EMBEDDING_ARCHITECTURES else FileKind.MODEL


def _other_parts(path: Path, header: Header) -> tuple[Header, ...]:
    """Headers of the parts after the first; raises where one is missing or belongs to another model."""
    count = _number(header, "split.count")
    if count <= 1:
        return ()
    name = one_line(path.name)
    shard = ShardName.parse(path.name)
    if shard is None or shard.count != count or count > MAX_PARTS:
        raise ModelFileError(
            f'"{name}" is one of {count} parts of a model, but its file name does not say which.',
            action="Give the parts the names they were downloaded with (…-00001-of-00003.gguf).",
            detail=f"split.count {count}",
        )
    if shard.number != 1 or _number(header, "split.no") != 0:
        raise ModelFileError(
            f'"{name}" is part {_number(header, "split.no") + 1} of {count} of a model.',
            action=f'Choose the first part, "{one_line(shard.name(1))}".',
            detail=f"split.no {_number(header, 'split.no')}",
        )
    others = shard.paths(path.parent)[1:]
    missing = [other.name for other in others if not other.exists()]
    if missing:
        listed = ", ".join(one_line(each) for each in missing[:3]) + (" …" if len(missing) > 3 else "")
        raise ModelFileError(
            f'{len(missing)} of the {count} parts of "{name}" are missing: {listed}.'
            if len(missing) > 1
            else f'One of the {count} parts of "{name}" is missing: {listed}.',
            action="Download the missing parts into the same folder.",
            detail=f"{path.parent}",
        )
    return _checked_parts(name, header, others)


def _checked_parts(name: str, first: Header, others: Sequence[Path]) -> tuple[Header, ...]:
    parts: list[Header] = []
    for index, path in enumerate(others, start=1):
        part = read_header(path)
        number, count = _number(part, "split.no", -1), _number(part, "split.count")
        if (number, count) != (index, len(others) + 1):
            raise ModelFileError(
                f'"{one_line(path.name)}" is not the part {index + 1} that "{name}" needs.',
                action=DOWNLOAD_AGAIN,
                detail=f"split.no {number}, split.count {count}",
            )
        parts.append(part)
    promised = _number(first, "split.tensors.count", -1)
    present = sum(len(part.tensors) for part in (first, *parts))
    if promised not in (-1, present):
        raise ModelFileError(
            f'The parts of "{name}" do not belong together.',
            action=DOWNLOAD_AGAIN,
            detail=f"split.tensors.count {promised}, tensors present {present}",
        )
    return tuple(parts)


def _quantization(headers: Sequence[Header]) -> str:
    """What the file says of itself, or the type that most of its bytes have."""
    named = FILE_TYPES.get(_number(headers[0], "general.file_type", -1) & ~GUESSED)
    if named is not None:
        return named
    sizes: Counter[str] = Counter()
    for header in headers:
        for tensor in header.tensors:
            sizes[tensor.type.name] += tensor.size
    return sizes.most_common(1)[0][0] if sizes else ""


def _has_template(header: Header) -> bool:
    template = header.metadata.get("tokenizer.chat_template")
    return isinstance(template, LongText) or (isinstance(template, str) and bool(template.strip()))


def _text(header: Header, key: str) -> str:
    value = header.metadata.get(key)
    return value if isinstance(value, str) else ""


def _number(header: Header, key: str, otherwise: int = 0) -> int:
    value = header.metadata.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else otherwise
