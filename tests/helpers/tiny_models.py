"""Tiny models with random weights: one of each kind of architecture, written with the `gguf` package.

They say nothing sensible, but they are read, decoded and remembered like their big relatives: with these
weights the next token depends on all that the architecture remembers. Each file is below 2 MB and the same
every time. Names of tensors and of metadata are those that llama.cpp asks for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import gguf
import numpy as np

WIDTH = 64
HIDDEN = 128
HEADS = 4
HEAD = WIDTH // HEADS
HEADS_KV = 2
TRAINED_CONTEXT = 4096
WINDOW = 64
"""Tokens that the sliding layers of `sliding` look back."""
RANK = 4
"""Of the adapter's matrices."""

CHAT_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n"
    "{{ message.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
THINKING_TEMPLATE = CHAT_TEMPLATE.replace(
    "assistant\n{% endif %}",
    "assistant\n{% if enable_thinking is defined and not enable_thinking %}<think>\n\n</think>\n\n"
    "{% else %}<think>\n{% endif %}{% endif %}",
)
"""Opens a block of thinking, unless it is told not to."""
CONTROL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
_COMMON = (
    "the of and to in is that it was for on are as with they be at one have this from or had by not word but "
    "what all were we when your can said there use an each which she do how their if will up other about out "
    "many then them these so some her would make like him into time has look two more write go see number no "
    "way could people my than first water been call who oil its now find long down day did get come made may "
    "sea ship name user system assistant"
)
WORDS = _COMMON.split()


class TinyModels(Mapping[str, Path]):
    """The files, each written when it is first asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __getitem__(self, name: str) -> Path:
        path = self._folder / f"tiny-{name}.gguf"
        if not path.exists():
            ALL[name](path)
        return path

    def __iter__(self) -> Iterator[str]:
        return iter(ALL)

    def __len__(self) -> int:
        return len(ALL)


class _File:
    """A GGUF file on its way. Shapes are in llama.cpp's order: what is contiguous comes first."""

    def __init__(self, path: Path, architecture: str, layers: int = 3) -> None:
        self.layers = layers
        self._chance = np.random.default_rng(7)
        self._writer = writer = gguf.GGUFWriter(path, architecture)
        writer.add_name(f"Tiny {path.stem.removeprefix('tiny-')}")
        writer.add_context_length(TRAINED_CONTEXT)
        writer.add_embedding_length(WIDTH)
        writer.add_feed_forward_length(HIDDEN)
        writer.add_block_count(layers)
        writer.add_layer_norm_rms_eps(1e-5)
        writer.add_file_type(gguf.LlamaFileType.ALL_F32)

    @property
    def writer(self) -> gguf.GGUFWriter:
        """For metadata."""
        return self._writer

    def add(self, name: str, values: np.ndarray) -> None:
        self._writer.add_tensor(name, np.ascontiguousarray(values, np.float32))

    def matrix(self, name: str, *shape: int, gain: float = 1.0) -> None:
        """Random, and neither shrinks nor blows up what it is applied to."""
        values = self._chance.standard_normal(shape[::-1])
        self.add(f"{name}.weight", values * gain / np.sqrt(shape[0]))

    def norm(self, name: str, size: int, *, bias: bool = False) -> None:
        self.add(f"{name}.weight", 1 + 0.1 * self._chance.standard_normal(size))
        if bias:
            self.bias(name, size)

    def bias(self, name: str, size: int) -> None:
        self.add(f"{name}.bias", 0.1 * self._chance.standard_normal(size))

    def head(self, tokens: Sequence[str], scale: float) -> None:
        """Output weights under which a model writes visible ASCII and does not stop by itself."""
        values = 3 * scale * self._chance.standard_normal((len(tokens), WIDTH)) / np.sqrt(WIDTH)
        values[[not (token.isascii() and token not in CONTROL) for token in tokens]] = 0
        self.add("output.weight", values)

    def close(self) -> None:
        self._writer.write_header_to_file()
        self._writer.write_kv_data_to_file()
        self._writer.write_tensors_to_file()
        self._writer.close()


