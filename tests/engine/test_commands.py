"""The headless commands with the starter model, as a script runs them. Their names and output are stable."""

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from desktop import __version__
from desktop.domain.parameters import NAMES
from desktop.system.paths import Locations
from tests.helpers.command_line import TIMEOUT_S, Result, ended, run, started
from tests.helpers.tiny_models import TinyModels

PROMPT = "Name three colours of the rainbow."
CHAT = ["chat", "--threads", "1"]
"""Where tests run side by side, threads that wait for each other are slower than one."""
LONG = ["--set", "max_tokens=600", "--set", "temperature=0", "--set", "repeat_penalty=1.3"]
STORY = "Write a very long story about a ship, with many chapters."
ASCII_ONLY = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that the commands of this module share."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def greedy(data: Path) -> dict[str, Any]:
    """The last line of an answer at temperature 0."""
    return answer(data, "--set", "temperature=0", PROMPT).lines[-1]


def answer(data: Path, *arguments: str | bytes, **options: Any) -> Result:
    """A short answer as JSON lines."""
    result = run(data, *CHAT, "--json", "--set", "max_tokens=16", "--system", "", *arguments, **options)
    assert result.code == 0, result
    return result


def text_of(result: Result) -> str:
    text = result.lines[-1]["responses"][0]["text"]
    assert isinstance(text, str)
    return text


# chat


def test_an_answer_comes_as_json_lines_with_everything_about_it(data: Path, starter_model: Path) -> None:
    *deltas, done = answer(data, "--set", "seed=7", "--set", "top_k=20", PROMPT).lines

    assert {(line["type"], line["index"]) for line in deltas} == {("delta", 0)}
    assert len(deltas) > 1
    assert list(done) == ["type", "responses", "timing", "model", "parameters"]
    assert done["type"] == "done"
    (response,) = done["responses"]
    assert "".join(line["text"] for line in deltas) == response["text"] != ""
    assert response["finish_reason"] in ("stop", "length")
    assert 0 < response["completion_tokens"] <= 16
    assert response["prompt_tokens"] > 20
    assert response["seed"] == 7
    assert set(done["timing"]) == {"load_s", "prompt_s", "first_token_s", "tokens_per_s"}
    assert all(isinstance(value, float) and value > 0 for value in done["timing"].values())
    assert done["model"]["path"] == str(starter_model)
    assert done["model"]["name"] == "SmolLM2 135M Instruct"
    assert done["parameters"]["top_k"] == 20
    assert set(done["parameters"]) == set(NAMES)


def test_an_answer_comes_as_plain_text(data: Path, greedy: dict[str, Any]) -> None:
    plain = ["--system", "", "--set", "max_tokens=16", "--set", "temperature=0"]
    result = run(data, *CHAT, *plain, PROMPT)

    assert (result.code, result.err) == (0, "")
    assert result.out == greedy["responses"][0]["text"] + "\n"


@pytest.mark.parametrize(
    ("prompt", "ending"),
    [pytest.param([], b"\n", id="no prompt"), pytest.param(["-"], b"\r\n", id="a dash")],
)
def test_a_prompt_is_read_from_standard_input(
    data: Path, greedy: dict[str, Any], prompt: list[str], ending: bytes
) -> None:
    result = answer(data, "--set", "temperature=0", *prompt, stdin=PROMPT.encode() + ending)

    assert text_of(result) == greedy["responses"][0]["text"]


def test_temperature_0_gives_the_same_text_in_every_process(data: Path, greedy: dict[str, Any]) -> None:
    again = answer(data, "--set", "temperature=0", PROMPT).lines[-1]

    assert again["responses"][0]["text"] == greedy["responses"][0]["text"]


def test_a_seed_gives_the_same_text_in_every_process_and_another_one_another(data: Path) -> None:
    hot = ["--set", "temperature=1.5", "--set", "top_p=1", "--set", "min_p=0"]
    first, again, other = (text_of(answer(data, *hot, "--set", f"seed={seed}", PROMPT)) for seed in (5, 5, 6))

    assert first == again
    assert first != other


def test_the_seed_that_was_drawn_repeats_the_answer(data: Path) -> None:
    (drawn,) = answer(data, "--set", "temperature=1.5", PROMPT).lines[-1]["responses"]

    again = answer(data, "--set", "temperature=1.5", "--set", f"seed={drawn['seed']}", PROMPT)

    assert drawn["seed"] >= 0
    assert text_of(again) == drawn["text"]


