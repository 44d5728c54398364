"""The left column: the chats in their folders, the trash, and chats to files and back.

Everything is listed at once, and nothing of it is a widget of its own:

    conversation_list    the column: ``list_head``, ``search_field``, ``pages``
    reading · entries    what is listed, read and put in lines beside the loop
    model · delegate     the lines for Qt, and how each is drawn
    view                 keys and clicks; it is a view with ``dragging``, and that one with a ``selection``
    dropping             what it means to let go of something; ``menus`` and ``keys`` do the same by keyboard
    acts                 what is done to chats and folders, asked of the services
    trash_view           the trash, with a ``trash_model``
    files                export and import, with a ``transfer_bar``; ``pdf_files`` and ``pdf`` for paper
"""
