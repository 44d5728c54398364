"""One message as a widget, which the transcript hands from row to row.

Each part is made when a message first has it:

    widget               binds a row, asks the parts for their heights and moves them (``layout``)
    parts                what a message may have: thoughts (``thinking_block``), text, ``files``, ``status``
    frame · foot         what is painted around it and under it
    buttons              what can be pressed under it
    act · menu           what can be done with a message, its keys and its words
    editor               in its place while it is edited
    rating_popover       why an answer was rated so
    cache                rendered text of the rows that were seen last
"""
