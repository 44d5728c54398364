"""What a search in all chats found."""
