"""What app and worker say to each other: whole messages or none, and no number out of bounds."""

import contextlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.domain.conversation import Role
from desktop.domain.errors import BY_CODE, LocutionError, OutOfMemoryError
from desktop.domain.generation import (
    Candidate,
    ContextCut,
    FinishReason,
    GenerationRequest,
    Token,
    TokenLogprob,
    TokenOrigin,
    Turn,
)
from desktop.domain.instruments import (
    Beam,
    BeamRequest,
    Beams,
    Distribution,
    DistributionRequest,
    Embeddings,
    EmbedRequest,
    Score,
    ScoredToken,
    ScoreRequest,
    Stage,
)
from desktop.domain.ledger import Foresight
from desktop.domain.model import Adapter, LoadedModel, LoadSettings, StateStore
from desktop.domain.parameters import Parameters
from desktop.engine import framing, protocol
from desktop.engine.framing import FrameReader, ProtocolError, decode_command, decode_report, frame

MODEL = LoadedModel("Starter", "", "llama", "Q4_1", 96_000_000, 2048, 8192, 2, "CPU", True, "0.3")
RESPONSE = protocol.FinishedResponse("Yes.", FinishReason.STOP, 12, 3, 7, "Hm.")
TURNS = (Turn(Role.USER, "Hé 👋"),)
PARAMETERS = Parameters(
    stop=("\n",), samplers=("top_k",), logit_bias=((5, -1.0), ("no", 2.0)), ignore_eos=True
)
LOGPROB = TokenLogprob(5, "a", -0.5, (Candidate(5, "a", -0.5), Candidate(6, "b", -1.5)))
SCORED = (ScoredToken(5, "a", None, None), ScoredToken(6, "b", -1.5, 3))

COMMANDS = [
    protocol.Load(1, b"/models/caf\xe9.gguf", LoadSettings(context_length=4096)),
    protocol.Load(
        1, b"m.gguf", LoadSettings(adapters=(Adapter("/a.gguf", 0.5),)), StateStore("/s", b"k", "h", 9)
    ),
    protocol.SetAdapters(6, (Adapter("/a.gguf", -1.0),)),
    protocol.Generate(2, GenerationRequest(TURNS, PARAMETERS, 3, True, "Sure", 50, "chat")),
    protocol.MeasureScore(7, ScoreRequest("a text", 512, 256)),
    protocol.MeasureDistribution(8, DistributionRequest(TURNS, "Sure", PARAMETERS, 10)),
    protocol.Embed(9, EmbedRequest(("a", "b"), "cls", False)),
    protocol.SearchBeams(10, BeamRequest(TURNS, 2, 16, "Sure")),
    protocol.Forget(0, "a chat"),
    protocol.Cancel(2),
    protocol.Tokenize(3, "a\x00b"),
    protocol.CountTokens(5, "a b"),
    protocol.Foresee(6, GenerationRequest((Turn(Role.USER, "a", pinned=True),)), 3),
    protocol.TakeBack(6),
    protocol.Render(4, (Turn(Role.SYSTEM, ""), Turn(Role.USER, "x"))),
    protocol.Exit(0),
]
REPORTS = [
    protocol.Hello(0, 1, "0.3", ("CPU",), "AVX2"),
    protocol.LoadProgress(1, 0.5),
    protocol.Loaded(1, MODEL),
    protocol.PromptRead(2, 5, 9, 1),
    protocol.Text(2, 0, "👋", 1, True, (LOGPROB,)),
    protocol.Finished(2, (RESPONSE,), 0.1, 0.2, 50.0, 15, 10**9),
    protocol.Tokenized(3, (Token(5, "a", False, None),)),
    protocol.Counted(5, 2),
    protocol.Rendered(4, "x", (Token(5, "x", True, TokenOrigin.USER),)),
    protocol.Failure(2, "error", "Words.", "Do this.", "n", "detail"),
    protocol.Adapted(6),
    protocol.Waiting(2, 3),
    protocol.Cut(2, ContextCut("drop_oldest", (0, 1), 400)),
    protocol.Scored(
        7, Score((ScoredToken(5, "a", None, None), ScoredToken(6, "b", -1.5, 3)), 4.48, 1, 512, 256)
    ),
    protocol.Distributed(8, Distribution(9, (Stage("model", 2, LOGPROB.top),), True)),
    protocol.Embedded(9, Embeddings(((0.6, -0.8),), (3,), "mean", True)),
    protocol.BeamsFound(10, Beams((Beam("Yes", 2, -1.0, -0.5, True),), 12)),
    protocol.Foreseen(
        6,
        Foresight(
            {0: 5, 1: 9}, 20, 12, 3, ContextCut("keep_ends", (0,), 8), False, 256, 2048, True, 50.0, 0.1
        ),
    ),
]
BY_NAME = {type(report).__name__: report for report in REPORTS}


