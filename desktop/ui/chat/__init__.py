"""The chat pane: conversations, the open chat, and the parameters, side by side.

The pane assembles, the open chat reads, and each of the others does one thing with it:

    pane                 puts the three together
    open_chat            the middle: reads the open chat and shows it, under a ``header``; ``empty_chat``
    rows · transcript    its messages as rows, and the list that shows them
    message              one message as a widget
    message_acts         what the user does with messages: ``again_dialog``, ``origin_dialog`` and its
                         ``origin_facts``, ``edit_files``, ``link_question``
    asking               what the user does in the composer; ``file_reading`` takes attached files
    context_watch        what will be sent, what does not fit, and the ledger
    live_view            a running answer: its ``progress``, and ``announcer`` for screen readers
    finder               find in chat: ``find_bar``, counted in ``find_index``
    tree_map             the map of the branches: ``tree_map_view``, laid out by ``tree_map_layout``
    jump                 goes to a message wherever it is
    words                numbers and states in words
"""
