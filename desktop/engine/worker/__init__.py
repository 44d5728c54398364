"""The engine worker: a process of its own that owns llama.cpp and nothing else.

It has no network, no database and no Qt, and loads no app code but the protocol and the domain. From the
pipes inwards:

    main        private pipes, the control thread
    loop        commands in order, steps of the core in between; the prompts' thread
    reports     events out, put together
    core        what the loop drives; the native core and the scripted one keep it
    engine      the native core: all below behind the core's interface

From turns to tokens:

    template    the model's chat template: every failure in words
    sandbox     Jinja2, with bounds on what a template may build
    deadline    and on how long it may take
    traced      text that remembers who wrote each character, through everything a template does to it
    prompt      rendered text to tokens; only the template's own text may become a control token

From tokens to answers:

    scheduler   many requests in one batch, without getting into each other's way
    cache       which sequence of the KV cache holds what, so that nothing is read twice
    keeper      when that goes to disk and comes back
    state       the files it goes to, authentic or not used
    job, batch  one request on its way; what one step computes
    writer      what the answers of one request share, made ready on the prompts' thread
    answer      one answer being written: its sampler, its text
    sampler     one native sampler chain per answer; links says what is in it
    choice      choosing again where the chain's choice is not allowed, from candidates
    bans        banned phrases, across tokens
    grammars    what a grammar (gbnf) or a JSON schema (schema) demands, as a constraint on each token
    thinking    what is thought, told from the answer proper
    logprobs    log-probabilities from raw logits
    text        whole characters only, and never the start of a stop sequence

Typed handles on llama_cpp: native (the library), model, vocabulary, context.
"""
