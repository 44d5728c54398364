"""The window: PySide6 Widgets over the services. Everything here lives on the main thread.

Imports only ``services``, ``domain``, ``system`` and Qt. In this folder is what belongs to the window as a
whole; each room is a pane, or what several panes stand on:

    main_window          assembles ``rail``, panes and ``status_line``
    app                  puts the ``theme`` on everything by the ``stylesheet``; ``icons``, ``appearance``
    actions              all that a key can do (``action_table``), with the user's own ``shortcuts``;
                         ``command_palette`` and ``keys_page`` (``keys_list``) list it
    toolkit              what every part is handed
    operation            how a slot starts work, and where its error is shown; ``slices`` for what takes long
    undoing              Ctrl+Z, in ``undo_words``
    notifications        what is said while the window is in the background
    words · locales      numbers in words, the languages of the system
    single_instance      one window on one folder; ``start_progress`` before it, ``garbage`` behind it

    chat                 the chat pane, which stands on
    conversations        the left column, with ``search`` in its place while something is looked for
    composer             where prompts are written
    parameters           the sidebar
    models, presets, playground, settings    the other panes
    markdown             messages as they are read
    widgets              what any of them may use
"""
