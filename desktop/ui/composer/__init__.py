"""Where prompts are written, and what they will come to in the context."""
