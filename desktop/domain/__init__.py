"""What the app talks about: frozen values and pure functions. Standard library only; for any thread."""
