"""What the app talks about: frozen values and pure functions. Standard library only; any thread may use it."""
