"""From a file and settings to a model that is ready.

loading         the whole of it; load_errors says what failed and which setting helps
memory_plan     what will fit, before anything is allocated; offload: how much of it on a GPU
threads         how many, by trial
adapters        LoRA adapters, changed without loading again
"""