# Tokenisers


def _bytes() -> list[str]:
    """A visible character for every byte, as GPT-2's tokeniser writes them."""
    visible = {*range(33, 127), *range(161, 173), *range(174, 256)}
    spare = iter(range(256, 512))
    return [chr(byte if byte in visible else next(spare)) for byte in range(256)]


def _byte_pairs(file: _File) -> list[str]:
    """Every byte, some words, and the control tokens of a chat. Returns all tokens."""
    tokens, merges = _bytes(), []
    for word in (f"Ġ{word}" for word in WORDS):
        for end in range(1, len(word)):
            if word[: end + 1] not in tokens:
                tokens.append(word[: end + 1])
                merges.append(f"{word[:end]} {word[end]}")
    kinds = [gguf.TokenType.NORMAL] * len(tokens) + [gguf.TokenType.CONTROL] * len(CONTROL)
    tokens += CONTROL
    writer = file.writer
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    writer.add_token_merges(merges)
    writer.add_bos_token_id(tokens.index("<|endoftext|>"))
    writer.add_eos_token_id(tokens.index("<|im_end|>"))
    writer.add_add_bos_token(False)
    return tokens


def _word_pieces(file: _File) -> list[str]:
    """BERT's: letters, with a mark where a word begins, and whole words. Returns all tokens."""
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    letters = [chr(code) for code in range(33, 127) if not chr(code).isupper()]
    tokens = [*special, *letters, *(f"▁{letter}" for letter in letters)]
    tokens += [f"▁{word}" for word in WORDS if len(word) > 1]
    writer = file.writer
    writer.add_tokenizer_model("bert")
    writer.add_token_list(tokens)
    writer.add_token_types(
        [gguf.TokenType.CONTROL] * len(special) + [gguf.TokenType.NORMAL] * (len(tokens) - len(special))
    )
    writer.add_pad_token_id(0)
    writer.add_unk_token_id(1)
    writer.add_uint32("tokenizer.ggml.cls_token_id", 2)
    writer.add_bos_token_id(2)
    writer.add_sep_token_id(3)
    writer.add_eos_token_id(3)
    writer.add_mask_token_id(4)
    writer.add_token_type_count(2)
    return tokens


# What architectures have in common


def _text_model(
    path: Path, architecture: str, *, layers: int = 3, template: str = CHAT_TEMPLATE, scale: float = 1.0
) -> _File:
    """Vocabulary, embedding and output; the layers are still to come."""
    file = _File(path, architecture, layers)
    tokens = _byte_pairs(file)
    if template:
        file.writer.add_chat_template(template)
    file.writer.add_vocab_size(len(tokens))
    file.matrix("token_embd", WIDTH, len(tokens), gain=8)
    file.head(tokens, scale)
    return file


def _heads(file: _File) -> None:
    file.writer.add_head_count(HEADS)
    file.writer.add_head_count_kv(HEADS_KV)
    file.writer.add_rope_dimension_count(HEAD)
    file.writer.add_rope_freq_base(10_000.0)


def _attention(file: _File, block: str, *, query_norms: bool = False, bias: bool = False) -> None:
    """Sharp: with plain random weights every position would look at all others alike."""
    for name, size in (("q", WIDTH), ("k", HEADS_KV * HEAD), ("v", HEADS_KV * HEAD)):
        file.matrix(f"{block}.attn_{name}", WIDTH, size, gain=1 if name == "v" else 2)
        if bias:
            file.bias(f"{block}.attn_{name}", size)
    file.matrix(f"{block}.attn_output", WIDTH, WIDTH, gain=2)
    if query_norms:
        file.norm(f"{block}.attn_q_norm", HEAD)
        file.norm(f"{block}.attn_k_norm", HEAD)


def _feed_forward(file: _File, block: str) -> None:
    file.norm(f"{block}.ffn_norm", WIDTH)
    file.matrix(f"{block}.ffn_gate", WIDTH, HIDDEN)
    file.matrix(f"{block}.ffn_up", WIDTH, HIDDEN)
    file.matrix(f"{block}.ffn_down", HIDDEN, WIDTH)


