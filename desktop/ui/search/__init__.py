"""What a search in all chats found: ``results`` asks and lists, ``found`` makes lines of the hits."""
