"""What the app talks about: frozen values and pure functions. Standard library only; for any thread.

errors            every failure that the app can name, in one tree
conversation      chats and their trees of messages; outline: an open chat without what it says
folders           the forest that chats are kept in
prompt            what a user is about to send
search            what somebody looks for in all chats
exchange          chats on their way out of the app or into it

model             model files, how they are loaded, what is known of the one that is
engine_state      the engine's life as a machine
parameter_specs   the table of generation parameters; parameters: one checked value of them all;
                  parameter_effects: which have no effect beside the others
preset            named instructions and parameters
generation        a request to a model, and what comes back
instruments       what can be measured of a model beside
ledger            what a message would cost

settings          every setting, its default and what may be stored under it
changes           what services publish after a write
text, spans       whole Unicode; many places as a short text
math_syntax       formulas in Markdown
"""
