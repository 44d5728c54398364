"""What an answer is made of: forms, bans, beginnings, log-probabilities."""

import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import llama_cpp.llama_cpp as ll
import numpy as np
import pytest
import pytest_asyncio

from desktop.domain.errors import ContextOverflowError, LocutionError, ParameterError
from desktop.domain.generation import Delta, FinishReason, TokenLogprob
from desktop.engine.bridge import EngineBridge
from desktop.engine.worker.llama import native
from desktop.engine.worker.llama.context import Context
from desktop.engine.worker.llama.model import Model
from tests.helpers.engine import Heard, ask, hear, opened, request
from tests.helpers.engine import native as native_core
from tests.helpers.tiny_models import TinyModels

pytestmark = pytest.mark.asyncio(loop_scope="module")

QUESTION = "Name three colours of the rainbow."
LIST = 'root ::= "[" [a-z]+ ("," [a-z]+){2} "]"'


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bridge(starter_model: Path) -> AsyncIterator[EngineBridge]:
    async with opened(native_core(starter_model)) as (bridge, _):
        yield bridge


async def answer(
    bridge: EngineBridge, text: str = QUESTION, *, prefill: str = "", k: int | None = None, **values: Any
) -> Heard:
    asked = replace(request(text, **values), prefill=prefill, alternatives=k)
    heard = await hear(bridge.generate(asked))
    for index, response in enumerate(heard.done.responses):
        assert heard.streamed(index) == response.thinking + response.text
    return heard


def logprobs(heard: Heard, index: int = 0) -> list[TokenLogprob]:
    return [one for delta in heard.deltas if delta.index == index for one in delta.logprobs]


# Forms


async def test_an_answer_follows_a_grammar(bridge: EngineBridge) -> None:
    heard = await answer(bridge, grammar=LIST)

    assert re.fullmatch(r"\[[a-z]+,[a-z]+,[a-z]+\]", heard.text)
    assert heard.done.responses[0].finish_reason is FinishReason.STOP


async def test_all_answers_follow_the_grammar_each_in_its_own_way(bridge: EngineBridge) -> None:
    heard = await answer(bridge, grammar=LIST, n=3, temperature=2.0, seed=1, ignore_eos=True, max_tokens=60)

    texts = [response.text for response in heard.done.responses]
    assert len(set(texts)) > 1
    for response in heard.done.responses:
        if response.finish_reason is FinishReason.STOP:
            assert re.fullmatch(r"\[[a-z]+,[a-z]+,[a-z]+\]", response.text)


async def test_a_grammar_may_ask_for_characters_of_several_tokens(bridge: EngineBridge) -> None:
    assert (await answer(bridge, grammar='root ::= "漢🌊" [0-9]')).text[:2] == "漢🌊"


async def test_an_answer_that_agrees_with_its_grammar_is_not_changed_by_it(bridge: EngineBridge) -> None:
    free = await answer(bridge)

    assert (await answer(bridge, grammar="root ::= .*")).text == free.text


async def test_an_answer_fits_a_schema(bridge: EngineBridge) -> None:
    colours = {"type": "array", "items": {"type": "string", "maxLength": 12}, "minItems": 2, "maxItems": 2}
    schema = {"type": "object", "properties": {"colours": colours}, "required": ["colours"]}

    heard = await answer(
        bridge, json_schema=json.dumps({**schema, "additionalProperties": False}), max_tokens=80
    )

    value = json.loads(heard.text)
    assert list(value) == ["colours"]
    assert len(value["colours"]) == 2


async def test_a_grammar_without_end_is_cut_off_at_the_limit(bridge: EngineBridge) -> None:
    heard = await answer(
        bridge, grammar='root ::= ("x" | "y")+ "z"', max_tokens=5, logit_bias=(("z", -100.0),)
    )

    assert heard.done.responses[0].finish_reason is FinishReason.LENGTH
    assert set(heard.text) <= set("xy")


@pytest.mark.parametrize(
    ("values", "setting", "words"),
    [
        ({"grammar": 'root ::= "a'}, "grammar", "line 1, column 10"),
        ({"grammar": 'root ::= root "a"'}, "grammar", "No answer can ever"),
        ({"grammar": "root ::= " + "(" * 60 + '"a"' + ")*" * 60}, "grammar", "cannot be used"),
        ({"json_schema": '{"type": "objekt"}'}, "json_schema", "at /type"),
        ({"json_schema": '{"$ref": "#"}'}, "json_schema", "No answer can ever"),
        ({"logit_bias": ((10**6, 1.0),)}, "logit_bias", "There is no token 1000000"),
    ],
    ids=["grammar", "endless grammar", "deep grammar", "schema", "endless schema", "bias"],
)
async def test_what_is_wrong_is_said_before_anything_is_written(
    bridge: EngineBridge, values: dict[str, Any], setting: str, words: str
) -> None:
    with pytest.raises(ParameterError, match=re.escape(words)) as caught:
        await answer(bridge, **values)

    assert caught.value.setting == setting
    assert (await answer(bridge, max_tokens=3)).text


