"""What a search in all chats found, in the place of the chats.

``results`` asks and lists, ``found`` makes lines of the hits, ``model`` and ``delegate`` show them.
"""
