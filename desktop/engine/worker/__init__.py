"""The engine worker: a process of its own that owns llama.cpp and nothing else.

It has no network, no database and no Qt, and loads no app code but the protocol and the domain.

    main        pipes, threads, the loop: commands in, reports out
    core        what the loop drives: load, submit, step, cancel; the native core and the scripted one keep it
    native      typed handles on llama_cpp: model, vocabulary, context
    template    the model's chat template, sandboxed, with a deadline
    traced      text that remembers who wrote each character, through everything a template does to it
    prompt      rendered text to tokens; only the template's own text may become a control token
    sampler     one native sampler chain per answer
    answer      one answer being written: tokens to text, stop sequences
    scheduler   many answers in one batch
    engine      the native core: all of the above behind the core's interface
"""
