"""llama.cpp as Python sees it: typed handles on the binding.

native          the library as a whole
model           a loaded file, with its vocabulary
context         a KV cache for several sequences and the batch that is decoded
interruption    how a running batch is stopped
load_params     settings as native structures
"""
