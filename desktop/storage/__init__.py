"""The user's chats and settings in one SQLite file. Imports ``system`` and ``domain`` only.

``Database`` owns the file and the one thread that writes it; the SQL is in one repository each. A search
reads beside it, through a ``Reader``.

database          runs functions in transactions; opening: is the file ours, sound and not newer
schema            its shape, as the steps that led to it; migrations takes a file through them
rescue            what can still be read of a damaged file
owners            which processes have it open
failures          SQLite's errors in plain words

conversations     the list, and what belongs to a chat beside its messages: drafts among that
messages          a chat's tree, and answers while they are written; message_rows: how they are kept
folders, trash, settings, imports   a repository each, too
search            full-text search, through a reader; snippets: where the words stand; words: what is one
encoding          how text and JSON become values and come back exactly

exchange          chats as files; knows nothing of the database
"""