# The models


def _llama(path: Path, *, template: str = CHAT_TEMPLATE, scale: float = 1.0) -> None:
    file = _text_model(path, "llama", template=template, scale=scale)
    _heads(file)
    file.norm("output_norm", WIDTH)
    for block in (f"blk.{at}" for at in range(file.layers)):
        file.norm(f"{block}.attn_norm", WIDTH)
        _attention(file, block)
        _feed_forward(file, block)
    file.close()


def _completion(path: Path) -> None:
    _llama(path, template="")


def _nonsense(path: Path) -> None:
    """Computes no numbers."""
    _llama(path, scale=float("nan"))


def _thinking(path: Path) -> None:
    _llama(path, template=THINKING_TEMPLATE)


def _experts(path: Path) -> None:
    """Mixtral's kind: each token is worked on by two of four experts."""
    count = 4
    file = _text_model(path, "llama")
    _heads(file)
    file.writer.add_expert_count(count)
    file.writer.add_expert_used_count(2)
    file.norm("output_norm", WIDTH)
    for block in (f"blk.{at}" for at in range(file.layers)):
        file.norm(f"{block}.attn_norm", WIDTH)
        _attention(file, block)
        file.norm(f"{block}.ffn_norm", WIDTH)
        file.matrix(f"{block}.ffn_gate_inp", WIDTH, count)
        file.matrix(f"{block}.ffn_gate_exps", WIDTH, HIDDEN, count)
        file.matrix(f"{block}.ffn_up_exps", WIDTH, HIDDEN, count)
        file.matrix(f"{block}.ffn_down_exps", HIDDEN, WIDTH, count)
    file.close()


def _sliding(path: Path) -> None:
    """Gemma 3: of three layers two look back `WINDOW` tokens only, and forget what lies further back."""
    file = _text_model(path, "gemma3")
    _heads(file)
    file.writer.add_key_length(HEAD)
    file.writer.add_value_length(HEAD)
    file.writer.add_sliding_window(WINDOW)
    file.writer.add_sliding_window_pattern([True, False, True])
    file.norm("output_norm", WIDTH)
    for block in (f"blk.{at}" for at in range(file.layers)):
        file.norm(f"{block}.attn_norm", WIDTH)
        _attention(file, block, query_norms=True)
        file.norm(f"{block}.post_attention_norm", WIDTH)
        _feed_forward(file, block)
        file.norm(f"{block}.post_ffw_norm", WIDTH)
    file.close()


def _recurrent(path: Path) -> None:
    """Mamba: what was read is one state of fixed size that only goes forward."""
    inner, state, rank, kernel = 2 * WIDTH, 8, 4, 4
    file = _text_model(path, "mamba")
    writer = file.writer
    writer.add_head_count(0)
    writer.add_ssm_conv_kernel(kernel)
    writer.add_ssm_inner_size(inner)
    writer.add_ssm_state_size(state)
    writer.add_ssm_time_step_rank(rank)
    file.norm("output_norm", WIDTH)
    for block in (f"blk.{at}" for at in range(file.layers)):
        file.norm(f"{block}.attn_norm", WIDTH)
        file.matrix(f"{block}.ssm_in", WIDTH, 2 * inner)
        file.matrix(f"{block}.ssm_conv1d", kernel, inner)
        file.bias(f"{block}.ssm_conv1d", inner)
        file.matrix(f"{block}.ssm_x", inner, rank + 2 * state)
        file.matrix(f"{block}.ssm_dt", rank, inner, gain=0.1)
        # Small steps: the state fades slowly, so that the far past counts.
        file.add(f"{block}.ssm_dt.bias", np.full(inner, -3.0))
        file.add(f"{block}.ssm_a", np.broadcast_to(-np.arange(1, state + 1) / 8, (inner, state)))
        file.add(f"{block}.ssm_d", np.ones(inner))
        file.matrix(f"{block}.ssm_out", inner, WIDTH, gain=2)
    file.close()