def test_several_answers_come_at_once_and_are_told_apart(data: Path) -> None:
    *deltas, done = answer(data, "--n", "3", "--set", "temperature=1.5", PROMPT).lines

    texts = [response["text"] for response in done["responses"]]
    assert len(set(texts)) == 3
    for index, text in enumerate(texts):
        assert "".join(line["text"] for line in deltas if line["index"] == index) == text


def test_several_answers_as_plain_text_stand_one_after_the_other(data: Path) -> None:
    result = run(data, *CHAT, "--n", "2", "--system", "", "--set", "max_tokens=5", PROMPT)

    assert result.code == 0
    assert len(result.out.split("\n---\n")) == 2


def test_instructions_and_presets_reach_the_model(data: Path) -> None:
    one = [*CHAT, "--json", "--set", "max_tokens=1"]
    own = run(data, *one, "--system", "Be brief.", PROMPT).lines[-1]
    preset = run(data, *one, "--preset", "translation", PROMPT).lines[-1]
    both = run(data, *one, "--preset", "translation", "--system", "Be brief.", PROMPT).lines[-1]

    counts = [done["responses"][0]["prompt_tokens"] for done in (own, preset, both)]
    assert counts[0] == counts[2] < counts[1]
    assert both["parameters"] == preset["parameters"] != own["parameters"]


def test_an_answer_ends_before_a_stop_sequence(data: Path, greedy: dict[str, Any]) -> None:
    text = greedy["responses"][0]["text"]
    word = text.split()[3]

    stopped = answer(data, "--set", "temperature=0", "--set", f"stop={word}", "--set", "stop=zzz", PROMPT)

    response = stopped.lines[-1]["responses"][0]
    assert (response["text"], response["finish_reason"]) == (text[: text.index(word)], "stop")
    assert stopped.lines[-1]["parameters"]["stop"] == [word, "zzz"]


def test_an_answer_begins_and_goes_on_as_it_is_told(data: Path, tmp_path: Path) -> None:
    grammar = tmp_path / "three.gbnf"
    grammar.write_text('root ::= "[" [a-z]+ ("," [a-z]+){2} "]"', "utf-8")

    text = text_of(answer(data, "--grammar", str(grammar), "--prefill", "[red,", PROMPT))

    assert re.fullmatch(r"\[red,[a-z]+,[a-z]+\]", text)


def test_an_answer_fits_a_schema(data: Path, tmp_path: Path) -> None:
    schema = tmp_path / "age.json"
    ages = {"age": {"type": "integer", "minimum": 7, "maximum": 9}}
    whole = {"type": "object", "properties": ages, "required": ["age"], "additionalProperties": False}
    schema.write_text(json.dumps(whole), "utf-8")

    text = text_of(answer(data, "--schema", str(schema), "--set", "temperature=0", "How old are you?"))

    assert 7 <= json.loads(text)["age"] <= 9


def test_log_probabilities_come_with_the_tokens(data: Path) -> None:
    likeliest = ["--set", "temperature=0", "--set", "repeat_penalty=1"]
    *deltas, done = answer(data, "--logprobs", "2", *likeliest, PROMPT).lines

    tokens = [token for line in deltas for token in line.get("logprobs", [])]
    assert len(tokens) == done["responses"][0]["completion_tokens"]
    assert "".join(token["piece"] for token in tokens) == done["responses"][0]["text"]
    assert all(token["logprob"] == token["top"][0]["logprob"] for token in tokens)
    assert all(len(token["top"]) == 2 for token in tokens)


def test_a_wrong_grammar_is_one_plain_line_that_says_where(data: Path, tmp_path: Path) -> None:
    grammar = tmp_path / "wrong.gbnf"
    grammar.write_text('root ::= "a"\n  | "b', "utf-8")

    result = run(data, *CHAT, "--grammar", str(grammar), PROMPT)

    assert result.code == 2
    assert "line 2, column 3" in result.err


def test_an_answer_that_reaches_its_limit_says_so(data: Path) -> None:
    response = answer(data, "--set", "max_tokens=3", STORY).lines[-1]["responses"][0]

    assert (response["finish_reason"], response["completion_tokens"]) == ("length", 3)


def test_text_is_whole_in_a_locale_without_its_characters(data: Path) -> None:
    text = "Grüße, 世界 🙂"

    tokenize = ["tokenize", "--model", "starter", "--json", text]
    result = run(data, *tokenize, environment=ASCII_ONLY)

    assert result.json == run(data, *tokenize).json
    assert "".join(token["piece"] for token in result.json).startswith("Grüße, ")


def test_bytes_that_are_no_text_do_not_stop_the_answer(data: Path) -> None:
    typed, read = answer(data, b"What is \xff?"), answer(data, stdin=b"What is \xff?")

    assert len({done.lines[-1]["responses"][0]["prompt_tokens"] for done in (typed, read)}) == 1


