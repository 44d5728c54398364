"""Locution: talk to language models that run on your own machine, and see what they really do.

Importing this package must stay free of cost and of side effects: the engine worker, the headless commands
and the window all pass through it before they decide what to load.
"""

__version__ = "0.1.0"