def body(message: protocol.Message) -> bytes:
    return frame(message)[4:]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda message: type(message).__name__)
def test_every_command_arrives_as_it_was_sent(command: protocol.Command) -> None:
    assert decode_command(body(command)) == command


@pytest.mark.parametrize("report", REPORTS, ids=lambda message: type(message).__name__)
def test_every_report_arrives_as_it_was_sent(report: protocol.Report) -> None:
    assert decode_report(body(report)) == report


@given(st.lists(st.integers(0, 2000), max_size=30))
def test_messages_are_whole_however_the_pipe_cuts_them(cuts: list[int]) -> None:
    stream = b"".join(map(frame, REPORTS))
    at = sorted(cut % len(stream) for cut in cuts)
    reader, found = FrameReader(), []
    for start, end in zip([0, *at], [*at, len(stream)], strict=True):
        found += [decode_report(one) for one in reader.feed(stream[start:end])]

    assert found == REPORTS


def test_a_message_can_come_byte_by_byte() -> None:
    reader = FrameReader()

    found = [one for byte in frame(REPORTS[4]) for one in reader.feed(bytes((byte,)))]

    assert [decode_report(one) for one in found] == [REPORTS[4]]


def test_a_length_beyond_all_bounds_is_refused_before_anything_is_kept() -> None:
    reader = FrameReader()

    with pytest.raises(ProtocolError, match="4,294,967,295 bytes is too long"):
        list(reader.feed(b"\xff\xff\xff\xff"))


def test_a_message_beyond_all_bounds_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(framing, "MAX_FRAME", 1000)

    with pytest.raises(ProtocolError, match="too long"):
        frame(protocol.Tokenize(1, "x" * 1001))


@given(st.binary(max_size=60))
def test_garbage_is_never_more_than_a_protocol_error(data: bytes) -> None:
    for decode in (decode_report, decode_command):
        with contextlib.suppress(ProtocolError):
            decode(data)


def test_depth_without_end_is_a_protocol_error() -> None:
    with pytest.raises(ProtocolError):
        decode_report(b"\x91" * 100_000)


@pytest.mark.parametrize("report", REPORTS, ids=lambda message: type(message).__name__)
def test_a_command_is_no_report_and_a_report_no_command(report: protocol.Report) -> None:
    with pytest.raises(ProtocolError):
        decode_command(body(report))
    with pytest.raises(ProtocolError):
        decode_report(body(COMMANDS[0]))


NUMBERS = {
    "LoadProgress": ["fraction"],
    "PromptRead": ["done", "total", "reused"],
    "Text": ["index", "tokens"],
    "Counted": ["tokens"],
    "Finished": ["prompt_s", "first_token_s", "tokens_per_s", "context_used", "memory"],
    "Waiting": ["ahead"],
}
BAD = [-1, -0.5, float("nan"), float("inf"), float("-inf"), 2**60, 2**63, -(2**63), "7", None, True]


@pytest.mark.parametrize("value", BAD, ids=str)
@pytest.mark.parametrize(("kind", "field"), [(kind, field) for kind in NUMBERS for field in NUMBERS[kind]])
def test_a_number_out_of_bounds_is_refused(kind: str, field: str, value: object) -> None:
    fields = msgspec.msgpack.decode(body(BY_NAME[kind]))

    with pytest.raises(ProtocolError):
        decode_report(msgspec.msgpack.encode({**fields, field: value}))


@pytest.mark.parametrize("value", [-2, 2**60, float("nan"), "7"], ids=str)
@pytest.mark.parametrize("field", ["prompt_tokens", "completion_tokens", "seed"])
def test_an_answers_number_out_of_bounds_is_refused(field: str, value: object) -> None:
    fields = msgspec.msgpack.decode(body(REPORTS[5]))
    fields["responses"][0][field] = value

    with pytest.raises(ProtocolError):
        decode_report(msgspec.msgpack.encode(fields))


@pytest.mark.parametrize("value", [-1, 2**60, "7", None], ids=str)
@pytest.mark.parametrize("field", ["size", "context_length", "trained_context_length", "threads", "memory"])
def test_a_models_number_out_of_bounds_is_refused(field: str, value: object) -> None:
    fields = msgspec.msgpack.decode(body(REPORTS[2]))
    fields["model"][field] = value

    with pytest.raises(ProtocolError):
        decode_report(msgspec.msgpack.encode(fields))


@pytest.mark.parametrize("value", [-1, 2**60], ids=str)
def test_a_tokens_number_out_of_bounds_is_refused(value: int) -> None:
    for report in (
        protocol.Tokenized(3, (Token(value, "a"),)),
        protocol.Rendered(3, "a", (Token(value, "a"),)),
    ):
        with pytest.raises(ProtocolError):
            decode_report(body(report))


