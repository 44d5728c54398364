"""The engine worker: a process of its own that owns llama.cpp and nothing else.

It has no network, no database and no Qt, and loads no app code but the protocol and the domain. From the
pipes inwards:

    main        private pipes, the control thread
    loop        commands in order, steps of the core in between; the prompts' thread
    reports     events out, put together
    core        what the loop drives; the native core and the scripted one keep it
    engine      the native core: all the rooms below behind the core's interface

Each room knows those below it only:

    scheduling  who computes when: requests in line, jobs, the batches they share
    measuring   the instruments: tasks that run beside answers
    sampling    from logits to an answer's text
    kv          what has been read: in which sequence it is, and how it is kept on disk
    loading     from a file and settings to a model that is ready
    prompts     from turns to tokens
    llama       llama.cpp as Python sees it
"""
