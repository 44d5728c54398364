"""Measuring from the command line, as a script does it. Names, options and output are stable."""

import json
import math
import signal
from pathlib import Path

import psutil
import pytest

from tests.helpers.command_line import TIMEOUT_S, Result, ended, run, started
from tests.helpers.tiny_models import TinyModels

TEXT = "the sea and the ship\nhave come by the water"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that the commands of this module share."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def model(tiny_models: TinyModels) -> list[str]:
    return ["--model", str(tiny_models["llama"]), "--threads", "1", "--context-length", "512"]


def done(result: Result) -> Result:
    assert (result.code, result.err) == (0, ""), result
    return result


# score


def test_a_text_is_scored_as_one_json_object(data: Path, model: list[str], tmp_path: Path) -> None:
    file = tmp_path / "text.txt"
    file.write_text(TEXT + "\n")

    found = done(run(data, "score", *model, "--window", "16", "--stride", "4", "--json", str(file))).json

    assert list(found) == ["tokens", "perplexity", "counted", "window", "stride", "model"]
    assert (found["window"], found["stride"]) == (16, 4)
    first, *others = found["tokens"]
    # The last line break is the editor's.
    assert "".join(token["piece"] for token in found["tokens"]) == TEXT
    assert (first["logprob"], first["rank"]) == (None, None)
    assert all(token["logprob"] < 0 <= token["rank"] for token in others)
    assert found["perplexity"] > 1
    assert found["model"]["name"] == "Tiny llama"


def test_a_score_is_readable_and_comes_from_standard_input_as_well(data: Path, model: list[str]) -> None:
    plain = done(run(data, "score", *model, "-", stdin=TEXT.encode() + b"\r\n")).out
    found = done(run(data, "score", *model, "--json", "-", stdin=TEXT.encode())).json

    heading, first, *lines, empty, summary = plain.splitlines()
    assert heading.split() == ["id", "log-prob", "rank", "token"]
    assert first.split()[1:3] == ["–", "–"]
    assert len(lines) == len(found["tokens"]) - 1
    assert [line.split()[0] for line in lines] == [str(token["id"]) for token in found["tokens"][1:]]
    assert lines[0].split()[1] == f"{found['tokens'][1]['logprob']:.4f}"
    assert (empty, summary) == (
        "",
        f"Perplexity {found['perplexity']:.4f} over {len(lines)} of {len(lines) + 1} tokens, "
        "in windows of 512 with stride 256.",
    )


def test_a_text_that_cannot_be_scored_is_one_plain_line(
    data: Path, model: list[str], tmp_path: Path, tiny_models: TinyModels
) -> None:
    (tmp_path / "latin").write_bytes(b"gr\xfc\xdfe")

    assert "is no text" in run(data, "score", *model, str(tmp_path / "latin")).complaint
    assert "cannot be read" in run(data, "score", *model, str(tmp_path / "missing")).complaint
    embedding = run(data, "score", "--model", str(tiny_models["embedding"]), "-", stdin=b"hi")
    assert "cannot answer" in embedding.complaint
    window = run(data, "score", *model, "--window", "513", "-", stdin=b"hi")
    assert (window.code, "2 to 512 tokens" in window.err) == (2, True)


def test_ctrl_c_ends_a_long_score(data: Path, starter_model: Path, tmp_path: Path) -> None:
    file = tmp_path / "long.txt"
    file.write_text(TEXT * 5000)
    with started(data, "score", "--model", "starter", "--threads", "1", str(file)) as process:
        while not (engines := psutil.Process(process.pid).children()):
            assert process.poll() is None
        # Loaded, and at work.
        while engines[0].cpu_times().user < 2:
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        result = ended(process)

    assert (result.code, result.out, result.err) == (130, "", "")
    assert psutil.wait_procs(engines, TIMEOUT_S)[1] == []


# next


