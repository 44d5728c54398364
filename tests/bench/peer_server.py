"""llama.cpp's own server, in a process of its own: requests on standard input, answers on standard output.

Run by ``peer`` as ``python -m tests.bench.peer_server``. The first line is its configuration, each further
one a request for ``/completion``, or for ``/chat/completions`` if it has messages; each is answered with one
line. The server runs inside this process; nothing listens on the network but an unused loopback port.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import xllamacpp


def main() -> int:
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what the library prints is no answer
    server = _server(json.loads(sys.stdin.readline()))
    _say(out, {"build": xllamacpp.BUILD_INFO})
    for line in sys.stdin:
        request = json.loads(line)
        answer = server.handle_chat_completions if "messages" in request else server.handle_completions
        _say(out, answer(request))
    return 0


def _server(configuration: dict[str, Any]) -> xllamacpp.Server:
    params = xllamacpp.CommonParams()
    params.model.path = configuration["model"]
    params.n_ctx = configuration["context_length"]
    params.n_ubatch = configuration["batch"]
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = configuration["threads"]
    params.n_gpu_layers = 0
    params.n_parallel = 1
    params.cache_prompt = configuration["cache"]
    params.fit_params = False
    params.verbosity = 1
    params.port = 0
    return xllamacpp.Server(params)


def _say(out: Any, answer: dict[str, Any]) -> None:
    out.write(json.dumps(answer) + "\n")
    out.flush()


if __name__ == "__main__":
    sys.exit(main())
