"""One message as a widget, which the transcript hands from row to row.

widget               binds a row, asks the parts for their heights and moves them (``layout``)
parts                what a message may have: thoughts (``thinking_block``), text, ``files``, ``status``
foot · buttons       what is painted under it, and what can be pressed there
act · menu           what can be done with a message, its keys and its words
editor               in its place while it is edited
rating_popover       why an answer was rated so
cache                rendered text of the rows that were seen last
"""
