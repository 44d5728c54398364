"""The parameter sidebar: what the model is told and how it chooses, each control with its effect in words.

What is shown is one value, and edits go from the rows up to it:

    sidebar              holds the configuration of the open chat and stores what the user changes
    configuration        a preset and what the user changed of it
    preset_button        the preset in use
    sections             the ``instructions`` and the rows, in sections that fold
    rows · row           which row a kind of parameter gets, and what all of them have in common
    number_row           with a slider on a ``track``; ``choice_row``, ``switch_row``, ``text_row``,
                         ``texts_row``, ``biases_row``, and ``order_row`` with its ``order_delegate``
"""
