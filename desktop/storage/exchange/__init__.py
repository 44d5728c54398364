"""Chats as files: our own, and those that other programs export. Pure text and bytes; any thread.

    files ── sources ── json_values ── reading ── a reader each ── assembly ──> FoundChat

sources     files, folders and archives from strangers, as documents of bounded size
json_values the values of a JSON or JSON Lines document, each on its own: a damaged one costs itself
reading     knows each value by its shape and gives it to its reader
own, chatgpt, open_webui, lm_studio, sharegpt, jan      the readers; ``own`` writes, too
assembly    a message tree out of nodes that may lie about their parents
loose       numbers, times and texts out of values of any type

Nothing here touches the database.
"""