SHORT = [
    "--context-length",
    "512",
    "--set",
    "context_policy=keep_ends",
    "--set",
    "max_tokens=16",
    "--system",
    "",
]


def test_what_did_not_fit_is_said_beside_the_answer(data: Path) -> None:
    result = run(data, *CHAT, *SHORT, "word " * 2000 + "What is this?")

    assert result.code == 0, result
    said = re.fullmatch(
        r"locution: ([\d,]+) tokens of the conversation did not fit and were not sent\.\n", result.err
    )
    assert said is not None, result
    assert 1400 < int(said[1].replace(",", "")) < 2000


def test_what_did_not_fit_is_a_json_line(data: Path) -> None:
    result = run(data, *CHAT, *SHORT, "--json", "word " * 2000 + "What is this?")

    (cut,) = [line for line in result.lines if line["type"] == "context_cut"]
    assert (result.code, result.err) == (0, "")
    assert (cut["policy"], cut["turns"]) == ("keep_ends", [])
    assert 1400 < cut["tokens"] < 2000
    assert result.lines[-1]["type"] == "done"


def test_a_prompt_longer_than_the_context_is_one_plain_line(data: Path) -> None:
    complaint = run(data, *CHAT, "--context-length", "256", "--json", "word " * 300).complaint

    assert "256" in complaint
    assert "context" in complaint


def test_a_megabyte_on_one_line_is_one_plain_line(data: Path) -> None:
    result = run(data, *CHAT, stdin=b"x" * 1_000_000)

    assert "context" in result.complaint


def test_too_little_memory_is_one_plain_line(data: Path) -> None:
    result = run(data, *CHAT, "--context-length", "1048576", "hi", memory=4_000_000_000)

    assert "memory" in result.complaint


def test_a_model_is_loaded_as_the_options_say(data: Path, tiny_models: TinyModels) -> None:
    chat = ["chat", "--json", "--model", str(tiny_models["llama"]), "--set", "temperature=0"]
    options = ["--context-length", "512", "--threads", "1", "--cache-type-k", "bf16", "--no-mmap"]
    plain = run(data, *chat, "--set", "max_tokens=8", *options, "one two three").lines[-1]
    adapter = f"{tiny_models['adapter']}=2"
    changed = run(data, *chat, "--set", "max_tokens=8", *options, "--adapter", adapter, "one two three").lines

    assert plain["model"]["context_length"] == 512
    assert plain["model"]["threads"] == 1
    assert plain["model"]["adapters"] == []
    assert changed[-1]["model"]["adapters"] == [{"path": str(tiny_models["adapter"]), "strength": 2.0}]
    assert changed[-1]["responses"][0]["text"] != plain["responses"][0]["text"]


def test_load_options_that_exclude_each_other_are_one_plain_line(data: Path) -> None:
    result = run(data, *CHAT, "--cache-type-v", "q4_0", "--flash-attention", "off", "hi")

    assert result.code == 2
    assert "flash attention on" in result.err.splitlines()[-1]


def test_whoever_stops_reading_is_not_told_of_it(data: Path) -> None:
    with started(data, *CHAT, "--json", *LONG, STORY) as process:
        assert process.stdout is not None and process.stderr is not None
        first = process.stdout.readline()
        process.stdout.close()
        process.wait(TIMEOUT_S)

        assert json.loads(first)["type"] == "delta"
        assert process.returncode == 1
        assert process.stderr.read() == b""


def test_output_that_cannot_be_written_is_one_plain_line(data: Path) -> None:
    with (
        Path("/dev/full").open("wb") as full,
        started(data, *CHAT, "--set", "max_tokens=5", PROMPT, stdout=full) as process,
    ):
        result = ended(process)

    assert result.complaint == (
        "The output could not be written: No space left on device. Check where it goes to."
    )


# Ctrl+C


