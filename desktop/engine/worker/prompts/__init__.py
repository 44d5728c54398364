"""From turns to tokens.

template    the model's chat template: every failure in words
sandbox     Jinja2, with bounds on what a template may build
deadline    and on how long it may take
traced      text that remembers who wrote each character, through everything a template does to it
prompt      rendered text to tokens; only the template's own text may become a control token
known       what is known of texts that were sent before
thinking    what is thought, told from the answer proper
fitting     what becomes of a conversation that does not fit: tally says how long its turns are,
            exchanges which of them may be left out
"""
