"""Presets: later their editor."""
