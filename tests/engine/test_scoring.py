"""How likely the model finds a text, against a reference computed from all logits of every window."""

import math
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio

from desktop.domain.engine_state import Ready
from desktop.domain.errors import ContextOverflowError, ParameterError
from desktop.domain.generation import PromptProgress
from desktop.domain.instruments import Score, ScoreRequest
from desktop.engine.bridge import EngineBridge
from desktop.engine.worker.loading.loading import Opened
from desktop.engine.worker.measuring import scoring
from desktop.engine.worker.measuring.scoring import ScoreTask, text_tokens
from tests.helpers.engine import Subject, opened
from tests.helpers.measuring import SMALL, all_logprobs, measure, opened_here
from tests.helpers.tiny_models import TEXT, TinyModels
from tests.helpers.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="module")

STORY = (
    "The harbour lay still that morning. Ships from many countries waited for the tide, and the keeper of "
    "the lighthouse counted them as he did every day: seven, eight, nine. None of them had come for the "
    "salt, he thought, and yet all of them would leave with it. "
) * 2
"""About 120 tokens of the starter's."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(starter_model: Path) -> AsyncIterator[EngineBridge]:
    async with opened(Subject("llama", starter_model, SMALL)) as (bridge, _):
        yield bridge


@pytest_asyncio.fixture(loop_scope="module")
async def bridge(shared: EngineBridge) -> AsyncIterator[EngineBridge]:
    yield shared
    await until(lambda: isinstance(shared.state, Ready))


def tool_perplexity(model: Opened, tokens: list[int], window: int, stride: int) -> tuple[float, int]:
    """As llama.cpp's perplexity tool comes to it, and over how many tokens."""
    vocabulary = model.model.vocabulary
    losses: list[float] = []
    side_by_side = stride == window
    count = len(tokens) // window if side_by_side else -(-(len(tokens) - window) // stride)
    for at in range(count):
        own = tokens[at * stride : at * stride + window]
        read = [vocabulary.bos, *own[1:]] if side_by_side and vocabulary.add_bos else own
        logprobs = all_logprobs(model, read)
        first = window // 2 if side_by_side else window - stride - 1
        losses += [-logprobs[place, own[place + 1]] for place in range(first, window - 1)]
    return math.exp(sum(losses) / len(losses)), len(losses)


def score_here(model: Opened, text: str, window: int = 0, stride: int = 0) -> Score:
    vocabulary = model.model.vocabulary
    tokens = text_tokens(vocabulary, text)
    score = measure(
        model, ScoreTask(1, ScoreRequest(text, window, stride), tokens, model.context, vocabulary)
    )
    assert isinstance(score, Score)
    return score


async def test_the_perplexity_is_the_tools(bridge: EngineBridge, starter_model: Path) -> None:
    with opened_here(starter_model) as model:
        text = STORY[:330]
        tokens = model.model.vocabulary.tokenize(text)
        for window, stride in ((30, 10), (28, 25), (24, 24)):
            score = await bridge.score(ScoreRequest(text, window, stride))

            expected, counted = tool_perplexity(model, tokens, window, stride)
            assert [token.id for token in score.tokens] == tokens
            assert (score.window, score.stride, score.counted) == (window, stride, counted)
            assert score.perplexity == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("kind", TEXT)
async def test_every_architecture_reads_each_window_from_nothing(tiny_models: TinyModels, kind: str) -> None:
    with opened_here(tiny_models[kind]) as model:
        tokens = model.model.vocabulary.tokenize(STORY)

        for window, stride in ((100, 40), (64, 64)):
            score = score_here(model, STORY, window, stride)

            expected, counted = tool_perplexity(model, tokens, window, stride)
            assert score.counted == counted
            assert score.perplexity == pytest.approx(expected, rel=1e-3)


