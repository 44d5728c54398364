"""Reusable widgets. They know the theme and the icons, and no service."""
