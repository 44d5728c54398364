"""The left column: the chats in their folders, the trash, and chats to files and back."""