INNER = [
    ("Cut", "cut.tokens"), ("Cut", "cut.turns.1"),
    ("Text", "logprobs.0.id"), ("Text", "logprobs.0.top.1.id"),
    ("Scored", "score.tokens.1.id"), ("Scored", "score.tokens.1.rank"), ("Scored", "score.perplexity"),
    ("Scored", "score.counted"), ("Scored", "score.window"), ("Scored", "score.stride"),
    ("Distributed", "distribution.prompt_tokens"), ("Distributed", "distribution.stages.0.kept"),
    ("Distributed", "distribution.stages.0.candidates.1.id"),
    ("Embedded", "embeddings.tokens.0"),
    ("Foreseen", "foresight.turn_tokens.1"), ("Foreseen", "foresight.prompt_tokens"),
    ("Foreseen", "foresight.sent_tokens"), ("Foreseen", "foresight.reused_tokens"),
    ("Foreseen", "foresight.cut.turns.0"), ("Foreseen", "foresight.cut.tokens"),
    ("Foreseen", "foresight.reserve"), ("Foreseen", "foresight.context_length"),
    ("Foreseen", "foresight.prompt_tokens_per_s"), ("Foreseen", "foresight.step_s"),
    ("Foreseen", "foresight.tokens_per_character"),
    ("BeamsFound", "beams.prompt_tokens"), ("BeamsFound", "beams.beams.0.tokens"),
]  # fmt: skip
LOGPROBS = [
    ("Text", "logprobs.0.logprob"), ("Text", "logprobs.0.top.1.logprob"),
    ("Scored", "score.tokens.1.logprob"),
    ("Distributed", "distribution.stages.0.candidates.1.logprob"),
    ("BeamsFound", "beams.beams.0.logprob"), ("BeamsFound", "beams.beams.0.score"),
]  # fmt: skip


@pytest.mark.parametrize("value", [-1, 2**60, 2**64 - 1, float("nan"), float("inf"), "7", True], ids=str)
@pytest.mark.parametrize(("kind", "path"), INNER)
def test_a_count_deep_in_a_message_is_refused_out_of_bounds(kind: str, path: str, value: object) -> None:
    with pytest.raises(ProtocolError):
        decode_report(_with(kind, path, value))


@pytest.mark.parametrize("value", [0.1, -(2.0**60), float("nan"), float("-inf"), float("inf"), "7"], ids=str)
@pytest.mark.parametrize(("kind", "path"), LOGPROBS)
def test_what_is_no_logarithm_of_a_probability_is_refused(kind: str, path: str, value: object) -> None:
    with pytest.raises(ProtocolError):
        decode_report(_with(kind, path, value))


@pytest.mark.parametrize("value", [1e300, float("nan"), float("-inf"), "7", None], ids=str)
def test_a_vector_that_is_none_is_refused(value: object) -> None:
    with pytest.raises(ProtocolError):
        decode_report(_with("Embedded", "embeddings.vectors.0.1", value))


@pytest.mark.parametrize(("kind", "path"), LOGPROBS)
def test_a_certain_token_is_no_error(kind: str, path: str) -> None:
    decode_report(_with(kind, path, -0.0))


def _with(kind: str, path: str, value: object) -> bytes:
    """The report as sent, with one of its inner fields replaced."""
    fields = inner = msgspec.msgpack.decode(body(BY_NAME[kind]))
    *steps, last = (int(step) if step.isdigit() else step for step in path.split("."))
    for step in steps:
        inner = inner[step]
    inner[last] = value
    return msgspec.msgpack.encode(fields)


@pytest.mark.parametrize("code", BY_CODE)
def test_an_error_is_the_same_on_both_sides(code: str) -> None:
    error = BY_CODE[code]("Words.", action="Do this.", setting="n", detail="detail")

    arrived = decode_report(body(protocol.Failure.of(3, error)))

    assert isinstance(arrived, protocol.Failure)
    rebuilt = arrived.error()
    assert type(rebuilt) is BY_CODE[code]
    assert vars(rebuilt) == vars(error)
    assert str(rebuilt) == "Words. Do this."


def test_an_error_of_a_newer_worker_is_still_an_error() -> None:
    error = protocol.Failure(1, "not-yet-known", "Words.").error()

    assert type(error) is LocutionError
    assert error.message == "Words."


def test_an_error_whose_words_are_no_text_still_arrives() -> None:
    error = OutOfMemoryError("half \ud83d", detail="\udcff")

    arrived = decode_report(body(protocol.Failure.of(1, error)))

    assert isinstance(arrived, protocol.Failure)
    assert arrived.message == "half �"
