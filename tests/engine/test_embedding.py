"""Texts as vectors, against the library's own pooling and against numpy."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import llama_cpp.llama_cpp as ll
import numpy as np
import pytest

from desktop.domain.conversation import Role
from desktop.domain.errors import ContextOverflowError, LocutionError, OutOfMemoryError, ParameterError
from desktop.domain.generation import PromptProgress, Turn
from desktop.domain.instruments import (
    BeamRequest,
    DistributionRequest,
    Embeddings,
    EmbedRequest,
    ScoreRequest,
)
from desktop.domain.model import Adapter
from desktop.engine.worker.llama.interruption import Interruption
from desktop.engine.worker.llama.load_params import context_params
from desktop.engine.worker.loading.loading import Opened
from desktop.engine.worker.measuring import embedding
from desktop.engine.worker.measuring.embedding import embed_task, pooling_of
from desktop.engine.worker.measuring.embedding_context import Basis, EmbeddingContext, Piece
from desktop.engine.worker.measuring.measuring import MeasuringAlone
from tests.helpers.engine import Subject, ask, opened
from tests.helpers.measuring import SMALL, opened_here
from tests.helpers.tiny_models import TEXT, TinyModels

TEXTS = ("the sea and the ship", "water", "some people would look at their own house " * 8)
POOLINGS = {
    "mean": ll.LLAMA_POOLING_TYPE_MEAN,
    "cls": ll.LLAMA_POOLING_TYPE_CLS,
    "last": ll.LLAMA_POOLING_TYPE_LAST,
}


def basis_of(model: Opened, *, whole: bool) -> Basis:
    return Basis(model.model, SMALL, 1, whole, Interruption(), model.adapters)


def embed_here(model: Opened, request: EmbedRequest, *, whole: bool = False) -> Embeddings:
    heard: list[object] = []
    runner = MeasuringAlone()
    runner.measure(embed_task(1, request, basis_of(model, whole=whole)), heard.append)
    while runner.active:
        runner.step()
    (*_, outcome) = heard
    if isinstance(outcome, LocutionError):
        raise outcome
    assert isinstance(outcome, Embeddings)
    return outcome


def library_vector(model: Opened, text: str, pooling: int) -> np.ndarray:
    """What the library itself makes of a text, read and pooled in one go; of each token with no pooling."""
    ids = model.model.vocabulary.tokenize(text, ends=True)
    params = context_params(SMALL, length=1024, batch=1024, sequences=1, threads=1)
    params.embeddings = True
    params.pooling_type = pooling
    context = ll.llama_init_from_model(model.model.handle, params)
    batch = ll.llama_batch_init(len(ids), 0, 1)
    for at, token in enumerate(ids):
        batch.token[at], batch.pos[at], batch.logits[at] = token, at, True
        batch.n_seq_id[at], batch.seq_id[at][0] = 1, 0
    batch.n_tokens = len(ids)
    assert ll.llama_decode(context, batch) == 0
    width = ll.llama_model_n_embd_out(model.model.handle)
    if pooling == ll.LLAMA_POOLING_TYPE_NONE:
        vector = np.ctypeslib.as_array(ll.llama_get_embeddings(context), (len(ids), width)).copy()
    else:
        vector = np.ctypeslib.as_array(ll.llama_get_embeddings_seq(context, 0), (width,)).copy()
    ll.llama_batch_free(batch)
    ll.llama_free(context)
    return vector


@pytest.mark.parametrize("pooling", POOLINGS)
@pytest.mark.parametrize("kind", [*TEXT, "embedding"])
def test_every_architecture_embeds_as_the_library_does(
    tiny_models: TinyModels, monkeypatch: pytest.MonkeyPatch, kind: str, pooling: str
) -> None:
    """Also where a text is read in several chunks, as with all that write text here."""
    monkeypatch.setattr(embedding, "MAX_BATCH", 32)
    with opened_here(tiny_models[kind]) as model:
        found = embed_here(
            model, EmbedRequest(TEXTS, pooling, normalize=False), whole=model.any_context is None
        )

        assert max(found.tokens) > 64
        assert (found.pooling, found.normalized) == (pooling, False)
        for text, vector in zip(TEXTS, found.vectors, strict=True):
            expected = library_vector(model, text, POOLINGS[pooling])
            # The cache keeps 16 bits, and rounds by how a text is cut.
            np.testing.assert_allclose(vector, expected, atol=0.02 * np.abs(expected).max())


def test_the_mean_is_numpys(tiny_models: TinyModels) -> None:
    with opened_here(tiny_models["llama"]) as model:
        tokens = library_vector(model, TEXTS[0], ll.LLAMA_POOLING_TYPE_NONE)
        mean = embed_here(model, EmbedRequest(TEXTS[:1], "mean", normalize=False))
        unit = embed_here(model, EmbedRequest(TEXTS[:1], "mean"))

    np.testing.assert_allclose(mean.vectors[0], tokens.mean(axis=0), atol=1e-3)
    assert np.linalg.norm(unit.vectors[0]) == pytest.approx(1)
    np.testing.assert_allclose(
        np.array(unit.vectors[0]) * np.linalg.norm(mean.vectors[0]), mean.vectors[0], atol=1e-6
    )


async def test_similar_sentences_are_closer_than_unrelated_ones(starter_model: Path) -> None:
    texts = (
        *("The cat sat on the mat.", "A cat is sitting on a rug."),
        *("Quarterly revenue grew by three percent.", "The company's profits rose slightly this quarter."),
    )
    async with opened(Subject("llama", starter_model, SMALL)) as (bridge, _):
        found = await bridge.embed(EmbedRequest(texts))
        again = await bridge.embed(EmbedRequest(texts))

    vectors = np.array(found.vectors)
    alike = vectors @ vectors.T
    assert np.diag(alike) == pytest.approx(np.ones(4))
    assert min(alike[0, 1], alike[2, 3]) > max(alike[0, 2], alike[0, 3], alike[1, 2], alike[1, 3])
    assert (found.pooling, found.normalized) == ("mean", True)
    assert again == found


async def test_an_embedding_model_embeds_and_says_so_to_everything_else(tiny_models: TinyModels) -> None:
    heard: list[PromptProgress] = []
    turns = (Turn(Role.USER, "hi"),)
    async with opened(Subject("llama", tiny_models["embedding"], SMALL)) as (bridge, _):
        found = await bridge.embed(EmbedRequest(TEXTS), heard.append)
        tokens = await bridge.tokenize("the sea")
        for asked in (
            ask(bridge, "hi"),
            bridge.score(ScoreRequest("hi")),
            bridge.distribution(DistributionRequest(turns)),
            bridge.search_beams(BeamRequest(turns)),
        ):
            with pytest.raises(LocutionError, match="turns text into numbers and cannot answer"):
                await asked
        again = await bridge.embed(EmbedRequest(TEXTS))

    assert again == found
    # [CLS] and [SEP] stand around each text.
    assert found.tokens[1] == 3
    assert len(tokens) == 2
    assert [event.total for event in heard] == [sum(found.tokens)] * len(heard)
    assert heard[-1].done == heard[-1].total
    assert np.linalg.norm(found.vectors, axis=1) == pytest.approx(np.ones(3))


@pytest.fixture
def tiny(tiny_models: TinyModels) -> Iterator[Opened]:
    with opened_here(tiny_models["llama"]) as model:
        yield model


def test_the_pooling_is_the_models_own_unless_told_otherwise(
    tiny: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = {"general.architecture": "llama"}

    def metadata(key: str) -> str:
        return said.get(key, "")

    monkeypatch.setattr(tiny.model, "metadata", metadata)
    for own, expected in (("", "mean"), ("0", "mean"), ("1", "mean"), ("2", "cls"), ("3", "last")):
        said["llama.pooling_type"] = own
        assert pooling_of(tiny.model, "") == expected
    said["llama.pooling_type"] = "4"
    assert pooling_of(tiny.model, "cls") == "cls"
    with pytest.raises(ParameterError, match="ranks texts"):
        pooling_of(tiny.model, "")


@pytest.mark.parametrize("text", ["", " \n"])
def test_an_empty_text_is_refused(tiny: Opened, text: str) -> None:
    with pytest.raises(ParameterError, match="Text 2 is empty"):
        embed_here(tiny, EmbedRequest(("one", text)))


def test_a_text_that_is_too_long_is_refused_by_its_number(tiny: Opened) -> None:
    for long in ("sea " * 5000, "x" * 1_000_000):
        with pytest.raises(ContextOverflowError, match=r"Text 1 has more than the 4,096 tokens"):
            embed_here(tiny, EmbedRequest((long, "one")))


def test_texts_for_which_memory_is_short_are_refused(tiny: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedding, "memory_now", lambda: (10**9, 10**8))

    with pytest.raises(OutOfMemoryError):
        embed_here(tiny, EmbedRequest(TEXTS))


def test_numbers_that_are_none_are_refused(tiny: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        EmbeddingContext, "vectors", lambda _self, count: np.full((count, 4), np.nan, np.float32)
    )

    with pytest.raises(LocutionError, match="no usable numbers"):
        embed_here(tiny, EmbedRequest(TEXTS))


def test_adapters_change_the_vectors(tiny: Opened, tiny_models: TinyModels) -> None:
    before = embed_here(tiny, EmbedRequest(TEXTS[:1]))

    tiny.adapters.use((Adapter(str(tiny_models["adapter"]), 1.0),))

    changed = embed_here(tiny, EmbedRequest(TEXTS[:1]))
    assert np.abs(np.subtract(changed.vectors, before.vectors)).max() > 1e-3


def test_the_context_is_freed_when_all_is_done_and_when_it_is_stopped(
    tiny: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    freed: list[object] = []
    close = EmbeddingContext.close

    def noted(context: EmbeddingContext) -> None:
        freed.append(context)
        close(context)

    monkeypatch.setattr(EmbeddingContext, "close", noted)
    embed_here(tiny, EmbedRequest(TEXTS))
    assert len(freed) == 1

    heard: list[object] = []
    runner = MeasuringAlone()
    request = EmbedRequest(("sea " * 3000,))
    runner.measure(embed_task(7, request, basis_of(tiny, whole=False)), heard.append)
    runner.step()
    assert len(freed) == 1
    runner.cancel(7)
    runner.step()

    assert len(freed) == 2
    assert isinstance(heard[-1], LocutionError)


def test_an_interrupted_chunk_is_taken_back(tiny: Opened) -> None:
    """The second chunk of a text, computed twice: what the first run left does not count."""
    basis = basis_of(tiny, whole=False)
    ids = np.array(tiny.model.vocabulary.tokenize("the sea of water " * 4), np.int32)
    first, second = Piece(0, 0, 8), Piece(0, 8, len(ids))
    with closing(EmbeddingContext(basis, 256, 64)) as context:
        assert context.decode([first], [ids]) == 0
        assert context.decode([second], [ids]) == 0
        expected = context.vectors(len(ids) - 8).copy()
        assert context.undo([second])
        basis.interruption.set()
        assert context.decode([second], [ids]) == 2
        basis.interruption.clear()
        assert context.undo([second])
        assert context.decode([second], [ids]) == 0
        np.testing.assert_allclose(context.vectors(len(ids) - 8), expected, atol=1e-3)
