"""Headless commands over the same services as the window. Their names, options and output are stable.

arguments   what can be typed; load_options: how a model is put into memory
edge        runs a command: whatever happens becomes an exit code and one plain line
exit_code   what the exit codes mean
output      text and JSON lines, in any locale, into any pipe, and on a terminal that obeys none of it
session     services, and a loaded model, for one command
update_progress  how far an update of earlier chats is
chat        answer one prompt
input       what a command is given: prompts, files, parameters
tokens      show tokens, show the exact prompt
instruments measure: score a text, the next token, vectors, beams
conversations  list, show and search chats
exchange    chats to files, files to chats
doctor      say what this machine has, and what is wrong

The window reads its options here too, so this imports little before a command is known.
"""
