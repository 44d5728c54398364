"""The instruments: tasks that take turns with answers and end in a measurement.

task, measuring     what a task is; those that run
instruments         which task a request needs
scoring, windows    how likely a text is, in strided windows
microscope          the next token's distribution after each sampler
beams               the likeliest answers
embedding           vectors, in a context of their own (embedding_context)
"""
