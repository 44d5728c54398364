"""The user's chats and settings in one SQLite file. Imports ``domain`` only; knows no Qt and no engine.

``Database`` owns the file and the one thread that writes it; the SQL is in one repository each. A search
reads beside it, through a ``Reader``.
"""
