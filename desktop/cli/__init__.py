"""Headless commands over the same services as the window. Their names, options and output are stable.

arguments   what can be typed
edge        runs a command: exit codes, and every failure in one plain line
session     services and a loaded model for one command
chat        answer one prompt
tokens      show tokens, show the exact prompt
doctor      say what this machine has, and what is wrong

Exit codes: 0 done; 1 failed, with one plain line on standard error; 2 wrong use; 130 interrupted.
The window reads its options here too, so this imports little before a command is known.
"""
