"""The engines that can be started, most used first.

Command lines as their documentation has them: docs.vllm.ai (`vllm serve`), docs.sglang.io (`launch_server`),
llama.cpp's tools/server/README.md, and `transformers serve --help`.
"""

import os
from pathlib import Path

from profiling.engines.engine import Engine

_PYTHON = "python" if os.name == "nt" else "python3"
_PACKAGE = "from importlib.metadata import version; print(version({!r}))"
_WHERE = ("--host", "{host}", "--port", "{port}")

VLLM = Engine("vllm", "vLLM", 1, ("vllm",), ("serve", "{model}", *_WHERE), ("--version",), tried=False)
SGLANG = Engine(
    "sglang",
    "SGLang",
    2,
    (_PYTHON, "-m", "sglang.launch_server"),
    ("--model-path", "{model}", *_WHERE),
    ("-c", _PACKAGE.format("sglang")),
    tried=False,
)
LLAMA_CPP = Engine(
    "llama.cpp", "llama.cpp's server", 3, ("llama-server",), ("-m", "{model}", *_WHERE), ("--version",), tried=False
)
XLLAMACPP = Engine(
    "xllamacpp",
    "llama.cpp's server in xllamacpp",
    4,
    (_PYTHON, str(Path(__file__).with_name("xllamacpp_server.py"))),
    ("--model.path", "{model}", "--port", "{port}"),
    ("-c", _PACKAGE.format("xllamacpp")),
    tried=True,
)
TRANSFORMERS = Engine(
    "transformers",
    "transformers' server",
    5,
    (_PYTHON, "-m", "transformers.cli.transformers", "serve"),
    ("{model}", *_WHERE),
    ("-c", _PACKAGE.format("transformers")),
    tried=True,
)
