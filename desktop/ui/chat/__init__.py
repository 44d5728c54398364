"""The chat pane: conversations, transcript, composer."""
