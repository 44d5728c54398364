"""Model files: what is on this disk, and whether native code may open it.

Imports ``system`` and ``domain`` only. Nothing here loads a model; everything may be called from any thread,
and blocks on the disk.

local_models      the starter and the models folder, by readable names
model_file        what a file is: its kind, its name, its figures, and whether it can be used
gguf              reads a header with bounds: header_bytes its bytes, gguf_values its values,
                  ggml_types the numbers that stand for types
lookalikes        what a file seems to be that is no GGUF file
shards            models in several files
model_name        what to call a model
fingerprint       a quick identity of its content
"""