def _hybrid(path: Path, *, window: int = 0) -> None:
    """LFM 2: layers with a short recurrent state beside layers with attention."""
    kernel = 3
    kinds = (0, HEADS_KV, 0, HEADS_KV)
    file = _text_model(path, "lfm2", layers=len(kinds))
    writer = file.writer
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(list(kinds))
    writer.add_rope_freq_base(10_000.0)
    writer.add_shortconv_l_cache(kernel)
    if window:
        writer.add_sliding_window(window)
    file.norm("token_embd_norm", WIDTH)
    for at, heads in enumerate(kinds):
        block = f"blk.{at}"
        file.norm(f"{block}.attn_norm", WIDTH)
        if heads:
            _attention(file, block, query_norms=True)
        else:
            file.matrix(f"{block}.shortconv.conv", kernel, WIDTH)
            file.matrix(f"{block}.shortconv.in_proj", WIDTH, 3 * WIDTH)
            file.matrix(f"{block}.shortconv.out_proj", WIDTH, WIDTH)
        _feed_forward(file, block)
    file.close()


def _sliding_hybrid(path: Path) -> None:
    """The same, and its attention looks back `WINDOW` tokens only."""
    _hybrid(path, window=WINDOW)


def _embedding(path: Path) -> None:
    """BERT: reads in both directions, writes nothing; a text is the mean of its tokens."""
    file = _File(path, "bert")
    tokens = _word_pieces(file)
    writer = file.writer
    writer.add_vocab_size(len(tokens))
    writer.add_head_count(HEADS)
    writer.add_layer_norm_eps(1e-12)
    writer.add_causal_attention(False)
    writer.add_pooling_type(gguf.PoolingType.MEAN)
    file.matrix("token_embd", WIDTH, len(tokens), gain=8)
    file.matrix("token_types", WIDTH, 2)
    file.matrix("position_embd", WIDTH, TRAINED_CONTEXT)
    file.norm("token_embd_norm", WIDTH, bias=True)
    for block in (f"blk.{at}" for at in range(file.layers)):
        for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
            file.matrix(f"{block}.{name}", WIDTH, WIDTH)
            file.bias(f"{block}.{name}", WIDTH)
        file.norm(f"{block}.attn_output_norm", WIDTH, bias=True)
        file.matrix(f"{block}.ffn_up", WIDTH, HIDDEN)
        file.bias(f"{block}.ffn_up", HIDDEN)
        file.matrix(f"{block}.ffn_down", HIDDEN, WIDTH)
        file.bias(f"{block}.ffn_down", WIDTH)
        file.norm(f"{block}.layer_output_norm", WIDTH, bias=True)
    file.close()


def _adapter(path: Path) -> None:
    """A LoRA adapter for `llama` that changes what it writes."""
    file = _File(path, "llama")
    writer = file.writer
    writer.add_type(gguf.GGUFType.ADAPTER)
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", float(RANK))
    for block in (f"blk.{at}" for at in range(file.layers)):
        for name, size in (("attn_q", WIDTH), ("attn_v", HEADS_KV * HEAD)):
            a, b = np.random.default_rng(11).standard_normal((2, WIDTH, RANK))
            file.add(f"{block}.{name}.weight.lora_a", a.T / np.sqrt(WIDTH))
            file.add(f"{block}.{name}.weight.lora_b", b[:size] / np.sqrt(RANK))
    file.close()


TEXT: Mapping[str, Callable[[Path], None]] = {
    "llama": _llama,
    "completion": _completion,
    "experts": _experts,
    "sliding": _sliding,
    "recurrent": _recurrent,
    "hybrid": _hybrid,
    "sliding-hybrid": _sliding_hybrid,
}
"""Those that write text; `completion` is `llama` without a chat template."""
ALL: Mapping[str, Callable[[Path], None]] = {
    **TEXT,
    "thinking": _thinking,
    "nonsense": _nonsense,
    "embedding": _embedding,
    "adapter": _adapter,
}