async def test_where_no_token_fits_the_answer_ends_with_what_there_is(bridge: EngineBridge) -> None:
    """The ban takes away the only token with which the grammar could go on."""
    events = []
    with pytest.raises(ParameterError, match="no token fits") as caught:
        asked = request(QUESTION, grammar='root ::= "red" "blue"', banned=("db",))
        async for event in bridge.generate(asked):
            events.append(event)

    assert caught.value.setting == "grammar"
    assert "".join(event.text for event in events if isinstance(event, Delta)) == "red"


# Bans


@pytest.mark.parametrize("banned", [("rainbow", "THE"), ("e",), (" ",), ("ai", "a", "in", "\n")], ids=str)
async def test_an_answer_never_contains_a_banned_phrase(
    bridge: EngineBridge, banned: tuple[str, ...]
) -> None:
    heard = await answer(bridge, banned=banned, max_tokens=20)

    assert heard.text
    assert not [phrase for phrase in banned if phrase.casefold() in heard.text.casefold()]


async def test_bans_hold_at_any_temperature_and_for_all_answers(bridge: EngineBridge) -> None:
    hot: dict[str, Any] = {"temperature": 3.0, "top_k": 0, "top_p": 1.0, "min_p": 0.0}
    heard = await answer(bridge, banned=("a", "e", " t"), n=3, seed=5, **hot)

    for response in heard.done.responses:
        assert not re.search("[ae]| t", response.text, re.IGNORECASE)


async def test_a_ban_that_is_not_met_changes_nothing(bridge: EngineBridge) -> None:
    free = await answer(bridge, temperature=1.0, seed=11)

    assert (await answer(bridge, temperature=1.0, seed=11, banned=("zebra",))).text == free.text


async def test_a_phrase_may_begin_in_the_answers_beginning(bridge: EngineBridge) -> None:
    free = await answer(bridge, prefill="The colours of the rain")
    assert free.text.startswith("The colours of the rainbow")

    heard = await answer(bridge, prefill="The colours of the rain", banned=("rainbow",))

    assert heard.text.startswith("The colours of the rain")
    assert "rainbow" not in heard.text


# Beginnings


async def test_every_answer_begins_as_it_is_told(bridge: EngineBridge) -> None:
    heard = await answer(bridge, prefill="Violet, ", n=2, temperature=1.0, seed=3, max_tokens=4)

    assert all(response.text.startswith("Violet, ") for response in heard.done.responses)
    assert heard.deltas[0].text.startswith("Violet, ")
    assert {response.completion_tokens for response in heard.done.responses} == {4}


async def test_a_beginning_is_text_and_no_control_token(bridge: EngineBridge) -> None:
    heard = await answer(bridge, prefill="<|im_end|>\n<|im_start|>user\n", max_tokens=3)
    plain = await answer(bridge, max_tokens=3)

    assert heard.text.startswith("<|im_end|>\n<|im_start|>user\n")
    spelled = len(await bridge.tokenize("<|im_end|>\n<|im_start|>user\n"))
    added = heard.done.responses[0].prompt_tokens - plain.done.responses[0].prompt_tokens
    assert abs(added - spelled) <= 1
    assert spelled > 10


async def test_a_stop_sequence_may_stand_in_the_beginning(bridge: EngineBridge) -> None:
    heard = await answer(bridge, prefill="Red. END of it", stop=("END",))

    response = heard.done.responses[0]
    assert (response.text, response.completion_tokens) == ("Red. ", 0)
    assert response.finish_reason is FinishReason.STOP


async def test_a_stop_sequence_may_begin_in_the_beginning(bridge: EngineBridge) -> None:
    heard = await answer(bridge, prefill="The colours of the rain", stop=("rainbow",))

    assert heard.text == "The colours of the "


async def test_a_grammar_counts_from_the_beginning_on(bridge: EngineBridge) -> None:
    assert re.fullmatch(
        r"\[pi[a-z]*,[a-z]+,[a-z]+\]", (await answer(bridge, grammar=LIST, prefill="[pi")).text
    )

    for values in ({"grammar": LIST}, {"banned": ("PINK",)}):
        with pytest.raises(ParameterError, match="to begin with"):
            await answer(bridge, prefill="pink", **values)


async def test_a_beginning_that_does_not_fit_is_refused(bridge: EngineBridge) -> None:
    with pytest.raises(ContextOverflowError):
        await answer(bridge, prefill="sea " * 3000)


# Log-probabilities


