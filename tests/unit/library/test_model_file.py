"""What is said of a sound file: its kind, its name, its figures; and which kinds may be chatted with."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from desktop.domain.errors import ModelFileError
from desktop.domain.model import FileKind, ModelFile
from desktop.library.gguf import MAX_TEXT
from desktop.library.model_file import check_adapter, check_main_model, inspect
from tests.helpers.gguf_files import (
    F16,
    Q4_0,
    U16,
    GgufFile,
    Tensor,
    Typed,
    small_model,
    split_model,
    write_split,
)

MODEL = small_model()


def inspected(folder: Path, model: GgufFile, name: str = "model.gguf") -> ModelFile:
    return inspect(model.write(folder / name))


def failure(path: Path) -> ModelFileError:
    with pytest.raises(ModelFileError) as caught:
        inspect(path)
    return caught.value


def test_the_starter_is_described(starter_model):
    assert inspect(starter_model) == ModelFile(
        path=starter_model,
        kind=FileKind.MODEL,
        name="SmolLM2 135M Instruct",
        architecture="llama",
        size=98_362_432,
        quantization="Q4_1",
        context_length=8192,
        parameter_count=134_515_008,
        has_template=True,
        license="apache-2.0",
    )


def test_a_small_model_is_described(tmp_path):
    file = inspected(tmp_path, MODEL)
    assert file == ModelFile(
        path=tmp_path / "model.gguf",
        kind=FileKind.MODEL,
        name="Tiny Test",
        architecture="llama",
        size=len(MODEL.content()),
        quantization="Q4_0",
        context_length=2048,
        parameter_count=320 + 9 + 128,
        has_template=True,
        license="mit",
    )
    check_main_model(file)


def test_a_relative_path_becomes_absolute(tmp_path, monkeypatch):
    MODEL.write(tmp_path / "model.gguf")
    monkeypatch.chdir(tmp_path)
    assert inspect(Path("model.gguf")).path == tmp_path / "model.gguf"


KINDS = {
    "projector by type": (small_model("llama", general__type="mmproj"), FileKind.PROJECTOR),
    "projector by architecture": (small_model("clip").lacking("general.type"), FileKind.PROJECTOR),
    "adapter by type": (small_model(general__type="adapter"), FileKind.ADAPTER),
    "adapter by key": (small_model(adapter__type="lora").lacking("general.type"), FileKind.ADAPTER),
    "control vector": (small_model("controlvector"), FileKind.ADAPTER),
    "vocabulary only": (replace(MODEL, tensors=[]), FileKind.VOCABULARY),
    "bert": (small_model("bert"), FileKind.EMBEDDING),
    "nomic": (small_model("nomic-bert-moe"), FileKind.EMBEDDING),
    "encoder of t5": (small_model("t5encoder"), FileKind.EMBEDDING),
    "pooling": (small_model("qwen3", qwen3__pooling_type=3), FileKind.EMBEDDING),
    "no pooling": (small_model("qwen3", qwen3__pooling_type=0), FileKind.MODEL),
    "encoder and decoder": (small_model("t5"), FileKind.ENCODER_DECODER),
    "unknown architecture": (small_model("tomorrow"), FileKind.MODEL),
}


@pytest.mark.parametrize("case", KINDS)
def test_kinds_are_told_apart(tmp_path, case):
    model, kind = KINDS[case]
    assert inspected(tmp_path, model).kind is kind


REFUSED = {
    FileKind.PROJECTOR: "This is a projector for images, not a model to chat with."
    " Choose the model that it belongs to.",
    FileKind.ADAPTER: "This is an adapter, which changes another model; it is not a model to chat with."
    " Choose the model that it was made for.",
    FileKind.EMBEDDING: "This is an embedding model: it turns text into numbers and cannot answer."
    " Choose a model made for chat.",
    FileKind.ENCODER_DECODER: "This is an encoder-decoder model, which cannot be chatted with."
    " Choose a model made for chat.",
    FileKind.VOCABULARY: "This file holds only a vocabulary, no model. Choose a model made for chat.",
}


def test_an_adapter_is_for_models_of_its_kind(tmp_path):
    model = inspect(small_model("llama").write(tmp_path / "model.gguf"))
    fitting = inspect(small_model("llama", general__type="adapter").write(tmp_path / "fits.gguf"))
    other = inspect(small_model("qwen3", general__type="adapter").write(tmp_path / "other.gguf"))

    check_adapter(fitting, model)
    with pytest.raises(ModelFileError, match="is for models of the kind qwen3, and this one is llama"):
        check_adapter(other, model)
    with pytest.raises(ModelFileError, match="is not an adapter"):
        check_adapter(model, model)


@pytest.mark.parametrize("kind", [kind for kind in FileKind if kind is not FileKind.MODEL])
def test_a_file_that_cannot_be_chatted_with_is_refused_in_words(kind):
    file = ModelFile(path=Path("x.gguf"), kind=kind, name="x", architecture="llama", size=1)
    with pytest.raises(ModelFileError) as caught:
        check_main_model(file)
    assert str(caught.value) == REFUSED[kind]


@pytest.mark.parametrize("kind", FileKind)
def test_texts_are_embedded_by_models_that_chat_and_by_those_made_for_it(kind):
    file = ModelFile(path=Path("x.gguf"), kind=kind, name="x", architecture="llama", size=1)
    if kind in (FileKind.MODEL, FileKind.EMBEDDING):
        check_main_model(file, to_embed=True)
    else:
        with pytest.raises(ModelFileError):
            check_main_model(file, to_embed=True)


def test_an_importance_matrix_is_called_so(tmp_path):
    path = small_model(general__type="imatrix").write(tmp_path / "a.gguf")
    assert failure(path).message == '"a.gguf" is an importance matrix, a by-product of making models smaller.'


@pytest.mark.parametrize(
    "model", [MODEL.lacking("general.architecture"), MODEL.having(general__architecture=5)]
)
def test_a_file_without_architecture_is_refused(tmp_path, model):
    path = model.write(tmp_path / "a.gguf")
    assert failure(path).message == '"a.gguf" does not say which kind of model it is.'


def test_a_damaged_file_is_refused(tmp_path):
    path = replace(MODEL, tensor_count=2**64 - 1).write(tmp_path / "a.gguf")
    assert "is damaged" in failure(path).message


@pytest.mark.parametrize(
    ("template", "expected"),
    [("{{ x }}", True), ("  \n", False), ("", False), (7, False), ("x" * (MAX_TEXT + 1), True)],
)
def test_it_is_told_whether_there_is_a_chat_template(tmp_path, template, expected):
    model = MODEL.having(tokenizer__chat_template=template)
    assert inspected(tmp_path, model).has_template is expected


def test_a_base_model_has_no_chat_template(tmp_path):
    assert inspected(tmp_path, MODEL.lacking("tokenizer.chat_template")).has_template is False


@pytest.mark.parametrize(
    ("file_type", "expected"), [(15, "Q4_K_M"), (7, "Q8_0"), (1024 + 1, "F16"), (999, "F16"), ("Q4", "F16")]
)
def test_the_quantization_is_named_or_found_in_the_tensors(tmp_path, file_type, expected):
    model = MODEL.having(general__file_type=file_type)
    model = replace(model, tensors=[Tensor("a", (640,), F16), Tensor("b", (64,)), Tensor("c", (64,), Q4_0)])
    assert inspected(tmp_path, model).quantization == expected


@pytest.mark.parametrize("length", [2**32 - 1, "long", True, Typed(5, -1)])
def test_an_unbelievable_context_length_counts_as_unsaid(tmp_path, length):
    assert inspected(tmp_path, MODEL.having(llama__context_length=length)).context_length == 0


def test_the_license_has_its_name_where_one_is_given(tmp_path):
    model = MODEL.having(general__license="other", general__license__name="Llama 3.2\n\x1b[1mCommunity")
    assert inspected(tmp_path, model).license == "Llama 3.2 [1mCommunity"


NAMES = {
    "the file's, where it is the model's": (
        "SmolLM2-135M-Instruct.Q4_1.gguf",
        "8k Lc100K",
        "smollm2",
        "SmolLM2 135M Instruct",
    ),
    "of a base name with dots": (
        "Qwen2.5-0.5B-Instruct-Q4_K_M.gguf",
        "x",
        "Qwen2.5",
        "Qwen2.5 0.5B Instruct",
    ),
    "in small letters": ("llama_3.2-1b-iq4_xs.GGUF", "x", "Llama-3.2", "llama 3.2 1b"),
    "the model's, where the file's says nothing": ("model.gguf", "Llama 3.2 1B", "Llama-3.2", "Llama 3.2 1B"),
    "the model's without a base name": ("ggml-model-f16.gguf", "Phi 2", "", "Phi 2"),
    "base name and size": ("m.gguf", "", "Tiny", "Tiny 1B"),
    "the file's for want of any other": ("My-model-F16.gguf", " \n", "", "My-model"),
    "the file's where it is only a quantization": ("-Q4_0.gguf", "", "", "-Q4_0.gguf"),
    "of a split": ("SmolLM2-1.7B-Q8_0-00001-of-00001.gguf", "x", "SmolLM2", "SmolLM2 1.7B"),
    "one line, without escapes": ("m.gguf", "a\x1b[31m\nb\u202ec", "", "a [31m b c"),
}


@pytest.mark.parametrize("case", NAMES)
def test_the_name_is(tmp_path, case):
    file_name, name, base_name, expected = NAMES[case]
    size = "1B" if base_name == "Tiny" else ""
    model = MODEL.having(general__name=name, general__basename=base_name, general__size_label=size)
    assert inspected(tmp_path, model, file_name).name == expected


def test_a_name_of_a_megabyte_is_cut(tmp_path):
    assert len(inspected(tmp_path, MODEL.having(general__name="x" * 10**6)).name) == 120


def test_a_split_model_is_one_model(tmp_path):
    models = split_model(3)
    paths = write_split(tmp_path, models)
    file = inspect(paths[0])
    assert file.kind is FileKind.MODEL
    assert file.size == sum(path.stat().st_size for path in paths)
    assert file.parameter_count == 3 * 128


def test_a_first_part_without_tensors_is_still_a_model(tmp_path):
    first, *others = split_model(3)
    first = replace(first, tensors=[]).having(split__tensors__count=Typed(5, 2))
    assert inspect(write_split(tmp_path, [first, *others])[0]).kind is FileKind.MODEL


def test_a_split_of_one_part_is_an_ordinary_file(tmp_path):
    assert inspected(tmp_path, MODEL.having(split__count=Typed(U16, 1))).kind is FileKind.MODEL


def test_a_missing_part_is_named(tmp_path):
    paths = write_split(tmp_path, split_model(3))
    paths[1].unlink()
    error = failure(paths[0])
    assert (
        error.message
        == 'One of the 3 parts of "tiny-00001-of-00003.gguf" is missing: tiny-00002-of-00003.gguf.'
    )
    assert error.action == "Download the missing parts into the same folder."


def test_several_missing_parts_are_counted(tmp_path):
    paths = write_split(tmp_path, split_model(6))
    for path in paths[1:]:
        path.unlink()
    assert failure(paths[0]).message.startswith(
        '5 of the 6 parts of "tiny-00001-of-00006.gguf" are missing: '
    )
    assert "tiny-00004-of-00006.gguf …" in failure(paths[0]).message


def test_a_later_part_sends_to_the_first(tmp_path):
    error = failure(write_split(tmp_path, split_model(3))[1])
    assert error.message == '"tiny-00002-of-00003.gguf" is part 2 of 3 of a model.'
    assert error.action == 'Choose the first part, "tiny-00001-of-00003.gguf".'


def test_a_later_part_renamed_to_the_first_is_found_out(tmp_path):
    path = split_model(3)[1].write(tmp_path / "tiny-00001-of-00003.gguf")
    assert failure(path).message == '"tiny-00001-of-00003.gguf" is part 2 of 3 of a model.'


@pytest.mark.parametrize("name", ["tiny.gguf", "tiny-00001-of-00004.gguf", "tiny-00000-of-00003.gguf"])
def test_a_renamed_part_asks_for_its_name_back(tmp_path, name):
    error = failure(split_model(3)[0].write(tmp_path / name))
    assert error.message == f'"{name}" is one of 3 parts of a model, but its file name does not say which.'


def test_a_damaged_part_is_named(tmp_path):
    paths = write_split(tmp_path, split_model(3))
    paths[2].write_bytes(paths[2].read_bytes()[:-40])
    assert failure(paths[0]).message.startswith('"tiny-00003-of-00003.gguf" is incomplete')


def test_a_part_in_the_wrong_place_is_found_out(tmp_path):
    first, second, third = split_model(3)
    paths = write_split(tmp_path, [first, third, second])
    assert failure(paths[0]).message == (
        '"tiny-00002-of-00003.gguf" is not the part 2 that "tiny-00001-of-00003.gguf" needs.'
    )


def test_parts_of_different_models_do_not_pass(tmp_path):
    first, second, third = split_model(3)
    second = replace(second, tensors=[*second.tensors, Tensor("more")])
    error = failure(write_split(tmp_path, [first, second, third])[0])
    assert error.message == 'The parts of "tiny-00001-of-00003.gguf" do not belong together.'


def test_a_split_of_65535_parts_is_refused_without_looking_for_them(tmp_path):
    first = MODEL.having(split__count=Typed(U16, 65_535), split__no=Typed(U16, 0))
    path = first.write(tmp_path / "tiny-00001-of-65535.gguf")
    assert "is one of 65535 parts" in failure(path).message