def test_what_could_come_next_is_one_json_object(data: Path, model: list[str], tmp_path: Path) -> None:
    messages = tmp_path / "messages.json"
    messages.write_text(json.dumps([{"role": "user", "content": TEXT}]))
    chain = ["--set", "top_k=7", "--set", "temperature=1.5", "--set", "repeat_penalty=1"]

    found = done(run(data, "next", *model, *chain, "--top", "3", "--json", TEXT)).json
    same = done(run(data, "next", *model, *chain, "--top", "3", "--json", "--messages", str(messages))).json
    begun = done(run(data, "next", *model, *chain, "--json", "--prefill", " the", TEXT)).json

    assert list(found) == ["prompt_tokens", "stages", "parameters", "model"]
    assert same["stages"] == found["stages"]
    assert begun["prompt_tokens"] == found["prompt_tokens"] + 1
    assert [stage["sampler"] for stage in found["stages"]] == [
        *("model", "top_k", "top_p", "min_p", "temperature"),
    ]
    assert [stage["kept"] for stage in found["stages"]][1] == 7
    for stage in found["stages"]:
        assert len(stage["candidates"]) == min(3, stage["kept"])
        for candidate in stage["candidates"]:
            assert set(candidate) == {"id", "piece", "logprob", "probability"}
            assert candidate["probability"] == pytest.approx(math.exp(candidate["logprob"]))
    assert found["parameters"]["top_k"] == 7


def test_what_could_come_next_is_readable(data: Path, model: list[str]) -> None:
    plain = done(run(data, "next", *model, "--set", "temperature=0", "--top", "2", TEXT)).out

    first, *lines = plain.splitlines()
    assert first.startswith("After ")
    assert lines[:2] == ["", "model: 483 tokens"]
    assert lines[-2] == "greedy: 1 token"
    assert lines[-1].split()[:2] in (["100.000%", "0.0000"], ["100.000%", "-0.0000"])


# embed


def test_texts_are_embedded_as_one_json_object(data: Path, model: list[str]) -> None:
    found = done(run(data, "embed", *model, "--json", "--pooling", "last", "the sea", "a ship")).json
    longer = done(run(data, "embed", *model, "--json", "--no-normalize", "the sea")).json

    assert list(found) == ["pooling", "normalized", "dimensions", "embeddings", "model"]
    assert (found["pooling"], found["normalized"], found["dimensions"]) == ("last", True, 64)
    assert [one["text"] for one in found["embeddings"]] == ["the sea", "a ship"]
    for one in found["embeddings"]:
        assert math.hypot(*one["vector"]) == pytest.approx(1)
    assert (longer["pooling"], longer["normalized"]) == ("mean", False)
    assert math.hypot(*longer["embeddings"][0]["vector"]) > 1.5


def test_an_embedding_model_embeds_and_does_not_chat(data: Path, tiny_models: TinyModels) -> None:
    bert = ["--model", str(tiny_models["embedding"])]

    plain = done(run(data, "embed", *bert, "the sea", "a ship on the water")).out.splitlines()

    assert plain[0] == "64 dimensions, mean pooling, of length 1; --json prints all numbers."
    assert [line.split()[:2] for line in plain[1:]] == [["1", "4"], ["2", "7"]]
    complaint = "This is an embedding model: it turns text into numbers and cannot answer."
    assert complaint in run(data, "chat", *bert, "hi").complaint
    assert complaint in run(data, "beam", *bert, "hi").complaint


def test_a_text_that_cannot_be_embedded_is_said_by_its_number(data: Path, model: list[str]) -> None:
    result = run(data, "embed", *model, "the sea", " ")

    assert (result.code, "Text 2 is empty." in result.err) == (2, True)


# beam


def test_beams_are_one_json_object_and_readable(data: Path, model: list[str]) -> None:
    beam = ["beam", *model, "--width", "3", "--max-tokens", "5"]

    found = done(run(data, *beam, "--json", TEXT)).json
    plain = done(run(data, *beam, TEXT)).out
    typed = done(run(data, *beam, stdin=TEXT.encode())).out

    assert list(found) == ["beams", "prompt_tokens", "model"]
    assert [set(one) for one in found["beams"]] == [
        {"text", "tokens", "logprob", "score", "finished"},
    ] * 3
    scores = [one["score"] for one in found["beams"]]
    assert scores == sorted(scores, reverse=True)
    best = found["beams"][0]
    assert plain == typed
    heading = f"1. {best['score']:.4f} a token, {best['logprob']:.4f} in all, 5 tokens, cut off"
    assert plain.startswith(f"{heading}\n{best['text']}\n\n2.")