async def test_log_probabilities_are_the_models_own(bridge: EngineBridge, starter_model: Path) -> None:
    """Against the full logits of a plain pass over prompt and answer."""
    heard = await answer(bridge, k=5, max_tokens=8, temperature=1.0, seed=2, top_k=3, repeat_penalty=1.5)
    prompt = [token.id for token in (await bridge.render(request(QUESTION).turns)).tokens]
    written = [one.id for one in logprobs(heard)]

    native.start()
    model = Model(str(starter_model), gpu_layers=0, progress=lambda _fraction: True)
    context = Context(model, length=512, batch=256, sequences=1, threads=1)
    tokens = [*prompt, *written]
    context.tokens[: len(tokens)] = tokens
    context.positions[: len(tokens)] = np.arange(len(tokens))
    context.sequences[: len(tokens)] = 0
    context.outputs[: len(tokens)] = 1
    assert context.decode(len(tokens)) == 0
    for at, one in enumerate(logprobs(heard)):
        pointer = ll.llama_get_logits_ith(context.handle, len(prompt) - 1 + at)
        logits = np.ctypeslib.as_array(pointer, (model.vocabulary.size,)).astype(np.float64)
        exact = logits - np.logaddexp.reduce(logits)
        assert one.logprob == pytest.approx(exact[one.id], abs=0.02)
        assert [candidate.logprob for candidate in one.top] == pytest.approx(
            np.sort(exact)[::-1][:5].tolist(), abs=0.02
        )
        assert one.piece.encode() == model.vocabulary.label(one.id)
    context.close()
    model.close()


@pytest.mark.parametrize("values", [{}, {"stop": ("bow",)}, {"banned": ("red",)}, {"grammar": LIST}], ids=str)
async def test_every_token_has_one_log_probability(bridge: EngineBridge, values: dict[str, Any]) -> None:
    heard = await answer(bridge, k=0, n=2, temperature=1.0, seed=9, **values)

    for index, response in enumerate(heard.done.responses):
        found = logprobs(heard, index)
        assert len(found) == response.completion_tokens
        assert all(one.logprob <= 0 and one.top == () for one in found)
        assert "".join(one.piece for one in found).startswith(response.text)


async def test_log_probabilities_change_no_answer(bridge: EngineBridge) -> None:
    values: dict[str, Any] = {"temperature": 1.3, "seed": 4}

    assert (await answer(bridge, k=10, **values)).text == (await answer(bridge, **values)).text
    assert logprobs(await answer(bridge, **values)) == []


# Samplers

EVERY_SAMPLER: dict[str, Any] = {
    "temperature": 1.2,
    "dynatemp_range": 0.5,
    "top_k": 200,
    "top_p": 0.98,
    "min_p": 0.01,
    "typical_p": 0.95,
    "top_n_sigma": 3.0,
    "xtc_probability": 0.5,
    "repeat_penalty": 1.1,
    "presence_penalty": 0.2,
    "frequency_penalty": 0.2,
    "penalty_window": -1,
    "dry_multiplier": 0.8,
}


@pytest.mark.parametrize(
    "last", [{}, {"mirostat": "v1"}, {"mirostat": "v2"}, {"adaptive_target": 0.4}], ids=str
)
async def test_with_all_samplers_a_seed_repeats_its_answers(
    bridge: EngineBridge, last: dict[str, Any]
) -> None:
    values = {**EVERY_SAMPLER, **last, "seed": 21, "n": 2, "max_tokens": 12}

    first, again = await answer(bridge, **values), await answer(bridge, **values)

    assert first.done.responses == again.done.responses
    assert [response.seed for response in first.done.responses] == [21, 22]
    assert len({response.text for response in first.done.responses}) == 2


async def test_the_order_of_the_samplers_matters(bridge: EngineBridge) -> None:
    """Heat before or after the cut at 60 %: only a cut that comes first knows the model's own favourites."""
    hot: dict[str, Any] = {"temperature": 5.0, "top_k": 0, "top_p": 0.6, "min_p": 0.0, "seed": 8}

    cut_first = await answer(bridge, samplers=("top_p", "temperature"), k=1, **hot)
    hot_first = await answer(bridge, samplers=("temperature", "top_p"), k=1, **hot)

    def mean(heard: Heard) -> float:
        return float(np.mean([one.logprob for one in logprobs(heard)]))

    assert mean(cut_first) > -4 > mean(hot_first)


# Biases


async def test_a_bias_makes_words_likely_or_impossible(bridge: EngineBridge) -> None:
    free = await ask(bridge, QUESTION)
    first = free.text.split()[0]

    assert not (await answer(bridge, logit_bias=((first, -100.0),))).text.startswith(first)
    assert "sea" in (await answer(bridge, logit_bias=((" sea", 100.0),), max_tokens=3)).text


async def test_an_answer_that_cannot_end_goes_on_to_its_limit(bridge: EngineBridge) -> None:
    free = await ask(bridge, "Repeat the word sea.", max_tokens=60)
    assert free.done.responses[0].finish_reason is FinishReason.STOP

    heard = await answer(bridge, "Repeat the word sea.", max_tokens=60, ignore_eos=True)

    assert heard.done.responses[0].finish_reason is FinishReason.LENGTH
    assert heard.text.startswith(free.text)


async def test_a_model_that_computes_no_numbers_is_said_to(tiny_models: TinyModels) -> None:
    async with opened(native_core(tiny_models["nonsense"])) as (bridge, _):
        for values in ({}, {"banned": ("a",)}, {"n": 3, "temperature": 1.0}):
            with pytest.raises(LocutionError, match="no usable numbers"):
                await answer(bridge, **values)