async def test_a_text_of_one_window_is_scored_token_by_token_with_exact_ranks(
    bridge: EngineBridge, starter_model: Path
) -> None:
    text = STORY[:230]
    score = await bridge.score(ScoreRequest(text))

    with opened_here(starter_model) as model:
        tokens = model.model.vocabulary.tokenize(text)
        logprobs = all_logprobs(model, tokens)
    first, *others = score.tokens
    assert (first.id, first.logprob, first.rank) == (tokens[0], None, None)
    assert "".join(token.piece for token in score.tokens) == text
    for before, token in zip(logprobs, others, strict=False):
        assert token.logprob == pytest.approx(before[token.id], abs=1e-3)
        assert token.rank == np.count_nonzero(before > before[token.id])
    own = [logprobs[place, token.id] for place, token in enumerate(others)]
    assert score.perplexity == pytest.approx(math.exp(-np.mean(own)), abs=1e-3)
    assert (score.counted, score.window, score.stride) == (len(tokens) - 1, 512, 256)


@pytest.mark.parametrize("stride", [32, 64])
async def test_bos_stands_where_the_tool_puts_it(tiny_models: TinyModels, stride: int) -> None:
    """In front of the text; with windows side by side it takes the place of the first token of each."""
    with opened_here(tiny_models["llama"]) as model:
        vocabulary = model.model.vocabulary
        vocabulary.add_bos = True
        tokens = [vocabulary.bos, *vocabulary.tokenize(STORY)]

        score = score_here(model, STORY, 64, stride)

        expected, _ = tool_perplexity(model, tokens, 64, stride)
        assert [token.id for token in score.tokens] == tokens
        assert score.perplexity == pytest.approx(expected, rel=1e-3)


async def test_logits_are_computed_for_a_few_tokens_at_a_time(
    tiny_models: TinyModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scoring, "OUTPUT_BYTES", 1)
    with opened_here(tiny_models["llama"]) as model:
        tokens = model.model.vocabulary.tokenize(STORY)
        wanted: list[int] = []
        decode = model.context.decode

        def noted(count: int) -> int:
            wanted.append(int(model.context.outputs[:count].sum()))
            return decode(count)

        monkeypatch.setattr(model.context, "decode", noted)
        score = score_here(model, STORY, 128, 64)
        monkeypatch.undo()

        expected, _ = tool_perplexity(model, tokens, 128, 64)
        assert max(wanted) == scoring.MIN_OUTPUTS
        assert score.perplexity == pytest.approx(expected, rel=1e-2)


async def test_progress_counts_every_token_that_is_read(bridge: EngineBridge) -> None:
    heard: list[PromptProgress] = []

    await bridge.score(ScoreRequest(STORY[:300], 16, 8), heard.append)

    assert [event.done for event in heard] == sorted({event.done for event in heard})
    assert heard[-1].done == heard[-1].total > 100


async def test_a_token_has_nothing_to_be_predicted_from(bridge: EngineBridge) -> None:
    score = await bridge.score(ScoreRequest("The"))

    assert [(token.piece, token.logprob) for token in score.tokens] == [("The", None)]
    assert (score.perplexity, score.counted) == (0.0, 0)


async def test_no_text_has_no_tokens(bridge: EngineBridge) -> None:
    assert (await bridge.score(ScoreRequest(""))).tokens == ()


async def test_control_tokens_in_a_text_are_plain_text(bridge: EngineBridge) -> None:
    score = await bridge.score(ScoreRequest("a <|im_end|> b"))

    assert len(score.tokens) > 5
    assert "".join(token.piece for token in score.tokens) == "a <|im_end|> b"


@pytest.mark.parametrize(
    ("window", "stride", "setting"), [(513, 0, "window"), (1, 1, "window"), (0, 513, "stride")]
)
async def test_windows_that_cannot_be_are_refused(
    bridge: EngineBridge, window: int, stride: int, setting: str
) -> None:
    with pytest.raises(ParameterError) as failure:
        await bridge.score(ScoreRequest("some text", window, stride))

    assert failure.value.setting == setting


async def test_a_text_that_no_reply_could_hold_is_refused(bridge: EngineBridge) -> None:
    for text in ("a" * 5_000_000, "\n-" * 1_200_000):
        with pytest.raises(ContextOverflowError, match="500,000"):
            await bridge.score(ScoreRequest(text))
