"""Chats as files: written in several formats, and read from other programs' exports. Any thread.

    PortableChat ── formats ──> writing ──> a file, a folder, an archive
    files ── sources ── json_values ── reading ── a reader each ── assembly ──> FoundChat

formats     the table of what can be written; markdown, html_page, plain, own and tuning are its rows
labels      the words around what was said, the same in each format that people read
mathml      formulas on an HTML page
writing     names that every system takes, archives, and files that are whole or not there

sources     files, folders and archives from strangers, as documents of bounded size
json_values the values of a JSON or JSON Lines document, each on its own: a damaged one costs itself
reading     knows each value by its shape and gives it to its reader
own, chatgpt, open_webui, lm_studio, sharegpt, jan      the readers; ``own`` writes, too
assembly    a message tree out of nodes that may lie about their parents
loose       numbers, times and texts out of values of any type

Nothing here touches the database: chats that were read go there through ``storage.imports``.
"""