@contextmanager
def answering(data: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """A long answer whose first character is there, and read."""
    with started(data, *CHAT, *LONG, *arguments, STORY) as process:
        assert process.stdout is not None
        assert process.stdout.read(1) != b""
        yield process


def interrupt(process: subprocess.Popen[bytes]) -> None:
    """As a terminal does: every process of the group gets it, the engine too."""
    os.killpg(process.pid, signal.SIGINT)


def test_ctrl_c_ends_an_answer_and_not_the_command(data: Path) -> None:
    with answering(data, "--json") as process:
        engines = psutil.Process(process.pid).children()
        interrupt(process)
        rest = ended(process)

    assert (rest.code, rest.err) == (130, "")
    *deltas, done = Result(130, "{" + rest.out, "").lines
    (response,) = done["responses"]
    assert response["finish_reason"] == "cancelled"
    assert response["text"] == "".join(line["text"] for line in deltas) != ""
    assert response["completion_tokens"] < 600
    assert psutil.wait_procs(engines, TIMEOUT_S)[1] == []


def test_ctrl_c_keeps_the_text_that_was_written(data: Path) -> None:
    with answering(data) as process:
        interrupt(process)
        rest = ended(process)

    assert (rest.code, rest.err) == (130, "")
    assert rest.out.endswith("\n")


def test_ctrl_c_again_and_again_is_still_in_order(data: Path) -> None:
    with answering(data) as process:
        while process.poll() is None:
            interrupt(process)
            time.sleep(0.02)
        rest = ended(process)

    assert (rest.code, rest.err) == (130, "")


def test_ctrl_c_while_the_model_is_loaded_ends_the_command(data: Path) -> None:
    with started(data, *CHAT, PROMPT) as process:
        engines = _engines(process)
        interrupt(process)
        result = ended(process)

    assert (result.code, result.out, result.err) == (130, "", "")
    assert psutil.wait_procs(engines, TIMEOUT_S)[1] == []


def _engines(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    """The engine process, as soon as there is one."""
    while not (found := psutil.Process(process.pid).children()):
        assert process.poll() is None
        time.sleep(0.01)
    return found


# tokenize, render, doctor


def test_tokens_are_shown_with_their_text(data: Path) -> None:
    text = "Hello <|im_end|> world"

    tokens = run(data, "tokenize", "--model", "starter", "--json", text).json

    assert all(set(token) == {"id", "piece", "special"} for token in tokens)
    assert "".join(token["piece"] for token in tokens) == text
    assert not any(token["special"] for token in tokens)
    plain = run(data, "tokenize", "--model", "starter", text)
    assert [line.split()[0] for line in plain.out.splitlines()] == [str(token["id"]) for token in tokens]


def test_the_prompt_that_is_shown_is_the_one_that_is_sent(data: Path, tmp_path: Path) -> None:
    system, user = "Be brief <|im_end|>.", "Hello <|im_start|>world"
    messages = tmp_path / "messages.json"
    messages.write_text(
        json.dumps([{"role": "system", "content": system}, {"role": "user", "content": user}])
    )
    render = ["render", "--model", "starter", "--messages", str(messages)]

    shown = run(data, *render, "--json").json
    sent = answer(data, "--system", system, user).lines[-1]["responses"][0]

    assert set(shown) == {"text", "tokens"}
    assert all(set(token) == {"id", "piece", "origin"} for token in shown["tokens"])
    assert len(shown["tokens"]) == sent["prompt_tokens"]
    assert "".join(token["piece"] for token in shown["tokens"]) == shown["text"]
    assert run(data, *render).out == shown["text"] + "\n"
    for origin, text in (("system", system), ("user", user)):
        own = "".join(token["piece"] for token in shown["tokens"] if token["origin"] == origin)
        assert own == text
    assert {token["origin"] for token in shown["tokens"]} == {"template", "system", "user"}


def test_the_doctor_says_what_this_machine_has(data: Path, starter_model: Path) -> None:
    report = run(data, "doctor", "--json").json

    assert set(report) == {
        *("versions", "machine", "devices", "engine_features", "folders", "model", "problems"),
    }
    assert report["versions"]["locution"] == __version__
    assert report["versions"]["engine"].startswith("llama-cpp-python")
    assert report["machine"]["physical_cores"] >= 1
    assert isinstance(report["machine"]["cpu_features"], list)
    assert any("CPU" in device for device in report["devices"])
    assert report["folders"]["database"] == str(Locations.below(data).database)
    assert (report["model"]["ref"], report["model"]["path"]) == ("starter", str(starter_model))
    assert all(isinstance(problem, str) for problem in report["problems"])


def test_the_doctor_is_readable_and_finds_what_is_wrong_with_the_data(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    result = run(tmp_path / "file" / "data", "doctor")

    assert (result.code, result.err) == (0, "")
    assert "Problems\n" in result.out
    assert "is a file" in result.out
    assert "engine: llama-cpp-python" in result.out


def test_a_model_of_the_library_is_found_by_its_id(tmp_path: Path, starter_model: Path) -> None:
    models = Locations.below(tmp_path).models
    models.mkdir()
    (models / "My Model.Q4_1.gguf").symlink_to(starter_model)

    by_id = run(tmp_path, "tokenize", "--model", "my-model.q4_1", "Hello").out

    assert by_id == run(tmp_path, "tokenize", "--model", str(starter_model), "Hello").out != ""
